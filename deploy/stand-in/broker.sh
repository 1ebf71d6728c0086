#!/bin/sh
# Starts the mock cluster and makes its three brokers reachable from other containers.
#
# The mock listens on the loopback address and tells its clients so. Each port is therefore forwarded twice: here from the
# container's address to the loopback, and by with-broker.sh from the loopback of each role's container to this one.
set -eu
rm -f /shared/bootstrap
mkfifo /tmp/asked
# Holds the question pipe open: the cluster ends when it is closed.
sleep infinity > /tmp/asked &
KafkaFaults serve < /tmp/asked | while read -r word value; do
  [ "$word" = bootstrap ] || continue
  address=$(hostname -i | cut -d' ' -f1)
  for broker in $(echo "$value" | tr ',' ' '); do
    port=${broker##*:}
    socat "TCP-LISTEN:$port,bind=$address,fork,reuseaddr" "TCP:127.0.0.1:$port" &
  done
  echo "$value" > /shared/bootstrap.new
  mv /shared/bootstrap.new /shared/bootstrap
  echo "brokers at $value"
done
