"""Cases that cannot be: a resource is missing, and what uses the policy is there as often as it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.formats.found import FoundPolicy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.formats.extract import Found
    from multitool_lint.formats.terraform.module import ModuleFolder
    from multitool_lint.syntax.hcl.tree import HclFile, SyntaxBlock

_INSTANCE = re.compile(r"([\w-]+\.[\w-]+)\s*\[\s*(?:0|count\.index)\s*\][\w.\s\[\]]*? has a value")
"""The condition that the first instance of a resource has an attribute."""


def possible(found: Found, file: HclFile, block: SyntaxBlock, module: ModuleFolder) -> bool:
    """Whether what is read in a block can be there, by the `count` of what its cases name."""
    if not isinstance(found, FoundPolicy) or not found.cases:
        return True
    return not all(
        any(
            not holds and _is_as_often(condition, file, block, module)
            for condition, holds in conditions.items()
        )
        for conditions in found.cases
    )


def _is_as_often(condition: str, file: HclFile, block: SyntaxBlock, module: ModuleFolder) -> bool:
    """Whether the resource of a condition is there wherever the policy of a block is."""
    instance = _INSTANCE.fullmatch(condition)
    there = module.block(f"resource.{instance[1]}") if instance else None
    count = _count(*there) if there else None
    return count is not None and (
        _count(file, block) == count or set(_counts_of_users(block, module)) == {count}
    )


def _counts_of_users(block: SyntaxBlock, module: ModuleFolder) -> Iterator[str | None]:
    """The `count` of each block that uses a data source."""
    name = ".".join((block.type, *block.labels))
    reference = re.compile(rf"\b{re.escape(name)}\b")
    for file, other in module.blocks() if block.type == "data" else ():
        is_other = other.labels != block.labels and file.has(other.syntax, name.encode())
        if is_other and reference.search(file.text(other.syntax)):
            yield _count(file, other)


def _count(file: HclFile, block: SyntaxBlock) -> str | None:
    """The expression of the `count` of a block."""
    for attribute in file.attributes(block.body):
        if attribute.name == "count":
            return " ".join(file.text(attribute.value).split())
    return None
