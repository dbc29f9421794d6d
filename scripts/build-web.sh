#!/usr/bin/env bash
# Builds the pages into web/dist, when something in web/ is newer than the last build.
set -euo pipefail
cd "$(dirname "$0")/../web"

built=node_modules/.campanile-built

stale() {
    [[ ! -d dist || ! -e $built ]] && return 0
    [[ -n $(find . \( -name node_modules -o -name dist \) -prune -o -type f -newer "$built" -print -quit) ]]
}

if ! stale; then
    exit 0
fi
if [[ ! node_modules/.package-lock.json -nt package-lock.json ]]; then
    npm ci --no-audit --no-fund
fi
npm run build
touch "$built"
