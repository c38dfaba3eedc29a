# Tidings. `make` without a target lists all targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Three processes also on two cores: many tests wait for servers. Tests of one file share fixtures.
SPREAD := --numprocesses 3 --dist loadfile

# Without stored bytecode, each command would compile the libraries again.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo night serve test slow static check all-tests format docs dbt bench benchmarks lock clean

help: ## list the targets
	@echo "Tidings collects policy news every night. Start with:  make demo"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Tidings needs Python 3.11 or later. Choose another interpreter: make PYTHON=python3.12 …"; exit 1; }
	@echo "Setting up $(VENV) (about a minute, once) …"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-compile --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY) ## install everything and run the pipeline on the bundled sample newsroom (two to three minutes)
	@$(BIN)/tidings demo

night: $(READY) ## run the nightly pipeline once on the real feeds in seeds/
	@$(BIN)/tidings nightly

serve: $(READY) ## run the Prefect server, UI, schedules and deployments until Ctrl-C
	@$(BIN)/tidings serve

test: $(READY) ## run the tests, except slow ones that only make check runs (about seven minutes on two cores)
	@$(BIN)/python -m pytest -q -m "not slow" $(SPREAD)

slow: $(READY) ## run only the slow tests
	@$(BIN)/python -m pytest -q -m slow $(SPREAD)

static: $(READY) ## check format, lint, types, imports, SQL and documentation
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	rm -rf build/package && mkdir -p build/package && cp -pR tidings build/package && cp -p flows/*.py flows/*.yaml build/package/tidings/flows
	$(BIN)/mypy
	cd build/package && ../../$(BIN)/lint-imports --config ../../pyproject.toml
	$(BIN)/sqlfluff lint --processes 2 transforms/models
	$(BIN)/python docs/build.py build/docs

check: $(READY) ## run everything that CI runs: static checks, and all tests beside them
	@$(MAKE) --no-print-directory --jobs 2 static all-tests

all-tests: $(READY)
	$(BIN)/python -m pytest -q $(SPREAD)

format: $(READY) ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/sqlfluff fix --processes 2 transforms/models

docs: $(READY) ## build the documentation site in build/docs and check its links
	@$(BIN)/python docs/build.py build/docs

dbt: $(READY) ## build and test the models with dbt in a scratch file, from the sources of the warehouse
	@mkdir -p build/dbt && $(BIN)/python -m tidings.stages.scratch build/dbt/lake.duckdb > build/dbt/vars.json
	cd transforms && ../$(BIN)/dbt build --target-path ../build/dbt/target --log-path ../build/dbt --vars "$$(cat ../build/dbt/vars.json)"

bench: $(READY) ## run the benchmarks, as ratios to a baseline in the same run
	@for file in $$(ls benchmarks/[a-z]*.py | grep -vE 'public|trafilatura|document_|first_uses|reviewed|soak|workers|histories|cluster|shared|stage_seconds|duckdb_versions'); do echo "== $$file"; $(BIN)/python -m benchmarks.$$(basename $$file .py) || exit 1; done

benchmarks: $(READY) ## score public benchmarks in ../shared beside published figures (docs/quality.md)
	@$(BIN)/python -m benchmarks.public

faults: $(READY) ## run the fault tests: killed runs, full disk, damaged files, hostile pages (hours)
	@$(BIN)/python -m tests.faults.run
	@$(BIN)/python -m tests.faults.poisoned

soak: $(READY) ## simulate 365 nightly runs with maintenance, and measure growth (hours)
	@$(BIN)/python -m benchmarks.soak
	@$(BIN)/python -m benchmarks.soak --prefect

lock: $(READY) ## update requirements.lock from pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --target build/uv uv
	@echo 'dbt-core-experimental-parser ; python_version < "3"' > build/override.txt
	@PYTHONPATH=build/uv $(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --extra dev --override build/override.txt --custom-compile-command "make lock" \
	  pyproject.toml -o requirements.lock

clean: ## delete generated files, but not the warehouse
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis transforms/target transforms/logs tests/output
