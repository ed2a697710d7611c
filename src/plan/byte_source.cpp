#include <plan/byte_source.h>

#include <algorithm>
#include <utility>

namespace sidereal::plan {

namespace {

// Large enough to read seldom, small enough to bound memory.
constexpr std::size_t window_bytes = 1 << 20;

}

Result<std::string_view> ByteCursor::need(std::size_t bytes)
{
    if (bytes > left())
        return fault("the file ends here; {} more bytes were expected", bytes - left());
    auto const inside = at_ >= window_from_ && at_ + bytes <= window_from_ + window_.size();
    if (!inside) {
        window_ = TRY(source_.read(at_, std::max(bytes, window_bytes)));
        window_from_ = at_;
        if (window_.size() < bytes)
            return fault("the file became shorter while it was read");
    }
    return std::string_view(window_).substr(at_ - window_from_, bytes);
}

Status ByteCursor::skip(std::uint64_t bytes)
{
    if (bytes > left())
        return fault("the file ends here; {} more bytes were expected", bytes - left());
    at_ += bytes;
    return {};
}

Result<std::uint64_t> ByteCursor::integer(int bytes)
{
    auto const raw = TRY(need(static_cast<std::size_t>(bytes)));
    std::uint64_t value = 0;
    for (int i = bytes - 1; i >= 0; --i)
        value = value << 8 | static_cast<unsigned char>(raw[static_cast<std::size_t>(i)]);
    at_ += static_cast<std::uint64_t>(bytes);
    return value;
}

Result<std::string> ByteCursor::text(std::size_t bytes)
{
    auto const raw = TRY(need(bytes));
    at_ += bytes;
    return std::string(raw);
}

ByteSource text_source(std::string name, std::string_view text)
{
    return { std::move(name), text.size(),
        [text](std::uint64_t offset, std::size_t size) -> Result<std::string> {
            if (offset >= text.size())
                return std::string();
            return std::string(text.substr(offset, size));
        } };
}

}
