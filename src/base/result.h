#pragma once

#include <base/errors.h>

#include <fmt/format.h>
#include <tl/expected.hpp>

#include <string>
#include <utility>

namespace sidereal {

// A failure as a value. The message names the thing and the value and says what to do next:
// lower case, no final dot.
struct Error {
    ErrorCode code { ErrorCode::internal };
    std::string message;

    bool operator==(Error const&) const = default;
};

template<typename T>
using Result = tl::expected<T, Error>;
using Status = tl::expected<void, Error>;

template<typename... Args>
tl::unexpected<Error> fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args)
{
    return tl::unexpected<Error>(Error { code, fmt::format(format, std::forward<Args>(args)...) });
}

}

// Passes an error up, or yields the value. Only as a whole initialiser or a whole statement.
#define TRY(expression)                                              \
    __extension__({                                                  \
        auto&& try_result_ = (expression);                           \
        if (!try_result_.has_value()) [[unlikely]]                   \
            return ::tl::unexpected(std::move(try_result_).error()); \
        ::sidereal::detail::value_of(std::move(try_result_));        \
    })

namespace sidereal::detail {

template<typename T, typename E>
T value_of(tl::expected<T, E>&& result)
{
    if constexpr (!std::is_void_v<T>)
        return std::move(*result);
}

}
