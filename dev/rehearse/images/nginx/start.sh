#!/bin/sh
# The official entry point: settings first, then envsubst on every template.
set -eu
for file in /docker-entrypoint.d/*.envsh; do . "$file"; done
defined=$(printf '${%s} ' $(awk 'END { for (name in ENVIRON) print name }' < /dev/null))
cd /etc/nginx/templates
find . -name '*.template' | while read -r template; do
    target=$NGINX_ENVSUBST_OUTPUT_DIR/${template%.template}
    mkdir -p "$(dirname "$target")"
    envsubst "$defined" < "$template" > "$target"
done
exec "$@"
