# Las órdenes del curso. `make help` las enumera; sin make, mira `tools/lab.py`.

.DEFAULT_GOAL := help
.PHONY: help lab reset doctor install-dev test test-unit test-lessons test-solutions test-e2e notebooks variants build check seeds bench lint new

PORT ?=
LESSON ?=
LESSONS ?=
TITLE ?=
ARGS ?=
SYSTEM ?=
SEEDS ?= 0-19
# Las pruebas se reparten por archivos entre los núcleos que haya; el orden lo pone conftest.py.
PARALLEL = -n auto --dist loadfile --no-loadscope-reorder

# Cualquier Python 3 vale para empezar: tools/lab.py busca después uno de los que el curso admite.
# Con -I, ni PYTHONPATH, ni PYTHONHOME, ni un random.py perdido le impiden arrancar.
PYTHON ?= $(shell for p in python3 python python3.13 python3.12 python3.11; do \
  $$p -I -c 'import sys; sys.exit(sys.version_info < (3, 8))' >/dev/null 2>&1 && echo $$p && break; done)
LAB = $(or $(PYTHON),$(error Hace falta Python 3.11, 3.12 o 3.13 y no encuentro ninguno: \
  instálalo desde https://www.python.org/downloads/ y repite)) -I tools/lab.py

BIN = $(or $(CURSO_VENV),.venv)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
RUN = $(BIN)/python

help: ## enumera las órdenes
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

##
## Para aprender

lab: ## prepara el curso y abre la lección 00 (LESSON=12 abre otra; PORT=8889; ARGS=... para JupyterLab)
	@exec $(LAB) lab "$(LESSON)" --port "$(PORT)" -- $(ARGS)

reset: ## empieza de nuevo una lección y conserva tu copia: make reset LESSON=12
	@$(LAB) reset "$(LESSON)"

doctor: ## comprueba el entorno y dice cómo arreglar lo que falle
	@$(LAB) doctor -- $(ARGS)

##
## Para mantener el curso

install-dev: ## instala lo de quien mantiene el curso (lo hacen las demás); SYSTEM=1, también con apt
	@$(LAB) install --extra test$(if $(filter 1,$(SYSTEM)), --system)

test: install-dev ## todas las pruebas: unidades, lecciones, papermill, nbval y navegador
	$(RUN) -m pytest $(PARALLEL) --nbval-lax tests solutions $(ARGS)

test-unit: install-dev ## solo las pruebas de unidad
	$(RUN) -m pytest $(PARALLEL) tests/unit $(ARGS)

test-lessons: install-dev ## solo las pruebas de las lecciones: fuentes, ejercicios y textos
	$(RUN) -m pytest $(PARALLEL) tests/lessons $(ARGS)

test-solutions: install-dev ## vuelve a ejecutar las soluciones y compara sus salidas (LESSONS="11 12")
	$(RUN) -m pytest $(PARALLEL) --nbval-lax $(or $(foreach n,$(LESSONS),$(wildcard solutions/$(n)_*.ipynb)),solutions) $(ARGS)

test-e2e: install-dev ## solo las pruebas en un navegador de verdad
	$(RUN) -m pytest tests/e2e $(ARGS)

notebooks: install-dev ## ejecuta los cuadernos sin resolver, en paralelo (LESSONS="11 12")
	$(RUN) -m tools.notebooks.run $(LESSONS) $(ARGS)

variants: install-dev ## ejecuta las lecciones con otras respuestas correctas (LESSONS="11 12"; ARGS=--all, con todas)
	$(RUN) -m tools.notebooks.variants $(LESSONS) $(ARGS)

build: install-dev ## genera los cuadernos desde sus fuentes y ejecuta los que han cambiado
	$(RUN) -m tools.notebooks.build --execute $(ARGS)

check: install-dev ## comprueba que los cuadernos están al día
	$(RUN) -m tools.notebooks.build --check $(ARGS)

seeds: install-dev ## mide las afirmaciones con veinte semillas y dice su holgura: make seeds LESSON=12
	$(RUN) -m tools.notebooks.seeds --seeds $(SEEDS) $(LESSON) $(ARGS)

bench: install-dev ## mide lo que el curso promete
	$(RUN) -m tests.benchmarks $(ARGS)

new: install-dev ## empieza una lección: `make new LESSON=31` (TITLE=..., si no está en el mapa)
	$(RUN) -m tools.notebooks.new $(LESSON) --title "$(TITLE)" $(ARGS)

lint: install-dev ## revisa el estilo del código
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
