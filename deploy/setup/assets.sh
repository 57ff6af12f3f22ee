#!/usr/bin/env bash
# The page assets are what the npm lock names, built into ttp/pages/static/vendor/ only when lock or build change.
set -euo pipefail
cd "$(dirname "$0")/../.."
. deploy/setup/messages.sh

source=ttp/pages/assets
target=ttp/pages/static/vendor
stamp="$target/.stamp-$(cat "$source"/package-lock.json "$source"/build.mjs "$source"/licenses/* | sha256sum | cut -c1-16)"
[ -e "$stamp" ] && [ -e "$source/node_modules/axe-core/axe.min.js" ] && exit 0

deploy/setup/debian.sh node
alone
log=$PWD/.run/assets.log
say "Building the page assets with node $(node --version)"
(cd "$source" && npm ci --loglevel=error && node build.mjs) >"$log" 2>&1 || {
    tail -n 15 "$log" >&2
    fail "The page assets could not be built (whole log: $log)." \
        "Is an npm registry reachable? 'npm config get registry' shows which one is asked."
}
touch "$stamp"
