"""Who has which access by a service of the Serverless Framework.

What the framework itself adds for logs is not among it.

https://www.serverless.com/framework/docs/providers/aws/guide/iam
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from multitool_lint.aws.access_types import has_access
from multitool_lint.deployments.cloudformation.access import TemplateDeployment
from multitool_lint.deployments.cloudformation.resources import (
    Nesting,
    Part,
    TemplateResource,
    added,
    nothing,
)
from multitool_lint.deployments.cloudformation.sam_methods import METHOD
from multitool_lint.deployments.cloudformation.words import may_have_access
from multitool_lint.deployments.embedded import policies_in
from multitool_lint.deployments.function_events import granted, granted_by_settings
from multitool_lint.deployments.plain import at
from multitool_lint.deployments.serverless.configuration import root_of, template_of
from multitool_lint.deployments.serverless.files import may_be_object
from multitool_lint.deployments.serverless.framework import (
    CUSTOM_ROLE,
    RUNS,
    authorizers_of,
    custom_role,
    events_of,
    first_at,
    is_api_made,
    is_made,
    method_of,
    of_existing,
    of_layers,
    of_logs,
    running_role,
)
from multitool_lint.deployments.serverless.imports import known_imports
from multitool_lint.deployments.serverless.programs import service_in
from multitool_lint.deployments.serverless.values import ServerlessService, ServiceValues
from multitool_lint.formats.attachments import POLICY_LISTS
from multitool_lint.formats.serverless import SERVICE_PROGRAMS
from multitool_lint.syntax.terms import StatementValue, Unknown, Value
from multitool_lint.syntax.texts import as_text
from multitool_lint.syntax.tree import Node

_ROLE = "IamRoleLambdaExecution"
"""The logical id that the framework gives the role of the functions."""
_STATEMENTS = ("iam/role/statements", "iamRoleStatements")
_MANAGED = ("iam/role/managedPolicies", "iamManagedPolicies")
_BOUNDARY = (
    *("iam/role/permissionsBoundary", "iam/role/permissionBoundary"),
    *("rolePermissionsBoundary", "iamPermissionsBoundary"),
)
_OWN = ("iamRoleStatements", "iam/role/statements")
_INHERITS = ("iamRoleStatementsInherit", "iam/inheritStatements")
_INHERITED_BY_ALL = "custom/serverless-iam-roles-per-function/defaultInherit"
_SHARED = frozenset({"kmsKeyArn", "tracing", "vpc"})
"""The settings that a function has from the provider."""
_RESOURCE_POLICIES = ("apiGateway/resourcePolicy", "resourcePolicy")
_OF_PROVIDER = frozenset({*_STATEMENTS, *_MANAGED, *_BOUNDARY, *_RESOURCE_POLICIES})
_ELSEWHERE = frozenset({"params", "resources", "service"})


class ServiceDeployment(TemplateDeployment):
    """What a service deploys: its owners of access by their addresses.

    Raises:
        TooMuchError: it takes more work than any real one.
    """

    _unread = "not a service that can be read"

    def _parts_of(self, path: str, text: str) -> Sequence[Part]:
        code: Mapping[str, str] = {}
        if posixpath.basename(path) in SERVICE_PROGRAMS:
            found = service_in(path, text, self.reading)
            if found is None:  # what it imports may decide about all of it
                broken = dict.fromkeys(known_imports(path, text, self.reading), self._unread)
                self.reading.broken.update(broken)
                return []
            text, code = found
        root = root_of(path, text)
        if root is None:
            return []
        self._root = self._whole = root
        service = ServerlessService(root, path, text, self.reading, code)
        values = ServiceValues(service, nothing(root), lambda *_: None)
        self._resolve = values.node
        template = template_of(root, self._resolve)
        part = Part(
            self.reading,
            template,
            text,
            Nesting(path),
            lambda node, output: ServiceValues(service, node, output),
        )
        part.values.types.setdefault(_ROLE, "AWS::IAM::Role")
        self._service = service
        return [part]

    def _made(self) -> Iterator[TemplateResource]:
        if not self._parts:
            return
        self._values = self._parts[0].values
        self._titles[_ROLE] = "provider/iam/role"
        provider = self._value("provider")
        functions = self._value("functions")
        named = [
            (str(name), function)
            for listed in (functions if isinstance(functions, list) else [functions])
            for name, function in (listed.items() if isinstance(listed, dict) else ())
        ]
        yield from self._of_provider(provider, [function for _, function in named])
        self._add_custom(of_logs(at(provider, "logs")))
        for name, function in named:
            yield from self._of_function(name, function, provider)
        for address, given, guards in of_layers(self._value("layers")):
            made = self._resource(address, "AWS::Lambda::LayerVersionPermission", given)
            yield made._replace(guards=guards)
        yield from super()._made()
        self._search_others(functions if isinstance(functions, Unknown) else None)
        self.files |= self._service.files.whole

    def _value(self, key: str) -> Value:
        node = self._root.get(key)
        return None if node is None else self._values.value(node)

    def _resource(self, address: str, type_: str, given: Mapping[str, Value]) -> TemplateResource:
        return added(self._root, self._values, address, type_, given)

    def _of_provider(
        self, provider: Value, functions: Sequence[Value]
    ) -> Iterator[TemplateResource]:
        """The role of all functions that have no other one, the API, and who authorizes calls."""
        role = custom_role(provider)
        if is_made(role) or may_be_object(role):
            yield self._role(_ROLE, first_at(provider, _STATEMENTS), provider)
        policy = first_at(provider, _RESOURCE_POLICIES)
        if policy is not None or is_api_made(provider, functions):
            document = None if policy is None else {"Statement": flat(policy)}
            yield self._resource(
                "ApiGatewayRestApi", "AWS::ApiGateway::RestApi", {"Policy": document}
            )
        for name, trusted in authorizers_of(provider):
            yield self._resource(name, "AWS::ApiGatewayV2::Authorizer", trusted)

    def _role(self, address: str, statements: Value, provider: Value) -> TemplateResource:
        policy = None if statements is None else {"Statement": flat(statements)}
        given = {
            "Policies": policy and [{"PolicyDocument": policy}],
            "ManagedPolicyArns": flat(first_at(provider, _MANAGED)),
            "PermissionsBoundary": first_at(provider, _BOUNDARY),
        }
        return self._resource(address, "AWS::IAM::Role", given)

    def _of_function(
        self, name: str, function: Value, provider: Value
    ) -> Iterator[TemplateResource]:
        """The role of its own that a function has by a plugin, and its URL.

        https://github.com/functionalone/serverless-iam-roles-per-function
        """
        own = first_at(function, _OWN)
        if own is not None:
            inherits = first_at(function, _INHERITS)
            if inherits is None:
                inherits = self._custom(_INHERITED_BY_ALL)
            shared = flat(first_at(provider, _STATEMENTS)) if inherits not in (None, False) else []
            statements = [*_listed(flat(own)), *_listed(shared)]
            yield self._role(f"{name}.{_ROLE}", statements, provider)
        runs = {"Role": running_role(function, provider, own)}
        yield self._resource(f"functions/{name}", "AWS::Lambda::Function", runs)
        self._grant_for_events(name, function, None if own is None else f"{name}.{_ROLE}", provider)
        for type_, event, guards in events_of(function):
            self._add_custom(statement.under(guards) for statement in of_existing(type_, event))
            if method := method_of(type_, event):
                place, given = method
                made = self._resource(f"{name} ({place})", METHOD, given)
                yield made._replace(guards=guards)
        url = at(function, "url")
        if url not in (None, False):
            authorizer = as_text(at(url, "authorizer"))
            type_ = "AWS_IAM" if authorizer == "aws_iam" else authorizer or "NONE"
            yield self._resource(f"{name}.url", "AWS::Lambda::Url", {"AuthType": type_})

    def _grant_for_events(
        self, name: str, function: Value, own: str | None, provider: Value
    ) -> None:
        """What the framework adds for the events of a function, and for its settings.

        https://www.serverless.com/framework/docs/providers/aws/guide/events
        """
        given = at(function, "role") or custom_role(provider)
        role = own or (_ROLE if is_made(given) else None)
        address = f"functions/{name}"

        def setting(name: str) -> Value:
            value = at(function, name)
            path = "tracing/lambda" if name == "tracing" else name
            return at(provider, path) if value is None and name in _SHARED else value

        for found, guards in granted_by_settings("serverless", setting):
            self._grant_by_event(address, role, found, guards)
        runs = [at(function, name) for name in RUNS]
        for type_, properties, guards in events_of(function):
            found = granted("serverless", type_, properties)
            self._grant_by_event(address, role, found, guards, runs)

    def _add_custom(self, statements: Iterable[StatementValue]) -> None:
        """Note what functions of the framework may do that change what is not in the template."""
        if found := list(statements):
            self._owner(CUSTOM_ROLE, "identity").statements += found

    def _custom(self, path: str) -> Value:
        first, _, rest = path.partition("/")
        node = self._root.get(first)
        for key in rest.split("/"):
            node = node.get(key) if node else None
        return None if node is None else self._values.value(node)

    def _search_others(self, functions: Value) -> None:
        """What has the form of policies in settings of plugins, and where a part is not known."""
        if functions is not None:
            self._owner("functions", "functions").facts["of"] = functions
        if (resources := self._root.get("resources")) is not None:
            self._search_unread(resources, ("resources",))
        for member in self._root.fields():
            if member.key not in _ELSEWHERE:
                self._search_node(member.value, (member.key,))
        for member in (self._root.get("resources") or nothing(self._root)).fields():
            if member.key == "extensions":
                value = self._values.value(member.value)
                if may_have_access(value):
                    self._owner("resources/extensions", "extensions").facts["of"] = value

    def _search_unread(self, node: Node, path: tuple[str, ...]) -> None:
        """The parts of the template that programs return, which may be anything."""
        node = self._resolve(node)
        type_ = node.get("Type")
        decides = type_ is None or type_.string is None or has_access(type_.string)
        sections = {1: ("Resources",), 3: ("Properties",) if decides else ()}
        for number, item in enumerate(node.items()):
            self._search_unread(item, (*path[:-1], f"{path[-1]}[{number}]"))
        for member in node.fields() if len(path) <= max(sections) else ():
            if member.key in sections.get(len(path), (member.key,)):
                self._search_unread(member.value, (*path, member.key))
        if node.string is not None and may_be_object(value := self._values.value(node)):
            self._owner("/".join(path), "resources").facts["of"] = value

    def _search_node(self, node: Node, path: tuple[str, ...]) -> None:
        """What nothing refers to: what a variable asks for is compared where it is used."""
        if path in self._service.used or _is_read(path):
            return
        name = "/".join(path)
        if path[-1] in POLICY_LISTS:
            self._owner(name, "settings").facts["of"] = self._values.value(node)
        elif path[-1].lower().endswith("statements") or not node.fields():
            value = self._values.value(node)
            found = [(name, {"Statement": flat(value)})] if are_statements(value) else ()
            for place, policy in found or policies_in(value, name):
                owner = self._owner(place, "resource")
                owner.statements += self._statements(policy, ())
        elif "Statement" in {member.key for member in node.fields()}:
            for place, policy in policies_in(self._values.value(node), name):
                self._owner(place, "resource").statements += self._statements(policy, ())
        else:
            for member in node.fields():
                self._search_node(member.value, (*path, member.key))


def _is_read(path: tuple[str, ...]) -> bool:
    """Whether a setting is one of the role, the API or a function."""
    section, *keys = path
    if section == "provider":
        return "/".join(keys) in _OF_PROVIDER
    return section == "functions" and "/".join(keys[1:]) in _OWN


def flat(value: Value) -> Value:
    """A list whose items may be lists: a variable is one item or several."""
    if not isinstance(value, list):
        return value
    return [*chain.from_iterable(item if isinstance(item, list) else [item] for item in value)]


def _listed(value: Value) -> list[Value]:
    return value if isinstance(value, list) else [] if value is None else [value]


def are_statements(value: Value) -> bool:
    """Whether a value is a list of statements."""
    items = _listed(flat(value))
    return any(isinstance(item, dict) and "Effect" in item for item in items)
