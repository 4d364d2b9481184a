#!/bin/sh
# What the official entry point does with the variables that compose.yaml gives it.
set -eu
PATH=$(echo /usr/lib/postgresql/*/bin):$PATH
data=/var/lib/postgresql/data
if [ ! -s "$data/PG_VERSION" ]; then
    # shellcheck disable=SC2086 - several arguments
    initdb --pgdata="$data" --username=postgres --pwfile="$POSTGRES_PASSWORD_FILE" $POSTGRES_INITDB_ARGS > /dev/null
    echo "host all all all scram-sha-256" >> "$data/pg_hba.conf"
    pg_ctl --pgdata="$data" --options="-c listen_addresses= -c unix_socket_directories=/tmp" --wait start > /dev/null
    createdb --host=/tmp --username=postgres "$POSTGRES_DB"
    pg_ctl --pgdata="$data" --wait stop > /dev/null
fi
shift
exec postgres -D "$data" -c listen_addresses='*' -c unix_socket_directories=/tmp "$@"
