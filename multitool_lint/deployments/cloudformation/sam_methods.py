"""The methods of APIs that are events of functions of SAM, and who may call each.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-apifunctionauth.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.deployments.plain import at, items
from multitool_lint.syntax.shown_terms import shown

if TYPE_CHECKING:
    from multitool_lint.deployments.cloudformation.resources import TemplateResource
    from multitool_lint.syntax.terms import Guards, Value

METHOD = "AWS::ApiGateway::Method"
_FUNCTION = "AWS::Serverless::Function"
_IAM = "AWS_IAM"
_NONE = "NONE"
_APIS = {"Api": "RestApiId", "HttpApi": "ApiId"}
"""The events that are methods, with the property that names the API if SAM does not make it."""


class ApiMethod(NamedTuple):
    """A method: what it is called, what is said of who may call it, and when it is there."""

    address: str
    given: Mapping[str, Value]
    guards: Guards


def methods_of(
    function: TemplateResource, default: Callable[[str, Value], Value]
) -> Iterator[ApiMethod]:
    """The methods of a function; `default` is the authorizer of an API, of a type of event."""
    if function.type != _FUNCTION:
        return
    for events, guards in items(function.argument("Events")):
        for event in events.values() if isinstance(events, dict) else ():
            type_, given = at(event, "Type"), at(event, "Properties")
            if not isinstance(type_, str) or type_ not in _APIS:
                continue
            auth = at(given, "Auth")
            authorizer = at(auth, "Authorizer") or default(type_, at(given, _APIS[type_]))
            scopes = at(auth, "AuthorizationScopes")
            asked = authorizer if scopes is None else {"scopes": scopes, "by": authorizer}
            called = method_address(at(given, name) for name in ("Method", "Path"))
            yield ApiMethod(
                f"{function.address} ({called})",
                {
                    "AuthorizationType": authorization(asked, is_iam=authorizer == _IAM),
                    "HttpMethod": at(given, "Method"),
                },
                (*function.guards, *guards),
            )


def authorization(authorizer: Value, *, is_iam: bool) -> Value:
    """Who may call a method, as a value of its `AuthorizationType`."""
    # With IAM, nobody may call it who is not allowed to by a policy.
    return is_iam or authorizer or _NONE


def method_address(parts: Iterable[Value]) -> str:
    """The method and path of a method as a part of an address, in which no other part begins."""
    return " ".join(
        shown(part).strip("/").lower().replace("/", ".") for part in parts if part is not None
    )
