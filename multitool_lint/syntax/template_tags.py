"""Tags of template engines that decide which parts of a text are there: `%{ if x }`, `{% for %}`.

What remains in a case keeps its place: tags and the parts that are not there become white space.

https://developer.hashicorp.com/terraform/language/expressions/strings#directives
https://jinja.palletsprojects.com/en/stable/templates/#list-of-control-structures
https://docs.ruby-lang.org/en/master/ERB.html
https://pkg.go.dev/text/template#hdr-Actions
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from multitool_lint.limits import MAX_TEMPLATE_TAGS
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tag_kinds import CLOSERS, TRIM, blank, tag_end, tag_kind
from multitool_lint.syntax.template_cases import is_possible

OPENERS = r"(?<!%)%\{|\{%|\{#|<%|\{\{|\$\{"
OF_TERRAFORM = r"(?<!%)%\{"
_OPERAND = r"""(?:"[^"]*"|'[^']*'|[\w.\[\]()-])+"""
_NEGATION = re.compile(rf"(?:!|not\s+)\s*({_OPERAND})")
_COMPARISON = re.compile(
    rf"(?P<left>{_OPERAND})\s*(?P<operator>==|!=)\s*(?P<right>{_OPERAND})"
    rf"|(?P<function>eq|ne)\s+(?P<first>{_OPERAND})\s+(?P<second>{_OPERAND})"
)
_BEFORE, _BEHIND = re.compile(r"(?:[\w/.*-]|(?<=\w):)\Z"), re.compile(r"[\w/.*:-]")
"""What a value has next to a tag within it."""
_COMMA = re.compile(r"\s*,\s*")


class TemplateCase(NamedTuple):
    """A text without its tags in one case of the conditions that decide what of it is there."""

    text: str
    conditions: Mapping[str, bool]


class _Branch(NamedTuple):
    """A part that is there if conditions are as they are given."""

    conditions: Sequence[tuple[str, bool]]
    span: Span


class _Open:
    """A construct that is not ended yet: where its branch begins, and with which conditions."""

    def __init__(self, tag: Span, condition: tuple[str, bool] | None, *, within_text: bool) -> None:
        self.tag = tag
        self.within_text = within_text
        self.start = tag.end
        self.before: list[tuple[str, bool]] = []
        self.condition = condition

    def branch(self, end: int) -> _Branch:
        """The branch that ends here."""
        own = [self.condition] if self.condition else []
        return _Branch((*self.before, *own), Span(self.start, end))

    def go_on(self, start: int, condition: tuple[str, bool] | None) -> None:
        """Begin the next branch, which is there if those before it are not."""
        if self.condition:
            self.before.append((self.condition[0], not self.condition[1]))
        self.start, self.condition = start, condition


