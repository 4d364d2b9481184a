# Homeroom. `make up`, then open https://localhost:8443; `make help` lists the rest.

PYTHON ?= python3
BACKUPS ?= backups
STATE ?= .homeroom
DEV = .venv/bin/python -m dev

.DEFAULT_GOAL := help
.PHONY: help up down restart status logs reset demo import backup restore test test-unit test-stack test-component test-system faults fuzz scan bench lint operations format lock contracts schema docs site rehearse bootstrap

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- Run it ---

up: bootstrap ## Start Homeroom (installs what is missing) and print its address
	@$(DEV) up --state $(STATE)

down: ## Stop Homeroom; its data stays
	@test ! -x .venv/bin/python || $(DEV) down --state $(STATE)

restart: bootstrap ## Restart the services and the gateway on the code as it is now: migrated, the web app built
	@$(DEV) restart --state $(STATE)

status: ## What runs, where, and since when
	@$(DEV) status --state $(STATE)

logs: ## Follow the logs (LOGS="auth-web gateway" for some of them)
	@$(DEV) logs --state $(STATE) $(LOGS)

reset: ## Stop Homeroom and delete all its data
	@test ! -x .venv/bin/python || $(DEV) reset --state $(STATE)

demo: ## Fill the demo school again after a reset of its data
	@$(DEV) demo --state $(STATE)

import: ## Import a school: PACKAGE=oneroster.zip [QUIZ_CATEGORIES=id,id] [SCHOOL=name] [DRY_RUN=1]
	@$(DEV) import --state $(STATE) --quiz-categories "$(QUIZ_CATEGORIES)" --school "$(SCHOOL)" $(if $(DRY_RUN),--dry-run) "$(PACKAGE)"

backup: bootstrap ## Back everything up: BACKUPS=folder (kept for 30 days; keep .homeroom/secrets elsewhere)
	@$(DEV) backup --state $(STATE) "$(BACKUPS)"

restore: bootstrap ## Bring a backup back into an empty stack: BACKUPS=folder, or one backup in it
	@$(DEV) restore --state $(STATE) "$(BACKUPS)"

# --- Check it ---

test: bootstrap ## Everything: lint, unit, component, system and short fault tests on a stack of their own
	@$(DEV) test

test-stack: bootstrap ## Start the data services of the tests and leave them running
	@$(DEV) up --state .homeroom-test --only data --no-restart

test-unit: bootstrap ## Unit tests alone
	@$(DEV) test unit

test-component: bootstrap ## Component tests, against real data services
	@$(DEV) test component

test-system: bootstrap ## System tests, through a gateway of their own
	@$(DEV) test system

faults: bootstrap ## The long fault tests: hundreds of kills, then count what survived (FAULT_ROUNDS=20)
	@FAULT_ROUNDS=$(or $(FAULT_ROUNDS),20) $(DEV) test faults
	@.venv/bin/python -m dev.guarantees

fuzz: bootstrap ## Fuzz every parser, guided by coverage (SECONDS=180 for each; FUZZ="gift roster" for some)
	@.venv/bin/python -m tests.fuzz --seconds $(or $(SECONDS),180) $(FUZZ)

scan: bootstrap ## sqlmap, wapiti and testssl against a stack of the tests with a demo school (SCAN=sqlmap for one of them)
	@$(DEV) up --state .homeroom-test --no-restart
	@.venv/bin/python -m tests.scan $(SCAN)

bench: test-stack ## Measure every budget beside its peers, into docs/performance.md (BENCH="chat files" for some)
	@.venv/bin/python -m bench $(BENCH)

lint: bootstrap ## ruff, mypy, import-linter, squawk
	@$(DEV) test lint

operations: bootstrap ## k8s/, deploy/ and the Dockerfiles by their own tools: kubectl, cfn-lint, hadolint, promtool…
	@.venv/bin/python -m dev.ops

format: bootstrap ## Put the Python code into its usual form
	@.venv/bin/ruff check --quiet --fix-only . && .venv/bin/ruff format .

# --- Keep it ---

lock: ## Lock all Python packages again after a change to requirements/*.in (UPGRADE=--upgrade for newer versions)
	@$(PYTHON) -m dev.lock $(UPGRADE)

contracts: bootstrap ## Generate contracts/ documents from schemas and code; refuse what would break a consumer
	@.venv/bin/python -m dev.contracts
	@.venv/bin/python -m dev.openapi

schema: test-stack ## Write each service's sql/schema.sql again from its migrations
	@for package in auth classroom grading lecture_chat files; do \
	    .venv/bin/python -m chassis.schema write $$package || exit 1; done

docs: bootstrap ## Make the generated pages and pictures of docs/ again (needs graphviz)
	@.venv/bin/python -m dev.guarantees
	@.venv/bin/python -m dev.diagrams

site: bootstrap ## The documentation as a site in site/, by mkdocs
	@.venv/bin/python -m dev.site

rehearse: bootstrap ## The real compose.yaml under podman, with images made here from Debian's packages, and system tests against it
	@.venv/bin/python -m dev.rehearse

# Browsers are for tests alone.
test test-system: NEEDS = --tests

bootstrap:
	@$(PYTHON) -m dev.bootstrap $(NEEDS)
