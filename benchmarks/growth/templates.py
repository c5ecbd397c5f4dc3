"""Families of YAML, CloudFormation and Terraform."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import yaml

from .family import Family, filled, quoted, word
from .policies import SHAPES

if TYPE_CHECKING:
    from collections.abc import Callable

    Text = Callable[[int], str]

POLICY = '{"Version":"2012-10-17","Statement":[%s]}'
REGION = '"${AWS::Region}"'
FLOW = '{"Effect":"Allow","Action":"s3:GetObject","Resource":%s}'
TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
%s
Resources:
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
"""
STATEMENT = "          - {Effect: Allow, Action: 's3:GetObject', Resource: %s}\n"
DATA = 'data "aws_iam_policy_document" "p" {\n%s}\n'


def scaled(write: Callable[[Any], str], shape: Callable[[int], Any]) -> Text:
    """A shape in a format, made anew so that the text has the size, whatever the format adds."""

    def text(size: int) -> str:
        first = len(write(shape(size)))
        return write(shape(max(1, size * size // first)))

    return text


def _yaml(document: Any) -> str:  # noqa: ANN401 - values of JSON
    return str(yaml.safe_dump(document, sort_keys=False, width=1000))


def _template(policy: Any) -> Any:  # noqa: ANN401 - values of JSON
    resource = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": policy}}
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"Policy": resource}}


def _serverless(policy: Any) -> Any:  # noqa: ANN401 - values of JSON
    provider = {"name": "aws", "iam": {"role": {"statements": policy["Statement"]}}}
    return {"service": "a", "provider": provider}


def _sam(policy: Any) -> Any:  # noqa: ANN401 - values of JSON
    function = {"Type": "AWS::Serverless::Function", "Properties": {"Policies": [policy]}}
    return {"Transform": "AWS::Serverless-2016-10-31", "Resources": {"Function": function}}


def _resource(policy: str) -> str:
    return f'resource "aws_iam_policy" "p" {{\n  policy = {policy}\n}}\n'


def _data(policy: Any) -> str:  # noqa: ANN401 - values of JSON
    names = {"Action": "actions", "Resource": "resources", "Sid": "sid", "Effect": "effect"}
    blocks = []
    for statement in policy["Statement"]:
        lines = []
        for key, value in statement.items():
            if key == "Condition":
                ((operator, keys),) = value.items()
                ((variable, values),) = keys.items()
                lines.append(
                    f'    condition {{\n      test = "{operator}"\n      variable = "{variable}"\n'
                    f"      values = {json.dumps(values)}\n    }}\n"
                )
                continue
            listed = [value] if names[key].endswith("s") and isinstance(value, str) else value
            lines.append(f"    {names[key]} = {json.dumps(listed)}\n")
        blocks.append(f"  statement {{\n{''.join(lines)}  }}\n")
    return DATA % "".join(blocks)


def _tf_json(policy: Any) -> str:  # noqa: ANN401 - values of JSON
    return json.dumps({"resource": {"aws_iam_policy": {"p": {"policy": json.dumps(policy)}}}})


def _tf_json_data(policy: Any) -> str:  # noqa: ANN401 - values of JSON
    names = {"Action": "actions", "Resource": "resources", "Sid": "sid", "Effect": "effect"}
    blocks = [
        {names[key]: value for key, value in statement.items() if key in names}
        for statement in policy["Statement"]
    ]
    return json.dumps({"data": {"aws_iam_policy_document": {"p": {"statement": blocks}}}}, indent=1)


FORMATS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "YAML": ("policy.yaml", _yaml),
    "CFN JSON": ("template.json", lambda policy: json.dumps(_template(policy), indent=2)),
    "CFN YAML": ("template.yaml", lambda policy: _yaml(_template(policy))),
    "SAM": ("template.yaml", lambda policy: _yaml(_sam(policy))),
    "Serverless": ("serverless.yml", lambda policy: _yaml(_serverless(policy))),
    "TF data source": ("main.tf", _data),
    "TF jsonencode": ("main.tf", lambda policy: _resource(f"jsonencode({json.dumps(policy)})")),
    "TF heredoc": (
        "main.tf",
        lambda policy: _resource(f"<<EOT\n{json.dumps(policy, indent=2)}\nEOT"),
    ),
    "TF string": ("main.tf", lambda policy: _resource(json.dumps(json.dumps(policy)))),
    "TF JSON": ("main.tf.json", _tf_json),
    "TF JSON data source": ("main.tf.json", _tf_json_data),
    "Markdown": ("page.md", lambda policy: f"```json\n{json.dumps(policy, indent=2)}\n```\n"),
}


def _cfn(resource: Callable[[int], str], before: str = "") -> Text:
    return lambda size: TEMPLATE % before + filled(size, lambda n: STATEMENT % resource(n), "")


def _nest(before: str, inner: str, after: str, prefix: str = "") -> Text:
    """A function of a function, and so on, as the only resource."""
    unit = len(before) + len(after)
    return lambda size: (
        TEMPLATE % prefix + STATEMENT % f"{before * (size // unit)}{inner}{after * (size // unit)}"
    )


