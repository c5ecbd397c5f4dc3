"""Values that a condition decides, and the cases of the conditions of a policy.

Statements that a condition adds are kept as choices between their branches (`cases`). A condition
within an element, such as that of `Effect = var.x ? "Allow" : "Deny"`, is asked: the policy is read
once more for each case of those that are asked.

https://developer.hashicorp.com/terraform/language/expressions/conditionals
"""

from __future__ import annotations

import json
import re
from functools import cached_property
from itertools import product
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from multitool_lint.formats.terraform.attributes import format_of
from multitool_lint.limits import MAX_CONDITION_CASES
from multitool_lint.syntax.shown_terms import shown
from multitool_lint.syntax.terms import Rest, Text, Unknown
from multitool_lint.syntax.terms import Value as Terms
from multitool_lint.syntax.tree import UNKNOWN, Array, Node, UnknownNode, Value, scalars

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from multitool_lint.formats.found import Part
    from multitool_lint.formats.terraform.scope import ValueBudget
    from multitool_lint.syntax.source import Span

_ELEMENTS: Final = frozenset(
    {
        *("action", "notaction", "condition", "effect"),
        *("principal", "notprincipal", "resource", "notresource"),
    }
)
_EQUALS_TEXT: Final = re.compile(r'([^!&|?=<>]+) == ("[^"]*")')
_NEVER_FAILS: Final = re.compile(r"(?:module\.[\w-]+|(?:data\.)?aws\w*_\w+\.[\w-]+)\.[\w-]+")
"""An output of a module, or an attribute of a resource: what is there, be it null."""
_MAY_FAIL: Final = {
    "try": re.compile(r"[\w\])]\[(?!\*\])"),
    "coalesce": re.compile(r"\b(?:one|join)\(.*(?:\[\*\]|\.\*\.)", re.DOTALL),
}
"""What an argument refers to if the resource may not be there: one of a list, or all of them."""
_FALLBACKS: Final = frozenset({"coalesce", "coalescelist", "lookup", "try"})
"""The operators of terms that are another value where there is none."""
_EACH: Final = frozenset({"each.key", "each.value"})
NOTHING: Final = Unknown("nothing")
"""A branch that is not used."""


class ChoiceNode(Node):
    """A value that is one of several, as a condition decides; by itself, it is unknown.

    `branches` are the values where the condition, which is kept as its text, is true and false. One
    that `repeats` is about each item of a collection that is not known.
    """

    __slots__ = ("branches", "condition", "repeats")

    def __init__(
        self,
        span: tuple[int, int],
        condition: str,
        branches: tuple[tuple[bool, Node], ...],
        *,
        repeats: bool = False,
    ) -> None:
        super().__init__(span, UNKNOWN, "")
        self.condition: Final = condition
        self.branches: Final = branches
        self.repeats: Final = repeats

    def moved(
        self, place: Callable[[Span], Span], scalar: Callable[[Node], Value] | None = None
    ) -> Node:
        """A copy at another place."""
        branches = tuple((holds, node.moved(place, scalar)) for holds, node in self.branches)
        return ChoiceNode(place(self.span), self.condition, branches, repeats=self.repeats)


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


def several(node: Node, condition: str) -> Node:
    """A value, or the texts of a list, as any number of items of another list."""
    if isinstance(node.value, str):
        return SeveralNode(node.span, node.value, "")
    if isinstance(node.value, Array):
        return Node(node.span, node.value.of(several(item, condition) for item in node.value), "")
    if isinstance(node, UnknownNode):
        return SomeNode(node.span, "", node.context)
    return ChoiceNode(node.span, condition, ((True, node), (False, Node(node.span, None, ""))))


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


def ask(reading: PolicyReading, node: Node) -> None:
    """Ask for the conditions that decide how many items a list has."""
    for choice in (node, *node.items()):
        if isinstance(choice, ChoiceNode) and not choice.repeats:
            reading.asked[choice.condition] = None
            for _, branch in choice.branches:
                ask(reading, branch)


class Choice(NamedTuple):
    """What decides a value, as a text, and the values where that holds and where it does not."""

    condition: str
    branches: tuple[tuple[bool, object], ...]
    repeats: bool


def choice_of(value: Unknown, budget: ValueBudget) -> Choice | Unknown | None:
    """What decides a value; the value that is certainly used; None for one that is not known."""
    if value.operator == "if":
        condition, chosen, other = value.arguments
        branches = ((True, chosen), (False, other))
        return Choice(budget.condition(condition), branches, _is_repeated(condition))
    if value.operator not in _FALLBACKS or not value.arguments:
        return None
    first, *rest = value.arguments
    text = shown(first)
    if value.operator == "lookup":
        if len(rest) < 2:  # noqa: PLR2004 - key and default
            return None
        key, otherwise = rest
        first = Unknown("get", first, key, shown=value.shown)
        text = f"{text} has {json.dumps(key) if isinstance(key, str) else shown(key)}"
    else:
        if not rest or _is_used(value.operator, first, text):
            return first if isinstance(first, Unknown) else None
        is_last = len(rest) == 1
        otherwise = rest[0] if is_last else Unknown(value.operator, *rest, shown=value.shown)
        text = f"{text} has a value"
    branches = ((True, first), (False, NOTHING if otherwise == [] else otherwise))
    return Choice(text, branches, _is_repeated(first))


def first_item(value: Unknown) -> Choice | Unknown | None:
    """The first of all of some resources, if a value is that, or what it is where there are none.

    An empty text after the values of resources is used only where there are none of these.
    """
    items = value.arguments[0] if value.operator in ("element", "one") else None
    number = value.arguments[1] if len(value.arguments) > 1 else 0
    if not (isinstance(items, list) and items and isinstance(items[0], Rest)) or number != 0:
        return None
    first, *rest = items
    if not isinstance(first.item, Unknown):
        return None
    if all(item in (None, "") for item in rest):
        return first.item
    if not isinstance(rest[0], str):
        return None
    text = f"{shown(first.item)} has a value"
    return Choice(text, ((True, first.item), (False, rest[0])), repeats=False)


def _is_used(operator: str, first: Terms, text: str) -> bool:
    """Whether the first of several values is used whatever follows it."""
    if operator == "try" and _NEVER_FAILS.fullmatch(text):
        return True
    is_arn = isinstance(first, Unknown) and (format_of(first) or "").startswith("arn:")
    return is_arn and operator in _MAY_FAIL and _MAY_FAIL[operator].search(text) is None


def _is_repeated(value: Terms) -> bool:
    """Whether a value is about each item of a collection that is not known."""
    if isinstance(value, Text):
        return any(map(_is_repeated, value.parts))
    if not isinstance(value, Unknown):
        return False
    return value.operator in _EACH or any(map(_is_repeated, value.arguments))


def has_literal(node: Node) -> bool:
    """Whether a part of a value is known, and not nothing."""
    return any(scalar.value not in (UNKNOWN, None, "") for scalar in scalars(node))
