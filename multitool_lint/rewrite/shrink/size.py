"""How large policies are, against what they may be at most."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from multitool_lint.aws.policy_types import Quota, quotas
from multitool_lint.policy.document import Policy
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.policy.size import quota_of, sizes
from multitool_lint.rewrite.shrink.merge import minified


class Size(NamedTuple):
    """A size in what AWS counts for a policy of some type."""

    number: int
    unit: str

    def of(self, target: int | None) -> str:
        """The size in words, and of how much where there is a target."""
        return f"{self.number:,}{f' of {target:,}' if target else ''} {self.unit}"


def size_of(policy: Policy) -> Size:
    """How large a policy is; where no quota is known, it is counted as a managed policy is."""
    quota = _quota(policy)
    if quota.counts_whitespace:
        start, end = policy.root.span
        return Size(sizes(policy.source.text[start:end], quota)[0], quota.unit)
    # A Markdown page may have more than whitespace before the lines of a policy.
    return Size(sizes(minified(policy), quota)[1], f"{quota.unit} without whitespace")


def measure_of(policy: Policy) -> Callable[[str], int]:
    """What measures how large a part of the text of a policy is."""
    quota = _quota(policy)
    counted = 0 if quota.counts_whitespace else 1
    return lambda text: sizes(text, quota)[counted]


def over(policies: Sequence[Policy], target: int | None) -> Iterator[int]:
    """The policies, by their places, that are larger than a target."""
    for at, policy in enumerate(policies):
        if target and size_of(policy).number > target:
            yield at


def _quota(policy: Policy) -> Quota:
    return quota_of(policy) or quotas()[PolicyType.IDENTITY.value]
