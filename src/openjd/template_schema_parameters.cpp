#include <openjd/template_schema.h>

#include <fmt/format.h>

// Definitions of parameters differ in a few fields only, so that rows of those are put together.
namespace sidereal::openjd {

namespace {

constexpr std::string_view shared = R"json( "label": {
  "type": "string",
  "minLength": 1,
  "maxLength": 64,
  "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]*$"
 },
 "text": {"type": "string", "maxLength": 1024},
 "int": {
  "description": "A whole number, or one in quotes.",
  "oneOf": [{"type": "integer"}, {"type": "string", "pattern": "^\\s*[+-]?[0-9]+\\s*$"}]
 },
 "number": {
  "description": "A number, or one in quotes.",
  "oneOf": [
   {"type": "number"},
   {
    "type": "string",
    "pattern": "^\\s*[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?\\s*$"
   }
  ]
 },
 "truth": {
  "description": "True or false: also 1 and 0, and in quotes yes and no, on and off.",
  "oneOf": [
   {"type": "boolean"},
   {"type": "number", "enum": [0, 1]},
   {"type": "string", "pattern": "^\\s*([Tt][Rr][Uu][Ee]|[Yy][Ee][Ss]|[Oo][Nn]|1)\\s*$"},
   {"type": "string", "pattern": "^\\s*([Ff][Aa][Ll][Ss][Ee]|[Nn][Oo]|[Oo][Ff][Ff]|0)\\s*$"}
  ]
 },
 "intList": {"type": "array", "items": {"$ref": "#/$defs/int"}},
 "wholeList": {
  "description": "EXPR: one expression that gives a whole list.",
  "type": "string",
  "pattern": "^\\{\\{"
 },
 "rangeExpression": {
  "description": "A range expression such as 1-100:2, 200.",
  "type": "string",
  "minLength": 1
 },
 "fileFilter": {
  "description": "A kind of file in a dialog.",
  "type": "object",
  "properties": {
   "label": {"$ref": "#/$defs/label"},
   "patterns": {
    "type": "array",
    "items": {
     "type": "string",
     "maxLength": 20,
     "pattern": "^(\\*|\\*\\.\\*|\\*\\.[^\\u0000-\\u001f\\u007f\\\\/*?\\[\\]#%&{}<>$!'\":@`|=]+)$"
    },
    "minItems": 1,
    "maxItems": 20
   }
  },
  "required": ["label", "patterns"],
  "additionalProperties": false
 },
 "chunks": {
  "type": "object",
  "properties": {
   "defaultTaskCount": {
    "oneOf": [{"type": "integer", "minimum": 1}, {"type": "string", "minLength": 1}]
   },
   "targetRuntimeSeconds": {
    "oneOf": [{"type": "integer", "minimum": 0}, {"type": "string", "minLength": 1}]
   },
   "rangeConstraint": {"enum": ["CONTIGUOUS", "NONCONTIGUOUS"]}
  },
  "required": ["defaultTaskCount", "rangeConstraint"],
  "additionalProperties": false
 })json";

constexpr std::string_view text_lengths = R"json(,
   "minLength": {"type": "integer", "minimum": 0},
   "maxLength": {"type": "integer", "minimum": 1})json";
constexpr std::string_view list_lengths = R"json(,
   "minLength": {"type": "integer", "minimum": 0},
   "maxLength": {"type": "integer", "minimum": 0})json";
constexpr std::string_view path_fields = R"json(,
   "objectType": {"enum": ["FILE", "DIRECTORY"]},
   "dataFlow": {"enum": ["NONE", "IN", "OUT", "INOUT"]})json";
constexpr std::string_view file_hints = R"json(,
     "fileFilters": {
      "type": "array",
      "items": {"$ref": "#/$defs/fileFilter"},
      "minItems": 1,
      "maxItems": 20
     },
     "fileFilterDefault": {"$ref": "#/$defs/fileFilter"})json";
constexpr std::string_view whole_step = R"json(,
     "singleStepDelta": {"$ref": "#/$defs/int"})json";
constexpr std::string_view number_hints = R"json(,
     "decimals": {"type": "integer", "minimum": 0},
     "singleStepDelta": {"$ref": "#/$defs/number"})json";

