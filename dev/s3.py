"""A private S3 store: SeaweedFS in one process, loopback only (its filer asks nobody who they are)."""

import json

from minio import Minio

from dev.layout import VENV, write_private
from dev.ports import seaweed_sockets
from dev.programs import Plan, Program

BUCKET = "homeroom-files"
REGION = "us-east-1"
PORTS = ("s3", "s3-grpc", "weed-master-grpc", "weed-volume-grpc", "weed-filer", "weed-filer-grpc")


def program(plan: Plan) -> Program:
    folder = plan.state.data / "s3"
    return Program(
        name="s3",
        command=command(plan),
        directory=folder,
        stop_seconds=3,  # by itself it takes 16 s; what it acknowledged is on disk all the same
        prepare=lambda: prepare(plan),
        ready=lambda: check(plan),
        finish=lambda: create_bucket(plan),
    )


def endpoint(plan: Plan) -> str:
    return f"http://127.0.0.1:{plan.ports['s3']}"


def access(plan: Plan) -> dict[str, str]:
    """What a service, and a test, must know of it."""
    return {
        "endpoint": endpoint(plan),
        "access_key": plan.secrets["s3-access-key"],
        "secret_key": plan.secrets["s3-secret-key"],
        "region": REGION,
        "bucket": BUCKET,
    }


def command(plan: Plan) -> tuple[str, ...]:
    folder, ports = plan.state.data / "s3", plan.ports
    return (
        str(VENV / "bin" / "weed"),
        "-logtostderr=true",
        "server",
        f"-dir={folder}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-master.port={ports['weed-master']}",
        f"-master.port.grpc={ports['weed-master-grpc']}",
        "-master.electionTimeout=1s",
        "-master.heartbeatInterval=100ms",
        "-master.volumeSizeLimitMB=256",
        "-master.telemetry=false",
        f"-volume.port={ports['weed-volume']}",
        f"-volume.port.grpc={ports['weed-volume-grpc']}",
        "-volume.max=100",
        "-volume.preStopSeconds=0",
        "-filer",
        f"-filer.port={ports['weed-filer']}",
        f"-filer.localSocket={plan.state.sockets / 'filer.sock'}",
        f"-filer.port.grpc={ports['weed-filer-grpc']}",
        "-s3",
        f"-s3.port={ports['s3']}",
        f"-s3.localSocket={plan.state.sockets / 's3.sock'}",
        f"-s3.port.grpc={ports['s3-grpc']}",
        f"-s3.config={folder / 's3.json'}",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-s3.allowDeleteBucketNotEmpty=false",
    )


def clear_sockets(plan: Plan) -> None:
    """Remove the sockets of an earlier run, which in /tmp would be in other users' way."""
    for port in (plan.ports[name] for name in PORTS if name in plan.ports):
        for file in seaweed_sockets(port):
            file.unlink(missing_ok=True)


def prepare(plan: Plan) -> None:
    clear_sockets(plan)
    write_settings(plan)


def write_settings(plan: Plan) -> None:
    folder = plan.state.data / "s3"
    folder.mkdir(exist_ok=True)
    write_private(folder / "s3.json", json.dumps(identities(plan), indent=2))


def identities(plan: Plan) -> dict[str, object]:
    key = {"accessKey": plan.secrets["s3-access-key"], "secretKey": plan.secrets["s3-secret-key"]}
    actions = ["Admin", "Read", "List", "Tagging", "Write"]
    return {"identities": [{"name": "homeroom", "credentials": [key], "actions": actions}]}


def client(plan: Plan) -> Minio:
    return Minio(
        f"127.0.0.1:{plan.ports['s3']}",
        access_key=plan.secrets["s3-access-key"],
        secret_key=plan.secrets["s3-secret-key"],
        secure=False,
        region=REGION,
    )


def check(plan: Plan) -> None:
    client(plan).list_buckets()


def create_bucket(plan: Plan) -> None:
    store = client(plan)
    if not store.bucket_exists(BUCKET):
        store.make_bucket(BUCKET)
