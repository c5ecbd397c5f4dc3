"""Who has which access by what is deployed together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain, starmap
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from multitool_lint.aws.access_types import Use, harmless, uses_of
from multitool_lint.deployments.addresses import address_of, kind_named_by, kind_of_type, whom
from multitool_lint.deployments.cases import split
from multitool_lint.deployments.owner import Attached, Owner
from multitool_lint.syntax.shown_terms import shown
from multitool_lint.syntax.terms import (
    Encoded,
    Guards,
    Rest,
    StatementValue,
    Text,
    Unknown,
    Value,
    identity,
)
from multitool_lint.syntax.texts import as_text
from multitool_lint.values import managed
from multitool_lint.values.arns import Names, of_partition

if TYPE_CHECKING:
    from multitool_lint.deployments.published import PublishedValue
    from multitool_lint.syntax.written import Origin
    from multitool_lint.values.reading import Reading
    from multitool_lint.values.variables import Callers, DeclaredVariable


_ARN = "arn"
_NOT_NAMING = frozenset({"policy_name", "policy_type", "region", "type", "Type"})
"""Arguments of policies that do not say which resource has them."""
_PICKING = frozenset({"get", "lookup"})
"""The operators of terms that pick an attribute of a value."""
ALL: Mapping[str, Value] = MappingProxyType({"Effect": "Allow", "Action": "*", "Resource": "*"})
"""What is allowed where a boundary is not there."""


class Resource(Protocol):
    """A resource of a deployment, by its type."""

    @property
    def type(self) -> str:
        """The resource type."""

    @property
    def guards(self) -> Guards:
        """When it is there."""


class Deployment:
    """What is deployed together: its owners of access by their addresses.

    `places` are where unknown documents are, by their identities; `arns` are those of resources of
    known names; the policies of `files` are those of owners; `groups` are those of users, and when
    they are in them. `folder` is where a module is that others may call.
    """

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.places: dict[str, str] = {}
        self.owners: dict[str, Owner] = {}
        self.managed: dict[str, list[StatementValue]] = {}
        self.files: set[str] = set()
        self.groups: dict[str, list[tuple[str, Guards]]] = {}
        self.arns: Mapping[str, Names] = {}
        self.folder = ""
        self._names: dict[tuple[str, str], str] = {}
        self._titles: dict[str, str] = {}
        self._attached: set[str] = set()

    @property
    def instances(self) -> Mapping[str, Resource]:
        """The resources by their addresses; of a document or script, none is known."""
        return {}

    @property
    def variables(self) -> Mapping[str, DeclaredVariable]:
        """The variables that the caller may set, by their names; none where they have values."""
        return {}

    def called_by(self, _callers: Callers) -> Deployment:
        """What is deployed by those who give some variables their values."""
        return self

    @property
    def imported(self) -> frozenset[str]:
        """The addresses of resources that are not made, but taken over as they are."""
        return frozenset()

    def given(self, _address: str) -> Mapping[str, Value]:
        """The arguments of a resource by their names, but for its policies."""
        return {}

    @property
    def made(self) -> Mapping[str, str]:
        """The types of all resources by their addresses, also of those that are no `instances`."""
        return {}

    def arguments(self, address: str) -> Mapping[str, Value]:
        """The arguments and blocks by which a resource is known, but for its policies."""
        return self.given(address)

    def is_policy(self, _address: str) -> bool:
        """Whether a resource is a policy by its type, of another one that stays when it goes."""
        return False

    @property
    def published(self) -> Mapping[PublishedValue, Value]:
        """What others may read of it."""
        return {}

    def path_of(self, name: str) -> str | None:
        """The path in the tree that is written so; None if it leads out of it."""
        return self.reading.path_of(name, "")

    def only_allows(self, _arn: Value) -> bool:
        """Whether a policy that others make is read, and denies nothing."""
        return False

    @property
    def used_documents(self) -> frozenset[str]:
        """The addresses of the documents that are data sources to which something refers."""
        return frozenset()

    def named_by(self, address: str) -> frozenset[str]:
        """The identities of what a resource names."""
        given = self.given(address).items()
        values = (
            value for name, value in given if name == _ARN or name not in _NOT_NAMING | harmless()
        )
        items = (
            item for value in values for item in (value if isinstance(value, list) else [value])
        )
        return frozenset(identity(whom(item)) for item in items if not isinstance(item, bool))

    def attached_to(self, address: str) -> str:
        """The resource that one belongs to, such as a bucket that a policy has; "" for none."""
        given = self.given(address)
        found = map(address_of, given.values())
        named = filter(None, starmap(self._resource_of, given.items()))
        return next((other for other in chain(found, named) if other in self.instances), "")

    def _resource_of(self, argument: str, name: Value) -> str:
        """The only resource of a name, as in `bucket = var.name` or `Bucket: !Ref Name`.

        The argument is called as its type is.
        """
        kind, asked = kind_named_by(argument), identity(name)
        found = [
            address
            for address, names in self.arns.items()
            if address in self.instances and kind_of_type(self.instances[address].type) == kind
            if any(identity(value) == asked for value in names.values())
        ]
        return found[0] if len(found) == 1 else ""

    def uses_variable(self, name: str, attribute: str | None = None) -> bool:
        """Whether a statement, attachment or fact of an owner has a part of a variable.

        That is of any part of it, or of an attribute in it.
        """
        return any(
            has_variable(value, name, attribute)
            for owner in self.owners.values()
            for value in (
                *(dict(s.elements) for s in (*owner.statements, *owner.trust)),
                *(s.unknown for s in (*owner.statements, *owner.trust)),
                *(attached.arn for attached in owner.attached),
                *(owner.facts.values() if owner.kind != "module" else ()),
            )
        )

    def owner_of(self, value: Value, argument: str) -> str:
        """The address of the identity that an argument names; one of its own for others.

        The argument is called by what it names, as `role`, `Users` or `group_name`.
        """
        address = address_of(value)
        if address:
            return address
        name = whom(value)
        kind = kind_named_by(argument).removesuffix("s")
        named = self._names.get((kind, identity(name)))
        if isinstance(name, str):
            found = named or f"name:{kind}:{name}"
            self._titles.setdefault(found, name)
            return found
        if named:
            return named
        found = f"unknown:{identity(name)}"
        self._titles.setdefault(found, f"${{{shown(value)}}}")
        return found

    def _name(self, type_: str, name: Value, address: str) -> None:
        """Note the name of an identity, also one with unknown parts."""
        if name is not None:
            self._names.setdefault((kind_of_type(type_), identity(name)), address)

    def title_of(self, address: str) -> str:
        """What people call the owner of an address, also one that has nothing here."""
        return self._titles.get(address, address)

    def _owner(self, address: str, kind: str) -> Owner:
        return self.owners.setdefault(address, Owner(address, kind, self.title_of(address)))

    def _declare_asked(self, address: str) -> None:
        """Note what a managed policy is that is asked for before it is known."""

    def _attach(self, whom: str, arn: Value, guards: Guards, origin: Origin | None = None) -> None:
        owner = self._owner(whom, "identity")
        for more, value in split(arn):
            address, around = address_of(value), (*guards, *more)
            self._declare_asked(address)
            if address in self.managed:
                self._attached.add(address)
                owner.statements += [s.under(around) for s in self.managed[address]]
            elif found := managed.statements_of(value):
                owner.statements += [s.under(around).at(origin) for s in found]
            elif value is not None and value != "":
                known = of_partition(value) if isinstance(value, Text) else value
                owner.attached.append(Attached(known, around, origin))

    def _bind(
        self, whom: str, value: Value, origin: Origin | None = None, guards: Guards = ()
    ) -> None:
        """Set the boundary of an identity, which it has under guards."""
        if value is None or value == "":
            return
        owner = self._owner(whom, "identity")
        address = address_of(value)
        if address in self.managed:
            found = self.managed[address]
        elif found := managed.statements_of(value):
            found = [statement.at(origin) for statement in found]
        else:
            term = value if isinstance(value, Unknown) else Unknown("policy", value)
            found = [StatementValue({}, (), term, origin=origin)]
        owner.boundary = [statement.under(guards) for statement in found]
        owner.boundary += [StatementValue(dict(ALL), (guard.opposite,)) for guard in guards]

    def _restrict(self) -> None:
        """Note whom policies restrict; one that only denies allows nothing to one more."""
        for address, resource in self.instances.items():
            for use in uses_of(resource.type):
                if use.what == "restriction" and use.owners:
                    self._restrict_by(address, use)

    def _restrict_by(self, address: str, use: Use) -> None:
        arguments, owner = self.given(address), self.owners[address]
        owner.guards = self.instances[address].guards
        named = {name: arguments.get(name) for name in (*use.owners, *use.policies)}
        for name, value in named.items():
            items = value if isinstance(value, list) else [value]
            owner.blocks.update((f"{name} {shown(item)}", True) for item in items)
        policies = map(address_of, map(arguments.get, use.policies))
        by = self.owners.get(next(policies, address))
        if not by or not by.statements or not all(map(_denies, by.statements)):
            owner.facts.update(named)

    def _add_unattached(self) -> None:
        for address, statements in self.managed.items():
            if address not in self._attached:
                self._owner(address, "managed").statements += statements


def _denies(statement: StatementValue) -> bool:
    return statement.unknown is None and statement.elements.get("Effect") == "Deny"


def has_variable(value: Value, name: str | None = None, attribute: str | None = None) -> bool:
    """Whether a value has a part of a variable, or of any, or an attribute in it."""
    waiting = [(value, attribute)]
    seen = set()  # terms share their parts, so that there are many ways to one
    while waiting:
        part, wanted = waiting.pop()
        if isinstance(part, (str, int, float, type(None))) or (id(part), wanted) in seen:
            continue
        seen.add((id(part), wanted))
        if isinstance(part, Unknown):
            if wanted is not None and part.operator in _PICKING and wanted in part.arguments:
                wanted = None
            if part.operator == "var" and name in (None, part.arguments[0]) and wanted is None:
                return True
        waiting += [(inner, wanted) for inner in _parts(part)]
    return False


def _parts(value: Value) -> Iterable[Value]:
    """What a value is made of."""
    if isinstance(value, Unknown):
        return value.arguments
    if isinstance(value, Text):
        return value.parts
    if isinstance(value, Rest):
        return (value.item,)
    if isinstance(value, Encoded):
        return (value.value,)
    if isinstance(value, dict):
        return [*value, *value.values()]
    return value if isinstance(value, list) else ()


def decisive(given: Mapping[str, Value], harmless: Mapping[str, str]) -> list[str]:
    """The names of arguments that have another value than none, and than the harmless one."""
    found = {name: as_text(value) for name, value in given.items()}
    return [name for name, value in found.items() if value is not None and value != harmless[name]]
