"""Policies in a text that is a value of another document: a file, commands, or documentation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.formats import json, quick_tests, recognize
from multitool_lint.formats.block_reader import BlockReader
from multitool_lint.formats.code_blocks import CodeBlock
from multitool_lint.formats.extract import Candidate, Extractor
from multitool_lint.formats.found import IN_A_STRING, FoundPolicy
from multitool_lint.formats.result import Comment, Problem, Skipped, not_read
from multitool_lint.formats.terraform.scope import ValueBudget
from multitool_lint.limits import MAX_STRING_LAYERS
from multitool_lint.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from multitool_lint.formats.extract import Found
    from multitool_lint.syntax.decoded_text import DecodedText
    from multitool_lint.syntax.source import Span

_FENCE = re.compile(r"^[ \t]*+(?:```|~~~)", re.MULTILINE)


def is_expression(text: str) -> bool:
    """Whether a text is one expression of Terraform's language that makes JSON or YAML."""
    return text.lstrip().startswith("${") and text.rstrip().endswith("}") and "encode(" in text


def policies(
    extractor: Extractor,
    text: DecodedText,
    span: Span,
    name: str = "",
    budget: ValueBudget | None = None,
) -> Iterator[Found]:
    """The policies in a text, at their places in the file, where nothing is changed.

    It is read as a file of the format that it seems to have; what could not be read is listed. A
    policy that is the value of an expression has the given name.
    """
    if is_expression(text.text):
        yield from in_expression(extractor, text, span, name, budget)
        return
    if extractor.layers >= MAX_STRING_LAYERS:
        yield not_read(span, Reason.DEEP_TEMPLATE)
        return
    prose = extractor.prose or json.begins_with_sentence(text.text)
    inner = extractor._replace(layers=extractor.layers + 1, prose=prose)
    block = BlockReader(inner, CodeBlock(text, span, unchanged=IN_A_STRING))
    for item in _items(block, text):
        if isinstance(item, Problem):
            if recognize.seems_to_have_policy(text.text):
                yield not_read(item.span, Reason.BROKEN_TEXT, item.sentence)
        elif isinstance(item, Skipped):
            yield item if item.unread else None
        elif item is None or (isinstance(item, FoundPolicy) and not item.is_json):
            yield item


def _items(block: BlockReader, text: DecodedText) -> Iterable[Found | Comment]:
    from multitool_lint.formats import markdown, yaml

    if _FENCE.search(text.text):
        return block.read_as_file(text, markdown.read_source)
    if quick_tests.may_be_template(text.text):
        is_json = text.text.lstrip().startswith("{")
        return block.read_as_file(text, json.read_source if is_json else yaml.read_source)
    return block.read()


def in_expression(
    extractor: Extractor,
    text: DecodedText,
    span: Span,
    name: str = "",
    budget: ValueBudget | None = None,
) -> Iterator[Found]:
    """The policies in a text of Terraform's language, as of a template of it."""
    from multitool_lint.formats.terraform.cases import ReadDocument, as_read
    from multitool_lint.formats.terraform.expression_texts import NoScope, documents
    from multitool_lint.formats.terraform.search import finished

    found = list(
        documents(
            text, extractor.source.path, span, NoScope(budget or ValueBudget()), certain=False
        )
    )
    if not found:
        yield not_read(span, Reason.UNREAD_POLICY_EXPRESSION)
    for item in found:
        if isinstance(item, ReadDocument):
            candidate = Candidate(finished(item.root), span, name or None, fixed=(span,))
            yield as_read(extractor.extract(candidate._replace(unchanged=IN_A_STRING)), item)
        else:
            yield item
