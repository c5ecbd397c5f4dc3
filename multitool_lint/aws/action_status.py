"""What most checks ask of an action: whether it is known, and what kinds of access it grants.

Policies use the same few thousand actions, so the answers are cached: all under one key, and equal
answers as one object, to save memory.
"""

from __future__ import annotations

from _thread import allocate_lock  # threading, which has it too, takes long to import
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import lru_cache
from types import MappingProxyType

from multitool_lint.aws.catalog import name_index
from multitool_lint.aws.catalog.catalog import Catalog, Service
from multitool_lint.aws.catalog.tables import Rows, bundled_table
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.aws.sensitive_actions import KINDS, SENSITIVE, matches_some
from multitool_lint.limits import MAX_ACTION_SUMMARIES
from multitool_lint.named_tuple import NamedTuple


class ActionStatus(Enum):
    """What the catalog knows of an action or a pattern of actions."""

    KNOWN = "known"
    RETIRED = "retired"
    """Only older lists of AWS have it, or its service, or AWS has ended its support."""
    UNKNOWN = "unknown"
    """The service has no action of that name."""
    UNMATCHED = "unmatched"
    """A pattern that matches nothing."""
    UNKNOWN_SERVICE = "unknown service"
    MALFORMED = "malformed"
    """No service and action separated by a colon."""


class ActionSummary(NamedTuple):
    """What the catalog has of an action, and of which kinds it is, or some that it matches."""

    status: ActionStatus
    kinds: frozenset[str]

    @property
    def known(self) -> bool:
        """Whether the catalog simply knows it."""
        return self.status is ActionStatus.KNOWN

    @property
    def sensitive(self) -> bool:
        """Whether it needs more care than others."""
        return not SENSITIVE.keys().isdisjoint(self.kinds)


