#!/bin/sh
# Make the virtual environment $1, or say what is missing and how to get it.
set -eu
venv=$1
python=${PYTHON:-python3}

fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

command -v "$python" >/dev/null 2>&1 || fail \
  "Dragoman needs Python 3.11 or newer, and '$python' was not found." \
  "On Debian or Ubuntu: apt-get install python3 python3-venv. Elsewhere: https://www.python.org/downloads/"

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail \
  "Dragoman needs Python 3.11 or newer; '$python' is $("$python" -c 'import platform; print(platform.python_version())')." \
  "Install a newer one and say which: make PYTHON=python3.11 demo"

"$python" -c 'import venv, ensurepip' 2>/dev/null || fail \
  "This Python has no venv module, which Dragoman needs to keep its packages apart from the system's." \
  "On Debian or Ubuntu: apt-get install python3-venv"

[ -x "$venv/bin/python" ] || "$python" -m venv "$venv" || fail \
  "The virtual environment $venv could not be made; the lines above say why."
