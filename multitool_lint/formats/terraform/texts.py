"""Files and scripts in the strings of a configuration, such as `template_body` and `user_data`."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from multitool_lint.formats import quick_tests
from multitool_lint.formats.found import FoundPolicy
from multitool_lint.formats.result import Problem, Skipped
from multitool_lint.formats.terraform.scope import ValueBudget
from multitool_lint.syntax.hcl import strings as templates
from multitool_lint.syntax.placeholders import of_expression
from multitool_lint.syntax.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tree_sitter import Node as Syntax

    from multitool_lint.formats.extract import Extractor, Found
    from multitool_lint.syntax.hcl.tree import HclFile

_WORDS = (b"Effect", b"Statement", b"AWS::", b"-permission", b"policy-statement")
"""What a text with policies has one of: a quick no to most parts of a file."""


def policies(extractor: Extractor, file: HclFile, found: Sequence[Found]) -> Iterator[Found]:
    """The policies in the strings of a file in which nothing was `found` by other ways."""
    if not file.has(file.root, *_WORDS):
        return
    from multitool_lint.formats import embedded_texts  # few files have such texts

    budget = ValueBudget()
    spans = sorted(_spans(found))
    for string in _strings(file):
        span = file.span(string)
        number = bisect_left(spans, span)
        is_read = number < len(spans) and spans[number].end <= span.end
        if is_read or any(start <= span.start and span.end <= end for start, end in spans):
            continue
        text = templates.text_of(file, string, lambda part: of_expression(file.text(part)))
        if quick_tests.may_be_text_with_policies(text.text):
            yield from embedded_texts.policies(extractor, text, span, "", budget)


def _spans(found: Iterable[Found]) -> Iterator[Span]:
    """The places of what was found."""
    for item in found:
        if isinstance(item, (FoundPolicy, Problem, Skipped)):
            yield item.span


def _strings(file: HclFile) -> Iterator[Syntax]:
    """The strings and heredocs of a file that may have policies, but for those within others."""
    waiting = [file.root]
    while waiting:
        part = waiting.pop()
        if file.has(part, *_WORDS):
            if part.type in ("string_lit", "quoted_template", "heredoc_template"):
                yield part
            else:
                waiting += reversed(part.named_children)