def _nests(before: str, inner: str, after: str, prefix: str = "", depth: int = 12) -> Text:
    """Many statements with functions of functions."""
    return _cfn(lambda n: f"{before * depth}{inner % word(n)}{after * depth}", prefix)


def _conditions(size: int) -> str:
    links = filled(
        size // 2, lambda n: f"  C{n + 1}: !Or [!Condition C{n}, !Equals [!Ref P, {word(n)}]]", "\n"
    )
    return f"Parameters:\n  P: {{Type: String}}\nConditions:\n  C0: !Equals [a, b]\n{links}"


_ONE_CONDITION = "Parameters:\n  P: {Type: String}\nConditions:\n  C: !Equals [!Ref P, a]"


def _mapping(size: int) -> str:
    lines = filled(size // 2, lambda n: f"    {word(n)}: {{b: {word(n + 1)}}}", "\n")
    return f"Mappings:\n  M:\n{lines}"


def _mapped(size: int) -> str:
    return _cfn(lambda n: f"!FindInMap [M, {word(n)}, b]", _mapping(size))(size // 2)


TEMPLATES: dict[str, Text] = {
    "FindInMap": _mapped,
    "FindInMap with a list": lambda size: _cfn(
        lambda _: "!FindInMap [M, a, b]",
        f"Mappings:\n  M:\n    a: {{b: [{filled(size // 2, word)}]}}",
    )(size // 2),
    "nested FindInMap": _nest("!FindInMap [M, a, ", "b", "]", "Mappings:\n  M:\n    a: {b: b}"),
    "nested If": _nest("!If [C, a, ", "b", "]", _ONE_CONDITION),
    "nests of If": _nests("!If [C, a, ", "%s", "]", _ONE_CONDITION),
    "If on conditions of conditions": lambda size: _cfn(
        lambda n: f"!If [C{n}, a, {word(n)}]", _conditions(size)
    )(size // 2),
    "If of many conditions": lambda size: _cfn(
        lambda n: f"!If [D{n}, a, {word(n)}]",
        "Parameters:\n  P: {Type: String}\nConditions:\n"
        + filled(size // 2, lambda n: f"  D{n}: !Equals [!Ref P, {word(n)}]", "\n"),
    )(size // 2),
    "nested Join": _nest("!Join ['', [a, ", "b", "]]"),
    "nests of Join": _nests("!Join ['', [a, ", "%s", "]]"),
    "nested Join in long form": _nest("{'Fn::Join': ['', [a, ", "b", "]]}"),
    "nested Sub": _nests("!Sub ['a${V}b', {V: ", "%s", "}]"),
    "Sub of many variables": lambda size: (
        TEMPLATE % "" + STATEMENT % f"!Sub '{filled(size, lambda n: f'${{{word(n)}}}', '')}'"
    ),
    "nested Split": _nests("!Select [0, !Split [a, ", "%s", "]]"),
    "Base64": _nest("!Base64 ", "a", ""),
    "references to parameters": lambda size: _cfn(
        lambda n: f"!Ref {word(n)}",
        "Parameters:\n"
        + filled(size // 2, lambda n: f"  {word(n)}: {{Type: String, Default: a}}", "\n"),
    )(size // 2),
    "references to resources": lambda size: (
        "Resources:\n"
        + filled(
            size,
            lambda n: (
                f"  {word(n)}:\n    Type: AWS::IAM::ManagedPolicy\n    DependsOn: "
                f"{word(n + 1)}\n    Properties:\n      PolicyDocument: "
                f"{POLICY % (FLOW % f'!Ref {word(n - 1)}')}"
            ),
            "\n",
        )
    ),
    "ForEach": _nests("!Join ['', ['Fn::ForEach::X', [i, [a, b], ", "{'%s': 1}", "]]]"),
    "policies": lambda size: (
        "Resources:\n"
        + filled(
            size,
            lambda n: (
                f"  {word(n)}:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n"
                f"      PolicyDocument: {POLICY % (FLOW % quoted(n))}"
            ),
            "\n",
        )
    ),
    "resources without policies": lambda size: (
        "Resources:\n" + filled(size, lambda n: f"  {word(n)}: {{Type: AWS::S3::Bucket}}", "\n")
    ),
    "ToJsonString": _cfn(lambda n: f"{{'Fn::ToJsonString': {{a: {word(n)}}}}}"),
    "policies in strings with Sub": lambda size: (
        "Resources:\n"
        + filled(
            size,
            lambda n: (
                f"  {word(n)}:\n    Type: AWS::Logs::ResourcePolicy\n    Properties:\n"
                f"      PolicyName: a\n      PolicyDocument: !Sub '{POLICY % (FLOW % REGION)}'"
            ),
            "\n",
        )
    ),
    "branches of properties": _nest(
        "!If [C, a, ", "b", "]", _ONE_CONDITION + "\nTransform: AWS::LanguageExtensions"
    ),
}

FAMILIES = {
    **{
        f"{format_}: {name}": Family(path, scaled(write, shape))
        for format_, (path, write) in FORMATS.items()
        for name, shape in SHAPES.items()
    },
    **{f"CFN text: {name}": Family("template.yaml", text) for name, text in TEMPLATES.items()},
}
