#!/usr/bin/env bash
# Writes .env beside docker-compose.yml with secrets made now. Keeps an existing one.
set -euo pipefail
file=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/.env
[ -e "$file" ] && { echo "$file is there already"; exit 0; }
secret() { head -c 24 /dev/urandom | base64 | tr '+/' '-_'; }
umask 077
cat > "$file" <<ENV
AXIS_POSTGRES_PASSWORD=$(secret)
AXIS_RABBITMQ_PASSWORD=$(secret)
AXIS_HTTP_PORT=8080
AXIS_OPS_PORT=8081
AXIS_AMQP_PORT=5672
ENV
echo "wrote $file"
