# A PostgreSQL for tests, on loopback and gone at the end: sourced by the scripts beside this folder.
#   find_postgres    prints the folder of PostgreSQL's programs; nothing when there are none
#   start_postgres   starts one on a free port and sets TEST_POSTGRES to its address
#   stop_postgres    ends it and removes what it wrote; to be run at the end of the script, by a trap

find_postgres() {
  local folder
  for folder in /usr/lib/postgresql/*/bin /usr/local/pgsql/bin; do
    if [ -x "$folder/initdb" ]; then echo "$folder"; return; fi
  done
  if command -v initdb >/dev/null; then dirname "$(command -v initdb)"; fi
}

# PostgreSQL refuses to run as root.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then
    setpriv --reuid="$postgres_user" --regid="$(id -g "$postgres_user")" --clear-groups env HOME="$postgres_folder" "$@"
  else
    "$@"
  fi
}

start_postgres() {
  local programs port
  programs="$(find_postgres)"
  [ -n "$programs" ] || { echo "PostgreSQL is not installed here (Debian's package: postgresql)." >&2; return 1; }
  postgres_folder="$(mktemp -d "${TMPDIR:-/tmp}/ansvar-postgres.XXXXXX")"
  postgres_user="$(id -un)"
  if [ "$(id -u)" = 0 ]; then
    postgres_user=postgres
    id "$postgres_user" >/dev/null 2>&1 || postgres_user=nobody
    chown "$postgres_user" "$postgres_folder"
  fi
  port="$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])')"
  # It takes its working directory with it, and another user may not be allowed to read ours.
  (
    cd "$postgres_folder"
    as_postgres "$programs/initdb" -D data -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null
    # Nothing here must survive a power cut, so it need not wait for the disk.
    as_postgres "$programs/pg_ctl" -D data -w -l log -o "-p $port -k $postgres_folder -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=400" start >/dev/null
  )
  TEST_POSTGRES="postgres://postgres@127.0.0.1:$port"
  export TEST_POSTGRES
}

stop_postgres() {
  [ -n "${postgres_folder:-}" ] || return 0
  (cd "$postgres_folder" && as_postgres "$(find_postgres)/pg_ctl" -D data -m immediate stop >/dev/null 2>&1) || true
  rm -rf "$postgres_folder"
  postgres_folder=
}
