#include <openjd/combination.h>

#include <openjd/text_rules.h>

#include <algorithm>
#include <set>
#include <utility>

namespace sidereal::openjd {

namespace {

constexpr std::size_t max_depth = 64;

// product := element ( '*' element )* ; element := name | '(' product ( ',' product )+ ')'
class Parser {
public:
    Parser(std::string_view text, std::vector<std::string_view> const& names)
        : text_(text)
        , names_(names)
    {
    }

    Result<Combination> parse()
    {
        auto tree = TRY(product(0));
        if (at_ < text_.size())
            return unexpected("'*' or the end");
        std::vector<std::string_view> missing;
        for (auto const name : names_) {
            if (!seen_.contains(name))
                missing.push_back(name);
        }
        if (!missing.empty())
            return fail(ErrorCode::invalid_input,
                "every task parameter must stand in the combination once; missing: {}",
                comma_list(missing));
        return tree;
    }

private:
    tl::unexpected<Error> unexpected(std::string_view wanted)
    {
        skip_blanks();
        if (at_ >= text_.size())
            return fail(
                ErrorCode::invalid_input, "'{}' ends where {} is expected", excerpt(text_), wanted);
        return fail(ErrorCode::invalid_input, "'{}' has '{}' at character {} where {} is expected",
            excerpt(text_), text_.substr(at_, 1), at_ + 1, wanted);
    }

    void skip_blanks()
    {
        while (at_ < text_.size()
            && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
            ++at_;
    }

    bool accept(char wanted)
    {
        skip_blanks();
        if (at_ >= text_.size() || text_[at_] != wanted)
            return false;
        ++at_;
        return true;
    }

    Result<Combination> product(std::size_t depth)
    {
        Combination out { Combination::Kind::product, {}, {} };
        do {
            out.parts.push_back(TRY(element(depth)));
        } while (accept('*'));
        skip_blanks();
        if (out.parts.size() > 1)
            return out;
        auto only = std::move(out.parts.front());
        return only;
    }

    Result<Combination> element(std::size_t depth)
    {
        if (accept('('))
            return lock_step(depth + 1);
        skip_blanks();
        auto const start = at_;
        while (at_ < text_.size() && is_identifier(text_.substr(start, at_ - start + 1)))
            ++at_;
        auto const name = text_.substr(start, at_ - start);
        if (name.empty())
            return unexpected("a parameter's name or '('");
        if (std::find(names_.begin(), names_.end(), name) == names_.end())
            return fail(ErrorCode::invalid_input, "'{}' is no task parameter of this step{}",
                excerpt(name), did_you_mean(name, names_));
        if (!seen_.insert(name).second)
            return fail(ErrorCode::invalid_input,
                "'{}' stands in the combination twice; every parameter may stand there once", name);
        return Combination { Combination::Kind::parameter, std::string(name), {} };
    }

    Result<Combination> lock_step(std::size_t depth)
    {
        if (depth > max_depth)
            return fail(ErrorCode::invalid_input, "the combination nests deeper than {} brackets",
                max_depth);
        Combination out { Combination::Kind::lock_step, {}, {} };
        do {
            out.parts.push_back(TRY(product(depth)));
        } while (accept(','));
        if (!accept(')'))
            return unexpected("'*', ',' or ')'");
        if (out.parts.size() < 2)
            return fail(ErrorCode::invalid_input,
                "brackets in '{}' hold one part only; they put two or more side by side, as in (A, "
                "B)",
                excerpt(text_));
        return out;
    }

    std::string_view text_;
    std::vector<std::string_view> const& names_;
    std::size_t at_ { 0 };
    std::set<std::string_view> seen_;
};

bool stands_in(Combination const& combination, std::string_view name, bool side_by_side)
{
    if (combination.kind == Combination::Kind::parameter)
        return side_by_side && combination.name == name;
    auto const inside = side_by_side || combination.kind == Combination::Kind::lock_step;
    return std::any_of(combination.parts.begin(), combination.parts.end(),
        [&](Combination const& part) { return stands_in(part, name, inside); });
}

}

Result<Combination> parse_combination(
    std::string_view text, std::vector<std::string_view> const& names)
{
    return Parser(text, names).parse();
}

bool stands_side_by_side(Combination const& combination, std::string_view name)
{
    return stands_in(combination, name, false);
}

Combination with_innermost(Combination combination, std::string_view name)
{
    auto& parts = combination.parts;
    auto const found = std::find_if(
        parts.begin(), parts.end(), [&](Combination const& part) { return part.name == name; });
    if (combination.kind == Combination::Kind::product && found != parts.end())
        std::rotate(found, found + 1, parts.end());
    return combination;
}

Combination product_of(std::vector<std::string_view> const& names)
{
    Combination out { Combination::Kind::product, {}, {} };
    for (auto const name : names)
        out.parts.push_back({ Combination::Kind::parameter, std::string(name), {} });
    return out;
}

}
