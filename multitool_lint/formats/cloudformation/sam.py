"""What the Serverless Application Model (SAM) adds to CloudFormation, as far as policies go.

`Policies` of a function or state machine lists names and ARNs of managed policies, policy templates
of SAM, and policies.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-templates.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from multitool_lint.aws.catalog.tables import Rows, bundled_table
from multitool_lint.formats.cloudformation.properties import by_key, text
from multitool_lint.formats.policy_texts import policy_around
from multitool_lint.formats.recognize import MACROS
from multitool_lint.formats.result import Skipped, not_read
from multitool_lint.reasons import Reason
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.tree import Array, Member, Node, Object, Value
from multitool_lint.values.cloudformation import function

_FUNCTION = "AWS::Serverless::Function"
_PUBLISHED = "AutoPublishAlias"
_TEMPLATE = re.compile(r"\w+Policy(?:_v\d+)?|\w+CrudPolicy|\w+AccessPolicy")


class SamPolicy(NamedTuple):
    """A policy in `Policies`: its place there, and whether it is the `published` one of SAM."""

    path: str
    node: Node
    published: bool = False


def policies(node: Node) -> Iterator[SamPolicy | Skipped]:
    """The policies in `Policies`, and what else is not the name of one."""
    value = node.value
    name, argument = function(node)
    if isinstance(value, Array):
        for number, item in enumerate(value):
            for found in policies(item):
                if isinstance(found, SamPolicy):
                    yield found._replace(path=f"/{number}{found.path}")
                else:
                    yield found
    elif name == "Fn::If":
        for branch in argument.items()[1:]:
            yield from policies(branch)
    elif name and name.startswith(MACROS):
        yield not_read(node.span, Reason.EXPANDED, name)
    elif not name and isinstance(value, Object):  # else, a name or what comes to one
        yield _of_object(node, value)


def _of_object(node: Node, value: Object) -> SamPolicy | Skipped:
    key = value[0].key if len(value) == 1 else ""
    if key in definitions():
        return SamPolicy(f"/{key}", _expanded(value[0]), published=True)
    if is_policy_template(key):
        return not_read(node.span, Reason.SAM_TEMPLATE)
    return SamPolicy("", node)


def is_policy_template(name: str) -> bool:
    """Whether a name may be that of a policy template of SAM."""
    return _TEMPLATE.fullmatch(name) is not None


@bundled_table("sam_policies.tsv")
def definitions(rows: Rows) -> Mapping[str, str]:
    """The statements of each policy template as JSON."""
    return dict(rows)


def _expanded(template: Member) -> Node:
    """The policy of a template with its parameters, all of it at the place of its name."""
    definition = fast.read(definitions()[template.key], literal=True)

    def placed(node: Node) -> Node:
        name, argument = function(node)
        if name == "Ref" and argument.string:
            given = template.value.get(argument.string)
            if given is not None:
                return given.moved(lambda _: template.key_span)
        value: Value = node.value
        if isinstance(value, Array):
            value = Array(map(placed, value))
        elif isinstance(value, Object):
            value = Object(
                Member(member.key, template.key_span, placed(member.value)) for member in value
            )
        return Node(template.key_span, value, "")

    return policy_around(placed(definition), template.key_span)


def published_aliases(root: Node) -> dict[str, Node]:
    """The aliases that SAM publishes, by the functions: a reference to one is its ARN.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources-function.html
    """
    shared = by_key(by_key(root.get("Globals")).get("Function")).get(_PUBLISHED)
    functions = {
        name: by_key(resource.get("Properties")).get(_PUBLISHED) or shared
        for name, resource in by_key(root.get("Resources")).items()
        if text(resource.get("Type")) == _FUNCTION
    }
    return {name: alias for name, alias in functions.items() if alias is not None}
