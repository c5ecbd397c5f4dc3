"""Statements that other statements of the policy make redundant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from multitool_lint.diagnostics.finding import REDUNDANT, Context, Finding, Fix, quoted, related
from multitool_lint.diagnostics.fixes import drop_statement, drop_statement_beside
from multitool_lint.policy.coverage import Coverage
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.merged_sids import lasting_statements
from multitool_lint.policy.resources import grants_everything, is_known
from multitool_lint.syntax.tree import UNKNOWN, Node, Object, Value, as_list

if TYPE_CHECKING:
    from multitool_lint.policy.compare.scope import RequestScope
    from multitool_lint.policy.compare.statement import StatementSemantics
    from multitool_lint.policy.coverage_proof import Covered


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every statement that those which stay make redundant."""
    repeated = dict(_repeated(policy, context))
    yield from repeated.values()
    comparable = [statement for statement in _comparable(policy) if statement not in repeated]
    if not comparable:
        return
    coverage = Coverage(policy, context.catalog)
    if not any(_possible(comparable, coverage)):
        return
    known = [statement for statement in comparable if is_known(statement)]
    near = _near(policy, known, coverage)
    removed: dict[Statement, Covered] = {}
    for find in (coverage.by_one, coverage.by_several):
        for statement in [other for other in near if other not in removed]:
            others = [other for other in near[statement] if other not in removed]
            if covered := find(statement, others):
                removed[statement] = covered
    for statement in known:
        if statement in removed:
            yield _finding(policy, context, removed[statement])


def _repeated(policy: Policy, context: Context) -> Iterator[tuple[Statement, Finding]]:
    """Every statement with unknown values that repeats an earlier one, with a finding.

    An unknown value is equal to itself.
    """
    firsts: dict[object, Statement] = {}
    for statement in lasting_statements(policy):
        if not statement.members or (
            _is_whole(statement) and _has_known_resources(statement) and is_known(statement)
        ):
            continue
        elements = [member for member in statement.members if member.key != "Sid"]
        first = firsts.setdefault(_as_value(Object(elements), policy), statement)
        if first is not statement:
            names = _name(policy, statement), _name(policy, first)
            yield (
                statement,
                context.finding(
                    statement.sid or statement.node,
                    f"S{names[0][1:]} repeats {names[1]}",
                    label=REDUNDANT,
                    related=(related(first.sid or first.node, "the same"),),
                    help="remove one of the two statements",
                    fixes=drop_statement(policy, statement),
                ),
            )


def _as_value(value: Value, policy: Policy) -> object:
    """What is equal for values that say the same, in any order."""
    if isinstance(value, Object):
        return frozenset((member.key, _in_any_order(member.value, policy)) for member in value)
    return value


def _in_any_order(node: Node, policy: Policy) -> object:
    return frozenset(
        policy.source.part(item.span) if item.value is UNKNOWN else _as_value(item.value, policy)
        for item in as_list(node)
    )


def _near(
    policy: Policy, statements: Iterable[Statement], coverage: Coverage
) -> dict[Statement, list[Statement]]:
    """The statements that others may cover, with these; the last ones first.

    So of two that cover each other, the first stays. Of those that are written alike, the others
    are compared with the first only.
    """
    firsts: dict[object, Statement] = {}
    near: dict[Statement, list[Statement]] = {}
    for statement in statements:
        first = firsts.setdefault(_written(statement, policy), statement)
        if first is not statement:
            near[statement] = [first]
    unique = list(firsts.values())
    for statement in _possible(unique[::-1], coverage):
        others = [
            other for other in unique if other.effect == statement.effect and other is not statement
        ]
        if found := coverage.near(statement, others):
            near[statement] = found
    return near


def _possible(statements: Sequence[Statement], coverage: Coverage) -> Iterator[Statement]:
    """The statements of which another one may cover at least an example."""
    candidates = _by_first_action(statements)
    for statement in statements:
        if not coverage.may_compare:
            return
        if any(coverage.may_cover(other, statement) for other in candidates(statement)):
            yield statement


def _comparable(policy: Policy) -> list[Statement]:
    """The statements that are complete, of services that several of them name."""
    shared: set[str] = set()
    seen: set[str] = set()
    for statement in lasting_statements(policy):
        shared |= statement.services & seen
        seen |= statement.services
    if any(statement.open_ended for statement in lasting_statements(policy)):
        shared = seen
    return [
        statement
        for statement in lasting_statements(policy)
        if not shared.isdisjoint(statement.services) and _is_whole(statement)
    ]


def _written(statement: Statement, policy: Policy) -> object:
    """A statement as it is written, without its Sid and the order of values and elements."""
    principal = statement.principal
    return (
        *(statement.effect, statement.negates_actions, statement.negates_resources),
        frozenset(statement.lower_action_names),
        statement.resource and frozenset(statement.resource_names),
        None if _has_known_resources(statement) else statement,
        principal and policy.source.part(principal.value.span),
        frozenset(
            (condition.operator.key, condition.lower_key, frozenset(condition.names))
            for condition in statement.conditions
        ),
    )


