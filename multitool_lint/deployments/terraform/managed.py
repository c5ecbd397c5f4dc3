"""The statements of the managed policies of AWS that a module attaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.aws.catalog.managed_policies import newest_document
from multitool_lint.deployments.terraform import documents
from multitool_lint.formats.policy_references import of_arn
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.terms import Text, Value

if TYPE_CHECKING:
    from multitool_lint.syntax.terms import StatementValue

_UNKNOWN = "${}"


def statements_of(value: Value) -> list[StatementValue]:
    """The statements of the policy that an ARN names; none if it is not known what that says."""
    if isinstance(value, Text):
        value = "".join(part if isinstance(part, str) else _UNKNOWN for part in value.parts)
    reference = of_arn(Span(0, 0), value, ()) if isinstance(value, str) else None
    if reference is None or not reference.has_document(bundled()):
        return []
    return documents.statements_of(newest_document(bundled(), reference.short_name))
