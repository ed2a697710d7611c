#!/usr/bin/env bash
# Builds the fuzz targets and lets each look for faults.
#
#   tools/fuzz.sh SECONDS [TARGET...]     TARGET: a file of tests/fuzz without .cpp; none: all
#
# As many at a time as there are cores, or FUZZ_JOBS=N; one line a target. What is new goes to
# build/fuzz/corpus/TARGET and is where the next run goes on; what made a target fall is kept in
# build/fuzz/found: run build/fuzz/fuzz_TARGET FILE to see it again, and give it a unit test. With
# FUZZ_SEED=N, from the seeds alone and with chance from N, so that the same run comes out again.
# With FUZZ_COUNTS=FILE it writes "PASSED FAILED text" there.
#
# An hour for all that reads Open Job Description, on two cores:
#   tools/fuzz.sh 720 bundle combination directive expr format_string int_range json path_mapping \
#       template yaml
set -euo pipefail

fuzz_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tools/build.sh
source "$fuzz_root/tools/build.sh"
cd "$fuzz_root"
export ASAN_OPTIONS=detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1

all_targets() {
    sed -n 's/^sidereal_fuzz(\([a-z_]*\) .*/\1/p' cmake/fuzz.cmake
}

# run_target NAME SECONDS: ends with 0 if nothing was found.
run_target() {
    local name=$1 seconds=$2 log=build/fuzz/$1.log corpus=build/fuzz/corpus/$1
    local options=(-max_total_time="$seconds" -rss_limit_mb=1024 -timeout=10 -max_len=8192
        -artifact_prefix=build/fuzz/found/"$name"- -print_final_stats=1)
    if [[ -n ${FUZZ_SEED:-} ]]; then
        options+=(-seed="$FUZZ_SEED")
        corpus=$(mktemp -d)
    fi
    mkdir -p "$corpus" build/fuzz/found
    local status=0
    # The examples are seeds as well, of the targets that read documents.
    build/fuzz/fuzz_"$name" "${options[@]}" "$corpus" tests/fuzz/corpus/"$name" \
        $(case $name in yaml | template) echo examples ;; esac) >"$log" 2>&1 || status=$?
    [[ -z ${FUZZ_SEED:-} ]] || rm -rf "$corpus"
    local runs covered text
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    covered=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
    # In one piece: others run beside it.
    if ((status != 0)); then
        text=$(grep -vE '^#|^stat::|^INFO' "$log" | head -n 40) || true
        printf 'FAILED %-14s\n%s\n' "$name" "$text"
    else
        printf 'ok     %-14s %9s runs, %5s edges\n' "$name" "$runs" "$covered"
    fi
    return "$status"
}

fuzz_main() {
    local seconds=${1:-}
    [[ $seconds =~ ^[1-9][0-9]*$ ]] || die "tools/fuzz.sh SECONDS [TARGET...]"
    shift
    local targets=("$@") running=() name pid good=0 bad=0
    (($# > 0)) || mapfile -t targets < <(all_targets)
    build_preset fuzz "${targets[@]/#/fuzz_}"
    for name in "${targets[@]}"; do
        while (($(jobs -rp | wc -l) >= ${FUZZ_JOBS:-$(nproc)})); do wait -n || true; done
        run_target "$name" "$seconds" &
        running+=($!)
    done
    for pid in "${running[@]}"; do
        if wait "$pid"; then ((good += 1)); else ((bad += 1)); fi
    done
    [[ -z ${FUZZ_COUNTS:-} ]] || echo "$good $bad $good targets, $seconds s each" >"$FUZZ_COUNTS"
    ((bad == 0))
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
    fuzz_main "$@"
fi
