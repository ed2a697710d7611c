#pragma once

#include <base/json.h>
#include <base/result.h>
#include <openjd/document.h>
#include <openjd/parameter.h>

#include <string_view>

// A parameter's value out of what a person or a file says of it.
namespace sidereal::openjd {

// Of a template or a list: numbers may be in quotes, text may not be a number.
Result<expr::Value> value_of(Node const& node, ParameterType type);
// Of a command line or a stored job: the text itself, for lists JSON.
Result<expr::Value> value_of(std::string_view text, ParameterType type);

// Any value of a document as the text that a parameter takes: lists as JSON. Fails for what no
// parameter can be.
Result<std::string> parameter_text(Node const& node);
Result<std::string> parameter_text(Json const& value);

}
