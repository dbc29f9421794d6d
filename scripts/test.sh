#!/usr/bin/env bash
# Everything that must hold, one section after the other; the first that fails ends it. Says how long each took.
#
#   scripts/test.sh [SECTION ...]      only these, in the order of the list below
set -euo pipefail
cd "$(dirname "$0")/.."

ROUNDS=${ROUNDS:-6}
wanted=("$@")
sections=()
times=()
current=
since=0

summary() {
    local status=$? index
    if [[ -n $current ]]; then
        sections+=("$current (failed)")
        times+=($((SECONDS - since)))
    fi
    printf '\n'
    for index in "${!sections[@]}"; do
        printf '%6d s  %s\n' "${times[$index]}" "${sections[$index]}"
    done
    printf '%6d s  altogether\n' "$SECONDS"
    ((status == 0)) || printf '\nFAILED%s\n' "${current:+: $current}"
}
trap summary EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# section NAME COMMAND [ARGUMENT ...]
section() {
    local name=$1
    shift
    if ((${#wanted[@]})) && [[ " ${wanted[*]} " != *" $name "* ]]; then
        return
    fi
    current=$name since=$SECONDS
    printf '\n=== %s: %s\n' "$name" "$*"
    "$@"
    sections+=("$name")
    times+=($((SECONDS - since)))
    current=
}

with_postgres() { scripts/with-postgres.sh "$@"; }

section invariants scripts/check-invariants.sh
section tools scripts/install-test-tools.sh
section pages scripts/build-web.sh
section release cargo build --locked --release --package campanile --package bench
section web npm --prefix web run test:only
section compile cargo test --locked --workspace --no-run
# Tests wait more than they reckon: more of them at a time than there are cores. One that hangs fails the section, and the
# last lines say which it was.
section rust with_postgres env RUST_TEST_THREADS="${RUST_TEST_THREADS:-8}" \
    timeout --kill-after=30 "${RUST_TEST_SECONDS:-2400}" cargo test --locked --workspace --no-fail-fast
section examples with_postgres scripts/examples.sh
section peers scripts/peers.sh
section schemathesis scripts/schemathesis.sh
section torture with_postgres --durable target/release/bench torture --rounds "$ROUNDS" --database both

if ((${#wanted[@]} && ${#sections[@]} < ${#wanted[@]})); then
    echo "error: there are not so many sections as were named: ${wanted[*]}" >&2
    exit 2
fi
