#pragma once

#include <io/function.h>
#include <io/loop.h>
#include <io/unique_fd.h>

#include <memory>

namespace sidereal::io {

// One descriptor registered with the loop: tells when it can be read or written, and moves no bytes
// itself. Owned by a connection or a process; after it is gone nothing calls back. Loop thread
// only.
class Watch {
public:
    Watch(Loop& loop, UniqueFd fd, Function<void()> on_readable, Function<void()> on_writable = {});
    ~Watch();
    Watch(Watch const&) = delete;
    Watch& operator=(Watch const&) = delete;

    int fd() const;
    // One call of on_readable (on_writable) each; asking again before it came changes nothing.
    void await_readable();
    void await_writable();

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}
