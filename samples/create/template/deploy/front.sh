#!/bin/sh
# Starts an nginx of this folder's own in front of the processes; where it runs, has it read deploy/nginx.conf again.
# It needs no rights. What it writes is in run/.
set -eu
cd "$(dirname "$0")/.."
. deploy/parts.sh
mkdir -p run

if [ -f run/nginx.pid ] && nginx_here -s reload 2>/dev/null; then
  echo 'nginx reads deploy/nginx.conf again'
# Started by root its workers would be another user, whom this folder may not let in.
elif [ "$(id -u)" = 0 ]; then
  nginx_here -g 'user root;'
else
  nginx_here
fi
