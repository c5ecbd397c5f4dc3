"""JSON policies written as YAML, and put into CloudFormation templates: what tests compare."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from multitool_lint.diagnostics.rule import DIRECTORY
from multitool_lint.formats.cloudformation.properties import properties
from multitool_lint.syntax.json import parser as json_text
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.tree import Array, Node, Object

FENCE = re.compile(
    r"^(?P<ticks>`{3,})(?P<info>[^\n]*)\n(?P<body>.*?)^(?P=ticks)$", re.DOTALL | re.MULTILINE
)


class Example(NamedTuple):
    """A JSON policy of a rule page, with the settings that the page runs it by."""

    page: str
    text: str
    type: str | None
    resource_type: str | None

    @property
    def root(self) -> Node:
        return json_text.parse(self.text, literal=True)


@cache
def examples_of_pages() -> tuple[Example, ...]:
    """The JSON policies of all pages that are JSON."""
    examples = []
    for path in sorted(Path(DIRECTORY).glob("*.md")):
        for fence in FENCE.finditer(path.read_text(encoding="utf-8")):
            words = fence["info"].split()
            if words[:1] != ["json"] or "fixed" in words:
                continue
            settings = dict(word.split("=", 1) for word in words[1:])
            try:
                as_json(json_text.parse(fence["body"], literal=True))
            except (MistakeError, TypeError):
                continue  # no JSON, or a placeholder in the place of a value
            type_, resource_type = settings.get("type"), settings.get("resource_type")
            examples.append(Example(path.stem, fence["body"], type_, resource_type))
    return tuple(examples)


def as_block(node: Node, indent: int = 0) -> str:
    """The lines of a value in block style, strings in turn plain where that is certain, or quoted.

    It begins on a line of its own.
    """
    space = " " * indent
    if isinstance(node.value, Array) and node.value:
        return "".join(_under(f"{space}-", item, indent + 2) for item in node.value)
    if isinstance(node.value, Object) and node.value:
        return "".join(
            f"{space}{scalar(member.key)}:\n{as_block(member.value, indent + 2)}"
            if is_nested(member.value)
            else f"{space}{scalar(member.key)}: {as_flow(member.value)}\n"
            for member in node.value
        )
    return f"{space}{as_flow(node)}\n"


def _under(head: str, node: Node, indent: int) -> str:
    return f"{head} {as_block(node, indent).lstrip(' ')}"


def is_nested(node: Node) -> bool:
    return isinstance(node.value, (Array, Object)) and bool(node.value)


def as_flow(node: Node) -> str:
    """A value in flow style."""
    if isinstance(node.value, Array):
        return f"[{', '.join(map(as_flow, node.value))}]"
    if isinstance(node.value, Object):
        inner = (f"{scalar(member.key)}: {as_flow(member.value)}" for member in node.value)
        return f"{{{', '.join(inner)}}}"
    return scalar(node.value) if isinstance(node.value, str) else json.dumps(node.value)


def scalar(text: str) -> str:
    """A string in one of the three styles, which one its length decides."""
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*(?::[A-Za-z]+[*]?)?", text) and text.lower() not in (
        "true",
        "false",
        "null",
        "yes",
        "no",
        "on",
        "off",
    ):
        return text
    if len(text) % 2 and text.isprintable():
        doubled = text.replace("'", "''")
        return f"'{doubled}'"
    return _json(text)


def _json(value: object) -> str:
    """A scalar as JSON that is YAML, too, which has two characters only as escapes."""
    written = json.dumps(value, ensure_ascii=False)
    return written.replace("\ufffe", r"\ufffe").replace("\uffff", r"\uffff")


RESOURCES = {
    "identity": ("AWS::IAM::ManagedPolicy", "PolicyDocument", ""),
    "boundary": (
        "AWS::IAM::ManagedPolicy",
        "PolicyDocument",
        "      ManagedPolicyName: permissions-boundary\n",
    ),
    "trust": ("AWS::IAM::Role", "AssumeRolePolicyDocument", ""),
    "scp": ("AWS::Organizations::Policy", "Content", "      Type: SERVICE_CONTROL_POLICY\n"),
    "rcp": ("AWS::Organizations::Policy", "Content", "      Type: RESOURCE_CONTROL_POLICY\n"),
    "resource": ("AWS::VpcLattice::AuthPolicy", "Policy", ""),
    "session": ("AWS::Transfer::User", "Policy", ""),
}


def _of_types() -> dict[str, tuple[str, str]]:
    """A resource and its property for each type that policies are attached to."""
    found: dict[str, tuple[str, str]] = {}
    for kind, known in properties().items():
        for entry in known:
            if entry.resource_type and "*" not in entry.path:
                found.setdefault(entry.resource_type, (kind, "/".join(entry.path)))
    return found


OF_TYPES = _of_types()


def as_json(node: Node, *, deployed: bool = False) -> str:
    """A value as JSON without white space; keys that are repeated stay so.

    As a template of CloudFormation deploys it, numbers and booleans are texts.
    """
    value = node.value
    if isinstance(value, Array):
        return f"[{','.join(as_json(item, deployed=deployed) for item in value)}]"
    if isinstance(value, Object):
        keys = (_json(member.key) for member in value)
        values = (as_json(member.value, deployed=deployed) for member in value)
        return f"{{{','.join(map(':'.join, zip(keys, values, strict=True)))}}}"
    if deployed and isinstance(value, int | float):
        value = json.dumps(value)
    return _json(value)


def in_json_template(node: Node, type: str, resource_type: str | None, gap: str) -> str:
    """A template in JSON, its lines broken by a gap."""
    kind, path, more = RESOURCES[type]
    if resource_type:
        kind, path = OF_TYPES.get(resource_type, (resource_type, path))
    keys = path.split("/")
    inner = "".join(f'{{"{key}":{gap}' for key in keys) + _spread(node, gap) + "}" * len(keys)
    name, _, value = more.strip().partition(": ")
    inner = f'{{"{name}": "{value}",{gap}{inner[1:]}' if more else inner
    return f'{{{gap}"Resources": {{"One": {{"Type": "{kind}",{gap}"Properties": {inner}}}}}{gap}}}'


def _spread(node: Node, gap: str) -> str:
    """A value as JSON, with a gap before each part of it."""
    if isinstance(node.value, Array) and node.value:
        return f"[{','.join(gap + _spread(item, gap) for item in node.value)}{gap}]"
    if isinstance(node.value, Object) and node.value:
        parts = (
            f"{gap}{json.dumps(member.key)}: {_spread(member.value, gap)}" for member in node.value
        )
        return f"{{{','.join(parts)}{gap}}}"
    return as_json(node)


def in_template(node: Node, type: str, resource_type: str | None) -> str:
    """A template with a resource that has the policy."""
    kind, path, more = RESOURCES[type]
    if resource_type:
        kind, path = OF_TYPES.get(resource_type, (resource_type, path))
    lines = ["AWSTemplateFormatVersion: 2010-09-09", "Resources:", "  One:", f"    Type: {kind}"]
    keys = ["Properties", *path.split("/")]
    lines += [f"{' ' * (4 + 2 * depth)}{key}:" for depth, key in enumerate(keys)]
    if more:
        lines.insert(-1, more.rstrip())
    return "\n".join(lines) + "\n" + as_block(node, 4 + 2 * len(keys))


FILLED_IN_BY_OTHERS = re.compile(r"\{\{|\$\{(?:\w+\.|\w+_arn)|\$\{[^{}\"]*\}[^\"{]*\}")
"""What another template engine fills in, or nobody, and references, which a writer changes."""

with_every_example = pytest.mark.parametrize(
    "example",
    [
        pytest.param(example, id=example.page, marks=[pytest.mark.exhaustive] * (number % 25 > 0))
        for number, example in enumerate(examples_of_pages())
    ],
)
"""Asks a test about every example: about one in 25 in all runs, about the others in full ones."""
