#!/usr/bin/env bash
# Prints the first Python that is new enough and can make virtual environments; fails when there is none.
set -euo pipefail

usable='import sys, venv, ensurepip; raise SystemExit(sys.version_info < (3, 11))'
for name in python3.11 python3 python3.12 python3.13 python3.14; do
    if path=$(command -v "$name") && "$path" -c "$usable" 2>/dev/null; then
        echo "$path"
        exit 0
    fi
done
echo "ERROR: no Python 3.11 or newer with the venv module was found (Debian: python3 python3-venv)." >&2
exit 1
