# Two commands from a clean checkout: `make loadtest` and `make test`. Each makes the environment it needs.
PROFILE ?= full
PROVIDER ?=
FAMILY ?=
OUT ?= out
HARNESS := .venv/bin/harness

.PHONY: help loadtest test check prove bench lock format clean

help:            ## list the commands
	@grep -hE '^[a-z]+: .*##|^[a-z]+:  *##' $(MAKEFILE_LIST) | sed 's/: *##/\t/; s/:.*##/\t/' | sort

loadtest: ## environment, services, seeded system, load, verdict, report (PROFILE=smoke, UI=1, PROVIDER=containers)
	@ci/env run
	@$(HARNESS) load --profile $(PROFILE) --out $(OUT) $(if $(UI),--ui) $(if $(PROVIDER),--provider $(PROVIDER))

test: ## environment and the whole test suite
	@ci/test

check: ## lint, types, import contracts, dead code, unused dependencies
	@ci/check

prove: ## plant every mutant and show that the verdict turns (FAMILY=load, JSON=1)
	@ci/prove "$(FAMILY)" --out $(OUT) $(if $(JSON),--json)

bench: ## benchmarks, both sides of each ratio in one run
	@ci/env dev
	@ci/bench

lock: ## resolve the dependencies anew into the hashed locks
	@ci/env dev
	@ci/lock

format: ## format the code
	@ci/env dev
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix-only --quiet .

clean: ## remove what runs and tools left in this checkout; the environment stays
	@rm -rf out .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks .import_linter_cache
