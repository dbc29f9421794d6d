#!/usr/bin/env bash
# Runs the whole test suite instrumented and holds the lines covered in four rooms against a threshold.
# Needs a PostgreSQL: scripts/with-postgres.sh scripts/coverage.sh
set -euo pipefail
cd "$(dirname "$0")/.."

cargo llvm-cov --version >/dev/null 2>&1 || cargo install --locked cargo-llvm-cov
if command -v rustup >/dev/null; then
    rustup component add llvm-tools >/dev/null 2>&1 || true
fi

cargo llvm-cov test --workspace --no-report
mkdir -p target/coverage
cargo llvm-cov report --json --summary-only --output-path target/coverage/summary.json
cargo llvm-cov report --lcov --output-path target/coverage/lcov.info

node --input-type=module - target/coverage/summary.json <<'JS'
import { readFileSync } from "node:fs";
const threshold = 80;
const { files } = JSON.parse(readFileSync(process.argv[2], "utf8")).data[0];
let failed = false;
for (const room of ["domain", "store", "app", "api"]) {
  const lines = files.filter((file) => file.filename.includes(`/crates/${room}/src/`)).map((file) => file.summary.lines);
  const sum = (field) => lines.reduce((total, line) => total + line[field], 0);
  const percent = sum("count") === 0 ? 0 : (100 * sum("covered")) / sum("count");
  failed ||= percent < threshold;
  console.log(`${room.padEnd(8)} ${percent.toFixed(1).padStart(5)} % of ${sum("count")} lines${percent < threshold ? `  below ${threshold} %` : ""}`);
}
process.exitCode = failed ? 1 : 0;
JS
