#include <openjd/template_schema.h>

#include <fmt/format.h>

namespace sidereal::openjd {

namespace {

constexpr std::string_view job_template = R"json({
 "$schema": "https://json-schema.org/draft/2020-12/schema",
 "title": "Open Job Description job template, 2023-09",
 "type": "object",
 "properties": {
  "specificationVersion": {"const": "jobtemplate-2023-09"},
  "$schema": {"type": "string"},
  "extensions": {"$ref": "#/$defs/extensions"},
  "name": {
   "description": "At most 128 characters once references are resolved, 512 with FEATURE_BUNDLE_1.",
   "type": "string",
   "minLength": 1,
   "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]*$"
  },
  "description": {"$ref": "#/$defs/description"},
  "parameterDefinitions": {
   "description": "At most 50, 200 with FEATURE_BUNDLE_1.",
   "type": "array",
   "items": {"$ref": "#/$defs/parameter"},
   "minItems": 1,
   "maxItems": 200
  },
  "jobEnvironments": {"type": "array", "items": {"$ref": "#/$defs/environment"}, "minItems": 1},
  "steps": {"type": "array", "items": {"$ref": "#/$defs/step"}, "minItems": 1}
 },
 "required": ["specificationVersion", "name", "steps"],
 "additionalProperties": false
})json";

constexpr std::string_view environment_template = R"json({
 "$schema": "https://json-schema.org/draft/2020-12/schema",
 "title": "Open Job Description environment template, 2023-09",
 "type": "object",
 "properties": {
  "specificationVersion": {"const": "environment-2023-09"},
  "$schema": {"type": "string"},
  "extensions": {"$ref": "#/$defs/extensions"},
  "parameterDefinitions": {
   "type": "array",
   "items": {"$ref": "#/$defs/parameter"},
   "minItems": 1,
   "maxItems": 50
  },
  "environment": {"$ref": "#/$defs/environment"}
 },
 "required": ["specificationVersion", "environment"],
 "additionalProperties": false
})json";

}

std::string template_schema(TemplateKind kind)
{
    auto shape = kind == TemplateKind::job ? job_template : environment_template;
    shape.remove_suffix(2);
    return fmt::format("{},\n \"$defs\": {{\n{},\n{}\n}}\n}}", shape, detail::schema_parts(),
        detail::schema_parameters());
}

}
