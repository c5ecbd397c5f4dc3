"""By which paths of escalation identities of a deployment become others of it, or change them.

Only what is certain counts: the target is one of the deployment, every action is allowed on it, and
no Deny, condition or permissions boundary may prevent it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from multitool_lint.aws import patterns
from multitool_lint.aws.arn import FIELDS
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.escalation_paths import PASS_ROLE, Path, paths
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.document import Statement
from multitool_lint.policy.escalation import passes_to, restricts_to_targets
from multitool_lint.policy.granted_steps import GrantedStep, steps_of_paths
from multitool_lint.policy.identities import NO_TAGS, AppliedPolicy, Identity, RoleTarget
from multitool_lint.policy.in_force import in_force
from multitool_lint.policy.named_aims import named_parts
from multitool_lint.policy.resources import ResourceScope, is_everywhere, resource_scope
from multitool_lint.policy.target_conditions import have_tags, is_about_others, may_exclude
from multitool_lint.syntax.placeholders import has_placeholder

ADD_TO_GROUP = "iam:AddUserToGroup"
_UNCERTAIN = frozenset(
    {
        "iam:DeleteRolePermissionsBoundary",
        "iam:DeleteUserPermissionsBoundary",
        "iam:SetDefaultPolicyVersion",
    }
)
"""What changes something only if there is a boundary, or a version that allows more."""

_OF_THE_CALL = ("aws:multifactorauth", "aws:securetransport", "aws:currenttime", "aws:epochtime")
"""Keys of which the principal can have the value that a Deny asks for."""

_NOT_DIRECTED = ("aws:source", "aws:principalorg")
"""Keys of conditions by which a service is trusted for resources of one's own."""


_NOT_OWN = ("", "aws")
"""What is in the place of the account or the Region of resources that nobody deploys."""


class Aim(NamedTuple):
    """What actions are on to become an identity: that itself, what runs with it, or its policy."""

    identity: Identity
    iam_type: str
    arns: tuple[str, ...]
    target: RoleTarget | None = None
    tags: Mapping[str, str] = NO_TAGS


class Taken(NamedTuple):
    """A step of a path that a policy allows."""

    applied: AppliedPolicy
    step: GrantedStep


class GrantedSteps(NamedTuple):
    """What policies that apply together allow of the steps of paths, and what limits them."""

    steps: Mapping[str, Sequence[Taken]]
    limit: Mapping[str, Sequence[Taken]] | None
    denying: Sequence[Statement]
    paths: Sequence[Path]
    named: Mapping[bool, frozenset[str] | None] = MappingProxyType({})


@lru_cache(maxsize=4)
def changing_actions(catalog: Catalog) -> Mapping[str, tuple[str, ...]]:
    """The actions that change permissions, each with the types of what they change."""
    return {
        path.actions[0]: types
        for path in paths(catalog)
        if path.kind == "own" and len(path.needed) == 1 and path.actions[0].startswith("iam:")
        if path.actions[0] not in _UNCERTAIN
        if (types := tuple(f"iam:{name}" for name in _types(path.actions[0], catalog)))
    }


@lru_cache(maxsize=4)
def _taking_paths(catalog: Catalog) -> tuple[Path, ...]:
    """The paths by which a principal acts as another user or role."""
    shorter: list[Path] = []
    for path in sorted(paths(catalog), key=lambda path: len(path.needed)):
        if path.kind not in ("other", "pass", "target") or path.actions[0].startswith("sts:"):
            continue
        changes = not changing_actions(catalog).keys().isdisjoint(path.actions)
        if not changes and not any(
            other.kind == path.kind
            and other.needed <= path.needed
            and set(path.services) <= set(other.services)
            for other in shorter
        ):
            shorter.append(path)
    return tuple(shorter)


def granted(
    policies: Sequence[AppliedPolicy], boundary: AppliedPolicy | None, catalog: Catalog
) -> GrantedSteps | None:
    """The steps that policies allow together; None if these make no path, or are not known."""
    known = [(applied, text) for applied in policies if (text := applied.document(catalog))]
    by_policy = [(applied, steps_of_paths(policy, catalog)) for applied, policy in known]
    actions = {action for _, steps in by_policy for action in steps}
    found = [path for path in _taking_paths(catalog) if path.needed <= actions]
    if not found and changing_actions(catalog).keys().isdisjoint(actions):
        return None
    limit = boundary.document(catalog) if boundary else None
    if boundary and limit is None:
        return None
    of_paths = {action for path in found for action in path.needed}
    of_paths |= changing_actions(catalog).keys()
    together = GrantedSteps(
        {action: steps for action, steps in _joined(by_policy).items() if action in of_paths},
        _joined([(boundary, steps_of_paths(limit, catalog))]) if boundary and limit else None,
        [
            statement
            for policy in (*(text for _, text in known), *([limit] if limit else ()))
            for statement in in_force(policy, catalog).statements
            if statement.effect == "Deny"
        ],
        found,
    )
    return together._replace(named=named_parts(together))


def _joined(
    found: Sequence[tuple[AppliedPolicy, Mapping[str, Sequence[GrantedStep]]]],
) -> Mapping[str, Sequence[Taken]]:
    joined: dict[str, list[Taken]] = {}
    for applied, steps in found:
        for action, some in steps.items():
            joined.setdefault(action, []).extend(Taken(applied, step) for step in some)
    return joined


def change(found: GrantedSteps, action: str, aim: Aim, catalog: Catalog) -> Taken | None:
    """How an action that changes permissions is allowed on an aim."""
    return _taken(found, action, None, aim, None, catalog)


