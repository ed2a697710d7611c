#pragma once

#include <io/http.h>

#include <string>
#include <string_view>

namespace sidereal::io {

// The header of a response, blank line included, into `out` (what was there is replaced).
void write_response_head(std::string& out, HttpResponse const& response, bool keep_alive);

// A whole request. Fails when the method, the target or a field has what would break the message.
Result<std::string> write_request(HttpRequestOut const& request, std::string_view host);

}
