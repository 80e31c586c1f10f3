# The two commands a newcomer needs: `make demo` and `make test`. Everything is installed into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help setup demo test lint check bench clean
help:
	@echo 'make demo    set up, start the embedded Postgres, compile and run the first workflow'
	@echo 'make test    set up and run all tests'
	@echo 'make check   formatting, lint, types, import rules, tests'
	@echo 'make bench   print the benchmark figures, write them to tests/bench/results'
	@echo 'make clean   remove the environment and the demo database'

setup: $(READY)

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet -e '.[api,lsp,metrics,otlp]' --group dev
	@touch $(READY)

demo: $(READY)
	$(BIN)/jcc run examples/calltest.wf '{"input": 123}'

test: $(READY)
	$(BIN)/python -m pytest -n auto --dist loadscope

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test

bench: $(READY)
	@for program in parse compile check sandbox steps sql calls latency; do echo "== $$program"; $(BIN)/python -m tests.bench.$$program || exit 1; done

clean:
	rm -rf $(VENV) examples/.jobcenter
