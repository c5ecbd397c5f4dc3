"""Managed policies that grant every action of a service, on all resources, attached."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import chain
from typing import TYPE_CHECKING

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.sensitive_actions import data, permissions, stored_data
from multitool_lint.diagnostics.assumed import as_assumed
from multitool_lint.diagnostics.finding import Finding, ReferenceContext, quoted
from multitool_lint.diagnostics.granting import by_service
from multitool_lint.policy.access import (
    Grant,
    covers_service,
    grants,
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

if TYPE_CHECKING:
    from multitool_lint.policy.granted_steps import GrantedStep


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
            services, notes = found
            finding = context.finding(
                reference,
                f"{quoted(known.name)} is attached, which grants all actions of {services} on all "
                "resources",
                notes=notes,
                help="attach a policy with the actions and resources that are needed; to see what "
                f"this one allows, run: multitool-lint show {known.name}",
            )
            yield as_assumed(finding) if reference.assumed else finding


@lru_cache(maxsize=256)
def _found(catalog: Catalog, name: str) -> tuple[str, tuple[str, ...]] | None:
    """The services of which a policy grants everything, and notes on their sensitive actions.

    None if there are none, or if other rules say more of it.
    """
    policy = document_of(catalog, name)
    if policy is None or reportable_paths(policy, catalog, targets=False):
        return None
    granted = grants(policy, catalog)
    if any(grant.full for grant in granted):
        return None
    if any(_spans_most(grant, catalog) for grant in granted):
        return "most services", ()
    openings = [path.opening for path in reportable_paths(policy, catalog, targets=True)]
    whole = [_Whole(grant, catalog) for grant in granted]
    by_kind = {
        "managing permissions: ": [own.of_kind(permissions) for own in whole],
        "reading data: ": [own.of_kind(data) for own in whole if own.of_kind(stored_data)],
        "using roles of existing resources: ": [own.opening(openings) for own in whole],
    }
    sensitive = {kind: ActionSet().union(actions) for kind, actions in by_kind.items()}
    services = sorted(ActionSet().union(sensitive.values()).prefixes)
    notes = [by_service(catalog.names(actions), kind) for kind, actions in sensitive.items()]
    return (" and ".join(services), (*chain(*notes),)) if services else None


def _spans_most(grant: Grant, catalog: Catalog) -> bool:
    is_wide = grant.statement.negates_actions and grant.everywhere
    return is_wide and spans_most_services(grant.actions, catalog)


class _Whole:
    """What a grant has of the services that it grants as a whole."""

    def __init__(self, grant: Grant, catalog: Catalog) -> None:
        self._grant = grant
        self._catalog = catalog
        whole = (catalog.match(text) for _, text in grant.named if covers_service(text))
        self._actions = ActionSet().union(whole)

    def of_kind(self, of_service: Callable[[Catalog, str], int]) -> ActionSet:
        """Those of a kind that it has on all resources, and that accept specific ones."""
        of_prefix = partial(of_service, self._catalog)
        found = unrestricted_actions(self._grant, of_prefix, self._catalog)
        return with_resources(found, self._catalog) & self._actions

    def opening(self, steps: Sequence[GrantedStep]) -> ActionSet:
        """Those that are steps of the grant."""
        own = (step for step in steps if step.grant.statement is self._grant.statement)
        return self._actions & ActionSet().union(self._catalog.match(step.action) for step in own)
