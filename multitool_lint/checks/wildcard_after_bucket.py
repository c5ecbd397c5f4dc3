"""Wildcards directly after the name of a bucket that a reference fills in."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import arn
from multitool_lint.diagnostics.finding import Context, Finding, quoted
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.placeholders import as_written, begins_with_name


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each resource that is the ARN of a bucket and a wildcard."""
    for statement in policy.statements:
        if not statement.allows or statement.negates_resources:
            continue
        for at, text in enumerate(statement.resource_names):
            if _has_wildcard_after_bucket(text):
                yield context.finding(
                    statement.resource_node(at),
                    f"{quoted(as_written(text))} also matches buckets with longer names",
                    label="no slash after the name of the bucket",
                    help='use "/*" for the objects in the bucket',
                )


def _has_wildcard_after_bucket(resource: str) -> bool:
    if arn.fields(resource) is None:
        return False
    _, _, service, *_, name = arn.split(resource)
    return service == "s3" and begins_with_name(name) and name.partition("}")[2].startswith("*")
