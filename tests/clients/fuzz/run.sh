#!/usr/bin/env bash
# Fuzz tests: sends the service what no decent client sends, as everybody who may ask, and looks whether it stays well.
# Needs ANSVAR_BIN (the service's binary) and Python 3.11 with venv. Settings:
#   ANSVAR_FUZZ_SECONDS   how long requests are sent; 30 when left out, which makes about 40 s in all
#   ANSVAR_FUZZ_SEED      the seed that a run printed, to repeat it (ids differ from run to run, their places do not)
#   ANSVAR_FUZZ_DATABASE  the URL of an empty PostgreSQL database; SQLite in a folder of its own when left out
#   ANSVAR_FUZZ_KINDS     only these kinds, with commas: documents,strangers,rush,bodies,cursors,sockets,mails,addresses
set -euo pipefail

: "${ANSVAR_BIN:?Set ANSVAR_BIN to the binary of the service.}"
ANSVAR_BIN=$(realpath "$ANSVAR_BIN")
export ANSVAR_BIN
cd "$(dirname "$0")"
[[ -x $ANSVAR_BIN ]] || { echo "$ANSVAR_BIN cannot be run." >&2; exit 1; }

if [[ ! .venv/installed -nt requirements.txt ]]; then
  rm -rf .venv
  python3 -m venv .venv
  .venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
  touch .venv/installed
fi
exec .venv/bin/python -B fuzz.py
