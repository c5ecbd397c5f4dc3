"""No disguise hides a policy: it is linted where it is written, or the run cannot pass."""

import json
from base64 import b64encode
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from multitool_lint.cli import main

STATEMENT: dict[str, Any] = {"Effect": "Allow", "Action": "*", "Resource": "*"}
POLICY: dict[str, Any] = {"Version": "2012-10-17", "Statement": [STATEMENT]}
TEXT = json.dumps(POLICY, separators=(",", ":"))
QUOTED = TEXT.replace('"', '\\"')
ESCAPED = (
    TEXT.replace("Statement", "S\\u0074atement")
    .replace("2012-10-17", "2012-10-1\\u0037")
    .replace("Effect", "\\u0045ffect")
    .replace("Action", "\\u0041ction")
)
FLOW = '[{Effect: Allow, Action: "*", Resource: "*"}]'
TEMPLATE = (
    "Resources:\n  P:\n    Type: AWS::IAM::Policy\n    Properties:\n      PolicyDocument:\n"
    f'        Version: "2012-10-17"\n        Statement: {FLOW}\n'
)
HIDDEN_TEMPLATE = (
    TEMPLATE.replace("AWS::IAM::Policy", '"\\x41WS::IAM::Policy"')
    .replace('"2012-10-17"', '"2012\\x2d10-17"')
    .replace("Statement", '"S\\x74atement"')
)
LITERAL = '[{ Effect = "Allow", Action = "*", Resource = "*" }]'
ENCODED = f'jsonencode({{ Version = "2012-10-17", Statement = {LITERAL} }})'
HARMLESS = ENCODED.replace('"*"', '"s3:GetObject"', 1)
BASE64 = f'base64decode("{b64encode(TEXT.encode()).decode()}")'
ZIPPED = BASE64.replace("base64decode", "base64gunzip")


def attached(value: str, more: str = "") -> str:
    return f'resource "aws_iam_policy" "p" {{\n  policy = {value}\n}}\n{more}'


def merged(attribute: str, value: str) -> str:
    return f'data "aws_iam_policy_document" "p" {{\n  {attribute} = {value}\n}}\n'


def markdown(value: object, tag: str = "json") -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return f"# Access\n\n```{tag}\n{text}\n```\n"


def terraform_json(kind: str, type_: str, **body: object) -> str:
    return json.dumps({kind: {type_: {"p": body}}})


