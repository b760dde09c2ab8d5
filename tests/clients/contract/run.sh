#!/usr/bin/env bash
# What client developers' own tools say about schema.graphql: linters, the comparison with the last release, and clients
# that are generated from it (Relay, TypeScript, Python), each with a story told against the service. And whether its
# holidays are those of a package that many use.
# Needs Node 18.18 or newer, Python 3.11 and ANSVAR_BIN, the service's binary. Every check runs; one that fails makes all fail.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
here=$PWD
root=$(cd ../../.. && pwd)
schema=$root/schema.graphql
bin=$here/node_modules/.bin
source ../lib/prepare.sh
# With another value npm leaves out what is needed, and Relay does not warn.
export NODE_ENV=test

install() {
  install_node
  install_python python/requirements.txt
  rm -rf generated
  mkdir -p generated/relay generated/python
}

lint_eslint() {
  # From the root, because eslint ignores what lies outside the folder it is started in.
  cd "$root"
  "$bin/eslint" --config "$here/eslint.config.js" --max-warnings 0 schema.graphql
}
lint_linter() { "$bin/graphql-schema-linter" "$schema"; }
conventions() { node conventions.mjs "$schema"; }
compare() { node diff.mjs "$root"; }

relay_compile() {
  cd relay
  "$bin/relay-compiler" relay.config.json
}
relay_story() { node with-service.mjs node relay/story.mjs; }

typescript_generate() { "$bin/graphql-codegen" --config typescript/codegen.cjs; }
typescript_check() { "$bin/tsc" --project typescript; }
typescript_story() { node with-service.mjs node generated/typescript/out/typescript/story.js; }

python_generate() {
  cd python
  ../.venv/bin/ariadne-codegen client
}
python_story() { PYTHONPATH=generated/python node with-service.mjs .venv/bin/python python/story.py; }

holidays_compared() { node with-service.mjs .venv/bin/python python/compare_holidays.py; }

failed=0
summary=()
check() {
  local name=$1 from=$SECONDS code
  shift
  echo "--- $name"
  # A subshell of its own, outside any condition: only there does `set -e` hold inside it.
  set +e
  (set -euo pipefail; "$@")
  code=$?
  set -e
  if ((code)); then
    failed=$((failed + 1))
    summary+=("FAILED  $name")
  else
    summary+=("ok      $name ($((SECONDS - from)) s)")
  fi
}

install
check "graphql-eslint: schema-all and schema-relay" lint_eslint
check "graphql-schema-linter: every rule" lint_linter
check "the schema's own conventions" conventions
check "nothing breaks since the last release" compare
check "Relay: compiles" relay_compile
check "Relay: story" relay_story
check "TypeScript: client generated" typescript_generate
check "TypeScript: strictly checked" typescript_check
check "TypeScript: story" typescript_story
check "Python: client generated" python_generate
check "Python: story" python_story
check "Holidays: as in the package holidays of PyPI" holidays_compared

printf '\nThe contract, as clients see it:\n'
printf '  %s\n' "${summary[@]}"
if ((failed)); then
  echo "$failed of ${#summary[@]} checks failed." >&2
  exit 1
fi
echo "All ${#summary[@]} checks hold."
