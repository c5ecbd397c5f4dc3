"""What the Serverless Application Model (SAM) adds to CloudFormation, as far as policies go.

`Policies` of a function or state machine lists names and ARNs of managed policies, policy templates
of SAM, and policies.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-templates.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.formats.cloudformation.functions import function
from multitool_lint.formats.cloudformation.properties import Property
from multitool_lint.formats.recognize import MACROS
from multitool_lint.formats.result import Skipped
from multitool_lint.syntax.tree import Array, Node, Object

if TYPE_CHECKING:
    from collections.abc import Iterator

TEMPLATE = "a policy template of SAM"

PROPERTIES = {
    "AWS::Serverless::Api": (
        Property(("Auth", "ResourcePolicy", "CustomStatements"), "statements"),
    ),
    "AWS::Serverless::Function": (
        Property(("Policies",), "sam"),
        Property(("AssumeRolePolicyDocument",), "trust"),
    ),
    "AWS::Serverless::StateMachine": (Property(("Policies",), "sam"),),
}

_TEMPLATE = re.compile(r"\w+Policy(?:_v\d+)?|\w+CrudPolicy|\w+AccessPolicy")


def policies(node: Node) -> Iterator[tuple[str, Node] | Skipped]:
    """The policies in `Policies`, each with its place, and what else is no name of one."""
    value = node.value
    name, argument = function(node)
    if isinstance(value, Array):
        for number, item in enumerate(value):
            for found in policies(item):
                if isinstance(found, Skipped):
                    yield found
                else:
                    yield f"/{number}{found[0]}", found[1]
    elif name == "Fn::If":
        for branch in argument.items()[1:]:
            yield from policies(branch)
    elif name and name.startswith(MACROS):
        yield Skipped(node.span, f"{name}, which AWS expands", unread=True)
    elif name or not isinstance(value, Object):
        return  # a name, or what comes to one
    elif len(value) == 1 and _TEMPLATE.fullmatch(value[0].key):
        yield Skipped(node.span, TEMPLATE)
    else:
        yield "", node
