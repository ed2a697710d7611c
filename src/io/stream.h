#pragma once

#include <io/function.h>
#include <io/loop.h>
#include <io/unique_fd.h>

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <span>

namespace sidereal::io {

struct Transfer {
    enum class State {
        moved,
        would_block,
        ended,
        failed,
    };
    State state;
    std::size_t bytes { 0 };
    int error { 0 };
};

// A connected byte stream that never blocks: the seam where TLS goes in. Server and client know
// only this. Owned by its connection; loop thread only.
class Stream {
public:
    virtual ~Stream() = default;
    virtual Transfer read(std::span<char> into) = 0;
    virtual Transfer write(std::span<iovec const> parts) = 0;
    // Tells the peer that nothing more will come; what it sends can still be read.
    virtual void end_writing() = 0;
    virtual void await_readable() = 0;
    virtual void await_writable() = 0;
    // How a connect in progress went: 0, or the errno.
    virtual int take_error() = 0;
};

// Plain bytes over a non-blocking socket.
std::unique_ptr<Stream> make_socket_stream(
    Loop& loop, UniqueFd socket, Function<void()> on_readable, Function<void()> on_writable);

}
