# make demo   identifies real sequences with the embedded library
# make test   passes the fast tests
# make bundle makes dist/bundle, which installs without a network (docs/installing.md)
# Both set up .venv first; nothing is left outside this folder.

PYTHON ?= $(shell for v in python3.11 python3.12 python3.13 python3; do \
	$$v -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& echo $$v && break; done)
BIN = .venv/bin

.PHONY: demo test test-all check bundle clean

demo: .venv/installed
	$(BIN)/forensics identify reference_sequences/demonstration/fin_whale_COI.fasta \
		reference_sequences/demonstration/Bombus_ignitus_F.ab1.gz \
		reference_sequences/demonstration/Bombus_ignitus_R.ab1.gz

test: .venv/tested
	$(BIN)/python -m pytest -m "not slow" --numprocesses auto --dist loadfile

test-all: .venv/tested
	$(BIN)/python -m pytest

check: .venv/tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

bundle: .venv/tested
	$(BIN)/python -m forensics.bundle.making --output dist/bundle

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed."; exit 1; }
	$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/python setup.cfg setup.py pyproject.toml $(wildcard forensics/barcode/matching/*.c)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-cache-dir --editable .
	@touch $@

.venv/tested: .venv/bin/python setup.cfg setup.py pyproject.toml $(wildcard forensics/barcode/matching/*.c)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-cache-dir --editable '.[all,test]'
	@touch $@ .venv/installed

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
	rm -f reference_sequences/*/index.bin forensics/barcode/matching/*.so
