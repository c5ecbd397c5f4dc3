"""Names that CloudFormation does not replace: outside of `Fn::Sub`, and those it does not know.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/pseudo-parameter-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Collection

from multitool_lint.aws.catalog.name_index import close, fold
from multitool_lint.formats.result import Problem
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tree import Node
from multitool_lint.values.cloudformation import function

RULE = "malformed-variable"
_VERSION = "2010-09-09"
"""The version of a template; tools that add functions of their own have another one."""
_NAMED = re.compile(r"\$\{(!?)([^{}]*)\}")
_PSEUDO = "AWS::"
_PSEUDO_PARAMETERS = (
    *("AWS::AccountId", "AWS::NoValue", "AWS::NotificationARNs", "AWS::Partition", "AWS::Region"),
    *("AWS::StackId", "AWS::StackName", "AWS::URLSuffix"),
)


def literal_name(text: str, names: Collection[str]) -> str | None:
    """What a text has of the names of a template, as it is written."""
    for match in _NAMED.finditer(text):
        if not match[1] and _is_of_template(match[2], names):
            return match[0]
    return None


def literal_problem(span: Span, written: str) -> Problem:
    """The problem of a text in which a name is not replaced."""
    return Problem(
        span,
        f'CloudFormation replaces "{written}" only in Fn::Sub',
        RULE,
        "use Fn::Sub for this value; AWS reads a policy variable, and none has this name",
        is_read=True,
        if_final=True,
    )


def unknown_pseudo_parameter(node: Node) -> str | None:
    """A name in a function that only a pseudo parameter may have, and none has."""
    waiting = [node]
    while waiting:
        inner = waiting.pop()
        name, argument = function(inner)
        if name == "Ref":
            named = [argument.string or ""]
        elif name == "Fn::Sub":
            text, *_ = (*argument.items(), argument)
            matches = _NAMED.finditer(text.string or "")
            named = [match[2].strip() for match in matches if not match[1]]
        else:
            named = []
        for found in named:
            if found.startswith(_PSEUDO) and found not in _PSEUDO_PARAMETERS:
                return found
        waiting += [child for _, child in inner.children()]
    return None


def unknown_problem(span: Span, name: str) -> Problem:
    """The problem of a name of a pseudo parameter that does not exist."""
    better = close(fold(name), tuple(map(fold, _PSEUDO_PARAMETERS)))
    hint = f'; did you mean "{_PSEUDO_PARAMETERS[better[0]]}"?' if better else ""
    return Problem(
        span,
        f'"{name}" is not a pseudo parameter of CloudFormation{hint}',
        RULE,
        "use the name of a parameter or a resource of the template, or of a pseudo parameter",
        is_read=True,
    )


def is_filled_in(root: Node, names: Collection[str]) -> bool:
    """Whether something else than CloudFormation seems to fill in a template.

    It may be the argument of `Fn::Sub` in another one, or what another tool reads first.
    """
    version = root.get("AWSTemplateFormatVersion")
    if version is None or version.value != _VERSION:
        return True
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node.value, str):
            if "${" in node.value and any(
                match[1] or not (":" in match[2] or _is_of_template(match[2], names))
                for match in _NAMED.finditer(node.value)
            ):
                return True
        elif function(node)[0] != "Fn::Sub":
            waiting += [child for _, child in node.children()]
    return False


def _is_of_template(name: str, names: Collection[str]) -> bool:
    return name.startswith(_PSEUDO) or name.partition(".")[0] in names
