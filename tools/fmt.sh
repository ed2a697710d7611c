#!/usr/bin/env bash
# tools/fmt.sh            formats every C++ file in place
# tools/fmt.sh --check    says which files are not formatted, and how; changes nothing
# tools/fmt.sh FILE...    formats these
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

find_formatter() {
    local name
    # Versions differ in what they write, so 14 is the one that counts.
    for name in clang-format-14 clang-format; do
        if command -v "$name" >/dev/null && [[ $("$name" --version) == *"version 14."* ]]; then
            echo "$name"
            return
        fi
    done
    echo "clang-format 14 is not installed: run 'tools/setup.sh test'" >&2
    return 1
}

main() {
    local formatter mode=-i
    formatter=$(find_formatter)
    if [[ ${1:-} == --check ]]; then
        mode=--dry-run
        shift
    fi
    local files=("$@")
    if ((${#files[@]} == 0)); then
        mapfile -d '' files < <(find src sim tests bench \
            '(' -name '*.h' -o -name '*.cpp' ')' -print0)
    fi
    ((${#files[@]} > 0)) || return 0
    printf '%s\0' "${files[@]}" | xargs -0 -n 16 -P "$(nproc)" "$formatter" "$mode" -Werror
}

main "$@"
