#include <io/watch.h>

#include <io/loop_impl.h>

#include <boost/asio/posix/stream_descriptor.hpp>

namespace sidereal::io {

struct Watch::Impl {
    Impl(boost::asio::io_context& context, int fd, Function<void()> when_readable,
        Function<void()> when_writable)
        : descriptor(context, fd)
        , on_readable(std::move(when_readable))
        , on_writable(std::move(when_writable))
    {
    }

    boost::asio::posix::stream_descriptor descriptor;
    Function<void()> on_readable;
    Function<void()> on_writable;
    bool is_closed { false };
    bool awaits_readable { false };
    bool awaits_writable { false };
};

Watch::Watch(Loop& loop, UniqueFd fd, Function<void()> on_readable, Function<void()> on_writable)
    : impl_(std::make_shared<Impl>(
        loop.impl().context, fd.release(), std::move(on_readable), std::move(on_writable)))
{
}

Watch::~Watch()
{
    impl_->is_closed = true;
    boost::system::error_code ignored;
    impl_->descriptor.close(ignored);
}

int Watch::fd() const { return impl_->descriptor.native_handle(); }

void Watch::await_readable()
{
    if (std::exchange(impl_->awaits_readable, true))
        return;
    impl_->descriptor.async_wait(
        boost::asio::posix::descriptor_base::wait_read, [impl = impl_](boost::system::error_code) {
            impl->awaits_readable = false;
            if (!impl->is_closed)
                impl->on_readable();
        });
}

void Watch::await_writable()
{
    if (std::exchange(impl_->awaits_writable, true))
        return;
    impl_->descriptor.async_wait(
        boost::asio::posix::descriptor_base::wait_write, [impl = impl_](boost::system::error_code) {
            impl->awaits_writable = false;
            if (!impl->is_closed)
                impl->on_writable();
        });
}

}
