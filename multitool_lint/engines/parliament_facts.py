"""What the catalog says of a policy's actions, resources and condition keys, remembered.

parliament walks the data of all services for each action of each statement. Here each service that
a policy names is worked out once, and so is each pattern, and kept for the next policy.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from multitool_lint.engines.parliament_services import NOTHING, OfService, Reach
from multitool_lint.findings import LISTED_AT_MOST
from multitool_lint.iam import arn, name_index, patterns
from multitool_lint.iam.global_keys import global_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from multitool_lint.iam.catalog import Catalog, ConditionKey

_TAG_KEY = "tag-key"
"""How some services spell the variable part of a documented key (`ssm:resourceTag/tag-key`)."""

_OF_THE_REQUEST = ("aws:requesttag/", "aws:tagkeys", "aws:resourcetag/")
"""The global keys that only some actions take, each listed with the actions that do."""


class Facts:
    """The catalog, with the answers that it gave."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.takes = lru_cache(maxsize=16384)(self._takes)
        self.key = lru_cache(maxsize=8192)(self._key)
        self.takers = lru_cache(maxsize=1024)(self._takers)
        self.includes = lru_cache(maxsize=4096)(self._includes)
        self._otherwise = lru_cache(maxsize=16384)(self._reach)
        self._services: dict[str, OfService] = {}
        self._by_name: dict[str, Reach] = {}

    def reaches(self, names: Sequence[str], services: frozenset[str]) -> list[Reach]:
        """What the actions of each pattern act on; `services` are their prefixes in lower case."""
        for prefix in services.difference(self._services):
            self._of(prefix)
        known, otherwise = self._by_name.get, self._otherwise
        return [known(name) or otherwise(name) for name in names]

    def reach(self, pattern: str) -> Reach:
        """What the actions of a pattern act on."""
        return self._by_name.get(pattern) or self._otherwise(pattern)

    def _of(self, prefix: str) -> OfService | None:
        found = self._services.get(prefix)
        service = None if found else self.catalog.service(prefix)
        if service is not None:
            found = self._services[prefix] = OfService(service)
            self._by_name.update(zip(service.full_names, found.by_place, strict=False))
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
                for of_reach, reach in (found.alike() if found else ())
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
        if service is None or place is None:
            return NOTHING
        self._of(service.prefix)
        return self._by_name.get(service.full_names[place], NOTHING)

    def _includes(self, pattern: str, name: str) -> bool:
        """Whether an action that takes ARNs is one of the pattern."""
        prefix = name.partition(":")[0]
        both = self.catalog.match(pattern).bits(prefix) & self.catalog.match(name).bits(prefix)
        return bool(both) and bool(self.reach(name).formats)

    def _takes(self, pattern: str, key: str) -> bool:
        """Whether some action of the pattern takes the condition key, or none is known to us."""
        if not self.reach(pattern).judged or self.catalog.extra_key(key):
            return True
        actions, lower = self.catalog.match(pattern), key.lower()
        for prefix in actions.prefixes:
            found = self._of(prefix)
            if found and found.take(actions.bits(prefix), lower):
                return True
        return False

    def _takers(self, key: str) -> list[str] | None:
        """List the actions of the key's service that take it; None if they are global or many.

        An empty list is a gap in the catalog: a key that is documented, and for no action.
        """
        service = self.catalog.service(key.partition(":")[0])
        found = self._of(service.prefix) if service else None
        if service is None or found is None:
            return None
        taking = name_index.places(found.taking(key.lower()))
        takers = [service.full_names[at] for at in islice(taking, LISTED_AT_MOST + 1)]
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
                    service.condition_key(f"{head}/{_TAG_KEY}") if slash else None
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
        if arn.may_name(format_, resource):
            return True
    return False
