#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sidereal::openjd {

enum class TemplateKind : std::uint8_t {
    job,
    environment,
};

// A JSON Schema (draft 2020-12) of templates of revision 2023-09 with all their extensions, for
// editors: it says what a template may look like; decode_job_template says whether it is right.
std::string template_schema(TemplateKind kind);

namespace detail {

// Members of $defs.
std::string_view schema_parts();
std::string schema_parameters();

}

}
