#!/usr/bin/env bash
# Lightfast's set-up on a fresh server, lived through: a real mail server, a customer's webhook, a Slack.
set -euo pipefail
cd "$(dirname "$0")"

export PYTHONDONTWRITEBYTECODE=1 CAMPANILE=${CAMPANILE:-$(cd ../.. && pwd)/target/release/campanile}
# Mails carry a link by which one click ends them; it leads to where the world finds the server.
export CAMPANILE__SERVER__PUBLIC_URL=https://notify.lightfast.example
python=$(../common/venv.sh aiosmtpd==1.4.6 slack_sdk==3.37.0 standardwebhooks==1.1.0)
../../scripts/with-server.sh --egress-allow 127.0.0.0/8 -- "$python" scenario.py
./batches.py "${EVENTS:-20}"
