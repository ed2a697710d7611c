#pragma once

#include <cstdint>
#include <string_view>

namespace sidereal {

// A code exists only where some caller acts differently on it; the table in errors.cpp is the one
// place that maps a code to its HTTP status, its CLI exit code and whether trying again can help.
enum class ErrorCode : std::uint8_t {
    invalid_input,
    not_found,
    conflict,
    unauthorized,
    unavailable,
    timed_out,
    exhausted,
    io_failed,
    job_failed,
    internal,
};

struct ErrorRow {
    ErrorCode code;
    std::string_view name;
    int http_status;
    int exit_code;
    bool retry_helps;
};

ErrorRow const& error_row(ErrorCode code);

// The code a peer meant by an HTTP status; `internal` for a status not in the table.
ErrorCode error_code_of_http(int status);

}
