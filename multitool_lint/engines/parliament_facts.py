"""What the catalog says of a policy's actions, resources and condition keys, remembered.

parliament walks the data of all services for each action of each statement. Here each action
pattern is expanded once, and everything that a policy asks of it is kept for the next policy.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.iam import arn, name_index, patterns
from multitool_lint.iam.global_keys import global_key
from multitool_lint.iam.lookup import keys_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.iam.catalog import Action, Catalog, ConditionKey, Service

_TAG_KEY = "tag-key"
"""How some services spell the variable part of a documented key (`ssm:resourceTag/tag-key`)."""

_OF_THE_REQUEST = ("aws:requesttag/", "aws:tagkeys", "aws:resourcetag/")
"""The global keys that only some actions take, each listed with the actions that do."""


_MAKER = re.compile(r"(?:Create|Start(?=\w+Job$))(\w+)")
_NAMED_BY_ID = re.compile(r"([\w-]+)[/:]\$\{\w*I[dD]\}$")


class Reach(NamedTuple):
    """What the actions of a pattern act on.

    `formats` are the documented formats of the ARNs, the most usual first; `limitable` says whether
    some action can be limited to resources that someone can name in advance, and `unscoped` whether
    some action takes only `*`. A pattern without actions, or with one that AWS no longer documents,
    is not `judged`.
    """

    formats: tuple[str, ...] = ()
    limitable: bool = False
    unscoped: bool = False
    judged: bool = False


_NOTHING = Reach()


class Facts:
    """The catalog, with the answers that it gave."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.reach = lru_cache(maxsize=16384)(self._reach)
        self.limitable = lru_cache(maxsize=16384)(self._limitable)
        self.takes = lru_cache(maxsize=16384)(self._takes)
        self._keys_of = lru_cache(maxsize=16384)(self._documented_keys)
        self.key = lru_cache(maxsize=8192)(self._key)
        # Most actions of a service take the same types, and share what is said of them.
        self._reaches: dict[tuple[str, str], Reach] = {}

    def _reach(self, pattern: str) -> Reach:
        if not patterns.has_wildcard(pattern):
            return self._reach_of_name(pattern)
        reaches = list(self._reaches_of(pattern))
        formats = Counter(format_ for reach in reaches for format_ in reach.formats)
        return Reach(
            tuple(format_ for format_, _ in formats.most_common()),
            any(reach.limitable for reach in reaches),
            any(reach.unscoped for reach in reaches),
            any(reach.judged for reach in reaches),
        )

    def _limitable(self, pattern: str) -> bool:
        """Whether some action of a pattern can be limited to resources."""
        if not patterns.has_wildcard(pattern):
            return self._reach_of_name(pattern).limitable
        return any(reach.limitable for reach in self._reaches_of(pattern))

    def _reaches_of(self, pattern: str) -> Iterator[Reach]:
        actions = self.catalog.match(pattern)
        for prefix in sorted(actions.prefixes):
            service = self.catalog.known(prefix)
            for place in name_index.places(actions.bits(prefix)):
                yield self._reach_of(service, place)

    def _reach_of_name(self, name: str) -> Reach:
        prefix, _, rest = name.partition(":")
        service = self.catalog.service(prefix)
        place = None if service is None else service.place(rest)
        return _NOTHING if service is None or place is None else self._reach_of(service, place)

    def _reach_of(self, service: Service, place: int) -> Reach:
        name, types = service.taken_at(place)
        if types is None:
            return _NOTHING
        if _MAKER.match(name):
            return _reach_of(service, service.action_at(place))
        reach = self._reaches.get((service.prefix, types))
        if reach is None:
            reach = _reach_of(service, service.action_at(place))
            self._reaches[service.prefix, types] = reach
        return reach

    def includes(self, pattern: str, name: str) -> bool:
        """Whether an action that takes ARNs is one of the pattern."""
        prefix = name.partition(":")[0]
        both = self.catalog.match(pattern).bits(prefix) & self.catalog.match(name).bits(prefix)
        return bool(both) and bool(self.reach(name).formats)

    def _takes(self, pattern: str, key: str) -> bool:
        """Whether some action of the pattern takes the condition key, or none is known to us."""
        if not self.reach(pattern).judged or self.catalog.extra_key(key):
            return True
        names = self.catalog.names(self.catalog.match(pattern))
        return any(self.action_takes(name, key) for name in names)

    def action_takes(self, name: str, key: str) -> bool:
        """Whether an action of that name is documented to take the condition key."""
        exact, prefixes = self._keys_of(name)
        lower = key.lower()
        return lower in exact or any(
            lower.startswith(prefix) and len(lower) > len(prefix) for prefix in prefixes
        )

    def _documented_keys(self, name: str) -> tuple[frozenset[str], tuple[str, ...]]:
        """Name the keys of an action, and the beginnings of those that end in a variable part."""
        service = self.catalog.service(name.partition(":")[0])
        action = service and service.action(name.partition(":")[2])
        keys = keys_of(service, action) if service and action else ()
        folded = {key.lower() for key in keys}
        prefixes = {
            key.partition("${")[0].removesuffix(_TAG_KEY)
            for key in folded
            if "${" in key or key.endswith(f"/{_TAG_KEY}")
        }
        return frozenset(folded), tuple(sorted(prefixes))

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


def _reach_of(service: Service, action: Action) -> Reach:
    formats = _formats(service, action)
    if not formats:
        return Reach(unscoped=True, judged=True)
    # With the one type that it takes left out, a request is about no resource, and needs `*`.
    needs_none = len(action.resource_types) == 1 and not action.resource_types[0].required
    limitable = not needs_none and any(not _makes(action, format_) for format_ in formats)
    return Reach(formats, limitable, judged=True)


def _makes(action: Action, format_: str) -> bool:
    """Whether an action makes such a resource, which AWS gives an id only then.

    `comprehend:StartPiiEntitiesDetectionJob` makes a `pii-entities-detection-job/${JobId}`.
    """
    verb = _MAKER.fullmatch(action.name.partition(":")[2])
    kind = _NAMED_BY_ID.search(format_) if verb else None
    return bool(verb and kind and verb[1].lower() == kind[1].replace("-", "").lower())


def _formats(service: Service, action: Action) -> tuple[str, ...]:
    """List the documented formats of the ARNs that an action takes, the required ones first."""
    if not action.resource_types:
        return ()
    types = service.resource_types
    if len(action.resource_types) == 1 and action.resource_types[0].name in types:
        return types[action.resource_types[0].name].arn_formats
    resources = sorted(action.resource_types, key=lambda each: not each.required)
    found = [
        format_
        for resource in resources
        if resource.name in types
        for format_ in types[resource.name].arn_formats
    ]
    if not resources[0].required:
        found.sort(key=lambda format_: format_.count("${"))
    return tuple(found)


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
    return any(arn.may_name(format_, resource) for format_ in reach.formats)
