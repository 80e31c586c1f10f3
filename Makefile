VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
.PHONY: demo test check setup
setup: $(VENV)/.done
$(VENV)/.done: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet -e '.[lsp]' --group dev
	touch $@
