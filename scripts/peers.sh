#!/usr/bin/env bash
# Has the libraries of others read what the server sends.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(standardwebhooks==1.1.0 aiosmtpd==1.4.6)
# One environment for each list, so that another list is installed anew.
venv=target/peers-$(printf '%s\n' "${packages[@]}" | cksum | cut -d ' ' -f 1)
if [[ ! -e $venv/ready ]]; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check "${packages[@]}"
    touch "$venv/ready"
fi
export PYTHONDONTWRITEBYTECODE=1
for peer in scripts/peers/*.py; do
    echo "-- $peer"
    scripts/with-server.sh --egress-allow 127.0.0.0/8 -- "$venv/bin/python" "$peer"
done
