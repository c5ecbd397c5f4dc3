"""Policies in JSON Lines: each line is a document.

https://jsonlines.org
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from multitool_lint.formats import quick_tests, recognize
from multitool_lint.formats.block_reader import BlockReader
from multitool_lint.formats.code_blocks import lines_of, of_lines
from multitool_lint.formats.nested import Search
from multitool_lint.formats.result import Comment, ReadResult, collect, not_policy, not_read
from multitool_lint.reasons import Reason
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.formats.extract import Extractor, Found

FORMAT = "JSON Lines"


def read_source(extractor: Extractor) -> ReadResult:
    """Read the policies of all lines, each named by its line and the keys that lead to it."""
    text = extractor.source.text
    otherwise = not_policy(Span(0, len(text)), Reason.NO_STATEMENT)
    return collect(_found(extractor), FORMAT, otherwise=otherwise)


def _found(extractor: Extractor) -> Iterator[Found]:
    text = extractor.source.text
    for number, line in enumerate(lines_of(text), 1):
        if quick_tests.may_be_json_policies(text[slice(*line)]):
            block = of_lines(text, [line], "")
            read = partial(_read_line, name=f"line {number}")
            for item in BlockReader(extractor, block).read_as_file(block.text, read):
                if not isinstance(item, Comment):
                    yield item


def _read_line(extractor: Extractor, name: str) -> ReadResult:
    text = extractor.source.text
    try:
        root = fast.read(text, literal=True)
    except MistakeError as mistake:
        is_policy = recognize.seems_to_have_policy(text)
        broken = not_read(mistake.span, Reason.BROKEN_DOCUMENT, str(mistake))
        return collect([broken if is_policy else None], FORMAT)
    return collect(Search(extractor).policies(root, name), FORMAT)
