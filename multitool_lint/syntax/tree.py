"""JSON values as written, each with its place in the text.

Plain classes with slots rather than frozen dataclasses: a policy has hundreds of nodes, and such a
class is made in a third of the time. `Final` keeps them from being changed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from functools import lru_cache
from operator import attrgetter

from multitool_lint.syntax.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


@lru_cache(maxsize=1024)
def pointer_token(key: str) -> str:
    """A key as a pointer has it: https://www.rfc-editor.org/rfc/rfc6901#section-3."""
    return key.replace("~", "~0").replace("/", "~1")


def key_of_token(token: str) -> str:
    """The key that a pointer has that token for."""
    return token.replace("~1", "/").replace("~0", "~")


class UnknownType(Enum):
    """The type of UNKNOWN."""

    UNKNOWN = "UNKNOWN"


UNKNOWN: Final = UnknownType.UNKNOWN
"""An unresolved value (`${var.name}`, `{{ x }}`): a rule has no finding about it."""


class Member:
    """One key of a JSON object with its value; `key_span` includes the quotes."""

    __slots__ = ("_end", "_start", "key", "value")

    def __init__(self, key: str, key_span: tuple[int, int], value: Node) -> None:
        self.key: Final = key
        # Two numbers rather than a tuple: it is one thing less for the garbage collector.
        self._start, self._end = key_span
        self.value: Final = value

    @property
    def key_span(self) -> Span:
        """The place of the key."""
        return Span(self._start, self._end)


class Array(tuple["Node", ...]):
    """The value of an array."""

    __slots__ = ()

    def of(self, items: Iterable[Node]) -> Array:
        """An array of the same kind with other items."""
        return type(self)(items)


class UniqueArray(Array):
    """An array of which AWS receives equal texts once: Terraform keeps such a list as a set."""

    __slots__ = ()


class Object(tuple[Member, ...]):
    """The value of an object: its members in order, duplicate keys kept."""

    __slots__ = ()

    def find(self, key: str) -> Member | None:
        """The member of that key; the last one of duplicates, as JSON parsers take it."""
        for member in reversed(self):
            if member.key == key:
                return member
        return None


Value = str | int | float | bool | None | Array | Object | UnknownType


class Node:
    """A JSON value at its place: `pointer` is its RFC 6901 pointer within the policy document."""

    __slots__ = ("_end", "_start", "pointer", "value")

    def __init__(self, span: tuple[int, int], value: Value, pointer: str) -> None:
        self._start, self._end = span
        self.value: Final = value
        self.pointer: Final = pointer

    @property
    def span(self) -> Span:
        """The place of the value; few are asked for, so that a Span is made only then."""
        return Span(self._start, self._end)

    @property
    def string(self) -> str | None:
        """The value of a string; None for any other value."""
        return self.value if isinstance(self.value, str) else None

    def get(self, key: str) -> Node | None:
        """The value of a key of an object: the last one of duplicates. None for any other value."""
        if len(members := self.fields()) > _FEW_MEMBERS:
            return _by_key(self).get(key)
        member = members.find(key)
        return member.value if member else None

    def fields(self) -> Object:
        """The members of an object; none for any other value."""
        return self.value if isinstance(self.value, Object) else _NO_MEMBERS

    def items(self) -> Array:
        """The items of an array; none for any other value."""
        return self.value if isinstance(self.value, Array) else _NO_ITEMS

    def children(self) -> list[tuple[str, Node]]:
        """The values in an object or array, each with its key or number."""
        if isinstance(self.value, Object):
            return [(member.key, member.value) for member in self.value]
        return [(str(number), item) for number, item in enumerate(self.items())]

    def innermost(self, span: Span) -> Span | None:
        """The place of the smallest value or key that a span is in, if this value has it."""
        around, node = None, self
        while node.span.start <= span.start and span.end <= node.span.end:
            around = node.span
            if isinstance(node.value, Object):
                at = bisect_right(node.value, span.start, key=attrgetter("key_span.start")) - 1
                if at < 0:
                    break
                key, node = node.value[at].key_span, node.value[at].value
                if span.end <= key.end:
                    return key
            else:
                at = bisect_right(node.items(), span.start, key=attrgetter("span.start")) - 1
                if at < 0:
                    break
                node = node.items()[at]
        return around

    def moved(
        self, place: Callable[[Span], Span], scalar: Callable[[Node], Value] | None = None
    ) -> Node:
        """A copy at other places, whose scalars may change. Parsers limit the recursion."""
        value: Value = self.value
        if isinstance(value, Array):
            value = value.of([item.moved(place, scalar) for item in value])
        elif isinstance(value, Object):
            value = Object(
                [
                    Member(member.key, place(member.key_span), member.value.moved(place, scalar))
                    for member in value
                ]
            )
        elif scalar:
            value = scalar(self)
        return Node(place(self.span), value, self.pointer)


