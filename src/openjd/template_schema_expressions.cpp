#include <openjd/template_schema.h>

namespace sidereal::openjd {

// The names of types, and the parameters that the extension EXPR adds.
constexpr std::string_view members = R"json( "stringType": {
  "description": "STRING; in any case with EXPR.",
  "type": "string",
  "pattern": "^[Ss][Tt][Rr][Ii][Nn][Gg]$"
 },
 "pathType": {
  "description": "PATH; in any case with EXPR.",
  "type": "string",
  "pattern": "^[Pp][Aa][Tt][Hh]$"
 },
 "intType": {
  "description": "INT; in any case with EXPR.",
  "type": "string",
  "pattern": "^[Ii][Nn][Tt]$"
 },
 "floatType": {
  "description": "FLOAT; in any case with EXPR.",
  "type": "string",
  "pattern": "^[Ff][Ll][Oo][Aa][Tt]$"
 },
 "chunkType": {
  "description": "CHUNK[INT]; in any case with EXPR.",
  "type": "string",
  "pattern": "^[Cc][Hh][Uu][Nn][Kk]\\[[Ii][Nn][Tt]\\]$"
 },
 "boolType": {
  "description": "BOOL; in any case with EXPR.",
  "type": "string",
  "pattern": "^[Bb][Oo][Oo][Ll]$"
 },
 "rangeType": {
  "description": "RANGE_EXPR; in any case with EXPR.",
  "type": "string",
  "pattern": "^[Rr][Aa][Nn][Gg][Ee]_[Ee][Xx][Pp][Rr]$"
 },
 "stringListType": {
  "description": "LIST[STRING]; in any case with EXPR.",
  "type": "string",
  "pattern": "^[Ll][Ii][Ss][Tt]\\[[Ss][Tt][Rr][Ii][Nn][Gg]\\]$"
 },
 "pathListType": {
  "description": "LIST[PATH]; in any case with EXPR.",
  "type": "string",
  "pattern": "^[Ll][Ii][Ss][Tt]\\[[Pp][Aa][Tt][Hh]\\]$"
 },
 "intListType": {
  "description": "LIST[INT]; in any case with EXPR.",
  "type": "string",
  "pattern": "^[Ll][Ii][Ss][Tt]\\[[Ii][Nn][Tt]\\]$"
 },
 "floatListType": {
  "description": "LIST[FLOAT]; in any case with EXPR.",
  "type": "string",
  "pattern": "^[Ll][Ii][Ss][Tt]\\[[Ff][Ll][Oo][Aa][Tt]\\]$"
 },
 "boolListType": {
  "description": "LIST[BOOL]; in any case with EXPR.",
  "type": "string",
  "pattern": "^[Ll][Ii][Ss][Tt]\\[[Bb][Oo][Oo][Ll]\\]$"
 },
 "intListListType": {
  "description": "LIST[LIST[INT]]; in any case with EXPR.",
  "type": "string",
  "pattern": "^[Ll][Ii][Ss][Tt]\\[[Ll][Ii][Ss][Tt]\\[[Ii][Nn][Tt]\\]\\]$"
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
 "wholeList": {
  "description": "EXPR: one expression that gives a whole list.",
  "type": "string",
  "pattern": "^\\{\\{"
 },
 "boolParameter": {
  "description": "EXPR: true or false.",
  "type": "object",
  "properties": {
   "name": {"$ref": "#/$defs/identifier"},
   "type": {"$ref": "#/$defs/boolType"},
   "description": {"$ref": "#/$defs/description"},
   "default": {"$ref": "#/$defs/truth"},
   "userInterface": {
    "description": "Hints for whoever asks a person.",
    "type": "object",
    "properties": {
     "control": {"enum": ["CHECK_BOX", "HIDDEN"]},
     "label": {"$ref": "#/$defs/label"},
     "groupLabel": {"$ref": "#/$defs/label"}
    },
    "additionalProperties": false
   }
  },
  "required": ["name", "type"],
  "additionalProperties": false
 },
 "rangeParameter": {
  "description": "EXPR: whole numbers such as 1-100:2, 200.",
  "type": "object",
  "properties": {
   "name": {"$ref": "#/$defs/identifier"},
   "type": {"$ref": "#/$defs/rangeType"},
   "description": {"$ref": "#/$defs/description"},
   "default": {"type": "string", "minLength": 1},
   "minLength": {"type": "integer", "minimum": 1},
   "maxLength": {"type": "integer", "minimum": 1},
   "userInterface": {
    "description": "Hints for whoever asks a person.",
    "type": "object",
    "properties": {
     "control": {"enum": ["LINE_EDIT", "HIDDEN"]},
     "label": {"$ref": "#/$defs/label"},
     "groupLabel": {"$ref": "#/$defs/label"}
    },
    "additionalProperties": false
   }
  },
  "required": ["name", "type"],
  "additionalProperties": false
 },
 "stringListParameter": {
  "description": "EXPR: texts.",
  "type": "object",
  "properties": {
   "name": {"$ref": "#/$defs/identifier"},
   "type": {"$ref": "#/$defs/stringListType"},
   "description": {"$ref": "#/$defs/description"},
   "default": {"type": "array", "items": {"type": "string"}},
   "minLength": {"type": "integer", "minimum": 0},
   "maxLength": {"type": "integer", "minimum": 0},
   "item": {
    "description": "What each item must obey.",
    "type": "object",
    "properties": {
     "allowedValues": {
      "type": "array",
      "items": {"$ref": "#/$defs/text"},
      "minItems": 1
     },
     "minLength": {"type": "integer", "minimum": 0},
     "maxLength": {"type": "integer", "minimum": 1}
    },
    "additionalProperties": false
   },
   "userInterface": {
    "description": "Hints for whoever asks a person.",
    "type": "object",
    "properties": {
     "control": {"enum": ["LINE_EDIT_LIST", "HIDDEN"]},
     "label": {"$ref": "#/$defs/label"},
     "groupLabel": {"$ref": "#/$defs/label"}
    },
    "additionalProperties": false
   }
  },
  "required": ["name", "type"],
  "additionalProperties": false
 },
 "pathListParameter": {
  "description": "EXPR: files or folders.",
  "type": "object",
  "properties": {
   "name": {"$ref": "#/$defs/identifier"},
   "type": {"$ref": "#/$defs/pathListType"},
   "description": {"$ref": "#/$defs/description"},
   "default": {"type": "array", "items": {"type": "string"}},
   "minLength": {"type": "integer", "minimum": 0},
   "maxLength": {"type": "integer", "minimum": 0},
   "item": {
    "description": "What each item must obey.",
    "type": "object",
    "properties": {
     "allowedValues": {
      "type": "array",
      "items": {"$ref": "#/$defs/text"},
      "minItems": 1
     },
     "minLength": {"type": "integer", "minimum": 0},
     "maxLength": {"type": "integer", "minimum": 1}
    },
    "additionalProperties": false
   },
   "objectType": {"enum": ["FILE", "DIRECTORY"]},
   "dataFlow": {"enum": ["NONE", "IN", "OUT", "INOUT"]},
   "userInterface": {
    "description": "Hints for whoever asks a person.",
    "type": "object",
    "properties": {
     "control": {
      "enum": [
       "CHOOSE_INPUT_FILE_LIST",
       "CHOOSE_OUTPUT_FILE_LIST",
       "CHOOSE_DIRECTORY_LIST",
       "HIDDEN"
      ]
     },
     "label": {"$ref": "#/$defs/label"},
     "groupLabel": {"$ref": "#/$defs/label"},
     "fileFilters": {
      "type": "array",
      "items": {"$ref": "#/$defs/fileFilter"},
      "minItems": 1,
      "maxItems": 20
     },
     "fileFilterDefault": {"$ref": "#/$defs/fileFilter"}
    },
    "additionalProperties": false
   }
  },
  "required": ["name", "type"],
  "additionalProperties": false
 },
 "intListParameter": {
  "description": "EXPR: whole numbers.",
  "type": "object",
  "properties": {
   "name": {"$ref": "#/$defs/identifier"},
   "type": {"$ref": "#/$defs/intListType"},
   "description": {"$ref": "#/$defs/description"},
   "default": {"type": "array", "items": {"$ref": "#/$defs/int"}},
   "minLength": {"type": "integer", "minimum": 0},
   "maxLength": {"type": "integer", "minimum": 0},
   "item": {
    "description": "What each item must obey.",
    "type": "object",
    "properties": {
     "allowedValues": {
      "type": "array",
      "items": {"$ref": "#/$defs/int"},
      "minItems": 1
     },
     "minValue": {"$ref": "#/$defs/int"},
     "maxValue": {"$ref": "#/$defs/int"}
    },
    "additionalProperties": false
   },
   "userInterface": {
    "description": "Hints for whoever asks a person.",
    "type": "object",
    "properties": {
     "control": {"enum": ["SPIN_BOX_LIST", "HIDDEN"]},
     "label": {"$ref": "#/$defs/label"},
     "groupLabel": {"$ref": "#/$defs/label"},
     "singleStepDelta": {"$ref": "#/$defs/int"}
    },
    "additionalProperties": false
   }
  },
  "required": ["name", "type"],
  "additionalProperties": false
 },
 "floatListParameter": {
  "description": "EXPR: numbers.",
  "type": "object",
  "properties": {
   "name": {"$ref": "#/$defs/identifier"},
   "type": {"$ref": "#/$defs/floatListType"},
   "description": {"$ref": "#/$defs/description"},
   "default": {"type": "array", "items": {"$ref": "#/$defs/number"}},
   "minLength": {"type": "integer", "minimum": 0},
   "maxLength": {"type": "integer", "minimum": 0},
   "item": {
    "description": "What each item must obey.",
    "type": "object",
    "properties": {
     "allowedValues": {
      "type": "array",
      "items": {"$ref": "#/$defs/number"},
      "minItems": 1
     },
     "minValue": {"$ref": "#/$defs/number"},
     "maxValue": {"$ref": "#/$defs/number"}
    },
    "additionalProperties": false
   },
   "userInterface": {
    "description": "Hints for whoever asks a person.",
    "type": "object",
    "properties": {
     "control": {"enum": ["SPIN_BOX_LIST", "HIDDEN"]},
     "label": {"$ref": "#/$defs/label"},
     "groupLabel": {"$ref": "#/$defs/label"},
     "decimals": {"type": "integer", "minimum": 0},
     "singleStepDelta": {"$ref": "#/$defs/number"}
    },
    "additionalProperties": false
   }
  },
  "required": ["name", "type"],
  "additionalProperties": false
 },
 "boolListParameter": {
  "description": "EXPR: truths.",
  "type": "object",
  "properties": {
   "name": {"$ref": "#/$defs/identifier"},
   "type": {"$ref": "#/$defs/boolListType"},
   "description": {"$ref": "#/$defs/description"},
   "default": {"type": "array", "items": {"$ref": "#/$defs/truth"}},
   "minLength": {"type": "integer", "minimum": 0},
   "maxLength": {"type": "integer", "minimum": 0},
   "userInterface": {
    "description": "Hints for whoever asks a person.",
    "type": "object",
    "properties": {
     "control": {"enum": ["CHECK_BOX_LIST", "HIDDEN"]},
     "label": {"$ref": "#/$defs/label"},
     "groupLabel": {"$ref": "#/$defs/label"}
    },
    "additionalProperties": false
   }
  },
  "required": ["name", "type"],
  "additionalProperties": false
 },
 "intListListParameter": {
  "description": "EXPR: lists of whole numbers.",
  "type": "object",
  "properties": {
   "name": {"$ref": "#/$defs/identifier"},
   "type": {"$ref": "#/$defs/intListListType"},
   "description": {"$ref": "#/$defs/description"},
   "default": {"type": "array", "items": {"type": "array", "items": {"$ref": "#/$defs/int"}}},
   "minLength": {"type": "integer", "minimum": 0},
   "maxLength": {"type": "integer", "minimum": 0},
   "item": {
    "description": "What each item must obey.",
    "type": "object",
    "properties": {
     "minLength": {"type": "integer", "minimum": 0},
     "maxLength": {"type": "integer", "minimum": 0},
     "item": {
      "description": "What each item must obey.",
      "type": "object",
      "properties": {
       "allowedValues": {
        "type": "array",
        "items": {"$ref": "#/$defs/int"},
        "minItems": 1
       },
       "minValue": {"$ref": "#/$defs/int"},
       "maxValue": {"$ref": "#/$defs/int"}
      },
      "additionalProperties": false
     }
    },
    "additionalProperties": false
   },
   "userInterface": {
    "description": "Hints for whoever asks a person.",
    "type": "object",
    "properties": {
     "control": {"enum": ["HIDDEN"]},
     "label": {"$ref": "#/$defs/label"},
     "groupLabel": {"$ref": "#/$defs/label"}
    },
    "additionalProperties": false
   }
  },
  "required": ["name", "type"],
  "additionalProperties": false
 })json";

std::string_view detail::schema_expressions() { return members; }

}
