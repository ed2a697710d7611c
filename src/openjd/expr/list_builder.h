#pragma once

#include <openjd/expr/fault.h>
#include <openjd/expr/meter.h>
#include <openjd/expr/value.h>

#include <vector>

namespace sidereal::openjd::expr {

// Collects the elements of a list and finds the one type that all of them have or can take. An
// unresolved element makes the list one.
class ListBuilder {
public:
    explicit ListBuilder(Meter& meter)
        : meter_(meter)
        , start_(meter.live())
    {
    }

    Outcome<void> add(Value value);
    // What the elements become lists for, if the place asks for it.
    Outcome<Value> finish();

private:
    bool is_unresolved_ { false };
    bool is_empty_ { true };
    Type element_;
    std::vector<std::int64_t> numbers_;
    std::vector<Value> values_;
    std::uint64_t contents_ { 0 };
    Meter& meter_;
    std::uint64_t start_;

    Outcome<void> add_type(Type type);
    template<typename T>
    Outcome<void> grow(std::vector<T>& list);
};

}
