"""Blocks of code in AsciiDoc.

https://docs.asciidoctor.org/asciidoc/latest/verbatim/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from multitool_lint.formats.code_blocks import CodeBlock, lines_of, of_lines
from multitool_lint.formats.names import Around

_ATTRIBUTES = re.compile(r"\[(?:source|listing)?[%#.\w]*\s*,\s*(?P<tag>[\w+-]+)[^\]]*\]\s*$")
_DELIMITER = re.compile(r"(?P<mark>-{4,}|\.{4,}|`{3,}|--)(?P<tag>(?<=`)[\w+-]+)?\s*$")
_TITLE = re.compile(r"\.[^.\s]|\[|\s*$")
_HEADING = re.compile(r"(={1,6}) +(\S.*)")
# A number that the text below refers to, and an attribute that puts nothing into code.
_REMARK = re.compile(r"<(?:\d{1,3}|\.)>$|(?<=[,\[{])\{[\w-]{1,90}\}$")
_REMARK_CHARACTERS = 99


def blocks(text: str) -> Iterator[CodeBlock]:
    """The delimited blocks of a text, and paragraphs that are said to be code."""
    lines = lines_of(text)
    tag, at = "", 0
    around = Around()
    goes_on = False  # a paragraph of several lines
    while at < len(lines):
        line = text[slice(*lines[at])]
        attributes, delimiter = _ATTRIBUTES.match(line), _DELIMITER.match(line)
        if attributes:
            tag = attributes["tag"].lower()
        elif delimiter and (delimiter["mark"] != "--" or tag):
            end = at + 1
            while end < len(lines) and text[slice(*lines[end])].rstrip() != delimiter["mark"]:
                end += 1
            word = (delimiter["tag"] or tag).lower()
            block = of_lines(text, lines[at + 1 : end], word, _without_remarks)
            yield block._replace(around=around)
            tag, at = "", end
        elif tag and not _TITLE.match(line):
            end = at
            while end < len(lines) and text[slice(*lines[end])].strip():
                end += 1
            yield of_lines(text, lines[at:end], tag, _without_remarks)._replace(around=around)
            tag, at = "", end
        elif heading := _HEADING.match(line):
            around = around.below(heading[2], len(heading[1]))
        elif line.strip() and not line.startswith("["):
            around = around.going_on(line) if goes_on else around.below(line)
            goes_on, at = True, at + 1
            continue
        goes_on, at = False, at + 1


def _without_remarks(line: str) -> str:
    """The code of a line, without what is for the reader of the page."""
    code = line.rstrip()
    while remark := _REMARK.search(code, max(0, len(code) - _REMARK_CHARACTERS)):
        code = code[: remark.start()].rstrip().removesuffix("//").removesuffix("#").rstrip()
    return code if len(code) < len(line.rstrip()) else line
