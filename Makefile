# What a person types. What is longer than a few lines lies in scripts/.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

CAMPANILE := target/release/campanile
BENCH := target/release/bench
ROUNDS ?= 200

.PHONY: help
help: ## Show this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

.PHONY: run
run: release ## Start a demonstration and print where to look
	$(CAMPANILE) serve --demo --data .campanile/demo --egress-allow 127.0.0.0/8

.PHONY: test
test: ## Everything that must hold, on both databases and in a real browser
	scripts/test.sh

.PHONY: lint
lint: web ## Format, lints, licences, invariants, freshness of what is generated
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	scripts/check-dependencies.sh
	scripts/check-invariants.sh
	cargo test --package config --test loading --quiet the_committed_reference_is_fresh
	cd web && npm run lint

.PHONY: bench
bench: release ## Measure against the figures of the design, as a table and as target/bench.json
	scripts/with-postgres.sh --durable $(BENCH) run --json target/bench.json

.PHONY: torture
torture: release ## Kill the server again and again and count what it had promised (ROUNDS=200)
	scripts/with-postgres.sh --durable $(BENCH) torture --rounds $(ROUNDS) --database both

.PHONY: coverage
coverage: web ## Lines covered by the tests; fails below 80 % in domain, store, app or api
	scripts/install-test-tools.sh
	scripts/with-postgres.sh scripts/coverage.sh

.PHONY: dist
dist: release ## One stripped binary in an archive, with its checksum, in target/dist
	scripts/dist.sh

.PHONY: release
release: web
	cargo build --locked --release --package campanile --package bench

.PHONY: web
web:
	scripts/build-web.sh
