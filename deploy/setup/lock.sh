#!/usr/bin/env bash
# The locks hold names, versions and hashes; never an address, so that any mirror serves them.
set -euo pipefail
cd "$(dirname "$0")/../.."

resolve() {
    local target=$1
    shift
    .venv/bin/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header --no-annotate \
        --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file "$target" "$@" pyproject.toml
    sed -i -E '/^(#.*)?$/d' "$target"
}
resolve deploy/locks/dev.txt --extra server --extra postgres --extra hsm --extra parquet --extra grpc --extra dask --extra dev
resolve deploy/locks/server.txt --extra server --extra postgres --constraint deploy/locks/dev.txt
resolve deploy/locks/build.txt --only-build-deps --all-build-deps
(cd ttp/pages/assets && npm install --package-lock-only)
