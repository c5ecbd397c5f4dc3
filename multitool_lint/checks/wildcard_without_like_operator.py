"""Wildcards in values that are compared as literal text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from multitool_lint.aws.catalog.queries import value_types
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.aws.policy_variables import replaced
from multitool_lint.diagnostics.finding import Context, Finding, Fix, quoted
from multitool_lint.diagnostics.fixes import move_key, write_operator
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.syntax.placeholders import as_written, with_unknown_parts
from multitool_lint.syntax.tree import Node, UnknownNode, partly_known_text

_SENT_WITH_STAR = {
    "aws:sourcearn": re.compile(
        r"arn:[^:*?]+:(?:cur:[^:*?]+:[^:*?]+:definition|bcm-data-exports:[^:*?]+:[^:*?]+:export)/\*"
    ),
    "lambda:principal": re.compile(r"\*"),
}
"""Values that requests have with the star itself: sources of billing services, and everyone.

https://docs.aws.amazon.com/cur/latest/userguide/cur-s3.html
https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
"""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each such value: a wildcard is literal whatever the unknown parts are."""
    for statement, condition in policy.conditions:
        for node in condition.values:
            text = _text(node)
            if not has_wildcard(text):
                continue
            operator = condition.comparison
            if operator.family != "String" or operator.accepts_wildcards:
                break
            if has_wildcard(replaced(text, lambda _: "")):  # a default value may have anything
                like, written = _like(condition, context), quoted(as_written(text))
                advice = f"use {like} for a pattern, or ${{*}} and ${{?}} for the characters"
                anything = not text.strip("*")
                sent = _SENT_WITH_STAR.get(condition.lower_key)
                is_sent = sent is not None and sent.fullmatch(text) is not None
                if anything:
                    advice = "use Null to test whether the key is present, or ${*} for a star"
                if anything and is_sent:
                    advice = "use ${*} for a star"
                yield context.finding(
                    node,
                    f"{condition.operator.key} compares the wildcard in {written} literally",
                    help=advice,
                    severity=Severity.SUGGESTION if is_sent else None,
                    fixes=() if anything else _fix(statement, condition, like),
                )


def _text(node: Node) -> str:
    known = partly_known_text(node)
    if isinstance(node, UnknownNode) and has_wildcard(known):
        return with_unknown_parts(known) or ""
    return known


def _like(condition: Condition, context: Context) -> str:
    """The operator for patterns, with the qualifier and IfExists of the one that is written."""
    name = condition.comparison.name
    qualifier, colon, rest = condition.operator.key.rpartition(":")
    kind = "Arn" if value_types(context.catalog, condition.key.key) == {"ARN"} else "String"
    return f"{qualifier}{colon}{kind}{'NotLike' if 'Not' in name else 'Like'}{rest[len(name) :]}"


def _fix(statement: Statement, condition: Condition, like: str) -> tuple[Fix, ...]:
    if condition.operator.key.lower().endswith(("ignorecase", "ignorecaseifexists")):
        return ()
    others = [
        other
        for other in statement.conditions
        if other.operator is condition.operator and other is not condition
    ]
    if any(has_wildcard(_text(node)) for other in others for node in other.values):
        return ()  # each of them would add the operator
    of_one = move_key if others else write_operator
    return of_one(statement, condition, like)
