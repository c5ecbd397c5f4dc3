"""The cases that the conditions of a CloudFormation template distinguish.

A condition compares parameters with texts. A case gives each text that is compared one of the
values that it is compared with, or another one, and so decides all conditions together: two that
exclude each other are never both true.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, product
from typing import NamedTuple

from multitool_lint.formats.cloudformation.functions import NOTHING, function, text_of
from multitool_lint.formats.cloudformation.properties import by_key
from multitool_lint.limits import (
    MAX_CONDITION_ASSIGNMENTS,
    MAX_CONDITION_CASES,
    MAX_CONDITION_DEPTH,
    MAX_TEMPLATE_CONDITIONS,
    MAX_TEMPLATE_VALUES,
)
from multitool_lint.syntax.tree import Node

_OTHER = "\0"


class _Unreadable(Exception):  # noqa: N818 - caught right here
    """A condition that could not be determined from its text."""


class Cases(NamedTuple):
    """What the conditions that were asked for may be; `all_` says whether these are all cases."""

    conditions: tuple[Mapping[str, bool], ...]
    all_: bool = True


def names_in(root: Node, budget: int = MAX_TEMPLATE_VALUES) -> set[str] | None:
    """The conditions that functions in a value ask; None if it has too many values."""
    names: set[str] = set()
    waiting = [root]
    while waiting:
        budget -= 1
        if budget < 0:
            return None
        node = waiting.pop()
        name, argument = function(node)
        condition = argument.items()[:1] if name == "Fn::If" else ()
        names.update(part.string for part in condition if part.string is not None)
        waiting += (child for _, child in node.children())
    return names


class Conditions:
    """The conditions of a template."""

    def __init__(self, node: Node | None, choices: Mapping[str, tuple[str, ...]]) -> None:
        """`choices` are the values that parameters are restricted to."""
        members = node.fields()[:MAX_TEMPLATE_CONDITIONS] if node else ()
        self._definitions = {member.key: member.value for member in members}
        self._choices = choices

    def cases(self, names: Iterable[str], given: Mapping[str, bool]) -> Cases:
        """The cases of these conditions, of those where the given ones are as they are given."""
        wanted = sorted(set(names))
        asked = sorted({*wanted, *given})
        if not asked:
            return Cases(({},))
        operands: dict[str, set[str]] = {}
        free: set[str] = set()
        for name in asked:
            self._collect(name, operands, free, 0)
        values: list[list[tuple[str, str]]] = [
            [(operand, value) for value in self._values(operand, constants)]
            for operand, constants in sorted(operands.items())
        ]
        values += [[(name, "true"), (name, "false")] for name in sorted(free)]
        found: dict[tuple[bool, ...], Mapping[str, bool]] = {}
        count = 0
        for count, assignment in enumerate(islice(product(*values), MAX_CONDITION_ASSIGNMENTS + 1)):  # noqa: B007 - used after the loop
            world = dict(assignment)
            truths = {name: self._truth(name, world, 0) for name in asked}
            if any(truths[name] != holds for name, holds in given.items()):
                continue
            found.setdefault(tuple(truths[name] for name in wanted), truths)
            if len(found) > MAX_CONDITION_CASES:
                break
        complete = count < MAX_CONDITION_ASSIGNMENTS and len(found) <= MAX_CONDITION_CASES
        return Cases(tuple(islice(found.values(), MAX_CONDITION_CASES)), complete)

    def is_never(self, name: str) -> bool:
        """Whether a condition is false whatever the parameters are."""
        found = self.cases((), {name: True})
        return found.all_ and not found.conditions

    def _values(self, operand: str, constants: set[str]) -> list[str]:
        if operand.startswith("${") and operand[2:-1] in self._choices:
            return list(self._choices[operand[2:-1]])
        return [*sorted(constants), _OTHER]

    def _collect(
        self, name: str, operands: dict[str, set[str]], free: set[str], depth: int
    ) -> None:
        """Find what a condition compares; one that cannot be read is free to be either."""
        try:
            for left, right in self._comparisons(self._definition(name), depth):
                for operand, constant in ((left, right), (right, left)):
                    if "${" in operand:
                        operands.setdefault(operand, set()).add(constant)
        except _Unreadable:
            free.add(name)

    def _definition(self, name: str) -> Node:
        if name not in self._definitions:
            raise _Unreadable
        return self._definitions[name]

    def _comparisons(self, node: Node, depth: int) -> Iterator[tuple[str, str]]:
        name, arguments = _call(node)
        if depth > MAX_CONDITION_DEPTH:
            raise _Unreadable
        if name == "Condition":
            yield from self._comparisons(self._definition(str(arguments[0].value)), depth + 1)
        elif name == "Fn::Equals":
            yield _operands(arguments)
        elif name in ("Fn::And", "Fn::Or", "Fn::Not"):
            for argument in arguments:
                yield from self._comparisons(argument, depth + 1)
        else:
            raise _Unreadable

    def _truth(self, name: str, world: Mapping[str, str], depth: int) -> bool:
        if name in world:
            return world[name] == "true"
        return self._holds(self._definitions[name], world, depth)

    def _holds(self, node: Node, world: Mapping[str, str], depth: int) -> bool:
        name, arguments = _call(node)
        if name == "Condition":
            return self._truth(str(arguments[0].value), world, depth + 1)
        if name == "Fn::Equals":
            left, right = _operands(arguments)
            return world.get(left, left) == world.get(right, right)
        truths = [self._holds(argument, world, depth + 1) for argument in arguments]
        if name == "Fn::Not":
            return not truths[0]
        return all(truths) if name == "Fn::And" else any(truths)


def _call(node: Node) -> tuple[str, tuple[Node, ...]]:
    """The function that a condition is, with its arguments."""
    if len(node.fields()) != 1:
        raise _Unreadable
    ((name, argument),) = ((member.key, member.value) for member in node.fields())
    if name == "Condition" and isinstance(argument.value, str):
        return name, (argument,)
    if not argument.items():
        raise _Unreadable
    return name, argument.items()


def _operands(arguments: tuple[Node, ...]) -> tuple[str, str]:
    texts = [text_of(argument, NOTHING) for argument in arguments]
    if len(texts) != 2 or texts[0] is None or texts[1] is None:  # noqa: PLR2004 - as documented
        raise _Unreadable
    return texts[0], texts[1]


def allowed_values(node: Node | None, given: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The values that parameters of a template are restricted to, some of which are given."""
    found = {}
    for name, parameter in by_key(node).items():
        allowed = parameter.get("AllowedValues")
        choices = [text_of(value, NOTHING) for value in allowed.items()] if allowed else []
        choices = [given[name]] if name in given else choices
        if choices and all(choice is not None and "${" not in choice for choice in choices):
            found[name] = tuple(map(str, choices))
    return found


def with_condition(
    condition: str, cases: Sequence[Mapping[str, bool]]
) -> tuple[Mapping[str, bool], ...]:
    """The cases of a policy, in which a condition has to hold as well."""
    return tuple({**case, condition: True} for case in cases or ({},))
