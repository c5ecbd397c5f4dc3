"""What a policy grants: the actions of its Allow statements, and how far they reach."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.policy.action_status import notable_actions
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.policy.resources import is_everywhere
from multitool_lint.syntax.tree import UNKNOWN, Member, Node, Object, as_list, strings_of

VPC_ENDPOINT = "AWS::EC2::VPCEndpoint"
"""The resource whose policy grants nothing: it limits what passes through it."""


class Grant:
    """What an Allow statement grants, less what the policy denies everywhere and always.

    `numbers` are the numbers of the action names that are relevant; None is all of them.
    """

    def __init__(
        self,
        statement: Statement,
        policy: Policy,
        catalog: Catalog,
        numbers: Sequence[int] | None = None,
    ) -> None:
        self.statement = statement
        self._numbers = numbers
        self.policy = policy
        self._catalog = catalog
        self._found: ActionSet | None = None
        self._granted: ActionSet | None = None

    @property
    def open_ended(self) -> bool:
        """Whether it grants actions of services that it does not name."""
        return self.statement.open_ended

    # Not cached_property, whose lock takes longer than most of these.
    @property
    def _matched(self) -> ActionSet:
        if self._found is None:
            if self._numbers is None:
                self._found = actions_of(self.statement, self._catalog)
            else:
                names = self.statement.action_names
                named = [names[at] for at in self._numbers]
                self._found = _matched(self.statement, named, self._catalog)
        return self._found

    @property
    def named(self) -> Iterator[tuple[int, str]]:
        """The actions that are relevant, each with its number among those of the statement."""
        names = self.statement.action_names
        if self._numbers is None:
            return enumerate(names)
        return ((at, names[at]) for at in self._numbers)

    @property
    def actions(self) -> ActionSet:
        """The actions, on some resource and under some condition."""
        if self._granted is None:
            denied = _denied(self.policy, self._catalog)
            self._granted = self._matched - denied if denied else self._matched
        return self._granted

    @property
    def everywhere(self) -> bool:
        """Whether it grants them on all resources, or on all but those of a NotResource."""
        return is_everywhere(self.statement)

    @property
    def full(self) -> bool:
        """Whether it grants all actions on all resources under no condition, few of them denied."""
        return self.open_ended and self._full

    @cached_property
    def _full(self) -> bool:
        return (
            self.everywhere
            and not self.statement.negates_resources
            and self.statement.condition is None
            and all_actions(self._catalog) <= self._matched
            and spans_most_services(self.actions, self._catalog)
        )

    def select(self, of_service: Callable[[str], int]) -> ActionSet:
        """Select those of the actions whose bits a function gives for their service."""
        actions = self.actions
        return ActionSet(
            {prefix: actions.bits(prefix) & of_service(prefix) for prefix in actions.prefixes}
        )


@lru_cache(maxsize=4)
def grants(policy: Policy, catalog: Catalog) -> tuple[Grant, ...]:
    """List what each Allow statement grants, kept for a while because many checks ask."""
    return tuple(
        Grant(statement, policy, catalog) for statement in policy.statements if statement.allows
    )


@lru_cache(maxsize=4)
def grants_by_statement(policy: Policy, catalog: Catalog) -> Mapping[Statement, Grant]:
    """What each Allow statement grants, by the statement."""
    return {grant.statement: grant for grant in grants(policy, catalog)}


def sensitive_grants(policy: Policy, catalog: Catalog) -> tuple[Grant, ...]:
    """List the sensitive actions that each Allow statement grants, and what wildcards add to them.

    Where a statement of an identity policy grants everything, that says it all, without the others.
    """
    found = all_sensitive_grants(policy, catalog)
    full = [grant for grant in found if policy.type is PolicyType.IDENTITY and grant.full]
    return tuple(full) or found


@lru_cache(maxsize=4)
def all_sensitive_grants(policy: Policy, catalog: Catalog) -> tuple[Grant, ...]:
    """List them also where another statement grants everything.

    Kept for a while because many checks ask for them.
    """
    found = []
    looks = notable_actions(policy, catalog)
    for statement in policy.statements:
        if not statement.allows:
            continue
        if statement.negates_actions:
            found.append(Grant(statement, policy, catalog))
        elif places := [at for at, summary in looks.get(statement, ()) if summary.sensitive]:
            found.append(Grant(statement, policy, catalog, places))
    return tuple(found)


def grants_naming(kind: str, policy: Policy, catalog: Catalog) -> Iterator[Grant]:
    """What the patterns grant that match actions of a kind, in each Allow statement with some.

    One that also grants actions of services that it does not name is left out.
    """
    for statement, looks in notable_actions(policy, catalog).items():
        named = [at for at, summary in looks if kind in summary.kinds]
        if named and statement.allows and not statement.open_ended:
            yield Grant(statement, policy, catalog, named)


def allowed(policy: Policy, catalog: Catalog) -> ActionSet:
    """Unite the actions that the policy grants on some resource, under some condition."""
    return _unite([grant.actions for grant in grants(policy, catalog)])


@lru_cache(maxsize=4)
def all_actions(catalog: Catalog) -> ActionSet:
    """All actions of the catalog, kept because uniting 400 services takes its time."""
    return catalog.all_actions()


def spans_most_services(actions: ActionSet, catalog: Catalog) -> bool:
    """Whether at least half of the services have an action among them."""
    return 2 * len(actions.prefixes) >= len(all_actions(catalog).prefixes)


@lru_cache(maxsize=32)
def actions_of(statement: Statement, catalog: Catalog) -> ActionSet:
    """The actions that a statement is about, whatever its effect; kept as many checks ask."""
    return _matched(statement, statement.action_names, catalog)


def _matched(statement: Statement, names: Iterable[str], catalog: Catalog) -> ActionSet:
    """The actions of a statement; none of a NotAction of which a part is unknown."""
    found = _unite([catalog.match(name) for name in names])
    if not statement.negates_actions:
        return found
    if any(node.value is UNKNOWN for node in statement.actions):
        return ActionSet()
    return all_actions(catalog) - found


def _unite(sets: Collection[ActionSet]) -> ActionSet:
    if len(sets) == 1:
        return next(iter(sets))
    return ActionSet().union(sets)


@lru_cache(maxsize=4)
def _denied(policy: Policy, catalog: Catalog) -> ActionSet:
    """The actions that a Deny without condition takes from everyone; the unknown may be one."""
    denied = ActionSet()
    for statement in denials(policy):
        if any(node.value is UNKNOWN for node in statement.actions):
            return all_actions(catalog)
        denied |= actions_of(statement, catalog)
    return denied


def denials(policy: Policy) -> Iterator[Statement]:
    """List the statements that deny their actions to everyone, everywhere and always."""
    for statement in policy.statements:
        if statement.effect == "Deny" and is_for_everyone(statement) and _is_unlimited(statement):
            yield statement


def is_for_everyone(statement: Statement) -> bool:
    """Whether the statement is about all principals: of an identity policy, all that have it."""
    principal = statement.principal
    if principal is None or principal.key == "NotPrincipal":
        return principal is None
    value = principal.value.value
    if isinstance(value, Object):
        account = value.find("AWS")
        return account is not None and any(
            text == "*" for _, text in strings_of(as_list(account.value))
        )
    return value == "*"


def _is_unlimited(statement: Statement) -> bool:
    condition = statement.condition
    if condition is not None and condition.value.value not in (UNKNOWN, ()):
        return False
    return not statement.negates_resources and (
        is_everywhere(statement) or any(node.value is UNKNOWN for node in statement.resources)
    )


def covers_service(pattern: str) -> bool:
    """Whether an action pattern is a service and all its actions, such as `s3:*`."""
    prefix, _, name = pattern.partition(":")
    return bool(name) and not name.strip("*") and not has_wildcard(prefix)


def named_actions(grant: Grant, catalog: Catalog) -> ActionSet:
    """The actions of a grant that it has otherwise than by a wildcard for a whole service."""
    if grant.statement.negates_actions:
        return ActionSet()
    return grant.actions & _unite(
        [catalog.match(text) for _, text in grant.named if not covers_service(text)]
    )


def with_resources(actions: ActionSet, catalog: Catalog) -> ActionSet:
    """Select those of the actions that accept resources, so that these can be specified."""
    return _unite(
        [
            catalog.match(name)
            for name in catalog.names(actions)
            if (action := catalog.action(name)) and action.resource_types
        ]
    )


def granting_nodes(grant: Grant, actions: ActionSet, catalog: Catalog) -> Iterator[Node | Member]:
    """List the places that grant some of the actions: of a NotAction, it is the element itself."""
    statement = grant.statement
    if statement.negates_actions and statement.action:
        yield statement.action
        return
    for at, text in grant.named:
        granted = catalog.match(text)
        if any(granted.bits(prefix) & actions.bits(prefix) for prefix in granted.prefixes):
            yield statement.action_node(at)
