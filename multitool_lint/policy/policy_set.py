"""The policies of a version of a file, with what decides about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from multitool_lint.policy.changes import Unknown
    from multitool_lint.policy.document import Policy
    from multitool_lint.syntax.source import Span


RESTRICTED = "\0"
"""What a definition has before each rule about the values that it may have."""


class ConditionalPolicy(NamedTuple):
    """A policy, and the conditions of a template with which it is there: any of them, or always.

    `place` is the path, line and column in the file of a span of the policy.
    """

    policy: Policy
    place: Callable[[Span], str]
    cases: tuple[Mapping[str, bool], ...] = ()


class Link(NamedTuple):
    """What a policy is attached to or merged into, or which policies an `owner` has.

    An `optional` link may begin or end with its owner, which other findings report.
    """

    text: str
    owner: str = ""
    optional: bool = False


class Facts(NamedTuple):
    """What a file has besides policies that decides what they grant.

    `definitions` are the defaults of parameters and variables, local values, and conditions, by the
    name that expressions have for them; `links` are attachments; `owners` what may have them.
    `documents` are the names that documents of a file have for themselves, by their number in it.
    `parts` has the policies of a template that belong to one of its resources, each with that one.
    """

    definitions: Mapping[str, str] = {}
    links: Mapping[str, Link] = {}
    owners: frozenset[str] = frozenset()
    documents: Mapping[str, str] = {}
    parts: Mapping[str, str] = {}

    def gone_from(self, new: Facts) -> frozenset[str]:
        """What does not have policies any more: it is gone, or went with what it belonged to."""
        gone = self.owners - new.owners
        if new.owners - self.owners:
            return gone  # one of them may be the same under another name
        return gone | {name for name, of in self.parts.items() if of in gone}


class Reference(NamedTuple):
    """The name of a file, and the address of the policy or nested stack that it is."""

    file: str
    address: str
    is_stack: bool


class PolicySet(NamedTuple):
    """The policies of a version of a file, and what of it could not be read.

    `references` are the files in which some of that is. `written` has what is written there and
    where, of what means the same as long as that and the definitions that it names are the same.
    """

    path: str
    policies: tuple[ConditionalPolicy, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    facts: Facts = Facts()
    references: Mapping[Unknown, Reference] = {}
    written: Mapping[Unknown, str] = {}

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing that could grant access."""
        return not (self.policies or self.unknown or self.facts.links)

    @property
    def is_one_policy(self) -> bool:
        """Whether the file is a policy as a whole, and not statements for one."""
        policies = [member.policy for member in self.policies]
        return [(policy.name, policy.fragment) for policy in policies] == [(None, False)]

    def with_file(self, reference: Unknown, address: str, inner: PolicySet) -> PolicySet:
        """The policies with those of a file that is the whole of what has an address."""
        named = []
        for member in inner.policies:
            policy = member.policy
            name = f"{address}/{policy.name}" if policy.name else address
            named.append(member._replace(policy=policy.with_root(policy.root, name=name)))
        facts = self.facts
        definitions = dict(facts.definitions)
        for key, text in inner.facts.definitions.items():
            definitions[key] = f"{definitions[key]}, {text}" if key in definitions else text
        links = {f"{address}/{key}": link for key, link in inner.facts.links.items()}
        others = (unknown for unknown in self.unknown if unknown != reference)
        return self._replace(
            policies=(*self.policies, *named),
            unknown=(*others, *inner.unknown),
            facts=facts._replace(definitions=definitions, links={**facts.links, **links}),
        )