class TaggedTemplate:
    """The tags and branches of a text.

    Raises:
        ValueError: a tag is not known or not closed, or there are too many.
    """

    def __init__(self, text: str, openers: str = OPENERS) -> None:
        self._text = text
        self._tags: list[Span] = []
        self._outputs: list[Span] = []
        self._included: list[Span] = []
        self._branches: list[_Branch] = []
        self._open: list[_Open] = []
        self._loops: dict[str, bool] = {}
        self._line = ""
        at = 0
        pattern = re.compile(openers)
        while opener := pattern.search(text, at):
            before = text[at : opener.start()]
            self._line = (self._line if "\n" not in before else "") + before.rpartition("\n")[2]
            at = tag_end(text, opener[0], opener.start())
            self._add(opener[0], Span(opener.start(), at))
            if len(self._tags) > MAX_TEMPLATE_TAGS:
                raise ValueError("too many tags")
        if self._open:
            raise ValueError("a tag is not ended")
        # What is around others decides whether they are there at all.
        self._branches.sort(key=lambda branch: branch.span.start)

    def cases(self) -> Iterator[TemplateCase]:
        """The text in each case of its conditions; none if that is as it is written."""
        assumed = self._loops | self._of_items()
        is_other = bool(self._tags) or self._rendered({}) != self._text
        waiting = [assumed] if is_other else []
        while waiting:
            known = waiting.pop()
            name = next(self._undecided(known), None)
            if name is None:
                decided = {key: value for key, value in known.items() if key not in assumed}
                yield TemplateCase(self._rendered(known), decided)
                continue
            for value in (False, True):
                case = {**known, name: value}
                if is_possible(case):
                    waiting.append(case)

    def whole(self) -> str:
        """The text with all of its branches."""
        return self._rendered({})

    def around(self, start: int, end: int) -> Iterator[tuple[str, bool]]:
        """The conditions of the branches that all of a part is in, and how they have to be."""
        for branch in self._branches:
            if branch.span.start <= start and end <= branch.span.end:
                yield from branch.conditions

    def _of_items(self) -> dict[str, bool]:
        """The conditions on which loops have items at all, as they hold of these items."""
        loops = [part.span for part in self._branches if part.conditions[-1][0] in self._loops]
        found: dict[str, bool] = {}
        others: set[str] = set()
        for branch in self._branches if loops else ():
            start, end = branch.span
            around = [loop for loop in loops if loop.start < start and end < loop.end]
            (name, wanted), *more = branch.conditions
            is_item = around and not more and self._is_rest_blank(around[-1], branch.span)
            if not is_item or found.setdefault(name, wanted) is not wanted:
                others.update(name for name, _ in branch.conditions)
        return {name: wanted for name, wanted in found.items() if name not in others}

    def _is_rest_blank(self, whole: Span, part: Span) -> bool:
        """Whether there is nothing but tags next to a part of a loop."""
        at = whole.start
        for start, end in sorted([*self._tags, part, Span(whole.end, whole.end)]):
            if at < start <= whole.end and self._text[at:start].strip():
                return False
            at = max(at, end) if start <= whole.end else at
        return True

    def _undecided(self, known: Mapping[str, bool]) -> Iterator[str]:
        """The conditions that decide about parts of the text, and are not known."""
        absent = [branch.span for branch in self._absent(known)]
        for branch in self._branches:
            start, end = branch.span
            if self._is_separator(branch) or any(s <= start and end <= e for s, e in absent):
                continue
            yield from (name for name, _ in branch.conditions if name not in known)

    def _absent(self, known: Mapping[str, bool]) -> list[_Branch]:
        return [
            branch
            for branch in self._branches
            if any(known.get(name, wanted) is not wanted for name, wanted in branch.conditions)
            and not self._is_separator(branch)
        ]

    def _is_separator(self, branch: _Branch) -> bool:
        """Whether a branch is a comma between the items of a loop."""
        return _COMMA.fullmatch(self._text, *branch.span) is not None

    def _add(self, opener: str, span: Span) -> None:
        inner = self._text[span.start + 2 : span.end - (2 if opener in CLOSERS else 1)]
        content = inner.strip(TRIM)
        kind, condition = tag_kind(content) if opener != "${" else ("", "")
        if opener == "{#" or (opener == "<%" and inner.startswith("#")):
            self._tags.append(span)
        elif opener == "${" or inner.startswith("=") or (opener == "{{" and not kind):
            self._outputs.append(span)
        elif kind == "included":
            self._included.append(span)
        elif not kind:
            raise ValueError("a tag is not known")
        else:
            self._tags.append(span)
            self._step(kind, condition or content, span)

    def _step(self, kind: str, condition: str, span: Span) -> None:
        """Begin or end a branch."""
        if kind in ("if", "unless"):
            name, wanted = _normalized(condition)
            self._begin(span, (name, wanted is (kind == "if")))
        elif kind == "for":
            # Once: of its items, only those parts are known that none of them decides.
            self._loops[condition] = True
            self._begin(span, (condition, True))
        elif kind != "nothing":
            if not self._open:
                raise ValueError("nothing is open here")
            last = self._open[-1]
            self._branches.append(last.branch(span.start))
            if kind == "end":
                self._close(self._open.pop(), span.end)
            elif last.condition and last.condition[0] in self._loops:
                raise ValueError("a loop has another branch")
            else:
                last.go_on(span.end, _normalized(condition) if kind == "elif" else None)

    def _begin(self, tag: Span, condition: tuple[str, bool]) -> None:
        quoted = self._line.count('"') % 2 or self._line.count("'") % 2
        within_text = bool(quoted) or _BEFORE.search(self._line) is not None
        self._open.append(_Open(tag, condition, within_text=within_text))

    def _close(self, construct: _Open, end: int) -> None:
        """End a construct; one within a value is a part of it that is not known."""
        whole = Span(construct.tag.start, end)
        if not (construct.within_text or _BEHIND.match(self._text, end)):
            return
        if "\n" in self._text[slice(*whole)]:
            raise ValueError("a tag within a text")
        self._tags = [tag for tag in self._tags if tag.start < whole.start]
        self._branches = [part for part in self._branches if part.span.start < whole.start]
        self._outputs = [*(part for part in self._outputs if part.start < whole.start), whole]

    def _rendered(self, known: Mapping[str, bool]) -> str:
        characters = list(self._text)
        for span in self._outputs:
            # Quotes in an expression are not those of the text around it.
            shown = self._text[slice(*span)].translate(_QUOTES)
            characters[slice(*span)] = shown
        for span in (*self._tags, *(branch.span for branch in self._absent(known))):
            characters[slice(*span)] = blank(self._text[slice(*span)])
        for span in self._included:
            characters[slice(*span)] = _included(self._text, span)
        text = "".join(characters)
        for branch in filter(self._is_separator, self._branches):
            if _is_superfluous(text, branch.span):
                characters[slice(*branch.span)] = blank(self._text[slice(*branch.span)])
        return "".join(characters)


_QUOTES = str.maketrans({'"': "'", "\\": "/", "\n": " ", "\r": " "})
_ENDS_VALUE, _BEGINS_VALUE = re.compile(r"[\]}\"\w%]"), re.compile(r"\s*+[\[{\"\w]")
_NEXT = re.compile(r"\s*+([\]}]?)")


def _is_superfluous(text: str, comma: Span) -> bool:
    """Whether a comma has no item before it, or none after it."""
    start = comma.start
    while start and text[start - 1].isspace():
        start -= 1
    following = _NEXT.match(text, comma.end)
    return text[start - 1 : start] in ("[", "{") or bool(following and following[1])


def _included(text: str, tag: Span) -> str:
    """A tag as a value that is not known, with the commas that it may begin or end with."""
    shown = text[slice(*tag)].translate(_QUOTES)
    if _ENDS_VALUE.search(text[: tag.start].rstrip()[-1:]) and shown[2] in TRIM:
        shown = f",{shown[:2]}{shown[3:]}"
    if _BEGINS_VALUE.match(text, tag.end) and shown[-3] in TRIM:
        shown = f"{shown[:-3]}{shown[-2:]},"
    return shown


def _normalized(condition: str) -> tuple[str, bool]:
    """A condition without its negation, and whether it had none."""
    condition = condition.strip()
    negation = _NEGATION.fullmatch(condition)
    if negation:
        return negation[1], False
    comparison = _COMPARISON.fullmatch(condition)
    if not comparison:
        return condition, True
    left, operator, right, function, first, second = comparison.groups()
    return f"{left or first} == {right or second}", (operator or function) in ("==", "eq")
