#!/usr/bin/env bash
# Debian packages are installed only when the program they bring is missing.
# usage: debian.sh [python] [postgresql] [node] [chromium] [softhsm]
set -euo pipefail
cd "$(dirname "$0")/../.."
. deploy/setup/messages.sh

have_python() { deploy/setup/python.sh >/dev/null 2>&1; }
have_postgresql() { command -v postgres >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; }
have_node() { command -v node >/dev/null && command -v npm >/dev/null; }
have_chromium() { command -v chromium >/dev/null; }
have_softhsm() { command -v softhsm2-util >/dev/null; }

packages_of() {
    case "$1" in
        python) echo python3 python3-venv ;;
        postgresql) echo postgresql ;;
        node) echo nodejs npm ;;
        chromium) echo chromium ;;
        softhsm) echo softhsm2 ;;
        *) fail "debian.sh does not know how to install '$1'." ;;
    esac
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then env DEBIAN_FRONTEND=noninteractive "$@"
    else sudo env DEBIAN_FRONTEND=noninteractive "$@"; fi
}

missing=()
for want in "$@"; do
    packages=$(packages_of "$want")
    "have_$want" || missing+=($packages)
done
[ "${#missing[@]}" -gt 0 ] || exit 0

by_hand="Install by hand: ${missing[*]} (names of the Debian packages), then try again."
command -v apt-get >/dev/null || fail "This is no Debian system, and something is missing." "$by_hand"
[ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null \
    || fail "Packages are missing, and installing them needs root or sudo." "$by_hand"

alone
say "Installing Debian packages: ${missing[*]}"
log=.run/debian.log
if ! { as_root apt-get update -q && as_root apt-get install -q -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    fail "Debian packages could not be installed (whole log: $log)." "$by_hand"
fi
for want in "$@"; do
    "have_$want" || fail "'$want' is still not usable after installing $(packages_of "$want")." "$by_hand"
done
