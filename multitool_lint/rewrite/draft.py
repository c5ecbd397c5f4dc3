"""What a rewrite of a source comes to, and how it gets there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from multitool_lint.aws.access_levels import STRENGTH
from multitool_lint.diagnostics.finding import counted
from multitool_lint.engines.policy_sentry import levels_of, note
from multitool_lint.formats import ReadResult, read_source
from multitool_lint.limits import MAX_OPEN_PATTERNS, MAX_WRITTEN_CHARACTERS
from multitool_lint.policy.compare.statement import open_patterns
from multitool_lint.reasons import Reason, Why
from multitool_lint.syntax.decoded_text import DecodedText, Decoder, DecodingStep
from multitool_lint.syntax.source import Edit, Source, Span, apply_edits, common_prefix

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from multitool_lint.aws.catalog.catalog import AccessLevel, Catalog
    from multitool_lint.policy.document import Policy, Statement
    from multitool_lint.syntax.tree import Node

    Proof = Callable[[Sequence[Policy], Sequence[Policy], Catalog], str | None]
    """Says what is in the way of the proof that policies before and after are as they should be."""

    Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """A message about a place of the source as it was."""

    source: Source
    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A source and the text that it becomes.

    `applied` is what was changed, `notes` what one should know, `problems` what was asked for and
    could not be done, `unread` what could not be read; `no_policy` is why there is none. `pieces`
    are the policies that the source is split into, if it is.
    """

    source: Source
    text: str
    applied: tuple[Remark, ...] = ()
    notes: tuple[Remark, ...] = ()
    problems: tuple[Remark, ...] = ()
    unread: tuple[Remark, ...] = ()
    no_policy: Why | None = None
    pieces: tuple[str, ...] = ()


@dataclass(slots=True)
class Draft:
    """A rewrite in the making; only what overlaps the `place` changes, if there is one."""

    source: Source
    place: Span | None = None
    edits: list[Edit] = field(default_factory=list)
    applied: list[Remark] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)
    problems: list[Remark] = field(default_factory=list)
    _written: int = 0
    _patterns: set[str] = field(default_factory=set)

    def change(self, edits: Iterable[Edit], applied: Iterable[Remark]) -> None:
        """Take over edits and what they are."""
        edits = tuple(edits)
        self.edits += edits
        self.applied += applied
        self._written += sum(len(edit.text) for edit in edits)

    def changes(self, node: Node) -> bool:
        """Whether a value, or something in it, may change."""
        start, end = node.span
        return self.place is None or (start < self.place.end and self.place.start < end)

    def is_full(self, statement: Statement) -> bool:
        """Whether no more is written, from a statement on; says so."""
        self._patterns |= open_patterns(statement)
        reason = None
        if self._written > MAX_WRITTEN_CHARACTERS:
            reason = f"more than {MAX_WRITTEN_CHARACTERS:,} characters are written before"
        elif len(self._patterns) > MAX_OPEN_PATTERNS:
            reason = f"it has more than {MAX_OPEN_PATTERNS} patterns of actions of any service"
        if reason:
            self.problem(statement.node, f"left as it is from here on: {reason}")
        return reason is not None

    def remark(self, node: Node, message: str) -> Remark:
        """Say something about a value."""
        return Remark(self.source, node.span, message)

    def note(self, node: Node, message: str) -> None:
        """Say what one should know."""
        self.notes.append(self.remark(node, message))

    def problem(self, node: Node, message: str) -> None:
        """Say what could not be done."""
        self.problems.append(self.remark(node, message))

    def note_levels(
        self,
        policies: Sequence[Policy],
        levels: Collection[AccessLevel],
        catalog: Catalog,
        concerns: Callable[[str], bool],
    ) -> None:
        """Say once which actions of the patterns are chosen by policy-sentry's levels."""
        texts = dict.fromkeys(
            text
            for policy in policies
            for statement in policy.statements
            for _, text in statement.action_texts
            if concerns(text)
        )
        names = dict.fromkeys(name for text in texts for name in matching_actions(text, catalog))
        if message := note(names, levels, catalog):
            self.note(policies[0].root, message)

    def finish(self, loaded: ReadResult, proof: Proof, catalog: Catalog) -> Rewrite:
        """The rewrite, if what the policies become is proved."""
        return self.checked(
            loaded, lambda after: proof(loaded.json_policies, after.json_policies, catalog)
        )

    def checked(self, loaded: ReadResult, doubt_of: Callable[[ReadResult], str | None]) -> Rewrite:
        """The rewrite, with what the reader could not read.

        The text stays as it is if there is a doubt about what the edited text is read as.
        """
        text = apply_edits(self.source.text, tuple(self.edits))
        if self.edits:
            doubt = doubt_of(read_source(Source(self.source.path, text)))
            if doubt:
                text = self.source.text
                place = min(edit.span for edit in self.edits)
                self.problems.append(Remark(self.source, place, f"left as it is: {doubt}"))
                self.applied.clear()
        unread = [
            Remark(self.source, problem.span, problem.sentence)
            for problem in loaded.problems
            if not problem.is_read
        ]
        reasons = [block.why for block in loaded.skipped] or [Why(Reason.NO_POLICY)]
        return Rewrite(
            source=self.source,
            text=text,
            applied=tuple(self.applied),
            notes=tuple(self.notes),
            problems=tuple(self.problems),
            unread=tuple(unread),
            no_policy=None if loaded.policies or unread else reasons[0],
        )


