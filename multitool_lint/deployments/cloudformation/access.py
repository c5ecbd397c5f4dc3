"""Who has which access by a template of CloudFormation or SAM, with its nested stacks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from multitool_lint.deployments import managed
from multitool_lint.deployments.addresses import whom
from multitool_lint.deployments.cloudformation.cases import split
from multitool_lint.deployments.cloudformation.resources import (
    SAM,
    Part,
    Place,
    TemplateResource,
    is_expanded,
    roots_of,
)
from multitool_lint.deployments.cloudformation.values import Values
from multitool_lint.deployments.deployment import Deployment, decisive
from multitool_lint.deployments.reading import Reading
from multitool_lint.deployments.resource_types import harmless, uses_of
from multitool_lint.deployments.statements import statements_of
from multitool_lint.formats.aws_commands import attaching
from multitool_lint.formats.cloudformation.properties import properties
from multitool_lint.formats.cloudformation.sam import definitions, is_policy_template
from multitool_lint.formats.quick_tests import may_be_policy, may_be_text_with_policies
from multitool_lint.formats.recognize import NESTED_STACKS
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.terms import (
    Guards,
    Rest,
    StatementValue,
    Text,
    Unknown,
    Value,
    as_text,
    cases,
    identity,
)
from multitool_lint.syntax.tree import Object

if TYPE_CHECKING:
    from multitool_lint.deployments.resource_types import Use
    from multitool_lint.syntax.tree import Node
    from multitool_lint.syntax.tree_of_files import Tree

_MODULE = "::MODULE"
_CUSTOM = ("Custom::", "AWS::CloudFormation::CustomResource")
_MANAGED = ":policy/"
_RULES = ("AllowedPattern", "AllowedValues", "MaxLength", "MaxValue", "MinLength", "MinValue")
_GRANTING = frozenset({"identity", "resource", "trust", "organizations", "statements", "sam"})
_BLOCKS = "/blocks"
_FILLED_IN = ("{{", "{%", "<%")
"""What a text has one of that a program makes of a template and of other files."""


class TemplateDeployment(Deployment):
    """What a template deploys: its owners of access by their addresses.

    Raises:
        TooMuchError: it takes more work than any real one.
    """

    def __init__(self, tree: Tree, path: str) -> None:
        super().__init__(Reading(tree))
        text = self.reading.text(path)
        self._parts = [
            Part(self.reading, root, text or "", Place(path)) for root in roots_of(path, text or "")
        ]
        if not self._parts:
            self.reading.broken[path] = "not a template that can be read"
        found = [resource for part in self._parts for resource in part.resources()]
        self._resources = {resource.address: resource for resource in found}
        for resource in found:
            self._declare(resource)
        for resource in found:
            self._read(resource)
        self._add_unattached()
        self._add_commands(text or "")
        for part in self._parts:
            self._add_macros(part.root, part.values)

    @property
    def instances(self) -> Mapping[str, TemplateResource]:
        """The resources by their addresses."""
        return self._resources

    @property
    def rules(self) -> Mapping[str, Sequence[str]]:
        """The rules for the values of the parameters, by their names."""
        found = {}
        for part in self._parts:
            for name, node in part.values.parameters.items():
                rules = [(key, node.get(key)) for key in _RULES]
                made = [identity([key, part.values.value(rule)]) for key, rule in rules if rule]
                if made:
                    found[name] = made
        return found

    def arguments(self, address: str) -> Iterator[Value]:
        """The values of the properties of a resource."""
        owner, slash, _ = address.partition("/")
        if slash:
            yield Unknown("resource", owner)
            return
        resource = self._resources.get(address)
        for name in resource.names if resource else ():
            yield resource.argument(name) if resource else None

    def is_policy(self, address: str) -> bool:
        """Whether a resource is a policy by its type, of another one that stays when it goes."""
        resource = self._resources.get(address)
        return resource is not None and resource.type.endswith("Policy")

    def _declare(self, resource: TemplateResource) -> None:
        """Note what the names of identities and the managed policies are."""
        for use in uses_of(resource.type):
            if use.what == "identity" and use.owners:
                name = resource.argument(use.owners[0])
                if isinstance(name, str):
                    self._names.setdefault(name, resource.address)
            elif use.what == "managed":
                document = resource.argument(use.policies[0])
                self.managed[resource.address] = self._statements(document, resource.guards)

    def _read(self, resource: TemplateResource) -> None:
        uses = uses_of(resource.type)
        for use in uses:
            self._use(resource, use)
        if {use.what for use in uses}.isdisjoint({"managed", "inline"}):
            self._policies(resource)
        if resource.type in NESTED_STACKS or resource.type.endswith(_MODULE):
            self._facts(resource, "module", resource.names)
        elif resource.type.startswith(_CUSTOM) and _mentions(resource):
            self._facts(resource, resource.type, resource.names)
        connectors = resource.node.get("Connectors")
        if connectors is not None:
            owner = self._owner(f"{resource.address}/Connectors", "connectors")
            owner.facts["Connectors"] = resource.values.value(connectors)

    def _use(self, resource: TemplateResource, use: Use) -> None:
        address = resource.address
        if use.what in _USES:
            _USES[use.what](self, resource, use)
        elif use.what == "identity":
            self._owner(address, "identity")
        elif use.what == "boundary":
            self._bind(address, resource.argument(use.policies[0]))
        elif use.what in ("open", "restriction"):
            owner = self._owner(address, "resource")
            owner.is_open, owner.is_restriction = use.what == "open", use.what != "open"
        elif use.what == "access":
            self._facts(resource, resource.type, resource.names)

    def _inline(self, resource: TemplateResource, use: Use) -> None:
        found = self._statements(resource.argument(use.policies[0]), resource.guards)
        for owner, guards in self._named(resource, use.owners):
            statements = [statement.under(guards) for statement in found]
            self._owner(owner, "identity").statements += statements

    def _attached_by_itself(self, resource: TemplateResource, use: Use) -> None:
        for owner, guards in self._named(resource, use.owners):
            reference = Unknown("resource", resource.address)
            self._attach(owner, reference, (*resource.guards, *guards))

    def _attachment(self, resource: TemplateResource, use: Use) -> None:
        for arn, guards in _items(resource.argument(use.policies[0])):
            self._attach(resource.address, arn, (*resource.guards, *guards))

    def _block(self, resource: TemplateResource, use: Use) -> None:
        blocks = {name: _as_boolean(resource.argument(name)) for name in use.policies}
        owner = self._owner(f"{resource.address}{_BLOCKS}", "resource")
        owner.title, owner.blocks = resource.address, blocks

    def _some_facts(self, resource: TemplateResource, use: Use) -> None:
        values = dict(part.partition("=")[::2] for part in use.policies)
        given = {name: resource.argument(name) for name in values}
        if names := decisive(given, values):
            self._facts(resource, resource.type, names)

    def _named(
        self, resource: TemplateResource, properties_: Iterable[str]
    ) -> Iterator[tuple[str, Guards]]:
        """The identities that properties name, and when."""
        for name in properties_:
            for value, guards in _items(resource.argument(name)):
                yield self.owner_of(value), guards

    def _facts(self, resource: TemplateResource, kind: str, names: Iterable[str]) -> None:
        address = resource.address
        if address in self.owners:  # which has policies of its own, too
            address = f"{address}/{kind}"
        owner = self._owner(address, kind)
        owner.title = resource.address
        for name in names:
            if name not in harmless() and (value := resource.argument(name)) is not None:
                owner.facts[name] = whom(value)
        owner.guards = resource.guards

    def _policies(self, resource: TemplateResource) -> None:
        """The policies in its properties, those of which nothing is known among them."""
        known = properties().get(resource.type, ())
        for property_ in known:
            if property_.kind not in _GRANTING:
                continue
            name, *path = property_.path
            for value, guards in _at(resource.argument(name), path):
                self._policy(resource, property_.kind, value, (*resource.guards, *guards))
        seen = {property_.path[0] for property_ in known}
        for name in resource.names:
            if name not in seen:
                for place, value in _found(resource.argument(name), name):
                    owner = self._owner(f"{resource.address}/{place}", "resource")
                    owner.statements += self._statements(value, resource.guards)

    def _policy(self, resource: TemplateResource, kind: str, value: Value, guards: Guards) -> None:
        address = resource.address
        if kind == "sam":
            if resource.argument("Role") is None:
                self._of_sam(address, value, guards)
            return
        document = {"Statement": value} if kind == "statements" else value
        found = self._statements(document, guards)
        if kind == "trust":
            self._owner(address, "identity").trust += found
        else:
            is_identity = kind == PolicyType.IDENTITY.value
            self._owner(address, "identity" if is_identity else "resource").statements += found

    def _of_sam(self, address: str, value: Value, guards: Guards) -> None:
        """The policies that SAM's `Policies` list: names, ARNs, policy templates, and policies.

        https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-templates.html
        """
        for item, more in _items(value):
            around = (*guards, *more)
            if not isinstance(item, dict):
                arn = managed.arn_of(item) if isinstance(item, str) else None
                self._attach(address, arn or item, around)
                continue
            name = str(next(iter(item), "")) if len(item) == 1 else ""
            document: Value = item
            if name in definitions():
                document = {"Statement": self._of_policy_template(name, item[name])}
            elif is_policy_template(name):
                document = Unknown("sam-policy", item)
            self._owner(address, "identity").statements += self._statements(document, around)

    def _of_policy_template(self, name: str, given: Value) -> Value:
        definition = definitions()[name]
        node = fast.read(definition, literal=True)
        members = given.items() if isinstance(given, dict) else ()
        parameters = {str(key): value for key, value in members}
        empty = node.__class__(node.span, Object(()), "")
        values = Values(empty, definition, self.reading, _no_output, parameters)
        return values.value(node)

    def _statements(self, value: Value, guards: Guards) -> list[StatementValue]:
        """The statements of a policy, in each case of the conditions in it."""
        if value is None or value == "":
            return []
        return [
            self._as_known(statement).under((*guards, *more))
            for more, document in split(value)
            for statement in statements_of(document)
        ]

    def _as_known(self, statement: StatementValue) -> StatementValue:
        """A statement; a document that another program fills in may be another one each time."""
        unknown = statement.unknown
        if unknown is None or not any(_has(unknown, sign) for sign in _FILLED_IN):
            return statement
        return statement._replace(unknown=Unknown("elsewhere", unknown, id(self)))

    def _add_commands(self, text: str) -> None:
        """Commands of the AWS CLI in texts of the template, such as those of a build."""
        for command, given in attaching(text, with_policies=True):
            owner = self._owner(f"command:{command}", "command")
            owner.title = f"the command {command}"
            owner.facts["given"] = given

    def _add_macros(self, root: Node, values: Values) -> None:
        """Macros that may make policies, or change those that are there."""
        sections = (root, root.get("Resources") or root)
        for member in (member for section in sections for member in section.fields()):
            if is_expanded(member.key):
                value = values.value(member.value)
                if _may_have_access(value):
                    self._owner(member.key, "macro").facts["of"] = value
        transform = root.get("Transform")
        if transform is not None:
            names = values.value(transform)
            others = [
                name
                for name in (names if isinstance(names, list) else [names])
                if not (isinstance(name, str) and name.startswith((SAM[:-2], "AWS::Language")))
            ]
            if others:
                self._owner("Transform", "macro").facts["of"] = others


_USES: Mapping[str, Callable[[TemplateDeployment, TemplateResource, Use], None]] = {
    "arguments": TemplateDeployment._some_facts,  # noqa: SLF001 - its own methods
    "attachment": TemplateDeployment._attachment,  # noqa: SLF001
    "block": TemplateDeployment._block,  # noqa: SLF001
    "inline": TemplateDeployment._inline,  # noqa: SLF001
    "managed": TemplateDeployment._attached_by_itself,  # noqa: SLF001
}


def _no_output(stack: str, output: str) -> Value:
    return Unknown("output", stack, output)


def _items(value: Value) -> Iterator[tuple[Value, Guards]]:
    """The items of a list, or a single value, and when each is there."""
    for guards, found in cases(value):
        for item in found if isinstance(found, list) else [found]:
            inner = item.item if isinstance(item, Rest) else item
            for more, one in cases(inner):
                if one is not None:
                    yield one, (*guards, *more)


def _at(value: Value, path: Sequence[str]) -> Iterator[tuple[Value, Guards]]:
    """The values at a path, and when each is there; of an unknown value, that itself."""
    if not path:
        if value is not None:
            yield value, ()
        return
    step, *rest = path
    for item, guards in _items(value) if step == "*" else _cases(value):
        found = item if step == "*" or isinstance(item, (Unknown, Text)) else _member(item, step)
        left = () if isinstance(item, (Unknown, Text)) else rest
        for one, more in _at(found, left):
            yield one, (*guards, *more)


def _cases(value: Value) -> Iterator[tuple[Value, Guards]]:
    for guards, found in cases(value):
        yield found, guards


def _member(value: Value, name: str) -> Value:
    return value.get(name) if isinstance(value, dict) else None


def _found(value: Value, place: str) -> Iterator[tuple[str, Value]]:
    """What has the form of a policy in a value, and where it is."""
    if isinstance(value, dict):
        if "Statement" in value and _has_effect(value["Statement"]):
            yield place, value
            return
        for key, item in value.items():
            yield from _found(item, f"{place}/{key if isinstance(key, str) else identity(key)}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _found(item, f"{place}/{number}")
    elif isinstance(value, Unknown) and value.operator == "if":
        for number, item in enumerate(value.arguments[1:]):
            yield from _found(item, f"{place}/{number}")
    elif isinstance(value, (str, Text)):
        text = (
            value
            if isinstance(value, str)
            else "".join(p for p in value.parts if isinstance(p, str))
        )
        if "tatement" in text and (may_be_text_with_policies(text) or may_be_policy(text)):
            yield place, value


def _has_effect(value: Value) -> bool:
    items = value if isinstance(value, list) else [value]
    return any(isinstance(item, dict) and "Effect" in item for item in items)


def _as_boolean(value: Value) -> Value:
    text = as_text(value)
    return {"true": True, "false": False}.get(text, value) if isinstance(text, str) else value


def _mentions(resource: TemplateResource) -> bool:
    """Whether the properties of a custom resource name a managed policy."""
    return any(_has(resource.argument(name), _MANAGED) for name in resource.names)


def _has(value: Value, word: str) -> bool:
    if isinstance(value, str):
        return word in value
    if isinstance(value, Text):
        return any(_has(part, word) for part in value.parts)
    if isinstance(value, dict):
        return any(_has(part, word) for pair in value.items() for part in pair)
    if isinstance(value, Unknown):
        return any(_has(part, word) for part in value.arguments)
    return isinstance(value, list) and any(_has(part, word) for part in value)


def _may_have_access(value: Value) -> bool:
    return any(_has(value, word) for word in ("AWS::IAM::", "olicy", "olicies", "ermission"))
