"""The cases that the conditions of a CloudFormation template distinguish.

A condition compares parameters with texts. A case gives each text that is compared one of the
values that it is compared with, or another one, and so decides all conditions together: two that
exclude each other are never both true. A case that the rules of the template refuse is none.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice, product
from typing import NamedTuple

from multitool_lint.formats.cloudformation.functions import text_of
from multitool_lint.formats.cloudformation.properties import by_key
from multitool_lint.limits import (
    MAX_CONDITION_ASSIGNMENTS,
    MAX_CONDITION_CASES,
    MAX_CONDITION_DEPTH,
    MAX_TEMPLATE_CONDITIONS,
    MAX_TEMPLATE_VALUES,
)
from multitool_lint.syntax.tree import Node
from multitool_lint.values.cloudformation import function

_OTHER = "\0"
_COMPARING = ("Fn::Equals", "Fn::Contains")


class _Unreadable(Exception):  # noqa: N818 - caught right here
    """A condition that could not be determined from its text."""


class Cases(NamedTuple):
    """What the conditions that were asked for may be; `all_` says whether these are all cases."""

    conditions: tuple[Mapping[str, bool], ...]
    all_: bool = True


class _Requirement(NamedTuple):
    """An assertion of a rule: what it compares, and the condition under which it has to hold."""

    nodes: tuple[Node, ...]
    operands: Mapping[str, frozenset[str]]


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

    def __init__(self, root: Node, choices: Mapping[str, tuple[str, ...]]) -> None:
        """`choices` are the values that parameters of the template are restricted to."""
        conditions = root.get("Conditions")
        members = conditions.fields()[:MAX_TEMPLATE_CONDITIONS] if conditions else ()
        self._definitions = {member.key: member.value for member in members}
        self._choices = choices
        asserted = islice(_asserted(root.get("Rules")), MAX_TEMPLATE_CONDITIONS)
        self._requirements = [*self._readable(asserted)]

    def cases(self, names: Iterable[str], given: Mapping[str, bool]) -> Cases:
        """The cases of these conditions, of those where the given ones are as they are given.

        Where the rules of the template refuse all of them, it is still linted, as without rules.
        """
        wanted = sorted(set(names))
        if not wanted and not given:
            return Cases(({},))
        found = self._cases(wanted, given, self._requirements)
        if self._requirements and not found.conditions:
            return self._cases(wanted, given, ())
        return found

    def _cases(
        self, wanted: Sequence[str], given: Mapping[str, bool], rules: Sequence[_Requirement]
    ) -> Cases:
        asked = sorted({*wanted, *given})
        operands: dict[str, set[str]] = {}
        free: set[str] = set()
        for name in asked:
            self._collect(name, operands, free)
        requirements = self._add_requirements(operands, rules, 2 ** len(free))
        values = [
            [(operand, value) for value in self._values(operand, constants)]
            for operand, constants in sorted(operands.items())
        ]
        values += [[(name, "true"), (name, "false")] for name in sorted(free)]
        found: dict[tuple[bool, ...], Mapping[str, bool]] = {}
        count = 0
        for count, assignment in enumerate(islice(product(*values), MAX_CONDITION_ASSIGNMENTS + 1)):  # noqa: B007 - used after the loop
            world = dict(assignment)
            truths = {name: self._truth(name, world) for name in asked}
            if not all(self._is_met(requirement, world) for requirement in requirements):
                continue
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

    def _collect(self, name: str, operands: dict[str, set[str]], free: set[str]) -> None:
        """Find what a condition compares; one that cannot be read is free to be either."""
        try:
            for operand, constant in self._compared(self._definition(name)):
                operands.setdefault(operand, set()).add(constant)
        except _Unreadable:
            free.add(name)

    def _compared(self, node: Node) -> Iterator[tuple[str, str]]:
        """What a condition compares, each with the texts that it is compared with."""
        for left, right in self._comparisons(node, 0):
            for operand, constant in ((left, right), (right, left)):
                if "${" in operand:
                    yield operand, constant

    def _readable(self, asserted: Iterable[tuple[Node, ...]]) -> Iterator[_Requirement]:
        """What rules require, as far as it can be read: what cannot excludes nothing.

        Cases do not say which parameters are equal to each other, so that no case would be left of
        those in which two have to be equal, and one of them to a text.
        """
        for nodes in asserted:
            operands: dict[str, frozenset[str]] = {}
            try:
                for operand, constant in chain.from_iterable(map(self._compared, nodes)):
                    operands[operand] = operands.get(operand, frozenset()) | {constant}
            except _Unreadable:
                continue
            if not any("${" in constant for some in operands.values() for constant in some):
                yield _Requirement(nodes, operands)

    def _add_requirements(
        self, operands: dict[str, set[str]], rules: Sequence[_Requirement], factor: int
    ) -> list[_Requirement]:
        """What is required of operands, and of what is compared together with them.

        A requirement that would be too much to evaluate is left out, as it excludes cases only.
        """
        found: list[_Requirement] = []
        waiting, before = list(rules), -1
        while len(found) > before:
            before = len(found)
            for rule in [rule for rule in waiting if not operands.keys().isdisjoint(rule.operands)]:
                waiting.remove(rule)
                joined = {name: {*constants} for name, constants in operands.items()}
                for name, constants in rule.operands.items():
                    joined.setdefault(name, set()).update(constants)
                numbers = (len(self._values(name, more)) for name, more in joined.items())
                if factor * math.prod(numbers) <= MAX_CONDITION_ASSIGNMENTS:
                    operands.update(joined)
                    found.append(rule)
        return found

    def _is_met(self, requirement: _Requirement, world: Mapping[str, str]) -> bool:
        *when, assertion = requirement.nodes
        if not all(self._holds(node, world, 0) for node in when):
            return True
        return self._holds(assertion, world, 0)

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
        elif name in _COMPARING:
            yield from _pairs(name, arguments)
        elif name in ("Fn::And", "Fn::Or", "Fn::Not"):
            for argument in arguments:
                yield from self._comparisons(argument, depth + 1)
        else:
            raise _Unreadable

    def _truth(self, name: str, world: Mapping[str, str], depth: int = 0) -> bool:
        if name in world:
            return world[name] == "true"
        return self._holds(self._definitions[name], world, depth)

    def _holds(self, node: Node, world: Mapping[str, str], depth: int) -> bool:
        name, arguments = _call(node)
        if name == "Condition":
            return self._truth(str(arguments[0].value), world, depth + 1)
        if name in _COMPARING:
            pairs = _pairs(name, arguments)
            return any(world.get(left, left) == world.get(right, right) for left, right in pairs)
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


def _pairs(name: str, arguments: tuple[Node, ...]) -> list[tuple[str, str]]:
    """The texts of which some pair has to be equal."""
    if len(arguments) != 2:  # noqa: PLR2004 - as documented
        raise _Unreadable
    first, second = arguments
    listed = first.items() if name == "Fn::Contains" else (first,)
    texts = [text_of(argument) for argument in (*listed, second)]
    known = [text for text in texts if text is not None]
    if len(known) < len(texts) or not listed:
        raise _Unreadable
    return [(text, known[-1]) for text in known[:-1]]


def _asserted(rules: Node | None) -> Iterator[tuple[Node, ...]]:
    """The assertions of rules, each after the condition of its rule if it has one."""
    for rule in by_key(rules).values():
        when = rule.get("RuleCondition")
        assertions = rule.get("Assertions")
        for item in assertions.items() if assertions else ():
            asserted = item.get("Assert")
            for part in _all_of(asserted) if asserted else ():
                yield (when, part) if when else (part,)


def _all_of(assertion: Node) -> tuple[Node, ...]:
    """The parts of an assertion that all have to hold, some of which may be unreadable."""
    parts = assertion.get("Fn::And")
    return parts.items() if parts else (assertion,)


def allowed_values(node: Node | None, given: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The values that parameters of a template are restricted to, some of which are given."""
    found = {}
    for name, parameter in by_key(node).items():
        allowed = parameter.get("AllowedValues")
        choices = [text_of(value) for value in allowed.items()] if allowed else []
        choices = [given[name]] if name in given else choices
        if choices and all(choice is not None and "${" not in choice for choice in choices):
            found[name] = tuple(map(str, choices))
    return found


def with_condition(
    condition: str, cases: Sequence[Mapping[str, bool]]
) -> tuple[Mapping[str, bool], ...]:
    """The cases of a policy, in which a condition has to hold as well."""
    return tuple({**case, condition: True} for case in cases or ({},))
