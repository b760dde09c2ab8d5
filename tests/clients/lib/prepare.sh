# What the suites of clients have in common: sourced by their run.sh, which begins in its own folder.
: "${ANSVAR_BIN:?Set ANSVAR_BIN to the binary of the service.}"
ANSVAR_BIN=$(realpath "$ANSVAR_BIN")
export ANSVAR_BIN
[[ -x $ANSVAR_BIN ]] || { echo "$ANSVAR_BIN cannot be run." >&2; exit 1; }

# The packages of the lock file. npm writes its own list last, so an installation that was interrupted is done again.
install_node() {
  if [[ ! node_modules/.package-lock.json -nt package-lock.json ]]; then
    npm ci --no-progress --loglevel=error
  fi
}

# The packages of a requirements.txt, each with its hash, in a folder of their own.
install_python() {
  if [[ ! .venv/installed -nt $1 ]]; then
    rm -rf .venv
    python3 -m venv .venv
    .venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement "$1"
    touch .venv/installed
  fi
}
