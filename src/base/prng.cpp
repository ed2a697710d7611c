#include <base/prng.h>

#include <base/verify.h>

#include <bit>

namespace sidereal {

Prng::Prng(std::uint64_t seed)
{
    for (auto& word : state_) {
        seed += 0x9e3779b97f4a7c15;
        auto mixed = seed;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
        word = mixed ^ (mixed >> 31);
    }
}

std::uint64_t Prng::next()
{
    auto const result = std::rotl(state_[1] * 5, 7) * 9;
    auto const shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
}

std::uint64_t Prng::below(std::uint64_t bound)
{
    VERIFY(bound > 0);
    auto const threshold = (0 - bound) % bound;
    for (;;) {
        auto const drawn = next();
        if (drawn >= threshold)
            return drawn % bound;
    }
}

std::int64_t Prng::between(std::int64_t low, std::int64_t high)
{
    VERIFY(low <= high);
    auto const span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
    auto const offset = span == 0 ? next() : below(span);
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + offset);
}

double Prng::unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

}
