#pragma once

#include <openjd/job_symbols.h>

#include <memory>
#include <utility>

namespace sidereal::agent {

// A job with what all its sessions share. Immutable.
struct PreparedJob {
    openjd::Job spec;
    openjd::expr::Names symbols;
};

inline std::shared_ptr<PreparedJob const> prepare(openjd::Job spec)
{
    auto symbols = openjd::job_symbols(spec);
    return std::make_shared<PreparedJob const>(
        PreparedJob { std::move(spec), { std::move(symbols) } });
}

}
