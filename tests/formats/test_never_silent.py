"""What is to be read is read or reported in every format, also where the text is broken."""

import json
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
import yaml

from multitool_lint.cli import main

STATEMENT: dict[str, Any] = {"Effect": "Allow", "Action": ["s3:GetObjekt"], "Resource": "*"}
POLICY: dict[str, Any] = {"Version": "2012-10-17", "Statement": [STATEMENT]}
PERMISSION = {"principal": "s3.amazonaws.com", "action": "lambda:Invoke", "function_name": "f"}


def template(type_: str, **properties: object) -> dict[str, Any]:
    return {"Resources": {"P": {"Type": type_, "Properties": properties}}}


def serverless(**provider: object) -> dict[str, Any]:
    return {"service": "s", "provider": {"name": "aws", **provider}}


DOCUMENTS: dict[str, Any] = {
    "policy": POLICY,
    "list": [POLICY],
    "nested": {"a": {"b": POLICY}},
    "text": {"a": json.dumps(POLICY)},
    "statement": STATEMENT,
    "statements": [STATEMENT],
    "lambda-permission": template(
        "AWS::Lambda::Permission", Action="lambda:Invoke", FunctionName="f", Principal="*"
    ),
    "layer-permission": template(
        "AWS::Lambda::LayerVersionPermission",
        Action="lambda:GetLayer",
        LayerVersionArn="arn:aws:lambda:us-east-1:123456789012:layer:l:1",
        Principal="*",
    ),
    "event-bus": template(
        "AWS::Events::EventBusPolicy", Action="events:Put", StatementId="s", Principal="*"
    ),
    "signer-permission": template(
        "AWS::Signer::ProfilePermission",
        Action="signer:Start",
        StatementId="s",
        Principal="123456789012",
        ProfileName="p",
    ),
    "iam-policy": template("AWS::IAM::Policy", PolicyName="p", PolicyDocument=POLICY),
    "sam": template("AWS::Serverless::Function", Policies=[{"Statement": [STATEMENT]}]),
    "sam-template": template("AWS::Serverless::Function", Policies=[{"NewCrudPolicy": {}}]),
    "role-statements": serverless(iamRoleStatements=[STATEMENT]),
    "role": serverless(iam={"role": {"statements": [STATEMENT]}}),
    "resource-policy": serverless(resourcePolicy=[{**STATEMENT, "Principal": "*"}]),
    "kops": {"spec": {"additionalPolicies": {"node": json.dumps([STATEMENT])}}},
}
JSON_ONLY: dict[str, Any] = {
    "plan": {
        "format_version": "1.0",
        "terraform_version": "1.0",
        "planned_values": {
            "root_module": {
                "resources": [
                    {
                        "address": "aws_lambda_permission.p",
                        "mode": "managed",
                        "type": "aws_lambda_permission",
                        "name": "p",
                        "values": PERMISSION,
                    }
                ]
            }
        },
    },
}
TERRAFORM_JSON: dict[str, Any] = {
    "tf-permission": {"resource": {"aws_lambda_permission": {"p": PERMISSION}}},
    "tf-document": {
        "data": {"aws_iam_policy_document": {"p": {"statement": [{"actions": ["s3:GetObjekt"]}]}}}
    },
    "tf-module": {
        "module": {"m": {"statements": [{"effect": "Allow", "actions": ["s3:GetObjekt"]}]}}
    },
}
TERRAFORM = {
    "document": """data "aws_iam_policy_document" "p" {
  statement {
    actions   = ["s3:GetObjekt"]
    resources = ["*"]
  }
}
""",
    "permission": """resource "aws_lambda_permission" "p" {
  action        = "lambda:Invoke"
  function_name = "f"
  principal     = "s3.amazonaws.com"
}
""",
    "encoded": """resource "aws_iam_policy" "p" {
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "s3:GetObjekt", Resource = "*" }]
  })
}
""",
    "module": """module "m" {
  statements = [
    {
      actions   = ["s3:GetObjekt"]
      resources = ["*"]
    },
  ]
}
""",
    "inputs": """inputs = {
  policy_statements = {
    a = { effect = "Allow", actions = ["s3:GetObjekt"], resources = ["*"] }
  }
}
""",
    "packer": """source "amazon-ebs" "x" {
  temporary_iam_instance_profile_policy_document {
    Statement {
      Effect   = "Allow"
      Action   = ["s3:GetObjekt"]
      Resource = ["*"]
    }
  }
}
""",
}


def codes() -> Iterator[tuple[str, str, str]]:
    """The kinds of what is read, each with a format and a text in it."""
    for kind, document in {**DOCUMENTS, **JSON_ONLY}.items():
        yield kind, "json", json.dumps(document, indent=2) + "\n"
    for kind, document in DOCUMENTS.items():
        yield kind, "yaml", yaml.safe_dump(document, sort_keys=False)
    for kind, document in TERRAFORM_JSON.items():
        yield kind, "tf.json", json.dumps(document, indent=2) + "\n"
    for kind, text in TERRAFORM.items():
        yield kind, "tf", text


def broken(ending: str, text: str) -> Iterator[str]:
    """A text with a mistake at its end, in its middle, and at its beginning."""
    lines = text.splitlines(keepends=True)
    middle = len(lines) // 2
    yield text.rstrip()[:-1] + "\n" if ending != "yaml" else f"{text}x: [\n"
    yield "".join([*lines[:middle], "  ]} oops\n", *lines[middle:]])
    if ending == "yaml":
        yield f"a: b: c\n{text}"


