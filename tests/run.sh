#!/usr/bin/env bash
# Runs every check and every test on both stores, and installs what is missing (Debian; root or sudo), saying so.
# Options are settings: ANSVAR_SEQUENCES=500 runs that many random sequences instead of a dozen.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n== %s\n' "$*"; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# What makes the build after an edit quick is most of what a build writes, and nothing is edited in a run.
export CARGO_INCREMENTAL="${CARGO_INCREMENTAL:-0}"

# --- what the tests need -----------------------------------------------------------------------------------------
find_postgres() {
  local folder
  for folder in /usr/lib/postgresql/*/bin /usr/local/pgsql/bin; do
    if [ -x "$folder/initdb" ]; then echo "$folder"; return; fi
  done
  if command -v initdb >/dev/null; then dirname "$(command -v initdb)"; fi
}
missing=()
[ -n "$(find_postgres)" ] || missing+=(postgresql)
command -v curl >/dev/null || missing+=(curl)
command -v cc >/dev/null || missing+=(gcc libc6-dev)
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3 python3-venv)
if [ "${#missing[@]}" -gt 0 ]; then
  say "installing from Debian what is missing here: ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
for part in rustfmt clippy; do
  if ! cargo "${part/rustfmt/fmt}" --version >/dev/null 2>&1; then
    say "installing $part, a part of the toolchain"
    rustup component add "$part"
  fi
done

for tool in cargo-deny cargo-machete; do
  if ! command -v "$tool" >/dev/null && ! [ -x "${CARGO_HOME:-$HOME/.cargo}/bin/$tool" ]; then
    say "installing $tool from crates.io (cargo-deny takes some ten minutes, once)"
    cargo install --locked --quiet "$tool"
  fi
done

# --- a PostgreSQL of our own, on loopback, gone at the end ----------------------------------------------------------
postgres="$(find_postgres)"
folder="$(mktemp -d "${TMPDIR:-/tmp}/ansvar-postgres.XXXXXX")"
# PostgreSQL refuses to run as root.
as_postgres() { if [ "$(id -u)" = 0 ]; then setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups env HOME="$folder" "$@"; else "$@"; fi; }
user="$(id -un)"
if [ "$(id -u)" = 0 ]; then
  user=postgres
  id "$user" >/dev/null 2>&1 || user=nobody
  chown "$user" "$folder"
fi
stop_postgres() {
  as_postgres "$postgres/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$folder"
}
trap stop_postgres EXIT
port="$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])')"
say "starting a PostgreSQL for the tests ($("$postgres/postgres" --version | awk '{print $3}'))"
cd "$folder"
as_postgres "$postgres/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null
# Nothing here must survive a power cut, so it need not wait for the disk.
as_postgres "$postgres/pg_ctl" -D "$folder/data" -w -l "$folder/log" -o "-p $port -k $folder -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=400" start >/dev/null
cd - >/dev/null

# --- the checks ------------------------------------------------------------------------------------------------------
say "format"
cargo fmt --all --check
say "lints, with every feature and with none"
cargo clippy --workspace --all-targets --all-features --locked -- -D warnings
cargo clippy -p ansvar --all-targets --locked -- -D warnings
say "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --quiet
say "unit tests"
cargo test --workspace --exclude ansvar-tests --all-features --locked --quiet
say "stories on SQLite"
cargo test -p ansvar-tests --locked
say "stories on PostgreSQL"
ANSVAR_TEST_POSTGRES="postgres://postgres@127.0.0.1:$port" cargo test -p ansvar-tests --locked
say "real clients and contract tools, in Node $(node --version) and $(python3 --version)"
cargo build --quiet --locked --features mail-auth
ANSVAR_BIN="${CARGO_TARGET_DIR:-$PWD/target}/debug/ansvar" tests/clients/contract/run.sh
ANSVAR_BIN="${CARGO_TARGET_DIR:-$PWD/target}/debug/ansvar" tests/clients/live/run.sh
say "rubbish from outside, for half a minute"
ANSVAR_BIN="${CARGO_TARGET_DIR:-$PWD/target}/debug/ansvar" tests/clients/fuzz/run.sh
say "licences and sources of dependencies"
# Those for other systems are asked about too, and no build here has fetched them.
cargo fetch --locked --quiet
cargo deny --offline check bans licenses sources
say "dependencies that nothing uses"
cargo machete
say "all passed, on both stores"