def _is_whole(statement: Statement) -> bool:
    return (
        statement.effect in ("Allow", "Deny")
        and 0 < statement.action_count == len(statement.action_names)
        and bool(statement.resource is None or statement.resource_count)
    )


def _has_known_resources(statement: Statement) -> bool:
    return statement.resource_count == len(statement.resource_names)


def _by_first_action(statements: Iterable[Statement]) -> Callable[[Statement], list[Statement]]:
    """A function for others with the same effect that may have the first action of a statement.

    They are found by that action, and by the services of their wildcards.
    """
    found: dict[str, list[Statement]] = {}
    closed = [statement for statement in statements if not statement.open_ended]
    everywhere = [statement for statement in statements if statement.open_ended]
    firsts = frozenset([statement.lower_action_names[0] for statement in closed])
    for statement in closed:
        names = statement.lower_action_names
        prefixes = {names[at].partition(":")[0] for at in statement.wildcards}
        for name in prefixes | firsts.intersection(names):
            found.setdefault(name, []).append(statement)

    def candidates(statement: Statement) -> list[Statement]:
        near = everywhere
        if not statement.open_ended:
            first = statement.lower_action_names[0]
            near = [*near, *found[first], *found.get(first.partition(":")[0], ())]
        return [
            other for other in near if other is not statement and other.effect == statement.effect
        ]

    return candidates


def _finding(policy: Policy, context: Context, covered: Covered) -> Finding:
    narrow, wide = covered.statement, covered.by
    repeated = len(wide) == 1 and _are_same(narrow, wide[0])
    names = _name(policy, narrow.statement), _name(policy, wide[0].statement)
    verb = "allows" if narrow.allows else "denies"
    if repeated:
        title, outcome = f"S{names[0][1:]} repeats {names[1]}", "the same"
    elif len(wide) == 1:
        title = f"S{names[0][1:]} is covered by {names[1]}"
        outcome = f"already {verb} all of it"
    else:
        title = f"S{names[0][1:]} is covered by {len(wide)} other statements together"
        outcome = f"already {verb} a part of it"
    notes: tuple[str, ...] = ()
    advice = "remove one of the two statements" if repeated else "remove this statement"
    if len(wide) == 1 and narrow.scopes[0].conditions > wide[0].scopes[0].conditions:
        notes = ("the other statement has fewer conditions, so these conditions restrict nothing",)
        advice += ", or restrict the other one"
    statement = narrow.statement
    return context.finding(
        statement.sid or statement.node,
        title,
        label=REDUNDANT,
        related=tuple(
            related(other.statement.sid or other.statement.node, outcome) for other in wide
        ),
        notes=notes,
        help=advice,
        fixes=_fixes(policy, narrow, wide, names),
        # Access Analyzer only reports statements that are the same.
        issue_code=None if repeated else "",
    )


def _fixes(
    policy: Policy,
    narrow: StatementSemantics,
    wide: Sequence[StatementSemantics],
    names: tuple[str, str],
) -> tuple[Fix, ...]:
    """Remove the statement, but only on request where another one allows it by a wildcard."""
    if not narrow.allows or _is_listed(narrow, wide):
        return drop_statement(policy, narrow.statement)
    others = names[1] if len(wide) == 1 else "the others"
    title = f"Remove {names[0]} and keep {others}"
    everything = any(grants_everything(other.statement) for other in wide)
    return drop_statement_beside(policy, narrow.statement, title, everything=everything)


def _are_same(one: StatementSemantics, other: StatementSemantics) -> bool:
    """Whether statements list the same, whatever the order and spelling."""
    names = one.names.patterns, one.names.negated
    same = names == (other.names.patterns, other.names.negated)
    return same and frozenset(one.scopes) == frozenset(other.scopes)


def _is_listed(narrow: StatementSemantics, wide: Sequence[StatementSemantics]) -> bool:
    """Whether statements that cover another one list all its values."""
    if len(wide) == 1 and _are_same(narrow, wide[0]):
        return True
    if any(statement.names.negated for statement in (narrow, *wide)):
        return False
    return all(
        narrow.names.patterns <= frozenset().union(*(other.names.patterns for other in alike))
        and _values(narrow) <= frozenset().union(*map(_values, alike))
        for alike in (
            [other for other in wide if shape in map(_shape, other.scopes)]
            for shape in map(_shape, narrow.scopes)
        )
    )


def _values(statement: StatementSemantics) -> frozenset[tuple[str, str, str]]:
    conditions = statement.scopes[0].conditions
    return frozenset(
        (clause.as_written, clause.key, value) for clause in conditions for value in clause.values
    )


def _shape(scope: RequestScope) -> RequestScope:
    """A scope without the values of its conditions."""
    shapes = (clause._replace(values=frozenset()) for clause in scope.conditions)
    return scope._replace(conditions=frozenset(shapes))


def _name(policy: Policy, statement: Statement) -> str:
    sid = statement.sid
    if sid and isinstance(sid.value, str):
        return f"statement {quoted(sid.value)}"
    return f"statement {policy.statements.index(statement) + 1}"
