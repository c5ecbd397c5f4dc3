"""What the actions of a service act on, and the condition keys that they take, worked out at once.

Most actions of a service take the same types and keys, so that there is little to work out; and a
few operations on bits then answer for all actions that a wildcard stands for.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.iam.lookup import keys_at

if TYPE_CHECKING:
    from multitool_lint.iam.catalog import Service

_TAG_KEY = "tag-key"
"""How some services spell the variable part of a documented key (`ssm:resourceTag/tag-key`)."""

_MAKING = ("Create", "Start")
_MAKER = re.compile(r"(?:Create|Start(?=\w+Job$))(\w+)")
_KEYS = re.compile(r"\([^()]*\)")
_NAMED_BY_ID = re.compile(r"(?<![\w-])([\w-]+)[/:]\$\{\w*I[dD]\}$")


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


NOTHING = Reach()
_ANYTHING = Reach(unscoped=True, judged=True)


class OfService:
    """The actions of one service: what each acts on, and which of them take a condition key.

    `by_place` says what the current actions act on, in the order of their bits.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._alike: list[tuple[int, Reach]] = []
        self._groups: list[_SameKeys] = []
        self._group_of: list[_SameKeys] = []
        fields = [f"{line}\t\t".split("\t", 3) for line in service.lines[: service.current]]
        types = [each[2] for each in fields]
        by_types = {each: _of_types(service, each) for each in set(types)}
        self.by_place = by_place = list(map(by_types.__getitem__, types))
        for place, (name, levels, *_) in enumerate(fields):
            if not levels:
                by_place[place] = NOTHING
            elif name.startswith(_MAKING) and _makes(name, reach := by_place[place]):
                by_place[place] = reach._replace(limitable=False)

    def alike(self) -> list[tuple[int, Reach]]:
        """The bits of the actions that act on the same, and on what."""
        if not self._alike:
            bits: dict[int, int] = {}  # by identity: what is equal is nearly always the same
            for place, one in enumerate(map(id, self.by_place)):
                bits[one] = bits.get(one, 0) | 1 << place
            reaches = {id(each): each for each in self.by_place}
            self._alike = [(bits[key], reach) for key, reach in reaches.items()]
        return self._alike

    def take(self, bits: int, key: str) -> bool:
        """Whether some of the actions are documented to take a key, which is in lower case."""
        groups = self._same_keys()
        if bits and not bits & (bits - 1):
            return self._group_of[bits.bit_length() - 1].take(key)
        for group in groups:  # noqa: SIM110 - a generator would cost more
            if group.bits & bits and group.take(key):
                return True
        return False

    def taking(self, key: str) -> int:
        """The bits of the actions that are documented to take a key, which is in lower case."""
        return sum(group.bits for group in self._same_keys() if group.take(key))

    def _same_keys(self) -> list[_SameKeys]:
        if not self._groups:
            lines = [f"{line}\t\t\t".split("\t", 4) for line in self._service.lines]
            keys = [(types, keys) for _, _, types, keys, *_ in lines]
            bits: dict[tuple[str, str], int] = {}
            for place, each in enumerate(keys):
                bits[each] = bits.get(each, 0) | 1 << place
            groups = {each: _SameKeys(self._service, found) for each, found in bits.items()}
            self._group_of = list(map(groups.__getitem__, keys))
            self._groups = list(groups.values())
        return self._groups


class _SameKeys:
    """The bits of actions that take the same condition keys."""

    __slots__ = ("_documented", "_service", "bits")

    def __init__(self, service: Service, bits: int) -> None:
        self.bits = bits
        self._service = service
        self._documented: tuple[frozenset[str], tuple[str, ...]] | None = None

    def take(self, key: str) -> bool:
        """Whether the actions take a key."""
        if self._documented is None:
            first = (self.bits & -self.bits).bit_length() - 1
            self._documented = _documented(keys_at(self._service, first))
        exact, prefixes = self._documented
        return key in exact or any(
            key.startswith(prefix) and len(key) > len(prefix) for prefix in prefixes
        )


def _of_types(service: Service, types: str) -> Reach:
    """What an action that takes these types acts on.

    Types with a star are required; in brackets stand the condition keys that the action takes for a
    type.
    """
    if not types:
        return _ANYTHING
    known = service.resource_types
    names = (_KEYS.sub("", types) if "(" in types else types).split(",")
    names.sort(key=lambda each: not each.endswith("*"))
    found = [
        format_
        for each in names
        if (type_ := known.get(each.removesuffix("*")))
        for format_ in type_.arn_formats
    ]
    if not found:
        return _ANYTHING
    none_required = not names[0].endswith("*")
    if none_required and len(names) > 1:
        found.sort(key=lambda format_: format_.count("${"))
    # With the one type that it takes left out, a request is about no resource, and needs `*`.
    limitable = not none_required or len(names) > 1
    return Reach(tuple(found), limitable, judged=True)


def _makes(name: str, reach: Reach) -> bool:
    """Whether an action makes what it acts on, which AWS gives an id only then.

    `comprehend:StartPiiEntitiesDetectionJob` makes a `pii-entities-detection-job/${JobId}`.
    """
    verb = _MAKER.fullmatch(name) if reach.limitable else None
    if not verb:
        return False
    for format_ in reach.formats:
        named = _NAMED_BY_ID.search(format_)
        if not named or named[1].replace("-", "").lower() != verb[1].lower():
            return False
    return True


_lower = lru_cache(maxsize=4096)(str.lower)
"""Kept because the same keys are those of many actions."""


def _documented(keys: frozenset[str]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Fold the keys of an action, and find the beginnings of those that end in a variable part."""
    folded = frozenset(map(_lower, keys))
    prefixes = {
        key.partition("${")[0].removesuffix(_TAG_KEY)
        for key in folded
        if "${" in key or key.endswith(f"/{_TAG_KEY}")
    }
    return folded, tuple(sorted(prefixes))
