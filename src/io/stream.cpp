#include <io/stream.h>

#include <io/watch.h>

#include <sys/socket.h>

#include <cerrno>

namespace sidereal::io {

namespace {

Transfer transfer_of(ssize_t moved)
{
    if (moved >= 0)
        return { Transfer::State::moved, static_cast<std::size_t>(moved) };
    if (errno == EAGAIN || errno == EINTR)
        return { Transfer::State::would_block };
    return { Transfer::State::failed, 0, errno };
}

class SocketStream final : public Stream {
public:
    SocketStream(
        Loop& loop, UniqueFd socket, Function<void()> on_readable, Function<void()> on_writable)
        : watch_(loop, std::move(socket), std::move(on_readable), std::move(on_writable))
    {
    }

    Transfer read(std::span<char> into) override
    {
        auto const result = transfer_of(::recv(watch_.fd(), into.data(), into.size(), 0));
        if (result.state == Transfer::State::moved && result.bytes == 0)
            return { Transfer::State::ended };
        return result;
    }

    Transfer write(std::span<iovec const> parts) override
    {
        msghdr message {};
        message.msg_iov = const_cast<iovec*>(parts.data());
        message.msg_iovlen = parts.size();
        return transfer_of(::sendmsg(watch_.fd(), &message, MSG_NOSIGNAL));
    }

    void end_writing() override { ::shutdown(watch_.fd(), SHUT_WR); }
    void await_readable() override { watch_.await_readable(); }
    void await_writable() override { watch_.await_writable(); }

    int take_error() override
    {
        int error = 0;
        socklen_t size = sizeof error;
        if (::getsockopt(watch_.fd(), SOL_SOCKET, SO_ERROR, &error, &size) != 0)
            return errno;
        return error;
    }

private:
    Watch watch_;
};

}

std::unique_ptr<Stream> make_socket_stream(
    Loop& loop, UniqueFd socket, Function<void()> on_readable, Function<void()> on_writable)
{
    return std::make_unique<SocketStream>(
        loop, std::move(socket), std::move(on_readable), std::move(on_writable));
}

}
