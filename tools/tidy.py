#!/usr/bin/env python3
"""The house rules that a compiler does not check: layers, sizes, banned calls, names, documents.

    tools/tidy.py               checks this tree; a line `file:line: message [rule]` for each fault
    tools/tidy.py --root DIR    checks another tree
    tools/tidy.py --self-test   plants one fault for every rule and expects each to be found

Ends with 0 if all is well, 1 if there are faults, 2 if it was called wrongly.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field

# A layer and what it may include besides itself. CMakeLists.txt must say the same.
LAYERS = {
    "base": "",
    "openjd": "base",
    "wire": "base",
    "plan": "base",
    "farm": "base openjd wire",
    "sched": "base openjd wire farm",
    "brain": "base openjd wire farm sched",
    "agent": "base openjd wire",
    "io": "base",
    "store": "base openjd wire farm",
    "api": "base openjd wire farm sched brain io store",
    "cli": "base openjd plan io",
    "app": "base openjd wire plan farm sched brain agent io store api cli",
    "sim": "base openjd wire farm sched brain agent",
}
# No clock, file, thread, chance or hidden order: the same input gives the same output everywhere.
PURE = {"base", "openjd", "wire", "plan", "farm", "sched", "brain", "agent", "sim"}
# The program around the World: it shares seeds out over threads and times them.
SHELL_FILES = {"sim/main.cpp"}
# The one layer that may include a library; everybody else uses its words.
WRAPPED = {
    "boost/asio": "io",
    "boost/beast": "io",
    "openssl/": "io",
    "spdlog/": "io",
    "boost/json": "base openjd",
    "yaml.h": "openjd",
    "re2/": "openjd farm agent",
    "sqlite3.h": "store",
    "CLI/": "cli",
    "toml++/": "app cli",
}
MAX_LINES = {"header": 150, "source": 600, "test": 800}
MAX_FUNCTION_LINES = 70
MAX_COLUMNS = 100
MAX_NESTING = 3
MAX_FILE_BYTES = 1 << 20
MAX_README_LINES = 40

# (rule, file): why. One that no longer excuses anything is a fault itself: the table only shrinks.
EXCEPTIONS = {
    ("catch", "src/app/settings.cpp"): "wraps toml++, which reports parse errors by throwing",
    ("catch", "src/cli/cli.cpp"): "wraps CLI11, which reports wrong arguments by throwing",
    ("catch", "src/io/log.cpp"): "wraps spdlog, whose sinks throw when a file cannot be opened",
}

BANNED = {
    "clock": r"(system|steady|high_resolution|utc|file)_clock\b"
             r"|\b(gettimeofday|clock_gettime|localtime|gmtime|strftime|mktime)\b"
             r"|(?<![\w.>])(std::|::)time\s*\(",
    "random": r"\b(rand|srand|random_device|mt19937(_64)?|default_random_engine|getrandom"
              r"|getentropy|\w+_distribution)\b",
    "sleep": r"\b(sleep|usleep|nanosleep|sleep_for|sleep_until|this_thread)\b",
    "environment": r"\b(getenv|setenv|putenv|environ)\b",
    "file": r"\b([io]?fstream|fopen|freopen|opendir|mkstemp|basic_fstream)\b"
            r"|(?<![\w.>:])::(open|openat|read|write|close|unlink|rename|mkdir|stat)\s*\("
            r"|\bfilesystem::(?!path\b)\w+",
    "thread": r"\bstd::(j?thread|async|(shared_|recursive_|timed_)*mutex|condition_variable\w*"
              r"|lock_guard|unique_lock|scoped_lock|atomic\w*|promise|future)\b",
    "order": r"\bunordered_(multi)?(map|set)\b",
    "sharing": r"\b(shared|weak)_ptr<(?![^<>]*(<[^<>]*>)?[^<>]* const>)"
               r"|\bmake_shared<(?![^<>]*(<[^<>]*>)?[^<>]* const>)",
}
BANNED_WHY = {
    "clock": "reads a clock: take `Now` as an argument",
    "random": "draws chance outside base/prng.h: take a Prng",
    "sleep": "waits: return when to be called again",
    "environment": "reads the environment: take the value as an argument",
    "file": "touches the disk: return it as an effect",
    "thread": "uses threads: pure code has one",
    "order": "unordered containers have no fixed order: use std::map, std::set or a sorted vector",
    "sharing": "shared ownership only for immutable values: shared_ptr<T const>",
}
CONTROL = re.compile(r"^(\} else|if|else|for|while|do|switch)\b")
BAD_NAME = re.compile(r"^(utils?|commons?|helpers?|misc|stuff)$")
TO_DO = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")) + r")\b")
TEXT = {".h", ".cpp", ".py", ".sh", ".cmake", ".txt", ".md", ".yaml", ".yml", ".json", ".toml",
        ".pov", ".sql", ".html", ".css", ".js", ".ts", ".svelte"}
NO_LIMIT_ON_COLUMNS = {".md", ".json", ".svelte", ".html", ".css"}
# Documents that test sizes, long names among them.
CASES = "tests/conformance/2023-09/"
SKIPPED = {".git", "build", "out", "demo-out", "output", "node_modules", "__pycache__"}
LITERALS = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'", re.DOTALL)


@dataclass
class File:
    path: str
    text: str
    lines: list = field(default_factory=list)

    def __post_init__(self):
        self.lines = self.text.split("\n")
        if self.lines[-1] == "":
            self.lines.pop()

    @property
    def is_cpp(self):
        return self.path.endswith((".h", ".cpp")) and self.path.startswith(("src/", "sim/"))

    @property
    def is_test(self):
        return self.path.endswith("_test.cpp") or "/test_" in self.path

    @property
    def layer(self):
        parts = self.path.split("/")
        return "sim" if parts[0] == "sim" else parts[1] if len(parts) > 2 else ""


def blank_literals(text):
    """Comments, strings and characters become blanks; lines and columns stay."""
    def blanks(match):
        found = match[0]
        if found[0] == '"' or found[0] == "R":
            return '"' + re.sub(r"[^\n]", " ", found[1:-1]) + '"'
        return re.sub(r"[^\n]", " ", found)
    return LITERALS.sub(blanks, text)


class Tidy:
    def __init__(self, root, exceptions):
        self.root = root
        self.exceptions = exceptions
        self.used = set()
        self.faults = []
        self.paths = list_files(root)
        self.known = set(self.paths)
        self.files = [File(path, read(root, path)) for path in self.paths if is_text(root, path)]

    def fault(self, rule, path, line, message):
        if (rule, path) in self.exceptions:
            self.used.add((rule, path))
            return
        self.faults.append((path, line, rule, message))

    def run(self):
        for path in self.paths:
            self.check_path(path)
        for file in self.files:
            self.check_text(file)
            if file.is_cpp:
                code = blank_literals(file.text).split("\n")
                self.check_includes(file)
                self.check_size(file)
                self.check_functions(file, code)
                self.check_code(file, code)
            if file.path.endswith(".md"):
                self.check_links(file)
        self.check_cmake()
        self.check_documents()
        self.check_exceptions()
        return sorted(set(self.faults))

    # --- every file ---------------------------------------------------------------------------

    def check_path(self, path):
        full = os.path.join(self.root, path)
        size = os.path.getsize(full) if os.path.isfile(full) else 0
        if size > MAX_FILE_BYTES:
            self.fault("big-file", path, 1, f"{size} bytes; at most {MAX_FILE_BYTES}")
        for part in path.split("/"):
            if BAD_NAME.match(part.split(".")[0]):
                self.fault("name", path, 1, f"'{part}' says nothing: name it after what it holds")

    def check_text(self, file):
        for number, line in enumerate(file.lines, 1):
            if "\t" in line:
                self.fault("tab", file.path, number, "tab: use blanks")
            if line != line.rstrip():
                self.fault("trailing-blank", file.path, number, "blank at the end of the line")
            if len(line) > MAX_COLUMNS and self.columns_count(file):
                self.fault("columns", file.path, number,
                           f"{len(line)} columns; at most {MAX_COLUMNS}")
            if TO_DO.search(line):
                self.fault("to-do", file.path, number, "open ends belong into an issue")
        if file.text and not file.text.endswith("\n"):
            self.fault("end-of-file", file.path, len(file.lines), "the last line has no end")

    def columns_count(self, file):
        return os.path.splitext(file.path)[1] not in NO_LIMIT_ON_COLUMNS and (
            file.path != "LICENSE" and not file.path.startswith(CASES))

    # --- C++ ----------------------------------------------------------------------------------

    def check_includes(self, file):
        allowed = set(LAYERS.get(file.layer, "").split()) | {file.layer}
        if file.layer not in LAYERS:
            self.fault("layer", file.path, 1, f"'{file.layer}' is no layer of tools/tidy.py")
        if file.path.endswith(".h"):
            code = [line for line in file.lines if line.strip() and not line.startswith("//")]
            if not code or code[0].strip() != "#pragma once":
                self.fault("pragma-once", file.path, 1, "a header begins with #pragma once")
        for number, line in enumerate(file.lines, 1):
            match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if not match:
                continue
            quote, name = match.groups()
            if quote == '"' or ".." in name.split("/"):
                self.fault("include", file.path, number, f'"{name}": include by <layer/file.h>')
                continue
            top = name.split("/")[0]
            if "/" in name and top in LAYERS:
                if top not in allowed:
                    self.fault("layer", file.path, number, f"{file.layer} may not include <{name}>")
                where = name if top == "sim" else "src/" + name
                if where not in self.known:
                    self.fault("include", file.path, number, f"<{name}>: there is no {where}")
            for library, layers in WRAPPED.items():
                if name.startswith(library) and file.layer not in layers.split():
                    self.fault("wrapped", file.path, number, f"<{name}> only in: {layers}")

    def check_size(self, file):
        kind = "test" if file.is_test else "header" if file.path.endswith(".h") else "source"
        if len(file.lines) > MAX_LINES[kind]:
            self.fault("file-size", file.path, MAX_LINES[kind] + 1,
                       f"{len(file.lines)} lines; a {kind} has at most {MAX_LINES[kind]}")

    def check_functions(self, file, code):
        """A brace alone on its line opens a function; inside, control blocks may nest so deep."""
        opened = []
        for number, line in enumerate(code, 1):
            stripped = line.strip()
            for at, char in enumerate(line):
                if char == "{":
                    control = bool(CONTROL.match(stripped)) and line[at:].strip() == "{"
                    alone = stripped == "{"
                    opened.append((number, alone, control))
                    depth = sum(1 for one in opened if one[2])
                    if control and depth == MAX_NESTING + 1:
                        self.fault("nesting", file.path, number,
                                   f"{depth} blocks deep; at most {MAX_NESTING}")
                elif char == "}" and opened:
                    start, alone, _ = opened.pop()
                    size = number - start + 2
                    if alone and size > MAX_FUNCTION_LINES:
                        self.fault("function-size", file.path, start,
                                   f"{size} lines; at most {MAX_FUNCTION_LINES}")

    def check_code(self, file, code):
        # A test drives its layer from outside and may touch the disk.
        pure = file.layer in PURE and not file.is_test and file.path not in SHELL_FILES
        for number, line in enumerate(code, 1):
            if pure:
                for rule, pattern in BANNED_RULES.items():
                    if pattern.search(line):
                        self.fault(rule, file.path, number, BANNED_WHY[rule])
            if re.search(r"\bcatch\s*\(", line):
                self.fault("catch", file.path, number,
                           "only the one file that wraps a library catches what it throws")
            if re.search(r"\bthrow\b|\brethrow_exception\b", line):
                self.fault("throw", file.path, number, "we throw nothing: return a Result")
            if re.search(r"\bco_(await|return|yield)\b", line) and file.layer != "io":
                self.fault("coroutine", file.path, number, "coroutines only in io")
            if re.match(r"\s*(class|struct)\s+\w*Manager\b", line):
                self.fault("name", file.path, number, "a Manager: say the one thing it does")
            if re.match(r"\s*using namespace\b", line) and file.path.endswith(".h"):
                self.fault("using-namespace", file.path, number, "not in a header")

    # --- the tree -----------------------------------------------------------------------------

    def check_cmake(self):
        path = "CMakeLists.txt"
        rows = {}
        text = read(self.root, path) if path in self.paths else ""
        for match in re.finditer(r"^sidereal_layer\((\w+)([^)]*)\)", text, re.M):
            line = text.count("\n", 0, match.start()) + 1
            words = match[2].partition("DEPENDS")[2]
            words = re.split(r"\b(?:LIBRARIES|FOLDER)\b", words)[0].split()
            words = [word for word in words if word != match[1]]
            rows[match[1]] = line
            if match[1] not in LAYERS:
                self.fault("cmake", path, line, f"'{match[1]}' is not in LAYERS of tools/tidy.py")
            elif set(words) != set(LAYERS[match[1]].split()):
                self.fault("cmake", path, line, f"{match[1]} DEPENDS {' '.join(words) or '-'}; "
                           f"LAYERS in tools/tidy.py says {LAYERS[match[1]] or '-'}")
        for layer in LAYERS:
            if layer not in rows:
                self.fault("cmake", path, 1, f"no sidereal_layer({layer} ...)")

    def check_documents(self):
        for name in ("CHANGELOG.md", "README.md", "LICENSE"):
            if name not in self.paths:
                self.fault("document", name, 1, "missing")
        folders = {"/".join(path.split("/")[:2]) for path in self.paths
                   if path.startswith("src/") and path.count("/") > 1}
        folders |= {"sim"} if any(path.startswith("sim/") for path in self.paths) else set()
        for folder in sorted(folders):
            readme = folder + "/README.md"
            if readme not in self.paths:
                self.fault("document", readme, 1,
                           "missing: purpose, main types, what must never be added")
            elif read(self.root, readme).count("\n") > MAX_README_LINES:
                self.fault("document", readme, MAX_README_LINES + 1,
                           f"more than {MAX_README_LINES} lines")

    def check_links(self, file):
        fenced = False
        for number, line in enumerate(file.lines, 1):
            fenced ^= line.lstrip().startswith("```")
            if fenced:
                continue
            for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", line)):
                if re.match(r"[a-z]+:", target):
                    continue
                page, _, anchor = target.partition("#")
                place = os.path.normpath(os.path.join(os.path.dirname(file.path), page)) \
                    if page else file.path
                if not os.path.exists(os.path.join(self.root, place)):
                    self.fault("link", file.path, number, f"'{target}' leads nowhere")
                elif anchor and place.endswith(".md") and anchor not in self.anchors(place):
                    self.fault("link", file.path, number, f"'{target}': no such heading")

    def anchors(self, path):
        headings = re.findall(r"^#+\s+(.+?)\s*$", read(self.root, path), re.M)
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}

    def check_exceptions(self):
        for rule, path in self.exceptions:
            if (rule, path) not in self.used:
                self.faults.append(("tools/tidy.py", 1, "exception",
                                    f"{path} needs no exception from '{rule}' any more: remove it"))


BANNED_RULES = {rule: re.compile(pattern) for rule, pattern in BANNED.items()}


def list_files(root):
    """What git would know of, or, outside a repository, what is there."""
    if os.path.exists(os.path.join(root, ".git")):
        command = ["git", "-C", root, "ls-files", "-z", "-co", "--exclude-standard"]
        listed = subprocess.run(command, capture_output=True, check=False)
        if listed.returncode == 0:
            names = listed.stdout.decode().split("\0")
            return sorted({name for name in names if name
                           and os.path.isfile(os.path.join(root, name))})
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in SKIPPED]
        found += [os.path.relpath(os.path.join(folder, name), root) for name in names]
    return sorted(found)


def is_text(root, path):
    if os.path.splitext(path)[1] in TEXT:
        return True
    if os.path.splitext(path)[1] or path == "LICENSE":
        return False
    with open(os.path.join(root, path), "rb") as content:
        return content.read(2) == b"#!"


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as content:
        return content.read()


# --- the lint is tested by what it must find --------------------------------------------------

CLEAN = "#include <farm/thing.h>\n\nnamespace sidereal {\n\nint one()\n{\n    return 1;\n}\n\n}\n"
# rule: (file, content appended or written, line where the fault must be reported, or None for any)
PLANTED = [
    ("layer", "src/farm/a.cpp", "#include <brain/mind.h>\n", 1),
    ("layer", "src/cellar/a.cpp", "int a;\n", 1),
    ("include", "src/farm/a.cpp", '#include "thing.h"\n', 1),
    ("include", "src/farm/a.cpp", "#include <farm/../base/x.h>\n", 1),
    ("include", "src/farm/a.cpp", "#include <farm/not_there.h>\n", 1),
    ("wrapped", "src/farm/a.cpp", "#include <sqlite3.h>\n", 1),
    ("pragma-once", "src/farm/b.h", "int b();\n", 1),
    ("file-size", "src/farm/b.h", "#pragma once\n" + "int b();\n" * 150, 151),
    ("file-size", "src/farm/a.cpp", "int a;\n" * 601, 601),
    ("file-size", "src/farm/a_test.cpp", "int a;\n" * 801, 801),
    ("function-size", "src/farm/a.cpp", "int a()\n{\n" + "    b();\n" * 70 + "}\n", 2),
    ("nesting", "src/farm/a.cpp", "int a()\n{\n" + "if (b) {\n" * 4 + "}\n" * 5, 6),
    ("columns", "src/farm/a.cpp", "int " + "a" * 100 + ";\n", 1),
    ("clock", "src/brain/a.cpp", "auto t = std::chrono::steady_clock::now();\n", 1),
    ("clock", "src/brain/a.cpp", "auto t = std::time(nullptr);\n", 1),
    ("random", "src/sched/a.cpp", "auto r = rand();\n", 1),
    ("sleep", "src/agent/a.cpp", "usleep(3);\n", 1),
    ("environment", "src/agent/a.cpp", 'auto h = getenv("HOME");\n', 1),
    ("file", "src/openjd/a.cpp", "std::ifstream in(path);\n", 1),
    ("file", "src/openjd/a.cpp", "auto e = std::filesystem::exists(path);\n", 1),
    ("file", "src/openjd/a.cpp", "auto fd = ::open(path, 0);\n", 1),
    ("thread", "src/wire/a.cpp", "std::mutex m;\n", 1),
    ("order", "src/farm/a.cpp", "std::unordered_map<int, int> m;\n", 1),
    ("sharing", "src/farm/a.cpp", "std::shared_ptr<Job> job;\n", 1),
    ("sharing", "src/farm/a.cpp", "auto job = std::make_shared<std::vector<int>>();\n", 1),
    ("catch", "src/io/a.cpp", "void a()\n{\n    try {\n    } catch (E const&) {\n    }\n}\n", 4),
    ("throw", "src/io/a.cpp", "void a() { throw 1; }\n", 1),
    ("coroutine", "src/api/a.cpp", "    co_await reply();\n", 1),
    ("name", "src/farm/a.cpp", "class JobManager {\n};\n", 1),
    ("name", "src/farm/utils.h", "#pragma once\n", 1),
    ("using-namespace", "src/farm/b.h", "#pragma once\n\nusing namespace std;\n", 3),
    ("to-do", "src/farm/a.cpp", "// TO" + "DO: later\n", 1),
    ("tab", "src/farm/a.cpp", "\tint a;\n", 1),
    ("trailing-blank", "docs/a.md", "words \n", 1),
    ("end-of-file", "docs/a.md", "words", 1),
    ("big-file", "docs/a.bin", "x" * (MAX_FILE_BYTES + 1), 1),
    ("cmake", "CMakeLists.txt", "sidereal_layer(base DEPENDS farm)\n", 1),
    ("cmake", "CMakeLists.txt", "sidereal_layer(cellar)\n", 1),
    ("document", "src/farm/README.md", "line\n" * 41, 41),
    ("document", "src/farm/README.md", None, 1),
    ("document", "CHANGELOG.md", None, 1),
    ("link", "docs/a.md", "see [there](nowhere.md)\n", 1),
    ("link", "docs/a.md", "see [there](../README.md#not-a-heading)\n", 1),
    ("exception", "tools/tidy.py", "", 1),
]
ALLOWED = [
    ("src/farm/a.cpp", "std::shared_ptr<openjd::Job const> job; // std::mutex, rand()\n"),
    ("src/farm/a.cpp", "auto s = \"throw, catch (x), usleep(1), // TEXT\";\n"),
    ("src/farm/a.cpp", "auto s = R\"(std::mutex { )\"; char c = '\"';\n"),
    ("src/farm/a.cpp", "auto const million = 1'000'000; auto p = farm.time();\n"),
    ("src/openjd/a.cpp", "std::filesystem::path p;\n"),
    ("src/io/a.cpp", "std::mutex m; std::unordered_map<int, int> n;\n"),
    ("src/farm/test_farm.h", "#pragma once\n" + "int b();\n" * 200),
    ("src/farm/a_test.cpp", "#include <farm/thing.h>\n#include <gtest/gtest.h>\n"),
    ("docs/a.md", "[up](../README.md#the-house) `[no](link)` [web](https://example.org)\n"),
]


def make_clean_tree(root):
    for layer in LAYERS:
        folder = "sim" if layer == "sim" else "src/" + layer
        write(root, folder + "/README.md", "# " + layer + "\n")
    write(root, "src/farm/thing.h", "#pragma once\n\nint one();\n")
    write(root, "src/farm/thing.cpp", CLEAN)
    write(root, "src/brain/mind.h", "#pragma once\n")
    write(root, "README.md", "# The house\n")
    write(root, "CHANGELOG.md", "# Changes\n")
    write(root, "LICENSE", "Apache-2.0\n")
    write(root, "CMakeLists.txt", "".join(
        f"sidereal_layer({layer} LIBRARIES fmt::fmt\n  DEPENDS {needs or layer})\n"
        for layer, needs in LAYERS.items()))


def write(root, path, text):
    full = os.path.join(root, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "w", encoding="utf-8") as content:
        content.write(text)


def faults_with(path, text, exceptions):
    with tempfile.TemporaryDirectory(prefix="tidy-") as root:
        make_clean_tree(root)
        if text is None:
            os.remove(os.path.join(root, path))
        elif path == "CMakeLists.txt":
            write(root, path, text + read(root, path))
        elif path:
            write(root, path, text)
        return Tidy(root, exceptions).run()


def self_test():
    wrong = [f"a clean tree: {fault}" for fault in faults_with("", "", {})]
    for path, text in ALLOWED:
        wrong += [f"allowed, yet found: {text.strip()}: {fault}"
                  for fault in faults_with(path, text, {})]
    for rule, path, text, line in PLANTED:
        exceptions = {("throw", "src/none.cpp"): "unused"} if rule == "exception" else {}
        found = faults_with(path if rule != "exception" else "", text, exceptions)
        if not any(fault[:3] == (path, line, rule) for fault in found):
            wrong.append(f"not found: {rule} at {path}:{line}; found {found}")
    untested = (set(BANNED) | {"layer", "cmake", "exception"}) - {row[0] for row in PLANTED}
    wrong += [f"rule without a planted fault: {rule}" for rule in sorted(untested)]
    table = {("throw", "src/io/a.cpp"): "a reason"}
    excused = faults_with("src/io/a.cpp", "void a() { throw 1; }\n", table)
    wrong += [f"excused, yet found: {fault}" for fault in excused]
    for message in wrong:
        print(f"tools/tidy.py: self-test: {message}")
    cases = len(PLANTED) + len(ALLOWED) + 2
    print(f"self-test: {cases - len(wrong)} of {cases} as expected")
    return 1 if wrong else 0


def main():
    parser = argparse.ArgumentParser(description="checks the house rules")
    here = os.path.dirname(os.path.abspath(__file__))
    parser.add_argument("--root", default=os.path.dirname(here))
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    if arguments.self_test:
        return self_test()
    faults = Tidy(arguments.root, EXCEPTIONS).run()
    for path, line, rule, message in faults:
        print(f"{path}:{line}: {message} [{rule}]")
    if faults:
        print(f"{len(faults)} faults", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
