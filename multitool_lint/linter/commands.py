"""Whether a command that the help of a finding names can change the policy, and its file."""

from __future__ import annotations

import json
from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Finding, without_commands
from multitool_lint.policy.document import Policy, Statement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.formats.found import Patch
    from multitool_lint.syntax.patch.change import Change

_LIMITS_ROLES = "tighten --pass-role-to "
_FIXES = "multitool-lint fix "
_SETS_TYPE = "multitool-lint --type "


def with_commands_that_work(finding: Finding, policy: Policy, catalog: Catalog) -> Finding:
    """The finding; its help names no command that leaves all its statements as they are."""
    if _FIXES in finding.help_template and not finding.fixes:
        finding = without_commands(finding, _FIXES)
    if _LIMITS_ROLES not in finding.help_template:
        return finding
    from multitool_lint.policy.pass_role_limits import can_be_limited  # it saves start-up

    works = any(can_be_limited(statement, catalog) for statement in _statements_of(finding, policy))
    return finding if works else without_commands(finding)


def works_in_file(finding: Finding, policy: Policy, patch: Patch) -> bool:
    """Whether the commands that the help of a finding names do something about the file.

    It is a file that has the policy in another form than AWS receives it.
    """
    if _SETS_TYPE in finding.help_template:
        return False  # what the file attaches it to decides
    if _LIMITS_ROLES not in finding.help_template:
        return True
    from multitool_lint.syntax.patch.change import apply_changes

    for statement in _statements_of(finding, policy):
        after = apply_changes(patch.before, (_limiting(policy, statement),))
        if after and patch.edits(after):
            return True
    return False


def _limiting(policy: Policy, statement: Statement) -> Change:
    """A change of the kind with which `tighten` limits to which services roles are passed."""
    from multitool_lint.policy.escalation import PASSED_TO
    from multitool_lint.policy.pass_role_limits import OPERATOR
    from multitool_lint.syntax.patch.change import append, insert_first

    element = policy.element("Statement")
    if element and statement.action_count > 1:
        copy = json.loads(policy.source.part(statement.node.span))
        return append(element.value, [{**copy, "Condition": {OPERATOR: {PASSED_TO: "SERVICE"}}}])
    condition = statement.condition
    if condition is None:
        return insert_first(statement.node, "Condition", {OPERATOR: {PASSED_TO: "SERVICE"}})
    operator = condition.value.fields().find(OPERATOR)
    if operator:
        return insert_first(operator.value, PASSED_TO, "SERVICE")
    return insert_first(condition.value, OPERATOR, {PASSED_TO: "SERVICE"})


def _statements_of(finding: Finding, policy: Policy) -> Iterator[Statement]:
    """The statements that a finding is about."""
    pointers = [finding.pointer, *(related.pointer for related in finding.related)]
    for statement in policy.statements:
        start = statement.node.pointer
        if any(pointer == start or pointer.startswith(f"{start}/") for pointer in pointers):
            yield statement
