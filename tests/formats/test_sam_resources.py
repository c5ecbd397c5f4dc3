"""The access that SAM makes of properties that are not policies."""

import pytest

from multitool_lint.formats.policies import policies_of
from multitool_lint.linter.engine import lint_source
from multitool_lint.reasons import Reason
from multitool_lint.rewrite.fix import fix
from multitool_lint.syntax.source import Source

HEAD = "Transform: AWS::Serverless-2016-10-31\n"
FUNCTION = """\
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.b
      FunctionUrlConfig: {AuthType: NONE}
"""
GLOBALS = """\
Globals:
  Function:
    FunctionUrlConfig: {AuthType: NONE}
Resources: {B: {Type: AWS::S3::Bucket}}
"""
CONDITION = "Conditions: {C: !Equals [!Ref AWS::Region, us-east-1]}\n"
PARAMETER = "Parameters:\n  A: {Type: String, AllowedValues: [NONE]}\n"


def source(text: str) -> Source:
    return Source("t.yaml", HEAD + text)


@pytest.mark.parametrize(
    "text",
    [
        FUNCTION,
        GLOBALS,
        CONDITION + FUNCTION.replace("NONE", "!If [C, NONE, AWS_IAM]"),
        PARAMETER + FUNCTION.replace("NONE", "!Ref A"),
    ],
)
def test_the_url_of_a_function_is_open_to_everyone(text: str) -> None:
    report = lint_source(source(text))
    (finding,) = [found for found in report.findings if found.rule == "public-access"]
    written = source(text).text[slice(*finding.span)]
    assert written in ("NONE", "!Ref A")
    assert fix(source(text), unsafe=True).text == source(text).text


@pytest.mark.parametrize("value", ["AWS_IAM", "!If [C, AWS_IAM, !Ref AWS::NoValue]"])
def test_a_url_with_authorisation_has_no_policy(value: str) -> None:
    assert not lint_source(source(FUNCTION.replace("NONE", value))).policies


def test_an_unknown_authorisation_is_listed() -> None:
    (skipped,) = lint_source(source(FUNCTION.replace("NONE", "!Ref A"))).skipped
    assert skipped.unread


@pytest.mark.parametrize(
    "text",
    [
        "Resources:\n  C: {Type: AWS::Serverless::Connector, Properties: {Permissions: [Read]}}\n",
        FUNCTION.replace("NONE", "AWS_IAM") + "    Connectors:\n      C: {Properties: {}}\n",
    ],
)
def test_a_connector_is_listed(text: str) -> None:
    (skipped,) = lint_source(source(text)).skipped
    assert skipped.unread
    assert skipped.why.reason is Reason.SAM_CONNECTOR


def test_a_pointer_of_git_lfs_is_listed_with_its_object() -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 121\n"
    for path in ("p.json", "p.yaml", "m.tf", "page.md"):
        (skipped,) = lint_source(Source(path, pointer.format("a" * 64))).skipped
        assert skipped.unread
        assert skipped.why.reason is Reason.IN_LFS
    sources = (Source("p.json", pointer.format(letter * 64)) for letter in "ab")
    old, new = (policies_of(source) for source in sources)
    assert old.unknown != new.unknown


def test_a_plan_whose_policy_is_known_after_apply_is_listed() -> None:
    text = """\
{"format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": [
  {"address": "aws_iam_role_policy.p", "mode": "managed", "type": "aws_iam_role_policy",
   "change": {"actions": ["update"], "after": {"role": "r"}, "after_unknown": {"policy": true}}}]}
"""
    (skipped,) = lint_source(Source("plan.json", text)).skipped
    assert skipped.why.reason is Reason.AFTER_APPLY
    other = lint_source(Source("plan.json", text.replace('"policy": true', '"id": true')))
    assert not any(skipped.unread for skipped in other.skipped)
