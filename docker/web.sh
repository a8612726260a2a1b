#!/bin/sh
# The web process of the image. Static files are collected at start because the secret they need is the installation's.
set -eu
rapport manage collectstatic --noinput -v 0
exec granian --interface wsgi --host 0.0.0.0 --port 8000 \
    --workers "${RAPPORT_WEB_PROCESSES:-2}" --runtime-threads 1 --blocking-threads 8 --backpressure 64 \
    --no-ws --respawn-failed-workers --workers-kill-timeout 10 rapport.wsgi:application
