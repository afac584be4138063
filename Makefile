# CatML. `make demo` shows what it does, `make test` proves it; each does all of its own set-up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
DEMO_HOME ?= demo-home
# Nothing phones home: every library that could is told not to.
export DO_NOT_TRACK := 1
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export GX_ANALYTICS_ENABLED := false
export DVC_NO_ANALYTICS := 1
export ORT_DISABLE_TELEMETRY := 1
export YOLO_OFFLINE := true

.PHONY: help demo test faults fuzz lint format system bench-night bench-detector bench-record clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

demo: $(VENV)/.base  ## simulate a home, run the night's work on it, grade it against the true diary
	$(BIN)/python -m tasks.demo --home $(DEMO_HOME)

test: $(VENV)/.all lint  ## set up everything, training included, and run all checks and tests
	$(BIN)/python -m pytest -n 3

faults: $(VENV)/.all  ## the fault suite of the recorder in its long form, and all other long tests: an hour
	$(BIN)/python -m pytest tests/faults -m "long or not long"
	$(BIN)/python -m pytest tests --ignore tests/faults -m long

fuzz: $(VENV)/.all  ## the API against made-up requests of its whole document and 10,000 damaged files
	CATML_FUZZ=1000 OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/serve/test_document.py -n 2 --timeout 3600
	$(BIN)/python -m bench.mutated --files 10000

lint: $(VENV)/.all  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.all  ## write the style the linter wants
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench-night: $(VENV)/.all  ## the night's work against the obvious way
	$(BIN)/python -m bench.night

bench-detector: $(VENV)/.all  ## the shipped detector on the held-out pictures
	$(BIN)/python -m bench.detector

bench-record: $(VENV)/.all  ## the recorder beside ffmpeg on the same stream
	$(BIN)/python -m bench.record

clean:  ## remove what was set up and simulated here
	rm -rf $(VENV) $(DEMO_HOME)

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "CatML needs Python 3.11 or newer; say which: make PYTHON=python3.12 …" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2; exit 2; }

$(VENV)/.base: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable .
	touch $@

$(VENV)/.all: pyproject.toml constraints.txt | $(BIN)/python system
	$(PIP) --editable '.[train,dev]'
	touch $@ $(VENV)/.base

# What tests need beyond Python: each tool, how its presence shows, and the Debian packages that bring it. Root on Debian
# gets them installed; elsewhere the tests that need them are skipped by name.
RTSP_SERVER := python3-gi gir1.2-gstreamer-1.0 gir1.2-gst-plugins-base-1.0 gir1.2-gst-rtsp-server-1.0 \
	gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly
system:
	@missing=; \
	command -v ffmpeg >/dev/null || missing="$$missing ffmpeg"; \
	command -v faketime >/dev/null || missing="$$missing faketime"; \
	command -v g++ >/dev/null || missing="$$missing g++"; \
	$(PYTHON) -c 'import ctypes; [ctypes.CDLL(each) for each in ("libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0")]' 2>/dev/null \
	  || missing="$$missing libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"; \
	ls /usr/share/fonts/truetype >/dev/null 2>&1 || missing="$$missing fonts-dejavu-core"; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	command -v mosquitto >/dev/null || [ -x /usr/sbin/mosquitto ] || missing="$$missing mosquitto"; \
	command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || missing="$$missing nginx-light"; \
	command -v caddy >/dev/null || missing="$$missing caddy"; \
	command -v promtool >/dev/null || missing="$$missing prometheus"; \
	ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v postgres >/dev/null || missing="$$missing postgresql"; \
	/usr/bin/python3 tests/faults/rtsp_server.py --help >/dev/null 2>&1 || missing="$$missing $(RTSP_SERVER)"; \
	if [ -n "$$missing" ]; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $$missing; \
	  else echo "not installed: $$missing; the tests that need it are skipped by name" >&2; fi; \
	fi
