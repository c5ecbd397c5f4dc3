"""What the catalog says of a policy's actions, resources and condition keys.

Each service and each pattern is evaluated once, and kept for the next policy.
"""

from __future__ import annotations

from _thread import allocate_lock  # threading, which has it too, takes long to import
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice

from multitool_lint.aws import arn, arn_overlap, patterns
from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog import name_index
from multitool_lint.aws.catalog.action_scope import NOTHING, ResourceFormats, ServiceScopes
from multitool_lint.aws.catalog.catalog import Catalog, ConditionKey, Service
from multitool_lint.aws.condition_keys import TAG_KEY, global_key

_OF_THE_REQUEST = ("aws:requesttag/", "aws:tagkeys", "aws:resourcetag/")
"""The global keys that only some actions take, each listed with the actions that do."""


class ActionScopes:
    """What the actions of a catalog act on, and which condition keys they take, with a cache."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.formats = lru_cache(maxsize=16384)(self._formats)
        self.takes = lru_cache(maxsize=16384)(self._takes)
        self.key = lru_cache(maxsize=8192)(self._key)
        self.takers = lru_cache(maxsize=1024)(self._takers)
        self.includes = lru_cache(maxsize=4096)(self._includes)
        self._services: dict[str, ServiceScopes] = {}
        self._by_number: list[ResourceFormats] = []
        self._numbered = 0
        self._lock = allocate_lock()

    def formats_of(
        self, names: Sequence[str], numbers: Sequence[int | None]
    ) -> Sequence[ResourceFormats]:
        """What the actions of each pattern act on; the patterns are in lower case, and numbered."""
        services = self.catalog.numbering.services
        if self._numbered < len(services):
            self._gather(services)
        by_number = self._by_number
        if None not in numbers:
            return list(map(by_number.__getitem__, numbers))  # type: ignore[arg-type]  # none is None
        return [
            self.formats(name) if number is None else by_number[number]
            for name, number in zip(names, numbers, strict=True)
        ]

    def alike(self, actions: ActionSet) -> Iterator[tuple[ActionSet, ResourceFormats]]:
        """Actions that act on the same, and on what."""
        for prefix in sorted(actions.prefixes):
            bits = actions.bits(prefix)
            for alike, formats in self._of(prefix).alike().items():
                if both := alike & bits:
                    yield ActionSet({prefix: both}), formats

    def _gather(self, services: Sequence[Service]) -> None:
        with self._lock:
            for service in services[self._numbered :]:
                self._by_number += self._of(service.prefix).by_place
                self._by_number += [NOTHING] * (service.size - service.current)
                self._numbered += 1

    def _of(self, prefix: str) -> ServiceScopes:
        found = self._services.get(prefix)
        if found is None:
            found = self._services[prefix] = ServiceScopes(self.catalog.known(prefix))
        return found

    def _formats(self, pattern: str) -> ResourceFormats:
        if not patterns.has_wildcard(pattern):
            return self._formats_of_name(pattern)
        formats: dict[str, int] = {}
        limitable = unscoped = documented = False
        actions = self.catalog.match(pattern)
        for prefix in sorted(actions.prefixes):
            found = self._of(prefix)
            bits = actions.bits(prefix)
            matching = [
                (both & -both, both.bit_count(), same)
                for alike, same in found.alike().items()
                if (both := alike & bits)
            ]
            # What comes first among the actions does so among formats that are equally usual.
            for _, count, same in sorted(matching):
                limitable |= same.limitable
                unscoped |= same.unscoped
                documented |= same.documented
                for format_ in same.formats:
                    formats[format_] = formats.get(format_, 0) + count
        usual = tuple(sorted(formats, key=formats.__getitem__, reverse=True))
        return ResourceFormats(usual, limitable, unscoped, documented)

    def _formats_of_name(self, name: str) -> ResourceFormats:
        prefix, _, rest = name.partition(":")
        service = self.catalog.service(prefix)
        place = None if service is None else service.bit_of(rest)
        if service is None or place is None or place >= service.current:
            return NOTHING
        return self._of(service.prefix).by_place[place]

    def _includes(self, pattern: str, name: str) -> bool:
        """Whether an action that takes ARNs is one of the pattern."""
        prefix = name.partition(":")[0]
        both = self.catalog.match(pattern).bits(prefix) & self.catalog.match(name).bits(prefix)
        return bool(both) and bool(self.formats(name).formats)

    def _takes(self, pattern: str, key: str) -> bool:
        """Whether some action of the pattern takes the condition key, or none is known to us."""
        if not self.formats(pattern).documented or self.catalog.extra_key(key):
            return True
        lower = key.lower()
        if not patterns.has_wildcard(pattern):
            prefix, _, name = pattern.partition(":")
            service = self.catalog.known(prefix)
            place = service.bit_of(name)
            return place is not None and self._of(service.prefix).takes_at(place, lower)
        actions = self.catalog.match(pattern)
        for prefix in actions.prefixes:
            if self._of(prefix).take(actions.bits(prefix), lower):
                return True
        return False

    def _takers(self, key: str, at_most: int) -> list[str] | None:
        """List the actions of the key's service that take it; None if it has none or too many.

        An empty list is a gap in the catalog: a key that is documented, and for no action.
        """
        service = self.catalog.service(key.partition(":")[0])
        if service is None:
            return None
        taking = name_index.positions(self._of(service.prefix).taking(key.lower()))
        takers = [service.name_at(at) for at in islice(taking, at_most + 1)]
        return takers if len(takers) <= at_most else None

    def _key(self, key: str, prefixes: frozenset[str]) -> ConditionKey | None:
        """Find a condition key among the global ones, those of the services, and of its prefix."""
        found = global_key(key) or self.catalog.extra_key(key)
        if found is not None:
            return found
        head, slash, _ = key.rpartition("/")
        for prefix in (*sorted(prefixes), key.partition(":")[0]):
            service = self.catalog.service(prefix)
            if service is not None:
                found = service.condition_key(key) or (
                    service.condition_key(f"{head}/{TAG_KEY}") if slash else None
                )
            if found is not None:
                return found
        return None


@lru_cache(maxsize=1024)
def is_everywhere(key: str) -> bool:
    """Whether a request of any action may have the key.

    Those are the global keys, and the claims of a session from an identity provider: the keys of an
    OIDC provider begin with its address.
    """
    lower = key.lower()
    if lower.startswith(_OF_THE_REQUEST):
        return False
    prefix = lower.partition(":")[0]
    return (
        "." in prefix
        or prefix in ("saml", "cognito-identity-auth", "cognito-identity-unauth", "identitycenter")
        or global_key(key) is not None
    )


@lru_cache(maxsize=2)
def action_scopes(catalog: Catalog) -> ActionScopes:
    """The action scopes of a catalog."""
    return ActionScopes(catalog)


def is_all_actions(pattern: str) -> bool:
    """Whether a pattern matches all actions of all services."""
    return arn.matches_all(pattern) or pattern == "*:*"


def may_act_on(formats: ResourceFormats, resource: str) -> bool:
    """Whether some action of a pattern acts on a resource that a policy names."""
    if arn.matches_all(resource):
        return True
    for format_ in formats.formats:  # noqa: SIM110 - a generator would cost more
        if arn_overlap.may_name(format_, resource):
            return True
    return False
