"""Statements taken apart into several, each as the author would have written it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from multitool_lint.policy.document import Policy, Statement
from multitool_lint.syntax.patch.json import LINE_BREAK, as_text, rewrite_items
from multitool_lint.syntax.source import Edit, Source, Span, apply_edits
from multitool_lint.syntax.tree import Array, Node, Object

_ENDS_LINE = re.compile(r"(?:\r\n|\n|\r)\Z")
_NOT_IN_SID = re.compile(r"[^A-Za-z0-9]+")


class StatementPart(NamedTuple):
    """A statement that another one becomes, or becomes among others, and what is different in it.

    `items` are the actions that it keeps, in order, each with what comes in its place; None: it
    stays. `resources` come in the place of the resources, `condition` are edits of the condition.
    `name` is what is added to the Sid of the other, of which the first part keeps its own.
    """

    name: str
    items: Mapping[Node, Sequence[str] | None]
    resources: Sequence[str] | None = None
    condition: Sequence[Edit] = ()


def take_apart(
    source: Source,
    policy: Policy,
    statement: Statement,
    parts: Sequence[StatementPart],
    sids: set[str],
) -> tuple[Edit, ...]:
    """Put parts in the place of a statement; `sids` are those there are, and take up new ones."""
    start, end = statement.node.span
    first, *others = parts
    texts = []
    for part in others:
        edits = [*_copied(source, statement, part), *_renamed(statement, part.name, sids)]
        moved = tuple(edit.moved(-start) for edit in edits)
        texts.append(apply_edits(source.text[start:end], moved))
    kept = _left(source, statement, first)
    if not texts:
        return tuple(kept)
    separator = _between(source, policy, statement)
    behind = "".join(separator + text for text in texts)
    element = policy.element("Statement")
    if element and not isinstance(element.value.value, Array):
        return (Edit(Span(start, start), "["), *kept, Edit(Span(end, end), f"{behind}]"))
    return (*kept, Edit(Span(end, end), behind))


def _left(source: Source, statement: Statement, part: StatementPart) -> list[Edit]:
    """What makes a statement the first of its parts, as little as it takes."""
    edits = [*part.condition, *_on(source, statement, part.resources)]
    new = {
        node: kept for node in statement.actions if (kept := part.items.get(node, ())) is not None
    }
    if statement.action and new:
        edits += rewrite_items(source, statement.action.value, new)
    return edits


def _copied(source: Source, statement: Statement, part: StatementPart) -> list[Edit]:
    """What makes a copy of a statement another of its parts."""
    edits = [*part.condition, *_on(source, statement, part.resources)]
    if statement.action is None:
        return edits
    text, value = source.text, statement.action.value
    if not isinstance(value.value, Array):
        names = part.items.get(value)
        return edits if names is None else [*edits, *rewrite_items(source, value, {value: names})]
    first, last = statement.actions[0].span, statement.actions[-1].span
    lead, close = text[value.span.start + 1 : first.start], text[last.end : value.span.end - 1]
    gap = f",{lead}" if LINE_BREAK.search(lead) else ", "
    if len(statement.actions) > 1:
        gap = text[first.end : statement.actions[1].span.start]
    items: list[str] = []
    for node, names in part.items.items():
        items += [text[slice(*node.span)]] if names is None else map(as_text, names)
    return [*edits, Edit(value.span, f"[{lead}{gap.join(items)}{close}]")]


def _on(source: Source, statement: Statement, resources: Sequence[str] | None) -> tuple[Edit, ...]:
    if statement.resource is None or resources is None:
        return ()
    first, *rest = statement.resources
    new = {first: resources, **dict.fromkeys(rest, ())}
    return rewrite_items(source, statement.resource.value, new)


def sids_of(policy: Policy) -> set[str]:
    """The Sids of a policy."""
    sids = (statement.sid.string for statement in policy.statements if statement.sid)
    return {sid for sid in sids if sid is not None}


def _renamed(statement: Statement, name: str, sids: set[str]) -> Iterable[Edit]:
    """The edit of the Sid; a statement without one gets none."""
    if statement.sid is None or statement.sid.string is None:
        return
    base = statement.sid.string + _NOT_IN_SID.sub("", name)
    sid, number = base, 2
    while sid in sids:
        sid, number = f"{base}{number}", number + 1
    sids.add(sid)
    yield Edit(statement.sid.span, as_text(sid))


def _between(source: Source, policy: Policy, statement: Statement) -> str:
    """What the author has between statements; of a single one, what leads to it."""
    places = [statement.node.span for statement in policy.statements]
    for previous, other in pairwise(places):
        gap = source.text[previous.end : other.start]
        if not gap.strip(", \t\r\n>"):
            return gap
    start = statement.node.span.start
    lead_in = source.text[:start]
    blank = lead_in[len(lead_in.rstrip(" \t>")) :]
    line_break = _ENDS_LINE.search(lead_in[: len(lead_in) - len(blank)][-2:])
    if line_break:
        return f",{line_break[0]}{blank}"
    if "\n" not in source.text[start : statement.node.span.end]:
        return ", " if ": " in source.text[start : statement.node.span.end] else ","
    # `"Statement": [{`, with the members below: the next one begins after the comma.
    return ", "


def append_member(source: Source, node: Node, key: str, value: object) -> tuple[Edit, ...]:
    """Add a member to an object, after the others, in their style.

    The value is made of dicts, lists of strings and strings. An object without members stays on one
    line.
    """
    members = node.value if isinstance(node.value, Object) else Object()
    start, end = node.span
    if not members:
        return (Edit(node.span, f"{{{as_text(key)}: {_written(value, '', '', ': ')}}}"),)
    text = source.text
    lead = text[start + 1 : members[0].key_span.start]
    close = text[members[-1].value.span.end : end - 1]
    colon = text[members[-1].key_span.end : members[-1].value.span.start]
    if not LINE_BREAK.search(lead):
        gap = "," if colon == ":" else ", "
        written = f"{gap}{as_text(key)}{colon}{_written(value, '', '', colon)}"
    else:
        inner, outer = _last_line(lead), _last_line(close)
        unit = inner[len(outer) :] if inner.startswith(outer) and inner != outer else "  "
        written = f",{inner}{as_text(key)}{colon}{_written(value, inner, unit, colon)}"
    place = members[-1].value.span.end
    return (Edit(Span(place, place), written),)


def _last_line(blank: str) -> str:
    """The last line break of a text between values, and the indent after it."""
    breaks = list(LINE_BREAK.finditer(blank))
    return blank[breaks[-1].start() :] if breaks else ""


def _written(value: object, lead: str, unit: str, colon: str) -> str:
    if isinstance(value, str):
        return as_text(value)
    separator = "," if colon == ":" else ", "
    if not isinstance(value, dict):
        items = [as_text(item) for item in value] if isinstance(value, (list, tuple)) else []
        return items[0] if len(items) == 1 else f"[{separator.join(items)}]"
    inner = lead + unit
    members = [
        f"{as_text(key)}{colon}{_written(item, inner, unit, colon)}" for key, item in value.items()
    ]
    if not lead:
        return f"{{{separator.join(members)}}}"
    return f"{{{inner}{f',{inner}'.join(members)}{lead}}}"
