#!/usr/bin/env bash
# Runs the checks and the tests on both stores, and installs what they need and is missing (Debian; root or sudo), saying
# so. What needs tools of its own that take minutes to build is in tests/extra.sh: it is run too where they are installed.
# Options are settings: ANSVAR_SEQUENCES=500 runs that many random sequences instead of a dozen.
set -euo pipefail
cd "$(dirname "$0")/.."
source tests/lib/stages.sh
source tests/lib/postgres.sh

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# --- what the tests need -----------------------------------------------------------------------------------------
missing=()
[ -n "$(find_postgres)" ] || missing+=(postgresql)
command -v curl >/dev/null || missing+=(curl)
command -v cc >/dev/null || missing+=(gcc libc6-dev)
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3 python3-venv)
install_missing() {
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}
if [ "${#missing[@]}" -gt 0 ]; then
  stage "installing from Debian what is missing here: ${missing[*]}" install_missing
fi
for part in rustfmt clippy; do
  if ! cargo "${part/rustfmt/fmt}" --version >/dev/null 2>&1; then
    stage "installing $part, a part of the toolchain" rustup component add "$part"
  fi
done

# --- the checks ------------------------------------------------------------------------------------------------------
# Everything is built with every feature, and for all packages at once: with others, the libraries beneath would be built
# again. tests/extra.sh checks that it builds without them.
build=(--workspace --all-features --locked)
binary="${CARGO_TARGET_DIR:-$PWD/target}/debug/ansvar"

# No stage hangs for ever. A story that takes too long ends its run by itself, and is named.
within() { timeout --foreground --verbose "$@"; }
on_sqlite() { within 40m cargo test "${build[@]}" --lib --bins --tests --no-fail-fast; }
on_postgres() { ANSVAR_TEST_POSTGRES="$TEST_POSTGRES" within 40m cargo test "${build[@]}" --test it; }
programs() {
  cargo build "${build[@]}" --bins
  cargo test "${build[@]}" --lib --bins --tests --no-run
}
clients() { ANSVAR_BIN="$binary" within 20m "tests/clients/$1/run.sh"; }

stage "format" cargo fmt --all --check
stage "building the programs and the tests" programs
stage "unit tests, and stories on SQLite" on_sqlite
trap stop_postgres EXIT
stage "starting a PostgreSQL for the tests" start_postgres
stage "stories on PostgreSQL" on_postgres
stop_postgres
stage "the contract and its generated clients, in Node $(node --version) and $(python3 --version)" clients contract
stage "real clients" clients live
stage "rubbish from outside, for half a minute" clients fuzz
stage "lints" cargo clippy "${build[@]}" --all-targets -- -D warnings

if tests/extra.sh --has-tools; then
  stage "what needs tools of its own" tests/extra.sh
else
  say "left out: licences, unused dependencies and the build without features. Run tests/extra.sh for them: it builds its tools, which takes some ten minutes once."
fi
say "all passed, on both stores, in $SECONDS s"
