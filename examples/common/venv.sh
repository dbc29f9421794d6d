#!/usr/bin/env bash
# Prints the Python of an environment that has these packages, made when it is not there.
#
#   common/venv.sh PACKAGE==VERSION ...
set -euo pipefail
cd "$(dirname "$0")/../.."

# One environment for each list, so that another list is installed anew.
venv=target/examples-$(printf '%s\n' "$@" | cksum | cut -d ' ' -f 1)
if [[ ! -e $venv/ready ]]; then
    rm -rf "$venv"
    python3 -m venv "$venv" >&2
    "$venv/bin/pip" install --quiet --disable-pip-version-check "$@" >&2
    touch "$venv/ready"
fi
echo "$PWD/$venv/bin/python"
