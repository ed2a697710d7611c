#pragma once

#include <array>
#include <cstdint>

namespace sidereal {

// xoshiro256** seeded by splitmix64 (Blackman and Vigna): the same numbers on every library, which
// the standard distributions do not promise. Not for secrets.
class Prng {
public:
    explicit Prng(std::uint64_t seed);

    std::uint64_t next();
    // Uniform in [0, bound); bound > 0.
    std::uint64_t below(std::uint64_t bound);
    // Uniform in [low, high].
    std::int64_t between(std::int64_t low, std::int64_t high);
    // Uniform in [0, 1).
    double unit();
    bool chance(double probability) { return unit() < probability; }
    // An independent stream, so that one subsystem's draws do not shift another's.
    Prng fork() { return Prng(next()); }

private:
    std::array<std::uint64_t, 4> state_;
};

}
