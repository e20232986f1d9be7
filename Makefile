# One gate, the same at home and in CI. PYTHON is the interpreter of an environment with `pip install -e '.[dev]'`.
PYTHON ?= python
PARALLEL ?= -n auto --dist worksteal

.PHONY: install check format lint types contracts test slow docs golden index

install:
	$(PYTHON) -m pip install -c constraints.txt -e '.[dev]'

check: lint types contracts test

format:
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

lint:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

types:
	$(PYTHON) -m mypy

contracts:
	$(PYTHON) -c "from importlinter.cli import lint_imports_command; lint_imports_command()"

test:
	$(PYTHON) -m pytest $(PARALLEL)

slow:
	$(PYTHON) -m pytest -m "slow or hypothesis" --hypothesis-profile=thorough $(PARALLEL)

docs:
	NO_MKDOCS_2_WARNING=1 $(PYTHON) -m mkdocs build --strict

golden:
	$(PYTHON) scripts/make_golden.py

index:
	$(PYTHON) scripts/build_sample_index.py
