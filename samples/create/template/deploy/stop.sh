#!/bin/sh
# Ends nginx where deploy/front.sh has started it, then the processes of the ports: deploy/stop.sh 8001 8002
set -eu
cd "$(dirname "$0")/.."
. deploy/process.sh

if [ -f run/nginx.pid ]; then nginx -p "$PWD/run" -e error.log -c "$PWD/deploy/nginx-here.conf" -s quit; fi
for port; do stop_process "$port" & done
wait
