"""The mistakes that the failures of a schema are about: where, and what was probably intended."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product
from typing import TYPE_CHECKING, Any

from multitool_lint.aws.catalog.name_index import close, fold
from multitool_lint.limits import MAX_GRAMMAR_ERRORS
from multitool_lint.policy.placeholder_forms import MARKED, is_any
from multitool_lint.syntax.tree import Array, Member, Node, Object

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    Path = tuple[str | int, ...]

MISSPELT = "unknown-element"
MISSING = "missing-element"


@dataclass(frozen=True, slots=True)
class Failure:
    """A value, at its path in the document, that a keyword of a schema does not accept.

    Where the schema is about the keys of an object, the value is a key and the path the object's.
    """

    keyword: str
    schema: Mapping[str, Any]
    path: Path
    value: Any
    of_key: bool


@dataclass(frozen=True, slots=True)
class Mistake:
    """A failure with its place, and `entry`, what the schema states about it.

    The place is `node`, or the key of `member`, whose value that is, if `of_key`. `owner` is the
    object that has the member. `expected` lists what is valid here, `suggestion` is the one of them
    that was probably intended, and `conflicting` are the members that exclude this one.
    """

    entry: Mapping[str, Any]
    failure: Failure
    node: Node
    member: Member | None = None
    owner: Node | None = None
    of_key: bool = False
    expected: tuple[str, ...] = ()
    suggestion: str | None = None
    conflicting: tuple[Member, ...] = ()

    @property
    def rule(self) -> str:
        """The id of the rule that it is a finding of."""
        rule: str = self.entry["rule"]
        return rule

    @property
    def culprit(self) -> Node | Member:
        """Where the finding is."""
        return self.member if self.of_key and self.member else self.node


def mistakes(root: Node, failures: Iterable[Failure], rules: Collection[str]) -> Iterator[Mistake]:
    """The mistakes that belong to these rules, one for each value that has to be corrected."""
    places = _NodeIndex(root)
    candidates = (
        mistake
        for failure in _without_consequences(list(islice(failures, MAX_GRAMMAR_ERRORS)))
        for mistake in _mistakes(failure, places)
        if mistake.rule in rules
    )
    found = list(islice(candidates, MAX_GRAMMAR_ERRORS))
    misspelt = {
        (mistake.failure.path, mistake.suggestion) for mistake in found if mistake.rule == MISSPELT
    }
    for mistake in found:
        path = mistake.failure.path
        if mistake.rule != MISSING or not any(
            (path, name) in misspelt for name in _missing(mistake.failure.schema)
        ):
            yield mistake


def _without_consequences(failures: list[Failure]) -> Iterator[Failure]:
    """Leave out that a value of the wrong type is not one of the choices either."""
    mistyped = {failure.path for failure in failures if failure.keyword == "type"}
    for failure in failures:
        if failure.keyword == "type" or failure.path not in mistyped:
            yield failure


def _missing(schema: Mapping[str, Any]) -> Iterator[str]:
    """The elements, each of which would have been sufficient."""
    for alternative in schema.get("anyOf", (schema,)):
        yield from alternative.get("required", ())


def _mistakes(failure: Failure, places: _NodeIndex) -> Iterator[Mistake]:
    entry = failure.schema["x-rules"][failure.keyword]
    if isinstance(entry, str):
        entry = {"rule": entry}
    node = places.node(failure.path)
    if failure.of_key:
        yield _wrong_key(failure, entry, node, failure.value, places)
    elif failure.keyword == "additionalProperties":
        for key in failure.value:
            # What replaces a placeholder may be one of the keys.
            if key not in failure.schema["properties"] and not is_any(key, MARKED):
                yield _wrong_key(failure, entry, node, key, places)
    elif "at" in entry:
        yield Mistake(entry, failure, places.members(node)[entry["at"]].value)
    elif failure.path and isinstance(failure.path[-1], str):
        owner = places.node(failure.path[:-1])
        yield _wrong_value(failure, entry, owner, failure.path[-1], places)
    else:
        yield Mistake(entry, failure, node)


def _wrong_key(
    failure: Failure, entry: Mapping[str, Any], owner: Node, key: str, places: _NodeIndex
) -> Mistake:
    members = places.members(owner)
    member = members[key]
    expected, names = _names(failure.schema)
    closest = _closest(key, names)
    return Mistake(
        entry,
        failure,
        member.value,
        member,
        owner,
        of_key=True,
        expected=expected,
        suggestion=None if closest in members else closest,
    )


def _wrong_value(
    failure: Failure, entry: Mapping[str, Any], owner: Node, key: str, places: _NodeIndex
) -> Mistake:
    """A value that is wrong, or whose element is not allowed here."""
    members = places.members(owner)
    member = members[key]
    expected = tuple(failure.schema.get("enum", ()))
    return Mistake(
        entry,
        failure,
        member.value,
        member,
        owner,
        of_key=failure.keyword == "not" and not failure.schema["not"],
        expected=expected,
        suggestion=_closest(failure.value, expected) if isinstance(failure.value, str) else None,
        conflicting=(members[entry["conflicts_with"]],) if "conflicts_with" in entry else (),
    )


def _names(schema: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The keys of a schema: its properties, or names, and all of them with prefix and suffix."""
    if "x-names" in schema:
        _, names, _ = affixed = schema["x-names"]
        return tuple(names), tuple(map("".join, product(*affixed)))
    names = tuple(schema["properties"])
    return names, names


def _closest(name: str, names: tuple[str, ...]) -> str | None:
    best = close(fold(name), _folded(names))
    return names[best[0]] if best else None


@lru_cache(maxsize=16)
def _folded(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(fold, names))


class _NodeIndex:
    """Finds nodes by path; each object is indexed once, as it may have ten thousand wrong keys."""

    def __init__(self, root: Node) -> None:
        self._root = root
        self._members: dict[Node, dict[str, Member]] = {}

    def node(self, path: Path) -> Node:
        node = self._root
        for part in path:
            if isinstance(part, str):
                node = self.members(node)[part].value
            elif isinstance(node.value, Array):
                node = node.value[part]
        return node

    def members(self, node: Node) -> dict[str, Member]:
        if node not in self._members:
            members = node.value if isinstance(node.value, Object) else ()
            self._members[node] = {member.key: member for member in members}
        return self._members[node]
