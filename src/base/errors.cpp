#include <base/errors.h>

#include <base/verify.h>

#include <array>

namespace sidereal {

namespace {

constexpr std::array<ErrorRow, 10> table { {
    { ErrorCode::invalid_input, "invalid_input", 400, 2, false },
    { ErrorCode::not_found, "not_found", 404, 3, false },
    { ErrorCode::conflict, "conflict", 409, 4, false },
    { ErrorCode::unauthorized, "unauthorized", 401, 5, false },
    { ErrorCode::unavailable, "unavailable", 503, 6, true },
    { ErrorCode::timed_out, "timed_out", 504, 7, true },
    { ErrorCode::exhausted, "exhausted", 507, 8, true },
    { ErrorCode::io_failed, "io_failed", 500, 9, false },
    { ErrorCode::job_failed, "job_failed", 422, 1, false },
    { ErrorCode::internal, "internal", 500, 70, false },
} };

}

ErrorRow const& error_row(ErrorCode code)
{
    for (auto const& row : table) {
        if (row.code == code)
            return row;
    }
    VERIFY_NOT_REACHED();
}

ErrorCode error_code_of_http(int status)
{
    for (auto const& row : table) {
        if (row.http_status == status && row.code != ErrorCode::io_failed)
            return row.code;
    }
    return ErrorCode::internal;
}

}
