"""The references to managed policies of a source, whatever its format."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from multitool_lint.formats.endings import LINES_ENDINGS, PAGE_ENDINGS, SHELL_ENDINGS, format_name
from multitool_lint.formats.policy_references import moved_to
from multitool_lint.formats.quick_tests import may_be_json_template
from multitool_lint.formats.recognize import TERRAFORM_ENDINGS, TERRAFORM_JSON_ENDINGS
from multitool_lint.limits import MAX_HCL_CHARACTERS
from multitool_lint.syntax.decoded_text import DecodedText, DecodingStep, in_string
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from multitool_lint.formats.code_blocks import CodeBlock
    from multitool_lint.policy.managed_references import PolicyReference
    from multitool_lint.syntax.tree import Node


def references_in(source: Source) -> tuple[PolicyReference, ...]:
    """The references of a source; none of what cannot be parsed, of which its readers say why.

    Raises:
        TooManyError: its values are too many.
    """
    found: list[PolicyReference] = []
    with suppress(MistakeError):
        found += _of_source(source)  # those before a mistake stay
    return tuple(found)


def _of_source(source: Source) -> Iterator[PolicyReference]:
    from multitool_lint.formats import is_yaml  # it imports this module where it is needed

    name, text = format_name(source.path), source.text
    if name.endswith(TERRAFORM_ENDINGS):
        yield from _of_terraform(source)
    elif name.endswith(PAGE_ENDINGS):
        from multitool_lint.formats.code import blocks_of_page

        yield from _shown(source, blocks_of_page(source))
    elif name.endswith(SHELL_ENDINGS):
        yield from _of_script(source, DecodedText(text, (DecodingStep([0], [0]),)))
    elif is_yaml(source):
        yield from _of_yaml(source)
    elif not name.endswith(LINES_ENDINGS):
        yield from _of_json(source, name)


def _of_terraform(source: Source) -> Iterator[PolicyReference]:
    if len(source.text) <= MAX_HCL_CHARACTERS:
        from multitool_lint.formats.terraform.references import FileReferences
        from multitool_lint.syntax.hcl import tree

        finder = FileReferences(tree.HclFile(source))
        yield from finder.all()
        for script in finder.scripts():
            yield from _of_script(source, script)


def _of_yaml(source: Source) -> Iterator[PolicyReference]:
    from multitool_lint.syntax.yaml import template

    yield from _of_documents(source, template.parse(source.text).documents)


def _of_documents(source: Source, documents: Iterable[Node]) -> Iterator[PolicyReference]:
    """The references of documents, and in the commands that these have as texts."""
    from multitool_lint.formats.tree_references import TreeReferences

    finder = TreeReferences()
    for root in documents:
        yield from finder.of(root)
    for text in finder.scripts.values():
        yield from _of_script(source, in_string(source, text))


def _of_json(source: Source, name: str) -> Iterator[PolicyReference]:
    from multitool_lint.formats import tree_references
    from multitool_lint.formats.aws_cli import reader as aws_cli
    from multitool_lint.formats.cloudformation.template import is_template
    from multitool_lint.formats.terraform import plan, references
    from multitool_lint.syntax.json import fast

    text = source.text
    if not text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        return
    root = fast.read(text, literal=True) if may_be_json_template(text) else None
    if root is not None and is_template(root):
        yield from _of_documents(source, [root])
    elif plan.is_output(text):
        yield from references.of_plan(text)
    elif not name.endswith(TERRAFORM_JSON_ENDINGS) and aws_cli.is_output(text):
        yield from tree_references.of_output(text)
    else:
        yield from _of_documents(source, [root or fast.read(text, literal=True)])


def _shown(source: Source, blocks: Iterable[CodeBlock]) -> Iterator[PolicyReference]:
    return (reference._replace(shown=True) for reference in _of_blocks(source, blocks))


def _of_blocks(source: Source, blocks: Iterable[CodeBlock]) -> Iterator[PolicyReference]:
    for block in blocks:
        inner = source.with_text(block.text.text)
        try:
            if block.format == "shell":
                yield from _of_script(source, block.text)
            elif block.format == "terraform":
                yield from moved_to(block.text, _of_terraform(inner))
            elif block.format == "yaml":
                yield from moved_to(block.text, _of_yaml(inner))
            elif block.format == "json":
                yield from moved_to(block.text, _of_json(inner, ""))
        except MistakeError:
            continue  # an excerpt


def _of_script(source: Source, script: DecodedText) -> Iterator[PolicyReference]:
    """The references in the commands of a script, and in the texts that it has in it."""
    from multitool_lint.formats import command_references, shell

    yield from moved_to(script, command_references.of_script(script.text, source.text))
    yield from _of_blocks(source, (block for _, block in shell.blocks(script)))
