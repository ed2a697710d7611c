#include <base/json.h>
#include <base/json_arena.h>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/src.hpp>

#include <array>
#include <charconv>
#include <utility>

namespace sidereal {

namespace {

constexpr std::size_t max_depth = 64;

// Boost 1.81 reads one double in ten a last bit off; this one reads what JsonWriter wrote. Numbers
// come in one piece, since the parser gets the whole text at once.
struct ExactHandler : boost::json::detail::handler {
    using handler::handler;

    bool on_double(double rough, boost::json::string_view text, boost::json::error_code&)
    {
        auto exact = rough;
        auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), exact);
        auto const whole = failure == std::errc {} && end == text.data() + text.size();
        st.push_double(whole ? exact : rough);
        return true;
    }
};

Result<Json> parse_with(std::string_view text, boost::json::storage_ptr memory)
{
    boost::json::parse_options options;
    options.max_depth = max_depth;
    // Where values stand until their list or object is complete.
    std::array<unsigned char, 4096> pending;
    boost::json::basic_parser<ExactHandler> parser(
        options, boost::json::storage_ptr(), pending.data(), pending.size());
    parser.handler().st.reset(std::move(memory));
    boost::json::error_code failure;
    auto const consumed = parser.write_some(false, text.data(), text.size(), failure);
    if (!failure && consumed < text.size()) {
        if (text.find_first_not_of(" \t\r\n", consumed) != std::string_view::npos)
            failure = boost::json::error::extra_data;
    }
    if (failure)
        return fail(
            ErrorCode::invalid_input, "bad JSON at byte {}: {}", consumed, failure.message());
    return parser.handler().st.release();
}

}

Result<Json> parse_json(std::string_view text) { return parse_with(text, {}); }

Result<Json> JsonArena::parse(std::string_view text) { return parse_with(text, &memory_); }

}
