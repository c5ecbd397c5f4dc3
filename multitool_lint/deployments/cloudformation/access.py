"""Who has which access by a template of CloudFormation or SAM, with its nested stacks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from multitool_lint.aws.access_types import uses_of
from multitool_lint.deployments.cloudformation.arns import named_arns
from multitool_lint.deployments.cloudformation.resources import (
    SAM,
    Nesting,
    Part,
    TemplateResource,
    is_expanded,
    nothing,
    roots_of,
)
from multitool_lint.deployments.cloudformation.values import Values
from multitool_lint.deployments.cloudformation.words import has_word, may_have_access
from multitool_lint.deployments.deployment import has_variable
from multitool_lint.deployments.embedded import policies_in
from multitool_lint.deployments.function_events import granted, granted_by_settings
from multitool_lint.deployments.owner import COMMAND
from multitool_lint.deployments.plain import PlainDeployment, PlainResource, items
from multitool_lint.deployments.published import EXPORT, PublishedValue
from multitool_lint.formats.attaching_commands import attaching, by_command
from multitool_lint.formats.cloudformation.properties import by_key, properties
from multitool_lint.formats.cloudformation.properties import text as text_of
from multitool_lint.formats.cloudformation.sam import definitions, is_policy_template
from multitool_lint.formats.recognize import FOR_EACH, NESTED_STACKS
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.terms import Guards, StatementValue, Unknown, Value, identity
from multitool_lint.syntax.tree import Member, Node
from multitool_lint.values import managed
from multitool_lint.values.reading import Reading
from multitool_lint.values.variables import (
    Callers,
    DeclaredVariable,
    ValueRule,
    rule_of_parameter,
)

if TYPE_CHECKING:
    from multitool_lint.syntax.tree_of_files import Tree

_MODULE = "::MODULE"
_CUSTOM = ("Custom::", "AWS::CloudFormation::CustomResource")
_MANAGED = ":policy/"
_INCLUDE = "Fn::Transform"
_INVOKING = {
    "AWS::Serverless::Function": "lambda:InvokeFunction",
    "AWS::Serverless::StateMachine": "states:StartExecution",
}
"""The types of what has events, with what the service does for each."""
_RUNS = ("CodeUri", "Definition", "DefinitionUri", "Handler", "ImageUri", "InlineCode")
"""What says what a function or state machine runs."""
_PARAMETERS = "Parameters"
_RULES = ("AllowedPattern", "AllowedValues", "MaxLength", "MaxValue", "MinLength", "MinValue")
_GRANTING = frozenset({"identity", "resource", "trust", "organizations", "statements", "sam"})
_FILLED_IN = ("{{", "{%", "<%")
"""What a text has one of that a program makes of a template and of other files."""


class TemplateDeployment(PlainDeployment):
    """What a template deploys: its owners of access by their addresses.

    Raises:
        TooMuchError: it takes more work than any real one.
    """

    _whole: Node | None = None
    """What a template is a part of."""
    _unread = "not a template that can be read"

    def __init__(
        self,
        tree: Tree,
        path: str,
        callers: Callers = Callers(),  # noqa: B008 - it is immutable
    ) -> None:
        super().__init__(Reading(tree, callers))
        self._path = path
        text = self.reading.text(path)
        self._parts = self._parts_of(path, text or "")
        if not self._parts:
            self.reading.broken[path] = self._unread
        made = list(self._made())
        self._add(made)
        self.arns = named_arns(made)
        self._add_commands(text or "")
        for part in self._parts:
            self._add_macros(part.root, part.values)
            root = self._whole or part.root
            for section in (root, root.get("Resources"), root.get("resources")):
                self._add_repeated(section or part.root, part.values)

    def _parts_of(self, path: str, text: str) -> Sequence[Part]:
        """The templates in the text of a file."""
        return [Part(self.reading, root, text, Nesting(path)) for root in roots_of(path, text)]

    def _made(self) -> Iterator[TemplateResource]:
        """The resources that are made."""
        for part in self._parts:
            yield from part.resources()

    @property
    def variables(self) -> Mapping[str, DeclaredVariable]:
        """The parameters, by their names."""
        # Those of another template of the file may have the same names.
        is_open = len(self._parts) == 1
        return {
            (known := self.reading.callers.known_as(name)): DeclaredVariable(
                is_open,
                part.values.default(name),
                text_of(node.get("Type")) or "",
                tuple(_rules(part, known, node)),
            )
            for part in self._parts
            for name, node in part.values.parameters.items()
        }

    @property
    def published(self) -> Mapping[PublishedValue, Value]:
        """The exports of the stack whose names are known."""
        found: dict[PublishedValue, Value] = {}
        for part in self._parts:
            for node in by_key(part.root.get("Outputs")).values():
                export, value = node.get("Export"), node.get("Value")
                written = export.get("Name") if export else None
                name = part.values.value(written) if written else None
                if isinstance(name, str) and value:
                    found[PublishedValue(EXPORT, name)] = part.values.value(value)
        return found

    def called_by(self, callers: Callers) -> TemplateDeployment:
        """What is deployed by those who give some parameters their values."""
        return type(self)(self.reading.tree, self._path, callers)

    def _read(self, resource: PlainResource) -> None:
        if not isinstance(resource, TemplateResource):
            return
        known = properties().get(resource.type, ())
        if {use.what for use in uses_of(resource.type)}.isdisjoint({"managed", "inline"}):
            paths = [(found.path, found.kind) for found in known if found.kind in _GRANTING]
            self._policies(resource, paths)
        self._search(resource, {found.path[0] for found in known})
        if resource.type in NESTED_STACKS or resource.type.endswith(_MODULE):
            self._call(resource)
        elif resource.type.startswith(_CUSTOM) and _mentions(resource):
            self._facts(resource, resource.type, resource.names)
        if resource.type in _INVOKING:
            self._add_events(resource)
        connectors = resource.node.get("Connectors")
        if connectors is not None:
            owner = self._owner(f"{resource.address}/Connectors", "connectors")
            owner.facts["Connectors"] = resource.values.value(connectors)

    def _call(self, resource: TemplateResource) -> None:
        """Note what a nested stack or a module is given that is not read."""
        _part_parameters(self._facts(resource, "module", resource.names).facts)

    def _search(self, resource: TemplateResource, known: Collection[str]) -> None:
        """What has the form of a policy where none is known to be."""
        for name in resource.names:
            if name not in known:
                for place, value in policies_in(resource.argument(name), name):
                    owner = self._owner(f"{resource.address}/{place}", "resource")
                    owner.statements += self._statements(value, resource.guards)

    def _policy(self, resource: PlainResource, kind: str, value: Value, guards: Guards) -> None:
        if kind != "sam":
            super()._policy(resource, kind, value, guards)
        elif resource.argument("Role") is None:
            self._of_sam(resource.address, value, guards)

    def _of_sam(self, address: str, value: Value, guards: Guards) -> None:
        """The policies that SAM's `Policies` list: names, ARNs, policy templates, and policies.

        https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-templates.html
        """
        for item, more in items(value):
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

    def _add_events(self, resource: TemplateResource) -> None:
        """What SAM adds for the events of a function or state machine, and for its settings."""
        role = resource.address if resource.argument("Role") is None else None
        runs = [resource.argument(name) for name in _RUNS]
        if resource.type == "AWS::Serverless::Function":
            for found, guards in granted_by_settings("sam", resource.argument):
                around = (*resource.guards, *guards)
                self._grant_by_event(resource.address, role, found, around, runs)
        for events, guards in items(resource.argument("Events")):
            listed = events.values() if isinstance(events, dict) else [events]
            for event, more in (found for value in listed for found in items(value)):
                members = event if isinstance(event, dict) else {"Type": event}
                type_, given = members.get("Type"), members.get("Properties")
                found = granted("sam", type_, given, _INVOKING[resource.type])
                around = (*resource.guards, *guards, *more)
                self._grant_by_event(resource.address, role, found, around, runs)

    def _of_policy_template(self, name: str, given: Value) -> Value:
        definition = definitions()[name]
        node = fast.read(definition, literal=True)
        members = given.items() if isinstance(given, dict) else ()
        parameters = {str(key): value for key, value in members}
        values = Values(nothing(node), definition, self.reading, _no_output, parameters)
        return values.value(node)

    def _statements(self, value: Value, guards: Guards) -> list[StatementValue]:
        return [*map(self._as_known, super()._statements(value, guards))]

    def _as_known(self, statement: StatementValue) -> StatementValue:
        """A statement; a document that another program fills in may be another one each time."""
        unknown = statement.unknown
        if unknown is None or not any(has_word(unknown, sign) for sign in _FILLED_IN):
            return statement
        return statement._replace(unknown=Unknown("elsewhere", unknown, id(self)))

    def _add_commands(self, text: str) -> None:
        """Commands of the AWS CLI in texts of the template, such as those of a build."""
        for command, given in by_command(attaching(text, with_policies=True)).items():
            owner = self._owner(f"command:{command}", COMMAND)
            owner.title = f"the command {command}"
            owner.facts["given"] = given

    def _add_repeated(self, section: Node, values: Values) -> None:
        """Note what a key has that occurs again: it is not known which one counts."""
        last: dict[str, Member] = {}
        for member in section.fields():
            if before := last.get(member.key):
                found = [values.value(one.value) for one in (before, member)]
                if identity(found[0]) != identity(found[1]) and may_have_access(found[0]):
                    owner = self._owner(f"{member.key} (repeated)", "repeated")
                    owner.facts[identity(found[0])] = found[0]
            last[member.key] = member

    def _add_macros(self, root: Node, values: Values) -> None:
        """Macros that may make policies, or change those that are there."""
        sections = (root, root.get("Resources") or root)
        for member in (member for section in sections for member in section.fields()):
            if is_expanded(member.key):
                value = values.value(member.value)
                is_loop = member.key.startswith(FOR_EACH)  # what it makes is read
                if member.key == _INCLUDE or is_loop or may_have_access(value):
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


def _rules(part: Part, name: str, parameter: Node) -> Iterator[ValueRule]:
    """The rules for the value of a parameter."""
    for key in _RULES:
        if rule := parameter.get(key):
            yield rule_of_parameter(key, part.values.value(rule))
    for assertion in map(part.values.value, by_key(part.root.get("Rules")).values()):
        if has_variable(assertion, name):
            yield ValueRule(identity(assertion))


def _part_parameters(facts: dict[str, Value]) -> None:
    """Take the parameters of a stack for arguments, each by itself."""
    given = facts.get(_PARAMETERS)
    if isinstance(given, dict):
        del facts[_PARAMETERS]
        facts.update((f"{_PARAMETERS}/{key}", value) for key, value in given.items())


def _no_output(stack: str, output: str) -> Value:
    return Unknown("output", stack, output)


def _mentions(resource: TemplateResource) -> bool:
    """Whether the properties of a custom resource name a managed policy."""
    return any(has_word(resource.argument(name), _MANAGED) for name in resource.names)
