"""What an identity lacks of what applying something takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.policy.evaluation.asked_request import asked_request
from multitool_lint.policy.evaluation.decision import Decision, decide_alone

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.needed.needs import Needs, ResourceNeeds
    from multitool_lint.policy.evaluation.decision import RequestDecision
    from multitool_lint.policy.policy_set import PolicySet


class Lacking(NamedTuple):
    """An action on an ARN that a resource takes, and that is not allowed, or may not be."""

    resource: ResourceNeeds
    action: str
    arn: str
    decided: RequestDecision


def lacking(needs: Needs, policy: PolicySet, catalog: Catalog) -> list[Lacking]:
    """What a policy does not allow of what is needed, or not certainly, by resource."""
    decisions: dict[tuple[str, str], RequestDecision] = {}
    found = []
    for resource in needs.resources:
        for need in resource.needed:
            for arn in need.resources:
                request = need.action, arn
                if request not in decisions:
                    asked = asked_request(*request, None, {}, None, catalog, complete=False)
                    decisions[request] = decide_alone(asked, policy)
                decided = decisions[request]
                if decided.decision is not Decision.ALLOWED:
                    found.append(Lacking(resource, need.action, arn, decided))
    return found
