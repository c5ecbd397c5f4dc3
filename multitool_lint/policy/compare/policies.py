"""Compare what policies grant, action by action."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.limits import MAX_OPEN_PATTERNS
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.compare.blocks import blocks_of
from multitool_lint.policy.compare.differences import Differences, PatternDifference, Side
from multitool_lint.policy.compare.effort import FAST, TOO_MUCH, Effort, Efforts
from multitool_lint.policy.compare.gaps import Gap, Gaps, undecided, unreadable
from multitool_lint.policy.compare.scope_index import ScopeIndex, Unit
from multitool_lint.policy.compare.statement import (
    StatementSemantics,
    UndecidableError,
    has_variables,
    open_patterns,
)
from multitool_lint.policy.compare.unknown_texts import unknown_text
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.syntax.source import Source
from multitool_lint.syntax.tree import UNKNOWN, Array, Node, Object


class Answer(Enum):
    """What a comparison comes to; `UNDECIDED` counts as different."""

    YES = "yes"
    NO = "no"
    UNDECIDED = "undecided"


class Comparison(NamedTuple):
    """The answer to a question about two policies, and the gaps if it is not yes."""

    answer: Answer
    gaps: tuple[Gap, ...] = ()


def covers(
    wide: Iterable[Policy],
    narrow: Iterable[Policy],
    catalog: Catalog,
    *,
    all_denials: bool = False,
    efforts: Efforts | None = None,
) -> Comparison:
    """Whether policies grant all that others grant, each list of policies taken as one.

    With `all_denials`, the second ones also deny all that the first ones deny: what they do not
    allow themselves, other policies may. With `efforts`, a gap that is not proved may have an
    example that shows it under assumptions.
    """
    wide, narrow = tuple(wide), tuple(narrow)
    statements = [statement for policy in (*narrow, *wide) for statement in policy.statements]
    if statements and efforts and efforts.comparing.is_spent:
        return _answer([undecided(statements[0], TOO_MUCH)])
    found = _Two(wide, narrow, catalog, all_denials=all_denials, efforts=efforts)
    return _answer(found.gaps(both=False))


def equivalent(one: Iterable[Policy], other: Iterable[Policy], catalog: Catalog) -> Comparison:
    """Whether policies grant and deny the same as others, each list of policies taken as one.

    A Deny counts even where nothing is allowed: it takes from what other policies grant.
    """
    found = _Two(one, other, catalog)
    return _answer(found.gaps(both=True))


def _answer(gaps: Iterable[Gap]) -> Comparison:
    found = tuple(gaps)
    if not found:
        return Comparison(Answer.YES)
    certain = any(gap.certain for gap in found)
    return Comparison(Answer.NO if certain else Answer.UNDECIDED, found)


class _Two:
    """Two lists of policies, `wide` and `narrow`, over the actions that distinguish them."""

    def __init__(
        self,
        wide: Iterable[Policy],
        narrow: Iterable[Policy],
        catalog: Catalog,
        *,
        all_denials: bool = False,
        efforts: Efforts | None = None,
    ) -> None:
        self._catalog = catalog
        unread: list[dict[object, tuple[Statement, str]]] = []
        self._meanings: list[StatementSemantics] = []
        self._written: list[int] = []
        numbers: dict[object, int] = {}
        for policies in (wide, narrow):
            unread.append({})
            for policy in policies:
                for statement in policy.statements:
                    written = _canonical(statement, policy)
                    try:
                        self._meanings.append(StatementSemantics(statement, policy, catalog))
                        self._written.append(numbers.setdefault(written, len(numbers)))
                    except UndecidableError as reason:
                        unread[-1][written] = statement, str(reason)
            if len(unread) == 1:
                self._border = len(self._meanings)
        self._unclear = unread
        self._effort: Effort = efforts.comparing if efforts else Effort()
        assuming = efforts.assuming if efforts else None
        self._differences = Differences(
            self._effort, assuming, all_denials=all_denials, is_unclear=any(unread)
        )
        self._gaps = Gaps(
            catalog,
            self._differences,
            self._effort,
            self._meanings,
            unread,
            by_reference=efforts is not None,
        )

    def gaps(self, *, both: bool) -> Iterator[Gap]:
        """What the wide side lacks of the narrow one, or with `both` each of the other."""
        one, other = self._unclear
        for written, (statement, reason) in {**other, **one}.items():
            if written not in one or written not in other:
                yield unreadable(statement, reason)
        try:
            self._check_patterns()
            yield from self._gaps_of_blocks(both=both)
        except UndecidableError as reason:
            yield undecided(self._meanings[0].statement, str(reason))

    def _gaps_of_blocks(self, *, both: bool) -> Iterator[Gap]:
        """The gaps of all actions that some statement is about, block by block."""
        classes = self._classes()
        border = 1 << self._border
        for statements, actions, names in blocks_of(self._meanings, self._effort.spend):
            self._effort.spend(1 + len(classes) // FAST)
            # One statement of those that mean the same is enough.
            of_classes = [statements & same for same in classes]
            wide = [some % border for some in of_classes]
            narrow = [some - some % border for some in of_classes]
            if [*map(bool, wide)] == [*map(bool, narrow)]:
                continue
            wide, narrow = (list(map(_first, filter(None, side))) for side in (wide, narrow))
            for found in self._compared(wide, narrow, both=both):
                if isinstance(found, Gap):
                    yield found._replace(actions=actions, names=names)
                else:
                    yield from self._gaps.of(found, actions, names)

    def _check_patterns(self) -> None:
        """Give up where too many patterns are to be compared with the actions of all services."""
        found: set[str] = set()
        for meaning in self._meanings:
            found |= open_patterns(meaning.statement)
        if len(found) > 2 * MAX_OPEN_PATTERNS:
            raise UndecidableError(f"there are more than {2 * MAX_OPEN_PATTERNS} patterns")

    def _classes(self) -> list[int]:
        """The statements in sets of those that mean the same for their actions, as bits."""
        keys: dict[int, object] = {}
        found: dict[object, int] = {}
        for at, (written, meaning) in enumerate(zip(self._written, self._meanings, strict=True)):
            if written not in keys:
                try:
                    keys[written] = meaning.allows, frozenset(meaning.scopes)
                except UndecidableError:
                    keys[written] = written
            found[keys[written]] = found.get(keys[written], 0) | 1 << at
        return list(found.values())

    def _compared(
        self, wide: list[int], narrow: list[int], *, both: bool
    ) -> Iterator[Gap | PatternDifference]:
        try:
            self._effort.spend(1 + (len(wide) + len(narrow)) // FAST)
            one, other = self._side(wide), self._side(narrow)
            # A statement that both sides have means the same on both, whatever that is.
            if changed := one.unclear.keys() ^ other.unclear.keys():
                yield unreadable(*{**one.unclear, **other.unclear}[min(changed)])
                return
            yield from self._differences.between(one, other, both=both)
        except UndecidableError as reason:
            yield undecided(self._meanings[(wide + narrow)[0]].statement, str(reason))

    def _side(self, places: list[int]) -> Side:
        units: tuple[list[Unit], list[Unit]] = [], []
        unclear: dict[int, tuple[Statement, str]] = {}
        for at in places:
            meaning = self._meanings[at]
            try:
                units[meaning.allows].extend((scope, meaning) for scope in meaning.scopes)
            except UndecidableError as reason:
                unclear[self._written[at]] = meaning.statement, str(reason)
        denies, allows = map(ScopeIndex, units)
        return Side(allows, denies, unclear)


def _first(statements: int) -> int:
    """The number of the first of some statements, a bit for each."""
    return (statements & -statements).bit_length() - 1


def _canonical(statement: Statement, policy: Policy) -> object:
    """A statement as it is written, without its formatting: what is equal means the same."""
    members = statement.node.value
    if not isinstance(members, Object):
        return _plain(statement.node, policy.source)
    kept = Object(member for member in members if member.key != "Sid")
    return _plain(Node(statement.node.span, kept, ""), policy.source), has_variables(policy)


def _plain(node: Node, source: Source) -> object:
    value = node.value
    if isinstance(value, Object):
        return "{}", *((member.key, _plain(member.value, source)) for member in value)
    if isinstance(value, Array):
        return "[]", *(_plain(item, source) for item in value)
    if isinstance(value, float):
        return "float", source.text[node.span.start : node.span.end]
    if value is UNKNOWN:
        return unknown_text(source.part(node.span))
    return type(value).__name__, value
