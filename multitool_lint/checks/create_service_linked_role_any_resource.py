"""Statements that allow creating the service-linked roles of any service."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import patterns
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.checks.pass_role_any_resource import RoleAction, report, service_labels
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Policy
from multitool_lint.policy.resources import covers_format
from multitool_lint.syntax.tree import strings_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multitool_lint.policy.access import Grant

_SERVICE_LINKED_ROLE = (
    "arn:${Partition}:iam::${Account}:role/aws-service-role/"
    "${Service}.amazonaws.com/AWSServiceRoleFor${Name}"
)


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every statement that grants the action for any service."""
    return report(policy, context, _ACTION)


def _is_open(grant: Grant, _: Catalog) -> bool:
    return grant.everywhere or any(
        covers_format(text, _SERVICE_LINKED_ROLE)
        for _, text in strings_of(grant.statement.resources)
    )


_ACTION = RoleAction(
    "iam:CreateServiceLinkedRole",
    "CREATE_SLR",
    "iam:awsservicename",
    lambda service: all(map(patterns.has_wildcard, service_labels(service))),
    _is_open,
    "`iam:CreateServiceLinkedRole`",
    ("creating any service-linked role", "creating all other service-linked roles"),
    "specify the service in Resource "
    "(arn:aws:iam::*:role/aws-service-role/SERVICE.amazonaws.com/*) or in a condition on "
    "iam:AWSServiceName",
)
