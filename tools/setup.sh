#!/usr/bin/env bash
# Installs what is missing, by apt, on Debian 12 and Ubuntu 24.04.
#
#   tools/setup.sh SET...            build, test, bench, render-minimal, render-blender
#   tools/setup.sh --dry-run SET...  says what would be installed
#   tools/setup.sh --list SET...     names the packages, one a line
#
# As root or with sudo. Safe to run again: when everything is there it asks dpkg once and is done.
# ./demo and ./test source this file.
set -euo pipefail

setup_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tools/console.sh
source "$setup_root/tools/console.sh"
setup_log=$setup_root/build/setup.log

# The packages of a set. a|b: either will do, the one that is installed or the first that apt has.
packages_of() {
    case $1 in
    build)
        # Boost 1.81 is beside Debian's default 1.74; Ubuntu 24.04 has 1.83.
        printf '%s\n' g++ cmake ninja-build ccache mold pkg-config \
            'libboost1.81-dev|libboost1.83-dev' libssl-dev libsqlite3-dev libyaml-dev libfmt-dev \
            libspdlog-dev libexpected-dev libcli11-dev libtomlplusplus-dev libre2-dev libgtest-dev
        ;;
    test)
        printf '%s\n' librapidcheck-dev clang-14 clang-format-14 clang-tidy-14 libclang-rt-14-dev \
            python3 git strace curl jq faketime zsh python3-yaml python3-jsonschema
        ;;
    bench)
        printf '%s\n' libbenchmark-dev python3 parallel slurm-wlm munge
        ;;
    render-minimal)
        printf '%s\n' povray povray-includes ffmpeg
        ;;
    render-blender)
        printf '%s\n' blender ffmpeg
        ;;
    *)
        die "tools/setup.sh: there is no set '$1'; there are:" \
            "build test bench render-minimal render-blender"
        ;;
    esac
}

check_system() {
    command -v apt-get >/dev/null \
        || die "This script installs by apt, and there is no apt-get here." \
            "Install these yourself: $(list_packages "$@" | tr '\n' ' ')"
    local id='' version=''
    if [[ -r /etc/os-release ]]; then
        id=$(. /etc/os-release && echo "${ID:-}")
        version=$(. /etc/os-release && echo "${VERSION_ID:-}")
    fi
    case "$id $version" in
    "debian 12" | "ubuntu 24.04") ;;
    *) say "Made for Debian 12 and Ubuntu 24.04; this is ${id:-unknown} ${version:-}. Trying." ;;
    esac
}

list_packages() {
    local set
    for set in "$@"; do packages_of "$set"; done | awk '!seen[$0]++'
}

