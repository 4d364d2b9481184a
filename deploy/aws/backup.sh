#!/bin/bash
# The nightly backup: all schemas at one moment into the backups' bucket. Files need none: their bucket keeps old
# versions for 30 days, and the disk's snapshot has the secrets. A failure is a failed unit, which the alarms report.
set -euo pipefail
cd "$(dirname "$0")/../.."
set -a; . /etc/homeroom/settings; set +a
name=$(date --utc +%Y-%m-%dT%H-%M-%SZ).dump
url=$(cat .homeroom/compose/admin-database-url)
# The client of the server's own version, in its own container.
docker run --rm --network homeroom_default postgres:17.6-bookworm pg_dump --format=custom --schema=auth --schema=classroom \
    --schema=grading --schema=lecture_chat --schema=files "$url" | aws s3 cp - "s3://$HOMEROOM_BACKUPS_BUCKET/database/$name" --expected-size 100000000000
aws s3api head-object --bucket "$HOMEROOM_BACKUPS_BUCKET" --key "database/$name" --query ContentLength
