#pragma once

#include <io/http.h>

#include <string_view>

namespace sidereal::io {

// Splits and decodes an encoded target ("/a%20b?x=1") into the request's path and query.
Status read_target(std::string_view target, HttpRequest& request);

// localhost, 127.0.0.0/8 or ::1 (with or without brackets), without a port.
bool is_loopback_host(std::string_view host);

// Whether a Host field ("localhost:8420") or an Origin ("http://127.0.0.1:8420") names loopback.
bool is_loopback_authority(std::string_view authority);
bool is_loopback_origin(std::string_view origin);

}
