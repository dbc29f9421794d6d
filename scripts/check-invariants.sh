#!/usr/bin/env bash
# The invariants of ARCHITECTURE.md that text alone can show. Each line names the rule it holds.
set -euo pipefail
cd "$(dirname "$0")/.."

failed=0

# forbid RULE PATTERN PATH... : no line of the named files may match. Comments are not code.
forbid() {
    local rule=$1 pattern=$2 found
    shift 2
    found=$(grep --recursive --line-number --with-filename --extended-regexp --include='*.rs' --include='Cargo.toml' \
        -- "$pattern" "$@" 2>/dev/null | grep --invert-match --extended-regexp '^[^:]+:[0-9]+:[[:space:]]*(//|#[^[])' || true)
    if [[ -n $found ]]; then
        printf 'broken: %s\n%s\n\n' "$rule" "$found" >&2
        failed=1
    fi
}

# rooms_but ROOM... : the source of every room except these.
rooms_but() {
    local room
    for room in crates/*/; do
        room=$(basename "$room")
        [[ " $* " == *" $room "* ]] || echo "crates/$room/src"
    done
}

manifests_but() { rooms_but "$@" | sed 's|/src$|/Cargo.toml|'; }

mapfile -t paths < <(manifests_but store testkit campanile)
forbid 'SQL only in store: no other room depends on a driver' '^(sqlx|rusqlite|tokio-postgres)\b' "${paths[@]}"

mapfile -t paths < <(rooms_but store testkit campanile bench)
forbid 'SQL only in store: no statement elsewhere' \
    '"(SELECT [^"]* FROM|INSERT INTO|UPDATE [a-z_]+ SET|DELETE FROM|CREATE TABLE) ' "${paths[@]}"

mapfile -t paths < <(rooms_but store app engine testkit bench)
forbid 'only app and engine open write transactions' '\bstore\.(write|write_all|change|change_all|commit|complete)\(' "${paths[@]}"

forbid 'domain never awaits' '\basync\b|\.await\b|\btokio\b|\bfutures' crates/domain/src
forbid 'domain never awaits: no runtime' '^(tokio|futures|async)' crates/domain/Cargo.toml
forbid 'domain never reads the clock' 'SystemTime|Instant::now|Timestamp::now|Zoned::now' crates/domain/src
forbid 'domain does no IO' 'std::(fs|process|env)\b|std::net::(Tcp|Udp)' crates/domain/src
forbid 'domain knows no other room' '^(store|egress|channels|connectors|app|engine|api|config|campanile|testkit)\b' \
    crates/domain/Cargo.toml
forbid 'arrows point one way: store knows domain alone' \
    '^(egress|channels|connectors|app|engine|api|config|campanile)\.workspace' crates/store/Cargo.toml
forbid 'arrows point one way: egress and config know no room' \
    '^(domain|store|channels|connectors|app|engine|api|campanile)\.workspace' crates/egress/Cargo.toml crates/config/Cargo.toml
forbid 'arrows point one way: app knows neither engine nor api' '^(engine|api|campanile)\.workspace' crates/app/Cargo.toml
forbid 'arrows point one way: engine and api do not know each other' '^(api|campanile)\.workspace' crates/engine/Cargo.toml
forbid 'arrows point one way: engine and api do not know each other' '^(engine|campanile)\.workspace' crates/api/Cargo.toml

# The command line is a client of its own server and speaks to nobody else.
mapfile -t paths < <(rooms_but egress testkit bench campanile)
forbid 'every outbound byte leaves through egress' \
    'TcpStream::connect|UdpSocket::|hyper_util::client|hyper::client|\breqwest\b|connect_async|lookup_host|ToSocketAddrs' \
    "${paths[@]}"

mapfile -t paths < <(rooms_but)
forbid 'no utils' '\bmod (utils?|helpers?|common|misc)\b' "${paths[@]}"
forbid 'things are named for what they are' \
    '\b(struct|enum|trait) [A-Za-z0-9]*(Manager|Service|Helper|Utils?|Processor)\b' "${paths[@]}"
forbid 'nothing unfinished' '\b(todo|unimplemented)!\(' "${paths[@]}"

machine_paths=$(git ls-files --cached --others --exclude-standard |
    grep --invert-match --fixed-strings --line-regexp 'scripts/check-invariants.sh' |
    tr '\n' '\0' | xargs -0 grep --binary-files=without-match --line-number --extended-regexp \
        '(^|[^A-Za-z0-9_.])/(root|work|home/[a-z]+|Users/[A-Za-z]+)/' 2>/dev/null || true)
if [[ -n $machine_paths ]]; then
    printf 'broken: no path of one machine\n%s\n' "$machine_paths" >&2
    failed=1
fi

# Every test that the table of invariants names.
named=$(sed -n '/^| invariant /,/^$/p' ARCHITECTURE.md | grep --only-matching --extended-regexp '`[a-z0-9]+(_[a-z0-9]+)+`' | tr -d '`' | sort -u)
if [[ -z $named ]]; then
    echo 'broken: ARCHITECTURE.md names no test beside its invariants' >&2
    failed=1
fi
for test in $named; do
    if ! grep --recursive --quiet --include='*.rs' --word-regexp "fn $test" crates; then
        printf 'broken: the invariants name a test that is not there: %s\n' "$test" >&2
        failed=1
    fi
done

exit "$failed"
