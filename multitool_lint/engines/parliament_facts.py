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
    from multitool_lint.iam.catalog import Action, Catalog, ConditionKey, Service

_TAG_KEY = "tag-key"
"""How some services spell the variable part of a documented key (`ssm:resourceTag/tag-key`)."""

_OF_THE_REQUEST = ("aws:requesttag/", "aws:tagkeys", "aws:resourcetag/")
"""The global keys that only some actions take, each listed with the actions that do."""


_MAKER = re.compile(r"(?:Create|Start(?=\w+Job$))(\w+)")
_NAMED_BY_ID = re.compile(r"([\w-]+)[/:]\$\{\w*I[dD]\}$")


class Reach(NamedTuple):
    """What the actions of a pattern act on: those that take ARNs, and those that take only `*`.

    `formats` are the documented formats of the ARNs, the most usual first; `limitable` says whether
    some action can be limited to resources that someone can name in advance. A pattern without
    actions, or with one that AWS no longer documents, is not `judged`; one that stands for all
    actions of all services is `everything`.
    """

    scoped: tuple[str, ...] = ()
    unscoped: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    limitable: bool = False
    judged: bool = False
    everything: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all actions of the pattern."""
        return self.scoped + self.unscoped


class Facts:
    """The catalog, with the answers that it gave."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.reach = lru_cache(maxsize=65536)(self._reach)
        self.takes = lru_cache(maxsize=32768)(self._takes)
        self._keys_of = lru_cache(maxsize=32768)(self._documented_keys)
        self.key = lru_cache(maxsize=8192)(self._key)
        self._reaches: dict[str, Reach] = {}

    def _reach(self, pattern: str) -> Reach:
        if arn.is_everything(pattern) or pattern == "*:*":
            return Reach(everything=True)
        if not patterns.has_wildcard(pattern):
            service = self.catalog.service(pattern.partition(":")[0])
            action = service and service.action(pattern.partition(":")[2])
            return self._reach_of(service, action) if service and action else Reach()
        actions = self.catalog.match(pattern)
        services = filter(None, map(self.catalog.service, sorted(actions.prefixes)))
        reaches = [
            self._reach_of(service, service.action_at(at))
            for service in services
            for at in name_index.places(actions.bits(service.prefix))
        ]
        formats = Counter(format_ for reach in reaches for format_ in reach.formats)
        return Reach(
            tuple(name for reach in reaches for name in reach.scoped),
            tuple(name for reach in reaches for name in reach.unscoped),
            tuple(format_ for format_, _ in formats.most_common()),
            any(reach.limitable for reach in reaches),
            judged=any(reach.judged for reach in reaches),
        )

    def _reach_of(self, service: Service, action: Action) -> Reach:
        reach = self._reaches.get(action.name)
        if reach is None:
            reach = self._reaches[action.name] = _reach_of(service, action)
        return reach

    def _takes(self, pattern: str, key: str) -> bool:
        """Whether some action of the pattern takes the condition key, or none is known to us."""
        reach = self.reach(pattern)
        if not reach.judged or self.catalog.extra_key(key):
            return True
        return any(self.action_takes(name, key) for name in reach.names)

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
    if action.retired or not action.documented:
        return Reach()
    formats = _formats(service, action)
    name = (action.name,)
    if not formats:
        return Reach((), name, (), judged=True)
    # With the one type that it takes left out, a request is about no resource, and needs `*`.
    needs_none = len(action.resource_types) == 1 and not action.resource_types[0].required
    limitable = not needs_none and any(not _makes(action, format_) for format_ in formats)
    return Reach(name, (), formats, limitable, judged=True)


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


def may_act_on(reach: Reach, resource: str) -> bool:
    """Whether some action of a pattern acts on a resource that a policy names."""
    if arn.is_everything(resource):
        return True
    return any(arn.may_name(format_, resource) for format_ in reach.formats)
