#!/usr/bin/env bash
# Runs real GraphQL clients against the service: the audits of graphql-http, Apollo, urql, graphql-ws, graphql-sse, and
# Python's gql. Needs ANSVAR_BIN (the service's binary), Node 18.19 or newer with npm, and Python 3.11 with venv.
set -euo pipefail

: "${ANSVAR_BIN:?Set ANSVAR_BIN to the binary of the service.}"
ANSVAR_BIN=$(realpath "$ANSVAR_BIN")
export ANSVAR_BIN
cd "$(dirname "$0")"
[[ -x $ANSVAR_BIN ]] || { echo "$ANSVAR_BIN cannot be run." >&2; exit 1; }

# npm writes its own list last, so that an installation that was interrupted is done again.
if [[ ! node_modules/.package-lock.json -nt package-lock.json ]]; then
  npm ci --no-progress
fi
if [[ ! .venv/installed -nt python/requirements.txt ]]; then
  rm -rf .venv
  python3 -m venv .venv
  .venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement python/requirements.txt
  touch .venv/installed
fi

# Both run to their end, so that one failure does not hide another.
failed=()
# One file at a time: each test starts a service of its own, and what is tested is no race for the processor.
node --test --test-concurrency=1 --test-reporter=spec ./*.test.mjs || failed+=("the clients in JavaScript")
# The service is on loopback; Python's clients would ask a machine's proxy for it.
NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 .venv/bin/python -B python/story.py || failed+=("gql in Python")

if ((${#failed[@]})); then
  printf 'Live clients: FAILED: %s\n' "${failed[@]}" >&2
  exit 1
fi
echo "Live clients: all passed."