class UnknownNode(Node):
    """A value that is filled in elsewhere, in one of several contexts in which its text is read.

    Two are the same value only if their texts and their contexts are equal. `text` is what it
    comes to, with placeholders for unknown parts, where that much is known.
    """

    __slots__ = ("context", "text")

    def __init__(self, span: tuple[int, int], pointer: str, context: str, text: str = "") -> None:
        super().__init__(span, UNKNOWN, pointer)
        self.context: Final = context
        self.text: Final = text

    def moved(
        self, place: Callable[[Span], Span], scalar: Callable[[Node], Value] | None = None
    ) -> Node:
        """A copy at another place."""
        value = scalar(self) if scalar else UNKNOWN
        if value is not UNKNOWN:
            return Node(place(self.span), value, self.pointer)
        return type(self)(place(self.span), self.pointer, self.context, self.text)


def partly_known_text(node: Node) -> str:
    """The text of a value with placeholders for its unknown parts; "" where nothing is known."""
    return node.text if isinstance(node, UnknownNode) else node.string or ""


_NO_ITEMS: Final = Array()
_NO_MEMBERS: Final = Object()
_FEW_MEMBERS: Final = 20


@lru_cache(maxsize=4)
def _by_key(node: Node) -> dict[str, Node]:
    """The values of an object that has many, for several of which it is asked."""
    return {member.key: member.value for member in node.fields()}


class LazyStringArray(Node):
    """An array of strings without escapes, whose nodes are made when someone asks for them.

    Most of what a policy says is such arrays, and most of what is asked of them their texts alone.
    `starts`, where they are known, are the places at which its strings begin in the text.
    """

    __slots__ = ("_made", "_starts", "_text", "texts")

    def __init__(
        self,
        span: tuple[int, int],
        texts: tuple[str, ...],
        pointer: str,
        text: str,
        starts: list[int] | None = None,
    ) -> None:
        self._start, self._end = span
        self.texts: Final = texts
        self.pointer = pointer  # type: ignore[misc]  # as Node does
        self._text: Final = text
        self._starts = starts
        self._made: dict[int, Node] = _NONE_YET

    def __getattr__(self, name: str) -> Array:
        # Asked only for what is not there yet.
        if name != "value":
            raise AttributeError(name)
        self._starts = self._starts or []  # they are found one after the other
        self.value = items = Array(map(self.item, range(len(self.texts))))  # type: ignore[misc]  # once
        return items

    def item(self, at: int) -> Node:
        """The node of the text of that number: always the same one."""
        node = self._made.get(at)
        if node is None:
            if self._made is _NONE_YET:
                self._made = {}
            value = self.texts[at]
            start = self._start_of(at, value)
            new = Node((start, start + len(value) + 2), value, f"{self.pointer}/{at}")
            node = self._made.setdefault(at, new)
        return node

    def span_of(self, at: int) -> Span:
        """The place of the text of that number; its node is not made."""
        self._starts = self._starts or []  # found one after the other
        start = self._start_of(at, self.texts[at])
        return Span(start, start + len(self.texts[at]) + 2)

    def _start_of(self, at: int, value: str) -> int:
        """Where a text begins; those after it need not be found."""
        starts = self._starts
        if starts is None:
            if ":" in value and self.texts.index(value) == at:
                # No part of the array but the first such text looks like this.
                return self._text.index(f'"{value}"', self._start)
            starts = self._starts = []
        if len(starts) <= at:
            index, end = self._text.index, self._start
            if starts:
                end = starts[-1] + len(self.texts[len(starts) - 1]) + 2
            for text in self.texts[len(starts) : at + 1]:
                start = index('"', end)
                end = start + len(text) + 2
                starts.append(start)
        return starts[at]


_NONE_YET: dict[int, Node] = {}
"""Most arrays make no node: one dictionary is shared by all that have none."""


def strings_of(nodes: Iterable[Node]) -> Iterator[tuple[Node, str]]:
    """The nodes that are strings, each with its string: neither UNKNOWN nor of a wrong type."""
    for node in nodes:
        if isinstance(node.value, str):
            yield node, node.value


def as_list(node: Node | None) -> tuple[Node, ...]:
    """The items of an array; a single value means a list of one, as in IAM's grammar."""
    if node is None:
        return ()
    return node.value if isinstance(node.value, Array) else (node,)


def texts_of(node: Node | None) -> tuple[str, ...]:
    """The strings among the items of an array, or a single one; no nodes are made of them."""
    if isinstance(node, LazyStringArray):
        return node.texts
    return tuple([text for _, text in strings_of(as_list(node))])


def scalars(node: Node) -> Iterator[Node]:
    """The scalars in a value, itself if it is one; the parser limits the recursion."""
    if isinstance(node.value, Array):
        for item in node.value:
            yield from scalars(item)
    elif isinstance(node.value, Object):
        for member in node.value:
            yield from scalars(member.value)
    else:
        yield node
