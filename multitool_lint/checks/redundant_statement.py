"""Statements that another statement of the policy makes redundant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from multitool_lint.aws.patterns import all_covered, covers, intersects, literal_prefix
from multitool_lint.diagnostics.finding import Context, Finding, Fix, quoted, related
from multitool_lint.diagnostics.fixes import drop_either_statement, drop_statement
from multitool_lint.limits import MAX_COMPARISONS
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.syntax.tree import Member, Node, Object, as_list, scalars

_ACTIONS = frozenset({"Action", "NotAction"})
_RESOURCES = frozenset({"Resource", "NotResource"})


class Effort:
    """How many comparisons are left; with none left, statements count as different."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MAX_COMPARISONS

    def allows(self, comparisons: int) -> bool:
        """Use some comparisons, if they are left."""
        self.left -= comparisons
        return self.left >= 0


class StatementSummary:
    """A statement in a form that does not depend on order and spelling.

    The actions show that most statements are unrelated, so the rest is computed on request.
    `open_actions` are the actions that are patterns, `first` is the first of the actions.
    """

    def __init__(self, place: int, statement: Statement, effort: Effort) -> None:
        self.place = place
        self.effort = effort
        self.statement = statement
        self.services = statement.services
        self.not_actions = statement.negates_actions
        self.not_resources = statement.negates_resources
        self.open = statement.open_ended
        self.names = names = statement.lower_action_names
        self.first = names[0] if names else ""
        self.open_actions = [names[at] for at in statement.wildcards]

    @cached_property
    def actions(self) -> frozenset[str]:
        """The actions, in lower case."""
        return frozenset(self.names)

    @cached_property
    def resources(self) -> frozenset[str]:
        """The resources as they are written."""
        return frozenset(self.statement.resource_names)

    @cached_property
    def principal(self) -> object:
        """The principals by kind."""
        return _principal(self.statement.principal)

    @cached_property
    def conditions(self) -> frozenset[tuple[str, str, frozenset[str]]]:
        """The conditions, each an operator, a key and values."""
        return frozenset(
            (
                condition.operator.key.lower(),
                condition.lower_key,
                frozenset(map(_plain, condition.values)),
            )
            for condition in self.statement.conditions
        )

    def equals(self, other: StatementSummary) -> bool:
        """Whether it is the same as a statement that it includes."""
        return (
            self.actions == other.actions
            and self.resources == other.resources
            and self.conditions == other.conditions
            and self.not_actions == other.not_actions
            and self.not_resources == other.not_resources
        )

    def is_listed_in(self, other: StatementSummary) -> bool:
        """Whether a statement that includes it lists all its values, without wildcards."""
        return (
            self.actions <= other.actions
            and self.resources <= other.resources
            and self.conditions == other.conditions
            and (self.not_actions, self.not_resources) == (False, False)
            and (other.not_actions, other.not_resources) == (False, False)
        ) or other.equals(self)

    def includes(self, other: StatementSummary) -> bool:
        """Whether it includes everything that the other statement states."""
        return (
            self.statement.effect == other.statement.effect
            and (self.open or other.services <= self.services)
            and self._includes_actions(other)
            and self.conditions <= other.conditions
            and self._includes_resources(other)
            and self.principal == other.principal
        )

    def _includes_resources(self, other: StatementSummary) -> bool:
        if not self.resources or not other.resources:
            return self.resources == other.resources
        if self.resources == other.resources and self.not_resources == other.not_resources:
            return True
        from multitool_lint.aws.redundancy import resource_covers

        if not self.effort.allows(len(self.resources) * len(other.resources)):
            return False
        if self.not_resources:
            return other.not_resources and all_covered(
                self.resources, other.resources, resource_covers
            )
        if other.not_resources:
            return "*" in self.resources
        return all_covered(other.resources, self.resources, resource_covers)

    def _includes_actions(self, other: StatementSummary) -> bool:
        if self.not_actions and other.not_actions:
            return all(other._has(action) for action in self.actions)
        if self.not_actions:
            comparisons = len(self.actions) * len(other.actions)
            return self.effort.allows(comparisons) and not any(
                intersects(left_out, action)
                for left_out in self.actions
                for action in other.actions
            )
        if other.not_actions:
            return "*" in self.actions
        if not self.open_actions:
            return other.actions <= self.actions
        return all(self._has(action) for action in other.actions)

    def _has(self, action: str) -> bool:
        if action in self.actions:
            return True
        return self.effort.allows(len(self.open_actions)) and any(
            action.startswith(literal_prefix(wide)) and covers(wide, action)
            for wide in self.open_actions
        )


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every statement that another one includes, or an earlier one repeats."""
    shared = _shared_services(policy)
    any_open = any(statement.open_ended for statement in policy.statements)
    if not shared and not any_open:
        return
    effort = Effort()
    meanings = [
        StatementSummary(place, statement, effort)
        for place, statement in enumerate(policy.statements)
        if (any_open or not shared.isdisjoint(statement.services)) and _is_whole(statement)
    ]
    everywhere = [meaning for meaning in meanings if meaning.open]
    by_action = _by_action(meanings)
    for narrow in meanings:
        others = [] if narrow.open else _with_first_action(narrow, by_action)
        if len(others) > 1 or everywhere:
            wide = _wider((*everywhere, *others), narrow)
            if wide and _is_known(narrow.statement.node) and _is_known(wide.statement.node):
                yield _finding(policy, context, narrow, wide)


def _shared_services(policy: Policy) -> set[str]:
    """The services of which several statements have actions."""
    seen: set[str] = set()
    shared: set[str] = set()
    for statement in policy.statements:
        shared |= statement.services & seen
        seen |= statement.services
    return shared


def _by_action(meanings: Iterable[StatementSummary]) -> dict[str, list[StatementSummary]]:
    """The statements on certain services by each action, and by the services of its patterns.

    Only by actions that are the first one of some statement: no others are looked up.
    """
    found: dict[str, list[StatementSummary]] = {}
    closed = [meaning for meaning in meanings if not meaning.open]
    firsts = frozenset([meaning.first for meaning in closed])
    for meaning in closed:
        prefixes = {action.partition(":")[0] for action in meaning.open_actions}
        for name in prefixes | firsts.intersection(meaning.names):
            found.setdefault(name, []).append(meaning)
    return found


def _with_first_action(
    narrow: StatementSummary, by_action: Mapping[str, list[StatementSummary]]
) -> list[StatementSummary]:
    """The statements that have its first action, or a pattern for it, and so may include it."""
    first = narrow.first
    having, patterned = by_action[first], by_action.get(first.partition(":")[0])
    if not patterned or patterned is having:
        return having
    places = {candidate.place: candidate for candidate in (*having, *patterned)}
    return [places[place] for place in sorted(places)]


def _wider(
    meanings: Iterable[StatementSummary], narrow: StatementSummary
) -> StatementSummary | None:
    """The statement that includes this one, if possible an earlier one that is the same."""
    found = None
    for wide in meanings:
        if wide is not narrow and narrow.effort.allows(1) and wide.includes(narrow):
            if wide.place < narrow.place and wide.equals(narrow):
                return wide
            # Of two that include each other, the first stays.
            if found is None and (wide.place < narrow.place or not narrow.includes(wide)):
                found = wide
    return found


def _is_whole(statement: Statement) -> bool:
    """Whether the statement is complete, with each element once."""
    return (
        statement.effect in ("Allow", "Deny")
        and statement.action_count > 0
        and bool(statement.resource is None or statement.resource_count)
        and (statement.plain or _has_each_once(statement))
    )


def _has_each_once(statement: Statement) -> bool:
    keys = {member.key for member in statement.members}
    return (
        len(keys) == len(statement.members)
        and not _ACTIONS.issubset(keys)
        and not _RESOURCES.issubset(keys)
        and len(statement.action_names) == statement.action_count
        and len(statement.resource_names) == statement.resource_count
    )


def _is_known(node: Node) -> bool:
    return all(isinstance(scalar.value, (str, int, float)) for scalar in scalars(node))


def _plain(node: Node) -> str:
    return str(node.value).lower() if isinstance(node.value, bool) else str(node.value)


def _principal(member: Member | None) -> object:
    if member is None:
        return None
    value = member.value.value
    if not isinstance(value, Object):
        return member.key, frozenset(map(_plain, as_list(member.value)))
    kinds = ((kind.key, frozenset(map(_plain, as_list(kind.value)))) for kind in value)
    return member.key, frozenset(kinds)


def _finding(
    policy: Policy, context: Context, narrow: StatementSummary, wide: StatementSummary
) -> Finding:
    statement, other = narrow.statement, wide.statement
    repeated = wide.equals(narrow)
    if repeated:
        title, outcome = f"{_name(narrow, 'Statement')} repeats {_name(wide)}", "the same"
    else:
        title = f"{_name(narrow, 'Statement')} is already covered by {_name(wide)}"
        outcome = f"already {'allows' if statement.allows else 'denies'} all of it"
    notes: tuple[str, ...] = ()
    advice = "remove one of the two statements" if repeated else "remove this statement"
    if narrow.conditions > wide.conditions:
        notes = ("the other statement has fewer conditions, so these conditions restrict nothing",)
        advice += ", or restrict the other one"
    return context.finding(
        statement.sid or statement.node,
        title,
        label="redundant",
        related=(related(other.sid or other.node, outcome),),
        notes=notes,
        help=advice,
        fixes=_fixes(policy, narrow, wide),
        # Access Analyzer only reports statements that are the same.
        issue_code=None if repeated else "",
    )


def _fixes(policy: Policy, narrow: StatementSummary, wide: StatementSummary) -> tuple[Fix, ...]:
    """Remove the narrow statement, but only on request where the other one has a wildcard."""
    if not narrow.statement.allows or narrow.is_listed_in(wide):
        return drop_statement(policy, narrow.statement)
    names = _name(narrow), _name(wide)
    return drop_either_statement(policy, narrow.statement, wide.statement, names)


def _name(meaning: StatementSummary, noun: str = "statement") -> str:
    sid = meaning.statement.sid
    if sid and isinstance(sid.value, str):
        return f"{noun} {quoted(sid.value)}"
    return f"{noun} {meaning.place + 1}"
