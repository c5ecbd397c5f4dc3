"""The update of the escalation paths, against a server on loopback, and how they are merged."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from support.reference_server import ReferenceServer, document, serve

from multitool_lint.aws.catalog.catalog import Catalog, bundled
from multitool_lint.aws.catalog.tables import read_rows
from multitool_lint.aws.catalog.update import escalation
from multitool_lint.aws.catalog.update import write as writing
from multitool_lint.aws.catalog.update.fetch import FetchLimits
from multitool_lint.aws.catalog.update.merge import CatalogSource, merge, of_catalog
from multitool_lint.aws.catalog.update.reference import DocumentError
from multitool_lint.aws.catalog.update.update import UpdateError, UpdateRequest, update
from multitool_lint.aws.escalation_paths import TABLE, Path, paths, paths_date
from multitool_lint.formats import read_source
from multitool_lint.policy.escalation import open_paths
from multitool_lint.syntax.source import Source as Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path as Folder

NOW = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)
FEW = ("sqs", "sts")
LIMITS = FetchLimits(request=5, overall=20, pause=0, tries=2)
COLLECTION = "/paths.json"


@pytest.fixture
def server() -> Iterator[ReferenceServer]:
    for running in serve():
        running.offer({prefix: document(bundled(), prefix) for prefix in FEW})
        yield running


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    directory = tmp_path_factory.mktemp("few")
    everything = of_catalog(bundled())
    source = CatalogSource(
        everything.provenance, {prefix: everything.services[prefix] for prefix in FEW}
    )
    writing.write_services(directory, merge([source]), writing.source_rows([source]))
    return Catalog(str(directory))


def published(path: Path) -> dict[str, Any]:
    """A path of the table as the collection publishes it."""
    trusted = [f"A role must exist that trusts {service} to assume it" for service in path.services]
    return {
        "id": path.id,
        "category": {"own": "self-escalation", "other": "principal-access"}.get(
            path.kind, "new-passrole" if path.kind == "pass" else "existing-passrole"
        ),
        "permissions": {"required": [{"permission": action} for action in path.actions]},
        "prerequisites": {"admin": trusted, "lateral": trusted},
        "gitMetadata": {"lastUpdated": "2027-01-01T10:00:00Z"},
    }


def collection() -> list[dict[str, Any]]:
    rows = escalation.of_collection(read_rows(bundled().directory, TABLE))
    known = {row[0] for row in rows}
    return [published(path) for path in paths(bundled()) if path.id in known]


NEW = {
    "id": "sqs-001",
    "category": "new-passrole",
    "permissions": {
        "required": [{"permission": "sqs:CreateQueue"}, {"permission": "iam:PassRole"}]
    },
    "prerequisites": ["A role must exist that trusts sqs.amazonaws.com to assume it"],
}


def run(
    server: ReferenceServer, folder: Folder, few: Catalog, answer: object, url: str = ""
) -> tuple[Catalog, list[str]]:
    """The updated catalog, and what it was warned of."""
    server.answers[COLLECTION] = (
        answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    )
    request = UpdateRequest(NOW, "test", server.url, LIMITS, url or f"{server.url}paths.json")
    warnings: list[str] = []
    catalog = update(folder, request, few, lambda _done, _all: None, None, warnings.append)
    return catalog, warnings


@pytest.mark.slow
def test_a_new_path_is_found_in_policies(
    server: ReferenceServer, tmp_path: Folder, few: Catalog
) -> None:
    catalog, warnings = run(server, tmp_path, few, [*collection(), NEW])
    assert warnings == []
    assert paths_date(catalog) == "2027-01-01"
    actions = ["iam:PassRole", "sqs:CreateQueue"]
    policy = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    text = Text("policy.json", json.dumps({"Version": "2012-10-17", "Statement": policy}))
    [found] = open_paths(read_source(text).json_policies[0], catalog)
    assert found.path == Path(
        "sqs-001",
        "pass",
        ("iam:PassRole", "sqs:CreateQueue"),
        frozenset(actions),
        ("sqs.amazonaws.com",),
        (),
        "https://pathfinding.cloud/paths/sqs-001",
    )
    assert not open_paths(read_source(text).json_policies[0], bundled())


@pytest.mark.slow
def test_what_the_collection_does_not_state_is_kept(
    server: ReferenceServer, tmp_path: Folder, few: Catalog
) -> None:
    catalog, _ = run(server, tmp_path, few, collection())
    assert set(paths(catalog)) == set(paths(bundled()))


@pytest.mark.slow
def test_a_path_that_is_published_later_replaces_ours(
    server: ReferenceServer, tmp_path: Folder, few: Catalog
) -> None:
    later = {**NEW, "id": "iam-022", "category": "self-escalation"}
    later["permissions"] = {"required": [{"permission": "iam:DeleteUserPermissionsBoundary"}]}
    catalog, _ = run(server, tmp_path, few, [*collection(), later])
    [found] = [path for path in paths(catalog) if path.id == "iam-022"]
    assert (found.kind, found.url) == ("own", "https://pathfinding.cloud/paths/iam-022")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "reason"),
    [(b"<html>", "no JSON"), (collection()[:40], "it has 40 paths, where 87 are known")],
)
def test_what_is_not_the_collection_keeps_the_known_paths(
    server: ReferenceServer, tmp_path: Folder, few: Catalog, answer: object, reason: str
) -> None:
    catalog, [warning] = run(server, tmp_path, few, answer)
    assert reason in warning
    assert catalog.match("sqs:*"), "the rest is updated"
    assert paths(catalog) == paths(bundled())


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"paths": []}, "not a list of paths"),
        ([], "not a list of paths"),
        ([NEW, NEW], "path sqs-001 is in it twice"),
        ([NEW, {**NEW, "id": "../x"}], "path 2 does not have the form of one: ValueError"),
        ([{**NEW, "permissions": {"required": []}}], "path 1 does not have"),
        ([{**NEW, "permissions": {}}], "path 1 does not have"),
        ([{**NEW, "permissions": {"required": [{"permission": "sqs:*"}]}}], "path 1 does not"),
        ([{**NEW, "gitMetadata": {"lastUpdated": "soon"}}], "path 1 does not have"),
        (["sqs-001"], "path 1 does not have the form of one"),
        ([{**NEW, "id": 5}], "path 1 does not have the form of one"),
    ],
)
def test_what_does_not_have_the_form_of_the_collection(answer: object, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        escalation.read_paths(answer)


@pytest.mark.slow
def test_where_the_collection_is_missing_the_known_paths_stay(
    server: ReferenceServer, tmp_path: Folder, few: Catalog
) -> None:
    catalog, [warning] = run(server, tmp_path, few, [], f"{server.url}gone.json")
    assert "404" in warning
    assert paths(catalog) == paths(bundled())


@pytest.mark.slow
def test_a_category_that_is_not_about_permissions_is_left_out(
    server: ReferenceServer, tmp_path: Folder, few: Catalog
) -> None:
    secret = {**NEW, "category": "credential-access"}
    secret["permissions"] = {"required": [{"permission": "sqs:ReceiveMessage"}]}
    catalog, warnings = run(server, tmp_path, few, [*collection(), secret])
    assert not warnings
    assert set(paths(catalog)) == set(paths(bundled()))


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://localhost/", "mirror"])
def test_no_address(server: ReferenceServer, tmp_path: Folder, few: Catalog, url: str) -> None:
    with pytest.raises(UpdateError, match="is not an address such as https://"):
        run(server, tmp_path, few, [], url)
    assert not server.asked
