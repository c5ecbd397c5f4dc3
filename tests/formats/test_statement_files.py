"""Statements that a configuration of the Serverless Framework names, and expressions in YAML."""

from pathlib import Path

import pytest
import yaml

from multitool_lint.formats import ReadResult, read_source
from multitool_lint.formats.policies import policies_of
from multitool_lint.limits import MAX_REFERENCED_CHARACTERS
from multitool_lint.linter.engine import lint_source
from multitool_lint.rewrite.fix import fix
from multitool_lint.syntax.source import Source

STATEMENT = "Effect: Allow\nAction: s3:GetObjekt\nResource: '*'\n"


def serverless(folder: Path, statements: str) -> Source:
    text = f"service: x\nprovider:\n  name: aws\n  iamRoleStatements: {statements}\n"
    (folder / "serverless.yml").write_text(text, encoding="utf-8")
    return Source(str(folder / "serverless.yml"), text)


@pytest.mark.parametrize(
    ("statements", "name", "text"),
    [
        ("['${file(./iam.yml)}']", "iam.yml", STATEMENT),
        ("['${file(iam.yaml)}']", "iam.yaml", STATEMENT),
        (
            "['${file( iam.yml ):a.b}']",
            "iam.yml",
            "a: {b: {Effect: Allow, Action: 's3:GetObjekt', Resource: '*'}}",
        ),
        (
            "${file(./iam.yml)}",
            "iam.yml",
            "- {Effect: Allow, Action: 's3:GetObjekt', Resource: '*'}",
        ),
        (
            "\n  - ${file(./iam.yml)}\n  - {Effect: Allow, Action: 's3:PutObject', Resource: '*'}",
            "iam.yml",
            "[{Effect: Deny, NotAction: 's3:*'}, {Effect: Allow, Action: 's3:GetObjekt'}]",
        ),
    ],
)
def test_statements_in_files_are_linted_where_they_are_named(
    statements: str, name: str, text: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    source = serverless(tmp_path, statements)
    [finding] = [f for f in lint_source(source).findings if f.rule == "unknown-action"]
    assert "${file(" in source.text[slice(*finding.span)]
    assert finding.fixes == ()
    assert fix(source, unsafe=True).text == source.text
    assert not [skipped for skipped in read_source(source).skipped if skipped.unread]
    found = policies_of(source)
    assert (len(found.policies), found.unknown) == (1, ())


LISTED = "statements: [{Effect: Allow, Action: s3:GetObjekt, Resource: !Ref Topic}]\n"


def test_statements_below_a_key_of_a_file_are_reported_there(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts/iam.yml").write_text(LISTED, encoding="utf-8")
    source = serverless(tmp_path, "${file(./parts/iam.yml):statements}")
    report = lint_source(source)
    assert not report.findings
    assert [skipped.file and skipped.file.name for skipped in report.skipped] == ["./parts/iam.yml"]
    own = lint_source(Source(str(tmp_path / "parts/iam.yml"), LISTED))
    assert "unknown-action" in [finding.rule for finding in own.findings]


TOPIC = "Topic: {Type: AWS::SNS::Topic}"


@pytest.mark.parametrize(
    ("included", "resources"),
    [
        ("resources: ${file(parts/own.yml)}", f"Resources: {{{TOPIC}}}"),
        ("resources: {Resources: '${file(parts/own.yml)}'}", TOPIC),
        ("resources: ['${file(./parts/own.yml)}']", f"Resources:\n  {TOPIC}"),
    ],
)
def test_what_other_files_of_a_service_declare_is_known(
    included: str, resources: str, tmp_path: Path
) -> None:
    listed = LISTED.replace("s3:GetObjekt", "[sns:Publish, sns:SetSMSAttributes]")
    role = "Role:\n  Type: AWS::IAM::ManagedPolicy\n  Properties:\n    PolicyDocument:\n      "
    listed += role + listed.replace("statements", "Statement").replace("\n", "\n      ")
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts/iam.yml").write_text(listed, encoding="utf-8")
    (tmp_path / "parts/own.yml").write_text(resources, encoding="utf-8")
    serverless(tmp_path, f"${{file(parts/iam.yml):statements}}\n{included}")
    rule = "mismatched-resource"
    found = lint_source(Source(str(tmp_path / "parts/iam.yml"), listed)).findings
    assert [finding.rule for finding in found if finding.rule == rule] == [rule] * 2


@pytest.mark.parametrize(
    "statements",
    [
        "['${file(./absent.yml)}']",
        "${file(./absent.yml)}",
        "['${file(../outside.yml)}']",
        "['${file(/etc/hostname)}']",
        "['${file(broken.yml)}']",
        "['${file(iam.yml):missing}']",
        "['${self:custom.statement}']",
        "['${file(iam.yml)}', '${self:custom.statement}']",
        "['${file(again.yml)}']",
        "['${file(large.yml)}']",
    ],
)
def test_statements_that_cannot_be_read_are_listed(statements: str, tmp_path: Path) -> None:
    top = tmp_path / "repository"
    (top / ".git").mkdir(parents=True)
    (tmp_path / "outside.yml").write_text(STATEMENT, encoding="utf-8")
    files = {
        "iam.yml": STATEMENT,
        "broken.yml": "a: [",
        "again.yml": "${file(iam.yml)}",
        "large.yml": f"{STATEMENT}# {'x' * MAX_REFERENCED_CHARACTERS}\n",
    }
    for name, text in files.items():
        (top / name).write_text(text, encoding="utf-8")
    assert any(skipped.unread for skipped in read_source(serverless(top, statements)).skipped)


def test_a_link_out_of_the_repository_is_not_followed(tmp_path: Path) -> None:
    top = tmp_path / "repository"
    (top / ".git").mkdir(parents=True)
    (tmp_path / "outside.yml").write_text(STATEMENT, encoding="utf-8")
    (top / "iam.yml").symlink_to(tmp_path / "outside.yml")
    source = serverless(top, "['${file(iam.yml)}']")
    assert any(skipped.unread for skipped in read_source(source).skipped)
    assert not lint_source(source).findings


POLICY = """\
spec:
  policy: |-
    ${jsonencode({
      "Version" : "2012-10-17",
      "Statement" : [{"Effect" : "Allow", "Action" : ["s3:GetObjekt"], "Resource" : "*"}]
    })}
"""


def read(text: str) -> ReadResult:
    return read_source(Source("p.yaml", text))


def test_an_expression_in_a_text_is_read() -> None:
    source = Source("p.yaml", POLICY)
    [finding] = lint_source(source).findings
    assert (finding.rule, source.text[slice(*finding.span)]) == ("unknown-action", '"s3:GetObjekt"')
    assert finding.fixes == ()
    [entry] = read(POLICY).policies
    assert entry.policy.name == "spec/policy"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("})}", "}, )]"),
        ('"Statement" :', '"Statement" : var.x, "b" :'),
        ("{\n", "merge(var.x, {\n"),
    ],
)
def test_an_expression_that_cannot_be_read_is_listed(old: str, new: str) -> None:
    assert any(skipped.unread for skipped in read(POLICY.replace(old, new)).skipped)


