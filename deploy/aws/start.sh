#!/bin/bash
# Starts or upgrades Homeroom on its instance; run again after a new release is unpacked. /etc/homeroom/settings says all.
set -euo pipefail
cd "$(dirname "$0")/../.."
set -a; . /etc/homeroom/settings; set +a
say() { echo "=== $*"; }

say "the data volume, under Docker's volumes and the secrets"
device=$(readlink -f /dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol* /dev/sdf 2>/dev/null | grep -v "$(lsblk -no PKNAME "$(findmnt -no SOURCE /)")" | head -1)
blkid "$device" > /dev/null || mkfs.ext4 -L homeroom "$device"
mkdir -p /srv/homeroom
grep -q LABEL=homeroom /etc/fstab || echo "LABEL=homeroom /srv/homeroom ext4 defaults,nofail 0 2" >> /etc/fstab
mountpoint -q /srv/homeroom || mount /srv/homeroom
mkdir -p /srv/homeroom/state /srv/homeroom/docker
echo '{"data-root": "/srv/homeroom/docker", "log-driver": "json-file", "log-opts": {"max-size": "50m", "max-file": "5"}}' > /etc/docker/daemon.json
systemctl restart docker
ln -sfn /srv/homeroom/state .homeroom

say "secrets"
python3 -m dev.bootstrap --python-only
.venv/bin/python -m dev.compose
secret() { aws secretsmanager get-secret-value --secret-id "$1" --query SecretString --output text; }
encoded() { jq -rn --arg text "$1" '$text | @uri'; }
write() { printf %s "$2" > ".homeroom/compose/$1"; chmod 644 ".homeroom/compose/$1"; }
write smtp-url "$(secret "$HOMEROOM_SMTP_SECRET")"
files=$(secret "$HOMEROOM_FILES_SECRET")
write s3-access-key "$(jq -r .access_key <<< "$files")"
write s3-secret-key "$(jq -r .secret_key <<< "$files")"

layers=(--file compose.yaml --file deploy/aws/compose.aws.yaml)
if [ -n "$HOMEROOM_DATABASE_HOST" ]; then
    layers+=(--file deploy/aws/compose.managed.yaml)
    admin=$(secret "$HOMEROOM_DATABASE_SECRET")
    user=$(encoded "$(jq -r .username <<< "$admin")") password=$(encoded "$(jq -r .password <<< "$admin")")
    write admin-database-url "postgresql://$user:$password@$HOMEROOM_DATABASE_HOST:5432/homeroom?sslmode=require"
    for file in .homeroom/compose/*-database-url; do
        case $file in */admin-*) continue ;; esac
        sed -i "s#@postgres:5432/homeroom\$#@$HOMEROOM_DATABASE_HOST:5432/homeroom?sslmode=require#" "$file"
    done
    broker=$(secret "$HOMEROOM_BROKER_SECRET")
    user=$(jq -r .username <<< "$broker") password=$(jq -r .password <<< "$broker")
    write amqp-url "amqps://$user:$password@$HOMEROOM_BROKER_HOST:5671/"
    write amqp-management-url "https://$user:$password@$HOMEROOM_BROKER_HOST"
fi

say "containers"
docker compose "${layers[@]}" up --detach --build --wait --wait-timeout 600 --remove-orphans
docker image prune --force > /dev/null

say "a backup each night at two"
cat > /etc/systemd/system/homeroom-backup.service <<UNIT
[Unit]
Description=Homeroom's nightly backup
[Service]
Type=oneshot
WorkingDirectory=$PWD
ExecStart=$PWD/deploy/aws/backup.sh
UNIT
cat > /etc/systemd/system/homeroom-backup.timer <<UNIT
[Timer]
OnCalendar=*-*-* 02:00:00 UTC
Persistent=true
[Install]
WantedBy=timers.target
UNIT
systemctl daemon-reload
systemctl enable --now homeroom-backup.timer
say "Homeroom runs: https://$HOMEROOM_DOMAIN"
