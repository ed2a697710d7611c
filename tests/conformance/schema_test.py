#!/usr/bin/env python3
"""Holds `sidereal openjd schema` to the template cases: it takes what is accepted, and refuses what
is wrong in shape or size.

    schema_test.py [COUNTS_FILE]
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import yaml

HERE = Path(__file__).resolve().parent
SIDEREAL = os.environ.get("SIDEREAL_BIN", str(HERE.parent.parent / "build/dev/sidereal"))
# What a shape can say; the other faults are about names, values and what goes together.
SHAPE = re.compile(
    r"--(?!.*(reference|duplicate|twice|circle|itself|allowed|needs-an-extension))"
    r".*(unknown-field|missing-|-missing|-empty|empty-list|is-a-list|is-text|is-an-object|-list\b"
    r"|51[0-9]-|1025|2049|257-|65-characters|17-parameters|number-|-number\.|lower-case|-null\.)")
# Like those by name, but the fault is one of meaning, in an expression, or of a size that an
# extension widens.
BEYOND = re.compile(
    r"--(.*65-characters|item-of-1025|51-parameters|extension-missing|vendor-empty|step-missing"
    r"|(?<=3\.4\.3--)name-missing|.*list-too-|let-empty-value"
    r"|.*nested-list-int-(inner|length|without)"
    r"|type-lower-case|unknown-field-in-)|^expr\d")


def main():
    schemas = {}
    for version in ("jobtemplate-2023-09", "environment-2023-09"):
        text = subprocess.run([SIDEREAL, "openjd", "schema", "--version", version], check=True,
                              stdout=subprocess.PIPE).stdout
        schema = json.loads(text)
        jsonschema.Draft202012Validator.check_schema(schema)
        kind = "job_templates" if version.startswith("job") else "env_templates"
        schemas[kind] = jsonschema.Draft202012Validator(schema)
    good = bad = refused = 0
    for path in sorted(HERE.glob("2023-09/*/*_templates/*")):
        invalid = ".invalid." in path.name
        try:
            document = yaml.safe_load(path.read_text(encoding="utf-8"))
        except yaml.YAMLError:
            continue
        fits = schemas[path.parent.name].is_valid(document)
        refused += invalid and not fits
        if invalid and not (SHAPE.search(path.name) and not BEYOND.search(path.name)):
            continue
        if fits != invalid:
            good += 1
            continue
        bad += 1
        print(f"FAILED {path.relative_to(HERE)}: the schema {'takes' if fits else 'refuses'} it")
        for fault in list(schemas[path.parent.name].iter_errors(document))[:2]:
            print(f"    {fault.json_path}: {fault.message[:300]}")
    print(f"{good} passed, {bad} failed; of the refused templates the schema refuses {refused}")
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(f"{good} {bad} {good} templates\n", encoding="utf-8")
    sys.exit(1 if bad or not good else 0)


if __name__ == "__main__":
    main()
