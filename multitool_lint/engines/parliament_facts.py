"""What the catalog says of a policy's actions, resources and condition keys, remembered.

parliament walks the data of all services for each action of each statement. Here each action
pattern is expanded once, and everything that a policy asks of it is kept for the next policy.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.findings import LISTED_AT_MOST
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
_KEYS = re.compile(r"\([^()]*\)")
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
_ANYTHING = Reach(unscoped=True, judged=True)


class Facts:
    """The catalog, with the answers that it gave."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.reach = lru_cache(maxsize=16384)(self._reach)
        self.limitable = lru_cache(maxsize=16384)(self._limitable)
        self.takes = lru_cache(maxsize=16384)(self._takes)
        self.key = lru_cache(maxsize=8192)(self._key)
        self.takers = lru_cache(maxsize=1024)(self._takers)
        self.includes = lru_cache(maxsize=4096)(self._includes)
        self._by_place: dict[str, list[Reach | None]] = {}
        # Most actions of a service take the same types and keys, and share what is said of them.
        self._by_types: dict[tuple[str, str], Reach] = {}
        self._equal: dict[Reach, Reach] = {}
        self._keys: dict[tuple[str, str, str], tuple[frozenset[str], tuple[str, ...]]] = {}

    def _reach(self, pattern: str) -> Reach:
        if not patterns.has_wildcard(pattern):
            return self._reach_of_name(pattern)
        reaches = list(self._reaches_of(pattern))
        # Equal ones are one object: what a service has hundreds of is looked at once.
        times = Counter(map(id, reaches))
        distinct = {id(reach): reach for reach in reaches}
        formats: dict[str, int] = {}
        for key, reach in distinct.items():
            for format_ in reach.formats:
                formats[format_] = formats.get(format_, 0) + times[key]
        united = Reach(
            tuple(sorted(formats, key=formats.__getitem__, reverse=True)),
            any(reach.limitable for reach in distinct.values()),
            any(reach.unscoped for reach in distinct.values()),
            any(reach.judged for reach in distinct.values()),
        )
        return self._equal.get(united, united)

    def _limitable(self, pattern: str) -> bool:
        """Whether some action of a pattern can be limited to resources."""
        if not patterns.has_wildcard(pattern):
            return self._reach_of_name(pattern).limitable
        for reach in self._reaches_of(pattern):  # noqa: SIM110 - a generator would cost more
            if reach.limitable:
                return True
        return False

    def _reaches_of(self, pattern: str) -> Iterator[Reach]:
        actions = self.catalog.match(pattern)
        for prefix in sorted(actions.prefixes):
            service = self.catalog.known(prefix)
            known = self._reaches(service)
            for place in name_index.places(actions.bits(prefix)):
                yield known[place] or self._reach_at(service, place)

    def _reach_of_name(self, name: str) -> Reach:
        prefix, _, rest = name.partition(":")
        service = self.catalog.service(prefix)
        place = None if service is None else service.place(rest)
        return _NOTHING if service is None or place is None else self._reach_at(service, place)

    def _reach_at(self, service: Service, place: int) -> Reach:
        reaches = self._reaches(service)
        reach = reaches[place]
        if reach is None:
            reach = reaches[place] = self._reach_of(service, place)
        return reach

    def _reaches(self, service: Service) -> list[Reach | None]:
        """What the actions of a service act on, by place, as far as it is known yet."""
        reaches = self._by_place.get(service.prefix)
        if reaches is None:
            reaches = self._by_place[service.prefix] = [None] * service.size
        return reaches

    def _reach_of(self, service: Service, place: int) -> Reach:
        if place >= service.current:
            return _NOTHING
        name, levels, types = service.beginning_at(place)
        if not levels:
            return _NOTHING
        if not types:
            return _ANYTHING
        if "(" in types:
            types = _KEYS.sub("", types)  # the condition keys that the action takes for a type
        found = self._by_types.get((service.prefix, types))
        if found is None:
            reach = _reach_of(service, service.action_at(place))
            found = self._by_types[service.prefix, types] = self._equal.setdefault(reach, reach)
        if (
            found.limitable
            and name.startswith(("Create", "Start"))
            and all(_makes(name, format_) for format_ in found.formats)
        ):
            reach = found._replace(limitable=False)
            return self._equal.setdefault(reach, reach)
        return found

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
        return any(
            self._action_takes(service, place, lower)
            for service in map(self.catalog.known, sorted(actions.prefixes))
            for place in name_index.places(actions.bits(service.prefix))
        )

    def _action_takes(self, service: Service, place: int, key: str) -> bool:
        """Whether an action is documented to take the condition key, which is in lower case."""
        _, _, types, keys, *_ = service.fields_at(place)
        documented = self._keys.get((service.prefix, types, keys))
        if documented is None:
            documented = _documented_keys(keys_of(service, service.action_at(place)))
            self._keys[service.prefix, types, keys] = documented
        exact, prefixes = documented
        return key in exact or any(
            key.startswith(prefix) and len(key) > len(prefix) for prefix in prefixes
        )

    def _takers(self, key: str) -> list[str] | None:
        """List the actions of the key's service that take it; None if they are global or many.

        An empty list is a gap in the catalog: a key that is documented, and for no action.
        """
        service = self.catalog.service(key.partition(":")[0])
        if service is None:
            return None
        lower = key.lower()
        taking = (at for at in range(service.size) if self._action_takes(service, at, lower))
        takers = [service.action_at(at).name for at in islice(taking, LISTED_AT_MOST + 1)]
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


def _documented_keys(keys: frozenset[str]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Fold the keys of an action, and find the beginnings of those that end in a variable part."""
    folded = frozenset([key.lower() for key in keys])
    prefixes = {
        key.partition("${")[0].removesuffix(_TAG_KEY)
        for key in folded
        if "${" in key or key.endswith(f"/{_TAG_KEY}")
    }
    return folded, tuple(sorted(prefixes))


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
    """What an action acts on, if it makes none of it."""
    formats = _formats(service, action)
    if not formats:
        return _ANYTHING
    # With the one type that it takes left out, a request is about no resource, and needs `*`.
    needs_none = len(action.resource_types) == 1 and not action.resource_types[0].required
    return Reach(formats, not needs_none, judged=True)


def _makes(name: str, format_: str) -> bool:
    """Whether an action makes such a resource, which AWS gives an id only then.

    `comprehend:StartPiiEntitiesDetectionJob` makes a `pii-entities-detection-job/${JobId}`.
    """
    verb = _MAKER.fullmatch(name)
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
    for format_ in reach.formats:  # noqa: SIM110 - a generator would cost more
        if arn.may_name(format_, resource):
            return True
    return False