ONE = {"effect": "Allow", "actions": ["s3:GetObjekt"], "resources": ["arn:aws:s3:::b/*"]}
OTHER = {"effect": "Deny", "not_actions": ["s3:ListBuckett"], "resources": ["{{ .vars.arn }}"]}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"vars": {"iam_policy": [{"statements": [ONE, OTHER]}]}}, [2]),
        ({"vars": {"iam_policy_statements": {"A": ONE, "B": OTHER}}}, [2]),
        ({"A": ONE, "B": OTHER}, [1, 1]),
        ([ONE], [1]),
        (ONE, [1]),
        ({"rules": [{**ONE, "actions": ["read:users"]}]}, []),
        ({"rules": [{**ONE, "actions": ["*"], "resources": ["*"]}]}, []),
        ({"rules": [{**ONE, "effect": "NoSchedule"}, OTHER]}, [1]),
    ],
    ids=str,
)
def test_statements_for_modules_are_read_in_yaml(value: object, found: list[int]) -> None:
    source = Source("stack.yaml", yaml.safe_dump(value))
    policies = [entry.policy for entry in read_source(source).cases]
    statements = [policy.root.get("Statement") for policy in policies]
    assert [len(node.items()) for node in statements if node] == found
    report = lint_source(source)
    unknown = [finding for finding in report.findings if finding.rule == "unknown-action"]
    assert len(unknown) == sum(found)
    assert not any(finding.fixes for finding in unknown)
