#!/bin/sh
# Superset's first start, and every later one: each step may run again. The dashboard's own YAML wins over clicks of earlier runs.
set -eu
superset db upgrade
superset fab create-admin --username "$SUPERSET_USERNAME" --firstname "$SUPERSET_FIRST_NAME" --lastname "$SUPERSET_LAST_NAME" \
  --email "$SUPERSET_EMAIL" --password "$SUPERSET_PASSWORD"
superset init
superset import-directory /app/sample/bundle -o
