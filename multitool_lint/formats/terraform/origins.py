"""Where a policy is written that an expression has from elsewhere: a module, a resource, a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.formats.terraform.alternatives import part_of
from multitool_lint.formats.terraform.attributes import Local, attribute_value, holders
from multitool_lint.formats.terraform.callers import name_from_module
from multitool_lint.policy.placeholders import marked
from multitool_lint.syntax.hcl.tree import HclFile, called, significant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node as Syntax

    from multitool_lint.formats.terraform.module import ModuleFolder


_INDEX = r"(?:\[[^\]\[]*\]|\.\*|\.[0-9]+)?"
_OUTPUT = re.compile(rf"module\.([\w-]+){_INDEX}\.([\w-]+)")
_RENDERED = re.compile(rf"data\.template_file\.([\w-]+){_INDEX}\.rendered")
_CONTENT = re.compile(rf"data\.local_file\.([\w-]+){_INDEX}\.content")
_FILE = re.compile(r'(?:file|templatefile)\(\s*"([^"]*)"')
_OF_RESOURCE = re.compile(rf"(aws_\w+)\.([\w-]+){_INDEX}\.(\w+)")
_OF_AWS = re.compile(rf"data\.aws_iam_policy\.([\w-]+){_INDEX}\.policy")
_ARN_OF_AWS = re.compile(r'"arn:[\w-]+:iam::aws:policy/[^"]*"')
_CHANGES_TEXT = frozenset({"format", "replace", "templatestring", "yamldecode"})
"""Functions that make a policy of a text which is their first argument."""
_CAPITALS = r"[A-Z][A-Z0-9_-]*"
_IS_LITERAL = re.compile(r'"((?:[^"\\$%]|\\["\\]|\$(?!\{)|%(?!\{))*)"')


class ModuleExpression(NamedTuple):
    """An expression that comes to the same, with the module that it is in."""

    module: ModuleFolder
    place: Local


def without_changes(file: HclFile, syntax: Syntax) -> Syntax:
    """The text of which functions such as `format` make what an expression comes to."""
    parts = significant(syntax)
    while len(parts) == 1 and parts[0].type in ("expression", "function_call"):
        if parts[0].type == "function_call":
            name, arguments = called(file, parts[0])
            if name not in _CHANGES_TEXT or not arguments:
                break
            if name == "replace" and not _fills_in(file, arguments):
                break
            syntax = arguments[0]
        else:
            syntax = parts[0]
        parts = significant(syntax)
    return syntax


def _fills_in(file: HclFile, arguments: Sequence[Syntax]) -> bool:
    """Whether what is replaced is a placeholder, and not a part of what the policy grants."""
    searched = _IS_LITERAL.fullmatch(file.text(arguments[1])) if len(arguments) > 1 else None
    return searched is not None and (
        re.fullmatch(_CAPITALS, searched[1]) is not None or marked(searched[1]) != searched[1]
    )


def origin(file: HclFile, module: ModuleFolder, syntax: Syntax) -> ModuleExpression | None:
    """The expression of a module that is called, or of an old template, that another refers to."""
    text = file.text(syntax)
    if rendered := _RENDERED.fullmatch(text):
        found = attribute_value(module.block(f"data.template_file.{rendered[1]}"), "template")
        return ModuleExpression(module, found) if found else None
    if output := _OUTPUT.match(text):
        inner = module.called(output[1])
        found = attribute_value(inner.block(f"output.{output[2]}"), "value") if inner else None
        if inner is None or found is None:
            return None
        steps = significant(syntax)[2 + text[: output.end()].count("[") :]
        return ModuleExpression(
            inner, found._replace(value=part_of(found.file, found.value, steps))
        )
    return None


def file_name(file: HclFile, module: ModuleFolder, syntax: Syntax) -> str | None:
    """The name of the file whose content an expression is, from the folder of the module."""
    text = file.text(syntax)
    match: re.Match[str] | None = None
    if content := _CONTENT.fullmatch(text):
        found = attribute_value(module.block(f"data.local_file.{content[1]}"), "filename")
        match = found and re.fullmatch(r'"([^"]*)"', found.file.text(found.value))
    elif [part.type for part in significant(syntax)] == ["function_call"]:
        match = _FILE.match(text)
    return name_from_module(file.source, match[1]) if match else None


def of_resource(file: HclFile, module: ModuleFolder, syntax: Syntax) -> HclFile | None:
    """The file with the resource whose policy an expression refers to."""
    match = _OF_RESOURCE.fullmatch(file.text(syntax))
    if match is None or match[3] not in holders().get(match[1], ()):
        return None
    found = module.block(f"resource.{match[1]}.{match[2]}")
    return found[0] if found and attribute_value(found, match[3]) else None


def is_of_aws(file: HclFile, module: ModuleFolder, syntax: Syntax) -> bool:
    """Whether an expression refers to a policy that AWS manages."""
    match = _OF_AWS.fullmatch(file.text(syntax))
    arn = attribute_value(module.block(f"data.aws_iam_policy.{match[1]}"), "arn") if match else None
    return arn is not None and _ARN_OF_AWS.fullmatch(arn.file.text(arn.value)) is not None
