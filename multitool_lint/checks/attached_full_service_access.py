"""Managed policies that grant every action of a service, on all resources, attached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache, partial

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.sensitive_actions import permissions
from multitool_lint.diagnostics.assumed import as_assumed
from multitool_lint.diagnostics.finding import Finding, ReferenceContext, quoted
from multitool_lint.diagnostics.granting import by_service
from multitool_lint.policy.access import (
    Grant,
    covers_service,
    sensitive_grants,
    spans_most_services,
    with_resources,
)
from multitool_lint.policy.escalation import reportable_paths
from multitool_lint.policy.managed_references import (
    OF_SERVICES,
    PolicyReference,
    ReferenceUse,
    document_of,
)
from multitool_lint.policy.unrestricted_actions import unrestricted_actions


def check(references: Sequence[PolicyReference], context: ReferenceContext) -> Iterator[Finding]:
    """One finding for each attached policy, but for those of which other rules say more."""
    for reference in references:
        known = reference.policy(context.catalog)
        if (
            reference.use is not ReferenceUse.ATTACHED
            or reference.bounded
            or known is None
            or known.path in OF_SERVICES
        ):
            continue
        found = _found(context.catalog, known.name)
        if found:
            services, actions = found
            finding = context.finding(
                reference,
                f"{quoted(known.name)} is attached, which grants all actions of {services} on all "
                "resources",
                notes=by_service(actions, "managing permissions: "),
                help="attach a policy with the actions and resources that are needed; to see what "
                f"this one allows, run: multitool-lint show {known.name}",
            )
            yield as_assumed(finding) if reference.assumed else finding


@lru_cache(maxsize=256)
def _found(catalog: Catalog, name: str) -> tuple[str, Sequence[str]] | None:
    """The services of which a policy grants everything, and their actions that manage permissions.

    None if there are none, or if other rules say more of it.
    """
    policy = document_of(catalog, name)
    if policy is None or reportable_paths(policy, catalog, targets=False):
        return None
    grants = sensitive_grants(policy, catalog)
    if any(grant.full for grant in grants):
        return None
    if any(_spans_most(grant, catalog) for grant in grants):
        return "most services", ()
    managing = ActionSet().union(_of_whole_services(grant, catalog) for grant in grants)
    services = sorted(managing.prefixes)
    return (" and ".join(services), list(catalog.names(managing))) if services else None


def _spans_most(grant: Grant, catalog: Catalog) -> bool:
    is_wide = grant.statement.negates_actions and grant.everywhere
    return is_wide and spans_most_services(grant.actions, catalog)


def _of_whole_services(grant: Grant, catalog: Catalog) -> ActionSet:
    """The actions that manage permissions, of the services that a grant has as a whole."""
    found = with_resources(
        unrestricted_actions(grant, partial(permissions, catalog), catalog), catalog
    )
    whole = (catalog.match(text) for _, text in grant.named if covers_service(text))
    return found & ActionSet().union(whole)
