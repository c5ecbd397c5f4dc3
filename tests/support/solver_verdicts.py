"""What an SMT solver says of the answers of `diff`, and of what rewrites make of policies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from multitool_lint import diff, expand, fix, shrink, tighten
from multitool_lint.aws.arn import wildcard_of
from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.aws.patterns import matches
from support.solver import SIDES, Comparison, DisagreementError, UndecidedError
from support.solver_variables import Actions
from support.statements import NotEncodedError, listed

if TYPE_CHECKING:
    from multitool_lint.policy.changes import Difference
    from support.evaluator import Request

Document = dict[str, Any]

_USED = ("s3:GetObject", "s3:PutObject", "ec2:DescribeInstances", "iam:PassRole")
_SIZE = 2_000
"""A size that what is in a large policy needs several for."""

_EQUIVALENT: dict[str, Callable[[Document], Any]] = {
    "fix": fix,
    "expand": expand,
    "expand --invert-not-action": partial(expand, invert_not_action=True),
    "shrink": shrink,
    "shrink --split": partial(shrink, target_size=_SIZE, split=True),
}
_NARROWER: dict[str, Callable[[Document], Any]] = {
    "tighten --access-level": partial(tighten, levels=["read"]),
    "tighten --drop-wildcards": partial(tighten, drop_wildcards=True),
    "tighten --used": partial(tighten, used=_USED),
}


class Verdicts:
    """Asks the solver, and counts what was asked."""

    def __init__(self) -> None:
        catalog = bundled()
        self.counts: Counter[str] = Counter()
        self._actions = Actions(catalog.names(catalog.all_actions()))

    def on_diff(self, old: Document, new: Document) -> Iterator[str]:
        """What is wrong with the answer of `diff` on two policies, a line each."""
        return self._guarded(self._on_diff(old, new))

    def on_rewrites(self, policy: Document) -> Iterator[str]:
        """What is wrong with what the rewrites make of a policy, a line each."""
        for name, rewrite in (_EQUIVALENT | _NARROWER).items():
            result = rewrite(policy)
            new = result if name == "fix" else _joined(result.policies)
            if new != policy:
                yield from self._guarded(self._on_rewrite(name, policy, new))

    def _on_diff(self, old: Document, new: Document) -> Iterator[str]:
        comparison = Comparison(old, new, self._actions)
        changes = diff(old, new)
        self.counts["pairs compared"] += 1
        lifted = comparison.denied_only_by("old")
        for side, found in zip(SIDES, (changes.lost, changes.gained), strict=True):
            request = comparison.allowed_only_by(side)
            expected = request or (lifted if side == "new" else None)
            if expected and not found and not _is_possible(expected):
                continue
            if expected and not found and not changes.unknown:
                yield f"diff misses what only the {side} policy allows: {expected}"
            own = [difference for difference in found if not _is_of_others(difference)]
            if not request and any(difference.certain for difference in own):
                yield f"diff finds what the {side} policy does not allow: {own[0].example}"
            proved = any(difference.certain for difference in own) if request else not own
            answer = "differences" if request else "inclusions"
            self.counts[f"{answer} {'' if proved else 'not '}proved by diff"] += 1

    def _on_rewrite(self, name: str, old: Document, new: Document) -> Iterator[str]:
        comparison = Comparison(old, new, self._actions)
        self.counts[f"policies changed by {name}"] += 1
        request = comparison.allowed_only_by("new") or comparison.denied_only_by("old")
        if name in _EQUIVALENT and not request:
            request = comparison.allowed_only_by("old") or comparison.denied_only_by("new")
        if request:
            yield f"{name} changes access: {request}"

    def _guarded(self, lines: Iterator[str]) -> Iterator[str]:
        """The lines; what the solver cannot say is counted."""
        try:
            yield from lines
        except NotEncodedError as error:
            self.counts[f"pairs not encoded: {error}"] += 1
        except UndecidedError:
            self.counts["pairs that the solver did not decide in time"] += 1
        except DisagreementError as error:
            yield f"the evaluator disagrees with the solver: {error}"


def _joined(policies: tuple[Document, ...]) -> Document:
    """One policy that grants what several do."""
    statements = [found for policy in policies for found in listed(policy["Statement"])]
    return policies[0] | {"Statement": statements}


def _is_of_others(difference: Difference) -> bool:
    """Whether a Deny is lifted, and other policies may allow what it denied."""
    return "other policies" in (difference.doubt or "")


def _is_possible(request: Request) -> bool:
    """Whether the action of a request acts on its resource, by AWS's reference."""
    action = bundled().action(request.action)
    service = bundled().service(request.action.partition(":")[0])
    if action is None or service is None or request.resource is None:
        return True
    types = service.resource_types
    formats = [
        format_
        for accepted in action.resource_types
        if accepted.name in types
        for format_ in types[accepted.name].arn_formats
    ]
    return not formats or any(matches(wildcard_of(text), request.resource) for text in formats)
