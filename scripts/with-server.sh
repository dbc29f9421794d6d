#!/usr/bin/env bash
# Runs a command beside a throw-away server, whose address and environment key it finds in CAMPANILE_URL and CAMPANILE_KEY.
#
#   scripts/with-server.sh [--postgres] [ARGUMENT OF serve ...] -- COMMAND [ARGUMENT ...]
#
# The server is the release binary, or the one that CAMPANILE names. With --postgres it keeps its rows in a database of its
# own beside the one in CAMPANILE_TEST_POSTGRES, else in SQLite. Fails when the server ends before it is told to.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
campanile=${CAMPANILE:-$root/target/release/campanile}
postgres=
arguments=()
while [[ $# -gt 0 && $1 != -- ]]; do
    if [[ $1 == --postgres ]]; then
        postgres=${CAMPANILE_TEST_POSTGRES:?names the PostgreSQL to use; see scripts/with-postgres.sh}
    else
        arguments+=("$1")
    fi
    shift
done
if [[ $# -lt 2 ]]; then
    echo "usage: $0 [--postgres] [ARGUMENT OF serve ...] -- COMMAND [ARGUMENT ...]" >&2
    exit 2
fi
shift

sql() {
    local path
    path=$(type -P psql || ls -d /usr/lib/postgresql/*/bin/psql 2>/dev/null | sort -V | tail -n 1)
    "$path" --no-psqlrc --quiet --set ON_ERROR_STOP=1 "$postgres" "$@"
}

data=$(mktemp -d "${TMPDIR:-/tmp}/campanile-server.XXXXXX")
database=
server=
clean_up() {
    if [[ -n $server ]]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    if [[ -n $database ]]; then
        sql --command "drop database if exists $database with (force)" || true
    fi
    rm -rf "$data"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [[ -n $postgres ]]; then
    name=campanile_$$_$RANDOM
    sql --command "create database $name"
    database=$name
    # The address with another database; what follows a question mark stays.
    query=
    [[ $postgres == *\?* ]] && query="?${postgres#*\?}"
    arguments+=(--database-url "${postgres%/*}/$database$query")
fi

CAMPANILE_KEY=sk_$(od -An -N 20 -tx1 /dev/urandom | tr -d ' \n')
CAMPANILE_BOOTSTRAP_KEY=$CAMPANILE_KEY CAMPANILE__LOG__LEVEL=${CAMPANILE__LOG__LEVEL:-warn} \
    "$campanile" serve --listen 127.0.0.1:0 --data "$data/server" "${arguments[@]}" >"$data/ready" 2>"$data/log" &
server=$!

CAMPANILE_URL=
for _ in $(seq 300); do
    CAMPANILE_URL=$(sed -n 's/^ready //p' "$data/ready")
    if [[ -n $CAMPANILE_URL ]] || ! kill -0 "$server" 2>/dev/null; then
        break
    fi
    sleep 0.1
done
if [[ -z $CAMPANILE_URL ]]; then
    echo "error: the server did not get ready" >&2
    cat "$data/log" >&2
    exit 1
fi
export CAMPANILE_URL CAMPANILE_KEY

status=0
"$@" || status=$?

if ! kill -0 "$server" 2>/dev/null; then
    echo "error: the server ended meanwhile" >&2
    status=1
else
    # It stops when it is asked to, and says whether all went well.
    kill "$server"
    ended=0
    wait "$server" || ended=$?
    if ((ended)); then
        echo "error: the server ended with $ended" >&2
        status=1
    fi
fi
server=
if ((status)) && [[ -s $data/log ]]; then
    echo "the end of the server's log:" >&2
    tail -n 50 "$data/log" >&2
fi
exit "$status"
