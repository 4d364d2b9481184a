#!/bin/sh
# Migrations of one package, with the addresses read from secret files.
set -eu
DATABASE_URL=$(cat "$DATABASE_URL_FILE")
ADMIN_DATABASE_URL=$(cat "$ADMIN_DATABASE_URL_FILE")
export DATABASE_URL ADMIN_DATABASE_URL
exec python -m chassis.migrate "$1"
