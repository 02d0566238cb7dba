# `make tutor` and `make test` are all that a newcomer needs; both set up what they use in .venv.

PYTHON ?= python3
# Tests run side by side. A fifth of their time they wait for a screen or a process: three keep two cores busy.
PROCESSES ?= 3
BIN := .venv/bin

.PHONY: tutor test check matrix bench pictures clean

tutor: .venv/program
	@$(BIN)/tutor $(LESSON)

test: .venv/developer
	$(BIN)/python -m pytest -q -n $(PROCESSES) --dist worksteal $(TESTS)

check: .venv/developer
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.vague_names
	$(BIN)/tutor verify

# Other Pythons and other torches, as far as there are some; CELLS=program-3.12 for one of them.
matrix: .venv/developer
	$(BIN)/python -m tests.matrix -n $(PROCESSES) $(CELLS)

bench: .venv/bench
	$(BIN)/python -m bench

pictures: .venv/developer
	$(BIN)/python -m tests.pictures

clean:
	rm -rf .venv .matrix build dist *.egg-info

$(BIN)/pip:
	$(PYTHON) -m venv .venv

# An editable install, so that an edited lesson or module is used at once; constraints.txt is the tested set.
.venv/program: $(BIN)/pip pyproject.toml constraints.txt
	$(BIN)/pip install --quiet -c constraints.txt -e .
	@touch $@

.venv/developer: .venv/program
	$(BIN)/pip install --quiet -c constraints.txt -e '.[dev]'
	@touch $@

.venv/bench: .venv/developer
	$(BIN)/pip install --quiet -c constraints.txt -e '.[dev,bench]'
	@touch $@