TEMPLATE_JSON = json.dumps(
    {"Resources": {"P": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyDocument": POLICY}}}}
)
IN_JSON = {
    "keys": ESCAPED,
    "nested": f'{{"a": {ESCAPED}}}',
    "string": json.dumps({"a": ESCAPED}),
    "url": json.dumps({"Policy": "".join(f"%{byte:02x}" for byte in TEXT.encode())}),
    "url-of-escapes": json.dumps({"Policy": quote(ESCAPED)}),
    "template": TEMPLATE_JSON.replace("AWS::", "A\\u0057S\\u003a\\u003a").replace(
        "Resources", "R\\u0065sources"
    ),
    "cdk-key": json.dumps({"aws:cdk:cloudformation:props": POLICY}),
}
JOINED = TEXT.replace('{"Effect"', """{"Sid":"', !Ref X, '","Effect\"""")
IN_YAML = {
    "joined": f"a: !Join ['', ['{JOINED}']]\n",
    "template": HIDDEN_TEMPLATE,
    "crlf": HIDDEN_TEMPLATE.replace("\n", "\r\n"),
    "quoted-resources": HIDDEN_TEMPLATE.replace("Resources", '"Resources"'),
    "long-escapes": HIDDEN_TEMPLATE.replace("\\x74", "\\U00000074"),
    "joined-lines": f'? "Stat\\\n  ement"\n: {FLOW}\n',
    "complex-key": f'? "S\\x74atement"\n: {FLOW}\n',
    "merge-key": f'x: &x\n  "S\\x74atement": {FLOW}\np:\n  <<: *x\n',
    "alias-as-key": f'k: &k "S\\x74atement"\np:\n  *k : {FLOW}\n',
    "base64-key": f"p:\n  !!binary U3RhdGVtZW50: {FLOW}\n",
    "several-documents": f"a: 1\n---\n{HIDDEN_TEMPLATE}---\nb: 2\n",
    "string": f"p: '{ESCAPED}'\n",
    "serverless": f'provider:\n  iam:\n    role:\n      "st\\x61tements": {FLOW}\n',
    "kops": 'spec:\n  "addition\\x61lPolicies":\n    node: |\n'
    f"      {json.dumps(POLICY['Statement'])}\n",
}
IN_TERRAFORM = {
    **{
        f"{attribute}-{name}": merged(attribute, value)
        for attribute in ("source_policy_documents", "override_policy_documents")
        for name, value in {
            "jsonencode": f"[{ENCODED}]",
            "heredoc": f"[<<EOT\n{TEXT}\nEOT\n  ]",
            "indented-heredoc": f"[<<-EOT\n    {TEXT}\n    EOT\n  ]",
            "string": f'["{QUOTED}"]',
            "concat": f"concat([{ENCODED}], var.more)",
            "choice": f"[var.x ? {ENCODED} : {HARMLESS}]",
        }.items()
    },
    **{
        f"{attribute}-{name}": merged(attribute, value)
        for attribute in ("source_json", "override_json")
        for name, value in {
            "jsonencode": ENCODED,
            "heredoc": f"<<EOT\n{TEXT}\nEOT",
            "string": f'"{QUOTED}"',
        }.items()
    },
    "computed-key": attached(f'jsonencode({{ "${{"State"}}ment" = {LITERAL} }})'),
    "escaped-key": attached(f'jsonencode({{ "S\\u0074atement" = {LITERAL} }})'),
    "local-key": attached(
        f"jsonencode({{ (local.k) = {LITERAL} }})", 'locals {\n  k = "Statement"\n}\n'
    ),
    "heredoc": attached(f"<<EOT\n{ESCAPED}\nEOT"),
    "label": attached(ENCODED).replace("aws_iam", "aws_i\\u0061m"),
    "data-label": 'data "aws_iam_p\\u006flicy_document" "p" {\n  statement {\n'
    '    actions = ["*"]\n    resources = ["*"]\n  }\n}\n',
    "module-argument": 'module "m" {\n'
    f'  a = jsonencode({{ "S\\u0074atement" = {LITERAL} }})\n}}\n',
    "dynamic-label": 'resource "aws_iam_role" "r" {\n  dynamic "inline_p\\u006flicy" {\n'
    f"    for_each = var.x\n    content {{\n      policy = {ENCODED}\n    }}\n  }}\n}}\n",
}
IN_TERRAFORM_JSON = {
    "keys": terraform_json("resource", "aws_iam_policy", policy=TEXT)
    .replace("polic", "p\\u006flic")
    .replace("Statement", "St\\u0061tement"),
    "expression": terraform_json(
        "resource",
        "aws_iam_policy",
        policy=f'${{jsonencode({{ "S\\u0074atement" = {LITERAL} }})}}',
    ),
    "source": terraform_json("data", "aws_iam_policy_document", source_policy_documents=[TEXT]),
    "source-expression": terraform_json(
        "data", "aws_iam_policy_document", override_policy_documents=[f"${{{ENCODED}}}"]
    ),
    "source-json": terraform_json("data", "aws_iam_policy_document", source_json=TEXT),
}
IN_MARKDOWN = {
    "list": markdown([POLICY, POLICY]),
    "nested": markdown({"PolicyVersion": {"Document": POLICY}}),
    "any-key": markdown({"a": {"b": POLICY}}),
    "untagged": markdown({"a": POLICY}, ""),
    "string": markdown({"a": TEXT}),
    "template": markdown(TEMPLATE_JSON),
    "escaped": markdown(ESCAPED, ""),
    "quoted": "> " + markdown({"a": POLICY}).replace("\n", "\n> "),
}
LINTED = {
    f"{name}-{ending}": (f"x.{ending}", text)
    for ending, texts in {
        "json": IN_JSON,
        "yaml": IN_YAML,
        "template": IN_YAML,
        "tf": IN_TERRAFORM,
        "tf.json": IN_TERRAFORM_JSON,
        "md": IN_MARKDOWN,
    }.items()
    for name, text in texts.items()
    if ending != "template" or "Resources" in text
} | {
    "upper-case-json": ("Policy.JSON", TEXT),
    "upper-case-yaml": ("X.YML", HIDDEN_TEMPLATE),
    "byte-order-mark": ("x.json", f"\ufeff{TEXT}"),
    "marked-values": ("x.yaml", f"Code: %code%\nName: @name@-a\n{TEMPLATE}"),
    "section-of-toml": ("x.toml", f"[[policies]]\ntext = '''\n{TEXT}\n'''\n"),
    "page": ("x.html", f"<pre>\n{TEXT}\n</pre>\n"),
    "hidden-file": (".env.sample", f"POLICY='{TEXT}'\n"),
}

UNREAD_TERRAFORM = {
    "zipped": attached(ZIPPED),
    "escaped-type": attached(ZIPPED).replace("aws_iam", "aws_i\\u0061m"),
    "merged-zipped": merged("source_policy_documents", f"[{ZIPPED}]"),
    "merged-lower-case": merged("source_json", f"jsonencode({{ statement = {LITERAL} }})"),
    "merged-variable": merged("source_json", "var.policy"),
    "merged-and-changed": merged(
        "source_policy_documents", f'[{HARMLESS}, replace({HARMLESS}, "s3:GetObject", "*")]'
    ),
    "unknown-key": attached(f"jsonencode({{ (var.k) = {LITERAL} }})"),
    "unknown-key-of-a-local": f"locals {{\n  p = jsonencode({{ (var.k) = {LITERAL} }})\n}}\n",
    "other-branch": attached(f"var.x ? {ZIPPED} : {HARMLESS}"),
    "other-choice": attached(f"coalesce({ZIPPED}, {HARMLESS})"),
    "changed": attached(f'replace({HARMLESS}, "s3:GetObject", "*")'),
    "changed-local": attached(
        'replace(local.p, "s3:GetObject", "*")', f"locals {{\n  p = {HARMLESS}\n}}\n"
    ),
    "changed-by-a-local": attached(
        "local.q",
        f'locals {{\n  p = {HARMLESS}\n  q = replace(local.p, "s3:GetObject", "*")\n}}\n',
    ),
    "other-key": attached(
        "local.p.b", f"locals {{\n  p = {{ a = {HARMLESS}, b = {ZIPPED} }}\n}}\n"
    ),
    "other-value": 'resource "aws_iam_policy" "p" {\n'
    f"  for_each = {{ a = {HARMLESS}, b = {ZIPPED} }}\n  policy = each.value\n}}\n",
    "syntax": attached('base64decode("a" "b")'),
}
EVALUATED = {
    "directive": attached(f'"{QUOTED}"'.replace("ment", "%{if true}ment%{endif}")),
    "yamldecode": attached('jsonencode(yamldecode("Statement: []"))'),
}
UNREAD = {
    **{f"{name}-tf": ("x.tf", text) for name, text in UNREAD_TERRAFORM.items()},
    "local-tf.json": (
        "x.tf.json",
        json.dumps(
            {
                "resource": {"aws_iam_policy": {"p": {"policy": "${local.p}"}}},
                "locals": {"p": f"${{{ZIPPED}}}"},
            }
        ),
    ),
    "changed-tf.json": (
        "x.tf.json",
        terraform_json(
            "resource",
            "aws_iam_policy",
            policy=f'${{replace({HARMLESS}, "s3:GetObject", "*")}}',
        ),
    ),
    "dynamic-tf.json": (
        "x.tf.json",
        terraform_json(
            "resource",
            "aws_iam_role",
            dynamic={"inline_policy": [{"content": [{"policy": f"${{{ZIPPED}}}"}]}]},
        ),
    ),
    "merged-tf.json": (
        "x.tf.json",
        terraform_json("data", "aws_iam_policy_document", source_json=f"${{{ZIPPED}}}"),
    ),
    "string-in-a-string": ("x.json", json.dumps({"a": json.dumps({"b": TEXT})})),
    "string-in-an-output": ("x.json", json.dumps({"policy": json.dumps({"b": POLICY})})),
    "string-of-a-string": ("x.json", json.dumps(json.dumps(TEXT))),
    "broken-template": ("x.json", TEMPLATE_JSON.replace("AWS::", "A\\u0057S::")[:-1] + ",}"),
    "deep": ("x.json", '{"a":' * 105 + TEXT + "}" * 105),
    "resource-transform": (
        "x.yaml",
        "Resources:\n  P:\n    Type: AWS::IAM::Policy\n    Fn::Transform: {Name: AWS::Include}\n",
    ),
    "policies-transform": (
        "x.yaml",
        (
            "Resources:\n  P:\n    Type: AWS::IAM::Role\n    Properties:\n      Policies:\n"
            "      - Fn::Transform: {Name: AWS::Include}\n"
        ),
    ),
    "properties-tag": (
        "x.yaml",
        "Resources:\n  P:\n    Type: AWS::IAM::Policy\n    Properties: !Include x.yaml\n",
    ),
    "macro": ("x.yaml", "Transform: Mine\nResources:\n  P:\n    Type: My::Thing\n"),
    "key-of-fn-sub": (
        "x.yaml",
        (
            "Resources:\n  P:\n    Type: AWS::IAM::Policy\n    Properties:\n      PolicyDocument:\n"
            f"        Fn::Sub: '{TEXT.replace('Statement', '${Key}')}'\n"
        ),
    ),
}
ENCODINGS = {
    "json": ESCAPED,
    "yaml": HIDDEN_TEMPLATE,
    "tf": IN_TERRAFORM["data-label"],
    "md": markdown(ESCAPED),
}


def run(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    code = main(["check", "--strict", "--no-cache", "--format", "json", "."])
    return code, json.loads(capsys.readouterr().out)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("name", "text"), LINTED.values(), ids=LINTED)
def test_a_disguised_policy_is_linted_where_it_is_written(
    name: str, text: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / name).write_text(text, encoding="utf-8", newline="")
    code, report = run(capsys)
    found = [finding for finding in report["findings"] if finding["rule"] == "full-admin-access"]
    assert found
    assert code
    assert "missing-element" not in {finding["rule"] for finding in report["findings"]}
    written = text.encode().decode().removeprefix("\ufeff").splitlines()
    line = written[found[0]["start"]["line"] - 1]
    assert "*" in line or "%2a" in line.lower()


@pytest.mark.parametrize("text", EVALUATED.values(), ids=EVALUATED)
def test_what_can_be_evaluated_is_linted(
    text: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "x.tf").write_text(text, encoding="utf-8")
    code, report = run(capsys)
    assert code == 1
    assert report["findings"]
    assert not report["summary"]["unread"]


@pytest.mark.parametrize(("name", "text"), UNREAD.values(), ids=UNREAD)
def test_what_cannot_be_resolved_is_reported_and_fails_a_strict_run(
    name: str, text: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / name).write_text(text, encoding="utf-8")
    code, report = run(capsys)
    assert code == 2
    broken = {"hcl-syntax-error", "json-syntax-error"}
    assert report["summary"]["unread"] or broken & {
        finding["rule"] for finding in report["findings"]
    }


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32", "broken", "nul"])
@pytest.mark.parametrize("ending", ENCODINGS)
def test_another_encoding_is_an_error(
    ending: str, encoding: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ENCODINGS[ending].encode("utf-8" if encoding in ("broken", "nul") else encoding)
    data += {"broken": b"\n# \xff\n", "nul": b"\n# \0\n"}.get(encoding, b"")
    (folder / f"x.{ending}").write_bytes(data)
    code, report = run(capsys)
    assert code == 2
    assert report["summary"]["errors"]


def test_a_statement_that_is_overridden_is_not_in_the_policy(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    statements = LITERAL.replace("{", '{ Sid = "a",', 1)
    source = f"[jsonencode({{ Statement = {statements} }})]"
    text = merged("source_policy_documents", source).replace(
        "\n}\n",
        '\n  statement {\n    sid = "a"\n    actions = ["s3:GetObject"]\n'
        '    resources = ["arn:aws:s3:::reports/*"]\n  }\n}\n',
    )
    (folder / "x.tf").write_text(text, encoding="utf-8")
    assert run(capsys)[0] == 0
    (folder / "x.tf").write_text(text.replace('sid = "a"', 'sid = "b"'), encoding="utf-8")
    assert run(capsys)[0] == 1


def test_a_policy_in_a_skipped_folder_has_to_be_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in (".terraform", "node_modules"):
        (folder / name).mkdir()
        (folder / name / "p.json").write_text(TEXT, encoding="utf-8")
        value = f'file("${{path.module}}/{name}/p.json")'
        (folder / "x.tf").write_text(attached(value), encoding="utf-8")
        code, report = run(capsys)
        assert code == 2
        (unread,) = report["summary"]["unread"]
        assert unread["reason"].endswith(f'lint "{name}/p.json"')


def test_a_text_that_is_not_read_is_listed_but_not_a_report_of_this_program(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "x.ini").write_text(f"[a]\npolicy = {TEXT}\n", encoding="utf-8")
    doubled = TEXT.replace('"', '""')
    (folder / "x.csv").write_text(f'a,b\n1,"{doubled}"\n', encoding="utf-8")
    (folder / "x.json").write_text(TEXT, encoding="utf-8")
    main(["check", "--no-cache", "--format", "html", "--output", "x.html", "x.json"])
    capsys.readouterr()
    _, report = run(capsys)
    unread = {entry["path"] for entry in report["summary"]["unread"]}
    assert unread == {"x.csv", "x.ini"}
    assert {finding["path"] for finding in report["findings"]} == {"x.json"}


@pytest.mark.parametrize(
    "text",
    [
        '# {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}\na: 1\n',
        "run: |\n  curl \\\n    http://localhost/%53 \\\n    -o x\n",
        'a: "caf\\xe9 \\u0041 \\n"\n',
    ],
)
def test_what_only_has_escapes_is_not_a_policy(
    text: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "x.yaml").write_text(text, encoding="utf-8")
    code, report = run(capsys)
    assert code == 0
    assert report["summary"]["skipped"] == [{"reason": "no policy", "files": 1}]
