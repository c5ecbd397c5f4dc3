"""Blocks of code in reStructuredText.

https://docutils.sourceforge.io/docs/ref/rst/restructuredtext.html#literal-blocks
https://www.sphinx-doc.org/en/master/usage/restructuredtext/directives.html#directive-code-block
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from multitool_lint.formats.code_blocks import CodeBlock, lines_of, of_lines
from multitool_lint.formats.names import Around

_DIRECTIVE = re.compile(r"\s*\.\. (?:code-block|sourcecode|code|parsed-literal)::\s*([\w+-]*)\s*$")
_LITERAL = re.compile(r"(?!\s*\.\.\s).*::\s*$")
_LINE = re.compile(r"([=\-`:'\"~^_*+#<>.])\1{2,}\s*")
"""What is below a heading."""
_OPTION = re.compile(r"\s*:[\w-]+:")


def blocks(text: str) -> Iterator[CodeBlock]:
    """The code blocks of a text, and its literal blocks."""
    lines = lines_of(text)
    at = 0
    around = Around()
    levels: dict[str, int] = {}
    goes_on = False  # a paragraph of several lines
    while at < len(lines):
        line = text[slice(*lines[at])]
        at += 1
        goes_on = goes_on and bool(line.strip())
        if _LINE.fullmatch(line) and at > 1 and (title := text[slice(*lines[at - 2])].strip()):
            around = around.below(title, levels.setdefault(line[0], len(levels) + 1))
            goes_on = False
        elif line.strip() and not line.lstrip().startswith(".. "):
            around = around.going_on(line) if goes_on else around.below(line)
            goes_on = True
        directive = _DIRECTIVE.match(line)
        if not (directive or _LITERAL.match(line)):
            continue
        while directive and at < len(lines) and _OPTION.match(text[slice(*lines[at])]):
            at += 1
        start, goes_on = at, False
        while at < len(lines) and _is_within(text[slice(*lines[at])], _indent(line)):
            at += 1
        tag = directive[1].lower() if directive else ""
        yield of_lines(text, lines[start:at], tag)._replace(around=around)


def _is_within(line: str, indent: int) -> bool:
    return not line.strip() or _indent(line) > indent


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
