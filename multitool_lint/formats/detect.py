"""What the words of a file tell before it is parsed: most files of a repository hold no policy."""

from __future__ import annotations

from multitool_lint.formats.recognize import VERSIONS, may_be_policy

MARKDOWN_ENDINGS = (".markdown", ".md")
TERRAFORM_ENDINGS = (".tf", ".tofu")
TERRAFORM_JSON_ENDINGS = (".tf.json", ".tofu.json")
YAML_ENDINGS = (".yaml", ".yml")


def may_hold_policies(path: str, text: str) -> bool:
    """Whether a file has to be parsed to know; `text` may be its bytes, each as a character."""
    name = path.lower()
    if name.endswith((*TERRAFORM_ENDINGS, *TERRAFORM_JSON_ENDINGS)):
        return "polic" in text or "Statement" in text
    if name.endswith(YAML_ENDINGS):
        return may_be_yaml_policies(text)
    if name.endswith(MARKDOWN_ENDINGS):
        return may_be_policy(text)
    return may_be_policy(text) or may_be_json_template(text) or "AWS::" in text


def may_be_yaml_policies(text: str) -> bool:
    """Whether a YAML text has a Statement, statements of some tool, or resources."""
    return (
        "tatement" in text
        or "AWS::" in text
        or "additionalPolicies" in text  # kops
        or any(date in text for date in VERSIONS)
    )


def may_be_json_template(text: str) -> bool:
    """Whether a JSON text may be a template of CloudFormation."""
    return '"Resources"' in text and '"Type"' in text and "::" in text
