"""What a finding says about values that another value of their list covers."""

from __future__ import annotations

from collections.abc import Sequence

from multitool_lint.diagnostics.finding import enumerate_briefly, quoted
from multitool_lint.diagnostics.fixes import count
from multitool_lint.limits import MAX_SHOWN_VALUE
from multitool_lint.syntax.tree import Node


def covering(
    text: str, covered: Sequence[Node], noun: str, owner: str
) -> tuple[str, tuple[str, ...]]:
    """The title, and the note that lists the covered values unless the title names them."""
    names = list(dict.fromkeys(str(node.value) for node in covered))
    if names == [text]:
        return f"{quoted(text)} appears {len(covered) + 1:,} times in this {owner}", ()
    if len(covered) == 1 and len(text) + len(names[0]) <= MAX_SHOWN_VALUE:
        return f'"{text}" makes "{names[0]}" redundant', ()
    listed = f"redundant: {enumerate_briefly(list(map(quoted, names)))}"
    return f"{quoted(text)} makes {count(len(covered), noun)} redundant", (listed,)
