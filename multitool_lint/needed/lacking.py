"""What an identity lacks of what applying something takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.policy.evaluation.decision import Decision, RequestDecision

if TYPE_CHECKING:
    from collections.abc import Callable

    from multitool_lint.needed.needs import Needs, ResourceNeeds


class Lacking(NamedTuple):
    """An action on an ARN that a resource takes, and that is not allowed, or may not be."""

    resource: ResourceNeeds
    action: str
    arn: str
    decided: RequestDecision


def lacking(needs: Needs, decide: Callable[[str, str], RequestDecision]) -> list[Lacking]:
    """What is not allowed of what is needed, or not certainly, by resource.

    `decide` says what AWS decides about an action on an ARN.
    """
    decisions: dict[tuple[str, str], RequestDecision] = {}
    found = []
    for resource in needs.resources:
        for need in resource.needed:
            for arn in need.resources:
                request = need.action, arn
                decided = decisions.get(request) or decide(*request)
                decisions[request] = decided
                if decided.decision is not Decision.ALLOWED:
                    found.append(Lacking(resource, need.action, arn, decided))
    return found
