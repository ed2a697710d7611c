#!/usr/bin/env python3
"""Compares our expressions with those of the reference, the Python package openjd-model.

    tests/expr/differential_test.py [--program build/dev/expr-lines] [--count 5000] [--seed 1]

Run it with a Python that has the package: python3 -m venv V; V/bin/pip install openjd-model.
Without the package it says so and ends with 77, which ctest and others take for "skipped".
Differences that are meant are listed in docs/openjd.md; ALLOWED names them here.
"""

import argparse
import json
import random
import re
import subprocess
import sys

try:
    from openjd import expr as reference
except ImportError:
    reference = None

# name: type, value for the reference, text for us (None: not known yet)
NAMES = {
    "Param.I": ("int", 5, "5"),
    "Param.N": ("int", -17, "-17"),
    "Param.Big": ("int", 2**62, str(2**62)),
    "Param.F": ("float", "3.500", "3.500"),
    "Param.G": ("float", "-0.25", "-0.25"),
    "Param.S": ("string", "Hello World", "Hello World"),
    "Param.T": ("string", "shot_010.v2", "shot_010.v2"),
    "Param.Uni": ("string", "grün ßǆ Σς", "grün ßǆ Σς"),
    "Param.E": ("string", "", ""),
    "Param.P": ("path", "/a/b/c_0001.tar.gz", "/a/b/c_0001.tar.gz"),
    "Param.Q": ("path", "rel/x.exr", "rel/x.exr"),
    "Param.W": ("path", "s3://bucket/a//b.png", "s3://bucket/a//b.png"),
    "Param.R": ("range_expr", "1-9:2,20", "1-9:2,20"),
    "Param.B": ("bool", True, "true"),
    "Param.C": ("bool", False, "false"),
    "Param.L": ("list[int]", [3, 1, 2, 3], "[3, 1, 2, 3]"),
    "Param.LF": ("list[float]", [1.5, -2.0], "[1.5, -2.0]"),
    "Param.LS": ("list[string]", ["b", "a b", ""], "['b', 'a b', '']"),
    "Param.LB": ("list[bool]", [True, False], "[true, false]"),
    "Param.LL": ("list[list[int]]", [[1, 2], [3]], "[[1, 2], [3]]"),
    "Task.I": ("int", None, None),
    "Task.F": ("float", None, None),
    "Task.S": ("string", None, None),
    "Task.P": ("path", None, None),
    "Task.B": ("bool", None, None),
    "Task.L": ("list[int]", None, None),
    "Task.LS": ("list[string]", None, None),
}

# What an expression that differs on purpose looks like; the document has the reasons.
ALLOWED = [
    ("round with digits", r"\bround\([^()]*,|\bround\(.*,"),
    ("shell quoting", r"repr_sh"),
    ("known and unknown operands of and, or", r"Task\..*\b(and|or)\b|\b(and|or)\b.*Task\."),
    ("ranges taken for lists or text", r"range_expr|Param\.R"),
    ("narrower or wider unknown types", r"^ours: unresolved"),
    ("early type errors", r"^ours: fault: .* cannot be used with "),
    ("lists of two types", r"^ours: fault: the elements of a list have one type, not list"),
    ("paths are normal", r"^ours: (?!fault).*(path\(\[\]\)|path|Param\.[PQW])"),
    ("empty lists", r"\[\]|range\(|\* -?\d|\[[^\]]*:"),
    ("smallest int", r"-9223372036854775808"),
]

STRINGS = ["'a'", "'_'", "' '", "'x.y'", "'b'", "'Hello'", "'10'", "'1.5'", "'yes'", "'#'",
           "'é'", "'/'", "''", "'o W'", "\"it's\"", "'a\\nb'", "'%04d'", "'c_###.exr'"]
INTS = ["0", "1", "2", "-1", "3", "7", "-3", "10", "100", "0x1F", "1_000", "9223372036854775807",
        "-9223372036854775808", "4611686018427387904"]
