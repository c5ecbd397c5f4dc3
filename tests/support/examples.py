"""What the evaluator decides of an example that the package gives, under its assumptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from support.evaluator import Reading, Request, decide
from support.policy_texts import EXPRESSIONS, filled_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from multitool_lint.policy.changes import Difference
    from multitool_lint.policy.compare.request import Request as Example
    from support.evaluator import Decision, Kind

    Unreadable = Callable[[str, str, str], bool]

ROLE = "arn:aws:iam::111122223333:role/app"
USER = ("AWS", "arn:aws:iam::111122223333:user/ada")


def is_confirmed(
    difference: Difference, has: dict[str, Any], lacks: dict[str, Any], kind: Kind
) -> bool:
    """Whether an example is decided differently, or no longer denied by the policy that `has`."""
    if difference.example is None:
        return False
    more, less = (decisions(policy, difference.example, kind) for policy in (has, lacks))
    if "other policies" in (difference.doubt or ""):
        return less == {"Deny"} and "Deny" not in more
    return more == {"Allow"} and "Allow" not in less


def decisions(document: dict[str, Any], example: Example, kind: Kind) -> set[Decision]:
    """What a policy decides of an example, in every reading that the assumptions leave."""
    context = {
        key: values[0] if len(values) == 1 else list(values)
        for key, values in example.context.items()
        if values is not None
    }
    request = Request(example.action, example.resource or ROLE, example.principal or USER, context)
    return {
        decide(filled, request, kind, reading)
        for filled in _filled_in(document, example)
        for reading in _readings(example)
    }


def _filled_in(document: dict[str, Any], example: Example) -> Iterator[dict[str, Any]]:
    """The policy with the values that are assumed, and any others for what else is unknown."""
    assumed = {about.subject: about.value for about in example.assumptions if about.value}
    for other in ("one", "two"):
        yield filled_in(
            document,
            {
                name: assumed.get(f"${{{name}}}") or assumed.get(f"${{{expression}}}") or other
                for name, expression in EXPRESSIONS.items()
            },
        )


def _readings(example: Example) -> Iterator[Reading]:
    """The ways in which AWS may read what its documentation leaves open, as far as is assumed."""
    meanings = {about.subject: about.meaning for about in example.assumptions}
    tests = {
        (operator.lower(), value): meaning == "matches every value"
        for subject, meaning in meanings.items()
        for operator, _, value in [subject.partition(" ")]
    }
    without_key = [meaning == "holds without" for meaning in meanings.values() if "hold" in meaning]

    def assumed(default: bool) -> Unreadable:  # noqa: FBT001 - what else may be
        def unreadable(operator: str, value: str, _actual: str) -> bool:
            return tests.get((operator.replace("arnequals", "arnlike"), value), default)

        return unreadable

    for default in (False, True):
        for by_field in (False, True):
            for any_if_exists in without_key or (False, True):
                yield Reading(assumed(default), by_field=by_field, any_if_exists=any_if_exists)
