# Two commands on a bare machine: `make run` and `make test`. Everything goes through tools/bootstrap.py.

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3.11)
VENV   := $(or $(RAPPORT_VENV),.venv)
PY     := $(VENV)/bin/python
ARGS   ?=

# Each process would compile the whole program anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run setup setup-test test check bench exam-send shots handbook words fmt lock clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*##\(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

setup:  ## the environment of the program
	@$(PYTHON) tools/bootstrap.py run

setup-test:  ## the environment of the tests, with Chromium
	@$(PYTHON) tools/bootstrap.py test

run: setup  ## start everything; Ctrl-C stops it
	@exec $(PY) -m rapport.cli run $(ARGS)

test: setup-test  ## all tests; ARGS="tests/spec -q" for some
	@$(PY) -m pytest $(if $(ARGS),$(ARGS),-n 3 --dist worksteal -q)

check: setup-test  ## lint, types, floors and house rules
	@$(PY) tools/check.py $(ARGS)

bench: setup-test  ## ARGS="NAME --json"
	@$(PY) -m bench $(ARGS)

exam-send: setup-test  ## the send under kills; ARGS="--recipients N --kills K --seeds S --json"
	@$(PY) -m exam.send $(ARGS)

shots: setup-test  ## screenshots of every page
	@$(PY) -m tools.shots $(ARGS)

handbook: setup-test  ## render docs/handbook from the tables of the tests
	@$(PY) tools/handbook.py

words: setup-test  ## collect the words of the pages into the Spanish catalogue
	@$(PY) -m tools.catalogue

fmt: setup-test  ## format the code
	@$(PY) -m ruff format . && $(PY) -m ruff check --fix .

lock: setup-test  ## pin what requirements/*.in ask for, with hashes and without addresses
	@for name in uv build run test; do \
	  case $$name in uv|build) out=$$name.txt;; *) out=$$name.lock;; esac; \
	  also=$$([ $$name = test ] && echo "-c requirements/run.lock"); \
	  $(VENV)/bin/uv pip compile --generate-hashes --universal --no-emit-index-url --python-version 3.11 \
	  $$also requirements/$$name.in -o requirements/$$out -q || exit 1; done

clean:  ## remove caches (never the home with its data)
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find src tests tools bench exam -name __pycache__ -type d -prune -exec rm -rf {} +
