"""The commands that the help of findings names, without those that are always refused."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.diagnostics.finding import Finding, without_commands
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.pass_role_limits import can_be_limited

_LIMITS_ROLES = "tighten --pass-role-to "


def with_commands_that_work(finding: Finding, policy: Policy, catalog: Catalog) -> Finding:
    """The finding; its help names no command that leaves all its statements as they are."""
    if _LIMITS_ROLES not in finding.help_template:
        return finding
    works = any(can_be_limited(statement, catalog) for statement in _statements(finding, policy))
    return finding if works else without_commands(finding)


def _statements(finding: Finding, policy: Policy) -> Iterator[Statement]:
    """The statements that a finding is about."""
    pointers = [finding.pointer, *(related.pointer for related in finding.related)]
    for statement in policy.statements:
        start = statement.node.pointer
        if any(pointer == start or pointer.startswith(f"{start}/") for pointer in pointers):
            yield statement
