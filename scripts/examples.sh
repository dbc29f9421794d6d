#!/usr/bin/env bash
# Runs the test of every example against the release binary. Each starts its own server and removes it.
set -euo pipefail
cd "$(dirname "$0")/.."

shopt -s nullglob
tests=(examples/*/test.sh)
if ((${#tests[@]} == 0)); then
    echo "error: there is no examples/*/test.sh" >&2
    exit 1
fi
for test in "${tests[@]}"; do
    echo "== $test"
    "$test"
done
