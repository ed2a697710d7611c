#include <openjd/template_schema.h>

namespace sidereal::openjd {

constexpr std::string_view members = R"json( "label": {
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
 "parameter": {
  "description": "A value that is given when a job is made.",
  "oneOf": [
   {"$ref": "#/$defs/stringParameter"},
   {"$ref": "#/$defs/pathParameter"},
   {"$ref": "#/$defs/intParameter"},
   {"$ref": "#/$defs/floatParameter"},
   {"$ref": "#/$defs/boolParameter"},
   {"$ref": "#/$defs/rangeParameter"},
   {"$ref": "#/$defs/stringListParameter"},
   {"$ref": "#/$defs/pathListParameter"},
   {"$ref": "#/$defs/intListParameter"},
   {"$ref": "#/$defs/floatListParameter"},
   {"$ref": "#/$defs/boolListParameter"},
   {"$ref": "#/$defs/intListListParameter"}
  ]
 },
 "stringParameter": {
  "description": "Text.",
  "type": "object",
  "properties": {
   "name": {"$ref": "#/$defs/identifier"},
   "type": {"$ref": "#/$defs/stringType"},
   "description": {"$ref": "#/$defs/description"},
   "default": {"$ref": "#/$defs/text"},
   "allowedValues": {"type": "array", "items": {"$ref": "#/$defs/text"}, "minItems": 1},
   "minLength": {"type": "integer", "minimum": 0},
   "maxLength": {"type": "integer", "minimum": 1},
   "userInterface": {
    "description": "Hints for whoever asks a person.",
    "type": "object",
    "properties": {
     "control": {
      "enum": ["LINE_EDIT", "MULTILINE_EDIT", "DROPDOWN_LIST", "CHECK_BOX", "HIDDEN"]
     },
     "label": {"$ref": "#/$defs/label"},
     "groupLabel": {"$ref": "#/$defs/label"}
    },
    "additionalProperties": false
   }
  },
  "required": ["name", "type"],
  "additionalProperties": false
 },
 "pathParameter": {
  "description": "A file or folder; mapped to where it lies on each host.",
  "type": "object",
  "properties": {
   "name": {"$ref": "#/$defs/identifier"},
   "type": {"$ref": "#/$defs/pathType"},
   "description": {"$ref": "#/$defs/description"},
   "default": {"$ref": "#/$defs/text"},
   "allowedValues": {"type": "array", "items": {"$ref": "#/$defs/text"}, "minItems": 1},
   "minLength": {"type": "integer", "minimum": 0},
   "maxLength": {"type": "integer", "minimum": 1},
   "objectType": {"enum": ["FILE", "DIRECTORY"]},
   "dataFlow": {"enum": ["NONE", "IN", "OUT", "INOUT"]},
   "userInterface": {
    "description": "Hints for whoever asks a person.",
    "type": "object",
    "properties": {
     "control": {
      "enum": [
       "CHOOSE_INPUT_FILE",
       "CHOOSE_OUTPUT_FILE",
       "CHOOSE_DIRECTORY",
       "DROPDOWN_LIST",
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
 "intParameter": {
  "description": "A whole number of 64 bits.",
  "type": "object",
  "properties": {
   "name": {"$ref": "#/$defs/identifier"},
   "type": {"$ref": "#/$defs/intType"},
   "description": {"$ref": "#/$defs/description"},
   "default": {"$ref": "#/$defs/int"},
   "allowedValues": {"type": "array", "items": {"$ref": "#/$defs/int"}, "minItems": 1},
   "minValue": {"$ref": "#/$defs/int"},
   "maxValue": {"$ref": "#/$defs/int"},
   "userInterface": {
    "description": "Hints for whoever asks a person.",
    "type": "object",
    "properties": {
     "control": {"enum": ["SPIN_BOX", "DROPDOWN_LIST", "HIDDEN"]},
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
 "floatParameter": {
  "description": "A finite number.",
  "type": "object",
  "properties": {
   "name": {"$ref": "#/$defs/identifier"},
   "type": {"$ref": "#/$defs/floatType"},
   "description": {"$ref": "#/$defs/description"},
   "default": {"$ref": "#/$defs/number"},
   "allowedValues": {"type": "array", "items": {"$ref": "#/$defs/number"}, "minItems": 1},
   "minValue": {"$ref": "#/$defs/number"},
   "maxValue": {"$ref": "#/$defs/number"},
   "userInterface": {
    "description": "Hints for whoever asks a person.",
    "type": "object",
    "properties": {
     "control": {"enum": ["SPIN_BOX", "DROPDOWN_LIST", "HIDDEN"]},
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
 "taskParameter": {
  "description": "A value that differs from task to task.",
  "oneOf": [
   {
    "description": "Whole numbers.",
    "type": "object",
    "properties": {
     "name": {"$ref": "#/$defs/identifier"},
     "type": {"$ref": "#/$defs/intType"},
     "range": {
      "oneOf": [
       {
        "type": "array",
        "items": {"oneOf": [{"type": "integer"}, {"type": "string", "minLength": 1}]},
        "minItems": 1,
        "maxItems": 1024
       },
       {
        "description": "A range expression such as 1-100:2, 200.",
        "type": "string",
        "minLength": 1
       }
      ]
     }
    },
    "required": ["name", "type", "range"],
    "additionalProperties": false
   },
   {
    "description": "Numbers.",
    "type": "object",
    "properties": {
     "name": {"$ref": "#/$defs/identifier"},
     "type": {"$ref": "#/$defs/floatType"},
     "range": {
      "oneOf": [
       {
        "type": "array",
        "items": {"oneOf": [{"type": "number"}, {"type": "string", "minLength": 1}]},
        "minItems": 1,
        "maxItems": 1024
       },
       {"$ref": "#/$defs/wholeList"}
      ]
     }
    },
    "required": ["name", "type", "range"],
    "additionalProperties": false
   },
   {
    "description": "Texts.",
    "type": "object",
    "properties": {
     "name": {"$ref": "#/$defs/identifier"},
     "type": {"$ref": "#/$defs/stringType"},
     "range": {
      "oneOf": [
       {
        "type": "array",
        "items": {"type": "string", "minLength": 1},
        "minItems": 1,
        "maxItems": 1024
       },
       {"$ref": "#/$defs/wholeList"}
      ]
     }
    },
    "required": ["name", "type", "range"],
    "additionalProperties": false
   },
   {
    "description": "Paths, mapped on each host.",
    "type": "object",
    "properties": {
     "name": {"$ref": "#/$defs/identifier"},
     "type": {"$ref": "#/$defs/pathType"},
     "range": {
      "oneOf": [
       {
        "type": "array",
        "items": {"type": "string", "minLength": 1},
        "minItems": 1,
        "maxItems": 1024
       },
       {"$ref": "#/$defs/wholeList"}
      ]
     }
    },
    "required": ["name", "type", "range"],
    "additionalProperties": false
   },
   {
    "description": "TASK_CHUNKING: whole numbers, several a task.",
    "type": "object",
    "properties": {
     "name": {"$ref": "#/$defs/identifier"},
     "type": {"$ref": "#/$defs/chunkType"},
     "range": {
      "oneOf": [
       {
        "type": "array",
        "items": {"oneOf": [{"type": "integer"}, {"type": "string", "minLength": 1}]},
        "minItems": 1,
        "maxItems": 1024
       },
       {
        "description": "A range expression such as 1-100:2, 200.",
        "type": "string",
        "minLength": 1
       }
      ]
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
     }
    },
    "required": ["name", "type", "range", "chunks"],
    "additionalProperties": false
   }
  ]
 })json";

std::string_view detail::schema_parameters() { return members; }

}
