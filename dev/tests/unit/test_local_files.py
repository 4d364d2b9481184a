"""Secrets, certificates and the Makefile."""

import re
import ssl
import stat
from pathlib import Path

from cryptography import x509

from dev import secrets, tls
from dev.layout import ROOT, State


def test_secrets_are_made_once_and_private(tmp_path: Path) -> None:
    state = State.at(tmp_path / ".homeroom")
    first = secrets.load(state)
    assert secrets.load(state) == first
    assert len(set(first.values())) == len(secrets.NAMES)
    assert {stat.S_IMODE(file.stat().st_mode) for file in state.secrets.iterdir()} == {0o600}


def test_the_certificate_is_for_loopback_and_trusted_through_its_authority(tmp_path: Path) -> None:
    tls.ensure(tmp_path)
    certificate = x509.load_pem_x509_certificate(tls.certificate_file(tmp_path).read_bytes())
    authority = x509.load_pem_x509_certificate(tls.authority_file(tmp_path).read_bytes())
    certificate.verify_directly_issued_by(authority)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    ssl.create_default_context().load_cert_chain(tls.certificate_file(tmp_path), tls.key_file(tmp_path))


def test_a_good_certificate_stays(tmp_path: Path) -> None:
    tls.ensure(tmp_path)
    before = tls.certificate_file(tmp_path).read_bytes()
    tls.ensure(tmp_path)
    assert tls.certificate_file(tmp_path).read_bytes() == before


def test_every_target_of_the_makefile_is_phony_and_all_but_the_inner_ones_explain_themselves() -> None:
    text = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", text, re.MULTILINE))
    explained = set(re.findall(r"^([a-z-]+):.*## \S", text, re.MULTILINE))
    phony = set(" ".join(re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)).split())
    assert targets == phony
    assert targets - explained == {"bootstrap"}
