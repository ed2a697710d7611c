#include <cli/plan_input.h>

#include <io/file.h>

#include <cstdlib>

namespace sidereal::cli {

namespace {

constexpr std::size_t max_catalog_bytes = 8 << 20;

std::string own_catalog_path()
{
    auto const text_of = [](char const* name) {
        char const* value = std::getenv(name);
        return std::string(value ? value : "");
    };
    if (auto const config = text_of("XDG_CONFIG_HOME"); !config.empty())
        return config + "/sidereal/catalog.json";
    auto const home = text_of("HOME");
    return home.empty() ? "" : home + "/.config/sidereal/catalog.json";
}

Status add_file(plan::Catalog& catalog, std::string const& path)
{
    auto const text = TRY(io::read_file(path, max_catalog_bytes));
    return plan::add_to_catalog(catalog, text, path);
}

}

void add_catalog_option(std::vector<Option>& options, std::optional<std::string>& path)
{
    options.push_back({ "--catalog", &path,
        "facts of your own on top of the shipped ones (and of $XDG_CONFIG_HOME/sidereal/"
        "catalog.json)",
        "FILE" });
}

Result<plan::Catalog> load_catalog(std::optional<std::string> const& path)
{
    auto catalog = plan::shipped_catalog();
    if (auto const own = own_catalog_path(); !own.empty() && io::path_exists(own))
        TRY(add_file(catalog, own));
    if (path)
        TRY(add_file(catalog, *path));
    return catalog;
}

}
