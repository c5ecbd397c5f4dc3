"""What a rewrite of a source comes to, and how it gets there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from multitool_lint.formats import load
from multitool_lint.syntax.source import Edit, Source, Span, apply_edits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.formats import Loaded
    from multitool_lint.policy.document import Policy
    from multitool_lint.syntax.tree import Node

    Proof = Callable[[Sequence[Policy], Sequence[Policy], Catalog], str | None]
    """Says what is in the way of the proof that policies before and after are as they should be."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something said about a place of the source as it was."""

    source: Source
    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A source and the text that it becomes.

    `applied` is what was changed, `notes` what one should know, `problems` what was asked for and
    could not be done, `unread` what could not be read; `no_policy` says why there is none. `pieces`
    are the policies that the source is split into, if it is.
    """

    source: Source
    text: str
    applied: tuple[Remark, ...] = ()
    notes: tuple[Remark, ...] = ()
    problems: tuple[Remark, ...] = ()
    unread: tuple[Remark, ...] = ()
    no_policy: str | None = None
    pieces: tuple[str, ...] = ()


@dataclass(slots=True)
class Draft:
    """A rewrite in the making."""

    source: Source
    edits: list[Edit] = field(default_factory=list)
    applied: list[Remark] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)
    problems: list[Remark] = field(default_factory=list)

    def change(self, edits: Iterable[Edit], applied: Iterable[Remark]) -> None:
        """Take over edits and what they are."""
        self.edits += edits
        self.applied += applied

    def remark(self, node: Node, message: str) -> Remark:
        """Say something about a value."""
        return Remark(self.source, node.span, message)

    def note(self, node: Node, message: str) -> None:
        """Say what one should know."""
        self.notes.append(self.remark(node, message))

    def problem(self, node: Node, message: str) -> None:
        """Say what could not be done."""
        self.problems.append(self.remark(node, message))

    def finish(self, loaded: Loaded, proof: Proof, catalog: Catalog) -> Rewrite:
        """The rewrite, with what the loader could not read.

        All stays as it is where `proof` has something against what the policies become.
        """
        text = apply_edits(self.source.text, tuple(self.edits))
        if self.edits:
            after = load(Source(self.source.path, text)).policies
            doubt = proof(loaded.policies, after, catalog)
            if doubt:
                text = self.source.text
                place = min(edit.span for edit in self.edits)
                self.problems.append(Remark(self.source, place, f"left as it is: {doubt}"))
                self.applied.clear()
        unread = [Remark(self.source, each.span, each.message) for each in loaded.problems]
        reasons = [each.reason for each in loaded.skipped] or ["no policy in it"]
        return Rewrite(
            source=self.source,
            text=text,
            applied=tuple(self.applied),
            notes=tuple(self.notes),
            problems=tuple(self.problems),
            unread=tuple(unread),
            no_policy=None if loaded.policies or unread else reasons[0],
        )
