"""What the Serverless Application Model (SAM) makes of properties that are not policies.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-generated-resources-specification.html
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from multitool_lint.formats.cloudformation.functions import text_of
from multitool_lint.formats.cloudformation.properties import (
    PolicyProperty,
    branches,
    policy_properties,
)
from multitool_lint.formats.permissions import permissions
from multitool_lint.formats.recognize import CONNECTOR
from multitool_lint.formats.result import Skipped, not_read
from multitool_lint.reasons import Reason
from multitool_lint.syntax.tree import Member, Node, Object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.formats.cloudformation.policies import Reader
    from multitool_lint.formats.extract import Found

_FUNCTION = "AWS::Serverless::Function"
_PERMISSION = "AWS::Lambda::Permission"
_AUTH_TYPE = ("FunctionUrlConfig", "AuthType")


def connectors(type_: str, resource: Node) -> Iterator[Skipped]:
    """The connectors that a resource is or has: SAM makes policies of them, for two resources."""
    if type_ == CONNECTOR:
        yield not_read(resource.span, Reason.SAM_CONNECTOR)
    inner = resource.get("Connectors")
    for member in inner.fields() if inner else ():
        yield not_read(member.value.span, Reason.SAM_CONNECTOR)


def function_urls(reader: Reader, type_: str, properties: PolicyProperty) -> Iterator[Found]:
    """The permission for everyone that SAM makes for the URL of a function without authorisation.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-functionurlconfig.html
    """
    found = policy_properties(properties, _AUTH_TYPE) if type_ == _FUNCTION else ()
    for place in chain.from_iterable(map(branches, found)):
        auth_type = text_of(place.node, reader.facts(place.given))
        if auth_type == "NONE":
            node = _permission(place.node)
            yield from reader.read_permission(place._replace(node=node), permissions()[_PERMISSION])
        elif not place.reached or auth_type is None or "${" in auth_type:
            yield not_read(place.node.span, Reason.UNRESOLVED_FUNCTION, ".".join(_AUTH_TYPE))


def _permission(auth_type: Node) -> Node:
    """The properties of the permission, all at the place of the type of authorisation."""
    span = auth_type.span
    values = {
        "Principal": Node(span, "*", ""),
        "Action": Node(span, "lambda:InvokeFunctionUrl", ""),
        "FunctionUrlAuthType": Node(span, "NONE", ""),
    }
    return Node(span, Object(Member(key, span, value) for key, value in values.items()), "")
