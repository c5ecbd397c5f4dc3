"""Which actions of a statement take the tags of their resource as a condition key."""

from __future__ import annotations

from functools import lru_cache

from multitool_lint.aws import patterns
from multitool_lint.aws.action_status import action_summaries
from multitool_lint.aws.catalog import name_index
from multitool_lint.aws.catalog.catalog import Catalog, Service
from multitool_lint.aws.catalog.queries import keys_at
from multitool_lint.policy.document import Statement
from multitool_lint.syntax.tree import Node

RESOURCE_TAG = "aws:resourcetag/"
_KEY = f"{RESOURCE_TAG}${{tagkey}}"


def without_resource_tag(statement: Statement, catalog: Catalog) -> list[tuple[Node, str]]:
    """The actions that have no such key, patterns among them that match no action with it.

    One that no service owns alone, such as `*`, is left out, as is one that is not known.
    """
    return [
        (statement.action_node(at), text)
        for at, text in enumerate(statement.action_names)
        if _has_none(catalog, text)
    ]


@lru_cache(maxsize=8192)
def _has_none(catalog: Catalog, action: str) -> bool:
    prefix, colon, name = action.partition(":")
    if (
        not colon
        or patterns.has_wildcard(prefix)
        or not action_summaries(catalog).look(action).known
    ):
        return False
    service = catalog.service(prefix)
    if service is None or service.named_only:
        return False
    if service.condition_key(_KEY) is None:
        return True
    if not name.strip("*"):
        return False
    places = (
        name_index.positions(service.matching(name_index.fold(name)))
        if patterns.has_wildcard(name)
        else [service.bit_of(name)]
    )
    return not any(place is None or _takes(service, place) for place in places)


def _takes(service: Service, place: int) -> bool:
    _, levels, *_ = service.fields_at(place)
    # Nothing is known of an action that a user has added.
    return not levels or any(
        key.lower().startswith(RESOURCE_TAG) for key in keys_at(service, place)
    )
