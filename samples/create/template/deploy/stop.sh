#!/bin/sh
# Ends nginx where deploy/front.sh has started it, then the processes of the ports: deploy/stop.sh 8001 8002
set -eu
cd "$(dirname "$0")/.."
. deploy/parts.sh

if [ -f run/nginx.pid ]; then nginx_here -s quit; fi
for port; do stop_process "$port" & done
wait
