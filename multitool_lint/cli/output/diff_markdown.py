"""What access has changed, for a pull request: the verdict, a table, and the details folded."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from multitool_lint.cli.output import diff_phrases as phrases
from multitool_lint.cli.output.compared import Compared, RunOutcome, by_fear
from multitool_lint.cli.output.diff_text import TITLES
from multitool_lint.limits import MAX_DIFF_MARKDOWN_CHARACTERS, MAX_SHOWN_TERM
from multitool_lint.reporters.markdown import code
from multitool_lint.syntax.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from multitool_lint.policy.changes import Difference

_LAST, _ONE = 1_000, 4_000
"""The room for what is left out and the last lines, and for the details of a policy."""
_BAR = "\\|"
"""A bar in a table, in code as well."""


def markdown(outcome: RunOutcome, *, verbose: bool = False) -> Iterator[str]:
    """The parts; what there is no room for is counted."""
    verdict, configs = phrases.verdict(outcome, code), phrases.configs(outcome, code)
    if not (verdict or configs or outcome.accepted):
        return
    verdict = verdict or "access unchanged"
    rows = [_row(one, gained) for one in outcome.changed for gained in by_fear(one.changes.gained)]
    reasons = [
        "- {}: {}\n".format(*phrases.reason(why, places, code))
        for why, places in outcome.not_compared.items()
    ]
    details = [_details(one) for one in outcome.changed]
    same = [f"- {code(one.title)}: {one.same}\n" for one in outcome.unchanged if verbose]
    accepted = [
        f"- {phrases.accepted(here, _short)}\n"
        for here in outcome.accepted
        if here.is_new or verbose
    ]
    room = MAX_DIFF_MARKDOWN_CHARACTERS - _LAST
    for part in (
        [f"### {verdict[:1].upper()}{verdict[1:]}\n"],
        [f"\n{configs[:1].upper()}{configs[1:]}.\n"] if configs else [],
        _fitting("\n", accepted, room // 8),
        _fitting("\n| Policy | New access | Where |\n| :-- | :-- | :-- |\n", rows, room // 4),
        _fitting("\n#### Could not be compared\n\n", reasons, room // 4),
        _fitting("\n", details, room // 3),
        _fitting("\n#### Unchanged\n\n", same, room // 10),
        [f"\n{code(line)}\n" for line in outcome.advice],
    ):
        yield from part


def _fitting(head: str, items: Iterable[str], room: int) -> Iterator[str]:
    """A part of the report with as many items as there is room for."""
    listed = list(items)
    for number, item in enumerate(listed):
        room -= len(item)
        if room < 0:
            yield f"\n{len(listed) - number:,} more left out for the length.\n"
            return
        yield f"{head if not number else ''}{item}"


def _row(one: Compared, gained: Difference) -> str:
    cells = (
        _short(one.title),
        phrases.briefly(gained, _short),
        phrases.scope_text(gained, _short).strip(),
    )
    return f"| {' | '.join(cell.replace('|', _BAR) for cell in cells)} |\n"


def _short(content: str) -> str:
    return code(printable(content, MAX_SHOWN_TERM))


def _details(one: Compared) -> str:
    title = html.escape(printable(one.title, MAX_SHOWN_TERM))
    head = f"{code(str(one.old))} compared with {code(str(one.new))}{phrases.name(one, code)}:\n\n"
    lines = "".join(_fitting("", _lines(one), _ONE))
    return f"<details><summary><code>{title}</code></summary>\n\n{head}{lines}\n</details>\n"


def _lines(one: Compared) -> Iterator[str]:
    for granted in one.forbidden:
        yield f"- **{phrases.forbidden(granted, code)}**\n"
    for title, differences in zip(TITLES.values(), one.changes[:2], strict=True):
        for difference in by_fear(differences):
            yield f"- {title}{phrases.scope_text(difference, code)}\n"
            for line in phrases.details(difference, code):
                yield f"  - {line}\n"
