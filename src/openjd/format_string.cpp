#include <openjd/format_string.h>

#include <openjd/text_rules.h>

#include <utility>

namespace sidereal::openjd {

namespace {

constexpr std::size_t max_segments = 1000;

bool is_dotted_name(std::string_view text)
{
    for (;;) {
        auto const dot = text.find('.');
        if (!is_identifier(text.substr(0, dot)))
            return false;
        if (dot == std::string_view::npos)
            return true;
        text.remove_prefix(dot + 1);
    }
}

// The place as a person counts it.
std::size_t character_at(std::string_view text, std::size_t offset)
{
    return count_code_points(text.substr(0, offset)) + 1;
}

}

Result<FormatString> FormatString::parse(std::string_view text)
{
    FormatString out;
    std::size_t at = 0;
    while (at < text.size()) {
        if (out.segments_.size() + 2 > max_segments)
            return fail(ErrorCode::invalid_input, "more than {} references in one string",
                max_segments / 2);
        auto const open = text.find("{{", at);
        auto const plain = text.substr(at, open == std::string_view::npos ? open : open - at);
        if (auto const stray = plain.find("}}"); stray != std::string_view::npos) {
            return fail(ErrorCode::invalid_input, "'}}}}' without '{{{{' at character {}",
                character_at(text, at + stray));
        }
        if (!plain.empty())
            out.segments_.push_back({ false, std::string(plain) });
        if (open == std::string_view::npos)
            break;
        auto const close = text.find("}}", open + 2);
        if (close == std::string_view::npos) {
            return fail(ErrorCode::invalid_input, "'{{{{' without '}}}}' at character {}",
                character_at(text, open));
        }
        auto const name = trim(text.substr(open + 2, close - open - 2));
        if (!is_dotted_name(name)) {
            return fail(ErrorCode::invalid_input,
                "'{}' at character {} is no name such as Param.Frame; only a name may stand in "
                "{{{{ }}}}",
                excerpt(name), character_at(text, open));
        }
        out.segments_.push_back({ true, std::string(name) });
        at = close + 2;
    }
    return out;
}

FormatString FormatString::literal(std::string text)
{
    FormatString out;
    if (!text.empty())
        out.segments_.push_back({ false, std::move(text) });
    return out;
}

Result<std::string> FormatString::resolve(Symbols const& symbols) const
{
    std::string out;
    for (auto const& segment : segments_) {
        if (!segment.is_name) {
            out += segment.text;
            continue;
        }
        auto const found = symbols.find(segment.text);
        if (found == symbols.end())
            return fail(ErrorCode::invalid_input, "'{}' has no value here", segment.text);
        out += found->second;
    }
    return out;
}

FormatString FormatString::resolve_known(Symbols const& symbols) const
{
    FormatString out;
    for (auto const& segment : segments_) {
        auto const found = segment.is_name ? symbols.find(segment.text) : symbols.end();
        if (segment.is_name && found == symbols.end()) {
            out.segments_.push_back(segment);
            continue;
        }
        auto const& text = segment.is_name ? found->second : segment.text;
        if (text.empty())
            continue;
        if (!out.segments_.empty() && !out.segments_.back().is_name)
            out.segments_.back().text += text;
        else
            out.segments_.push_back({ false, text });
    }
    return out;
}

std::set<std::string> FormatString::names() const
{
    std::set<std::string> out;
    for (auto const& segment : segments_) {
        if (segment.is_name)
            out.insert(segment.text);
    }
    return out;
}

bool FormatString::is_literal() const
{
    for (auto const& segment : segments_) {
        if (segment.is_name)
            return false;
    }
    return true;
}

std::string FormatString::text() const
{
    std::string out;
    for (auto const& segment : segments_)
        out += segment.is_name ? "{{" + segment.text + "}}" : segment.text;
    return out;
}

}
