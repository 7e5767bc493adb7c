# Everything that one does with the project. `make` alone lists it.

# What may be given on the command line or in the environment:
PYTHON ?=#   the Python that makes the environments; else the first that fits
CHROMIUM ?=# the browser for the tests and the benchmarks; else the first that is found, or installed
CORPUS ?=#   a local copy of the Shakespeare text; else train-zoo fetches it, and test leaves out what needs it
ENGINE ?= docker
IMAGE ?= hidden-state
BASE ?=#            docker: the image to build on; else the one that the Dockerfile names
EXTRA_INDEX_URL ?=# docker: a further package index, for instance one with the CPU-only torch
BUILD_FLAGS ?=#     docker: what else the engine is to be told
JOBS ?= auto#      tests: how many processes, four at most; 0 for one alone, as a debugger needs it
PYTEST_FLAGS ?=

PYTEST = .venv-test/bin/python -m pytest --numprocesses $(JOBS) --maxprocesses 4 --dist worksteal

export PYTHON CHROMIUM CORPUS

# The server's environment, and a second one with what tests, checks and benchmarks need besides.
# An environment is ready once the file below says so for this very folder: after a move it is set up again.
HERE := $(shell pwd | cksum | cut -d ' ' -f 1)
SERVER := .venv/ready-$(HERE)
TESTING := .venv-test/ready-$(HERE)

# What reads the page's scripts: a linter and a type checker. The page itself needs no Node, and no test does.
READERS := node_modules/ready-$(HERE)

# Numba keeps compiled loops beside the sources, but does not see when a file changes that they inline from.
LOOPS := models/__pycache__/loops

.PHONY: help run test check train-zoo bench docker clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: $(SERVER) $(LOOPS) ## set up what is missing and serve on 127.0.0.1:8000 (HIDDEN_STATE_PORT, HIDDEN_STATE_HOST, ...)
	@.venv/bin/hidden-state serve

test: $(TESTING) ## set up what is missing, a Chromium included, and run every test: first the fast ones
	@chromium=$$(scripts/find-chromium .venv-test/bin/python) && \
	export CHROMIUM="$$chromium" && \
	$(PYTEST) -m "not slow and not browser" $(PYTEST_FLAGS) && \
	$(PYTEST) -m "slow or browser" $(PYTEST_FLAGS)

check: $(TESTING) $(READERS) ## format, lint, types (Python's and the page's) and the fast tests
	@.venv-test/bin/python -m ruff format --check .
	@.venv-test/bin/python -m ruff check .
	@.venv-test/bin/python -m mypy
	@node_modules/.bin/eslint --max-warnings 0 static eslint.config.js
	@node_modules/.bin/tsc --project tsconfig.json
	@$(PYTEST) -q -m "not slow and not browser" $(PYTEST_FLAGS)

train-zoo: $(SERVER) $(LOOPS) ## tune and train the models that ship, resumable; see docs/training.md (CORPUS=/path/to/shakespeare)
	@.venv/bin/hidden-state train-zoo --resume $(if $(CORPUS),--corpus "shakespeare=$(CORPUS)")

bench: $(TESTING) $(LOOPS) ## measure, side by side with what a user would pick instead
	@chromium=$$(scripts/find-chromium .venv-test/bin/python) && \
	CHROMIUM="$$chromium" .venv-test/bin/python -m benchmarks

docker: ## build the image (ENGINE=podman, BASE=..., EXTRA_INDEX_URL=...)
	@$(ENGINE) build --tag $(IMAGE) \
	    $(if $(BASE),--build-arg "BASE=$(BASE)") \
	    $(if $(EXTRA_INDEX_URL),--build-arg "EXTRA_INDEX_URL=$(EXTRA_INDEX_URL)") \
	    $(BUILD_FLAGS) --file Dockerfile .

clean: ## remove the environments and all that was built, compiled or cached
	rm -rf .venv .venv-test node_modules build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find app models tests benchmarks scripts -name __pycache__ -type d -prune -exec rm -rf {} +

%/bin/python:
	@python=$$(scripts/find-python) && echo "Making $* with $$python" && "$$python" -m venv --clear $*

$(SERVER): .venv/bin/python pyproject.toml constraints.txt | $(LOOPS)
	.venv/bin/python -m pip install --disable-pip-version-check --constraint constraints.txt --editable .
	@echo "Compiling the loops, once." && .venv/bin/hidden-state warm
	@touch $@

$(TESTING): .venv-test/bin/python pyproject.toml constraints.txt
	.venv-test/bin/python -m pip install --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

$(READERS): package.json package-lock.json
	@scripts/find-node
	npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

$(LOOPS): $(wildcard models/kernels/*.py models/cells/*.py)
	@find models -name '*.nb[ic]' -delete
	@mkdir -p $(@D) && touch $@
