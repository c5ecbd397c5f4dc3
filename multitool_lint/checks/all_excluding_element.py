"""Statements whose NotAction or NotResource excludes everything."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Policy
from multitool_lint.policy.in_force import all_excluding_elements


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each element that leaves nothing for its statement to apply to."""
    for statement in policy.statements:
        effect = "allows" if statement.allows else "denies"
        for element in all_excluding_elements(statement):
            kind = element.key.removeprefix("Not")
            yield context.finding(
                element,
                f'{element.key} "*" excludes every {kind.lower()}, so this statement {effect} '
                "nothing",
                label="leaves nothing",
                help=f"use {kind} to apply the statement to every {kind.lower()}, or list what to "
                f"exclude in {element.key}",
            )
