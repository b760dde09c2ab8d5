#!/usr/bin/env bash
# What a project asks of every change and a newcomer need not wait for: licences and sources of dependencies (cargo-deny),
# dependencies that nothing uses (cargo-machete), the documentation's links, and lints without any feature. Builds the two
# tools if they are missing (some ten minutes, once). tests/run.sh runs this where they are installed.
#   tests/extra.sh --has-tools   says by its exit code whether they are
set -euo pipefail
cd "$(dirname "$0")/.."
source tests/lib/stages.sh

has() { command -v "$1" >/dev/null || [ -x "${CARGO_HOME:-$HOME/.cargo}/bin/$1" ]; }
if [ "${1:-}" = --has-tools ]; then
  has cargo-deny && has cargo-machete
  exit
fi

for tool in cargo-deny cargo-machete; do
  has "$tool" || stage "building $tool" cargo install --locked --quiet "$tool"
done
# Dependencies for other systems are asked about too, and no build here has fetched them.
licences() {
  cargo fetch --locked --quiet
  cargo deny --offline check bans licenses sources
}
documentation() { RUSTDOCFLAGS="-D warnings" cargo doc --workspace --all-features --no-deps --locked --quiet; }
stage "licences and sources of dependencies" licences
stage "dependencies that nothing uses" cargo machete
stage "documentation" documentation
stage "lints without any feature" cargo clippy -p ansvar --all-targets --locked -- -D warnings
