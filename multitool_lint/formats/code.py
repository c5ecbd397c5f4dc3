"""Policies in documentation and scripts: each block of code is read as a file of its format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multitool_lint.formats import block_comments, endings, quick_tests
from multitool_lint.formats.block_reader import BlockReader
from multitool_lint.formats.code_blocks import CodeBlock, seems_to_have_policy
from multitool_lint.formats.normalized import Embedded, NormalizedPolicy
from multitool_lint.formats.other_files import PROGRAM_ENDINGS
from multitool_lint.formats.recognize import MARKDOWN_ENDINGS
from multitool_lint.formats.result import Comment, ReadResult, collect, not_policy, not_read
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy.document import Policy
from multitool_lint.policy.visibility import Visibility
from multitool_lint.reasons import Reason
from multitool_lint.syntax.decoded_text import DecodedText, Step
from multitool_lint.syntax.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from multitool_lint.formats.extract import Extractor, Found
    from multitool_lint.syntax.source import Source


_OF_WEBSITE: Final = lazy_pattern(
    r"(?i)\bweb ?site hosting\b|\bstatic[ -](?:web[ -]?)?sites?\b"
    r"|\bhost(?:s|ed|ing)?\b[^.\n]{0,40}\bweb ?sites?\b"
)
"""What a page says of a bucket that is a website: its objects are for everyone."""


def read_blocks(
    extractor: Extractor, blocks: Iterable[CodeBlock], format: str, comments: Iterable[Comment] = ()
) -> ReadResult:
    """Read the policies of blocks; those without a name are numbered if there are several."""
    found: list[Policy | Found] = []
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
        script = CodeBlock(DecodedText(text, (Step([0], [0]),)), whole, "sh")
        return read_blocks(extractor, [script], format_)
    if format_ == "AsciiDoc":
        from multitool_lint.formats.asciidoc import blocks

        syntax = block_comments.ASCIIDOC
    else:
        from multitool_lint.formats.restructured_text import blocks

        syntax = block_comments.RESTRUCTURED_TEXT
    found = list(blocks(text))
    comments = block_comments.comments(text, whole, [block.whole for block in found], syntax)
    return read_blocks(extractor._replace(prose=True), found, format_, comments)


def block_spans(source: Source) -> list[Span]:
    """The spans of the blocks of code of a page; none of any other file."""
    path = endings.format_name(source.path)
    found: Iterable[CodeBlock] = ()
    if path.endswith(endings.ASCIIDOC_ENDINGS):
        from multitool_lint.formats import asciidoc

        found = asciidoc.blocks(source.text)
    elif path.endswith(endings.RST_ENDINGS):
        from multitool_lint.formats import restructured_text

        found = restructured_text.blocks(source.text)
    elif path.endswith(MARKDOWN_ENDINGS):
        from multitool_lint.formats import markdown

        found = markdown.code_blocks(source.text)[0]
    return [block.whole for block in found]


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


def _numbered(found: list[Policy | Found]) -> Iterator[Policy | Found]:
    several = sum(policy is not None and policy.name is None for policy in map(_policy, found)) > 1
    number = 0
    for item in found:
        policy = _policy(item)
        if not several or policy is None or policy.name is not None:
            yield item
            continue
        number += 1
        name = f"policy {number}"
        policy = policy.with_root(policy.root, name=name)
        yield item._replace(policy=policy) if isinstance(item, _IN_A_FILE) else policy


_IN_A_FILE = (Embedded, NormalizedPolicy)


def _policy(item: Policy | Found) -> Policy | None:
    if isinstance(item, Policy):
        return item
    return item.policy if isinstance(item, _IN_A_FILE) else None
