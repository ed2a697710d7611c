#pragma once

#include <openjd/expr/fault.h>
#include <openjd/expr/tree.h>

#include <cstddef>
#include <string_view>

namespace sidereal::openjd::expr {

inline constexpr std::size_t max_expression_bytes = std::size_t { 64 } * 1024;
// Of brackets in each other, and of the tree: a chain a + b + ... is as deep as it is long.
inline constexpr std::size_t max_depth = 128;

Outcome<Tree> parse_tree(std::string_view text);

bool is_keyword(std::string_view word);
// What a let binding or a loop may call its value: a small letter or _ first.
bool is_user_identifier(std::string_view word);

}
