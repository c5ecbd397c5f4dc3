"""What the actions of a service act on, and the condition keys that they take, worked out at once.

Most actions of a service take the same types and keys, so that there is little to work out; and a
few operations on bits then answer for all actions that a wildcard matches.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from multitool_lint.aws.catalog.catalog import Service
from multitool_lint.aws.catalog.records import resource_fields
from multitool_lint.aws.condition_keys import TAG_KEY
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.limits import MAX_LISTED_FORMATS
from multitool_lint.named_tuple import NamedTuple

_MAKING = ("Create", "Start")
_MAKER = lazy_pattern(r"(?:Create|Start(?=\w+Job$))(\w+)")
_NAMED_BY_ID = lazy_pattern(r"(?<![\w-])([\w-]+)[/:]\$\{\w*I[dD]\}$")
_IDS = ("Id}", "ID}")


class ResourceFormats(NamedTuple):
    """What the actions of a pattern act on.

    `formats` are the documented formats of the ARNs, the most usual first; `limitable` says whether
    some action can be limited to resources that someone can name in advance, and `unscoped` whether
    some action takes only `*`. A pattern without actions, or with one that AWS no longer documents,
    is not `documented`.
    """

    formats: tuple[str, ...] = ()
    limitable: bool = False
    unscoped: bool = False
    documented: bool = False

    def in_words(self) -> str:
        """The formats as a message names them."""
        if not self.formats:
            return '"*" only'
        shown = " or ".join(self.formats[:MAX_LISTED_FORMATS])
        left = len(self.formats) - MAX_LISTED_FORMATS
        return f"{shown} or {left} other kinds" if left > 0 else shown

    def types_with_ids(self) -> set[str]:
        """The types of resources whose ARNs end in an ID, in lower case without hyphens."""
        found = (_NAMED_BY_ID.search(text) for text in self.formats if text.endswith(_IDS))
        return {_folded(match[1]) for match in found if match}


NOTHING = ResourceFormats()
_ANYTHING = ResourceFormats(unscoped=True, documented=True)


class ServiceScopes:
    """The actions of one service: what each acts on, and which of them take a condition key.

    `by_place` says what the current actions act on, in the order of their bits.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._alike: dict[int, ResourceFormats] = {}
        self._groups: tuple[_SameKeys, ...] = ()
        self._group_of: tuple[_SameKeys, ...] = ()
        by_types: dict[str, ResourceFormats] = {}
        of_facts: dict[str, ResourceFormats] = {}
        for written in service.same_facts:
            levels, types, *_ = f"{written}\t".split("\t", 2)
            if types not in by_types:
                by_types[types] = _of_types(service, types)
            of_facts[written] = by_types[types] if levels else NOTHING
        by_place = list(map(of_facts.__getitem__, service.action_facts[: service.current]))
        makers: dict[int, ResourceFormats] = {}
        for place, name in enumerate(service.action_names[: service.current]):
            if name.startswith(_MAKING) and _makes(name, formats := by_place[place]):
                if id(formats) not in makers:
                    makers[id(formats)] = formats._replace(limitable=False)
                by_place[place] = makers[id(formats)]
        self.by_place = by_place

    def alike(self) -> Mapping[int, ResourceFormats]:
        """What actions act on, by the bits of those that act on the same."""
        if not self._alike:
            bits: dict[int, int] = {}  # by identity: what is equal is nearly always the same
            for place, identity in enumerate(map(id, self.by_place)):
                bits[identity] = bits.get(identity, 0) | 1 << place
            by_identity = {id(formats): formats for formats in self.by_place}
            self._alike = {bits[key]: formats for key, formats in by_identity.items()}
        return self._alike

    def take(self, bits: int, key: str) -> bool:
        """Whether some of the actions are documented to take a key, which is in lower case."""
        for group in self._same_keys():  # noqa: SIM110 - a generator would cost more
            if group.bits & bits and group.take(key):
                return True
        return False

    def takes_at(self, place: int, key: str) -> bool:
        """Whether the action of a bit is."""
        self._same_keys()
        return self._group_of[place].take(key)

    def taking(self, key: str) -> int:
        """The bits of the actions that are documented to take a key, which is in lower case."""
        return sum(group.bits for group in self._same_keys() if group.take(key))

    def _same_keys(self) -> tuple[_SameKeys, ...]:
        if not self._groups:
            groups: dict[tuple[str, str], _SameKeys] = {}
            of_facts = {}
            for written, bits in self._service.same_facts.items():
                _, types, keys, *_ = f"{written}\t\t".split("\t", 3)
                group = groups.setdefault((types, keys), _SameKeys(self._service))
                group.bits |= bits
                of_facts[written] = group
            self._group_of = tuple(map(of_facts.__getitem__, self._service.action_facts))
            self._groups = tuple(groups.values())
        return self._groups


class _SameKeys:
    """The bits of actions that take the same condition keys."""

    __slots__ = ("_documented", "_service", "bits")

    def __init__(self, service: Service) -> None:
        self.bits = 0
        self._service = service
        self._documented: tuple[frozenset[str], tuple[str, ...]] | None = None

    def take(self, key: str) -> bool:
        """Whether the actions take a key."""
        if self._documented is None:
            from multitool_lint.aws.catalog.queries import keys_at  # saves start-up

            first = (self.bits & -self.bits).bit_length() - 1
            self._documented = _documented(keys_at(self._service, first))
        exact, prefixes = self._documented
        return key in exact or any(
            key.startswith(prefix) and len(key) > len(prefix) for prefix in prefixes
        )


def _of_types(service: Service, types: str) -> ResourceFormats:
    """What an action that takes these types acts on.

    Types with a star are required.
    """
    if not types:
        return _ANYTHING
    names = [name for name, _ in resource_fields(types)]
    if len(names) > 1:
        names.sort(key=lambda name: not name.endswith("*"))
    known = service.resource_types
    found: list[str] = []
    for listed in names:
        if type_ := known.get(listed.removesuffix("*")):
            found += type_.arn_formats
    if not found:
        return _ANYTHING
    none_required = not names[0].endswith("*")
    if none_required and len(names) > 1:
        found.sort(key=lambda format_: format_.count("${"))
    # With the one type that it takes left out, a request is about no resource, and needs `*`.
    limitable = not none_required or len(names) > 1
    return ResourceFormats(tuple(found), limitable, documented=True)


def _makes(name: str, formats: ResourceFormats) -> bool:
    """Whether an action makes what it acts on, which AWS gives an id only then.

    `comprehend:StartPiiEntitiesDetectionJob` makes a `pii-entities-detection-job/${JobId}`.
    """
    verb = _MAKER.fullmatch(name) if formats.limitable else None
    if not verb:
        return False
    for format_ in formats.formats:
        named = _NAMED_BY_ID.search(format_) if format_.endswith(_IDS) else None
        if not named or _folded(named[1]) != verb[1].lower():
            return False
    return True


def _folded(type_: str) -> str:
    return type_.replace("-", "").lower()


@lru_cache(maxsize=4096)
def _documented(keys: frozenset[str]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Fold the keys of an action, and find the beginnings of those that end in a variable part."""
    folded = frozenset([key.lower() for key in keys])
    prefixes = {
        key.partition("${")[0].removesuffix(TAG_KEY)
        for key in folded
        if "${" in key or key.endswith(f"/{TAG_KEY}")
    }
    return folded, tuple(sorted(prefixes))
