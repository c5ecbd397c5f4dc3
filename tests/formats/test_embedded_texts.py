"""Files, scripts and documentation in the values of other documents are read there."""

import json
from textwrap import indent

import pytest

from multitool_lint.linter.engine import lint_source
from multitool_lint.rewrite.fix import fix
from multitool_lint.syntax.source import Source

STATEMENT = '{"Effect": "Allow", "Action": "s3:GetObjct", "Resource": "*"}'
POLICY = f'{{"Version": "2012-10-17", "Statement": [{STATEMENT}]}}'
YAML_POLICY = """\
policy:
  Version: "2012-10-17"
  Statement:
    - Effect: Allow
      Action: s3:GetObjct
      Resource: "*"
"""
TEMPLATE = """\
Resources:
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement: [{Effect: Allow, Action: s3:GetObjct, Resource: "*"}]
"""
TEXTS = {
    "values": YAML_POLICY,
    "template": TEMPLATE,
    "manifest": f"kind: Policy\nspec:\n  policyDocument: |\n    {POLICY}\n",
    "heredoc": f"cat > p.json <<'EOP'\n{POLICY}\nEOP\naws iam create-policy --policy-name p\n",
    "argument": f"aws iam create-policy --policy-name p --policy-document '{POLICY}'\n",
    "documentation": f"Allow this:\n\n```json\n{POLICY}\n```\n",
}


def in_yaml(text: str) -> Source:
    return Source("ci.yml", f"jobs:\n  - run: |\n{indent(text, '      ')}")


def in_quotes(text: str) -> Source:
    return Source("values.yaml", f"a: {json.dumps(text)}\n")


def in_json(text: str) -> Source:
    return Source("task.json", json.dumps({"a": [{"script": text}]}, indent=2))


def in_user_data(text: str) -> Source:
    head = "Resources:\n  I:\n    Type: AWS::EC2::Instance\n    Properties:\n      UserData:\n"
    value = indent(text, "            ")
    return Source("t.yaml", f"{head}        Fn::Base64:\n          Fn::Sub: |\n{value}")


def in_heredoc(text: str) -> Source:
    return Source(
        "m.tf", f'resource "x" "y" {{\n  z {{\n    v = [<<EOF\n{text}EOF\n    ]\n  }}\n}}\n'
    )


def in_string(text: str) -> Source:
    return Source("m.tf", f'resource "x" "y" {{\n  v = {json.dumps(text)}\n}}\n')


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("host", [in_yaml, in_quotes, in_json, in_user_data, in_heredoc, in_string])
def test_a_text_is_read_at_its_place_and_not_changed(host: object, text: str) -> None:
    assert callable(host)
    source = host(text)
    report = lint_source(source)
    (finding,) = [found for found in report.findings if found.rule == "unknown-action"]
    start, end = finding.span
    assert source.text[start:end].strip('\\"') == "s3:GetObjct"
    assert fix(source, unsafe=True).text == source.text


def test_what_terraform_fills_in_is_unknown() -> None:
    text = YAML_POLICY.replace('"*"', "${var.bucket}").replace("s3:GetObjct", "${var.action}")
    report = lint_source(in_heredoc(text))
    assert [policy.name for policy in report.policies] == ["policy"]
    assert not report.findings


@pytest.mark.parametrize(
    "text",
    [
        "Set Effect to Allow, and Action to what is needed, in a Statement of the policy.\n",
        "The Statement of 2012-10-17 has an Effect and an Action\n",
        "resources:\n  - Effect of Action\n",
    ],
)
@pytest.mark.parametrize("host", [in_yaml, in_quotes, in_json, in_heredoc, in_string])
def test_prose_is_neither_a_policy_nor_listed(host: object, text: str) -> None:
    assert callable(host)
    report = lint_source(host(text))
    assert not report.policies
    assert not report.findings
    assert not any(skipped.unread for skipped in report.skipped)


@pytest.mark.parametrize("host", [in_yaml, in_quotes, in_json, in_heredoc, in_string])
def test_a_program_is_listed(host: object) -> None:
    assert callable(host)
    text = f"import json\nprint(json.dumps({POLICY.replace('}]', '}, ]')}))\n"
    (skipped,) = [skipped for skipped in lint_source(host(text)).skipped if skipped.unread]
    assert skipped.span.start > 0


def test_a_list_in_prose_is_not_a_list_of_statements() -> None:
    text = f"[For a role:]\n\n```json\n{STATEMENT.replace('GetObjct', 'GetObject')}\n```\n"
    report = lint_source(in_yaml(text))
    assert len(report.policies) == 1
    assert not [finding for finding in report.findings if finding.rule == "json-syntax-error"]


WITH_WORDS = POLICY.replace('"*"', '"roleArn"').replace("s3:GetObjct", "iam:GetRole")


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        (f"Details of the policy, where you replace the ARN.\n\n{WITH_WORDS}\n", []),
        (f"cat > p.json <<'EOP'\n{WITH_WORDS}\nEOP\n", ["invalid-arn"]),
        (
            f"aws iam create-policy --policy-name p \\\n  --policy-document '{WITH_WORDS}'",
            ["invalid-arn"],
        ),
        (WITH_WORDS, ["invalid-arn"]),
    ],
    ids=["sentence", "heredoc", "command", "policy"],
)
def test_words_are_placeholders_after_a_sentence(text: str, rules: list[str]) -> None:
    found = lint_source(Source("crd.yaml", f"description: |\n{indent(text, '  ')}")).findings
    assert [finding.rule for finding in found] == rules
