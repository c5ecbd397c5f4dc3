"""Values that a condition decides, and the cases of the conditions of a policy.

Statements that a condition adds are kept as choices between their branches (`cases`). A condition
within an element, such as that of `Effect = var.x ? "Allow" : "Deny"`, is asked: the policy is read
once more for each case of those that are asked.

https://developer.hashicorp.com/terraform/language/expressions/conditionals
"""

from __future__ import annotations

import re
from functools import cached_property
from itertools import product
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from multitool_lint.limits import MAX_CONDITION_CASES
from multitool_lint.syntax.hcl.tree import significant
from multitool_lint.syntax.tree import UNKNOWN, Array, Node, UnknownNode, Value, scalars

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tree_sitter import Node as Syntax

    from multitool_lint.formats.found import Part
    from multitool_lint.formats.terraform.evaluate import Expressions
    from multitool_lint.formats.terraform.scope import Blocks, ValueBudget
    from multitool_lint.syntax.source import Span

_ELEMENTS: Final = frozenset(
    {
        *("action", "notaction", "condition", "effect"),
        *("principal", "notprincipal", "resource", "notresource"),
    }
)
_WORD: Final = re.compile(r"[\w-]+")
_NOT: Final = re.compile(r"! ?([^!&|?=<>]+)")
_UNEQUAL: Final = re.compile(r"([^!&|?=<>]+) != ([^!&|?=<>]+)")
_EQUALS_TEXT: Final = re.compile(r'([^!&|?=<>]+) == ("[^"]*")')


class ChoiceNode(Node):
    """A value that is one of several, as a condition decides; by itself, it is unknown.

    `branches` are the values where the condition, which is kept as its text, is true and false.
    """

    __slots__ = ("branches", "condition")

    def __init__(
        self, span: tuple[int, int], condition: str, branches: tuple[tuple[bool, Node], ...]
    ) -> None:
        super().__init__(span, UNKNOWN, "")
        self.condition: Final = condition
        self.branches: Final = branches

    def moved(
        self, place: Callable[[Span], Span], scalar: Callable[[Node], Value] | None = None
    ) -> Node:
        """A copy at another place."""
        branches = tuple((holds, node.moved(place, scalar)) for holds, node in self.branches)
        return ChoiceNode(place(self.span), self.condition, branches)


class NothingNode(Node):
    """A branch that is `null` or empty: as a rule, its value is not used when it is chosen."""

    __slots__ = ()

    def __init__(self, span: tuple[int, int]) -> None:
        super().__init__(span, UNKNOWN, "")

    def moved(
        self,
        place: Callable[[Span], Span],
        scalar: Callable[[Node], Value] | None = None,  # noqa: ARG002 - as nodes have it
    ) -> Node:
        """A copy at another place."""
        return NothingNode(place(self.span))


class SomeNode(UnknownNode):
    """The items that an unknown list has among those of others: any number, or none."""

    __slots__ = ()


class SeveralNode(Node):
    """An attribute of all of some resources, such as `aws_s3_bucket.b[*].arn`.

    It is any number of values, or none, each of which is like this text.
    """

    __slots__ = ()

    def moved(
        self, place: Callable[[Span], Span], scalar: Callable[[Node], Value] | None = None
    ) -> Node:
        """A copy at another place."""
        return SeveralNode(place(self.span), scalar(self) if scalar else self.value, self.pointer)


def several(node: Node) -> Node:
    """The text that is made of each of some values, or the texts, as any number of them."""
    if isinstance(node.value, Array):
        return Node(node.span, node.value.of(map(several, node.value)), "")
    return SeveralNode(node.span, node.value, "")


def item_at(items: Sequence[Node], number: int) -> Node | None:
    """The item of a list with a number, if it is certain which one that is.

    An empty text after the values of resources is used only where there are none of these.
    """
    if items and isinstance(items[0], SeveralNode):
        is_first = number == 0 and all(item.value in (None, "") for item in items[1:])
        return Node(items[0].span, items[0].value, "") if is_first else None
    reached = items[: number + 1]
    return items[number] if number < len(items) and not any(map(may_be_several, reached)) else None


def may_be_several(node: Node) -> bool:
    """Whether an item of a list may be any number of items, as `concat` has unknown lists."""
    return isinstance(node, SomeNode | SeveralNode) or (
        isinstance(node, ChoiceNode)
        and any(
            isinstance(branch, NothingNode) or branch.value is None or may_have_items(branch)
            for _, branch in node.branches
        )
    )


def may_have_items(node: Node) -> bool:
    """Whether a value is a list, or a choice between values of which one is."""
    if isinstance(node, ChoiceNode):
        return any(may_have_items(branch) for _, branch in node.branches)
    return isinstance(node.value, Array)


