#!/bin/sh
# Succeeds when this container's service says that it is ready.
exec python -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:$1/readyz', timeout=2)"
