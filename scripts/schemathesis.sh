#!/usr/bin/env bash
# Throws generated requests at every operation of the OpenAPI document: no answer may be a server error, and every one must be
# as the document says. First with ids that lead nowhere, then with ids of what is there.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"

version=4.32.5
venv=target/schemathesis-$version
conformance=status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance

# attack NAME [OPTION OF schemathesis run ...]. The live line answers for as long as somebody listens; it has tests of its own.
attack() {
    echo "-- $1, seed $seed"
    (cd "$work" && exec "$root/$venv/bin/schemathesis" --config-file "$work/$1.toml" run "$CAMPANILE_URL/api/v1/openapi.json" \
        --header "Authorization: Bearer $CAMPANILE_KEY" \
        --checks "not_a_server_error,$conformance" \
        --exclude-path /api/v1/events/stream \
        --phases examples,coverage,fuzzing \
        --max-examples "${EXAMPLES:-50}" \
        --continue-on-failure \
        --request-timeout 20 \
        --workers 1 \
        --seed "$seed" \
        --generation-database none \
        --suppress-health-check all \
        --warnings "${WARNINGS:-off}" \
        --no-color \
        "${@:2}")
}

if [[ ${1:-} == inside ]]; then
    work=$(mktemp -d "${TMPDIR:-/tmp}/campanile-schemathesis.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    seed=${SEED:-$RANDOM}
    touch "$work/unknown.toml"
    attack unknown
    scripts/one-of-everything.py >"$work/known.toml"
    # What is there must stay there.
    attack known --exclude-method DELETE
    exit
fi

if [[ ! -x $venv/bin/schemathesis ]]; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$version"
fi
exec scripts/with-server.sh --egress-allow 127.0.0.0/8 -- scripts/schemathesis.sh inside
