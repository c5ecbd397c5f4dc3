"""Service principals, and condition values that are one, that are not in a valid form."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import patterns
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.principals import is_known
from multitool_lint.aws.service_requests import (
    CALLED_VIA_KEYS,
    REGIONAL_KEY,
    SERVICE_VALUED_KEYS,
    is_service_principal,
    may_be_service_principal,
    principal_labels,
    principal_suffixes,
)
from multitool_lint.diagnostics.finding import Context, Finding, enumerate_briefly, quoted
from multitool_lint.diagnostics.fixes import write
from multitool_lint.diagnostics.placeholder import has_placeholder, to_be_replaced
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.document import Condition, Policy
from multitool_lint.policy.principals import principal_values
from multitool_lint.syntax.tree import Node


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every value that is not a valid service principal."""
    for statement in policy.statements:
        for value in principal_values(statement, "Service"):
            if _is_malformed(value.text):
                yield _finding(context, value.node, value.text)
        for condition in statement.conditions:
            key = condition.lower_key
            regional = key == REGIONAL_KEY
            if not regional and key not in SERVICE_VALUED_KEYS:
                continue
            if condition.comparison.family == "String":
                for node, text in condition.texts:
                    if _is_malformed(text, regional=regional):
                        yield _finding(context, node, text, regional=regional)
                    elif key in CALLED_VIA_KEYS and len(principal_labels(text)) > 1:
                        yield _with_labels(context, condition, node, text)


def _with_labels(context: Context, condition: Condition, node: Node, text: str) -> Finding:
    return context.finding(
        node,
        f"IAM Access Analyzer rejects {quoted(text)} in {condition.key.key}",
        label="has more than one name before the domain",
        help="use the form service.amazonaws.com",
        severity=Severity.WARNING,  # AWS managed policies have such values
    )


def _is_malformed(text: str, *, regional: bool = False) -> bool:
    if patterns.has_wildcard(text):
        return False  # which values it has is not known
    if "${" in text:
        return not may_be_service_principal(text)
    return not is_service_principal(text, regional=regional)


def _finding(context: Context, node: Node, text: str, *, regional: bool = False) -> Finding:
    if has_placeholder(text):
        return to_be_replaced(context, node, text)
    form = "service.region" if regional else "service"
    suffix, *others = principal_suffixes()
    other = enumerate_briefly(others, 2)
    notes = (f"expected {form}{suffix} in lower case, or another suffix: {other}",)
    if intended := _intended(context.catalog, text.lower(), regional=regional):
        title = f'{quoted(text)} is not a service principal; did you mean "{intended}"?'
        return context.finding(node, title, notes=notes, fixes=write(node, intended))
    title = f"{quoted(text)} is not a service principal"
    if regional:
        title = f"{quoted(text)} is not a service principal with a Region"
    return context.finding(node, title, notes=notes)


def _intended(catalog: Catalog, text: str, *, regional: bool) -> str | None:
    """The known service principal with which a text begins, whatever domain follows."""
    if is_service_principal(text, regional=regional):
        return text
    labels = text.split(".")
    domain = ".amazonaws.com.cn" if labels[-1] == "cn" else ".amazonaws.com"
    for end in range(len(labels), 0, -1):
        intended = f"{'.'.join(labels[:end])}{domain}"
        known = catalog.service(labels[0]) if regional else is_known(intended)
        if known and is_service_principal(intended, regional=regional):
            return intended
    return None
