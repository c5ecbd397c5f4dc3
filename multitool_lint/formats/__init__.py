"""From a source to the policies in it, one module a format."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.formats import json as json_
from multitool_lint.formats import markdown
from multitool_lint.formats.recognize import (
    MARKDOWN_ENDINGS,
    TERRAFORM_ENDINGS,
    TERRAFORM_JSON_ENDINGS,
    YAML_ENDINGS,
    begins_as_policy,
    may_be_json_template,
    may_be_policy,
    may_be_yaml_policies,
    may_nest_policies,
    resembles_policy,
)
from multitool_lint.formats.result import TEMPLATE, Loaded, Problem, Skipped

if TYPE_CHECKING:
    from multitool_lint.policy.document import PolicyType
    from multitool_lint.syntax.source import Source

__all__ = [
    "Loaded",
    "Problem",
    "Skipped",
    "is_output",
    "is_terraform",
    "is_yaml",
    "load",
    "resembles_policy",
]


def load(
    source: Source,
    *,
    type: PolicyType | None = None,
    resource_type: str | None = None,
) -> Loaded:
    """Find the policies of a source, whose path tells the format: JSON where it tells nothing."""
    loaded, format_ = _load(source, type, resource_type)
    return loaded if loaded.format else loaded._replace(format=format_)


def _load(source: Source, type: PolicyType | None, resource_type: str | None) -> tuple[Loaded, str]:
    """What is found, and the name of the format, if the loader does not tell it better."""
    if _is_markdown(source):
        return markdown.load(source, type=type, resource_type=resource_type), "Markdown"
    if is_terraform(source):
        from multitool_lint.formats import terraform

        return terraform.load(source, type=type, resource_type=resource_type), "Terraform"
    if is_yaml(source):
        from multitool_lint.formats import yaml as yaml_

        return yaml_.load(source, type=type, resource_type=resource_type), "YAML"
    return _of_json(source, type, resource_type)


def _of_json(
    source: Source, type: PolicyType | None, resource_type: str | None
) -> tuple[Loaded, str]:
    """Find those of a JSON text: a template, an output, a policy, or what has some in it."""
    if may_be_json_template(source.text):
        from multitool_lint.formats import json_templates

        loaded = json_templates.load(source, type=type, resource_type=resource_type)
        if loaded is not None:
            return loaded, TEMPLATE
    if is_output(source):
        from multitool_lint.formats.aws_cli import reader as aws_cli
        from multitool_lint.formats.terraform import plan as terraform_output

        if terraform_output.is_output(source.text):
            output = terraform_output.load(source, type=type, resource_type=resource_type)
            return output, "Terraform plan or state"
        return aws_cli.load(source, type=type, resource_type=resource_type), "AWS CLI"
    loaded = json_.load(source, type=type, resource_type=resource_type)
    if loaded.skipped and may_nest_policies(source.text):
        from multitool_lint.formats import json_documents as json_elsewhere

        found = json_elsewhere.load(source, type=type, resource_type=resource_type)
        return found or loaded, "JSON"
    return loaded, "JSON"


def is_output(source: Source) -> bool:
    """Whether a source is what AWS or Terraform printed: it tells policies, and is none itself."""
    text = source.text
    if _is_markdown(source) or is_yaml(source) or begins_as_policy(text) or not may_be_policy(text):
        return False
    if is_terraform(source):
        return False
    from multitool_lint.formats.aws_cli import reader as aws_cli
    from multitool_lint.formats.terraform import plan as terraform_output

    return terraform_output.is_output(text) or aws_cli.is_output(text)


def is_terraform(source: Source) -> bool:
    """Whether a source is a configuration of Terraform, in its language or as JSON."""
    return source.path.lower().endswith((*TERRAFORM_ENDINGS, *TERRAFORM_JSON_ENDINGS))


def is_yaml(source: Source) -> bool:
    """Whether a source is read as YAML: by its name, or where that tells nothing, by its text."""
    name = source.path.lower()
    if name.endswith((".json", *TERRAFORM_ENDINGS, *MARKDOWN_ENDINGS)):
        return False
    text = source.text.lstrip("\ufeff \t\r\n")
    if text.startswith(("{", "[")):
        return name.endswith(YAML_ENDINGS) and not _is_json(text)
    if name.endswith(YAML_ENDINGS):
        return True
    if not may_be_yaml_policies(text):
        return False
    return re.search(r"^ *(?:Statement|Resources):", text, re.MULTILINE) is not None


def _is_json(text: str) -> bool:
    """Whether a text in a file of YAML is JSON, whose tabs not every reader of YAML takes."""
    import json

    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _is_markdown(source: Source) -> bool:
    return source.path.lower().endswith(MARKDOWN_ENDINGS)