std::string reference(std::string_view name)
{
    return fmt::format(R"({{"$ref": "#/$defs/{}"}})", name);
}

std::string list_of(std::string_view items, std::string_view more = {})
{
    return fmt::format(R"({{"type": "array", "items": {}{}}})", items, more);
}

std::string allowed(std::string_view of)
{
    return fmt::format(",\n   \"allowedValues\": {}", list_of(reference(of), R"(, "minItems": 1)"));
}

std::string bounds(std::string_view of)
{
    return fmt::format(
        ",\n   \"minValue\": {},\n   \"maxValue\": {}", reference(of), reference(of));
}

// What each item of a list must obey, from fields that begin with a comma.
std::string item(std::string_view fields)
{
    return fmt::format(R"(,
   "item": {{
    "description": "What each item must obey.",
    "type": "object",
    "properties": {{{}
    }},
    "additionalProperties": false
   }})",
        fields.substr(1));
}

struct JobParameter {
    std::string_view name; // of the definition; that of its type begins likewise
    std::string_view description;
    std::string default_value;
    std::string fields;
    std::string_view controls;
    std::string_view hints {};
};

std::string definition(JobParameter const& row)
{
    return fmt::format(R"(,
 "{0}Parameter": {{
  "description": "{1}",
  "type": "object",
  "properties": {{
   "name": {{"$ref": "#/$defs/identifier"}},
   "type": {{"$ref": "#/$defs/{0}Type"}},
   "description": {{"$ref": "#/$defs/description"}},
   "default": {2}{3},
   "userInterface": {{
    "description": "Hints for whoever asks a person.",
    "type": "object",
    "properties": {{
     "control": {{"enum": [{4}]}},
     "label": {{"$ref": "#/$defs/label"}},
     "groupLabel": {{"$ref": "#/$defs/label"}}{5}
    }},
    "additionalProperties": false
   }}
  }},
  "required": ["name", "type"],
  "additionalProperties": false
 }})",
        row.name, row.description, row.default_value, row.fields, row.controls, row.hints);
}

std::string job_parameters()
{
    auto const texts = allowed("text") + std::string(text_lengths);
    auto const whole = allowed("int") + bounds("int");
    auto const numbers = allowed("number") + bounds("number");
    auto const listed = [](std::string_view fields = {}) {
        return std::string(list_lengths) + (fields.empty() ? std::string() : item(fields));
    };
    auto const paths = std::string(path_fields);
    auto const strings = list_of(R"({"type": "string"})");
    JobParameter const rows[] = {
        { "string", "Text.", reference("text"), texts,
            R"("LINE_EDIT", "MULTILINE_EDIT", "DROPDOWN_LIST", "CHECK_BOX", "HIDDEN")" },
        { "path", "A file or folder; mapped to where it lies on each host.", reference("text"),
            texts + paths,
            R"("CHOOSE_INPUT_FILE", "CHOOSE_OUTPUT_FILE", "CHOOSE_DIRECTORY", "DROPDOWN_LIST",
      "HIDDEN")",
            file_hints },
        { "int", "A whole number of 64 bits.", reference("int"), whole,
            R"("SPIN_BOX", "DROPDOWN_LIST", "HIDDEN")", whole_step },
        { "float", "A finite number.", reference("number"), numbers,
            R"("SPIN_BOX", "DROPDOWN_LIST", "HIDDEN")", number_hints },
        { "bool", "EXPR: true or false.", reference("truth"), {}, R"("CHECK_BOX", "HIDDEN")" },
        { "range", "EXPR: whole numbers such as 1-100:2, 200.",
            R"({"type": "string", "minLength": 1})", R"(,
   "minLength": {"type": "integer", "minimum": 1},
   "maxLength": {"type": "integer", "minimum": 1})",
            R"("LINE_EDIT", "HIDDEN")" },
        { "stringList", "EXPR: texts.", strings, listed(texts), R"("LINE_EDIT_LIST", "HIDDEN")" },
        { "pathList", "EXPR: files or folders.", strings, listed(texts) + paths,
            R"("CHOOSE_INPUT_FILE_LIST", "CHOOSE_OUTPUT_FILE_LIST", "CHOOSE_DIRECTORY_LIST",
      "HIDDEN")",
            file_hints },
        { "intList", "EXPR: whole numbers.", reference("intList"), listed(whole),
            R"("SPIN_BOX_LIST", "HIDDEN")", whole_step },
        { "floatList", "EXPR: numbers.", list_of(reference("number")), listed(numbers),
            R"("SPIN_BOX_LIST", "HIDDEN")", number_hints },
        { "boolList", "EXPR: truths.", list_of(reference("truth")), listed(),
            R"("CHECK_BOX_LIST", "HIDDEN")" },
        { "intListList", "EXPR: lists of whole numbers.", list_of(reference("intList")),
            listed(listed(whole)), R"("HIDDEN")" },
    };
    std::string out;
    std::string choices;
    for (auto const& row : rows) {
        out += definition(row);
        choices += fmt::format("{}\n   {}", choices.empty() ? "" : ",",
            reference(std::string(row.name) + "Parameter"));
    }
    return out
        + fmt::format(R"(,
 "parameter": {{
  "description": "A value that is given when a job is made.",
  "oneOf": [{}
  ]
 }})",
            choices);
}

