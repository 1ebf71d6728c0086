#!/bin/sh
# Runs towerco against the mock cluster of the container `redpanda`; broker.sh tells why ports are forwarded.
set -eu
until [ -s /shared/bootstrap ]; do sleep 0.2; done
brokers=$(cat /shared/bootstrap)
for broker in $(echo "$brokers" | tr ',' ' '); do
  port=${broker##*:}
  socat "TCP-LISTEN:$port,bind=127.0.0.1,fork,reuseaddr" "TCP:redpanda:$port" &
done
TOWERCO_LOG_URL="kafka://$brokers" exec towerco "$@"
