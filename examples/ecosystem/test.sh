#!/usr/bin/env bash
# Oriva on a fresh server: set up twice, then lived through. On SQLite, and on PostgreSQL where CAMPANILE_TEST_POSTGRES
# names one (scripts/with-postgres.sh sets it).
set -euo pipefail
cd "$(dirname "$0")"

if [[ ${1:-} == inside ]]; then
    first=$(./setup.py)
    second=$(./setup.py)
    if [[ $first != "$second" ]]; then
        echo "error: setting up twice is not the same as once" >&2
        exit 1
    fi
    exec ./scenarios.py
fi

export PYTHONDONTWRITEBYTECODE=1
# A hundred failures in a row would wait behind an open circuit: an hour that no test has.
export CAMPANILE__DELIVERY__CIRCUIT_FAILURES=1000

echo "on SQLite"
../../scripts/with-server.sh --egress-allow 127.0.0.0/8 -- ./test.sh inside
if [[ -n ${CAMPANILE_TEST_POSTGRES:-} ]]; then
    echo "on PostgreSQL"
    ../../scripts/with-server.sh --postgres --egress-allow 127.0.0.0/8 -- ./test.sh inside
fi
