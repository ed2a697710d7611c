# What the scripts say and how; sourced. Colours only on a terminal and without NO_COLOR.

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
    bold=$'\e[1m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
else
    bold='' red='' green='' plain=''
fi

say() { printf '%s\n' "${bold}$*${plain}"; }

die() {
    printf '%s\n' "${red}$*${plain}" >&2
    exit 1
}

# One line that overwrites itself on a terminal; elsewhere nothing.
progress() {
    if [[ -t 1 ]]; then
        printf '\r\e[K%.*s' "$((${COLUMNS:-80} - 1))" "$*"
    fi
}

progress_end() { if [[ -t 1 ]]; then printf '\r\e[K'; fi; }

# seconds_since START, START from now_ms: "12.3"
now_ms() { printf '%s' "$((${EPOCHREALTIME/[.,]/} / 1000))"; }

seconds_since() {
    local ms=$(($(now_ms) - $1))
    printf '%d.%d' "$((ms / 1000))" "$((ms % 1000 / 100))"
}
