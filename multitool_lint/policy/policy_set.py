"""The policies of a version of a file, with what decides about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.named_tuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from multitool_lint.policy.changes import NotCompared
    from multitool_lint.policy.document import Policy
    from multitool_lint.syntax.source import Span


class ConditionalPolicy(NamedTuple):
    """A policy, and the conditions of a template with which it is there: any of them, or always.

    `place` is the path, line and column in the file of a span of the policy.
    """

    policy: Policy
    place: Callable[[Span], str]
    cases: tuple[Mapping[str, bool], ...] = ()


class PolicySet(NamedTuple):
    """The policies of a version of a file, and what of it could not be read.

    `written` has what is written there and where, of what means the same as long as that is the
    same. What is `filled_in` is what tags of a template say that others write.
    """

    path: str
    policies: tuple[ConditionalPolicy, ...] = ()
    unknown: tuple[NotCompared, ...] = ()
    written: Mapping[NotCompared, tuple[str, str]] = {}
    filled_in: Mapping[NotCompared, str] = {}

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing that could grant access."""
        return not (self.policies or self.unknown)

    @property
    def is_one_policy(self) -> bool:
        """Whether the file is a policy as a whole, and not statements for one."""
        policies = [member.policy for member in self.policies]
        return [(policy.name, policy.fragment) for policy in policies] == [(None, False)]
