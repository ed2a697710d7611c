#include <openjd/template_schema.h>

namespace sidereal::openjd {

// What both kinds of template are made of. Shapes and sizes only: which names exist, what goes
// together and what an undeclared extension forbids is for the checker.
constexpr std::string_view members = R"json( "description": {
  "description": "For people; line breaks and tabs are allowed.",
  "type": "string",
  "minLength": 1,
  "maxLength": 2048,
  "pattern": "^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*$"
 },
 "name": {
  "description": "At most 64 characters, 512 with FEATURE_BUNDLE_1.",
  "type": "string",
  "minLength": 1,
  "maxLength": 512,
  "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]*$"
 },
 "identifier": {
  "description": "Letters, digits and _, no digit first; at most 64, 512 with FEATURE_BUNDLE_1.",
  "type": "string",
  "maxLength": 512,
  "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"
 },
 "format": {"description": "Text with references such as {{Param.Frame}}.", "type": "string"},
 "numberText": {
  "description": "FEATURE_BUNDLE_1: a number in quotes, perhaps with references.",
  "type": "string",
  "minLength": 1
 },
 "seconds": {"oneOf": [{"type": "integer", "minimum": 1}, {"$ref": "#/$defs/numberText"}]},
 "extensions": {
  "description": "What the template uses beyond the base specification.",
  "type": "array",
  "items": {
   "enum": ["EXPR", "FEATURE_BUNDLE_1", "REDACTED_ENV_VARS", "TASK_CHUNKING", "WRAP_ACTIONS"]
  },
  "minItems": 1,
  "uniqueItems": true
 },
 "let": {
  "description": "EXPR: names for expressions.",
  "type": "array",
  "items": {"type": "string", "pattern": "^[ \\t]*[a-z_][A-Za-z0-9_]*[ \\t]*="},
  "minItems": 1,
  "maxItems": 50
 },
 "cancelation": {
  "description": "How an action is stopped; killed outright if nothing is said.",
  "oneOf": [
   {
    "type": "object",
    "properties": {"mode": {"const": "TERMINATE"}},
    "required": ["mode"],
    "additionalProperties": false
   },
   {
    "type": "object",
    "properties": {
     "mode": {"const": "NOTIFY_THEN_TERMINATE"},
     "notifyPeriodInSeconds": {
      "description": "From the notice to the kill; 120 for onRun, 30 otherwise.",
      "oneOf": [
       {"type": "integer", "minimum": 1, "maximum": 600},
       {"$ref": "#/$defs/numberText"}
      ]
     }
    },
    "required": ["mode"],
    "additionalProperties": false
   },
   {
    "type": "object",
    "properties": {
     "mode": {"type": "string", "pattern": "\\{\\{"},
     "notifyPeriodInSeconds": {"$ref": "#/$defs/seconds"}
    },
    "required": ["mode"],
    "additionalProperties": false
   }
  ]
 },
 "args": {"type": "array", "items": {"$ref": "#/$defs/format"}, "minItems": 0},
 "action": {
  "description": "A program to run.",
  "type": "object",
  "properties": {
   "command": {"description": "The program.", "type": "string", "minLength": 1},
   "args": {"$ref": "#/$defs/args"},
   "timeout": {"$ref": "#/$defs/seconds"},
   "cancelation": {"$ref": "#/$defs/cancelation"}
  },
  "required": ["command"],
  "additionalProperties": false
 },
 "simpleAction": {
  "description": "FEATURE_BUNDLE_1: a script and what it is given.",
  "type": "object",
  "properties": {
   "let": {"$ref": "#/$defs/let"},
   "script": {"description": "The text of the script.", "type": "string", "minLength": 1},
   "args": {"$ref": "#/$defs/args"},
   "timeout": {"$ref": "#/$defs/seconds"},
   "cancelation": {"$ref": "#/$defs/cancelation"}
  },
  "required": ["script"],
  "additionalProperties": false
 },
 "embeddedFile": {
  "description": "A file that is written before each action of its script.",
  "type": "object",
  "properties": {
   "name": {"$ref": "#/$defs/identifier"},
   "type": {"const": "TEXT"},
   "filename": {
    "description": "Without a folder; at most 64 characters, 256 with FEATURE_BUNDLE_1.",
    "type": "string",
    "minLength": 1,
    "maxLength": 256,
    "pattern": "^(?!\\.{1,2}$)[^/\\\\]*$"
   },
   "data": {"type": "string", "minLength": 1},
   "runnable": {"type": "boolean"},
   "endOfLine": {"description": "FEATURE_BUNDLE_1.", "enum": ["AUTO", "LF", "CRLF"]}
  },
  "required": ["name", "type", "data"],
  "additionalProperties": false
 },
 "embeddedFiles": {"type": "array", "items": {"$ref": "#/$defs/embeddedFile"}, "minItems": 1},
 "environment": {
  "description": "What tasks need around them: entered before, left after.",
  "type": "object",
  "properties": {
   "name": {"$ref": "#/$defs/name"},
   "description": {"$ref": "#/$defs/description"},
   "script": {
    "type": "object",
    "properties": {
     "let": {"$ref": "#/$defs/let"},
     "actions": {
      "description": "At least one; the wrap hooks (WRAP_ACTIONS) all or none.",
      "type": "object",
      "properties": {
       "onEnter": {"$ref": "#/$defs/action"},
       "onWrapEnvEnter": {"$ref": "#/$defs/action"},
       "onWrapTaskRun": {"$ref": "#/$defs/action"},
       "onWrapEnvExit": {"$ref": "#/$defs/action"},
       "onExit": {"$ref": "#/$defs/action"}
      },
      "additionalProperties": false,
      "minProperties": 1,
      "dependentRequired": {
       "onWrapEnvEnter": ["onWrapTaskRun", "onWrapEnvExit"],
       "onWrapTaskRun": ["onWrapEnvEnter", "onWrapEnvExit"],
       "onWrapEnvExit": ["onWrapEnvEnter", "onWrapTaskRun"]
      }
     },
     "embeddedFiles": {"$ref": "#/$defs/embeddedFiles"}
    },
    "required": ["actions"],
    "additionalProperties": false
   },
   "variables": {
    "description": "Environment variables of all actions while it is entered.",
    "type": "object",
    "minProperties": 1,
    "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "maxLength": 256},
    "additionalProperties": {"type": "string", "maxLength": 2048}
   }
  },
  "required": ["name"],
  "additionalProperties": false,
  "anyOf": [{"required": ["script"]}, {"required": ["variables"]}]
 },
 "attributeValues": {
  "description": "Of anyOf one must be among the host's values, of allOf each.",
  "type": "array",
  "items": {"type": "string", "minLength": 1},
  "minItems": 1,
  "maxItems": 50
 },
 "hostRequirements": {
  "description": "What a host must have.",
  "type": "object",
  "properties": {
   "amounts": {
    "type": "array",
    "items": {
     "type": "object",
     "properties": {
      "name": {
       "description": "amount.worker.vcpu, amount.worker.memory (MiB), amount.licence.x, ...",
       "type": "string",
       "minLength": 1
      },
      "min": {"oneOf": [{"type": "number", "minimum": 0}, {"$ref": "#/$defs/numberText"}]},
      "max": {
       "oneOf": [{"type": "number", "exclusiveMinimum": 0}, {"$ref": "#/$defs/numberText"}]
      }
     },
     "required": ["name"],
     "additionalProperties": false,
     "anyOf": [{"required": ["min"]}, {"required": ["max"]}]
    },
    "minItems": 1,
    "maxItems": 50
   },
   "attributes": {
    "type": "array",
    "items": {
     "type": "object",
     "properties": {
      "name": {
       "description": "attr.worker.os.family, attr.worker.cpu.arch, attr.x, ...",
       "type": "string",
       "minLength": 1
      },
      "anyOf": {"$ref": "#/$defs/attributeValues"},
      "allOf": {"$ref": "#/$defs/attributeValues"}
     },
     "required": ["name"],
     "additionalProperties": false,
     "anyOf": [{"required": ["anyOf"]}, {"required": ["allOf"]}]
    },
    "minItems": 1,
    "maxItems": 50
   }
  },
  "additionalProperties": false,
  "minProperties": 1
 },
 "step": {
  "description": "Tasks that do the same with different values.",
  "type": "object",
  "properties": {
   "name": {"$ref": "#/$defs/name"},
   "description": {"$ref": "#/$defs/description"},
   "let": {"$ref": "#/$defs/let"},
   "dependencies": {
    "type": "array",
    "items": {
     "type": "object",
     "properties": {
      "dependsOn": {"description": "The name of a step.", "type": "string", "minLength": 1}
     },
     "required": ["dependsOn"],
     "additionalProperties": false
    },
    "minItems": 1
   },
   "stepEnvironments": {
    "type": "array",
    "items": {"$ref": "#/$defs/environment"},
    "minItems": 1
   },
   "hostRequirements": {"$ref": "#/$defs/hostRequirements"},
   "parameterSpace": {
    "description": "The tasks; without it the step is one task.",
    "type": "object",
    "properties": {
     "taskParameterDefinitions": {
      "type": "array",
      "items": {"$ref": "#/$defs/taskParameter"},
      "minItems": 1,
      "maxItems": 16
     },
     "combination": {
      "description": "How the parameters are combined, such as (A, B) * C.",
      "type": "string",
      "minLength": 1,
      "maxLength": 1280
     }
    },
    "required": ["taskParameterDefinitions"],
    "additionalProperties": false
   },
   "script": {
    "type": "object",
    "properties": {
     "let": {"$ref": "#/$defs/let"},
     "actions": {
      "type": "object",
      "properties": {"onRun": {"$ref": "#/$defs/action"}},
      "required": ["onRun"],
      "additionalProperties": false
     },
     "embeddedFiles": {"$ref": "#/$defs/embeddedFiles"}
    },
    "required": ["actions"],
    "additionalProperties": false
   },
   "bash": {"$ref": "#/$defs/simpleAction"},
   "python": {"$ref": "#/$defs/simpleAction"},
   "cmd": {"$ref": "#/$defs/simpleAction"},
   "powershell": {"$ref": "#/$defs/simpleAction"},
   "node": {"$ref": "#/$defs/simpleAction"}
  },
  "required": ["name"],
  "additionalProperties": false,
  "oneOf": [
   {"required": ["script"]},
   {"required": ["bash"]},
   {"required": ["python"]},
   {"required": ["cmd"]},
   {"required": ["powershell"]},
   {"required": ["node"]}
  ]
 })json";

std::string_view detail::schema_parts() { return members; }

}
