"""Which identities of a source can assume which roles of it, by trust policies and permissions.

A trust policy that names a user or role of its account is enough. One that names the account is
not: the user or role needs a policy, too.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.patterns import has_wildcard, matches
from multitool_lint.limits import MAX_ASSUMED_ROLES
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.administrator import is_administrator, may_be_administrator
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.identities import AppliedPolicy, Identity, IdentityKind, combine
from multitool_lint.policy.in_force import in_force
from multitool_lint.policy.takeover_ways import Takeovers
from multitool_lint.syntax.tree import Node, as_list, partly_known_text

ASSUME = "sts:assumerole"
_ASSUMING = frozenset({"sts:AssumeRole", "sts:*", "*"})
_ROOT = ":root"
_OF_IAM = ":iam::"


class Hop(NamedTuple):
    """That a role can be assumed: where a policy allows it, and whether it names the role."""

    role: Identity
    policy: Policy | None
    node: Node
    is_named: bool


class AssumableRoles:
    """The ways of identities to roles that are administrators, by what they can certainly assume.

    Of the policies of `identities`, it has those that are about assuming roles.
    """

    def __init__(self, catalog: Catalog) -> None:
        self.identities: list[Identity] = []
        self._catalog = catalog
        self._administrators: set[int] = set()
        self._by_name: dict[str, list[Hop]] = {}
        self._by_account: dict[str, list[Hop]] = {}
        self.takeovers = Takeovers(self, catalog)

    def add(self, identity: Identity) -> Identity:
        """Add one, and return what is kept of it: the policies that are about assuming roles."""
        known = [(found, text) for found in identity.policies if (text := self._text(found))]
        trusted = [*self._trusted_by(identity)]
        may_be_one = may_be_administrator((text for _, text in known), self._catalog)
        administers = may_be_one and any(self._administering(identity))
        kept = identity._replace(
            policies=tuple(found for found, text in known if _may_assume(text) or _denies(text)),
            trust=identity.trust if trusted else None,
        )
        self.identities.append(kept)
        if administers:
            self._administrators.add(id(kept))
        self.takeovers.add(kept, identity)
        for node in trusted:
            principal = partly_known_text(node)
            hop = Hop(kept, kept.trust, node, is_named=True)
            is_account = principal.endswith(_ROOT) or _OF_IAM not in principal
            account = principal.removesuffix(_ROOT).rpartition(_OF_IAM)[2]
            name = account if is_account else principal
            found = self._by_account if is_account else self._by_name
            found.setdefault(name, []).append(hop)
        return kept

    def _text(self, applied: AppliedPolicy) -> Policy | None:
        return applied.document(self._catalog)

    def is_administrator(self, identity: Identity) -> bool:
        """Whether an identity is an administrator by its policies."""
        return id(identity) in self._administrators

    def way_to_administrator(self, identity: Identity) -> Sequence[Hop]:
        """The shortest way to a role that is an administrator; none from one that is one."""
        return self._ways.get(id(identity), ())

    def unused_trust(self) -> Iterator[tuple[Identity, str]]:
        """The roles that trust the account they are in, which nobody of it may assume.

        Also those that trust one of the account which it does not have. It must have them all.
        """
        used = {
            id(hop.role)
            for identity in self.identities
            if identity.kind is not IdentityKind.GROUP and self._is_free(identity)
            for account in identity.accounts
            for hop in self._by_permission(identity, self._leading_all.by_account.get(account, {}))
        }
        arns = {arn for identity in self.identities for arn in identity.arns}
        accounts = {account for identity in self.identities for account in identity.accounts}
        for account in accounts & self._by_account.keys():
            for hop in self._by_account[account]:
                if id(hop.role) not in used:
                    yield hop.role, partly_known_text(hop.node)
        for name, hops in self._by_name.items():
            if name not in arns and name.split(":")[4:5] == [*accounts]:
                yield from ((hop.role, name) for hop in hops)

    @cached_property
    def _leading_all(self) -> Leading:
        return self.leading({id(identity): () for identity in self.identities})

    def is_on_a_way(self, identity: Identity) -> bool:
        """Whether another one becomes an administrator over a role."""
        return id(identity) in self._on_ways

    @cached_property
    def _on_ways(self) -> frozenset[int]:
        return frozenset(id(hop.role) for way in self._ways.values() for hop in way[:-1])

    @cached_property
    def _ways(self) -> dict[int, tuple[Hop, ...]]:
        """The ways, found from their ends: each round, those that are one role longer."""
        trusting = chain.from_iterable((*self._by_name.values(), *self._by_account.values()))
        ways: dict[int, tuple[Hop, ...]] = {
            id(hop.role): () for hop in trusting if id(hop.role) in self._administrators
        }
        left = [
            identity for identity in self.identities if id(identity) not in self._administrators
        ]
        last = ways
        for _ in range(MAX_ASSUMED_ROLES) if ways else ():
            leading = self.leading(last)
            last = {
                id(identity): (hop, *ways[id(hop.role)])
                for identity in left
                if id(identity) not in ways and (hop := self.hop(identity, leading))
            }
            ways |= last
        return ways

    def leading(self, roles: Mapping[int, object]) -> Leading:
        """Some roles, by their ids, as those that can be assumed."""
        return Leading(self._by_name, self._by_account, roles)

    def hop(self, identity: Identity, leading: Leading) -> Hop | None:
        """How an identity can assume one of some roles."""
        if identity.kind is IdentityKind.GROUP or not self._is_free(identity):
            return None
        named = (leading.by_name[arn] for arn in identity.arns if arn in leading.by_name)
        accounts = filter(None, map(leading.by_account.get, identity.accounts))
        by_permission = (self._by_permission(identity, found) for found in accounts)
        return next(chain(named, *by_permission), None)

    def _by_permission(self, identity: Identity, by_arn: Mapping[str, Hop]) -> Iterator[Hop]:
        policies = filter(None, (found.policy for found in identity.policies))
        for policy in policies:
            for statement in in_force(policy, self._catalog).statements:
                if not (statement.allows and _is_plain(statement)) or statement.negates_resources:
                    continue
                node = next(node for node, text in statement.action_texts if _is_about(text))
                for pattern in statement.resource_names:
                    named = by_arn.get(pattern)
                    is_wide = has_wildcard(pattern)
                    found = [*by_arn] if is_wide else [pattern] if named else []
                    for arn in found:
                        if not is_wide or matches(pattern, arn):
                            yield Hop(by_arn[arn].role, policy, node, not is_wide)

    def _administering(self, identity: Identity) -> Iterator[bool]:
        for policies, boundary in identity.together():
            known = [(found, text) for found in policies if (text := self._text(found))]
            limit = self._text(boundary) if boundary else None
            if known and not (boundary and limit is None):
                combined = combine(known, self._catalog, denials=frozenset())
                yield is_administrator(combined.policy, limit, self._catalog)

    def _trusted_by(self, role: Identity) -> Iterator[Node]:
        for statement in in_force(role.trust, self._catalog).statements if role.trust else ():
            yield from _trusted(statement)

    def _is_free(self, identity: Identity) -> bool:
        """Whether nothing that is known forbids the identity to assume roles."""
        documents = map(self._text, identity.policies)
        limits = map(self._text, identity.boundaries)
        return not any(_denies(policy) for policy in documents if policy) and all(
            policy and any(s.allows and _is_plain(s) for s in policy.statements)
            for policy in limits
        )


class Leading:
    """The roles that lead to an administrator, by who is trusted and by their ARNs."""

    def __init__(
        self,
        by_name: Mapping[str, Sequence[Hop]],
        by_account: Mapping[str, Sequence[Hop]],
        roles: Mapping[int, object],
    ) -> None:
        self.by_name = {
            name: hop for name, hops in by_name.items() for hop in hops if id(hop.role) in roles
        }
        self.by_account = {
            name: {arn: hop for hop in hops if id(hop.role) in roles for arn in hop.role.arns}
            for name, hops in by_account.items()
        }


def _may_assume(policy: Policy) -> bool:
    return any(s.allows and _names_assuming(s) for s in policy.statements)


def _denies(policy: Policy) -> bool:
    """Whether a policy denies to assume roles, be it some of them, or sometimes."""
    return any(
        s.effect == "Deny" and (s.negates_actions or _names_assuming(s)) for s in policy.statements
    )


def _trusted(statement: Statement) -> Iterator[Node]:
    """The AWS principals that a statement of a trust policy allows to assume the role."""
    principal = statement.principal
    if not (statement.allows and _is_plain(statement)) or principal is None:
        return
    values = principal.value.get("AWS") if principal.key == "Principal" else None
    yield from as_list(values) if values else ()


def _is_plain(statement: Statement) -> bool:
    """Whether a statement is about assuming roles, under no condition."""
    return (
        statement.condition is None and not statement.negates_actions and _names_assuming(statement)
    )


def _names_assuming(statement: Statement) -> bool:
    may_name = statement.open_ended or "sts" in statement.services
    return may_name and any(map(_is_about, statement.action_names))


def _is_about(action: str) -> bool:
    return action in _ASSUMING or matches(action.lower(), ASSUME)
