"""The parts of a page about a policy itself, whatever was found in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.limits import MAX_HTML_NOTES
from multitool_lint.linter.truncate import Budget
from multitool_lint.policy.access import actions_of, denials, grants
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.in_force import in_force
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.reporters.html.access_table import Matrix, denied, granted, matrix
from multitool_lint.reporters.html.capabilities import (
    Ability,
    CapabilityRow,
    EscalationWay,
    abilities,
    statements,
    ways,
)
from multitool_lint.syntax.tree import UNKNOWN

TYPES = {
    PolicyType.IDENTITY: "identity policy",
    PolicyType.RESOURCE: "resource policy",
    PolicyType.TRUST: "trust policy of a role",
    PolicyType.SCP: "service control policy",
    PolicyType.RCP: "resource control policy",
    PolicyType.BOUNDARY: "permissions boundary",
    PolicyType.SESSION: "session policy",
}


_GRANTING = (PolicyType.IDENTITY, PolicyType.RESOURCE, PolicyType.TRUST)
"""The types that grant something: what the others allow is a bound."""


class Counted(NamedTuple):
    """A matrix under its title, with what it cannot show: lines, and why."""

    title: str
    matrix: Matrix | None
    notes: tuple[tuple[int, str], ...]


class Described(NamedTuple):
    """A policy as a page describes it."""

    name: str
    kind: str
    resource_type: str
    first: int
    last: int
    full: bool
    denies: bool
    abilities: tuple[Ability, ...]
    ways: tuple[EscalationWay, ...]
    rows: tuple[CapabilityRow, ...]
    statement_count: int
    with_principals: bool
    counted: tuple[Counted, ...]
    cut: str

    def lines(self) -> Iterator[int]:
        """The lines that the description links to."""
        for ability in self.abilities:
            yield from ability.lines
        for way in self.ways:
            yield from (step.line for step in way.steps)
        for row in self.rows:
            yield row.line
        for counted in self.counted:
            yield from (line for line, _ in counted.notes)


def describe(policy: Policy, catalog: Catalog) -> Described:
    """The description of a policy, or about the part of it that was checked."""
    checked, _, reason = Budget().truncated(policy)
    source, span = policy.source, policy.root.span
    about_others = policy.type is not PolicyType.IDENTITY
    current = in_force(checked, catalog)
    given = grants(current, catalog)
    limited = granted(policy, given)
    full = any(grant.full for grant in given)
    holds = not about_others and not full
    return Described(
        policy.name or "",
        TYPES[policy.type],
        policy.resource_type or "",
        source.position(span.start)[0],
        source.position(span.end)[0],
        full,
        any(statement.effect == "Deny" for statement in current.statements),
        tuple(abilities(current, given, limited, catalog)) if holds else (),
        tuple(ways(current, catalog)) if holds else (),
        tuple(statements(checked)) if about_others else (),
        len(checked.statements),
        policy.type in (PolicyType.RESOURCE, PolicyType.TRUST),
        tuple(_counted(current, catalog, full=full)),
        reason,
    )


def _counted(policy: Policy, catalog: Catalog, *, full: bool) -> Iterator[Counted]:
    if policy.type is PolicyType.TRUST:
        return
    controls = policy.type not in _GRANTING
    given = granted(policy, grants(policy, catalog))
    if not controls or (given.actions and not full):
        title = "What it lets through" if controls else "What it grants"
        title = "What it lets somebody do" if policy.type is PolicyType.RESOURCE else title
        notes = _notes(policy, catalog, ("Allow", "Deny"))
        yield Counted(title, matrix(given, catalog), notes)
    if controls and any(statement.effect == "Deny" for statement in policy.statements):
        yield Counted(
            "What it denies",
            matrix(denied(policy, catalog), catalog),
            _notes(policy, catalog, ("Deny",)),
        )


def _notes(
    policy: Policy, catalog: Catalog, effects: tuple[str, ...]
) -> tuple[tuple[int, str], ...]:
    position = policy.source.position
    notes = [(position(at)[0], why) for at, why in _unsure(policy, catalog, effects)]
    return tuple(notes[:MAX_HTML_NOTES])


def _unsure(policy: Policy, catalog: Catalog, effects: Sequence[str]) -> Iterator[tuple[int, str]]:
    """What the matrix of the statements of some effects leaves open: offsets, and why."""
    total = set(denials(policy))
    for statement in policy.statements:
        at = statement.node.span.start
        if statement.effect not in ("Allow", "Deny"):
            yield at, "the effect is not known: the statement is left out"
        if statement.effect not in effects:
            continue
        if any(node.value is UNKNOWN for node in statement.actions):
            what = "may deny everything, and nothing is counted as granted"
            what = what if statement in total else "these actions are not counted"
            yield at, f"an action is unresolved: {what}"
        elif statement in total and _is_partly_unknown(statement):
            yield at, "partly unresolved; it is assumed to deny its actions everywhere"
        elif statement.effect == "Deny" and statement not in total and effects[0] == "Allow":
            count = len(actions_of(statement, catalog))
            yield at, f"denies {count:,} actions in part, which the matrix counts as granted"
        if not statement.negates_actions:
            strange = [text for _, text in statement.action_texts if not catalog.match(text)]
            if strange:
                yield at, f"no such action in the catalog: {', '.join(strange[:5])}"


def _is_partly_unknown(statement: Statement) -> bool:
    condition = statement.members.find("Condition")
    return any(node.value is UNKNOWN for node in statement.resources) or (
        condition is not None and condition.value.value is UNKNOWN
    )
