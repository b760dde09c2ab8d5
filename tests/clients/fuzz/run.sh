#!/usr/bin/env bash
# Fuzz tests: sends the service what no decent client sends, as everybody who may ask, and looks whether it stays well.
# Needs ANSVAR_BIN (the service's binary) and Python 3.11 with venv. Settings:
#   ANSVAR_FUZZ_SECONDS   how long requests are sent; 30 when left out, which makes about 40 s in all
#   ANSVAR_FUZZ_SEED      the seed that a run printed, to repeat it (ids differ from run to run, their places do not)
#   ANSVAR_FUZZ_DATABASE  the URL of an empty PostgreSQL database; SQLite in a folder of its own when left out
#   ANSVAR_FUZZ_KINDS     only these kinds, with commas: documents,strangers,rush,bodies,cursors,sockets,mails,addresses,heavy
#   ANSVAR_FUZZ_MEASURE   1: what each byte costs is measured too, in short (measure.py says what it measures, and how long)
set -euo pipefail

cd "$(dirname "$0")"
source ../lib/prepare.sh
install_python requirements.txt
.venv/bin/python -B fuzz.py
if [ "${ANSVAR_FUZZ_MEASURE:-0}" = 1 ]; then
  .venv/bin/python -B measure.py --short
fi
