"""Statements with a principal about resources that have no policies."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from multitool_lint.aws import patterns
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.policy_types import services_without_policies
from multitool_lint.diagnostics.finding import Context, Finding, enumerate_briefly
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.principals import all_are_known, everyone
from multitool_lint.syntax.tree import Object

_SETS_POLICY = lazy_pattern(r"(Add|Attach|Modify|Put|Set|Update)\w*(Permissions?|Policy)")


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for a policy whose statements are all about resources without policies.

    The policy of a VPC endpoint may be about any resource; it is usually for everyone.
    """
    statements = policy.statements
    if policy.resource_type or not statements or not all(map(_lists_some, statements)):
        return
    services = {prefix for statement in statements for prefix in statement.services}
    if not services <= services_without_policies():
        return
    if not all(_is_without_policies(statement, context.catalog) for statement in statements):
        return
    principal = statements[0].principal
    if principal:
        whose = enumerate_briefly(sorted(services))
        yield context.finding(
            principal,
            f'"Principal" cannot be used here: resources of {whose} have no policies',
            notes=("only the policy of a VPC endpoint can have such statements",),
            help='remove "Principal", and attach the policy to the user, group or role',
        )


def _lists_some(statement: Statement) -> bool:
    """Whether it lists principals that are known, and not everyone."""
    principal = statement.principal
    return (
        principal is not None
        and principal.key == "Principal"
        and isinstance(principal.value.value, Object)
        and all_are_known(statement)
        and everyone(statement) is None
        and not statement.negates_actions
        and 0 < len(statement.action_names) == statement.action_count
        and not any(map(patterns.has_wildcard, statement.services))
    )


def _is_without_policies(statement: Statement, catalog: Catalog) -> bool:
    """Whether no action of a statement is about a resource that the catalog has policies of."""
    return all(
        type_.name not in _types_with_policies(catalog, action.prefix)
        for text in statement.action_names
        for name in catalog.names(catalog.match(text))
        if (action := catalog.action(name))
        for type_ in action.resource_types
    )


@lru_cache(maxsize=64)
def _types_with_policies(catalog: Catalog, prefix: str) -> frozenset[str]:
    """The resource types of a service of which one of its actions sets the policy."""
    service = catalog.service(prefix)
    names = service.action_names[: service.current] if service else ()
    return frozenset(
        type_.name
        for name in names
        if _SETS_POLICY.fullmatch(name) and (action := catalog.action(f"{prefix}:{name}"))
        if "Permissions management" in action.access_levels
        for type_ in action.resource_types
    )
