"""Finds what the resources of policies name among many identities, without asking for each."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from multitool_lint.aws.arn import FIELDS
from multitool_lint.aws.patterns import has_wildcard, literal_prefix, matches
from multitool_lint.policy.resources import is_everywhere

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from multitool_lint.policy.takeovers import Aim, GrantedSteps


class NamedAims:
    """Aims, by the last parts of their ARNs, which are known also where the account is not."""

    def __init__(self, aims: Iterable[Aim]) -> None:
        self._all = tuple(aims)
        self._by_part: dict[str, list[int]] = {}
        self._of_iam: dict[bool, list[int]] = {True: [], False: []}
        for number, aim in enumerate(self._all):
            self._of_iam[aim.iam_type.startswith("iam:")].append(number)
            for part in {_part(arn) for arn in aim.arns}:
                self._by_part.setdefault(part, []).append(number)
        self._parts = sorted(self._by_part)

    def within(self, found: GrantedSteps) -> Iterator[Aim]:
        """The aims that a step which is about such ones may name, in their order."""
        numbers: set[int] = set()
        for is_iam, parts in found.named.items():
            if parts is None:
                numbers.update(self._of_iam[is_iam])
            for part in parts or ():
                numbers.update(self._matching(part))
        return (self._all[number] for number in sorted(numbers))

    def _matching(self, part: str) -> Iterator[int]:
        if not has_wildcard(part):
            yield from self._by_part.get(part, ())
            return
        start = literal_prefix(part)
        for own in self._parts[bisect_left(self._parts, start) :]:
            if not own.startswith(start):
                break
            if matches(part, own):
                yield from self._by_part[own]


def named_parts(found: GrantedSteps) -> dict[bool, frozenset[str] | None]:
    """The last parts of the ARNs that steps name: of those of IAM, and of others; None if any."""
    parts: dict[bool, frozenset[str] | None] = {}
    for is_iam in (True, False):
        statements = {
            taken.step.grant.statement
            for action, some in found.steps.items()
            if action.startswith("iam:") is is_iam
            for taken in some
        }
        is_any = any(
            is_everywhere(statement) or statement.negates_resources for statement in statements
        )
        names = (_part(name) for statement in statements for name in statement.resource_names)
        parts[is_iam] = None if is_any else frozenset(names)
    return parts


def _part(arn: str) -> str:
    fields = arn.split(":", FIELDS - 1)
    return fields[-1] if len(fields) == FIELDS else "*" if has_wildcard(arn) else arn
