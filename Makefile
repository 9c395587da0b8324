# The usual steps, by name. `make` alone lists them.
PYTHON ?= .venv/bin/python

.PHONY: help build test lint format bench docs site clean

help:
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/'

build: ## virtual environment with everything, native core in place
	test -d .venv || python3 -m venv .venv
	$(PYTHON) -m pip install -c .ci/constraints.txt -e '.[test,export,jit,video,images,audio,bench,table,plot,serve,bag,ray,docs,lint]'

test: ## the whole suite
	$(PYTHON) -m pytest -q -n auto --dist worksteal

lint: ## format, lint, types, layers
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy
	.venv/bin/lint-imports

format: ## rewrite sources in the house style (Python and C++)
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .
	find csrc tests -name '*.h' -o -name '*.cpp' -o -name '*.cu' -o -name '*.c' | xargs $(PYTHON) -m clang_format -i

bench: ## latency of every stage on this machine
	$(PYTHON) -m edgeaffect.bench

docs: ## pages that are written by code
	$(PYTHON) docs/make_options.py
	$(PYTHON) docs/make_cue_signs.py
	$(PYTHON) docs/make_api.py
	$(PYTHON) docs/make_papers.py
	$(PYTHON) -m training.model_card

site: ## all pages as a site, site/index.html; nothing in it comes from another host
	NO_MKDOCS_2_WARNING=1 $(PYTHON) -m mkdocs build --strict

clean:
	rm -rf site build dist *.egg-info edgeaffect/_core*.so edgeaffect/_cuda*.so edgeaffect/_build_info.py
