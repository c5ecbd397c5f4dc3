"""`test` runs tests of policies."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from multitool_lint.cli import main
from multitool_lint.config.policy_tests import COMMON, OWN
from multitool_lint.diagnostics.rule import DIRECTORY

Output = pytest.CaptureFixture[str]
POLICY = """{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Data", "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::data/*"},
    {
      "Sid": "Pass",
      "Effect": "Allow",
      "Action": "iam:PassRole",
      "Resource": "*",
      "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    },
    {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}
  ]
}
"""
LOGS = """{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::logs/*"}]
}
"""
TEMPLATE = """Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: app
      AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}
      Policies:
        - PolicyName: data
          PolicyDocument:
            Version: "2012-10-17"
            Statement: {Effect: Allow, Action: "s3:Get*", Resource: !Ref Bucket}
"""
BUCKET = """Resources:
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: data
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          Effect: Allow
          Principal: {AWS: "arn:aws:iam::111122223333:role/app"}
          Action: s3:PutObject
          Resource: arn:aws:s3:::data/*
"""
ROLE = "arn:aws:iam::123456789012:role/example"
HEAD = 'policy = "p.json"\n[[test]]\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in {"p.json": POLICY, "logs.json": LOGS, "t.yaml": TEMPLATE}.items():
        Path(name).write_text(text, encoding="utf-8")
    Path("deny.json").write_text(LOGS.replace("Allow", "Deny"), encoding="utf-8")
    Path("b.yaml").write_text(BUCKET, encoding="utf-8")
    blocks = (POLICY, LOGS.replace("Allow", "Deny"))
    page = "".join(f"```json\n{text}```\n" for text in blocks)
    Path("two.md").write_text(page, encoding="utf-8")
    Path("broken.json").write_text('{"Version": ', encoding="utf-8")


def run(capsys: Output, text: str, *options: str, name: str = "a.iamtest.toml") -> tuple[int, str]:
    Path(name).write_text(text, encoding="utf-8")
    code = main(["test", *options])
    printed = capsys.readouterr()
    return code, printed.out + printed.err


def facts(capsys: Output, text: str) -> dict[str, Any]:
    Path("a.iamtest.toml").write_text(text, encoding="utf-8")
    main(["test", "a.iamtest.toml", "--format=json"])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_failure_shows_the_statement_and_a_request(capsys: Output) -> None:
    code, out = run(capsys, f'{HEAD}name = "roles"\ncannot = ["iam:*", "sqs:*"]\n')
    assert code == 1
    assert out.splitlines() == [
        "a.iamtest.toml:4: failed: roles: cannot iam:*",
        "  1 action may be allowed: iam:PassRole",
        "  The request is allowed by the identity-based policy.",
        '    p.json:5:5: Allow "Pass"',
        f"  for example: iam:PassRole on {ROLE}, iam:PassedToService = lambda.amazonaws.com",
        "Tested 1 file: 1 passed, 1 failed.",
    ]


@pytest.mark.parametrize(
    ("case", "outcome"),
    [
        ('can = "s3:GetObject"\nresource = "arn:aws:s3:::data/*"', "passed"),
        ('can = "s3:GetObject"', "failed"),
        ('may = "s3:GetObject"', "passed"),
        ('cannot = "s3:GetObject"\nresource = "arn:aws:s3:::logs/*"', "passed"),
        ('cannot = "s3:*"\nboundary = "logs.json"', "passed"),
        ('can = "s3:*"\nresource = "arn:aws:s3:::data/*"\nboundary = "logs.json"', "failed"),
        ('cannot = "s3:*"\npolicy = ["p.json", "logs.json"]', "failed"),
        ('cannot = "s3:*"\nscps = ["ReadOnlyAccess", "logs.json"]', "passed"),
        ('policy = "logs.json"\ncannot = "s3:*"\nscps = ["FullAWSAccess"]', "failed"),
        (
            'policy = "logs.json"\ncannot = "s3:*"\nscps = [["FullAWSAccess", "deny.json"]]',
            "passed",
        ),
        ('cannot = "s3:*"\nscps = ["deny.json"]', "error"),
        ('cannot = "s3:*"\nscps = ["b.yaml"]', "error"),
        ('can = "iam:PassRole"', "failed"),
        (
            'can = "iam:PassRole"\n[test.context]\n"iam:PassedToService" = "lambda.amazonaws.com"',
            "passed",
        ),
        ('cannot = "iam:PassRole"\n[test.context]\n"iam:PassedToService" = []', "passed"),
        ('can = "kms:Decrypt"', "failed"),
        ('may = "kms:Decrypt"', "passed"),
        ('cannot = "kms:Decrypt"', "failed"),
        ('cannot = "kms:PutKeyPolicy"', "passed"),
        ('may = "sqs:SendMessage"', "failed"),
        ('policy = "deny.json"\ncannot = "s3:*"', "passed"),
        ('identity = "app"\nfiles = "t.yaml"\ncannot = "s3:PutObject"', "passed"),
        ('identity = "app"\nfiles = "t.yaml"\ncannot = "s3:GetObject"', "failed"),
        ('identity = "app"\nfiles = "t.yaml"\nmay = "s3:GetObject"', "failed"),
        ('identity = "app"\nfiles = ["t.yaml", "b.yaml"]\ncannot = "sqs:*"', "passed"),
        ('identity = "app"\nfiles = ["t.yaml", "b.yaml"]\ncannot = "s3:PutObject"', "failed"),
        ('identity = "other"\nfiles = "t.yaml"\ncannot = "iam:*"', "error"),
        ('policy = "gone.json"\ncannot = "iam:*"', "error"),
        ('policy = "broken.json"\ncannot = "iam:*"', "error"),
        ('policy = "two.md"\ncannot = "s3:Put*"', "error"),
        ('resource-policy = "broken.json"\ncannot = "iam:*"', "error"),
    ],
)
def test_outcomes(capsys: Output, case: str, outcome: str) -> None:
    found = facts(capsys, HEAD + case)
    assert [test["outcome"] for test in found["tests"]] == [outcome]
    assert bool(found["tests"][0]["error"]) == (outcome == "error")
    assert found["summary"][outcome] == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a.iamtest.toml: expected a test"),
        ("test = 1", "a.iamtest.toml:1: test must be a list of tests"),
        ('[[test]]\ncan = "s3:GetObject"', "1: a test needs a policy, an identity or"),
        (HEAD, "2: a test needs can, cannot or may"),
        (f'{HEAD}cannot = "s3:GetObjct"', '3: "s3" has no action "GetObjct"; did you mean'),
        (f'{HEAD}cannot = "s3:Foo*"', '3: no action matches "s3:Foo*"'),
        (f'{HEAD}cannot = ""', "3: test[0].cannot must be a string or a list of strings"),
        (f"{HEAD}cannot = []", "3: test[0].cannot must be a string or a list of strings"),
        (f'{HEAD}canot = "s3:*"', '3: unknown key "canot"'),
        (f'{HEAD}can = "s3:*"\nresource = "data"', '"data" is not an ARN'),
        (f'{HEAD}can = "s3:GetObject"\nresource = "arn:aws:sqs:*:*:*"', "no action that"),
        (f'{HEAD}can = "s3:*"\nresource = "arn:aws:s3:::${{aws:username}}"', "variables are not"),
        (f'{HEAD}can = "s3:*"\nprincipal = "ada"', '"ada" is not the ARN of a principal'),
        (f'{HEAD}can = "s3:*"\naccount = "1"', '"1" is not an account of 12 digits'),
        (f'{HEAD}can = "s3:*"\npolicy = "a"\nidentity = "a"', "not about both"),
        (f'{HEAD}can = "s3:*"\ncontext = {{ a = {{ b = 1 }} }}', "must be a string, number"),
        ("policy = p.json", "a string must be in quotes"),
    ],
)
def test_mistakes_have_a_place_and_do_not_stop_other_files(
    capsys: Output, text: str, message: str
) -> None:
    Path("b.iamtest.toml").write_text(f'{HEAD}cannot = "sqs:*"\n', encoding="utf-8")
    code, out = run(capsys, text)
    assert code == 2
    assert message in out
    assert "1 passed" in out


def test_yaml(capsys: Output) -> None:
    text = "policy: p.json\ntest:\n- name: n\n  can: s3:GetObject\n  cannot: [sqs:*]\n"
    code, out = run(capsys, text, name="a.iamtest.yml")
    assert code == 1
    assert out.startswith("a.iamtest.yml:4: failed: n: can s3:GetObject\n")
    for wrong, message in (
        (f"{text}policy: p.json\n", 'a.iamtest.yml:6: "policy" is there twice'),
        (f"{text}  may:\n", "a.iamtest.yml:6: expected a value"),
        ("policy: [", "a.iamtest.yml:1:"),
        ("a\n", "a.iamtest.yml:1: expected a test"),
    ):
        code, out = run(capsys, wrong, name="a.iamtest.yml")
        assert code == 2
        assert message in out


def test_tests_are_found_in_folders(capsys: Output) -> None:
    assert main(["test"]) == 2
    assert "--init POLICY writes one" in capsys.readouterr().err
    Path("inner").mkdir()
    text = f'{HEAD}cannot = "sqs:*"\n'.replace("p.json", "../p.json")
    code, out = run(capsys, text, "-v", name="inner/a.iamtest.yaml.iamtest.toml")
    assert (code, out.count("passed:")) == (0, 1)
    assert main(["check", "inner", "--no-cache"]) == 0
    assert main(["test", "--exclude=inner"]) == 2


def test_junit(capsys: Output) -> None:
    text = f'{HEAD}cannot = ["sqs:*", "s3:*"]\n[[test]]\npolicy = "gone.json"\ncannot = "s3:*"\n'
    code, out = run(capsys, text, "--format=junit", "--quiet")
    assert code == 2
    assert '<testsuites name="multitool-lint" tests="3" failures="1" errors="1">' in out
    assert 'name="test 1: cannot s3:*"' in out


def test_what_is_allowed_today_passes(capsys: Output) -> None:
    assert main(["test", "--init", "p.json"]) == 0
    text = Path("p.iamtest.toml").read_text(encoding="utf-8")
    assert 'may = "iam:PassRole"' in text
    assert '[[test]]\nname = "s3"\ncan = "s3:*"\nresource = "arn:aws:s3:::data/*"\n' in text
    assert '"lambda:*"' in text
    assert main(["test", "--init", "p.json"]) == 2
    assert main(["test", "--init", "app", "t.yaml"]) == 0
    assert 'files = ["t.yaml"]' in Path("app.iamtest.toml").read_text(encoding="utf-8")
    capsys.readouterr()
    assert main(["test"]) == 0
    assert ", 0 failed" not in capsys.readouterr().err


def test_the_schema_describes_what_is_read() -> None:
    schema = json.loads((Path(DIRECTORY) / "schemas" / "iamtest.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    main(["test", "--init", "p.json"])
    for text, is_valid in (
        (Path("p.iamtest.toml").read_text(encoding="utf-8"), True),
        (f'{HEAD}can = "s3:*"\nscps = ["a", ["b", "c"]]\ncontext = {{ a = [], b = 1 }}', True),
        (f'{HEAD}can = "s3:*"\nidentity = "a"\npolicy = "b"', False),
        (f"{HEAD}cannot = []", False),
        (HEAD, False),
        ("", False),
    ):
        assert validator.is_valid(tomllib.loads(text)) is is_valid
    assert {*COMMON, "test"} == schema["properties"].keys()
    assert {*COMMON, *OWN} == schema["properties"]["test"]["items"]["properties"].keys()
