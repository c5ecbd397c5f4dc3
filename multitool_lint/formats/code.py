"""Policies in documentation and scripts: each block of code is read as a file of its format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multitool_lint.formats import block_comments, endings, quick_tests
from multitool_lint.formats.block_reader import BlockReader
from multitool_lint.formats.code_blocks import CodeBlock, seems_to_have_policy
from multitool_lint.formats.found import FoundPolicy
from multitool_lint.formats.other_files import PROGRAM_ENDINGS
from multitool_lint.formats.recognize import MARKDOWN_ENDINGS
from multitool_lint.formats.result import Comment, ReadResult, collect, not_policy, not_read
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy.visibility import Visibility
from multitool_lint.reasons import Reason
from multitool_lint.syntax.decoded_text import DecodedText, DecodingStep
from multitool_lint.syntax.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from multitool_lint.formats.extract import Extractor, Found


_OF_WEBSITE: Final = lazy_pattern(
    r"(?i)\bweb ?site hosting\b|\bstatic[ -](?:web[ -]?)?sites?\b"
    r"|\bhost(?:s|ed|ing)?\b[^.\n]{0,40}\bweb ?sites?\b"
)
"""What a page says of a bucket that is a website: its objects are for everyone."""


def read_blocks(
    extractor: Extractor, blocks: Iterable[CodeBlock], format: str, comments: Iterable[Comment] = ()
) -> ReadResult:
    """Read the policies of blocks; those without a name are numbered if there are several."""
    found: list[Found] = []
    inner: list[Comment] = []
    if extractor.prose and _OF_WEBSITE.search(extractor.source.text):
        default = extractor.default._replace(visibility=Visibility.PUBLIC)
        extractor = extractor._replace(default=default)
    for block in blocks:
        for item in BlockReader(extractor._replace(around=block.around), block).read():
            if isinstance(item, Comment):
                inner.append(item)
            else:
                found.append(item)
    whole = Span(0, len(extractor.source.text))
    return collect(
        _numbered(found),
        format,
        otherwise=not_policy(whole, Reason.NO_CODE_BLOCK),
        comments=(*comments, *inner),
    )


def read_page(
    extractor: Extractor, blocks: Iterable[CodeBlock], format: str, comments: Iterable[Comment]
) -> ReadResult:
    """Read the policies of the blocks of a page of documentation."""
    found = read_blocks(extractor._replace(prose=True), blocks, format, comments)
    return found._replace(policies=tuple([e._replace(in_page=True) for e in found.policies]))


def read_source(extractor: Extractor) -> ReadResult:
    """Read the policies of a script, or of documentation that is not Markdown."""
    source = extractor.source
    path, text = endings.format_name(source.path), source.text
    whole = Span(0, len(text))
    if path.endswith(endings.ASCIIDOC_ENDINGS):
        format_ = "AsciiDoc"
    elif path.endswith(endings.RST_ENDINGS):
        format_ = "reStructuredText"
    elif path.endswith(endings.SNAPSHOT_ENDINGS):
        format_ = "Snapshot"
    elif path.endswith(PROGRAM_ENDINGS):
        format_ = "Program"
    else:
        format_ = "Shell"
    if not quick_tests.may_be_code_with_policies(text):
        return collect([not_policy(whole, Reason.NO_CODE_BLOCK)], format_)
    if format_ in ("Program", "Snapshot"):
        return collect(
            _of_program(extractor), format_, otherwise=not_policy(whole, Reason.NO_CODE_BLOCK)
        )
    if format_ == "Shell":
        script = CodeBlock(DecodedText(text, (DecodingStep([0], [0]),)), whole, "sh")
        return read_blocks(extractor, [script], format_)
    is_asciidoc = format_ == "AsciiDoc"
    syntax = block_comments.ASCIIDOC if is_asciidoc else block_comments.RESTRUCTURED_TEXT
    found = list(blocks_of_page(source))
    comments = block_comments.comments(text, whole, [block.whole for block in found], syntax)
    return read_page(extractor, found, format_, comments)


def blocks_of_page(source: Source) -> Iterable[CodeBlock]:
    """The blocks of code of a page of documentation; none of any other file."""
    path = endings.format_name(source.path)
    if path.endswith(endings.ASCIIDOC_ENDINGS):
        from multitool_lint.formats import asciidoc

        return asciidoc.blocks(source.text)
    if path.endswith(endings.RST_ENDINGS):
        from multitool_lint.formats import restructured_text

        return restructured_text.blocks(source.text)
    if path.endswith(MARKDOWN_ENDINGS):
        from multitool_lint.formats import markdown

        return markdown.code_blocks(source.text)[0]
    return ()


def _of_program(extractor: Extractor) -> Iterator[Found]:
    """The policies in the values of a snapshot; one in any other program is not read."""
    from multitool_lint.formats import embedded_texts, snapshots

    text = extractor.source.text
    found = [
        item
        for value, span in snapshots.values(text)
        for item in embedded_texts.policies(extractor, value, span)
    ]
    yield from found
    if not any(found) and seems_to_have_policy(text):
        yield not_read(Span(0, len(text)), Reason.CODE)


def _numbered(found: list[Found]) -> Iterator[Found]:
    several = sum(isinstance(item, FoundPolicy) and item.policy.name is None for item in found) > 1
    number = 0
    for item in found:
        if several and isinstance(item, FoundPolicy) and item.policy.name is None:
            number += 1
            policy = item.policy.with_root(item.policy.root, name=f"policy {number}")
            yield item._replace(policy=policy)
        else:
            yield item
