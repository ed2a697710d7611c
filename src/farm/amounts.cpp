#include <farm/amounts.h>

#include <base/verify.h>

#include <algorithm>
#include <optional>

namespace sidereal::farm {

namespace {

constexpr double tolerance = 1e-9;

constexpr std::array<std::string_view, Amounts::kinds> names { "worker.vcpu", "worker.memory",
    "worker.gpu", "worker.gpu.memory", "worker.disk.scratch" };

std::optional<std::size_t> standard_place(std::string_view name)
{
    auto const found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
        return std::nullopt;
    return static_cast<std::size_t>(found - names.begin());
}

}

Amounts::Amounts(std::initializer_list<Entry> entries)
{
    for (auto const& [name, value] : entries)
        set(name, value);
}

std::string_view Amounts::name_of(Kind kind) { return names[static_cast<std::size_t>(kind)]; }

double Amounts::custom(std::string_view name) const
{
    auto const found = std::find_if(
        custom_.begin(), custom_.end(), [&](Entry const& entry) { return entry.first == name; });
    return found == custom_.end() ? 0 : found->second;
}

double Amounts::get(std::string_view name) const
{
    auto const place = standard_place(name);
    return place ? standard_[*place] : custom(name);
}

void Amounts::set(std::string_view name, double value)
{
    if (auto const place = standard_place(name)) {
        standard_[*place] = value;
        return;
    }
    auto const at = std::lower_bound(custom_.begin(), custom_.end(), name,
        [](Entry const& entry, std::string_view wanted) { return entry.first < wanted; });
    auto const known = at != custom_.end() && at->first == name;
    if (known && value == 0)
        custom_.erase(at);
    else if (known)
        at->second = value;
    else if (value != 0)
        custom_.emplace(at, name, value);
}

std::vector<Amounts::Entry> Amounts::list() const
{
    std::vector<Entry> entries;
    for (std::size_t i = 0; i < kinds; ++i) {
        if (standard_[i] != 0)
            entries.emplace_back(names[i], standard_[i]);
    }
    entries.insert(entries.end(), custom_.begin(), custom_.end());
    return entries;
}

bool Amounts::covers(Amounts const& part) const { return covers({}, part); }

bool Amounts::covers(Amounts const& used, Amounts const& part) const
{
    for (std::size_t i = 0; i < kinds; ++i) {
        if (part.standard_[i] > 0
            && used.standard_[i] + part.standard_[i] > standard_[i] + tolerance)
            return false;
    }
    return std::all_of(part.custom_.begin(), part.custom_.end(), [&](Entry const& entry) {
        return used.custom(entry.first) + entry.second <= custom(entry.first) + tolerance;
    });
}

std::string_view Amounts::first_short(Amounts const& used, Amounts const& part) const
{
    for (std::size_t i = 0; i < kinds; ++i) {
        if (part.standard_[i] > 0
            && used.standard_[i] + part.standard_[i] > standard_[i] + tolerance)
            return names[i];
    }
    for (auto const& [name, value] : part.custom_) {
        if (used.custom(name) + value > custom(name) + tolerance)
            return name;
    }
    return {};
}

Amounts& Amounts::operator+=(Amounts const& other)
{
    for (std::size_t i = 0; i < kinds; ++i)
        standard_[i] += other.standard_[i];
    for (auto const& [name, value] : other.custom_)
        set(name, custom(name) + value);
    return *this;
}

Amounts& Amounts::operator-=(Amounts const& other)
{
    auto const less = [](double from, double value) {
        VERIFY(from + tolerance >= value);
        auto const left = from - value;
        return left < tolerance ? 0.0 : left;
    };
    for (std::size_t i = 0; i < kinds; ++i)
        standard_[i] = less(standard_[i], other.standard_[i]);
    for (auto const& [name, value] : other.custom_)
        set(name, less(custom(name), value));
    return *this;
}

}
