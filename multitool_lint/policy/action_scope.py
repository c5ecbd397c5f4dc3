"""What the catalog says of a policy's actions, resources and condition keys, remembered.

parliament walks the data of all services for each action of each statement. Here each service that
a policy names is worked out once, and so is each pattern, and kept for the next policy.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING

from multitool_lint.aws import arn, arn_overlap, patterns
from multitool_lint.aws.catalog import name_index
from multitool_lint.aws.catalog.action_scope import NOTHING, OfService, Reach
from multitool_lint.aws.catalog.queries import TAG_KEY
from multitool_lint.aws.condition_keys import global_key
from multitool_lint.diagnostics.finding import LISTED_AT_MOST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from multitool_lint.aws.catalog.catalog import Catalog, ConditionKey, Service

_OF_THE_REQUEST = ("aws:requesttag/", "aws:tagkeys", "aws:resourcetag/")
"""The global keys that only some actions take, each listed with the actions that do."""


class Facts:
    """The catalog, with the answers that it gave."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.reach = lru_cache(maxsize=16384)(self._reach)
        self.takes = lru_cache(maxsize=16384)(self._takes)
        self.key = lru_cache(maxsize=8192)(self._key)
        self.takers = lru_cache(maxsize=1024)(self._takers)
        self.includes = lru_cache(maxsize=4096)(self._includes)
        self._services: dict[str, OfService] = {}
        self._reaches: list[Reach] = []
        self._numbered = 0
        self._lock = Lock()

    def reaches(self, names: Sequence[str], numbers: Sequence[int | None]) -> Sequence[Reach]:
        """What the actions of each pattern act on; the patterns are in lower case, and numbered."""
        services = self.catalog.numbering.services
        if self._numbered < len(services):
            self._gather(services)
        reaches = self._reaches
        if None not in numbers:
            return list(map(reaches.__getitem__, numbers))  # type: ignore[arg-type]  # none is None
        return [
            self.reach(name) if number is None else reaches[number]
            for name, number in zip(names, numbers, strict=True)
        ]

    def _gather(self, services: Sequence[Service]) -> None:
        with self._lock:
            for service in services[self._numbered :]:
                self._reaches += self._of(service.prefix).by_place
                self._reaches += [NOTHING] * (service.size - service.current)
                self._numbered += 1

    def _of(self, prefix: str) -> OfService:
        found = self._services.get(prefix)
        if found is None:
            found = self._services[prefix] = OfService(self.catalog.known(prefix))
        return found

    def _reach(self, pattern: str) -> Reach:
        if not patterns.has_wildcard(pattern):
            return self._reach_of_name(pattern)
        formats: dict[str, int] = {}
        limitable = unscoped = judged = False
        actions = self.catalog.match(pattern)
        for prefix in sorted(actions.prefixes):
            found = self._of(prefix)
            bits = actions.bits(prefix)
            matching = [
                (both & -both, both.bit_count(), reach)
                for of_reach, reach in found.alike().items()
                if (both := of_reach & bits)
            ]
            # What comes first among the actions does so among formats that are equally usual.
            for _, count, reach in sorted(matching):
                limitable |= reach.limitable
                unscoped |= reach.unscoped
                judged |= reach.judged
                for format_ in reach.formats:
                    formats[format_] = formats.get(format_, 0) + count
        usual = tuple(sorted(formats, key=formats.__getitem__, reverse=True))
        return Reach(usual, limitable, unscoped, judged)

    def _reach_of_name(self, name: str) -> Reach:
        prefix, _, rest = name.partition(":")
        service = self.catalog.service(prefix)
        place = None if service is None else service.place(rest)
        if service is None or place is None or place >= service.current:
            return NOTHING
        return self._of(service.prefix).by_place[place]

    def _includes(self, pattern: str, name: str) -> bool:
        """Whether an action that takes ARNs is one of the pattern."""
        prefix = name.partition(":")[0]
        both = self.catalog.match(pattern).bits(prefix) & self.catalog.match(name).bits(prefix)
        return bool(both) and bool(self.reach(name).formats)

    def _takes(self, pattern: str, key: str) -> bool:
        """Whether some action of the pattern takes the condition key, or none is known to us."""
        if not self.reach(pattern).judged or self.catalog.extra_key(key):
            return True
        lower = key.lower()
        if not patterns.has_wildcard(pattern):
            prefix, _, name = pattern.partition(":")
            service = self.catalog.known(prefix)
            place = service.place(name)
            return place is not None and self._of(service.prefix).takes_at(place, lower)
        actions = self.catalog.match(pattern)
        for prefix in actions.prefixes:
            if self._of(prefix).take(actions.bits(prefix), lower):
                return True
        return False

    def _takers(self, key: str) -> list[str] | None:
        """List the actions of the key's service that take it; None if they are global or many.

        An empty list is a gap in the catalog: a key that is documented, and for no action.
        """
        service = self.catalog.service(key.partition(":")[0])
        if service is None:
            return None
        taking = name_index.places(self._of(service.prefix).taking(key.lower()))
        takers = [service.name_at(at) for at in islice(taking, LISTED_AT_MOST + 1)]
        return takers if len(takers) <= LISTED_AT_MOST else None

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
def facts_of(catalog: Catalog) -> Facts:
    """The facts of a catalog."""
    return Facts(catalog)


def is_all_actions(pattern: str) -> bool:
    """Whether a pattern stands for all actions of all services."""
    return arn.is_everything(pattern) or pattern == "*:*"


def may_act_on(reach: Reach, resource: str) -> bool:
    """Whether some action of a pattern acts on a resource that a policy names."""
    if arn.is_everything(resource):
        return True
    for format_ in reach.formats:  # noqa: SIM110 - a generator would cost more
        if arn_overlap.may_name(format_, resource):
            return True
    return False
