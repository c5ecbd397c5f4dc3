"""Keys that occur more than once in an object."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from multitool_lint.diagnostics.finding import Context, Finding, Fix, quoted, related
from multitool_lint.diagnostics.fixes import safe, unsafe
from multitool_lint.policy.document import Condition, Policy
from multitool_lint.syntax.patch.change import remove, set_value
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tree import Array, Member, Node, Object, as_list, strings_of

_CONTAINERS = frozenset({Object, Array})
_SINGLE = frozenset({"Effect", "Id", "Sid", "Statement", "Version"})
"""The elements that have one value."""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every repeated key; condition keys are compared without regard to case."""
    for members in _with_duplicates(policy):
        for same in _grouped(members, [member.key for member in members]):
            yield _same_key(context, same)
    for statement in policy.statements:
        if len(statement.conditions) < 2:  # noqa: PLR2004 - one has no other
            continue
        for keys in _by_operator(statement.conditions):
            for same in _grouped(keys, [key.key.lower() for key in keys]):
                if len({key.key for key in same}) == len(same):
                    yield _same_but_for_case(context, same)


def _with_duplicates(policy: Policy) -> list[Object]:
    """The objects in which a key occurs more than once."""
    root = policy.root
    found = []
    waiting = [root]
    if isinstance(root.value, Object) and not _repeats(root.value):
        # Most statements are plain: only their conditions contain objects.
        waiting = [member.value for member in root.value if member.key != "Statement"]
        for statement in policy.statements:
            if not statement.plain:
                waiting.append(statement.node)
            elif statement.condition:
                waiting.append(statement.condition.value)
    while waiting:
        node = waiting.pop()
        value = node.value
        if isinstance(value, Object):
            if _repeats(value):
                found.append(value)
            waiting += [
                child
                for member in value
                if type(child := member.value) is Node and type(child.value) in _CONTAINERS
            ]
        elif isinstance(value, Array):
            waiting += value
    return found


def _repeats(members: Object) -> bool:
    return len({member.key for member in members}) < len(members)


def _by_operator(conditions: Sequence[Condition]) -> Iterator[list[Member]]:
    blocks: dict[Span, list[Member]] = {}
    for condition in conditions:
        blocks.setdefault(condition.operator.key_span, []).append(condition.key)
    yield from blocks.values()


def _grouped(members: Sequence[Member], names: Sequence[str]) -> Iterator[list[Member]]:
    """The members that have the same name as another one."""
    groups: dict[str, list[Member]] = {}
    for member, name in zip(members, names, strict=True):
        groups.setdefault(name, []).append(member)
    yield from (group for group in groups.values() if len(group) > 1)


def _same_key(context: Context, same: list[Member]) -> Finding:
    *earlier, last = same
    return context.finding(
        last,
        f"{quoted(last.key)} occurs {len(same)} times in the same object",
        label="most parsers keep only this value",
        help="keep the value that is intended, and remove the others",
        related=tuple(related(member, "also here") for member in earlier),
        fixes=_fixes(context, same),
        issue_code="",  # Access Analyzer has no check for it
    )


def _fixes(context: Context, same: list[Member]) -> tuple[Fix, ...]:
    """Keep one of two equal values, or all values where a list of them is allowed."""
    first, last = same[0], same[-1]
    if len(same) > 2:  # noqa: PLR2004 - a pair
        return ()
    source = context.policy.source
    if source.part(first.value.span) == source.part(last.value.span):
        return safe(f"Remove the first {quoted(last.key)}", remove(first))
    nodes = [*as_list(first.value), *as_list(last.value)]
    values = list(dict.fromkeys(text for _, text in strings_of(nodes)))
    if last.key in _SINGLE or len(list(strings_of(nodes))) < len(nodes):
        return ()
    changes = (remove(first), set_value(last.value, values))
    return unsafe(f"List the values of both {quoted(last.key)}", *changes)


def _same_but_for_case(context: Context, same: list[Member]) -> Finding:
    *earlier, last = same
    return context.finding(
        last,
        f"{quoted(last.key)} and {quoted(earlier[0].key)} are the same condition key",
        notes=("condition keys are not case-sensitive",),
        help="merge the values into one list, or remove one of the keys",
        related=tuple(related(member, "same key") for member in earlier),
    )
