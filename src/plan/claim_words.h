#pragma once

#include <plan/claim.h>

#include <string>
#include <string_view>
#include <vector>

// A sentence in pieces, for reading claims.
namespace sidereal::plan {

struct ClaimNumber {
    double low { 0 };
    double high { 0 };
    // A sign of money before it.
    bool is_money { false };
    // Where it begins and ends, of the words.
    std::size_t first { 0 };
    std::size_t last { 0 };
};

// Lower case; a word is letters, digits, dots and slashes, "3x" and "$4" come apart, "35-55" is one
// number.
struct ClaimWords {
    std::vector<std::string> words;
    // Without a space before it.
    std::vector<bool> glued;
    std::vector<ClaimNumber> numbers;

    std::string_view at(std::size_t index) const
    {
        return index < words.size() ? std::string_view(words[index]) : std::string_view();
    }
    bool has(std::string_view word) const;
    // Any of these, one after the other, with spaces between.
    bool has_any(std::vector<std::string_view> const& phrases) const;
};

ClaimWords split_claim(std::string_view text);

// Ids of the catalogue that the words name; nothing if there is none.
std::optional<std::string> machine_in(ClaimWords const& words, Catalog const& catalog);
std::optional<std::string> model_in(ClaimWords const& words, Catalog const& catalog);
std::optional<std::string> quant_in(ClaimWords const& words, Catalog const& catalog);

}
