#!/usr/bin/env bash
# Packs the release binary with what belongs to it. The same files make the same archive.
set -euo pipefail
cd "$(dirname "$0")/.."

version=$(cargo metadata --no-deps --format-version 1 |
    node -e 'console.log(JSON.parse(require("fs").readFileSync(0)).packages.find((p) => p.name === "campanile").version)')
target=$(rustc -vV | sed -n 's/^host: //p')
name=campanile-$version-$target
dist=target/dist
time=$(git log -1 --format=%ct 2>/dev/null || echo 0)

rm -rf "${dist:?}/$name" "$dist/$name.tar.gz" "$dist/$name.tar.gz.sha256"
mkdir -p "$dist/$name/docs"
install -m 755 target/release/campanile "$dist/$name/campanile"
install -m 644 README.md LICENSE CHANGELOG.md "$dist/$name/"
install -m 644 docs/config.toml "$dist/$name/docs/"

tar --create --directory "$dist" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$time" "$name" |
    gzip --no-name --best >"$dist/$name.tar.gz"
(cd "$dist" && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
rm -r "${dist:?}/$name"
cat "$dist/$name.tar.gz.sha256"
