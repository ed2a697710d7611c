#include <cli/yaml.h>

#include <base/json_text.h>
#include <cli/fields.h>

namespace sidereal::cli {

namespace {

void write(Json const& value, std::size_t indent, std::string& out);

bool is_block(Json const& value)
{
    return (value.is_object() && !value.get_object().empty())
        || (value.is_array() && !value.get_array().empty());
}

// Behind "key:" or "-".
void write_behind(Json const& value, std::size_t indent, std::string& out)
{
    if (is_block(value)) {
        out += '\n';
        return write(value, indent + 2, out);
    }
    out += ' ' + json_text(value) + '\n';
}

void write(Json const& value, std::size_t indent, std::string& out)
{
    if (value.is_object()) {
        for (auto const& field : value.get_object()) {
            out.append(indent, ' ').append(field.key()).append(":");
            write_behind(field.value(), indent, out);
        }
        return;
    }
    for (auto const& item : value.get_array()) {
        out.append(indent, ' ').append("-");
        write_behind(item, indent, out);
    }
}

}

std::string to_yaml(Json const& value)
{
    std::string out;
    if (is_block(value))
        write(value, 0, out);
    else
        out = json_text(value) + '\n';
    return out;
}

}
