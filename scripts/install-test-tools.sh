#!/usr/bin/env bash
# Installs what the tests need and is missing, on Debian and for root; tells everyone else what to install.
set -euo pipefail

for tool in cargo node npm; do
    if ! command -v "$tool" >/dev/null; then
        echo "error: $tool is missing; the project needs Rust (rustup) and Node.js 20 or newer" >&2
        exit 1
    fi
done

has_postgres() {
    { command -v initdb && command -v psql; } >/dev/null ||
        { compgen -G '/usr/lib/postgresql/*/bin/initdb' && compgen -G '/usr/lib/postgresql/*/bin/psql'; } >/dev/null
}
has_chromium() { command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; }
has_faketime() { compgen -G '/usr/lib/*/faketime/libfaketime.so.1' >/dev/null || compgen -G '/usr/*/faketime/libfaketime.so.1' >/dev/null; }
has_venv() { python3 -c 'import venv, ensurepip' 2>/dev/null; }

packages=()
has_postgres || packages+=(postgresql)
has_chromium || packages+=(chromium)
has_faketime || packages+=(libfaketime)
has_venv || packages+=(python3 python3-pip python3-venv)
command -v strace >/dev/null || packages+=(strace)
command -v cc >/dev/null || packages+=(build-essential)

if ((${#packages[@]})); then
    if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
        echo "error: the tests need what is not installed: ${packages[*]}" >&2
        echo "       on Debian: sudo apt-get install ${packages[*]}" >&2
        exit 1
    fi
    echo "installing ${packages[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"
fi
