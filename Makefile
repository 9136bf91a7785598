# Everything a clone needs is set up by the target that needs it: Python packages in .venv from locks with hashes, the
# web client's from npm, Node itself from PyPI where the machine has none. Nothing is installed twice: a stamp, or the
# file that the installer leaves, is newer than its lock.

PYTHONS = python3.13 python3.12 python3.11 python3
PYTHON  = .venv/bin/python
PYTEST  = $(PYTHON) -m pytest -n auto --maxprocesses=4 --dist worksteal
INSTALL = "$(CURDIR)/$(PYTHON)" -m pip install --quiet --disable-pip-version-check --require-hashes -r

WEB     = client_demo/web
CLIENT  = server/web/dist/index.html
E2E     = tests/e2e
CHROME  = $(E2E)/node_modules/.chromium/chromium

# Progress is told in the language of the terminal, as the server's own lines are.
say = $(if $(filter fr%,$(firstword $(LC_ALL) $(LC_MESSAGES) $(LANG))),$(1),$(2))

# What a recipe runs before npm or node. npm 10 and Node 20.19 are the oldest that the tools take.
NODE = export PATH="$(CURDIR)/.venv/bin:$$PATH"; \
	{ npm --version | grep -Eq '^[1-9][0-9]\.' && node -e '$(NODE_20_19)'; } 2>/dev/null || \
	{ echo "$(call say,Installation de Node…,Installing Node…)"; $(INSTALL) "$(CURDIR)/requirements/node.txt"; } || exit 1; \
	export npm_config_loglevel=error npm_config_update_notifier=false
NODE_20_19 = const [major, minor] = process.versions.node.split("."); process.exit(major * 100 + +minor < 2019 ? 1 : 0)
NPM_CI = npm ci --no-audit --no-fund --no-progress >/dev/null

.PHONY: run check test lint types format pictures bench chaos build lock clean
.DELETE_ON_ERROR:

run: .venv/.run .venv/bin/palabre $(CLIENT)
	@exec $(PYTHON) -m server run

# ---- to be sure: `check` in a minute, `test` before a release ----

# Runs a command, and beside it what looks at types and tests the web client; that says whole what it has to say once it is done,
# and again at the end if it found anything.
with_the_rest = log=$$(mktemp); trap 'rm -f "$$log"' EXIT; \
	( { $(NODE); $(PYTHON) -m mypy && cd $(WEB) && npm run --silent check && npm run --silent test; } >"$$log" 2>&1; \
		status=$$?; cat "$$log"; exit $$status ) & rest=$$!; \
	trap 'kill $$rest' INT TERM; \
	$(1); status=$$?; wait $$rest || { cat "$$log"; status=1; }; exit $$status

check: lint $(CLIENT)
	@$(call with_the_rest,$(PYTEST) -q -m "not slow" --hypothesis-profile=check)

test: lint $(CLIENT) $(CHROME)
	@$(call with_the_rest,$(PYTEST))

# The same tests three times, while four busy loops and a writer that syncs share two cores with them: all three must be green.
# `make test-busy BUSY="--runs 1 tests/wire"`
.PHONY: test-busy
test-busy: .venv/.dev $(CLIENT) $(CHROME)
	@$(PYTHON) -m tests.busy $(BUSY)

lint: .venv/.dev
	$(PYTHON) -m ruff format --check --quiet
	$(PYTHON) -m ruff check --quiet

types: .venv/.dev
	$(PYTHON) -m mypy

format: .venv/.dev
	$(PYTHON) -m ruff format
	$(PYTHON) -m ruff check --fix

# ---- to see and to measure: nothing here passes or fails ----

pictures: .venv/.dev $(CLIENT) $(CHROME)
	$(PYTHON) -m tests.e2e.pictures

# `make bench BENCH=--quick`, `make bench BENCH="--only fanout reveal"`
bench: .venv/.bench $(CLIENT)
	@$(PYTHON) -m tests.bench $(BENCH)

# Whatever can die dies under three hundred people, three times each; a quarter of an hour, and the table in README is written anew.
chaos: .venv/.dev
	$(PYTHON) -m tests.chaos

# Twenty thousand stories on virtual time, each told by its seed; one that fails says how to replay it. Fewer: `make simulate SEEDS=1:500`.
.PHONY: simulate mutants
SEEDS = 1:20000
simulate: .venv/.dev
	@$(PYTHON) -m tests.simulation --seeds $(SEEDS)

# Bugs planted on purpose, each of which a story must catch.
mutants: .venv/.dev
	@$(PYTHON) -m tests.simulation.mutants