// A pattern of JSON that takes the name in any case.
std::string in_any_case(std::string_view name)
{
    std::string out;
    for (char const c : name) {
        if (c >= 'A' && c <= 'Z')
            out += fmt::format("[{}{}]", c, static_cast<char>(c - 'A' + 'a'));
        else if (c == '[' || c == ']')
            out += fmt::format(R"(\\{})", c);
        else
            out += c;
    }
    return out;
}

std::string types()
{
    static constexpr std::pair<std::string_view, std::string_view> rows[] = {
        { "string", "STRING" },
        { "path", "PATH" },
        { "int", "INT" },
        { "float", "FLOAT" },
        { "chunk", "CHUNK[INT]" },
        { "bool", "BOOL" },
        { "range", "RANGE_EXPR" },
        { "stringList", "LIST[STRING]" },
        { "pathList", "LIST[PATH]" },
        { "intList", "LIST[INT]" },
        { "floatList", "LIST[FLOAT]" },
        { "boolList", "LIST[BOOL]" },
        { "intListList", "LIST[LIST[INT]]" },
    };
    std::string out;
    for (auto const& [name, text] : rows)
        out += fmt::format(R"(,
 "{}Type": {{
  "description": "{}; in any case with EXPR.",
  "type": "string",
  "pattern": "^{}$"
 }})",
            name, text, in_any_case(text));
    return out;
}

std::string task_parameter()
{
    struct Row {
        std::string_view type;
        std::string_view description;
        std::string_view items;
        std::string_view whole; // instead of a list
        bool chunked { false };
    };
    static constexpr std::string_view integers
        = R"({"oneOf": [{"type": "integer"}, {"type": "string", "minLength": 1}]})";
    static constexpr std::string_view numbers
        = R"({"oneOf": [{"type": "number"}, {"type": "string", "minLength": 1}]})";
    static constexpr std::string_view texts = R"({"type": "string", "minLength": 1})";
    static constexpr Row rows[] = {
        { "int", "Whole numbers.", integers, "rangeExpression" },
        { "float", "Numbers.", numbers, "wholeList" },
        { "string", "Texts.", texts, "wholeList" },
        { "path", "Paths, mapped on each host.", texts, "wholeList" },
        { "chunk", "TASK_CHUNKING: whole numbers, several a task.", integers, "rangeExpression",
            true },
    };
    std::string choices;
    for (auto const& row : rows)
        choices += fmt::format(R"({}
   {{
    "description": "{}",
    "type": "object",
    "properties": {{
     "name": {{"$ref": "#/$defs/identifier"}},
     "type": {},
     "range": {{
      "oneOf": [
       {},
       {}
      ]
     }}{}
    }},
    "required": ["name", "type", "range"{}],
    "additionalProperties": false
   }})",
            choices.empty() ? "" : ",", row.description, reference(std::string(row.type) + "Type"),
            list_of(row.items, R"(, "minItems": 1, "maxItems": 1024)"), reference(row.whole),
            row.chunked ? ",\n     \"chunks\": " + reference("chunks") : "",
            row.chunked ? R"(, "chunks")" : "");
    return fmt::format(R"(,
 "taskParameter": {{
  "description": "A value that differs from task to task.",
  "oneOf": [{}
  ]
 }})",
        choices);
}

}

std::string detail::schema_parameters()
{
    return std::string(shared) + types() + job_parameters() + task_parameter();
}

}
