# Needs Python 3.11 or later, make and git; everything else lands in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SEED ?= 1

.PHONY: up test check docs faults failover fairness limits adapters bench lock clean pictures kannel firstday million

up: $(VENV)/.installed
	@exec $(BIN)/baotin up

# Twice as many processes as the cores of a small machine: many tests wait for most of their time.
# What pytest makes of the test files is kept, for each process and run would make it anew.
test: $(VENV)/.tested
	PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n 4 --dist worksteal

check: $(VENV)/.tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m notifier.store.migrate
	$(BIN)/pytest -q tests/test_docs.py

# Writes docs/reference anew from the code; a test says when that is due.
docs: $(VENV)/.installed
	$(BIN)/python -m notifier.reference

# Kills, cuts and outages against real processes; about five minutes for each of two gateways.
faults: $(VENV)/.tested
	$(BIN)/python -m tests.faults --seed $(SEED)

# Each adapter carries the demo through 503, 429 and time-outs; about a minute for each.
adapters: $(VENV)/.tested
	$(BIN)/python -m tests.faults.adapters

# A gateway dies in four ways, and comes back; one office floods another; ten times a provider's quota.
# About eight, two and thirteen minutes.
failover: $(VENV)/.tested
	$(BIN)/python -m tests.drills failover

fairness: $(VENV)/.tested
	$(BIN)/python -m tests.drills fairness

limits: $(VENV)/.tested
	$(BIN)/python -m tests.drills limits

# The adapter against a real Kannel and its fake SMSC; KANNEL is where Debian's packages kannel and
# kannel-extras lie, unpacked or installed.
KANNEL ?= /
kannel: $(VENV)/.tested
	$(BIN)/python -m tests.kannel $(KANNEL)

# The wheel in an empty environment runs `baotin up` and sends an SMS; a minute.
.PHONY: wheel
wheel: $(VENV)/.tested
	$(BIN)/python -m tests.wheel

# A night over 100,000 messages of three years, judged and timed.
.PHONY: retention
retention: $(VENV)/.tested
	$(BIN)/python -m tests.retention_run

# Encryption keys, an API key and a gateway's secrets rotated under 50 events/s; three minutes.
.PHONY: rotation
rotation: $(VENV)/.tested
	$(BIN)/python -m tests.rotation

# An older release (FROM: a commit; else the one before the newest migration) is migrated under 50
# events/s, then replaced by this one; two minutes, and the installing of that release.
.PHONY: upgrade
upgrade: $(VENV)/.tested
	$(BIN)/python -m tests.upgrade $(if $(FROM),--from $(FROM))

# Takes the README's picture anew; needs a Chromium.
pictures: $(VENV)/.tested
	$(BIN)/python -m tests.pictures

# Follows docs/first-day.md word for word, from an empty PostgreSQL to a delivered SMS.
firstday: $(VENV)/.tested
	$(BIN)/pytest tests/first_day

# Fills a PostgreSQL of its own with a million messages and times the staff pages over it.
million: $(VENV)/.tested
	$(BIN)/python -m tests.million

bench: $(VENV)/.installed
	$(BIN)/baotin bench

# Pins what pyproject.toml allows; needs uv.
lock:
	uv pip compile -q --universal --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url --python-version 3.11 pyproject.toml build.in -o requirements.lock
	uv pip compile -q --universal --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url --python-version 3.11 --extra test pyproject.toml build.in \
	  -o requirements-test.lock

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

# What venv makes last: one that was killed before is made anew.
$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Báo Tin needs Python 3.11 or later; set PYTHON to one"; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || \
	  { echo "python3 lacks its venv module; install it (Debian: python3-venv)"; exit 1; }

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/pip
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.tested: requirements-test.lock pyproject.toml $(VENV)/.installed
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-test.lock
	@touch $@