def edit_between(before: str, after: str) -> Edit:
    """The edit that makes one text of another."""
    start = common_prefix(before, after)
    same = common_prefix(before[start:][::-1], after[start:][::-1])
    return Edit(Span(start, len(before) - same), after[start : len(after) - same])


def _moved(place: Span, edits: Iterable[Edit]) -> Span:
    """Where a place is after edits, with what they insert at its end."""
    before, within = 0, 0
    for (start, end), text in edits:
        grows = len(text) - (end - start)
        if end <= place.start:
            before += grows
        elif start <= place.end:
            within += grows
    return Span(place.start + before, place.end + before + within)


@lru_cache(maxsize=1024)
def matching_actions(pattern: str, catalog: Catalog) -> Names:
    """The names of the actions that an action pattern matches."""
    return tuple(catalog.names(catalog.match(pattern)))


@lru_cache(maxsize=256)
def count(names: Names, catalog: Catalog) -> str:
    """How many actions there are, and of them at each access level."""
    levels = Counter(levels_of(names, catalog).values())
    parts = [f"{levels[level]:,} {level}" for level in STRENGTH if levels[level]]
    return counted(len(names), "action") + (f" ({', '.join(parts)})" if parts else "")


def matches_all_actions(pattern: str) -> bool:
    """Whether the pattern of actions is every action."""
    return not pattern.strip("*:")


def not_there(names: Iterable[str], there: set[str]) -> list[str]:
    """The names that are not there yet, and now are."""
    fresh = [name for name in names if name.lower() not in there]
    there.update(name.lower() for name in fresh)
    return fresh


@dataclass(slots=True)
class Steps:
    """What a source becomes step by step, and what was done, at places of the source as it was.

    A `place` is where it is in the text as it is now.
    """

    source: Source
    now: Source
    place: Span | None = None
    applied: list[Remark] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)
    _to_source: tuple[DecodingStep, ...] = ()

    def take(self, edits: Iterable[Edit]) -> None:
        """Edit the text."""
        before, edits = self.now.text, tuple(sorted(edits, key=lambda edit: edit.span))
        self.now = Source(self.source.path, apply_edits(before, edits))
        decoder = Decoder(before, 0, len(before))
        for edit in edits:
            decoder.copy(edit.span.start)
            decoder.put(edit.text, edit.span.end)
        self._to_source = decoder.decoded(self._to_source).steps
        if self.place:
            self.place = _moved(self.place, edits)

    def say(self, span: Span, message: str) -> None:
        """Say what is done at a place of the text as it is now."""
        self.applied.append(self.remark(span, message))

    def note(self, span: Span, message: str) -> None:
        """Say what one should know of a place of the text as it is now."""
        self.notes.append(self.remark(span, message))

    def remark(self, span: Span, message: str) -> Remark:
        """Say something about a place of the text as it is now."""
        start = DecodedText(self.now.text, self._to_source).offset_in_file(span.start)
        return Remark(self.source, Span(start, start), message)

    def whole(self) -> tuple[Edit, ...]:
        """All that was done, as one edit of the source."""
        old, new = self.source.text, self.now.text
        return () if old == new else (edit_between(old, new),)
