#!/usr/bin/env bash
# Runs a command beside a throw-away PostgreSQL, whose address it finds in CAMPANILE_TEST_POSTGRES.
#
#   scripts/with-postgres.sh [--durable] COMMAND [ARGUMENT ...]
#
# Tests create many databases and crash none of them, so flushes are off unless --durable asks for them.
# An address that is set already is used as it is.
set -euo pipefail

fsync=off
if [[ ${1:-} == --durable ]]; then
    fsync=on
    shift
fi
if [[ -n ${CAMPANILE_TEST_POSTGRES:-} ]]; then
    exec "$@"
fi

# The newest installed version; Debian keeps the programs of the server out of the path.
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
if [[ -z $bin ]]; then
    initdb=$(command -v initdb) || { echo "error: PostgreSQL is not installed (no initdb)" >&2; exit 1; }
    bin=$(dirname "$initdb")
fi

dir=$(mktemp -d "${TMPDIR:-/tmp}/campanile-postgres.XXXXXX")
as_postgres() {
    # PostgreSQL refuses to run as root.
    if [[ $(id -u) == 0 ]]; then (cd "$dir" && runuser -u postgres -- "$@"); else "$@"; fi
}
clean_up() {
    as_postgres "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$dir"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [[ $(id -u) == 0 ]]; then
    chown postgres "$dir"
fi
as_postgres "$bin/initdb" -D "$dir/data" -U postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$dir/initdb.log"

# A port somebody else takes in the meantime makes the start fail; then the next one is tried.
started=
for _ in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 12000))
    options="-c port=$port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$dir -c max_connections=500"
    options+=" -c fsync=$fsync -c full_page_writes=$fsync -c max_wal_size=4GB"
    if as_postgres "$bin/pg_ctl" -D "$dir/data" -l "$dir/server.log" -o "$options" -w -t 60 start >/dev/null; then
        started=yes
        break
    fi
done
if [[ -z $started ]]; then
    cat "$dir/server.log" >&2
    exit 1
fi

# For whoever wants to see what happens when it falls.
declare -f as_postgres >"$dir/restart"
cat >>"$dir/restart" <<EOF
dir='$dir'
as_postgres '$bin/pg_ctl' -D '$dir/data' -m immediate -w stop >/dev/null
as_postgres '$bin/pg_ctl' -D '$dir/data' -l '$dir/server.log' -o '$options' -w -t 60 start >/dev/null
EOF
export CAMPANILE_TEST_POSTGRES_RESTART="$dir/restart"

export CAMPANILE_TEST_POSTGRES="postgres://postgres@127.0.0.1:$port/postgres"
"$@"
