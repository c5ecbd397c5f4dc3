"""Cases that cannot be, by the `count` or `for_each` of what uses the policy.

A resource is missing that is there as often as the policy, or a condition is other than it has to
be for the policy to be there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.formats.found import FoundPolicy
from multitool_lint.formats.terraform.evaluate import Expressions
from multitool_lint.syntax.choices import guards_of
from multitool_lint.syntax.terms import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from multitool_lint.formats.extract import Found
    from multitool_lint.formats.terraform.module import ModuleFolder
    from multitool_lint.formats.terraform.scope import ValueBudget
    from multitool_lint.syntax.hcl.tree import HclFile, SyntaxBlock

_INSTANCE = re.compile(r"([\w-]+\.[\w-]+)\s*\[\s*(?:0|count\.index)\s*\][\w.\s\[\]]*? has a value")
"""The condition that the first instance of a resource has an attribute."""
REPEATS = ("count", "for_each")
_NONE: tuple[object, ...] = (0, [], {})
"""The values with which a block makes nothing."""


def possible(
    items: Iterable[Found], file: HclFile, block: SyntaxBlock, module: ModuleFolder
) -> Iterator[Found]:
    """What is read in a block and can be there, by the `count` of what its cases name.

    Raises:
        UnreadableError: it takes too much work.
    """
    required: list[Mapping[str, bool]] | None = None
    for found in items:
        if not isinstance(found, FoundPolicy) or not found.cases:
            yield found
            continue
        if required is None:
            users = list(_users(block, module))
            required = [_required(file, block, module), *_common(users, module)]
        if any(
            can_hold(conditions, required)
            and not any(
                not holds and _is_as_often(condition, file, block, module)
                for condition, holds in conditions.items()
            )
            for conditions in found.cases
        ):
            yield found


def can_hold(conditions: Mapping[str, bool], required: Iterable[Mapping[str, bool]]) -> bool:
    """Whether the conditions of a case can hold where some others have to."""
    return all(
        known.get(condition, holds) is holds
        for known in required
        for condition, holds in conditions.items()
    )


def required_by(repeats: Value, budget: ValueBudget) -> Mapping[str, bool]:
    """The conditions without which a `count` or `for_each` makes nothing."""
    if isinstance(repeats, Unknown) and repeats.operator == "toset":
        repeats = repeats.arguments[0]
    if not isinstance(repeats, Unknown) or repeats.operator != "if":
        return {}
    condition, *branches = repeats.arguments
    required: dict[str, bool] = {}
    for holds, other in zip((True, False), reversed(branches), strict=True):
        if other in _NONE:
            required[budget.condition(condition)] = holds
            for guard in guards_of(condition, holds=holds):
                required[budget.condition(guard.condition)] = guard.holds
    return required


def _required(file: HclFile, block: SyntaxBlock, module: ModuleFolder) -> Mapping[str, bool]:
    """The conditions without which a block makes nothing."""
    repeats = [item.value for item in file.attributes(block.body) if item.name in REPEATS]
    if not repeats:
        return {}
    return required_by(Expressions(file, module).evaluate(repeats[0]), module.budget)


def _common(
    users: list[tuple[HclFile, SyntaxBlock]], module: ModuleFolder
) -> Iterator[Mapping[str, bool]]:
    """The conditions without which no block of some makes anything."""
    found = [_required(file, user, module) for file, user in users]
    if found:
        yield dict(set(found[0].items()).intersection(*(known.items() for known in found)))


def _is_as_often(condition: str, file: HclFile, block: SyntaxBlock, module: ModuleFolder) -> bool:
    """Whether the resource of a condition is there wherever the policy of a block is."""
    instance = _INSTANCE.fullmatch(condition)
    there = module.block(f"resource.{instance[1]}") if instance else None
    count = _count(*there) if there else None
    return count is not None and (
        _count(file, block) == count or {_count(*user) for user in _users(block, module)} == {count}
    )


def _users(block: SyntaxBlock, module: ModuleFolder) -> Iterator[tuple[HclFile, SyntaxBlock]]:
    """Each block that uses a data source, with its file."""
    name = ".".join((block.type, *block.labels))
    reference = re.compile(rf"\b{re.escape(name)}\b")
    for file, other in module.blocks() if block.type == "data" else ():
        is_other = other.labels != block.labels and file.has(other.syntax, name.encode())
        if is_other and reference.search(file.text(other.syntax)):
            yield file, other


def _count(file: HclFile, block: SyntaxBlock) -> str | None:
    """The expression of the `count` of a block."""
    for attribute in file.attributes(block.body):
        if attribute.name == "count":
            return " ".join(file.text(attribute.value).split())
    return None
