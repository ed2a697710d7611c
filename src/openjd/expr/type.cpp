#include <openjd/expr/type.h>

#include <openjd/text_rules.h>

#include <algorithm>

namespace sidereal::openjd::expr {

namespace {

struct NamedType {
    std::string_view name;
    Type type;
};

constexpr std::array<NamedType, 9> named { {
    { "bool", bool_type },
    { "float", float_type },
    { "int", int_type },
    { "nulltype", null_type },
    { "path", path_type },
    { "range_expr", range_type },
    { "string", string_type },
    { "any", Type::any() },
    { "noreturn", Type() },
} };

std::string name_of_one(Type type)
{
    if (type.is_list())
        return "list[" + name_of_one(type.elements()) + "]";
    for (auto const& row : named) {
        if (row.type == type)
            return std::string(row.name);
    }
    return "noreturn";
}

Type common_of_two(Type a, Type b)
{
    if (a == b)
        return a;
    auto const pair = a | b;
    if (pair == (int_type | float_type))
        return float_type;
    if (pair == (path_type | string_type))
        return string_type;
    if (!a.is_list() || !b.is_list())
        return {};
    if (a == empty_list_type)
        return b;
    if (b == empty_list_type)
        return a;
    return common_of_two(a.elements(), b.elements()).list();
}

}

std::optional<Type> Type::parse(std::string_view text)
{
    text = trim(text);
    int depth = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        depth += text[at] == '[' ? 1 : text[at] == ']' ? -1 : 0;
        if (text[at] != '|' || depth != 0)
            continue;
        auto const left = parse(text.substr(0, at));
        auto const right = parse(text.substr(at + 1));
        if (!left || !right)
            return std::nullopt;
        return *left | *right;
    }
    if (text.ends_with('?')) {
        auto const inner = parse(text.substr(0, text.size() - 1));
        return inner ? std::optional(inner->or_null()) : std::nullopt;
    }
    if (text.starts_with("list[") && text.ends_with(']')) {
        auto const inner = parse(text.substr(5, text.size() - 6));
        if (!inner || inner->list().is_noreturn())
            return std::nullopt;
        return inner->list();
    }
    for (auto const& row : named) {
        if (row.name == text)
            return row.type;
    }
    return std::nullopt;
}

std::vector<Type> Type::members() const
{
    std::vector<Type> out;
    for (auto rest = bits_; rest != 0; rest &= rest - 1)
        out.push_back(from_bits(rest & ~(rest - 1)));
    return out;
}

Type common_type(Type a, Type b)
{
    if (a.is_one() && b.is_one())
        return common_of_two(a, b);
    Type out;
    for (auto const one : a.members()) {
        for (auto const other : b.members())
            out |= common_of_two(one, other);
    }
    return out;
}

std::string to_string(Type type)
{
    if (type.is_noreturn())
        return "noreturn";
    if (type.is_any())
        return "any";
    if (type == Type::any_list())
        return "list[any]";
    std::vector<std::string> names;
    for (auto const member : (type - null_type).members())
        names.push_back(name_of_one(member));
    std::sort(names.begin(), names.end());
    if (type.has(null_type)) {
        if (names.size() == 1)
            return names[0] + "?";
        names.emplace_back("nulltype");
    }
    auto out = names[0];
    for (std::size_t i = 1; i < names.size(); ++i)
        out += " | " + names[i];
    return out;
}

}
