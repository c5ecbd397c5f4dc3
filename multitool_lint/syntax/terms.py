"""Values of which parts are filled in elsewhere.

A value is a text, number, boolean or None, a list, a dict, or one of the classes below. What is not
known is a term: an operator with evaluated arguments. Two terms are equal exactly if they come to
the same, whatever they are called, and wherever and however they are written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from multitool_lint.syntax.written import Origin, Piece

Value = object
"""str | int | float | bool | None | list | dict | Unknown | Text | Encoded | Rest | Document."""

_DIGEST_BYTES = 12


class Unknown:
    """A value that is filled in elsewhere: an operator and what it is applied to.

    `shown` is how it is written, for people only.
    """

    __slots__ = ("_identity", "arguments", "operator", "origin", "shown")

    def __init__(
        self, operator: str, *arguments: Value, shown: str = "", origin: Origin | None = None
    ) -> None:
        self.operator: Final = operator
        self.arguments: Final = arguments
        self.shown: Final = shown
        self.origin: Final = origin
        self._identity: str | None = None

    def at(self, origin: Origin) -> Unknown:
        """The same value where it is written at another place."""
        made = Unknown(self.operator, *self.arguments, shown=self.shown, origin=origin)
        made._identity = self._identity
        return made

    @property
    def identity(self) -> str:
        """A digest of the operator and the identities of its arguments."""
        if self._identity is None:
            content = [self.operator, *map(_identifying, self.arguments)]
            self._identity = _digest(content)
        return self._identity

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unknown) and other.identity == self.identity

    def __hash__(self) -> int:
        return hash(self.identity)

    def __repr__(self) -> str:
        return f"Unknown({self.operator!r}, {', '.join(map(repr, self.arguments))})"


class Unique(list[Any]):
    """A list that Terraform keeps as a set."""

    __slots__ = ()


class Text:
    """A text of literal and unknown parts, of which no two literals are next to each other."""

    __slots__ = ("origin", "parts", "pieces")

    def __init__(self, parts: tuple[str | Unknown | Encoded, ...]) -> None:
        self.parts: Final = parts
        self.origin: Origin | None = None
        self.pieces: tuple[Piece, ...] = ()


class Encoded:
    """The JSON text that a value is encoded to, as the value."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value: Final = value


class Rest:
    """In a list: any number of further items, of which `item` is a typical one.

    With guards, it is there `once` where they hold, and not elsewhere.
    """

    __slots__ = ("item", "once")

    def __init__(self, item: Value, once: Guards = ()) -> None:
        self.item: Final = item
        self.once: Final = once


class Guard(NamedTuple):
    """When something is there: a condition, and whether it must hold."""

    condition: Unknown
    holds: bool

    @property
    def opposite(self) -> Guard:
        """The guard that holds exactly if this one does not."""
        return Guard(self.condition, not self.holds)


Guards = tuple[Guard, ...]


class Document:
    """A policy document as its statements: what each says, and when it is there."""

    __slots__ = ("statements",)

    def __init__(self, statements: tuple[StatementValue, ...]) -> None:
        self.statements: Final = statements


class StatementValue(NamedTuple):
    """The elements of a statement, or a whole document that is `unknown`.

    `has_variables` is false where `${` is a text and not the beginning of a policy variable. What
    the `origin` is decides nothing.
    """

    elements: Mapping[str, Value]
    guards: Guards = ()
    unknown: Unknown | None = None
    has_variables: bool = True
    origin: Origin | None = None

    @property
    def identity(self) -> str:
        """A digest that two statements share exactly if they say the same where they are there."""
        return _of_statement(self)

    @property
    def under_no_guards(self) -> StatementValue:
        """The statement where it is always there."""
        return self._replace(guards=())

    def at(self, origin: Origin | None) -> StatementValue:
        """The statement with an origin, if it has none yet."""
        return self if self.origin or origin is None else self._replace(origin=origin)

    def under(self, guards: Guards) -> StatementValue:
        """The statement where also some guards hold."""
        return self._replace(guards=(*guards, *self.guards)) if guards else self


def _digest(content: object) -> str:
    text = json.dumps(content, ensure_ascii=False)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).hexdigest()


def identity(value: Value) -> str:
    """A digest that two values share exactly if they come to the same."""
    return value.identity if isinstance(value, Unknown) else _digest(_identifying(value))


def _identifying(value: Value) -> object:
    """What identifies a value, as JSON: no unknown but by its digest."""
    if isinstance(value, str):
        return str(value)
    if value is None or isinstance(value, (bool, int, float)):
        return [value]
    for kind, identify in _KINDS:
        if isinstance(value, kind):
            return identify(value)
    raise TypeError(f"{type(value)} is not a value")


def _of_members(value: Mapping[object, Value]) -> object:
    members = [(_key(key), _identifying(item)) for key, item in value.items()]
    return {"o": sorted(members, key=lambda member: member[0])}


def _key(key: object) -> str:
    return f"\0{key.identity}" if isinstance(key, Unknown) else str(key)


def _of_statement(statement: StatementValue) -> str:
    unknown = statement.unknown and statement.unknown.identity
    guards = guards_identity(statement.guards)
    content = [_identifying(statement.elements), guards, unknown]
    return _digest(content if statement.has_variables else [*content, "text"])


_KINDS: tuple[tuple[type, Callable[[Any], object]], ...] = (
    (Unknown, lambda unknown: {"u": unknown.identity}),
    (Text, lambda text: {"t": [*map(_identifying, text.parts)]}),
    (Encoded, lambda encoded: {"e": _identifying(encoded.value)}),
    (Rest, lambda rest: {"r": _identifying(rest.item), **_once(rest.once)}),
    (Document, lambda document: {"d": sorted(map(_of_statement, document.statements))}),
    (dict, _of_members),
    (list, lambda items: {"l": [*map(_identifying, items)]}),
)


def _once(guards: Guards) -> dict[str, object]:
    return {"once": guards_identity(guards)} if guards else {}


def guards_identity(guards: Guards) -> list[tuple[str, bool]]:
    """What identifies guards: their conditions and whether these hold, in order."""
    return sorted({(guard.condition.identity, guard.holds) for guard in guards})


def is_known(value: Value) -> bool:
    """Whether no part of a value is unknown."""
    if isinstance(value, (Unknown, Text, Rest, Document)):
        return False
    if isinstance(value, Encoded):
        return is_known(value.value)
    if isinstance(value, Mapping):
        return all(isinstance(key, str) and is_known(item) for key, item in value.items())
    return not isinstance(value, list) or all(map(is_known, value))


def plain(value: Value) -> object:
    """A known value as the standard library has it."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return plain(value.value) if isinstance(value, Encoded) else value
