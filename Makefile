# Two commands do everything on a machine with Python 3.11 or newer and pip:
#
#   make demo    set up, and write build/hedge.xlsx from live rates (or the bundled snapshot)
#   make test    set up, and run all tests
#
# make PYTHON=python3.12 ... chooses an interpreter. Everything is installed into .venv.

PYTHON ?= python3
VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: demo test lint bench template pictures wheel clean

demo: $(VENV)/installed
	@mkdir -p build
	@$(BIN)/xlhedge new build/hedge.xlsx --venue binance --bag BTC=5 --leverage 1 --days 30 --force

test: $(VENV)/installed-test
	$(BIN)/python -m pytest -n auto --dist loadfile

lint: $(VENV)/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

bench: $(VENV)/installed-test
	$(BIN)/python benchmarks/run.py

# the workbook template from its code; the pictures of the README from a filled workbook
template: $(VENV)/installed
	$(BIN)/python workbooks/build_template.py

pictures: $(VENV)/installed
	$(BIN)/python workbooks/render.py

wheel: $(VENV)/installed
	$(PIP) wheel -q --no-deps --wheel-dir dist .

clean:
	rm -rf $(VENV) build dist

$(VENV)/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "xlhedge needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12")'
	@$(PYTHON) -m venv $(VENV) || ($(PYTHON) -m pip install -q --target build/virtualenv virtualenv && PYTHONPATH=build/virtualenv $(PYTHON) -m virtualenv -q $(VENV))
	@touch $@

$(VENV)/installed: $(VENV)/created pyproject.toml constraints.txt
	@echo "Setting up in $(VENV) (once) ..."
	@$(PIP) install -q -c constraints.txt -e .
	@touch $@

$(VENV)/installed-test: $(VENV)/created pyproject.toml constraints.txt
	@echo "Setting up the tests in $(VENV) (once) ..."
	@$(PIP) install -q -c constraints.txt -e '.[test,lint]'
	@touch $(VENV)/installed $@
