# What the scripts beside it are made of. They run in the folder of the project.

# Debian has nginx where only root looks.
PATH=$PATH:/usr/local/sbin:/usr/sbin

nginx_here() {
  nginx -p "$PWD/run" -e error.log -c "$PWD/deploy/nginx-here.conf" "$@"
}

is_ready() {
  curl -fs -o /dev/null "http://127.0.0.1:$1/readyz"
}

# Has the process of the port finish what runs in it, and waits for its end.
stop_process() {
  # A number that was left from before the machine started is another process's now; then nothing serves the port.
  if [ -f "run/$1.pid" ] && curl -s -o /dev/null "http://127.0.0.1:$1/livez"; then
    pid=$(cat "run/$1.pid")
    kill "$pid"
    while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
  fi
  rm -f "run/$1.pid"
}
