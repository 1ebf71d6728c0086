#!/bin/sh
# Makes a database at the first start and runs PostgreSQL in the foreground, as the images of the name do.
set -eu
bin=/usr/lib/postgresql/15/bin
data=/var/lib/postgresql/data
if [ ! -s "$data/PG_VERSION" ]; then
  echo "$POSTGRES_PASSWORD" > /tmp/password
  "$bin/initdb" -D "$data" -E UTF8 --locale=C.UTF-8 -U "$POSTGRES_USER" --pwfile=/tmp/password --auth-host=scram-sha-256 --auth-local=trust > /dev/null
  rm /tmp/password
  echo "host all all all scram-sha-256" >> "$data/pg_hba.conf"
  "$bin/pg_ctl" -D "$data" -o "-c listen_addresses='' -c unix_socket_directories=/tmp" -w start > /dev/null
  "$bin/createdb" -h /tmp -U "$POSTGRES_USER" "$POSTGRES_DB" 2> /dev/null || true
  "$bin/pg_ctl" -D "$data" -m fast -w stop > /dev/null
fi
exec "$bin/postgres" -D "$data" -c listen_addresses='*' -c unix_socket_directories=/tmp
