"""What the Serverless Framework itself makes: roles, methods of APIs, shares of layers, logs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from multitool_lint.deployments.cloudformation.sam_methods import authorization, method_address
from multitool_lint.deployments.plain import at, items
from multitool_lint.syntax.shown_terms import shown
from multitool_lint.syntax.terms import Guards, StatementValue, Unknown, Value
from multitool_lint.syntax.texts import as_text

CUSTOM_ROLE = "IamRoleCustomResourcesLambdaExecution"
"""The logical id of the role of the functions that change what is not in the template."""

_SOCKET, _CONNECT = "websocket", "$connect"
_METHODS = frozenset({"http", "httpApi", _SOCKET})
"""The events that are methods of an API."""
_AUTHORIZER = ("arn", "authorizerId", "id", "name", "scopes", "type")
"""What says who may call a method; the rest of an authorizer says how it is asked."""
_NOTHING = (None, False)
_LOGS = ("restApi", "websocket")
"""The APIs whose logs the framework gives the account a role for."""


_MADE = "the role that the framework makes"
RUNS = ("handler", "image")
"""What says what a function runs."""


def first_at(value: Value, paths: Iterable[str]) -> Value:
    """The first of the values at some paths that is there."""
    return next((found for path in paths if (found := at(value, path)) is not None), None)


def custom_role(provider: Value) -> Value:
    """What the functions of a service have for a role, if they have no other."""
    return at(provider, "role") or at(provider, "iam/role")


def is_made(role: Value) -> bool:
    """Whether the framework makes a role, as it is not given another one."""
    return role is None or isinstance(role, dict)


def running_role(function: Value, provider: Value, own: Value) -> Value:
    """The role that a function runs with; the same for all that the framework makes."""
    given = at(function, "role") or custom_role(provider)
    return _MADE if own is not None or is_made(given) else given


def events_of(function: Value) -> Iterator[tuple[Value, Value, Guards]]:
    """The events of a function by their types, and when they are there; only of a list."""
    listed = at(function, "events")
    for event, guards in () if isinstance(listed, dict) else items(listed):
        members = event.items() if isinstance(event, dict) else [(event, None)]
        for type_, properties in members:
            yield type_, properties, guards


def is_api_made(provider: Value, functions: Iterable[Value]) -> bool:
    """Whether the framework makes a REST API, as some functions have methods of one."""
    return at(provider, "apiGateway/restApiId") is None and any(
        type_ == "http" for function in functions for type_, _, _ in events_of(function)
    )


def authorizers_of(provider: Value) -> Iterator[tuple[str, Mapping[str, Value]]]:
    """The addresses of what authorizes calls of the HTTP API, and what decides that.

    https://www.serverless.com/framework/docs/providers/aws/events/http-api
    """
    found = at(provider, "httpApi/authorizers")
    for name, given in found.items() if isinstance(found, dict) else ():
        trusted = {key: at(given, key) for key in ("issuerUrl", "audience")}
        asked = at(given, "functionName") or at(given, "functionArn")
        yield (
            f"authorizers/{name}",
            {"JwtConfiguration": trusted, "AuthorizerUri": asked},
        )


def method_of(type_: Value, event: Value) -> tuple[str, Mapping[str, Value]] | None:
    """The place of the method of an API that an event of a type is, and who may call it.

    None for an event of another type, and for a message of a connection that is authorized.
    """
    members = event if isinstance(event, dict) else {"path": event}
    is_message = type_ == _SOCKET and _CONNECT not in (members.get("route"), members.get("path"))
    if type_ not in _METHODS or is_message:
        return None
    method = as_text(members.get("method") or members.get("path"))
    place = method_address(members.get(key) for key in ("method", "path", "route"))
    authorizer = members.get("authorizer")
    kind = as_text(authorizer.get("type") if isinstance(authorizer, dict) else authorizer)
    if isinstance(authorizer, dict):
        authorizer = {key: authorizer[key] for key in _AUTHORIZER if key in authorizer}
    return place, {
        "AuthorizationType": authorization(authorizer, is_iam=kind == "aws_iam"),
        "HttpMethod": method.partition(" ")[0] if isinstance(method, str) else method,
    }


def of_layers(layers: Value) -> Iterator[tuple[str, Mapping[str, Value], Guards]]:
    """The addresses of what shares layers with accounts, what it is given, and when it is there.

    https://www.serverless.com/framework/docs/providers/aws/guide/layers
    """
    for name, layer in layers.items() if isinstance(layers, dict) else [("", layers)]:
        accounts = layer.get("allowedAccounts") if isinstance(layer, dict) else layer
        for account, guards in items(accounts):
            yield f"layers/{name} ({shown(account)})", {"Principal": account}, guards


def of_existing(type_: Value, event: Value) -> Iterator[StatementValue]:
    """What the framework may do with what exists already, and has an event of a type now.

    https://www.serverless.com/framework/docs/providers/aws/events/s3#using-existing-buckets
    """
    if isinstance(event, dict) and event.get("existing") not in _NOTHING:
        yield StatementValue({}, (), Unknown("event", type_, event.get("bucket")))


def of_logs(logs: Value) -> Iterator[StatementValue]:
    """What the framework may do to give API Gateway the role that writes logs.

    https://www.serverless.com/framework/docs/providers/aws/events/apigateway#logs
    """
    for name in _LOGS:
        setting = logs.get(name) if isinstance(logs, dict) else None
        members = setting if isinstance(setting, dict) else {}
        if setting not in _NOTHING and members.get("roleManagedExternally") is not True:
            yield StatementValue({}, (), Unknown("event", f"logs.{name}", members.get("role")))
