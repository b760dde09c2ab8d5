# What a run says of its stages, and what all runs build with: sourced by the scripts beside this folder.

# What makes the build after an edit quick is most of what a build writes, and nothing is edited in a run.
export CARGO_INCREMENTAL="${CARGO_INCREMENTAL:-0}"

say() { printf '\n== %s\n' "$*"; }

# stage NAME COMMAND…: runs the command, and says how long it took and how long the run has taken.
stage() {
  local name=$1 from=$SECONDS
  shift
  say "$name"
  "$@"
  printf '== %s: %s s, %s s in all\n' "$name" "$((SECONDS - from))" "$SECONDS"
}