def taken(found: GrantedSteps, path: Path, aim: Aim, catalog: Catalog) -> Sequence[Taken]:
    """The steps of a path that are allowed on an aim, the opening first; none if one is not."""
    steps = []
    for action in path.actions:
        for types in path.targets or (None,):
            step = _taken(found, action, path, aim, types, catalog)
            if step is None:
                return ()
            steps.append(step)
    return steps


def _taken(
    found: GrantedSteps,
    action: str,
    path: Path | None,
    aim: Aim,
    types: frozenset[str] | None,
    catalog: Catalog,
) -> Taken | None:
    if any(_may_deny(statement, action, aim, catalog) for statement in found.denying):
        return None
    within = found.limit is None or any(
        _reaches(taken.step, path, aim, types, catalog) for taken in found.limit.get(action, ())
    )
    steps = found.steps.get(action, ()) if within else ()
    return next((taken for taken in steps if _reaches(taken.step, path, aim, types, catalog)), None)


def _reaches(
    step: GrantedStep, path: Path | None, aim: Aim, types: frozenset[str] | None, catalog: Catalog
) -> bool:
    """Whether a step is allowed on an aim; what a role is passed to is new, and has any name."""
    statement = step.grant.statement
    is_about = step.action == PASS_ROLE or _acts_on(step.action, aim.iam_type, types, catalog)
    tags = aim.tags if is_about else NO_TAGS
    if any(may_exclude(condition, tags) for condition in statement.conditions):
        return False
    if step.action == PASS_ROLE and path:
        return passes_to(step.grant, path.services, catalog) and names(statement, aim)
    if restricts_to_targets(step, catalog, types) and not have_tags(statement, tags):
        return False
    if is_about:
        return names(statement, aim)
    return resource_scope(statement, step.action, catalog, types) >= ResourceScope.SOME


def _acts_on(action: str, iam_type: str, types: frozenset[str] | None, catalog: Catalog) -> bool:
    """Whether an action is on resources of a type; Systems Manager is on those of others, too."""
    service, _, name = iam_type.partition(":")
    if service == "ssm" and not action.startswith("ssm:"):
        return False
    return name in _types(action, catalog) and (types is None or name in types)


@lru_cache(maxsize=1024)
def _types(action: str, catalog: Catalog) -> tuple[str, ...]:
    known = catalog.action(action)
    return tuple(type_.name for type_ in known.resource_types) if known else ()


def _may_deny(statement: Statement, action: str, aim: Aim, catalog: Catalog) -> bool:
    """Whether a Deny may be about an action on an aim, as far as the principal cannot avoid it."""
    keys = [condition.lower_key for condition in statement.conditions]
    if keys and all(key.startswith(_OF_THE_CALL) for key in keys):
        return False
    is_listed = len(statement.action_names) < statement.action_count or any(
        patterns.matches(name.lower(), action.lower()) for name in statement.action_names
    )
    if is_listed is statement.negates_actions:
        return False
    acts = action == PASS_ROLE or _acts_on(action, aim.iam_type, None, catalog)
    if acts and any(is_about_others(condition, aim.tags) for condition in statement.conditions):
        return False
    is_known = len(statement.resource_names) == statement.resource_count
    return not (acts and is_known) or names(statement, aim)


def names(statement: Statement, aim: Aim) -> bool:
    """Whether the resources of a statement have what an aim is."""
    is_named = any(
        _is_named(pattern, arn) for pattern in statement.resource_names for arn in aim.arns
    )
    if statement.negates_resources:
        return not is_named and len(statement.resource_names) == statement.resource_count
    return is_named or is_everywhere(statement)


@lru_cache(maxsize=65536)
def _is_named(pattern: str, arn: str) -> bool:
    """Whether a pattern matches an ARN of which the account and the Region may not be known."""
    if pattern == arn:
        return True
    written, own = pattern.split(":", FIELDS - 1), arn.split(":", FIELDS - 1)
    if len(written) < FIELDS or len(own) < FIELDS:
        return patterns.matches(pattern, arn)
    return patterns.matches(written[2], own[2]) and (
        patterns.matches(written[-1], own[-1])
        and all(
            has_placeholder(field)
            or (field not in _NOT_OWN if has_placeholder(known) else patterns.matches(field, known))
            for field, known in zip(written[3:5], own[3:5], strict=True)
        )
    )


def trusted_services(identity: Identity, catalog: Catalog) -> frozenset[str]:
    """The services that can certainly assume a role."""
    found: set[str] = set()
    trust = in_force(identity.trust, catalog) if identity.trust else None
    for statement in trust.statements if trust else ():
        principal = statement.principal
        if not statement.allows or principal is None or principal.key != "Principal":
            continue
        keys = [condition.lower_key for condition in statement.conditions]
        if all(key.startswith(_NOT_DIRECTED) for key in keys):
            services = principal.value.get("Service")
            nodes = services.items() or (services,) if services else ()
            found.update(node.string.removesuffix(".cn") for node in nodes if node.string)
    return frozenset(found)


def is_about(path: Path, aim: Aim, catalog: Catalog) -> bool:
    """Whether the first action of a path is about what an aim is: of one that passes, the role."""
    if path.kind == "pass":
        return aim.iam_type == "iam:role"
    return (aim.target is None) is (path.kind == "other") and any(
        _acts_on(action, aim.iam_type, types, catalog)
        for action in path.actions
        for types in path.targets or (None,)
    )
