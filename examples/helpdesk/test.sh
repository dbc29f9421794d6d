#!/usr/bin/env bash
# ResolutionFlow's set-up on a fresh server that reads the product's outbox, lived through: a real mail server, a Slack, a Teams.
# Needs PostgreSQL for the product: scripts/with-postgres.sh examples/helpdesk/test.sh
set -euo pipefail
cd "$(dirname "$0")"

if [[ -z ${CAMPANILE_TEST_POSTGRES:-} ]]; then
    echo "error: this needs PostgreSQL: scripts/with-postgres.sh examples/helpdesk/test.sh" >&2
    exit 1
fi
export PYTHONDONTWRITEBYTECODE=1 CAMPANILE=${CAMPANILE:-$(cd ../.. && pwd)/target/release/campanile}
python=$(../common/venv.sh aiosmtpd==1.4.6 slack_sdk==3.37.0 sqlalchemy==2.0.44 pg8000==1.31.5)

# The product's own database, beside whatever else is there.
name=desk_$$
PRODUCT=$("$python" - "$name" <<'PY'
import os, sys
from urllib.parse import urlsplit
import pg8000.native
where = urlsplit(os.environ["CAMPANILE_TEST_POSTGRES"])
connection = pg8000.native.Connection(where.username, host=where.hostname, port=where.port, database=where.path[1:], password=where.password)
connection.run(f"CREATE DATABASE {sys.argv[1]}")
print(where._replace(path="/" + sys.argv[1]).geturl())
PY
)
export PRODUCT
"$CAMPANILE" outbox install "$PRODUCT"
export CAMPANILE__OUTBOX__URL=$PRODUCT CAMPANILE__OUTBOX__APPLICATION=desk
../../scripts/with-server.sh --egress-allow 127.0.0.0/8 -- "$python" scenario.py
