"""The ways of identities of a deployment to administrators, by paths of escalation and by roles."""

from __future__ import annotations

from functools import cached_property, lru_cache, reduce
from operator import or_
from types import MappingProxyType
from typing import TYPE_CHECKING

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.escalation_paths import IN_ORDINARY_USE, Path
from multitool_lint.aws.sensitive_actions import permissions, stored_data, usable_credentials
from multitool_lint.limits import MAX_ASSUMED_ROLES
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy import takeovers
from multitool_lint.policy.access import allowed
from multitool_lint.policy.combined_paths import escalating_paths
from multitool_lint.policy.identities import Identity, IdentityKind, RoleTarget
from multitool_lint.policy.in_force import in_force
from multitool_lint.policy.named_aims import NamedAims
from multitool_lint.policy.takeovers import ADD_TO_GROUP, Aim, GrantedSteps, Taken
from multitool_lint.policy.trust import is_of_services

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.policy.assumable_roles import AssumableRoles, Hop
    from multitool_lint.policy.document import Policy


_BY_AGENT = ("ssm:", "ecs:ExecuteCommand")
_AGENTS = MappingProxyType(
    {
        "ec2:instance": "ssm:UpdateInstanceInformation",
        "ecs:task": "ssmmessages:CreateControlChannel",
        "ssm:instance": "ssm:UpdateInstanceInformation",
    }
)
"""What the agent of Systems Manager takes there, by the role of what it runs on.

AWS: https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-instance-permissions.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html#ecs-exec-required-iam-permissions
"""


class Takeover(NamedTuple):
    """That an identity can become another one, or change it, by steps of which the first opens it.

    Without a `path`, it is a change, or puts a user into a group.
    """

    role: Identity
    steps: tuple[Taken, ...]
    path: Path | None = None
    target: RoleTarget | None = None
    is_change: bool = False