FLOATS = ["0.5", "1.0", "-2.5", "1e3", "2.50", "1e300", "1e-7", "0.1", "3.", ".25", "1e16"]
PATTERNS = ["r'\\d+'", "r'[a-z]+'", "'o'", "r'(\\w)(\\d)'", "r'^H'", "r'x*'", "r'(?i)h'", "r'\\s'",
            "r'(a|b)?'", "r'$'", "r'[^a-c]{1,2}?'"]


class Generator:
    """Expressions that mostly fit their types; now and then one that does not."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.loops = 0

    def pick(self, options):
        return self.random.choice(options)

    def name(self, kind):
        fitting = [name for name, row in NAMES.items() if row[0] == kind]
        return self.pick(fitting) if fitting else "null"

    def make(self, kind, depth):
        if self.random.random() < 0.03:
            kind = self.pick(list(TEMPLATES))
        if depth <= 0 or self.random.random() < 0.15:
            return self.leaf(kind)
        if self.random.random() < 0.08:
            return (f"({self.make(kind, depth - 1)} if {self.make('bool', depth - 1)} else "
                    f"{self.make(kind, depth - 1)})")
        return re.sub(r"<([^<>]+)>", lambda found: self.part(found[1], depth - 1),
                      self.pick(TEMPLATES[kind]))

    def part(self, wanted, depth):
        if wanted == "pattern":
            return self.pick(PATTERNS)
        if wanted == "small":
            return str(self.random.randint(-4, 6))
        if wanted == "lt":
            return self.pick(["<", "<=", ">", ">=", "==", "!="])
        if wanted == "int-loop":
            self.loops += 1
            name = f"v{self.loops}"
            body = self.make("int", depth - 1)
            return f"[{name} + {body} for {name} in {self.make('list[int]', depth - 1)}]"
        return self.make(wanted, depth)

    def leaf(self, kind):
        literals = {"int": INTS, "float": FLOATS, "string": STRINGS, "bool": ["true", "False"],
                    "list[int]": ["[]", "[1, 2]", "[5]"], "list[string]": ["[]", "['q', 'a']"],
                    "list[float]": ["[1.0, 2]"], "path": ["path('/x/y.z')", "path('u')"]}
        if kind in literals and self.random.random() < 0.5:
            return self.pick(literals[kind])
        return self.name(kind)


TEMPLATES = {
    "int": ["(<int> + <int>)", "(<int> - <int>)", "(<int> * <int>)", "(<int> // <int>)",
            "(<int> % <int>)", "(<int> ** <small>)", "-<int>", "+<int>", "len(<string>)",
            "len(<list[int]>)", "abs(<int>)", "min(<int>, <int>)", "max(<int>, <int>, <int>)",
            "min(<list[int]>)", "max(<list[int]>)", "sum(<list[int]>)", "floor(<float>)",
            "ceil(<float>)", "round(<float>)", "<list[int]>[<small>]", "int(<string>)",
            "int(<float>)", "<string>.count(<string>)", "<string>.find(<string>)",
            "<string>.rfind(<string>)", "<string>.index(<string>)", "(<float> // <float>)",
            "len(<path>)", "<list[list[int]]>[<small>][<small>]"],
    "float": ["(<float> + <float>)", "(<float> - <int>)", "(<int> * <float>)", "(<int> / <int>)",
              "(<float> / <float>)", "(<float> % <float>)", "(<float> ** <small>)", "-<float>",
              "float(<int>)", "float(<string>)", "abs(<float>)", "min(<float>, <int>)",
              "sum(<list[float]>)", "max(<list[float]>)", "<list[float]>[<small>]"],
    "string": ["(<string> + <string>)", "(<string> * <small>)", "<string>.upper()",
               "<string>.lower()", "<string>.title()", "capitalize(<string>)", "<string>.strip()",
               "<string>.lstrip(<string>)", "rstrip(<string>, <string>)",
               "<string>.replace(<string>, <string>)", "join(<list[string]>, <string>)",
               "<string>[<small>]", "<string>[<small>:<small>]", "<string>[::<small>]",
               "string(<int>)", "string(<float>)", "string(<bool>)", "string(<list[int]>)",
               "string(<list[string]>)", "string(<list[float]>)", "<string>.ljust(<small>)",
               "<string>.center(<small>)", "rjust(<string>, <small>)", "zfill(<int>, <small>)",
               "zfill(<float>, <small>)", "<string>.zfill(<small>)", "<path>.name", "<path>.stem",
               "<path>.suffix", "<path>.as_posix()", "repr_py(<string>)", "repr_json(<string>)",
               "repr_pwsh(<string>)", "repr_py(<list[string]>)", "repr_json(<list[int]>)",
               "repr_pwsh(<list[list[int]]>)", "re_sub(<string>, <pattern>, <string>)",
               "re_escape(<string>)", "<string>.removeprefix(<string>)",
               "<string>.removesuffix(<string>)", "<list[string]>[<small>]", "repr_sh(<string>)",
               "repr_cmd(<string>)", "<string>.with_number(<int>)", "repr_py(<float>)"],
    "bool": ["(<int> <lt> <int>)", "(<float> <lt> <int>)", "(<string> <lt> <string>)",
             "(<int> <lt> <int> <lt> <float>)", "(not <bool>)", "(<bool> and <bool>)",
             "(<bool> or <bool>)", "(<int> in <list[int]>)", "(<string> in <list[string]>)",
             "(<string> not in <string>)", "<string>.startswith(<string>)",
             "endswith(<string>, <string>)", "<string>.isdigit()", "isalpha(<string>)",
             "isalnum(<string>)", "isspace(<string>)", "isupper(<string>)", "islower(<string>)",
             "isascii(<string>)", "bool(<int>)", "bool(<float>)", "bool(<string>)",
             "any(<list[bool]>)", "all(<list[bool]>)", "(<list[int]> == <list[float]>)",
             "(<list[int]> <lt> <list[int]>)", "<path>.is_absolute()",
             "<path>.is_relative_to(<path>)", "(<path> == <string>)", "(<string> == <int>)",
             "(re_search(<string>, <pattern>) != null)"],
    "path": ["(<path> / <string>)", "(<path> / <path>)", "<path>.parent", "path(<string>)",
             "path(<list[string]>)", "<path>.with_name(<string>)", "<path>.with_stem(<string>)",
             "<path>.with_suffix('.x')", "<path>.with_number(<int>)", "(<path> + <string>)",
             "<path>.relative_to(<path>)"],
    "list[int]": ["(<list[int]> + <list[int]>)", "(<list[int]> * <small>)", "range(<small>)",
                  "range(<small>, <small>)", "range(<small>, <small>, <small>)",
                  "sorted(<list[int]>)", "reversed(<list[int]>)", "unique(<list[int]>)",
                  "<list[int]>[<small>:<small>]", "<list[int]>[::<small>]", "[<int>, <int>]",
                  "flatten(<list[list[int]]>)", "<int-loop>", "list(Param.R)"],
    "list[float]": ["[<float>, <int>]", "sorted(<list[float]>)", "(<list[int]> + <list[float]>)",
                    "unique(<list[float]>)"],
    "list[string]": ["<string>.split(<string>)", "<string>.split()", "<path>.parts",
                     "<string>.rsplit(<string>, <small>)", "split(<string>, <string>, <small>)",
                     "<path>.suffixes", "[<string>, <string>]", "[<path>, <string>]",
                     "sorted(<list[string]>)", "unique(<list[string]>)",
                     "re_findall(<string>, <pattern>)", "re_split(<string>, <pattern>)",
                     "re_split(<string>, <pattern>, <small>)", "re_search(<string>, <pattern>)",
                     "re_match(<string>, <pattern>)"],
    "list[bool]": ["[<bool>, <bool>]"],
    "list[list[int]]": ["[<list[int]>, <list[int]>]", "reversed(<list[list[int]]>)"],
}


def our_answers(program, expressions):
    lines = []
    for name, (kind, _, text) in NAMES.items():
        line = {"name": name, "type": kind}
        if text is not None:
            line["text"] = text
        lines.append(json.dumps(line))
    lines += [json.dumps({"expression": expression}) for expression in expressions]
    done = subprocess.run([program], input="\n".join(lines) + "\n", capture_output=True, text=True,
                          check=False)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    if len(answers) != len(lines):
        sys.exit(f"{program} ended with {done.returncode} at: {lines[len(answers)]}")
    return answers[len(NAMES):]


class Reference:
    def __init__(self):
        self.names = reference.SymbolTable()
        posix = reference.PathFormat.POSIX
        for name, (kind, value, _) in NAMES.items():
            if value is None:
                self.names[name] = reference.ExprValue.unresolved(kind)
            elif kind == "path":
                self.names[name] = reference.ExprValue(value, "path", posix)
            elif kind == "float":
                self.names[name] = reference.ExprValue.from_float(float(value), value)
            elif kind == "list[float]":
                self.names[name] = reference.ExprValue([float(one) for one in value])
            else:
                self.names[name] = reference.ExprValue(value, kind)

    def answer(self, expression):
        try:
            value = reference.evaluate_expression(expression, values=self.names,
                                                  path_format=reference.PathFormat.POSIX)
        except ValueError as fault:
            return {"fault": str(fault)}
        except BaseException as panic:  # pylint: disable=broad-except
            if isinstance(panic, (KeyboardInterrupt, SystemExit)):
                raise
            # The reference broke down, which says nothing about us.
            return None
        kind = repr(value.type)[len('ExprType("'):-len('")')]
        return {"type": kind} if kind.startswith("unresolved") else {"type": kind,
                                                                     "text": str(value)}


def is_same(ours, theirs):
    if "fault" in ours or "fault" in theirs:
        return "fault" in ours and "fault" in theirs
    if ours["type"].startswith("unresolved"):
        return ours["type"] == theirs["type"]
    return ours["text"] == theirs.get("text") and ours["type"] == theirs["type"]


def shown(answer):
    if "fault" in answer:
        return "fault: " + answer["fault"].split("\n")[0]
    return f"{answer['type']} {answer.get('text', '')!r}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", default="build/dev/expr-lines")
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if reference is None:
        print("SKIPPED: the reference is missing. NOTHING WAS COMPARED.\n"
              "Install openjd-model (0.13 or later) into a virtual environment and run this "
              "with its Python.", file=sys.stderr)
        return 77
    generator = Generator(arguments.seed)
    kinds = list(TEMPLATES)
    expressions = [generator.make(kinds[i % len(kinds)], 1 + i % 4)
                   for i in range(arguments.count)]
    oracle = Reference()
    allowed = {reason: 0 for reason, _ in ALLOWED}
    differing = faults = 0
    for expression, ours in zip(expressions, our_answers(arguments.program, expressions)):
        theirs = oracle.answer(expression)
        if theirs is None:
            continue
        faults += "fault" in theirs
        if is_same(ours, theirs):
            continue
        case = f"ours: {shown(ours)} of {expression}"
        reason = next((reason for reason, pattern in ALLOWED if re.search(pattern, case)), None)
        if reason:
            allowed[reason] += 1
            continue
        differing += 1
        print(f"{expression}\n    ours       {shown(ours)}\n    reference  {shown(theirs)}")
    print(f"{len(expressions)} expressions, {faults} of them faulty; {differing} differ")
    print("meant to differ: " + ", ".join(f"{reason} {count}" for reason, count in allowed.items()))
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
