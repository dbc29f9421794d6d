#!/usr/bin/env bash
# Licences, bans and sources of the dependency tree (deny.toml), and known vulnerabilities where their list
# can be fetched: without a network the first three still decide.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo deny --version >/dev/null 2>&1 || cargo install --locked cargo-deny
cargo deny check --hide-inclusion-graph bans licenses sources
if cargo deny fetch db >/dev/null 2>&1; then
    cargo deny check --hide-inclusion-graph advisories
else
    echo "note: the list of advisories cannot be fetched here; it was not checked" >&2
fi
