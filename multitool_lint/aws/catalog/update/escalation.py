"""The escalation paths that pathfinding.cloud publishes, merged with what a table has of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from multitool_lint.aws.catalog.update.reference import DocumentError
from multitool_lint.aws.escalation_paths import PASS_ROLE

URL = "https://pathfinding.cloud/paths.json"
"""Where the paths are published, as one document."""

HEAD = (
    "escalation paths of pathfinding.cloud (Apache-2.0), and others: "
    "id, kind, actions, services, targets, link, date"
)
FIELDS = ("id", "kind", "actions", "services", "targets", "link", "date")

_KINDS = {
    "self-escalation": "own",
    "principal-access": "other",
    "new-passrole": "target",
    "existing-passrole": "target",
}
"""The kind of path by the category. Where a role is passed, the path is about that role."""

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z0-9]+")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_PRINCIPAL = re.compile(r"([a-z0-9-]+(?:\.[a-z0-9-]+)*)\.amazonaws\.com\b")


class Published(NamedTuple):
    """A path as it is published; `services` are the principals that its role must trust."""

    id: str
    kind: str
    actions: tuple[str, ...]
    services: tuple[str, ...]
    date: str


def read_paths(document: object) -> list[Published]:
    """Read the collection, without paths of categories that are not about permissions of AWS.

    Raises:
        DocumentError: it does not have the form of one.
    """
    if not isinstance(document, list) or not document:
        raise DocumentError("not a list of paths")
    found = {}
    for number, entry in enumerate(document, 1):
        try:
            path = _read(entry)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise DocumentError(
                f"path {number} does not have the form of one: {error!r}"
            ) from error
        if path.id in found:
            raise DocumentError(f"path {path.id} is in it twice")
        found[path.id] = path
    return [found[id_] for id_ in sorted(found) if found[id_].kind]


def _read(entry: dict[str, Any]) -> Published:
    actions = tuple(
        _matched(_ACTION, permission["permission"])
        for permission in entry["permissions"]["required"]
    )
    kind = _KINDS.get(entry["category"], "")
    if PASS_ROLE in actions:
        kind = "pass"
        actions = (PASS_ROLE, *(action for action in actions if action != PASS_ROLE))
    if not actions:
        raise ValueError("no actions")
    changed = (entry.get("gitMetadata") or {}).get("lastUpdated") or ""
    return Published(
        _matched(_ID, entry["id"]),
        kind,
        tuple(dict.fromkeys(actions)),
        tuple(_principals(entry.get("prerequisites"))) if kind == "pass" else (),
        _matched(_DATE, changed[:10]) if changed else "",
    )


def _matched(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError(text)
    return text


def _principals(prerequisites: object) -> dict[str, None]:
    """The service principals that the prerequisites name, a list of texts for each outcome."""
    if isinstance(prerequisites, dict):
        prerequisites = list(prerequisites.values())
    if isinstance(prerequisites, list):
        return {name: None for part in prerequisites for name in _principals(part)}
    return (
        dict.fromkeys(_PRINCIPAL.findall(prerequisites)) if isinstance(prerequisites, str) else {}
    )


def merge_paths(published: Iterable[Published], known: Iterable[Sequence[str]]) -> list[list[str]]:
    """Complete the published paths by what a table has of them, and add those that they lack."""
    rows = {row[0]: dict(zip(FIELDS, row, strict=False)) for row in known}
    return [
        *(_row(path, rows.pop(path.id, {})) for path in published),
        *([row.get(field, "") for field in FIELDS] for row in rows.values() if row.get("actions")),
    ]


def _row(path: Published, known: dict[str, str]) -> list[str]:
    kinds = (path.kind, known.get("kind", ""))
    kind = path.kind if "pass" in kinds else kinds[1] or path.kind
    services = dict.fromkeys((*path.services, *known.get("services", "").split()))
    if kind == "pass" and not services:
        services = dict.fromkeys(action.partition(":")[0] for action in path.actions[1:])
    targets = known.get("targets", "")
    return [path.id, kind, " ".join(path.actions), " ".join(services), targets, "", path.date]


def of_collection(rows: Iterable[Sequence[str]]) -> list[Sequence[str]]:
    """Select the rows of a table that the collection has: they have no link of their own."""
    return [row for row in rows if not "".join(row[5:6])]
