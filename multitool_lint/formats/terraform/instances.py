"""What `each` and `count` are in the instances of a block.

https://developer.hashicorp.com/terraform/language/meta-arguments/for_each
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

from multitool_lint.formats.terraform.evaluate import Expressions
from multitool_lint.limits import MAX_READ_INSTANCES
from multitool_lint.syntax.choices import cases
from multitool_lint.syntax.terms import Unknown, Value
from multitool_lint.values.collections import items_of_set

if TYPE_CHECKING:
    from multitool_lint.formats.terraform.module import ModuleFolder
    from multitool_lint.syntax.hcl.tree import HclFile, SyntaxBlock

_MADE = frozenset({"data", "resource"})
_WORDS = (b"each.", b"count.")

Names = Mapping[str, Value]


def names_in(file: HclFile, module: ModuleFolder, block: SyntaxBlock) -> Iterator[Names]:
    """The values of names in each instance of a block, of which most have the same policies.

    Raises:
        UnreadableError: it takes too much work.
    """
    if block.type not in _MADE or not file.has(block.syntax, *_WORDS):
        yield {}
        return
    reader = Expressions(file, module)
    found: list[Names] = []
    for attribute in file.attributes(block.body):
        if attribute.name in ("count", "for_each"):
            for _, over in cases(reader.evaluate(attribute.value)):
                made = _counted(over) if attribute.name == "count" else _for_each(over)
                found += islice(made, MAX_READ_INSTANCES - len(found))
    yield from found or [{}]


def _for_each(over: Value) -> Iterator[Names]:
    for key, item, _ in items_of_set(over):
        yield {"each": {"key": key, "value": item}}


def _counted(number: Value) -> Iterator[Names]:
    is_known = isinstance(number, int) and not isinstance(number, bool)
    for index in range(number) if is_known else [Unknown("count.index", number)]:  # type: ignore[call-overload]
        yield {"count": {"index": index}}
