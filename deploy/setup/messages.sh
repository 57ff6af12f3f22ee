# Sourced by the setup scripts: one voice for progress and for what cannot be had.

say() { printf '== %s\n' "$*"; }

fail() {
    printf '\nERROR: %s\n' "$1" >&2
    shift
    for line in "$@"; do printf '       %s\n' "$line" >&2; done
    exit 1
}

# One setup at a time per checkout: two terminals must not install into the same folder. Scripts that this one calls
# share its turn.
alone() {
    [ -z "${TTP_SETUP_TURN:-}" ] || return 0
    export TTP_SETUP_TURN=taken
    mkdir -p .run
    exec 9>.run/setup.lock
    flock 9
}
