"""Values that were to be an intrinsic function of CloudFormation, but are in quotes.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding, quoted
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.syntax.placeholders import as_written
from multitool_lint.syntax.tree import Node, as_list, partly_known_text

_MARKS = ("!", "Fn::", "Ref:")
_NAMES = "Cidr|FindInMap|GetAtt|If|ImportValue|Join|Select|Split|Sub"
_FUNCTION = lazy_pattern(rf"\s*(?:!(?:Ref|{_NAMES})\s+[^\s!]|(?:Ref|Fn::(?:{_NAMES})):\s+\S)")
"""A function as YAML has it, which a text would be without the quotes."""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each resource, principal or condition value that is such a text."""
    start, end = policy.root.span
    if not any(policy.source.text.find(mark, start, end) >= 0 for mark in _MARKS):
        return  # as most: a quick first test
    for statement in policy.statements:
        for node, severity in _values(statement):
            text = as_written(partly_known_text(node))
            if _FUNCTION.match(text):
                yield context.finding(
                    node,
                    f"{quoted(text)} is only text: CloudFormation ignores a function in quotes",
                    label="matches only this text",
                    help="remove the quotes around the function; in JSON, use an object such as "
                    '{"Ref": "LogicalId"}',
                    severity=severity,
                )


def _values(statement: Statement) -> Iterator[tuple[Node, Severity]]:
    """The values that may be filled in; AWS rejects resources and principals of another form."""
    principals = statement.principal.value.fields() if statement.principal else ()
    for node in (*statement.resources, *(n for kind in principals for n in as_list(kind.value))):
        yield node, Severity.ERROR
    for condition in statement.conditions:
        is_arn = condition.comparison.family == "ARN"
        for node in condition.values:
            yield node, Severity.ERROR if is_arn else Severity.WARNING
