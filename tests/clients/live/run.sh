#!/usr/bin/env bash
# Runs real GraphQL clients against the service: the audits of graphql-http, Apollo, urql, graphql-ws, graphql-sse, and
# Python's gql; receivers of its webhooks with the libraries of Standard Webhooks, in JavaScript and Python; a mail
# server of Python's smtplib, email and aiosmtpd; and an IMAP server, pymap, whose certificate openssl makes.
# Needs ANSVAR_BIN (the service's binary), Node 18.19 or newer with npm, and Python 3.11 with venv.
set -euo pipefail

cd "$(dirname "$0")"
source ../lib/prepare.sh
install_node
install_python python/requirements.txt

# All run to their end, so that one failure does not hide another.
failed=()
# One file at a time: each test starts a service of its own, and what is tested is no race for the processor.
node --test --test-concurrency=1 --test-reporter=spec ./*.test.mjs || failed+=("the clients in JavaScript")
# The service is on loopback; Python's clients would ask a machine's proxy for it.
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1
.venv/bin/python -B python/story.py || failed+=("gql in Python")
.venv/bin/python -B python/webhooks.py || failed+=("webhooks in Python")
.venv/bin/python -B python/mail.py || failed+=("mail in Python")
.venv/bin/python -B python/imap.py || failed+=("fetching mail in Python")

if ((${#failed[@]})); then
  printf 'Live clients: FAILED: %s\n' "${failed[@]}" >&2
  exit 1
fi
echo "Live clients: all passed."
