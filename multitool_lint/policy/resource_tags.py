"""Which actions of a statement take the tags of their resource as a condition key."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from multitool_lint.aws import patterns
from multitool_lint.aws.action_status import action_summaries
from multitool_lint.aws.catalog import name_index
from multitool_lint.aws.catalog.catalog import Catalog, Service
from multitool_lint.aws.catalog.queries import keys_at
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.document import Statement
from multitool_lint.syntax.tree import Node

RESOURCE_TAG = "aws:resourcetag/"
_TAGS = (RESOURCE_TAG, "aws:requesttag/", "aws:tagkeys")

_REPORTED_SERVICES = frozenset({"sns"})
"""Services of which IAM Access Analyzer reports that they do not take the key.

The Service Authorization Reference lists the key for them.
"""


class Untagged(NamedTuple):
    """An action or pattern of a statement, and those of its actions that do not take the key.

    `reported` says whether IAM Access Analyzer reports it: it accepts actions that act on
    resources of some type, or on tags of the request. `documented` says whether it does although
    the reference lists the key for one of them.
    """

    node: Node
    text: str
    prefix: str
    names: tuple[str, ...]
    reported: bool
    documented: bool

    @property
    def partial(self) -> bool:
        """Whether it is a pattern of which some actions take the key."""
        return self.names != (self.text,)


def without_resource_tag(statement: Statement, catalog: Catalog) -> Iterator[Untagged]:
    """List the actions that do not have the key, and patterns that match such actions.

    One that no service owns alone, such as `*`, is left out, as is one that is not known.
    """
    for at, text in enumerate(statement.action_names):
        found = _without(catalog, text)
        if found is not None:
            yield Untagged(statement.action_node(at), text, *found)


@lru_cache(maxsize=8192)
def _without(catalog: Catalog, action: str) -> tuple[str, tuple[str, ...], bool, bool] | None:
    prefix, colon, name = action.lower().partition(":")
    if (
        not colon
        or patterns.has_wildcard(prefix)
        or not action_summaries(catalog).look(action).known
    ):
        return None
    service = catalog.service(prefix)
    if service is None or service.named_only:
        return None
    places = (
        name_index.positions(service.matching(name_index.fold(name)))
        if patterns.has_wildcard(name)
        else [place for place in [service.bit_of(name)] if place is not None]
    )
    reported = [place for place in places if _is_reported(service, place)]
    without = reported or [place for place in places if not _takes(service, place)]
    if not without or (not reported and len(without) < len(places)):
        return None
    names = (action,) if len(without) == len(places) else tuple(map(service.name_at, without))
    return prefix, names, bool(reported), any(_takes(service, place) for place in without)


def _takes(service: Service, place: int) -> bool:
    return _is_undocumented(service, place) or any(
        key.lower().startswith(RESOURCE_TAG) for key in keys_at(service, place)
    )


def _is_reported(service: Service, place: int) -> bool:
    _, _, types, keys, *_ = service.fields_at(place)
    if _is_undocumented(service, place) or (types and service.prefix not in _REPORTED_SERVICES):
        return False
    return not any(key.lower().startswith(_TAGS) for key in keys.split())


def _is_undocumented(service: Service, place: int) -> bool:
    """Whether nothing is known of an action, which a user has added."""
    _, levels, *_ = service.fields_at(place)
    return not levels
