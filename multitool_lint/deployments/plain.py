"""Deployments whose resources have their values without blocks: templates and plans."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from multitool_lint.aws.access_types import RUNS, Use, compared, harmless, uses_of
from multitool_lint.deployments.addresses import whom, with_path
from multitool_lint.deployments.deployment import Deployment, decisive
from multitool_lint.deployments.owner import AS_A_WHOLE, BLOCKS
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.choices import cases
from multitool_lint.syntax.terms import Guards, Rest, StatementValue, Text, Unknown, Value
from multitool_lint.syntax.texts import as_text
from multitool_lint.values.statements import statements_of

if TYPE_CHECKING:
    from multitool_lint.deployments.function_events import EventAccess
    from multitool_lint.deployments.owner import Owner
    from multitool_lint.values.reading import Reading

_EVENTS = "/events"
_NAME = "name"
_NAME_IN_BLOCK = f".{_NAME}"


class PlainResource(Protocol):
    """A resource: its address and type, the names of its arguments, and when it is there."""

    @property
    def address(self) -> str:
        """The address, which no other resource has."""

    @property
    def type(self) -> str:
        """The resource type."""

    @property
    def guards(self) -> Guards:
        """When it is there."""

    @property
    def names(self) -> Sequence[str]:
        """The names of its arguments."""

    def argument(self, path: str) -> Value:
        """The value of an argument, or at a path below it; None if it is not there."""


class PlainDeployment(Deployment):
    """The owners of access that some resources make."""

    def __init__(self, reading: Reading) -> None:
        super().__init__(reading)
        self._resources: dict[str, PlainResource] = {}

    def _add(self, resources: Iterable[PlainResource]) -> None:
        """Read all resources."""
        self._resources = {resource.address: resource for resource in resources}
        for resource in self._resources.values():
            self._declare(resource)
        for resource in self._resources.values():
            for use in uses_of(resource.type):
                if use.applies_to(resource.argument):
                    self._use(resource, use)
            self._read(resource)
        self._restrict()
        self._add_unattached()

    def _read(self, resource: PlainResource) -> None:
        """Read what the table of uses does not say of a resource."""
        raise NotImplementedError

    @property
    def instances(self) -> Mapping[str, PlainResource]:
        """The resources by their addresses."""
        return self._resources

    def given(self, address: str) -> dict[str, Value]:
        """The arguments of a resource by their names, but for its policies."""
        owner, slash, _ = address.partition("/")
        if slash:
            return {"": Unknown("resource", owner)}
        resource = self._resources.get(address)
        found = {name: resource.argument(name) for name in resource.names} if resource else {}
        return {name: value for name, value in found.items() if not _is_policy(value)}

    def is_policy(self, address: str) -> bool:
        """Whether a resource is a policy by its type, of another one that stays when it goes."""
        resource = self._resources.get(address)
        return resource is not None and resource.type.endswith("Policy")

    def _declare(self, resource: PlainResource) -> None:
        """Note what the names of identities and the managed policies are."""
        for use in uses_of(resource.type):
            if use.what == "identity" and use.owners:
                name = resource.argument(use.owners[0])
                self._name(resource.type, name, resource.address)
            elif use.what == "managed":
                document = resource.argument(use.policies[0])
                self.managed[resource.address] = self._statements(document, resource.guards)

    def _use(self, resource: PlainResource, use: Use) -> None:
        address = resource.address
        if use.what in _USES:
            _USES[use.what](self, resource, use)
        elif use.what == "identity":
            self._owner(address, "identity")
        elif use.what == "boundary":
            found = (_managed_in(resource, path) for path in use.policies)
            limit = next((value for value in found if value is not None), None)
            if use.owners:
                address = self.owner_of(resource.argument(use.owners[0]), use.owners[0])
                limit = limit or Unknown("policy", resource.address)
            self._bind(address, limit)
        elif use.what in AS_A_WHOLE:
            self._owner(address, "resource").uses.add(use.what)
        elif use.what == "access":
            apart = {*compared(resource.type), *use.policies}
            names = [name for name in resource.names if name not in apart]
            self._facts(resource, resource.type, names)

    def _inline(self, resource: PlainResource, use: Use) -> None:
        found = self._statements(resource.argument(use.policies[0]), resource.guards)
        for owner, guards in self._named(resource, use.owners):
            statements = [statement.under(guards) for statement in found]
            self._owner(owner, "identity").statements += statements

    def _attached_by_itself(self, resource: PlainResource, use: Use) -> None:
        for owner, guards in self._named(resource, use.owners):
            reference = Unknown("resource", resource.address)
            self._attach(owner, reference, (*resource.guards, *guards))

    def _attachment(self, resource: PlainResource, use: Use) -> None:
        is_own = use.owners == (".",)
        named = [(resource.address, ())] if is_own else self._named(resource, use.owners)
        for owner, more in named:
            for arn, guards in items(_managed_in(resource, use.policies[0])):
                self._attach(owner, arn, (*resource.guards, *more, *guards))

    def _membership(self, resource: PlainResource, use: Use) -> None:
        """Note which groups users are in."""
        member, group = use.owners
        own = [(resource.address, ())] if member == "." else self._named(resource, (member,))
        for user, some in own:
            for found, more in self._named(resource, (group,)):
                guards = (*resource.guards, *some, *more)
                self.groups.setdefault(user, []).append((found, guards))

    def _block(self, resource: PlainResource, use: Use) -> None:
        given = dict(part.partition("=")[::2] for part in use.policies)
        found = {name: _as_boolean(resource.argument(name)) for name in given}
        is_own = use.owners == (".",)
        owner = self._owner(f"{resource.address}{BLOCKS if is_own else ''}", "resource")
        owner.title = resource.address
        owner.blocks = {
            name: None if value in given[name].split(",") else value
            for name, value in found.items()
        }
        if not is_own and owner.blocking:
            owner.blocks |= {name: resource.argument(name) for name in use.owners}

    def _some_facts(self, resource: PlainResource, use: Use) -> None:
        values = dict(part.partition("=")[::2] for part in use.policies)
        given = {name: resource.argument(name) for name in values}
        if names := decisive(given, values):
            self._facts(resource, resource.type, names)

    def _roles(self, resource: PlainResource, use: Use) -> None:
        """Note what a resource runs with, also that it has no role."""
        owner = self._facts(resource, resource.type, ())
        owner.facts.update((name, whom(resource.argument(name))) for name in use.policies)

    def _named(
        self, resource: PlainResource, properties_: Iterable[str]
    ) -> Iterator[tuple[str, Guards]]:
        """The identities that properties name, and when."""
        for name in properties_:
            for value, guards in items(resource.argument(name)):
                yield self.owner_of(value, name), guards

    def _facts(self, resource: PlainResource, kind: str, names: Iterable[str]) -> Owner:
        """The owner of the facts of a resource."""
        address = resource.address
        if address in self.owners:  # which has policies of its own, too
            address = f"{address}/{kind}"
        owner = self._owner(address, kind)
        owner.title = resource.address
        for name in names:
            if name not in harmless() and (value := resource.argument(name)) is not None:
                owner.facts[name] = whom(value)
        owner.guards = resource.guards
        return owner

    def _grant_by_event(
        self,
        function: str,
        role: str | None,
        granted: EventAccess,
        guards: Guards,
        runs: Value = None,
    ) -> None:
        """Note what an event of a function grants; a role that is not made for it has nothing.

        Of another name, it is the same function if it `runs` the same.
        """
        if granted.invoking:
            owner = self._owner(f"{function}{_EVENTS}", "resource")
            owner.title, owner.runs = f"{self.title_of(function)} (events)", runs
            owner.statements += [statement.under(guards) for statement in granted.invoking]
        if role is not None:
            if granted.of_role:
                found = [statement.under(guards) for statement in granted.of_role]
                self._owner(role, "identity").statements += found
            for arn in granted.attached:
                self._attach(role, arn, guards)

    def _policies(
        self, resource: PlainResource, paths: Iterable[tuple[Sequence[str], str]]
    ) -> None:
        """The policies at paths of its arguments, each of a kind, also where they are not known."""
        for (name, *path), kind in paths:
            for value, guards in _at(resource.argument(name), path):
                self._policy(resource, kind, value, (*resource.guards, *guards))

    def _policy(self, resource: PlainResource, kind: str, value: Value, guards: Guards) -> None:
        address = resource.address
        document = {"Statement": value} if kind == "statements" else value
        found = self._statements(document, guards)
        if kind == "trust":
            self._owner(address, "identity").trust += found
        else:
            is_identity = kind == PolicyType.IDENTITY.value
            self._owner(address, "identity" if is_identity else "resource").statements += found

    def _statements(self, value: Value, guards: Guards) -> list[StatementValue]:
        """The statements of a policy, and when they are there."""
        if value is None or value == "":
            return []
        return [statement.under(guards) for statement in statements_of(value)]


_USES: Mapping[str, Callable[[PlainDeployment, PlainResource, Use], None]] = {
    "arguments": PlainDeployment._some_facts,  # noqa: SLF001 - its own methods
    "attachment": PlainDeployment._attachment,  # noqa: SLF001
    "block": PlainDeployment._block,  # noqa: SLF001
    "inline": PlainDeployment._inline,  # noqa: SLF001
    "membership": PlainDeployment._membership,  # noqa: SLF001
    "managed": PlainDeployment._attached_by_itself,  # noqa: SLF001
    "named": PlainDeployment._some_facts,  # noqa: SLF001
    RUNS: PlainDeployment._roles,  # noqa: SLF001
}


def _managed_in(resource: PlainResource, attribute: str) -> Value:
    """The managed policies that an argument names, by ARN, or in blocks by path and name."""
    found = resource.argument(attribute)
    if not attribute.endswith(_NAME_IN_BLOCK):
        return found
    paths = resource.argument(f"{attribute.removesuffix(_NAME)}path")
    if isinstance(found, list) and isinstance(paths, list):
        return [with_path(path, name) for path, name in zip(paths, found, strict=False)]
    return with_path(paths, found)


def items(value: Value) -> Iterator[tuple[Value, Guards]]:
    """The items of a list, or a single value, and when each is there."""
    for guards, found in cases(value):
        for item in found if isinstance(found, list) else [found]:
            inner, once = (item.item, item.once) if isinstance(item, Rest) else (item, ())
            for more, one in cases(inner):
                if one is not None:
                    yield one, (*guards, *once, *more)


def at(value: Value, path: str) -> Value:
    """The value at a path of keys; None if it is not there, a term where that is not known."""
    for key in path.split("/"):
        if isinstance(value, Unknown):
            return Unknown("get", value, key)
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _at(value: Value, path: Sequence[str]) -> Iterator[tuple[Value, Guards]]:
    """The values at a path, and when each is there; of an unknown value, that itself."""
    if not path:
        if value is not None:
            yield value, ()
        return
    step, *rest = path
    for item, guards in items(value) if step == "*" else _cases(value):
        found = item if step == "*" or isinstance(item, (Unknown, Text)) else _member(item, step)
        left = () if isinstance(item, (Unknown, Text)) else rest
        for one, more in _at(found, left):
            yield one, (*guards, *more)


def _cases(value: Value) -> Iterator[tuple[Value, Guards]]:
    for guards, found in cases(value):
        yield found, guards


def _member(value: Value, name: str) -> Value:
    return value.get(name) if isinstance(value, dict) else None


def _is_policy(value: Value) -> bool:
    return isinstance(value, dict) and "Statement" in value


def _as_boolean(value: Value) -> Value:
    text = as_text(value)
    return {"true": True, "false": False}.get(text, value) if isinstance(text, str) else value
