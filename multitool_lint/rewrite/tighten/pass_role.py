"""Roles passed to certain services only.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from __future__ import annotations

from collections.abc import Sequence

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.escalation_paths import PASS_ROLE
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.pass_role_limits import OPERATOR, passing, too_wide
from multitool_lint.rewrite.draft import Draft, matches_all_actions
from multitool_lint.rewrite.statements import StatementPart, append_member, take_apart
from multitool_lint.syntax.patch.json import rewrite_items
from multitool_lint.syntax.source import Edit, Source
from multitool_lint.syntax.tree import Member, Node, Object, as_list

KEY = "iam:PassedToService"


class _LeftError(Exception):
    """A condition that stays as it is; the message says why."""


def limit(
    draft: Draft, policy: Policy, services: Sequence[str], sids: set[str], catalog: Catalog
) -> None:
    """Let iam:PassRole pass roles to some services only, given by their service principals.

    Where a statement grants other actions too, iam:PassRole moves into one of its own after it.
    """
    for statement in policy.statements:
        if statement.action is None or not (statement.allows and draft.changes(statement.node)):
            continue
        if draft.is_full(statement):
            break
        if statement.negates_actions:
            if not passing(statement, catalog):
                draft.problem(
                    statement.action.value,
                    f"this NotAction grants {PASS_ROLE}; left as it is: name the actions first",
                )
            continue
        _limit_statement(draft, policy, statement, (services, sids, catalog))


def _limit_statement(
    draft: Draft,
    policy: Policy,
    statement: Statement,
    wanted: tuple[Sequence[str], set[str], Catalog],
) -> None:
    services, sids, catalog = wanted
    granting = passing(statement, catalog)
    if not granting or _is_limited(statement, services):
        return
    wide = too_wide(statement, catalog)
    if wide:
        draft.problem(wide, _too_wide(str(wide.value)))
        return
    try:
        edits = _limited(draft.source, statement, services)
    except _LeftError as error:
        draft.problem(granting[0], str(error))
        return
    others = [node for node in statement.actions if node not in granting]
    moved = ", in a statement of its own" if others else ""
    remark = draft.remark(granting[0], f"{PASS_ROLE} to {' or '.join(services)} only{moved}")
    if others:
        parts = [
            StatementPart("", dict.fromkeys(others)),
            StatementPart("PassRole", dict.fromkeys(granting), condition=edits),
        ]
        edits = take_apart(draft.source, policy, statement, parts, sids)
    draft.change(edits, [remark])


def _too_wide(text: str) -> str:
    first = f'; first run: multitool-lint expand --action "{text}"'
    if matches_all_actions(text):
        first = ": name the actions first"
    return f'"{text}" grants {PASS_ROLE} and more; left as it is{first}'


def _is_limited(statement: Statement, services: Sequence[str]) -> bool:
    """Whether a condition lets roles pass to no other services already."""
    allowed = {service.lower() for service in services}
    return any(
        condition.lower_key == KEY.lower()
        and condition.operator.key.lower() in ("stringequals", "stringlike")
        and {str(node.value).lower() for node in condition.values} <= allowed
        for condition in statement.conditions
    )


def _limited(source: Source, statement: Statement, services: Sequence[str]) -> Sequence[Edit]:
    """The edits that add the services to the condition, or take others out of it.

    Raises:
        _LeftError: the condition is unknown, or there would be no service left.
    """
    value = services[0] if len(services) == 1 else list(services)
    condition = statement.condition
    if condition is None:
        return append_member(source, statement.node, "Condition", {OPERATOR: {KEY: value}})
    operator = _member(condition.value, OPERATOR)
    if operator is None:
        return append_member(source, condition.value, OPERATOR, {KEY: value})
    key = _member(operator.value, KEY)
    if key is None:
        return append_member(source, operator.value, KEY, value)
    values = as_list(key.value)
    allowed = {service.lower() for service in services}
    gone = [node for node in values if str(node.value).lower() not in allowed]
    if len(gone) == len(values) or not all(isinstance(node.value, str) for node in values):
        raise _LeftError(f"left as it is: its condition on {KEY} names other services")
    return rewrite_items(source, key.value, dict.fromkeys(gone, ()))


def _member(node: Node, key: str) -> Member | None:
    if not isinstance(node.value, Object):
        raise _LeftError("left as it is: its condition is unresolved")
    return next(
        (member for member in reversed(node.value) if member.key.lower() == key.lower()), None
    )