# ---- what is shipped ----

build: .venv/.dev $(CLIENT)
	$(PYTHON) -m hatchling build -t wheel -d dist

# ---- what is installed ----

NO_PYTHON_FR = Palabre demande Python 3.11 ou plus récent et son module venv (sous Debian : apt install python3-venv).
NO_PYTHON_EN = Palabre needs Python 3.11 or newer with its venv module (on Debian: apt install python3-venv).

.venv/pyvenv.cfg:
	@for python in $(PYTHONS); do \
		if "$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "$(call say,Installation de l'environnement Python,Installing the Python environment) ($$python)…"; \
			exec "$$python" -m venv .venv; \
		fi; \
	done; echo "$(call say,$(NO_PYTHON_FR),$(NO_PYTHON_EN))" >&2; exit 1

.venv/.run: requirements/run.txt .venv/pyvenv.cfg
	@echo "$(call say,Installation du serveur…,Installing the server…)"
	@$(INSTALL) $<
	@touch $@

# The command that README names, from wherever it is called.
.venv/bin/palabre: | .venv/.run
	@printf '%s\n' '#!/bin/sh' 'here=$$(cd "$$(dirname "$$0")/../.." && pwd)' \
		'PYTHONPATH="$$here$${PYTHONPATH:+:$$PYTHONPATH}" exec "$$here/.venv/bin/python" -m server "$$@"' > $@
	@chmod +x $@

.venv/.dev: requirements/dev.txt .venv/.run | .venv/bin/palabre
	@echo "$(call say,Installation des outils de test…,Installing the test tools…)"
	@$(INSTALL) $<
	@touch $@

.venv/.bench: requirements/bench.txt .venv/.dev
	@echo "$(call say,Installation des serveurs auxquels on se compare…,Installing the servers to compare with…)"
	@$(INSTALL) $<
	@touch $@

$(WEB)/node_modules/.package-lock.json: $(WEB)/package-lock.json | .venv/pyvenv.cfg
	@echo "$(call say,Installation du client web…,Installing the web client…)"
	@$(NODE); cd $(WEB) && $(NPM_CI)
	@touch $@

$(CLIENT): $(WEB)/node_modules/.package-lock.json $(shell find $(WEB) \( -name node_modules -o -name test \) -prune -o -type f -print)
	@echo "$(call say,Construction du client web…,Building the web client…)"
	@$(NODE); cd $(WEB) && out=$$(npm run build 2>&1) || { echo "$$out" >&2; exit 1; }
	@touch $@

$(E2E)/node_modules/.package-lock.json: $(E2E)/package-lock.json | .venv/pyvenv.cfg
	@echo "$(call say,Installation de Chromium…,Installing Chromium…)"
	@$(NODE); cd $(E2E) && $(NPM_CI) --omit=optional
	@touch $@

# The package unpacks itself into the temporary directory; the libraries (NSS) that a bare machine lacks it brings out
# only where it believes to be on AWS.
$(CHROME): $(E2E)/node_modules/.package-lock.json
	@rm -rf $(@D) $(@D).new && mkdir $(@D).new
	@$(NODE); cd $(E2E) && TMPDIR="$(CURDIR)/$(@D).new" AWS_EXECUTION_ENV=AWS_Lambda_nodejs24.x \
		node -e 'import("@sparticuz/chromium").then(({ default: it }) => it.executablePath())'
	@mv $(@D).new $(@D)
	@touch $@

# ---- what is chosen: names, versions and hashes; where they come from is the machine's affair ----

UV = .venv-lock/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate

# `make lock UPGRADE=--upgrade` takes the newest versions; without it only what pyproject.toml changed moves.
lock: .venv-lock/bin/uv
	$(UV) $(UPGRADE) pyproject.toml -o requirements/run.txt
	$(UV) $(UPGRADE) pyproject.toml --group dev -c requirements/run.txt -o requirements/dev.txt
	$(UV) $(UPGRADE) --group bench -c requirements/run.txt -c requirements/dev.txt -o requirements/bench.txt
	$(UV) $(UPGRADE) --group node -o requirements/node.txt

.venv-lock/bin/uv: | .venv/pyvenv.cfg
	@$(PYTHON) -m venv .venv-lock
	@.venv-lock/bin/pip install --quiet --disable-pip-version-check uv

clean:
	rm -rf .venv .venv-lock dist server/web/dist $(WEB)/node_modules $(E2E)/node_modules
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis test-results
