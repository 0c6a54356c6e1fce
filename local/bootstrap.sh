#!/bin/sh
# Makes or completes .venv from requirements.lock. Called by make; harmless to repeat and to interrupt: the copy of
# the lock in .venv, which says that everything is there, is written last.
set -eu
cd "$(dirname -- "$0")/.."

installed=.venv/requirements.installed
if [ -f "$installed" ] && cmp -s requirements.lock "$installed" && .venv/bin/python -c '' 2>/dev/null; then
    exit 0
fi

is_311() { "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; }

# An interrupted start leaves an environment without pip.
if ! { is_311 .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1; }; then
    python=
    for candidate in ${PYTHON:-} python3.11 python3 python; do
        if command -v "$candidate" >/dev/null 2>&1 && is_311 "$candidate"; then
            python=$candidate
            break
        fi
    done
    if [ -z "$python" ]; then
        echo "viva: found no Python 3.11 (looked for python3.11 and python3)." >&2
        echo "Install it (Debian 12: apt install python3.11 python3.11-venv), or name one: make PYTHON=/path/to/python3.11" >&2
        exit 1
    fi
    echo "Making .venv with $($python --version)"
    rm -rf .venv
    if ! "$python" -m venv .venv; then
        rm -rf .venv
        echo "viva: $python cannot make environments. On Debian and Ubuntu: apt install python3.11-venv" >&2
        exit 1
    fi
fi

if [ "$(.venv/bin/uv --version 2>/dev/null | cut -d' ' -f2)" != "$(sed -n 's/^uv==\([0-9.]*\).*/\1/p' local/uv.txt)" ]; then
    echo "Installing uv"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r local/uv.txt
fi

echo "Installing what requirements.lock names (the first time: about 1 GB, some minutes)"
if [ -t 2 ]; then
    .venv/bin/uv pip sync --require-hashes requirements.lock
else
    # uv is silent until it is done when nobody watches a terminal; say now and then that it is alive.
    .venv/bin/uv pip sync --require-hashes requirements.lock &
    uv=$!
    trap 'kill $uv 2>/dev/null || true' INT TERM
    waited=0
    while kill -0 "$uv" 2>/dev/null; do
        sleep 1
        waited=$((waited + 1))
        if [ $((waited % 10)) -eq 0 ]; then
            echo "  still installing after $waited s; $(ls .venv/lib/python3.11/site-packages | grep -c 'dist-info$') packages are in place"
        fi
    done
    wait "$uv"
fi
cp requirements.lock "$installed.partial"
mv "$installed.partial" "$installed"
