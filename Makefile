# Everything happens in .venv, made from the lock file. `make demo` and `make test` need only Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# One more than the two cores it is meant for: many tests wait for processes that they start.
WORKERS ?= 3
# Without bytecode every process that a test starts would compile the whole package again: a second each.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install demo test test-all lint types docs format lock wheel clean

help:
	@echo "make demo      solve a real scenario and say where the report is"
	@echo "make test      run the test suite"
	@echo "make test-all  the same with the slow tests"
	@echo "make docs      build the documentation site into out/docs/site; warnings are errors"
	@echo "make lint types format lock wheel clean"

install: $(STAMP)

$(STAMP): requirements.lock setup.cfg setup.py pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

demo: install
	$(BIN)/allocator solve scenarios/texas_pivot --out out/texas_pivot
	$(BIN)/allocator report out/texas_pivot --format html --out out/texas_pivot.html

test: install
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile -m "not slow"

test-all: install
	HYPOTHESIS_PROFILE=explore $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install
	$(BIN)/mypy

docs: install
	$(BIN)/python -m docs.site out/docs

format: install
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: install
	$(BIN)/pip-compile --quiet --allow-unsafe --extra dev --extra cluster --extra reports --extra store --extra docs --generate-hashes --strip-extras \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --no-annotate \
		--output-file requirements.lock setup.cfg

wheel: install
	rm -rf build
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

clean:
	rm -rf $(VENV) build dist out