class ActionSummaries:
    """Looks at the actions of policies, and remembers what it saw."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._services: dict[str, tuple[Service, Mapping[str, int]]] = {}
        self._special = bytearray()
        self._numbered = 0
        self._lock = allocate_lock()
        self.look = lru_cache(maxsize=MAX_ACTION_SUMMARIES)(self._summary_of)

    def special(
        self, actions: Sequence[str], numbers: Sequence[int | None]
    ) -> tuple[tuple[int, ActionSummary], ...]:
        """Those of the actions that are of some kind, or that are not simply known, by place.

        `numbers` are those that the catalog gives them. Most lists have nothing of this kind, which
        is known at once.
        """
        services = self._catalog.numbering.services
        if self._numbered < len(services):
            self._mark(services)
        special = self._special
        if None not in numbers and not any(map(special.__getitem__, numbers)):  # type: ignore[arg-type]  # none is None
            return ()
        look = self.look
        return tuple(
            [
                (at, summary)
                for at, number in enumerate(numbers)
                if (number is None or special[number])
                and (summary := look(actions[at])) is not _PLAIN
            ]
        )

    def _mark(self, services: Sequence[Service]) -> None:
        """Say of each number of the new services whether the action is special."""
        with self._lock:
            for service in services[self._numbered :]:
                known = self._of_service(service.prefix)
                marks = bytearray(service.current if known else 0).ljust(service.size, b"\1")
                for bits in (*known[1].values(), ended(service)) if known else ():
                    for at in name_index.positions(bits):
                        marks[at] = 1
                self._special += marks
                self._numbered += 1

    def _summary_of(self, action: str) -> ActionSummary:
        catalog = self._catalog
        prefix, colon, name = name_index.fold(action).partition(":")
        known = self._of_service(prefix) if colon and action.isascii() else None
        if known is None:
            kinds = [kind for kind, of in KINDS.items() if matches_some(catalog, action, of)]
            return _summary(action_status(catalog, action), frozenset(kinds))
        service, of_kind = known
        if has_wildcard(name):
            bits = catalog.match(action).bits(prefix)
            state = _status(service, bits)
        else:
            place = service.bit_of(name)
            bits = 0 if place is None else 1 << place
            state = _of_service(service, name)
        return _summary(state, frozenset([kind for kind, of in of_kind.items() if of & bits]))

    def _of_service(self, prefix: str) -> tuple[Service, Mapping[str, int]] | None:
        """A service with the bits of its actions of each kind that it has.

        None where there are no such actions to distinguish: the service is gone, or only its
        name is known.
        """
        found = self._services.get(prefix)
        if found is None:
            catalog = self._catalog
            service = catalog.service(prefix)
            if service is None or service.retired or service.named_only:
                return None
            kinds = {kind: bits for kind, of in KINDS.items() if (bits := of(catalog, prefix))}
            found = self._services[prefix] = service, kinds
        return found


@lru_cache(maxsize=4)
def action_summaries(catalog: Catalog) -> ActionSummaries:
    """What is known of the actions of policies by a catalog."""
    return ActionSummaries(catalog)


_summary = lru_cache(maxsize=128)(ActionSummary)
_PLAIN = _summary(ActionStatus.KNOWN, frozenset())
"""What most actions are."""


def action_status(catalog: Catalog, action: str) -> ActionStatus:
    """The status of a value of an Action or NotAction element."""
    prefix, colon, name = action.partition(":")
    if prefix == "arn" and colon:
        return ActionStatus.MALFORMED  # a resource in the place of an action
    if not colon:
        return ActionStatus.MALFORMED if action.strip("*") or not action else ActionStatus.KNOWN
    if has_wildcard(prefix):
        return ActionStatus.KNOWN if catalog.match(action) else ActionStatus.UNMATCHED
    service = catalog.service(prefix)
    if service is None:
        return ActionStatus.UNKNOWN_SERVICE
    return _of_service(service, name.lower())


def _of_service(service: Service, name: str) -> ActionStatus:
    if service.retired:
        return ActionStatus.RETIRED
    if service.named_only:
        return ActionStatus.KNOWN
    if has_wildcard(name):
        return _status(service, service.matching(name))
    place = service.bit_of(name)
    if place is None:
        return (
            ActionStatus.KNOWN
            if f"{service.prefix}:{name}" in _undocumented()
            else ActionStatus.UNKNOWN
        )
    return _status(service, 1 << place) if place < service.current else ActionStatus.RETIRED


def _status(service: Service, bits: int) -> ActionStatus:
    """The status of what matches some of the current actions of a service."""
    if not bits:
        return ActionStatus.UNMATCHED
    return ActionStatus.KNOWN if bits & ~ended(service) else ActionStatus.RETIRED


def ended(service: Service) -> int:
    """The bits of the current actions of a service whose support AWS has ended."""
    bits = 0
    for ending in endings().get(service.prefix, ()):
        bits |= service.matching(ending.name)
    return bits


class Ending(NamedTuple):
    """A pattern of the names of actions, in lower case, and when and where AWS ended support.

    `feature` is what they were for, empty if other actions do the same now.
    """

    name: str
    when: str
    url: str
    feature: str


@bundled_table("ended_actions.tsv")
def endings(rows: Rows) -> Mapping[str, tuple[Ending, ...]]:
    """The actions whose support AWS has ended though its reference lists them, by prefix."""
    found: dict[str, tuple[Ending, ...]] = {}
    for action, when, url, feature in rows:
        prefix, _, name = action.lower().partition(":")
        ending = Ending(name, when, url, "" if feature == "-" else feature)
        found[prefix] = (*found.get(prefix, ()), ending)
    return MappingProxyType(found)


def is_rejected(catalog: Catalog, prefix: str) -> bool:
    """Whether IAM Access Analyzer reports a service that AWS's reference does not have.

    Of services that are gone it accepts most. Without an answer of AWS about one of them, it is
    taken to be accepted.
    """
    known = _retired_services().get(prefix.lower())
    return catalog.service(prefix) is None if known is None else known == "rejected"


@bundled_table("retired_services.tsv")
def _retired_services(rows: Rows) -> Mapping[str, str]:
    return MappingProxyType(dict(rows))


@bundled_table("undocumented_actions.tsv")
def _undocumented(rows: Rows) -> frozenset[str]:
    """The actions, in lower case, that work in policies though AWS does not list them."""
    return frozenset(action.lower() for action, _ in rows)
