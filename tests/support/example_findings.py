"""The findings of a rule page's example in any syntax, and what they point at."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source
from multitool_lint.syntax.tree import Array, Object

if TYPE_CHECKING:
    from multitool_lint.diagnostics.finding import Finding
    from multitool_lint.syntax.tree import Node
    from support.yaml_writing import Example


def lint(path: str, text: str, example: Example, type_: str | None = None) -> list[Finding]:
    """The findings of every rule in a text that contains the policy of an example."""
    wanted = example.type or type_
    report = lint_source(
        Source(path, text),
        type=PolicyType(wanted) if wanted else None,
        resource_type=example.resource_type,
        enabled=rules(),
    )
    return list(report.findings)


def summary(findings: list[Finding]) -> list[tuple[str, str, tuple[str, ...], str | None]]:
    """What is the same in every syntax."""
    found = (
        (
            finding.rule,
            masked(finding.pointer or ""),
            finding.issue_codes,
            finding.policy_type and finding.policy_type.value,
        )
        for finding in findings
    )
    return sorted(found, key=str)


def masked(text: str) -> str:
    """A text whose placeholders, which each syntax writes in its way, are alike."""
    return re.sub(r"\$\{.*\}|\{\{.*\}\}", "?", text)


def at(root: Node, pointer: str) -> tuple[str | None, Node]:
    """The value at a pointer, and its key if it is a member."""
    key, node = None, root
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(node.value, Array):
            key, node = None, node.value[int(name)]
        else:
            assert isinstance(node.value, Object)
            member = next(other for other in node.value if masked(other.key) == masked(name))
            key, node = member.key, member.value
    return key, node
