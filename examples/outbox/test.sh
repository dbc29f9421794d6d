#!/usr/bin/env bash
# E18: orders are placed while everything falls. Needs PostgreSQL: scripts/with-postgres.sh examples/outbox/test.sh
set -euo pipefail
cd "$(dirname "$0")"

if [[ -z ${CAMPANILE_TEST_POSTGRES_RESTART:-} ]]; then
    echo "error: this needs PostgreSQL: scripts/with-postgres.sh examples/outbox/test.sh" >&2
    exit 1
fi
export PYTHONDONTWRITEBYTECODE=1
python=$(../common/venv.sh sqlalchemy==2.0.44 pg8000==1.31.5)
"$python" orders.py "${TRANSACTIONS:-10000}"
