#include <api/api.h>

#include <api/routes.h>
#include <api/watchers.h>
#include <io/clock.h>

#include <utility>

namespace sidereal::api {

struct Api::Impl {
    Impl(Host& host, io::Loop& loop, std::string version)
        : watchers(host, loop)
        , aside([](io::Function<void()>& work) { work(); })
        , context { host, loop, watchers, std::move(version), io::mono_now(), aside }
    {
    }

    Watchers watchers;
    store::Worker<io::Function<void()>> aside;
    Context context;
};

Api::Api(Host& host, io::Loop& loop, std::string version)
    : impl_(std::make_unique<Impl>(host, loop, std::move(version)))
{
}

Api::~Api() = default;

void Api::handle(io::HttpRequest request, io::Responder const& responder)
{
    dispatch(impl_->context, std::move(request), responder);
}

void Api::changed() { impl_->watchers.changed(); }

}
