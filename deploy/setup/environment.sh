#!/usr/bin/env bash
# The virtual environment holds what the hash-checked lock names, and is touched only when lock or project change.
set -euo pipefail
cd "$(dirname "$0")/../.."
. deploy/setup/messages.sh

lock=deploy/locks/dev.txt
stamp() { echo ".venv/.stamp-$1-$(sha256sum "$2" | cut -c1-16)"; }
lock_stamp=$(stamp lock "$lock")
project_stamp=$(stamp project pyproject.toml)
[ -e "$lock_stamp" ] && [ -e "$project_stamp" ] && exit 0

alone
log=.run/environment.log
if [ ! -x .venv/bin/python ]; then
    python=$(deploy/setup/python.sh 2>/dev/null) || { deploy/setup/debian.sh python; python=$(deploy/setup/python.sh); }
    say "Making .venv with $("$python" --version)"
    "$python" -m venv .venv
fi
if [ ! -e "$lock_stamp" ]; then
    say "Installing the locked packages (a few minutes the first time)"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock" >"$log" 2>&1 || {
        tail -n 15 "$log" >&2
        fail "The locked Python packages could not be installed (whole log: $log)." \
            "Is a package index reachable? 'pip config list' shows which one is asked."
    }
    rm -f .venv/.stamp-*
fi
say "Installing the project itself"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . >"$log" 2>&1 || {
    tail -n 15 "$log" >&2
    fail "The project could not be installed into .venv (whole log: $log)."
}
rm -f .venv/.stamp-project-*
touch "$lock_stamp" "$project_stamp"
