import io
import struct
import zipfile

import pytest

from chassis.oneroster import BrokenPackage, Limits, Package, validate
from chassis.oneroster.testing import Parts, zipped


def codes(content: bytes, limits: Limits | None = None) -> list[tuple[str, str]]:
    report = validate(io.BytesIO(content), limits=limits)
    return [(problem.file, problem.code) for problem in report.problems]


def entry(name: str, mode: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def test_a_valid_package_is_opened(parts: Parts) -> None:
    with Package(io.BytesIO(parts.zipped())) as package:
        assert package.has("users.csv")
        assert len(package.sha256) == 64


@pytest.mark.parametrize(
    "name",
    ["/users.csv", "../users.csv", "..", "a/users.csv", "a\\users.csv", "C:users.csv", "folder/", "a\nb.csv", " "],
)
def test_a_path_in_the_zip_is_refused(parts: Parts, name: str) -> None:
    content = zipped([*parts.files.items(), (name, b"")])
    assert [code for _, code in codes(content)] == ["unsafe-name"]


@pytest.mark.parametrize("name", ["readme.txt", "users.csv.exe", ".hidden", "users", "grades.csv"])
def test_an_unknown_file_is_refused(parts: Parts, name: str) -> None:
    assert codes(zipped([*parts.files.items(), (name, b"")])) == [(name, "unknown-file")]


@pytest.mark.parametrize("name", ["users.csv", "Users.csv"])
def test_a_name_twice_is_refused(parts: Parts, name: str) -> None:
    assert codes(zipped([*parts.files.items(), (name, b"")])) == [(name, "duplicate-entry")]


@pytest.mark.parametrize("mode", [0o120777, 0o040755, 0o020666])
def test_a_link_or_device_is_refused(parts: Parts, mode: int) -> None:
    content = zipped([*parts.files.items(), (entry("demographics.csv", mode), b"/etc/passwd")])
    assert codes(content) == [("demographics.csv", "unsafe-entry")]


def test_an_encrypted_entry_is_refused(parts: Parts) -> None:
    content = bytearray(parts.zipped())
    at = content.rindex(b"PK\x01\x02")
    content[at + 8] |= 1
    assert codes(bytes(content)) == [("results.csv", "unsafe-entry")]


def test_an_unusual_method_is_refused(parts: Parts) -> None:
    target = io.BytesIO(parts.zipped())
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("demographics.csv", b"x" * 100, zipfile.ZIP_LZMA)
    assert codes(target.getvalue()) == [("demographics.csv", "unsafe-entry")]


def test_a_bomb_is_refused(parts: Parts) -> None:
    parts.files["demographics.csv"] = bytes(2 * 2**20)
    assert codes(parts.zipped()) == [("demographics.csv", "suspicious-ratio")]


def test_a_bomb_that_lies_about_its_size_is_not_unpacked(parts: Parts) -> None:
    parts.files["results.csv"] = b"x," * 2**20
    content = bytearray(parts.zipped())
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 100)
    assert [file for file, _ in codes(bytes(content))][-1] == "results.csv"


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(zip_size=100), "too-large"),
        (Limits(file_size=100), "too-large"),
        (Limits(total_size=1000), "too-large"),
        (Limits(entries=3), "too-many-entries"),
        (Limits(rows=3), "too-many-rows"),
        (Limits(field=5), "too-large"),
        (Limits(record=20), "too-large"),
    ],
)
def test_each_limit_is_kept(parts: Parts, limits: Limits, code: str) -> None:
    assert code in {found for _, found in codes(parts.zipped(), limits)}


def test_a_huge_directory_is_refused_before_it_is_read(parts: Parts) -> None:
    content = bytearray(parts.zipped())
    content[-10:-6] = struct.pack("<I", 2**31)
    assert codes(bytes(content)) == [("(package)", "too-many-entries")]


def test_a_second_directory_behind_a_zip64_locator_is_refused(parts: Parts) -> None:
    content = parts.zipped()
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 1)
    assert codes(content[:-22] + locator + content[-22:]) == [("(package)", "too-many-entries")]


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip at all", b"PK\5\6" + bytes(10), bytes(100)])
def test_what_is_no_zip_is_refused(content: bytes) -> None:
    assert codes(content) == [("(package)", "not-a-zip")]


def test_a_damaged_file_is_named(parts: Parts) -> None:
    content = bytearray(parts.zipped())
    at = content.index(b"users.csv") + 40
    content[at : at + 8] = b"\xff" * 8
    assert ("users.csv", "not-a-zip") in codes(bytes(content))


def test_a_truncated_zip_is_refused(parts: Parts) -> None:
    content = parts.zipped()
    for size in range(0, len(content), 97):
        assert codes(content[:size]), size


def test_a_package_closes_only_what_it_opened(parts: Parts) -> None:
    source = io.BytesIO(b"nothing")
    with pytest.raises(BrokenPackage):
        Package(source)
    assert not source.closed