# From the lines a|b on stdin those that are not installed in any of their alternatives.
not_installed() {
    local wanted installed
    wanted=$(cat)
    installed=" $(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null \
        | sed -n 's/^installed //p' | tr '\n' ' ')"
    local line name found
    for line in $wanted; do
        found=no
        for name in ${line//|/ }; do
            [[ $installed == *" $name "* ]] && found=yes
        done
        [[ $found == yes ]] || printf '%s\n' "$line"
    done
}

has_candidate() {
    local policy
    policy=$(LC_ALL=C apt-cache policy "$1" 2>/dev/null)
    [[ $policy == *"Candidate: "[!\(]* ]]
}

# The lines a|b that are asked for become names that apt has; fails with those it has not.
choose_candidates() {
    local line name chosen status=0
    for line in "$@"; do
        chosen=''
        for name in ${line//|/ }; do
            if has_candidate "$name"; then
                chosen=$name
                break
            fi
        done
        if [[ -z $chosen ]]; then
            chosen=$line
            status=1
            printf '%s\n' "$line" >&2
        else
            printf '%s\n' "$chosen"
        fi
    done
    return "$status"
}

as_root() {
    if ((EUID == 0)); then
        "$@"
    else
        sudo "$@"
    fi
}

require_root() {
    ((EUID == 0)) && return
    command -v sudo >/dev/null \
        || die "Packages are missing and this user may not install them: no root, no sudo." \
            "Ask for: apt-get install $*"
    sudo -n true 2>/dev/null || say "sudo will ask for your password."
}

update_lists() {
    say "Updating apt's package lists ..."
    as_root env LC_ALL=C apt-get update -o DPkg::Lock::Timeout=300 >>"$setup_log" 2>&1 \
        || { tail -n 20 "$setup_log" >&2; die "apt-get update failed (log: $setup_log)." \
            "Is this machine online, and are its package sources right?"; }
}

# Says what apt would do and how large it is; refuses if anything would be removed.
announce() {
    local plan size removed
    plan=$(LC_ALL=C apt-get install -s --no-install-recommends "$@" 2>&1) \
        || { printf '%s\n' "$plan" >&2; die "apt cannot install: $*"; }
    removed=$(sed -n 's/^Remv \([^ ]*\).*/\1/p' <<<"$plan" | tr '\n' ' ')
    if [[ -n $removed ]]; then
        die "Installing $* would remove from this machine: $removed" $'\n' \
            "(libboost1.81-dev cannot stand beside libboost-dev, 1.74 on Debian 12.)" $'\n' \
            "Nothing was changed. Remove those yourself if you can do without, and run this again."
    fi
    size=$(LC_ALL=C apt-get install --assume-no --no-install-recommends "$@" 2>/dev/null \
        | sed -n 's/^Need to get \(.*\) of archives.*/\1 to fetch/p;
                  s/^After this operation, \(.*\) of additional.*/\1 on disk/p' \
        | paste -sd ',' || true)
    say "Installing $(grep -c '^Inst ' <<<"$plan") packages${size:+ (${size/,/, })}, for:"
    printf '%s\n' "$*" | fold -s -w 96 | sed 's/^/  /'
}

# apt's machine-readable progress becomes one line; all else goes to the log. Names hold colons
# (pmstatus:libxml2:amd64:75.1:Configuring libxml2), so the number is looked for from behind.
show_apt_progress() {
    local line percent last=-100
    while IFS= read -r line; do
        if [[ ! $line =~ ^(dl|pm)status:.*:([0-9]+)(\.[0-9]+)?:(.*)$ ]]; then
            printf '%s\n' "$line" >>"$setup_log"
            continue
        fi
        percent=${BASH_REMATCH[2]}
        if [[ -t 1 ]]; then
            progress "  $percent %  ${BASH_REMATCH[4]}"
        elif ((percent / 25 != last / 25)); then
            printf '  %s %%  %s\n' "$percent" "${BASH_REMATCH[4]}"
        fi
        last=$percent
    done
    progress_end
}

# apt closes the descriptor it reports on in the programs it starts, so it must not be 1; and sudo
# closes all above 2, so it is opened inside.
apt_install() {
    # shellcheck disable=SC2016
    as_root sh -c 'log=$1; shift; exec "$@" 3>&1 >>"$log" 2>&1 </dev/null' sh "$setup_log" \
        env LC_ALL=C DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends -o APT::Status-Fd=3 -o Dpkg::Use-Pty=0 \
        -o DPkg::Lock::Timeout=300 "$@" | show_apt_progress
}

# setup_install [--dry-run] SET...
setup_install() {
    local dry=no
    if [[ ${1:-} == --dry-run ]]; then
        dry=yes
        shift
    fi
    local set missing chosen lacking
    for set in "$@"; do packages_of "$set" >/dev/null; done
    command -v dpkg-query >/dev/null || check_system "$@"
    mapfile -t missing < <(list_packages "$@" | not_installed)
    if ((${#missing[@]} == 0)); then
        [[ $dry == no ]] || say "Nothing is missing."
        return 0
    fi
    check_system "$@"
    mkdir -p "$(dirname "$setup_log")"
    [[ $dry == yes ]] || require_root "${missing[@]}"
    local updated=no
    if ! chosen=$(choose_candidates "${missing[@]}" 2>/dev/null) && [[ $dry == no ]]; then
        update_lists
        updated=yes
    fi
    if ! chosen=$(choose_candidates "${missing[@]}" 2>"$setup_log.lacking"); then
        lacking=$(tr '\n' ' ' <"$setup_log.lacking")
        rm -f "$setup_log.lacking"
        die "apt knows no package: $lacking" $'\n' \
            "On Ubuntu, is the 'universe' component on? (add-apt-repository universe)"
    fi
    rm -f "$setup_log.lacking"
    mapfile -t chosen <<<"$chosen"
    announce "${chosen[@]}"
    [[ $dry == no ]] || return 0
    if ! apt_install "${chosen[@]}" && [[ $updated == no ]]; then
        # Lists that are too old name files which are gone.
        update_lists
        apt_install "${chosen[@]}" || true
    fi
    mapfile -t missing < <(list_packages "$@" | not_installed)
    if ((${#missing[@]} > 0)); then
        tail -n 30 "$setup_log" >&2
        die "These could not be installed: ${missing[*]} (log: $setup_log)"
    fi
}

setup_main() {
    case ${1:-} in
    '' | -h | --help) sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" ;;
    --list)
        shift
        list_packages "$@"
        ;;
    *) setup_install "$@" ;;
    esac
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
    setup_main "$@"
fi
