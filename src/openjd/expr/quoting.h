#pragma once

#include <openjd/expr/value.h>

#include <cstdint>
#include <string>
#include <string_view>

// Values as other languages write them.
namespace sidereal::openjd::expr {

// All of a list is on one line, with a blank behind each comma.
std::string quote_json(Value const& value);
std::string quote_python(Value const& value);
// Strings in single quotes, $true, @(...).
std::string quote_powershell(Value const& value);

// One word for a POSIX shell; for cmd.exe, whose quoting is a best effort.
std::string quote_shell(std::string_view text);
std::string quote_cmd(std::string_view text);

// No form of the value has more bytes.
std::uint64_t text_bound(Value const& value);

}
