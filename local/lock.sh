#!/bin/sh
# Writes requirements.lock from pyproject.toml, or with --check tells whether it is current. The present pins are
# kept where they still fit, so that a newer release of some package does not make the check fail.
set -eu
cd "$(dirname -- "$0")/.."

new=$(mktemp)
trap 'rm -f "$new"' EXIT
cp requirements.lock "$new"
.venv/bin/uv pip compile --universal --generate-hashes --python-version 3.11 --group dev --no-header --quiet \
    pyproject.toml --output-file "$new"
if [ "${1:-}" = --check ]; then
    if ! cmp -s "$new" requirements.lock; then
        echo "requirements.lock is not what pyproject.toml asks for; run 'make lock' and commit it:" >&2
        diff requirements.lock "$new" | grep '^[<>] [a-z]' >&2 || true
        exit 1
    fi
    echo "requirements.lock is current"
else
    cp "$new" requirements.lock
fi