class Takeovers:
    """What identities can certainly become by paths of escalation."""

    def __init__(self, roles: AssumableRoles, catalog: Catalog) -> None:
        self._roles = roles
        self._catalog = catalog
        self._granted: dict[int, list[GrantedSteps]] = {}
        self._services: dict[int, frozenset[str]] = {}
        self._policies: dict[int, tuple[tuple[str, ...], ...]] = {}
        self._escalating: dict[int, tuple[Path, ...]] = {}
        self._of_services: set[int] = set()
        self._agents: dict[int, frozenset[str]] = {}
        self._sensitive: dict[int, ActionSet] = {}

    def add(self, kept: Identity, identity: Identity) -> None:
        """Note what an identity may do, which is `kept` without most of its policies."""
        if identity.kind is IdentityKind.ROLE:
            self._services[id(kept)] = takeovers.trusted_services(identity, self._catalog)
            if is_of_services(identity.trust):
                self._of_services.add(id(kept))
        if identity.targets:
            self._agents[id(kept)] = _agents_of(identity, self._catalog)
        if sensitive := _sensitive_actions(identity, self._catalog):
            self._sensitive[id(kept)] = sensitive
        self._policies[id(kept)] = tuple(found.arns for found in identity.policies if found.arns)
        if self._roles.is_administrator(kept):
            return
        is_role = identity.kind is IdentityKind.ROLE
        together = [
            (found, escalating_paths(policies, boundary, self._catalog, of_role=is_role))
            for policies, boundary in identity.together()
            if (found := takeovers.granted(policies, boundary, self._catalog))
        ]
        if escalating := tuple(path for _, opened in together for path in opened):
            self._escalating[id(kept)] = escalating
        elif together:
            self._granted[id(kept)] = [found for found, _ in together]

    def policies(self, identity: Identity) -> Iterator[Policy]:
        """The policies that have steps of an identity."""
        for found in self._granted.get(id(identity), ()):
            for steps in found.steps.values():
                yield from (taken.applied.policy for taken in steps if taken.applied.policy)

    def escalating(self, identity: Identity) -> Sequence[Path]:
        """The paths that are open to an identity by what its policies allow on any resource."""
        return self._escalating.get(id(identity), ())

    def way(self, identity: Identity) -> Sequence[Hop | Takeover]:
        """The shortest way to an administrator by a takeover, which may be a change of itself.

        Also one that only assumes roles, to a role that opens a path by what it may do.
        """
        way = self._ways.get(id(identity), ())
        by_roles = not any(isinstance(hop, Takeover) for hop in way)
        if way and by_roles and self._roles.is_administrator(way[-1].role):
            return ()
        return () if by_roles and self._roles.way_to_administrator(identity) else way

    def reported(self, identity: Identity) -> Sequence[Hop | Takeover]:
        """That way, or else how it acts as one with policies; none of a user if a group has it."""
        way = self.way(identity) or self._acting(identity)
        groups = (other for group in identity.groups for other in self._by_address.get(group, ()))
        return () if any(_is_same(way, self.reported(group)) for group in groups) else way

    def _acting(self, identity: Identity) -> Sequence[Takeover]:
        """How an identity can act as one with other sensitive actions, by no ordinary use of it.

        What a service does with its role is what it is there for.
        """
        is_asked = id(identity) in self._granted and id(identity) not in self._of_services
        own = self._sensitive.get(id(identity), ActionSet())
        for found in self._granted[id(identity)] if is_asked else ():
            for aim in self._all_aims.within(found):
                other = aim.identity
                if other is identity or self._sensitive.get(id(other), own) <= own:
                    continue
                taken = self._taken(found, identity, aim)
                if taken and not (taken.path and taken.path.actions[0] in IN_ORDINARY_USE):
                    return (taken,)
        return ()

    @cached_property
    def _all_aims(self) -> NamedAims:
        return NamedAims(aim for identity in self._roles.identities for aim in self._aims(identity))

    @cached_property
    def _all_changeable(self) -> NamedAims:
        return NamedAims(
            aim for identity in self._roles.identities for aim in self._changeable(identity)
        )

    @cached_property
    def _ways(self) -> dict[int, tuple[Hop | Takeover, ...]]:
        roles = self._roles
        ends = [identity for identity in roles.identities if roles.is_administrator(identity)]
        ends += [identity for identity in roles.identities if self.escalating(identity)]
        ways: dict[int, tuple[Hop | Takeover, ...]] = {id(identity): () for identity in ends}
        left = [identity for identity in roles.identities if id(identity) not in ways]
        for identity in left:
            if changed := self._change(identity):
                ways[id(identity)] = changed
        last = dict(ways)
        for _ in range(MAX_ASSUMED_ROLES):
            reached = (identity for identity in roles.identities if id(identity) in last)
            aims = NamedAims(aim for identity in reached for aim in self._aims(identity))
            leading = roles.leading(last)
            found = {}
            for identity in left:
                if id(identity) in ways:
                    continue
                hop = self._takeover(identity, aims) or roles.hop(identity, leading)
                if hop:
                    found[id(identity)] = (hop, *ways[id(hop.role)])
            if not found:
                break
            last = found
            ways |= found
        return ways

    def _aims(self, identity: Identity) -> Iterator[Aim]:
        yield Aim(identity, f"iam:{identity.kind.value}", identity.arns, tags=identity.tags)
        for target in identity.targets:
            yield Aim(identity, target.iam_type, target.arns, target, target.tags)

    def _changeable(self, identity: Identity) -> Iterator[Aim]:
        """What gives an identity other permissions when it is changed."""
        yield Aim(identity, f"iam:{identity.kind.value}", identity.arns, tags=identity.tags)
        for arns in self._policies.get(id(identity), ()):
            yield Aim(identity, "iam:policy", arns)
        for group in identity.groups:
            for found in self._by_address.get(group, ()):
                yield from (aim._replace(identity=identity) for aim in self._changeable(found))

    @cached_property
    def _by_address(self) -> dict[str, list[Identity]]:
        found: dict[str, list[Identity]] = {}
        for identity in self._roles.identities:
            found.setdefault(identity.address, []).append(identity)
        return found

    def _change(self, identity: Identity) -> tuple[Hop | Takeover, ...]:
        """How an identity can give itself permissions, or an identity that it can become."""
        changing = takeovers.changing_actions(self._catalog)
        for found in self._granted.get(id(identity), ()):
            actions = [action for action in changing if action in found.steps]
            if not actions or identity.kind is IdentityKind.GROUP:
                continue
            for aim in self._changeable(identity):
                if change := self._changed(found, actions, aim):
                    return (change,)
            for aim in self._all_changeable.within(found):
                change = self._changed(found, actions, aim)
                hop = self._becoming(identity, aim.identity) if change else None
                if change and hop:
                    return (hop, change)
        return ()

    def _becoming(self, identity: Identity, other: Identity) -> Hop | Takeover | None:
        if other is identity:
            return None
        takeover = self._takeover(identity, NamedAims(self._aims(other)))
        return takeover or self._roles.hop(identity, self._roles.leading({id(other): ()}))

    def _changed(self, found: GrantedSteps, actions: Sequence[str], aim: Aim) -> Takeover | None:
        changing = takeovers.changing_actions(self._catalog)
        for action in actions:
            if action == ADD_TO_GROUP or aim.iam_type not in changing[action]:
                continue
            if step := takeovers.change(found, action, aim, self._catalog):
                return Takeover(aim.identity, (step,), is_change=True)
        return None

    def _takeover(self, identity: Identity, aims: NamedAims) -> Takeover | None:
        """How an identity can become one of those that some aims are about."""
        for found in self._granted.get(id(identity), ()):
            for aim in aims.within(found):
                if aim.identity is identity:
                    continue
                if takeover := self._taken(found, identity, aim):
                    return takeover
        return None

    def _taken(self, found: GrantedSteps, identity: Identity, aim: Aim) -> Takeover | None:
        is_set = identity.kind is IdentityKind.PERMISSION_SET
        # It is in the accounts that it is assigned to.
        if is_set and set(identity.accounts).isdisjoint(aim.identity.accounts):
            return None
        if aim.iam_type == "iam:group":
            is_user = identity.kind is IdentityKind.USER and ADD_TO_GROUP in found.steps
            step = takeovers.change(found, ADD_TO_GROUP, aim, self._catalog) if is_user else None
            return Takeover(aim.identity, (step,), None) if step else None
        for path in found.paths:
            if not (takeovers.is_about(path, aim, self._catalog) and self._is_open(path, aim)):
                continue
            services = self._services.get(id(aim.identity), frozenset())
            if path.kind == "pass" and services.isdisjoint(path.services):
                continue
            if steps := takeovers.taken(found, path, aim, self._catalog):
                return Takeover(aim.identity, tuple(steps), path, aim.target)
        return None

    def _is_open(self, path: Path, aim: Aim) -> bool:
        """Whether the role of a target allows its agent what a session or a command takes."""
        taking = _AGENTS.get(aim.iam_type) if path.actions[0].startswith(_BY_AGENT) else None
        return taking is None or taking in self._agents.get(id(aim.identity), ())


