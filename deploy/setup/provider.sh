#!/usr/bin/env bash
# The identity provider of the tests is what its npm lock names; it is installed only when the lock changes.
set -euo pipefail
cd "$(dirname "$0")/../.."
. deploy/setup/messages.sh

source=tests/provider
stamp="$source/node_modules/.stamp-$(sha256sum <"$source/package-lock.json" | cut -c1-16)"
[ -e "$stamp" ] && exit 0

deploy/setup/debian.sh node
alone
log=$PWD/.run/provider.log
say "Installing the identity provider of the tests with node $(node --version)"
(cd "$source" && npm ci --loglevel=error) >"$log" 2>&1 || {
    tail -n 15 "$log" >&2
    fail "The identity provider of the tests could not be installed (whole log: $log)." \
        "Is an npm registry reachable? 'npm config get registry' shows which one is asked."
}
touch "$stamp"
