"""A certificate for localhost, for as long as a test runs."""

import subprocess
from pathlib import Path


def make_certificate(folder: Path) -> Path:
    """Write `tls.pem` and `tls.key` into the folder; the path of the former."""
    path = folder / "tls.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-keyout", path.with_suffix(".key"), "-out", path, "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    return path