def _is_same(way: Sequence[Hop | Takeover], other: Sequence[Hop | Takeover]) -> bool:
    """Whether two ways have the same steps in the same policies."""
    return [*map(_nodes, way)] == [*map(_nodes, other)]


def _nodes(hop: Hop | Takeover) -> tuple[object, ...]:
    return (
        tuple(taken.step.node for taken in hop.steps) if isinstance(hop, Takeover) else (hop.node,)
    )


def _agents_of(identity: Identity, catalog: Catalog) -> frozenset[str]:
    """What the policies of a role allow of what agents take."""
    known = filter(None, (applied.document(catalog) for applied in identity.policies))
    actions = ActionSet().union(allowed(in_force(policy, catalog), catalog) for policy in known)
    return frozenset(action for action in _AGENTS.values() if catalog.match(action) <= actions)


def _sensitive_actions(identity: Identity, catalog: Catalog) -> ActionSet:
    """The actions of an identity that return data or credentials, or manage permissions."""
    known = filter(None, (applied.document(catalog) for applied in identity.policies))
    return ActionSet().union(_sensitive(policy, catalog) for policy in known)


@lru_cache(maxsize=256)
def _sensitive(policy: Policy, catalog: Catalog) -> ActionSet:
    actions = allowed(in_force(policy, catalog), catalog)
    kinds = (stored_data, usable_credentials, permissions)
    return ActionSet(
        {
            prefix: actions.bits(prefix) & reduce(or_, (kind(catalog, prefix) for kind in kinds))
            for prefix in actions.prefixes
        }
    )