class PolicyReading:
    """One reading of a policy: the conditions that are `given` in it, and those that it asks."""

    def __init__(
        self, budget: ValueBudget | None = None, given: Mapping[str, bool] = MappingProxyType({})
    ) -> None:
        self.given = given
        self.key = frozenset(given.items())
        self.in_element = False
        self.asked: dict[str, None] = {}
        self._budget = budget
        self._left = budget.left if budget else 0

    def enters(self, key: str) -> bool:
        """Note whether a key of an object is an element; what to set `in_element` to after it."""
        before = self.in_element
        self.in_element = before or key.replace("_", "").lower().removesuffix("s") in _ELEMENTS
        return before

    @cached_property
    def distinguished(self) -> list[str]:
        """The conditions of which each case is read, to be asked for when this reading is done.

        Of more than there may be cases of, the last ones stay unknown.
        """
        names = list(self.asked) if self._budget else []
        while 1 << len(names) > MAX_CONDITION_CASES:
            names.pop()
        while names and self._budget:
            if self._budget.allows_branches((self._left - self._budget.left) << len(names)):
                break
            names.pop()
        return names

    @property
    def part(self) -> Part:
        """What a policy that is read so is among the policies of all readings."""
        return "branch" if self.given else "outline" if self.distinguished else ""


def readings(budget: ValueBudget) -> Iterator[PolicyReading]:
    """The readings of a policy, each to be finished before the next one is asked for.

    The first one is the only one of a policy that asks no conditions, and else has an unknown value
    for each of them.
    """
    first = PolicyReading(budget)
    yield first
    names = first.distinguished
    left = budget.left
    for values in product((True, False), repeat=len(names)) if names else ():
        given = dict(zip(names, values, strict=True))
        if not _contradicts_itself(given):
            yield PolicyReading(given=given)
    budget.left = left


def _contradicts_itself(given: Mapping[str, bool]) -> bool:
    """Whether a value would have to be equal to several texts."""
    equal = [_EQUALS_TEXT.fullmatch(name) for name, holds in given.items() if holds]
    sides = [match[1] for match in equal if match]
    return len(sides) != len(set(sides))


def ask(reader: Blocks, node: Node) -> None:
    """Ask for the conditions that decide how many items a list has.

    What holds of a value of a loop may be known and is not evaluated, or there may be no other
    case.
    """
    for choice in (node, *node.items()):
        if isinstance(choice, ChoiceNode) and not _is_repeated(
            reader, choice.condition, reader.unknown_iterators
        ):
            reader.reading.asked[choice.condition] = None
            for _, branch in choice.branches:
                ask(reader, branch)


def _condition(reader: Expressions, text: str) -> str:
    """A condition by its text; one about a value of a loop is another one for each value."""
    text = " ".join(text.split())
    return f"{text} ({reader.context})" if _is_repeated(reader, text) else text


def _is_repeated(reader: Blocks, text: str, others: Iterable[str] = ()) -> bool:
    """Whether an expression is about a value of a loop."""
    repeated = {*reader.variables, *reader.iterators, *others}
    return bool(repeated) and not repeated.isdisjoint(_WORD.findall(text))


def _positive(text: str) -> tuple[str, bool]:
    """A condition that is not negated, and its value where the given one is true."""
    if match := _NOT.fullmatch(text):
        return match[1], False
    match = _UNEQUAL.fullmatch(text)
    return (f"{match[1]} == {match[2]}", False) if match else (text, True)


def conditional(reader: Expressions, syntax: Syntax, part: Syntax, depth: int) -> Node:
    """The branch of a condition that is certain, or both of them."""
    parts = significant(part)
    if len(parts) != 3:  # noqa: PLR2004 - condition and branches
        return Node(reader.file.span(syntax), UNKNOWN, "")
    holds = reader.value(parts[0], depth + 1).value
    if isinstance(holds, bool):
        return reader.value(parts[1] if holds else parts[2], depth + 1)
    text, when = _positive(_condition(reader, reader.file.text(parts[0])))
    branches = (
        (when, lambda: reader.value(parts[1], depth + 1)),
        (not when, lambda: reader.value(parts[2], depth + 1)),
    )
    return _choice(reader, reader.file.span(syntax), text, branches)


def fallback(
    reader: Expressions,
    syntax: Syntax,
    condition: str,
    otherwise: Callable[[], Node],
    node: Node | None = None,
) -> Node:
    """A value that is unknown, as `node` may have it, or another one where there is none."""
    span = reader.file.span(syntax)
    unknown = node or Node(span, UNKNOWN, "")

    def another() -> Node:
        found = otherwise()
        return NothingNode(span) if found.value == () else found

    branches = ((True, lambda: unknown), (False, another))
    return _choice(reader, span, _condition(reader, condition), branches)


def _choice(
    reader: Expressions,
    span: Span,
    condition: str,
    branches: Sequence[tuple[bool, Callable[[], Node]]],
) -> Node:
    """The value of the branch that is given in this reading, or the choice between all of them."""
    reading = reader.reading
    given = reading.given.get(condition)
    if given is not None:
        node = next(value() for holds, value in branches if holds is given)
        return NothingNode(node.span) if node.value in (None, "") else node
    asked = len(reading.asked)
    found = tuple((holds, value()) for holds, value in branches)
    has_literal = any(map(_has_literal, (node for _, node in found)))
    if reading.in_element and (has_literal or len(reading.asked) > asked):
        reading.asked[condition] = None
    return ChoiceNode(span, condition, found)


def _has_literal(node: Node) -> bool:
    """Whether a part of a value is known, and not nothing."""
    return any(scalar.value not in (UNKNOWN, None, "") for scalar in scalars(node))
