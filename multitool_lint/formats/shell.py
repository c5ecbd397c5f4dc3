"""Texts in commands of a shell: here-documents, quoted arguments, and JSON that is printed.

What the shell expands in them is unknown. https://pubs.opengroup.org/onlinepubs/9799919799/
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final, NamedTuple

from multitool_lint.formats import quick_tests
from multitool_lint.formats.code_blocks import CodeBlock
from multitool_lint.formats.recognize import seems_to_have_policy
from multitool_lint.syntax.decoded_text import DecodedText, Decoder
from multitool_lint.syntax.placeholders import of_sample
from multitool_lint.syntax.source import Span

IN_A_FILE: Final = "a policy in a here document"
IN_QUOTES: Final = "a policy in single quotes"
IN_AN_ARGUMENT: Final = "a policy in a command of a shell, or in what one prints"

_START = re.compile(
    r"^(?P<command>[^\n<]*+)<<(?P<tabs>-?)[ \t]*+(?P<mark>\\|['\"]|)(?P<word>\w++)['\"]?"
    r"(?P<rest>[^\r\n]*+)\r?\n"
    r"|(?:(?<=[\s=(,])|^)(?P<quote>['\"])(?=\s*+[\[{]\s*+[\\\"\[{])"
    r"|^[ \t]*+(?P<bracket>[\[{])(?=\s*+[\"{]|[ \t]*+\r?$)",
    re.MULTILINE,
)
_LINE_OF_WORD = re.compile(r"^[ \t]*+(\w++)[ \t]*+\r?$", re.MULTILINE)
_TABS = re.compile(r"^\t++", re.MULTILINE)
_FILE = re.compile(r"[\w./}-]\.(json|ya?ml|tf)\b")
_WORD = re.compile(
    r"'(?P<plain>[^']*+)'|\"(?P<expanded>(?:[^\"\\]|\\.)*+)\"|"
    r"(?P<bare>(?:\$\((?:[^()]|\([^()]*+\))*+\)|<[\w.:-]++>|\\.|[^\\\s'\"|&;()<>])++)",
    re.DOTALL,
)
GAP = r"(?:[ \t]|[\\`^]\r?\n)++"
"""What is between the words of a command, whose lines may be continued."""

_GAP = re.compile(GAP)
# Quotes that are open at the end are a group; an apostrophe in a word is not a quote.
_QUOTES = re.compile(r"\\.|'[^']*+'|\"(?:[^\"\\]|\\.)*+\"|(?<!\w)(['\"])")
_ENDS_QUOTES = re.compile(r"['\"][\s;|&)]")
# As the values of other languages than a shell's do, such as Puppet's.
_ENDS_ARGUMENT = re.compile(r",[ \t]*+(?:\r?\n|\Z)")
_UNTIL_QUOTE = {
    "'": re.compile(r"[^']*+(?=')"),
    '"': re.compile(r"(?:[^\"\\]|\\.)*+(?=\")", re.DOTALL),
}
_EXPANSION = re.compile(
    r"\\(?P<escaped>[$`\"'\\\n])"
    # Commands nest in commands, but rarely more than once.
    r"|\$\((?:[^()]|\((?:[^()]|\([^()]*+\))*+\))*+\)|`[^`]*+`"
    r"|\$\{(?!aws:)[^{}]*+\}|\$[A-Za-z_]\w*+"
)
_REPLACING = re.compile(r"\bsed\b[^\n]*+")
_REPLACED = re.compile(r"\bs([/|#,@!~:+])([A-Z_][A-Z0-9_]{2,})\1")
"""A word in capitals that a command of a script replaces in a file."""

# What the lines of a JSON text begin with.
_JSON_LINES = re.compile(
    r"(?:[ \t]*+(?:[{}\[\]\",./<*#\d\u2026-]|true|false|null|\$\{|\r?$).*+\n?)*+", re.MULTILINE
)
_BRACKET = re.compile(r"\"(?:[^\"\\]|\\.)*+(?:\"|\Z)|([\[{])|([\]}])", re.DOTALL)


class _Part(NamedTuple):
    """A text in a command: what it means, its place, and the ending of the file that it becomes."""

    text: DecodedText
    span: Span
    tag: str = ""
    unchanged: str = IN_AN_ARGUMENT


def blocks(script: DecodedText) -> Iterator[tuple[Span, CodeBlock]]:
    """The texts in a script that seem to have policies, each with its place in the script."""
    parser = _Script(script)
    at = 0
    while match := _START.search(script.text, at):
        part = parser.part(match)
        if part is None:  # what seems to begin a here-document may be in quotes
            at = match.start() + 1 if match["word"] else match.end()
            continue
        at = match.end()
        block = CodeBlock(part.text, script.span(part.span), part.tag, part.unchanged)
        accepted = _may_have_policy(block)
        if accepted:
            yield part.span, block
        if accepted or not match["word"]:  # a here-document may be a script, too
            at = max(at, part.span.end)


def _may_have_policy(block: CodeBlock) -> bool:
    text = block.text.text
    if block.format == "terraform":
        return quick_tests.may_be_terraform_policies(text)
    return block.format != "shell" and seems_to_have_policy(text)


class _Script:
    """A script, and where its here-documents may end."""

    def __init__(self, script: DecodedText) -> None:
        self._script = script
        self._text = script.text
        self._lines: dict[str, list[int]] = {}
        if "<<" in script.text:
            for line in _LINE_OF_WORD.finditer(script.text):
                self._lines.setdefault(line[1], []).append(line.start())
        commands = _REPLACING.findall(script.text)
        found = {word for command in commands for _, word in _REPLACED.findall(command)}
        replaced = "|".join(sorted(found))
        self._replaced = re.compile(rf"\b(?:{replaced})\b") if replaced else None
        self._expansion = (
            re.compile(rf"{_EXPANSION.pattern}|\b(?:{replaced})\b") if replaced else _EXPANSION
        )

    def part(self, match: re.Match[str]) -> _Part | None:
        """The text that begins at a place; None if it never ends."""
        if match["word"]:
            return self._here_document(match)
        return self._quoted(match) if match["quote"] else self._printed(match.start("bracket"))

    def _here_document(self, match: re.Match[str]) -> _Part | None:
        start, ends = match.end(), self._lines.get(match["word"], [])
        number = bisect_left(ends, start)
        name = _FILE.search(match["command"]) or _FILE.search(match["rest"])
        # Without an end, it may be another operator; JSON is found without it.
        if number == len(ends) and (not name or name[1] == "json"):
            return None
        end = ends[number] if number < len(ends) else len(self._text)
        decoder = Decoder(self._text, start, end)
        if match["tabs"]:
            decoder.sub(_TABS, lambda _: "", end)
        text = decoder.decoded(self._script.steps)
        if unknown := self._replaced if match["mark"] else self._expansion:
            decoder = Decoder(text.text, 0, len(text.text))
            replaced = _in_here_document if unknown is self._expansion else _as_placeholder
            decoder.sub(unknown, replaced, decoder.end)
            text = decoder.decoded(text.steps)
        return _Part(text, Span(start, end), name[1] if name else "", IN_A_FILE)

    def _quoted(self, match: re.Match[str]) -> _Part | None:
        """An argument, which may have several quoted parts."""
        start = end = match.start("quote")
        decoder = Decoder(self._text, start, start)
        parts: list[str] = []
        while word := _WORD.match(self._text, end):
            inner, end = word.span(str(word.lastgroup)), word.end()
            if word["bare"] and parts and _ENDS_ARGUMENT.match(self._text, word.start()):
                end = word.start()
                break
            parts.append(str(word.lastgroup))
            decoder.put("", inner[0])
            if word["plain"] is None:
                decoder.sub(_EXPANSION, _in_quotes, inner[1])
            decoder.copy(inner[1])
            decoder.put("", end)
        decoder.end = end
        unchanged = IN_QUOTES if parts == ["plain"] else IN_AN_ARGUMENT
        text = decoder.decoded(self._script.steps)
        return _Part(text, Span(start, end), "", unchanged) if parts else None

    def _printed(self, start: int) -> _Part:
        """JSON on lines of its own, to where its first bracket is closed."""
        lines = _JSON_LINES.match(self._text, start)
        end = lines.end() if lines else start + 1
        depth = 0
        for bracket in _BRACKET.finditer(self._text, start, end):
            depth += bool(bracket[1]) - bool(bracket[2])
            if depth <= 0 and bracket[2]:
                end = bracket.end()
                break
        decoder = Decoder(self._text, start, end)
        return _Part(decoder.decoded(self._script.steps), Span(start, end))


def _as_placeholder(match: re.Match[str]) -> str:
    return of_sample(match[0])


def _in_here_document(match: re.Match[str]) -> str:
    return match[0] if match["escaped"] == '"' else _in_quotes(match)


def _in_quotes(match: re.Match[str]) -> str:
    """What an escape means; of what the shell puts in, a placeholder."""
    if match["escaped"]:
        return match["escaped"].strip("\n")
    return of_sample(match[0])


def words(text: str, start: int, since: int = 0) -> Iterator[tuple[str, Span]]:
    """The words of a command from a place to its end: what each means, and its span.

    It ends before a comment, before the number of what is redirected, as in `2>&1`, and where
    quotes end that are around all of it, and begin on its line, but not before `since`.
    """
    quote, stop = _around(text, start, since)
    while gap := _GAP.match(text, start, stop):
        start = end = gap.end()
        meaning = ""
        while part := _WORD.match(text, end, stop):
            if _ENDS_QUOTES.match(part[0]) and meaning.rstrip("=") == meaning != "":
                stop = end  # those began on a line before
                break
            meaning += part["plain"] or _EXPANSION.sub(
                _in_quotes, part["expanded"] or part["bare"] or ""
            )
            end = part.end()
        if quote == '"':
            meaning = meaning.replace(quote, "")  # they are escaped
        is_redirected = meaning.isdigit() and text.startswith((">", "<"), end)
        if end == start or is_redirected or text.startswith("#", start):
            return
        yield meaning, Span(start, end)
        start = end


def word_at(text: str, start: int) -> Span:
    """The word that begins at a place; it is empty if none does."""
    end = start
    while part := _WORD.match(text, end):
        end = part.end()
    return Span(start, end)


def _around(text: str, place: int, since: int) -> tuple[str, int]:
    """The quotes that are open at a place of a line, if there are any, and where they end."""
    line = max(text.rfind(mark, since, place) for mark in "\r\n") + 1
    found = _QUOTES.finditer(text, max(line, since), place)
    quote = next(filter(None, (match[1] for match in found)), "")
    inside = _UNTIL_QUOTE[quote].match(text, place) if quote else None
    return (quote, inside.end()) if inside else ("", len(text))
