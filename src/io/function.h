#pragma once

#include <base/verify.h>

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

namespace sidereal::io {

template<typename Signature>
class Function;

// A callable that can be moved but not copied, so that it may own what it captures. Empty until
// given one; calling an empty one is our own mistake. Used on the loop thread, like its owner.
template<typename R, typename... Args>
class Function<R(Args...)> {
public:
    Function() = default;
    // As std::function, a callable stands for it without being named.
    // NOLINTBEGIN(google-explicit-constructor)
    Function(std::nullptr_t) { }
    template<typename Callable>
    requires(!std::same_as<std::decay_t<Callable>,
                 Function> && std::is_invocable_r_v<R, std::decay_t<Callable>&, Args...>)
        Function(Callable&& callable)
        : target_(
            std::make_unique<Target<std::decay_t<Callable>>>(std::forward<Callable>(callable)))
    {
    }
    // NOLINTEND(google-explicit-constructor)

    explicit operator bool() const { return target_ != nullptr; }

    R operator()(Args... args) const
    {
        VERIFY(target_);
        return target_->call(std::forward<Args>(args)...);
    }

private:
    struct AnyTarget {
        virtual ~AnyTarget() = default;
        virtual R call(Args... args) = 0;
    };

    template<typename Callable>
    struct Target final : AnyTarget {
        template<typename Source>
        explicit Target(Source&& source)
            : callable(std::forward<Source>(source))
        {
        }
        R call(Args... args) override
        {
            return static_cast<R>(callable(std::forward<Args>(args)...));
        }
        Callable callable;
    };

    std::unique_ptr<AnyTarget> target_;
};

}