def files(ending: str, text: str, *, alone: bool) -> Iterator[tuple[str, str]]:
    """The names and contents of files with a code; statements `alone` are read in blocks only."""
    tag = {"tf": "hcl", "tf.json": "json"}.get(ending, ending)
    yield "tagged.md", f"# A\n\n```{tag}\n{text}```\n"
    yield "untagged.md", f"# A\n\n```\n{text}```\n"
    yield "tagged.rst", f"A\n=\n\n.. code-block:: {tag}\n\n{indent(text, '   ')}\n"
    yield "literal.rst", f"A\n=\n\nSee::\n\n{indent(text, '   ')}\n"
    yield "tagged.adoc", f"= A\n\n[source,{tag}]\n----\n{text}----\n"
    yield "listing.adoc", f"= A\n\n----\n{text}----\n"
    if not alone:
        yield f"file.{ending}", text
        yield f"template.{ending}.tpl", text
        yield "named.sh", f"#!/bin/sh\ncat > x.{ending} <<'EOF'\n{text}EOF\n"
        yield "unended.sh", f"#!/bin/sh\ncat > x.{ending} <<'EOF'\n{text}"
        yield "unnamed.sh", f'#!/bin/sh\ncat > "$FILE" <<EOF\n{text}EOF\n'
        yield "script.tpl", f"#!/bin/sh\ncat > x.{ending} <<'EOF'\n{text}EOF\n"
        yield "script.md", f"# A\n\n```sh\ncat <<EOF > x.{ending}\n{text}EOF\n```\n"
    if not alone and ending in ("json", "yaml"):
        yield f"tags.{ending}.j2", f"{{% if x %}}\n{text}{{% endif %}}\n"
        yield "unnamed.tpl", text


def reported(folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, set[str]]:
    """The files of a folder of which something is reported: rules, and what was not read."""
    main(["check", "--format", "json", "--no-cache", "--jobs", "1", str(folder)])
    report = json.loads(capsys.readouterr().out)
    found: dict[str, set[str]] = {}
    for finding in report["findings"]:
        found.setdefault(Path(finding["path"]).name, set()).add(finding["rule"])
    for unread in report["summary"]["unread"]:
        found.setdefault(Path(unread["path"]).name, set()).add("not read")
    return found


@pytest.mark.parametrize(
    ("kind", "ending", "text"), [pytest.param(*code, id="-".join(code[:2])) for code in codes()]
)
def test_nothing_is_silent(
    kind: str, ending: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = kind in ("statement", "statements")
    intact, others = set(), set()
    for name, content in files(ending, text, alone=alone):
        intact.add(name)
        (tmp_path / name).write_text(content, encoding="utf-8")
    for number, mistaken in enumerate(broken(ending, text)):
        for name, content in files(ending, mistaken, alone=alone):
            others.add(f"{number}-{name}")
            (tmp_path / f"{number}-{name}").write_text(content, encoding="utf-8")
    found = reported(tmp_path, capsys)
    expected = "not read" if kind == "sam-template" else "unknown-action"
    assert {name for name in intact if expected not in found.get(name, ())} == set()
    assert others - found.keys() == set()


CONSTRUCT = {"attributes": {"aws:cdk:cloudformation:props": {"policyDocument": POLICY}}}
LEFT_OUT: list[tuple[str, dict[str, Any], str]] = [
    (
        "stack.json",
        {"Statement": [{"Effect": "Deny", "Action": "Update:*", "Principal": "*"}]},
        "a policy in another language than IAM's",
    ),
    (
        "minio.json",
        {**POLICY, "Statement": [{"Effect": "Allow", "Action": ["admin:*"]}]},
        "not an AWS policy",
    ),
    (
        "account.json",
        {
            "Policies": [
                {
                    "Arn": "arn:aws:iam::aws:policy/A",
                    "PolicyVersionList": [{"Document": POLICY, "IsDefaultVersion": True}],
                }
            ]
        },
        "managed by AWS",
    ),
    (
        "role.md",
        {
            "Role": {
                "Arn": "arn:aws:iam::111122223333:role/aws-service-role/lex.amazonaws.com/A",
                "AssumeRolePolicyDocument": POLICY,
            }
        },
        "managed by AWS",
    ),
    (
        "tree.json",
        {"version": "tree-0.1", "tree": {"children": {"A": CONSTRUCT, "B": CONSTRUCT}}},
        "a copy of what a template of the CDK has",
    ),
]


@pytest.mark.parametrize(("name", "document", "reason"), LEFT_OUT)
def test_a_file_that_is_left_out_says_why(
    name: str,
    document: dict[str, Any],
    reason: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = json.dumps(document)
    text = f"```json\n{text}\n```\n" if name.endswith(".md") else text
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert main(["check", "--no-cache", str(tmp_path)]) == 0
    assert f"Not checked: 1 file skipped: {reason}." in capsys.readouterr().out
    assert main(["check", "--no-cache", str(tmp_path / name)]) == 2
    assert f"{name}: not checked: {reason}\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text",
    [
        '"a": "no statements with \\"Effect\\": \\"Allow\\" and \\"Action\\": \\"*\\"",',
        '"ResourceType": "AWS::Lambda::Permission", // of an event',
        "CREATE_COMPLETE  AWS::Lambda::Permission  P",
        "Action: none, Effect: strong",
    ],
)
def test_what_only_speaks_of_policies_is_not_reported(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, content in files("yaml", f"{{{text} [\n", alone=True):
        (tmp_path / name).write_text(content, encoding="utf-8")
    assert reported(tmp_path, capsys) == {}
