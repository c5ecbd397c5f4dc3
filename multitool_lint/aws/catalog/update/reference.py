"""Documents of AWS's service reference: read, and checked before anything of them is used.

AWS: https://docs.aws.amazon.com/service-authorization/latest/reference/service-reference.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from multitool_lint.aws.catalog.name_index import common_length
from multitool_lint.aws.catalog.records import AccessLevel, Action, ActionResource, ResourceType
from multitool_lint.aws.catalog.update.merge import ServiceFacts, keys, resources

NAME = "AWS service reference"
"""The source that the documents make."""

PREFIX = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")

_ACTION = re.compile(r"[A-Za-z0-9_.-]{1,128}")
# In the files of the catalog, what is left out here parts one name from the next.
_KEY = re.compile(r"[^\s,()]{1,256}")
_RESOURCE_TYPE = re.compile(r"[^\x00-\x1f,()*]{1,128}")
_ARN = re.compile(r"arn(:[^:\s]*){4}:\S+")
_TYPE = re.compile(r"(ArrayOf)?(ARN|Binary|Bool|Date|IPAddress|Numeric|String)")
_MARKS: dict[str, AccessLevel] = {
    "IsList": "List",
    "IsPermissionManagement": "Permissions management",
    "IsTaggingOnly": "Tagging",
    "IsWrite": "Write",
}


class DocumentError(ValueError):
    """A document that is not what AWS serves; the message is a phrase that says why."""


class ServiceDocument(NamedTuple):
    """What a document says of a service, and which actions authorise each of its API operations."""

    facts: ServiceFacts
    operations: dict[str, tuple[str, ...]]


def parse(data: bytes) -> Any:  # noqa: ANN401  # a document of a foreign format
    """The value that a document writes as JSON.

    Raises:
        DocumentError: it is not JSON.
    """
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"no JSON: {error}") from error


def read_list(value: object) -> dict[str, str]:
    """The URL of the document of each service, from the document that lists them.

    Raises:
        DocumentError: it is not such a list.
    """
    if not isinstance(value, list) or not value:
        raise DocumentError("no list of services")
    urls: dict[str, str] = {}
    for row in value:
        if not isinstance(row, dict):
            raise DocumentError("a service in it is not an object")
        prefix = _text(row, "service", PREFIX)
        if prefix in urls:
            raise DocumentError(f'the service "{prefix}" is in it twice')
        urls[prefix] = _text(row, "url", re.compile(r"\S{1,1000}"))
    return urls


def read_service(prefix: str, value: object) -> ServiceDocument:
    """What the document of a service says.

    Raises:
        DocumentError: it is not the document of that service.
    """
    if not isinstance(value, dict):
        raise DocumentError("no document of a service")
    if value.get("Name") != prefix:
        raise DocumentError(f'it is about the service "{value.get("Name")}", not "{prefix}"')
    if not str(value.get("Version", "v1")).startswith("v1"):
        raise DocumentError(f"written in version {value['Version']}, which is not known here")
    facts = ServiceFacts(prefix)
    for row in _rows(value, "Actions"):
        facts.add_action(_action(prefix, row))
    for row in _rows(value, "Resources"):
        formats = tuple(text for text in _texts(row, "ARNFormats", None) if _ARN.fullmatch(text))
        taken = keys(_texts(row, "ConditionKeys", _KEY))
        facts.add_resource_type(ResourceType(_text(row, "Name", _RESOURCE_TYPE), formats, taken))
    for row in _rows(value, "ConditionKeys"):
        types = [text for text in _texts(row, "Types", None) if _TYPE.fullmatch(text)]
        facts.add_condition_key(_text(row, "Name", _KEY), types)
    for key in _used(facts):
        facts.add_condition_key(key, ())
    return ServiceDocument(facts, dict(_operations(prefix, value)))


def _action(prefix: str, row: dict[str, Any]) -> Action:
    return Action(
        f"{prefix}:{_text(row, 'Name', _ACTION)}",
        prefix,
        _levels(row),
        resources(
            ActionResource(_text(resource, "Name", _RESOURCE_TYPE), required=False)
            for resource in _rows(row, "Resources")
        ),
        keys(_texts(row, "ActionConditionKeys", _KEY)),
    )


def _levels(row: dict[str, Any]) -> frozenset[AccessLevel]:
    try:
        marks = {mark: row["Annotations"]["Properties"][mark] for mark in _MARKS}
    except (KeyError, TypeError):
        raise DocumentError(f'the action "{row["Name"]}" has no access level') from None
    return frozenset(_MARKS[mark] for mark, holds in marks.items() if holds) or frozenset({"Read"})


def _used(facts: ServiceFacts) -> Iterator[str]:
    """The condition keys that actions and resource types take."""
    for action in facts.actions.values():
        yield from action.condition_keys
    for resource in facts.resource_types.values():
        yield from resource.condition_keys


def _operations(prefix: str, value: dict[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each API operation, with the actions that authorise it where AWS says so, likeliest first."""
    for row in _rows(value, "Operations"):
        name = _text(row, "Name", _ACTION)
        actions = []
        for action in _rows(row, "AuthorizedActions"):
            service = _text({"Service": prefix} | action, "Service", PREFIX)
            actions.append(f"{service}:{_text(action, 'Name', _ACTION)}")
        # AWS lists them by name, and among them what only some requests need.
        operation = f"{prefix}:{name}"
        likeness = {action: common_length(action, operation) for action in actions}
        yield operation, tuple(sorted(likeness, key=likeness.__getitem__, reverse=True))


def _rows(value: dict[str, Any], key: str) -> list[dict[str, Any]]:
    rows = value.get(key, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise DocumentError(f'"{key}" is not a list of objects')
    return rows


def _texts(row: dict[str, Any], key: str, shape: re.Pattern[str] | None) -> list[str]:
    texts = row.get(key, [])
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise DocumentError(f'"{key}" is not a list of strings')
    for text in texts:
        if shape and not shape.fullmatch(text):
            raise DocumentError(f'"{key}" has the odd value {text[:80]!r}')
    return texts


def _text(row: dict[str, Any], key: str, shape: re.Pattern[str]) -> str:
    text = row.get(key)
    if not isinstance(text, str) or not shape.fullmatch(text):
        raise DocumentError(f'"{key}" is {str(text)[:80]!r}')
    return text
