#!/usr/bin/env python3
"""Writes src/openjd/expr/unicode_{traits,casing}.cpp and unicode_names.bin from Unicode's data.

The expression language has Python's idea of letters, digits, case and names, so Python is the
source; of other names than a character's first Perl's table tells (unicore/Name.pl).
"""

import os
import re
import struct
import subprocess
import sys
import unicodedata

FOLDER = "src/openjd/expr"
LAST = 0x10FFFF
MID_WORD = {0x27, 0x2E, 0x3A, 0xB7, 0x387, 0x55F, 0x5F4, 0x2018, 0x2019, 0x2024, 0x2027, 0xFE13,
            0xFE52, 0xFE55, 0xFF07, 0xFF0E, 0xFF1A}


def points():
    return (point for point in range(LAST + 1) if not 0xD800 <= point <= 0xDFFF)


def is_case_ignorable(point):
    return point in MID_WORD or unicodedata.category(chr(point)) in ("Mn", "Me", "Cf", "Lm", "Sk")


# ASCII is decided in code; a trait's table begins behind it. Alphanumeric holds what alphabetic
# does not, for that is what the two differ in.
TRAITS = {
    "alphabetic": lambda point: chr(point).isalpha(),
    "digit": lambda point: chr(point).isdigit(),
    "numeric": lambda point: chr(point).isalnum() and not chr(point).isalpha(),
    "blank": lambda point: chr(point).isspace(),
    "upper": lambda point: chr(point).isupper(),
    "lower": lambda point: chr(point).islower(),
    "title": lambda point: chr(point).istitle() and not chr(point).isupper(),
    "unprintable": lambda point: not chr(point).isprintable(),
    "case_ignorable": is_case_ignorable,
}


def spans(wanted):
    """Runs of points at one distance, 1 or 2: most letters of two cases take turns."""
    out = []
    for point in wanted:
        if out:
            first, last, step = out[-1]
            if first == last and point - last in (1, 2):
                out[-1] = (first, point, point - last)
                continue
            if first != last and point - last == step:
                out[-1] = (first, point, step)
                continue
        out.append((point, point, 1))
    return out


def shifts(case):
    """Runs of points that one distance leads to their other case."""
    out = []
    for point in points():
        other = getattr(chr(point), case)()
        if point < 0x80 or len(other) != 1 or ord(other) == point:
            continue
        shift = ord(other) - point
        if out and out[-1][3] == shift:
            first, last, step, _ = out[-1]
            if first == last and point - last in (1, 2):
                out[-1] = (first, point, point - last, shift)
                continue
            if first != last and point - last == step:
                out[-1] = (first, point, step, shift)
                continue
        out.append((point, point, 1, shift))
    return out


def expansions(case):
    return [(point, getattr(chr(point), case)()) for point in points()
            if len(getattr(chr(point), case)()) > 1]


def table(kind, name, rows):
    lines, line = [], ""
    for row in rows:
        text = "{" + ",".join(row) + "},"
        if len(line) + len(text) > 100:
            lines.append(line)
            line = ""
        line += text
    lines.append(line)
    body = "\n".join(lines)
    return f"constexpr std::array<{kind}, {len(rows)}> {name} {{ {{\n{body}\n}} }};\n"


def hexadecimal(number):
    return f"0x{number:x}"


def quoted(text):
    return 'U"' + "".join(f"\\u{ord(char):04x}" for char in text) + '"'


def source(rows, definitions):
    head = [
        f"// Made by tools/unicode_tables.py from Unicode {unicodedata.unidata_version}.",
        "#include <openjd/expr/unicode_tables.h>",
        "",
        "#include <array>",
        "",
        "namespace sidereal::openjd::expr::tables {",
        "",
        "namespace {",
        "",
        "// clang-format off",
    ]
    middle = ["// clang-format on", "", "}", ""]
    return "\n".join(head + rows + middle + definitions + ["", "}", ""])


def traits():
    rows, definitions = [], []
    for name, holds in TRAITS.items():
        found = [(hexadecimal(first), hexadecimal(last), str(step))
                 for first, last, step in spans(p for p in points() if p >= 0x80 and holds(p))]
        rows.append(table("Span", name + "_rows", found))
        definitions.append(f"std::span<Span const> const {name} {{ {name}_rows }};")
    zeros = [hexadecimal(point) for point in points()
             if point >= 0x80 and unicodedata.decimal(chr(point), -1) == 0]
    rows.append(table("char32_t", "decimal_rows", [(zero,) for zero in zeros])
                .replace("{0x", "0x").replace("},", ","))
    definitions.append("std::span<char32_t const> const decimal_zeros { decimal_rows };")
    return source(rows, definitions)


def casing():
    rows, definitions = [], []
    for case in ("upper", "lower", "title"):
        found = [(hexadecimal(first), hexadecimal(last), str(step), str(shift))
                 for first, last, step, shift in shifts(case)]
        rows.append(table("Shift", case + "_shift_rows", found))
        found = [(hexadecimal(point), quoted(other)) for point, other in expansions(case)]
        rows.append(table("Expansion", case + "_expansion_rows", found))
        definitions.append(
            f"Casing const {case}_casing {{ {case}_shift_rows, {case}_expansion_rows }};")
    return source(rows, definitions)


def aliases():
    """Names that Python takes for a character although it gives it another."""
    folders = subprocess.run(["perl", "-e", 'print join "\\n", @INC'], check=True, text=True,
                             stdout=subprocess.PIPE).stdout.splitlines()
    table = next(path for path in (os.path.join(folder, "unicore/Name.pl") for folder in folders)
                 if os.path.exists(path))
    with open(table, encoding="utf-8") as file:
        for point, name in re.findall(r"^([0-9A-F]{4,6})\n([^\n]+)$", file.read(), re.M):
            try:
                if unicodedata.lookup(name) == chr(int(point, 16)):
                    yield name, int(point, 16)
            except KeyError:
                pass


def key(name):
    """43 bits of the name's FNV-1a."""
    out = 0xCBF29CE484222325
    for byte in name.encode("ascii"):
        out = (out ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return out >> 21


def names():
    """Rows of 64 bits, rising: key, then 21 bits of the code point. Names that follow a rule, those
    of Hangul syllables and unified ideographs, are worked out in code."""
    found = dict(aliases())
    for point in points():
        name = unicodedata.name(chr(point), "")
        if name and not name.startswith(("HANGUL SYLLABLE ", "CJK UNIFIED IDEOGRAPH-")):
            found[name] = point
    rows = sorted(key(name) << 21 | point for name, point in found.items())
    if len({row >> 21 for row in rows}) != len(rows):
        sys.exit("two names have one key: take more bits")
    return struct.pack(f"<{len(rows)}Q", *rows)


def main():
    if sys.argv[1:]:
        sys.exit(__doc__)
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with open(os.path.join(root, FOLDER, "unicode_names.bin"), "wb") as target:
        target.write(names())
    for name, text in (("unicode_traits.cpp", traits()), ("unicode_casing.cpp", casing())):
        with open(os.path.join(root, FOLDER, name), "w", encoding="utf-8") as target:
            target.write(text)


if __name__ == "__main__":
    main()
