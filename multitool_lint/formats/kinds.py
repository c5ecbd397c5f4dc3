"""Of which format a source is: by its name, or where that says nothing, by its text."""

from __future__ import annotations

import re

from multitool_lint.formats import json as json_
from multitool_lint.formats.endings import (
    CODE_BLOCK_ENDINGS,
    JSON_ENDINGS,
    NOT_JSON_ENDINGS,
    TEMPLATE_ENDINGS,
    format_name,
)
from multitool_lint.formats.other_files import PROGRAM_ENDINGS, has_policy
from multitool_lint.formats.policy_texts import is_json
from multitool_lint.formats.quick_tests import (
    may_be_code_with_policies,
    may_be_template,
    may_be_terraform_policies,
    may_be_yaml_policies,
)
from multitool_lint.formats.recognize import (
    MARKDOWN_ENDINGS,
    TERRAFORM_ENDINGS,
    TERRAFORM_JSON_ENDINGS,
    YAML_ENDINGS,
    seems_to_have_policy,
)
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.syntax.escapes import unescaped
from multitool_lint.syntax.source import Source

_FENCE = lazy_pattern(r"^(?:```|~~~)", re.MULTILINE)
"""The fence of a block in documentation: only an indented line of YAML can begin so."""
_SECTION = lazy_pattern(r"\[{1,2}[A-Za-z_][^\]\[{}\"\n]*\]{1,2}[ \t\r]*\n")
"""The name of a section in INI or TOML, which no JSON begins with."""


def is_output(source: Source) -> bool:
    """Whether a source is what AWS or Terraform printed, with policies in it."""
    name = format_name(source.path)
    if name.endswith(CODE_BLOCK_ENDINGS) or is_yaml(source) or is_terraform(source):
        return False
    return json_.is_output(source.text)


def is_terraform(source: Source) -> bool:
    """Whether a source is a configuration of Terraform, in its language or as JSON.

    By its name, or where that says nothing, by its text: as in a copy `main.tf.bak`.
    """
    name = format_name(source.path)
    if name.endswith((*TERRAFORM_ENDINGS, *TERRAFORM_JSON_ENDINGS)):
        return True
    if name.endswith((*JSON_ENDINGS, *NOT_JSON_ENDINGS, *PROGRAM_ENDINGS)):
        return False
    if not may_be_terraform_policies(source.text):
        return False
    from multitool_lint.formats.code_blocks import begins_as_terraform  # few texts come here

    return begins_as_terraform(source.text)


def is_yaml(source: Source) -> bool:
    """Whether a source is read as YAML: by its name, or where that says nothing, by its text."""
    name = format_name(source.path)
    if name.endswith((".json", *CODE_BLOCK_ENDINGS, *PROGRAM_ENDINGS)) or is_terraform(source):
        return False
    text = source.text.lstrip("\ufeff \t\r\n")
    if text.startswith(("{", "[")):
        return name.endswith((*YAML_ENDINGS, ".template")) and not is_json(text)
    if name.endswith(YAML_ENDINGS):
        return True
    if not may_be_yaml_policies(text) or _FENCE.search(text):
        return False
    # With quotes and a value it is JSON, say in a text in prose.
    keys = r"""^ *(?:(?:Statement|Resources) *:|["'](?:Statement|Resources)["'] *:[ \r]*$)"""
    if re.search(keys, unescaped(text), re.MULTILINE):
        return True
    from multitool_lint.formats.code_blocks import begins_as_yaml  # few texts come here

    # With tabs it is a Makefile, say.
    return begins_as_yaml(text) and "\n\t" not in text and seems_to_have_policy(text)


def is_template(source: Source) -> bool:
    """Whether a source is, or should be, a template of CloudFormation."""
    return not (is_markdown(source) or is_terraform(source)) and may_be_template(source.text)


def is_markdown(source: Source) -> bool:
    """Whether a source is a page of Markdown."""
    return format_name(source.path).endswith(MARKDOWN_ENDINGS)


def is_code(source: Source) -> bool:
    """Whether a source is read as documentation, a script or a program.

    By its name, or where that says nothing, by its text: as in a template for user data.
    """
    name = format_name(source.path)
    if name.endswith(CODE_BLOCK_ENDINGS) or is_script(source) or _is_program(source):
        return True
    if is_terraform(source):
        return False
    if name.endswith((*JSON_ENDINGS, *TERRAFORM_ENDINGS, *YAML_ENDINGS)):
        return False
    text = source.text.lstrip("\ufeff \t\r\n")
    begins_as_json = text.startswith(("{", "[", '"')) and not _SECTION.match(text)
    is_other = not (begins_as_json or is_yaml(source))
    return is_other and may_be_code_with_policies(text) and has_policy(text)


def is_expression(source: Source) -> bool:
    """Whether a template is one expression of Terraform's language."""
    if not (source.path.lower().endswith(TEMPLATE_ENDINGS) and "encode(" in source.text):
        return False
    from multitool_lint.formats import embedded_texts  # few files come here

    return embedded_texts.is_expression(source.text)


def _is_program(source: Source) -> bool:
    """Whether a file whose name is that of a program is one, and not JSON."""
    name = format_name(source.path)
    return name.endswith(PROGRAM_ENDINGS) and not source.text.startswith(("{", "["))


def is_script(source: Source) -> bool:
    """Whether a template whose name does not say its format has a script, as for user data."""
    name = format_name(source.path)
    return name != source.path.lower() and source.text.lstrip().startswith("#!")
