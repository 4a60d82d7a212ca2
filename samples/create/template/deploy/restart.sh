#!/bin/sh
# Starts a process for each port, or puts a new one in the place of the one that runs: deploy/restart.sh 8001 8002
# One after another: the next is touched only when this one serves.
set -eu
cd "$(dirname "$0")/.."
. deploy/parts.sh
mkdir -p run

for port; do
  stop_process "$port"
  if is_ready "$port"; then
    echo "Port $port is served by a process that was not started here" >&2
    exit 1
  fi
  # When it is to end it serves on for 4 s: nginx may take up to 3 s to see that the other process is back.
  DRAIN_DELAY=4000 PORT=$port nohup node --enable-source-maps dist/main.js </dev/null >>"run/$port.log" 2>&1 &
  pid=$!
  echo "$pid" >"run/$port.pid"
  until is_ready "$port"; do
    if ! kill -0 "$pid" 2>/dev/null; then
      echo "The process of port $port does not start. The end of run/$port.log:" >&2
      tail -n 20 "run/$port.log" >&2
      exit 1
    fi
    sleep 0.1
  done
  echo "Port $port is served by process $pid"
done
