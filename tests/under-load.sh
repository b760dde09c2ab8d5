#!/usr/bin/env bash
# Runs the tests again and again while both cores are kept busy, on both stores, and says what failed how often:
#   tests/under-load.sh [filter] [rounds]
# The filter is a part of tests' names (all when it is empty or left out), and there are ten rounds when nothing else is
# said. It builds once, ends by itself, and fails when any test has failed. What a failed test said is kept in the folder
# that is named at the end.
set -euo pipefail
cd "$(dirname "$0")/.."
source tests/lib/stages.sh
source tests/lib/postgres.sh

filter="${1:-}" rounds="${2:-10}"
kept="$(mktemp -d "${TMPDIR:-/tmp}/ansvar-under-load.XXXXXX")"
burning=()

burn() { while kill -0 "$1" 2>/dev/null; do for _ in {1..100000}; do :; done; done; }
finish() {
  if ((${#burning[@]})); then kill "${burning[@]}" 2>/dev/null || true; fi
  stop_postgres
}
trap finish EXIT
trap 'exit 130' INT TERM

# The program beside the tests, which some of them start, and the tests.
programs() {
  cargo build --workspace --all-features --locked --bins
  cargo test --workspace --all-features --locked --lib --bins --tests --no-run
}
round() { # NUMBER STORE COMMAND…: failures are counted and do not end the run
  local log="$kept/$1-$2.log" from=$SECONDS number=$1 store=$2
  shift 2
  if "$@" >"$log" 2>&1; then
    printf 'round %s on %s: passed (%s s)\n' "$number" "$store" "$((SECONDS - from))"
    rm "$log"
  else
    printf 'round %s on %s: FAILED (%s s)\n' "$number" "$store" "$((SECONDS - from))"
    grep -E '^test .* FAILED$' "$log" || echo "  (no test; see $log)"
  fi
}
tests() { cargo test --workspace --all-features --locked --lib --bins --tests --no-fail-fast -- "$filter"; }
stories() { ANSVAR_TEST_POSTGRES="$TEST_POSTGRES" cargo test --workspace --all-features --locked --test it -- "$filter"; }

stage "building" programs
start_postgres
for _ in $(seq "$(nproc)"); do
  # Each ends with this script, however that ends.
  burn $$ &
  burning+=($!)
done
say "$rounds rounds of \"$filter\", with $(nproc) cores kept busy"
for number in $(seq "$rounds"); do
  round "$number" SQLite tests
  round "$number" PostgreSQL stories
done

logs=("$kept"/*.log)
if [ -e "${logs[0]}" ]; then
  say "failed, how often each:"
  grep -hE '^test .* FAILED$' "${logs[@]}" | sort | uniq -c | sort -rn
  echo "What they said is in $kept."
  exit 1
fi
rmdir "$kept"
say "no failure in $rounds rounds, in $SECONDS s"
