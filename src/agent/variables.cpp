#include <agent/variables.h>

#include <base/verify.h>

#include <algorithm>
#include <utility>

namespace sidereal::agent {

Variables::Variables(std::vector<std::string> const& base)
{
    for (auto const& entry : base) {
        auto const equals = entry.find('=');
        VERIFY(equals != std::string::npos);
        base_.insert_or_assign(entry.substr(0, equals), entry.substr(equals + 1));
    }
}

void Variables::set_base(std::string_view name, std::string value)
{
    base_.insert_or_assign(std::string(name), std::move(value));
    flat_is_current_ = false;
}

void Variables::push_layer() { layers_.emplace_back(); }

void Variables::pop_layer()
{
    VERIFY(!layers_.empty());
    auto& layer = layers_.back();
    for (auto const& name : layer.told) {
        if (!layer.unsets.contains(name))
            remembered_.insert_or_assign(name, std::move(layer.sets.at(name)));
    }
    layers_.pop_back();
    flat_is_current_ = false;
}

void Variables::set(std::string_view name, std::string value)
{
    VERIFY(!layers_.empty());
    layers_.back().sets.insert_or_assign(std::string(name), std::move(value));
    forget(name);
    flat_is_current_ = false;
}

void Variables::tell(std::string_view name, std::string value)
{
    set(name, std::move(value));
    layers_.back().told.emplace(name);
}

void Variables::remember(std::string_view name, std::string value)
{
    remembered_.insert_or_assign(std::string(name), std::move(value));
}

void Variables::forget(std::string_view name)
{
    if (auto const found = remembered_.find(name); found != remembered_.end())
        remembered_.erase(found);
}

void Variables::unset(std::string_view name)
{
    VERIFY(!layers_.empty());
    layers_.back().unsets.emplace(name);
    flat_is_current_ = false;
}

void Variables::flatten()
{
    auto values = base_;
    for (auto const& layer : layers_) {
        for (auto const& [name, value] : layer.sets)
            values.insert_or_assign(name, value);
        for (auto const& name : layer.unsets)
            values.erase(name);
    }
    flat_.clear();
    flat_.reserve(values.size());
    for (auto const& [name, value] : values)
        flat_.push_back(name + '=' + value);
    flat_is_current_ = true;
}

std::vector<std::string> Variables::own() const
{
    std::map<std::string, std::string, std::less<>> values;
    for (auto const& layer : layers_) {
        for (auto const& [name, value] : layer.sets)
            values.insert_or_assign(name, value);
        for (auto const& name : layer.unsets)
            values.erase(name);
    }
    for (auto const& [name, value] : remembered_)
        values.insert_or_assign(name, value);
    std::vector<std::string> out;
    for (auto const& [name, value] : values)
        out.push_back(name + '=' + value);
    return out;
}

std::vector<std::string> Variables::with(std::vector<std::string> const& extra)
{
    if (!flat_is_current_)
        flatten();
    std::vector<std::string> all;
    all.reserve(flat_.size() + extra.size());
    auto const replaced = [&](std::string_view entry) {
        auto const name = entry.substr(0, entry.find('=') + 1);
        return std::any_of(extra.begin(), extra.end(),
            [&](std::string const& other) { return other.starts_with(name); });
    };
    for (auto const& entry : flat_) {
        if (!replaced(entry))
            all.push_back(entry);
    }
    all.insert(all.end(), extra.begin(), extra.end());
    return all;
}

}
