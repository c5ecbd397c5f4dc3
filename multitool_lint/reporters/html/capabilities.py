"""What a policy can do that matters, in words: dangerous abilities, paths, and who may do what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.escalation_paths import PASS_ROLE
from multitool_lint.aws.sensitive_actions import credentials, permissions
from multitool_lint.diagnostics.finding import enumerate_briefly
from multitool_lint.limits import MAX_HTML_ACTIONS, MAX_HTML_STATEMENTS
from multitool_lint.policy.access import Grant, granting_nodes
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.escalation import (
    PASSED_TO,
    OpenPath,
    gain,
    passes_any_role,
    reportable_paths,
)
from multitool_lint.policy.exposure import is_denied_to_most, lets_everyone_in
from multitool_lint.policy.principals import everyone, principal_values
from multitool_lint.reporters.html.access_table import LABELS, Limited, is_conditional, masked
from multitool_lint.syntax.placeholders import as_written
from multitool_lint.syntax.tree import UNKNOWN, Member, Node, Object, strings_of

_DATA = (
    "s3:GetObject",
    "ssm:GetParameter*",
    "secretsmanager:GetSecretValue",
    "rds:CopyDBSnapshot",
    "rds:CreateDBSnapshot",
)
"""What cloudsplaining calls data exfiltration: https://github.com/salesforce/cloudsplaining."""


class Ability(NamedTuple):
    """Something that a policy allows its principal to do, with the actions by what limits them."""

    title: str
    why: str
    actions: tuple[tuple[str, str], ...]
    lines: tuple[int, ...]


class PathStep(NamedTuple):
    """An action of a path, the line that grants it, and whether that has a condition."""

    action: str
    line: int
    conditional: bool


class EscalationWay(NamedTuple):
    """A path of privilege escalation."""

    id: str
    url: str
    gain: str
    needs_target: bool
    steps: tuple[PathStep, ...]


class CapabilityRow(NamedTuple):
    """A statement of a policy about others, in columns."""

    line: int
    effect: str
    who: tuple[str, ...]
    open_to: str
    is_open: bool
    what: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[str, ...]


def abilities(
    policy: Policy, grants: Sequence[Grant], limited: Limited, catalog: Catalog
) -> Iterator[Ability]:
    """List what the policy allows its principal to do that needs care."""
    allowed = limited.actions
    for title, why, selected in (
        (
            "Changes who may do what",
            "attaches policies, edits resource policies, shares or makes public",
            masked(allowed, permissions, catalog),
        ),
        (
            "Obtains credentials",
            "returns keys, passwords, tokens or sessions, or gives the caller access",
            masked(allowed, credentials, catalog),
        ),
        (
            "Passes roles to services",
            "; ".join(_passes(grants, catalog)),
            allowed & catalog.match(PASS_ROLE),
        ),
        (
            "Reads or copies data",
            "objects, parameters, secrets and snapshots, by a short list: other services have data",
            allowed & ActionSet().union(map(catalog.match, _DATA)),
        ),
    ):
        if selected:
            actions = tuple(_names(limited, selected, catalog))
            lines = tuple(_lines(policy, grants, selected, catalog))
            yield Ability(title, why, actions, lines)


def ways(policy: Policy, catalog: Catalog) -> Iterator[EscalationWay]:
    """List the paths of privilege escalation that the policy opens."""
    for targets in (False, True):
        for open_path in reportable_paths(policy, catalog, targets=targets):
            yield EscalationWay(
                open_path.path.id,
                open_path.path.url,
                gain(open_path.path),
                targets,
                tuple(_steps(policy, open_path)),
            )


def _steps(policy: Policy, opened: OpenPath) -> Iterator[PathStep]:
    order = opened.path.actions.index
    for step in sorted(opened.steps, key=lambda step: order(step.action)):
        yield PathStep(
            step.action, line_of(policy, step.node), is_conditional(step.grant.statement)
        )


def line_of(policy: Policy, place: Node | Member) -> int:
    """The line of a value, or of the key of a member."""
    span = place.key_span if isinstance(place, Member) else place.span
    return policy.source.position(span.start)[0]


def _names(limited: Limited, selected: ActionSet, catalog: Catalog) -> Iterator[tuple[str, str]]:
    for label, actions in zip(LABELS, limited, strict=True):
        names = list(catalog.names(actions & selected))
        if names:
            yield label, enumerate_briefly(names, MAX_HTML_ACTIONS)


def _lines(
    policy: Policy, grants: Sequence[Grant], selected: ActionSet, catalog: Catalog
) -> list[int]:
    return sorted(
        {
            line_of(policy, place)
            for grant in grants
            for place in granting_nodes(grant, grant.actions & selected, catalog)
        }
    )


def _passes(grants: Sequence[Grant], catalog: Catalog) -> Iterator[str]:
    """Say of each statement which roles it passes, and to what."""
    wanted = catalog.match(PASS_ROLE)
    for grant in grants:
        if not grant.actions & wanted:
            continue
        statement = grant.statement
        resources = [as_written(text) for _, text in statement.resource_texts]
        roles = "any role"
        if not passes_any_role(grant, catalog):
            roles = f"{'all but ' if statement.negates_resources else ''}" + (
                enumerate_briefly(resources) or "unresolved roles"
            )
        services = [
            f"{condition.operator.key}: "
            f"{enumerate_briefly([text for _, text in strings_of(condition.values)])}"
            for condition in statement.conditions
            if condition.lower_key == PASSED_TO
        ]
        to = f"services with {' and '.join(services)}" if services else "any service"
        yield f"{roles} to {to}"


def statements(policy: Policy) -> Iterator[CapabilityRow]:
    """List the statements: for whom, what, on what, when."""
    for statement in policy.statements[:MAX_HTML_STATEMENTS]:
        start = "all but " if statement.negates_actions else ""
        limit = "all but " if statement.negates_resources else ""
        yield CapabilityRow(
            line_of(policy, statement.node),
            statement.effect or "?",
            tuple(_who(statement)),
            *_open_to(policy, statement),
            tuple(f"{start}{_shown(node)}" for node in statement.actions),
            tuple(f"{limit}{_shown(node)}" for node in statement.resources),
            tuple(_conditions(statement)),
        )


def _who(statement: Statement) -> Iterator[str]:
    principal = statement.principal
    if principal is None:
        return
    start = "all but " if principal.key == "NotPrincipal" else ""
    if isinstance(principal.value.value, Object):
        for value in principal_values(statement):
            yield f"{start}{value.kind} {value.text}"
    else:
        yield f"{start}{_shown(principal.value)}"


def _open_to(policy: Policy, statement: Statement) -> tuple[str, bool]:
    """Who is allowed where everyone is named, and whether that is really everyone."""
    if not statement.allows or everyone(statement) is None:
        return "", False
    if not lets_everyone_in(statement):
        return "everyone that the conditions allow", False
    if is_denied_to_most(policy, statement):
        return "everyone that a Deny leaves", False
    return "everyone, and nothing restricts who", True


def _conditions(statement: Statement) -> Iterator[str]:
    for condition in statement.conditions:
        values = ", ".join(_shown(node) for node in condition.values)
        yield f"{condition.operator.key} {condition.key.key}: {values}"
    if is_conditional(statement) and not statement.conditions:
        yield "unresolved"


def _shown(node: Node) -> str:
    if node.value is UNKNOWN:
        return "(unresolved)"
    if not isinstance(node.value, str | int | float):
        return "(not a text)"
    return as_written(str(node.value))
