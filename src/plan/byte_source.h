#pragma once

#include <base/result.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace sidereal::plan {

// A file that somebody else reads for us, piece by piece.
struct ByteSource {
    std::string name;
    std::uint64_t size { 0 };
    // At most that many bytes from the offset; fewer only at the end.
    std::function<Result<std::string>(std::uint64_t offset, std::size_t size)> read;
};

// Walks over a source in order, through a window of fixed size. Errors name the source and the
// offset.
class ByteCursor {
public:
    explicit ByteCursor(ByteSource const& source)
        : source_(source)
    {
    }

    std::uint64_t at() const { return at_; }
    std::uint64_t left() const { return source_.size - at_; }
    // Forward only.
    Status skip(std::uint64_t bytes);
    Result<std::uint64_t> integer(int bytes);
    Result<std::string> text(std::size_t bytes);

    template<typename... Args>
    tl::unexpected<Error> fault(fmt::format_string<Args...> format, Args&&... args) const
    {
        return fail(ErrorCode::invalid_input, "{}: byte {}: {}", source_.name, at_,
            fmt::format(format, std::forward<Args>(args)...));
    }

private:
    // So many bytes in the window from at_ on.
    Result<std::string_view> need(std::size_t bytes);

    ByteSource const& source_;
    std::uint64_t at_ { 0 };
    std::uint64_t window_from_ { 0 };
    std::string window_;
};

// A source over text in memory, which must outlive it.
ByteSource text_source(std::string name, std::string_view text);

}
