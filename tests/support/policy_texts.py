"""Policies with unknown parts, written in several formats and read back."""

from __future__ import annotations

import json
import re
from typing import Any

FORMATS = {"json": "policy.json", "terraform": "main.tf", "cloudformation": "template.json"}
"""The formats, with the name of a file of each."""

EXPRESSIONS = {
    "bucket": "var.bucket",
    "other": "module.storage.buckets[local.name].id",
    "test": 'local.account_ids["shared-services-of-the-platform-in-europe-primary-test"]',
    "production": 'local.account_ids["shared-services-of-the-platform-in-europe-primary-prod"]',
}
"""What Terraform fills in, by name; two are the same for longer than a name is shown."""

_BEFORE, _AFTER = 'resource "aws_iam_policy" "this" {\n  policy = jsonencode(', ")\n}\n"
_PARAMETERS = {name: {"Type": "String"} for name in EXPRESSIONS}


def write(policy: dict[str, Any], format_: str) -> str:
    """The text of a file with the policy; every value on a line of its own."""
    if format_ == "cloudformation":
        properties = {"PolicyDocument": _substituted(policy)}
        resource = {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}
        template = {"Parameters": _PARAMETERS, "Resources": {"This": resource}}
        return json.dumps(template, indent=2)
    text = json.dumps(policy, indent=2, ensure_ascii=False)
    if format_ == "json":
        return text.replace("«", "${").replace("»", "}")
    text = text.replace("${", "$${")
    for name, expression in EXPRESSIONS.items():
        text = text.replace(f"«{name}»", f"${{{expression}}}")
    return f"{_BEFORE}{text}{_AFTER}"


def read(text: str, format_: str) -> dict[str, Any]:
    """The policy of a file that `write` wrote, and that was edited perhaps."""
    if format_ == "cloudformation":
        template = json.loads(text)
        return dict(_restored(template["Resources"]["This"]["Properties"]["PolicyDocument"]))
    if format_ == "terraform":
        text = text.removeprefix(_BEFORE).removesuffix(_AFTER)
        for name, expression in EXPRESSIONS.items():
            text = re.sub(rf"(?<!\$)\$\{{{re.escape(expression)}\}}", f"«{name}»", text)
        text = re.sub(r",(\s*[\]}])", r"\1", text.replace("$${", "${"))
        text = re.sub(r"^( *)Version = (.*)$", r'\1"Version": \2,', text, flags=re.MULTILINE)
    else:
        for name in EXPRESSIONS:
            text = text.replace(f"${{{name}}}", f"«{name}»")
    return dict(json.loads(text))


def filled_in(value: Any, values: dict[str, str]) -> Any:  # noqa: ANN401 - JSON as it comes
    """The policy with values for its unknown parts."""
    if isinstance(value, dict):
        return {key: filled_in(item, values) for key, item in value.items()}
    if isinstance(value, list):
        return [filled_in(item, values) for item in value]
    if not isinstance(value, str):
        return value
    return re.sub("«(.*?)»", lambda match: values[match[1]], value)


def _substituted(value: Any) -> Any:  # noqa: ANN401 - JSON as it comes
    if isinstance(value, dict):
        return {key: _substituted(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_substituted(item) for item in value]
    if not isinstance(value, str) or "«" not in value:
        return value
    if re.fullmatch("«[^»]*»", value):
        return {"Ref": value[1:-1]}
    text = value.replace("${", "${!").replace("«", "${").replace("»", "}")
    return {"Fn::Sub": text}


def _restored(value: Any) -> Any:  # noqa: ANN401 - JSON as it comes
    if isinstance(value, list):
        return [_restored(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "Ref" in value:
        return f"«{value['Ref']}»"
    if "Fn::Sub" in value:
        text = re.sub(r"\$\{([^!}][^}]*)\}", "«\\1»", value["Fn::Sub"])
        return text.replace("${!", "${")
    return {key: _restored(item) for key, item in value.items()}
