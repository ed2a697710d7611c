#!/usr/bin/env bash
# Configures and builds into build/PRESET; shows one line of progress, and everything on failure.
#
#   tools/build.sh PRESET [TARGET...]      PRESET: dev, release, asan, ...; no target: all
#
# ./demo and ./test source this file.
set -euo pipefail

build_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tools/console.sh
source "$build_root/tools/console.sh"
# One cache serves every build folder and every clone.
export CCACHE_BASEDIR=$build_root CCACHE_NOHASHDIR=1

# A compiler that reads Boost takes up to 1 GB: not more of them than memory holds.
build_jobs() {
    local cores free_kb by_memory
    cores=$(nproc)
    free_kb=$(sed -n 's/^MemAvailable: *\([0-9]*\).*/\1/p' /proc/meminfo)
    by_memory=$((${free_kb:-4000000} / 1000000))
    ((by_memory >= 1)) || by_memory=1
    printf '%s' "$((cores < by_memory ? cores : by_memory))"
}

# The presets are CMake's input, but CMake does not watch them.
is_configured() {
    [[ -f $1/build.ninja ]] && cmp -s "$build_root/CMakePresets.json" "$1/presets-in-force.json"
}

show_build_progress() {
    local line
    while IFS= read -r line; do
        [[ $line =~ ^\[[0-9]+/[0-9]+\] ]] && progress "  $1 $line"
    done
    progress_end
}

# build_preset PRESET [TARGET...]
build_preset() {
    local preset=$1
    shift
    local dir=$build_root/build/$preset
    local log=$dir/build.log
    mkdir -p "$dir"
    if ! is_configured "$dir"; then
        progress "  $preset: configuring"
        if ! (cd "$build_root" && cmake --preset "$preset") >"$log" 2>&1; then
            progress_end
            cat "$log" >&2
            printf '%s\n' "cmake could not configure '$preset'; the text above is in $log" >&2
            return 1
        fi
        cp "$build_root/CMakePresets.json" "$dir/presets-in-force.json"
    fi
    # `ninja -v` would be long; a failed command is printed in any case, with all it said.
    if ! NINJA_STATUS='[%f/%t] ' ninja -C "$dir" -j "$(build_jobs)" -k 20 "$@" 2>&1 \
        | tee "$log" | show_build_progress "$preset"; then
        grep -vE '^\[[0-9]+/[0-9]+\] |^ninja: Entering' "$log" >&2 || true
        printf '%s\n' "'$preset' does not build; the whole log is in $log" >&2
        return 1
    fi
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
    (($# > 0)) || die "tools/build.sh PRESET [TARGET...]"
    build_preset "$@"
fi
