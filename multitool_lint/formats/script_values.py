"""What words of a script come to: what its variables are given, at the places of the values.

https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.formats.script_assignments import is_comment
from multitool_lint.formats.shell import word_at
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.limits import MAX_SCRIPT_WORDS, MAX_VARIABLE_DEPTH
from multitool_lint.syntax.source import Span

if TYPE_CHECKING:
    import re

_GIVEN = lazy_pattern(
    r"(?<![\w.$/-])(?:(?P<name>[A-Za-z_]\w*+)=(?P<array>\([ \t\r\n]*+)?"
    r"|for[ \t]++(?P<each>[A-Za-z_]\w*+)[ \t]++in[ \t]++)"
)
_BETWEEN = lazy_pattern(r"(?:[ \t]|\\\r?\n)*+")
_BETWEEN_ITEMS = lazy_pattern(r"(?:\s|\\\r?\n|#[^\n]*+)*+")
_VARIABLE = lazy_pattern(r"\$(?:(?P<bare>\w+)|\{(?P<braced>\w+)(?:\[[@*]\])?\})")
_WHOLE = lazy_pattern(r"\"(?P<expanded>[^\"]*+)\"|'(?P<plain>[^']*+)'|(?P<bare>[^\"']*+)")
_LOOKED_UP = lazy_pattern(
    r"[\"']?(?:\$\(|`)[ \t]*+aws\b[^\n]{0,80}?[ \t]iam[ \t]++list-policies\b"
    r"(?:[^\n\\]|\\\r?\n|\\.){0,300}?\bPolicyName[ \t]*+==[ \t]*+[\\`'\"]++(?P<name>[\w+=,.@-]++)"
)
"""A command that prints the ARN of the policy of a name."""


class ScriptValue(NamedTuple):
    """A text that a word comes to, and the place of what decides it.

    If it is `looked_up`, it is the name of a policy of which the script asks AWS the ARN.
    """

    text: str
    span: Span
    looked_up: bool = False


class _Given(NamedTuple):
    """What gives a variable one of some values: its place, and those of the words."""

    start: int
    words: tuple[Span, ...]
    always: bool


class ScriptValues:
    """The values that a script gives to its variables."""

    def __init__(self, script: str) -> None:
        self._script = script
        self._left = 0
        self._given: dict[str, list[_Given]] = {}
        for match in _GIVEN.finditer(script):
            if not is_comment(script, match.start()):
                given = _Given(
                    match.start(), tuple(_words(script, match)), _is_alone(script, match)
                )
                self._given.setdefault(match["name"] or match["each"], []).append(given)
        self._looked_up = {
            match.start(): ScriptValue(match["name"], Span(*match.span("name")), looked_up=True)
            for match in _LOOKED_UP.finditer(script)
        }

    def of(self, word: Span) -> Iterator[ScriptValue]:
        """What a word of a command comes to, as far as that is written in the script."""
        self._left = MAX_SCRIPT_WORDS
        yield from dict.fromkeys(self._of(word, MAX_VARIABLE_DEPTH))

    def _of(self, word: Span, depth: int) -> Iterator[ScriptValue]:
        if word.start in self._looked_up:
            yield self._looked_up[word.start]
            return
        whole = _WHOLE.fullmatch(self._script, *word)
        self._left -= 1
        if whole is None or not depth or self._left < 0:
            return
        kind = str(whole.lastgroup)
        text, span = whole[kind], Span(*whole.span(kind))
        variable = None if kind == "plain" else _VARIABLE.search(text)
        if variable is None:
            yield ScriptValue(text, span)
            return
        before, after = text[: variable.start()], text[variable.end() :]
        for inner in self._before(variable["bare"] or variable["braced"], word.start):
            for value in self._of(inner, depth - 1):
                if not value.looked_up:
                    yield value._replace(text=f"{before}{value.text}{after}")
                elif not (before or after):
                    yield value

    def _before(self, name: str, place: int) -> Iterator[Span]:
        """The words that a variable may be at a place."""
        for given in reversed(self._given.get(name, ())):
            if given.start < place:
                yield from given.words
                if given.always:
                    return


def _words(script: str, match: re.Match[str]) -> Iterator[Span]:
    """The words after a sign that gives them to a variable."""
    is_array = match["array"] is not None
    between = _BETWEEN_ITEMS if is_array else _BETWEEN
    at = match.end()
    while (word := word_at(script, at)).end > at:
        yield word
        gap = between.match(script, word.end)
        at = gap.end() if gap else word.end
        if at == word.end or not (is_array or match["each"]):
            return


def _is_alone(script: str, match: re.Match[str]) -> bool:
    """Whether nothing decides if the variable is given this: it begins a line, or is of a loop."""
    line = script[script.rfind("\n", 0, match.start()) + 1 : match.start()]
    return match["each"] is not None or line in ("", "export ", "readonly ")


@lru_cache(maxsize=2)
def values_of(script: str) -> ScriptValues:
    """What gives values to the variables of a script."""
    return ScriptValues(script)
