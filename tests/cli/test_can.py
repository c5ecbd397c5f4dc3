"""`can` says whether a policy allows an action."""

import json
from pathlib import Path
from typing import Any

import pytest

from multitool_lint.cli import main

Output = pytest.CaptureFixture[str]
ACCOUNT = "111122223333"
USER = f"arn:aws:iam::{ACCOUNT}:user/ada"
IDENTITY = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Read",
      "Effect": "Allow",
      "Action": "s3:Get*",
      "Resource": "arn:aws:s3:::data/*",
      "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    },
    {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::data/secret/*"}
  ]
}
"""
TEMPLATE = """Resources:
  A:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement: {Effect: Allow, Action: "s3:*", Resource: "*"}
  B:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: data
      PolicyDocument:
        Version: "2012-10-17"
        Statement: {Effect: Deny, Action: "s3:*", Resource: "*", Principal: "*"}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "p.json").write_text(IDENTITY, encoding="utf-8")
    (tmp_path / "t.yaml").write_text(TEMPLATE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def ask(capsys: Output, *words: str) -> tuple[int, str]:
    code = main(["can", *words])
    return code, capsys.readouterr().out


def statement(path: str, text: str) -> None:
    Path(path).write_text(f'{{"Version": "2012-10-17", "Statement": [{text}]}}', encoding="utf-8")


def test_yes_names_the_statement(capsys: Output) -> None:
    words = ("p.json", "s3:GetObject", "arn:aws:s3:::data/a", "--context", "aws:SourceIp=10.1.2.3")
    code, out = ask(capsys, *words)
    assert code == 0
    assert out.splitlines() == [
        "yes: The request is allowed by the identity-based policy.",
        '  p.json:4:5: Allow "Read"',
    ]


def test_no_names_the_denial(capsys: Output) -> None:
    code, out = ask(capsys, "p.json", "s3:GetObject", "arn:aws:s3:::data/secret/a")
    assert code == 1
    assert out.startswith("no: ")
    assert "  p.json:11:5: Deny\n" in out


def test_it_depends_on_keys(capsys: Output) -> None:
    words = ("p.json", "s3:GetObject", "arn:aws:s3:::data/a")
    code, out = ask(capsys, *words)
    assert code == 1
    assert out.startswith("depends: The decision depends on aws:SourceIp.\n")
    code, out = ask(capsys, *words, "--complete-context")
    assert code == 1
    assert out.startswith("no: ")
    code, out = ask(capsys, *words, "--format", "json")
    (facts,) = json.loads(out)["policies"]
    assert facts["answer"] == "depends"
    assert facts["missing"] == ["aws:SourceIp"]
    assert facts["statements"] == [{"place": "p.json:4:5", "effect": "Allow", "sid": "Read"}]


def test_each_policy_of_a_file_answers(capsys: Output) -> None:
    assert main(["can", "t.yaml", "s3:GetObject"]) == 1
    out, err = capsys.readouterr()
    first, allows, second, denies = out.splitlines()
    assert first.startswith("A/PolicyDocument: yes: The request is allowed by the identity-based")
    assert second.startswith("B/PolicyDocument: no: A Deny statement of the resource-based policy")
    assert (allows, denies) == ("  t.yaml:7:20: Allow", "  t.yaml:14:20: Deny")
    assert "different owners" in err


def test_what_is_not_read_fails(capsys: Output) -> None:
    text = TEMPLATE.replace("Effect: Deny", "Effect: Allow")
    other = "  C:\n    Type: AWS::IAM::ManagedPolicy\n    Properties: {PolicyDocument: !Ref P}\n"
    Path("t.yaml").write_text(text + other, encoding="utf-8")
    code, out = ask(capsys, "t.yaml", "s3:GetObject")
    assert code == 1
    assert [line.partition(": ")[2][:3] for line in out.splitlines()[::2]][:2] == ["yes", "yes"]
    assert out.splitlines()[-1].startswith("depends: t.yaml:17:")


@pytest.mark.parametrize(
    ("type_", "text", "principal", "answer"),
    [
        ("resource", f'"Allow", "Principal": {{"AWS": "{USER}"}}', USER, "yes"),
        ("resource", f'"Allow", "Principal": {{"AWS": "{USER}"}}', "444455556666", "no"),
        ("resource", f'"Allow", "Principal": {{"AWS": "{USER}"}}', None, "depends"),
        ("resource", '"Allow", "Principal": "*"', "*", "yes"),
        ("resource", f'"Allow", "Principal": {{"AWS": "{ACCOUNT}"}}', USER, "yes"),
        ("boundary", '"Allow"', None, "yes"),
        ("session", '"Deny"', None, "no"),
        ("scp", '"Allow"', None, "yes"),
        ("rcp", '"Deny", "Principal": "*"', None, "no"),
    ],
)
def test_policies_of_other_types(
    capsys: Output, type_: str, text: str, principal: str | None, answer: str
) -> None:
    statement("o.json", f'{{"Effect": {text}, "Action": "s3:GetObject", "Resource": "*"}}')
    options = [f"--type={type_}", *([f"--principal={principal}"] if principal else [])]
    code, out = ask(capsys, "o.json", "s3:GetObject", *options, "--format=json")
    facts: dict[str, Any] = json.loads(out)
    assert facts["policies"][0]["answer"] == answer
    assert code == (answer != "yes")
    assert all(found["place"] for found in facts["policies"][0]["statements"])


def test_a_control_policy_answers_for_itself(capsys: Output) -> None:
    statement("o.json", '{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}')
    words = ("o.json", "kms:Decrypt")
    assert ask(capsys, *words, "--type=scp")[0] == 0
    assert ask(capsys, *words, "--type=boundary")[0] == 0
    code, out = ask(capsys, *words)
    assert code == 1
    assert "key policy" in out
    statement(
        "r.json", '{"Effect": "Deny", "Action": "s3:Get*", "Resource": "*", "Principal": "*"}'
    )
    code, out = ask(capsys, "r.json", "s3:PutObject", "--type=rcp")
    assert (code, out) == (0, "yes: The request is allowed by policies of other kinds.\n")


def test_a_managed_policy_of_aws(capsys: Output) -> None:
    assert ask(capsys, "ReadOnlyAccess", "s3:GetObject")[0] == 0
    assert ask(capsys, "ReadOnlyAccess", "s3:PutObject")[0] == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "expected an identity or a policy, an action and perhaps a resource"),
        (("p.json",), "expected an identity or a policy, an action and perhaps a resource"),
        (("p.json", "s3:GetObjec"), "did you mean s3:GetObject"),
        (("p.json", "s3:Get*"), '"s3:Get*" is not an action'),
        (("gone.json", "s3:GetObject"), "gone.json: no such file"),
        (("p.json", "s3:GetObject", "--context", "a"), "expected KEY=VALUE"),
        (("p.json", "s3:GetObject", "--principal", "ada"), '--principal: "ada" is not'),
    ],
)
def test_mistakes(capsys: Output, words: tuple[str, ...], message: str) -> None:
    assert main(["can", *words]) == 2
    assert message in capsys.readouterr().err


def test_a_check_imports_nothing_of_it() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from multitool_lint.cli import main; main(['p.json']);"
        "sys.exit(any('evaluation' in name for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_cases_of_a_template_that_agree_are_one(capsys: Output) -> None:
    conditions = 'Conditions: {P: !Equals [!Ref "AWS::Region", eu-west-1]}\n'
    text = TEMPLATE.replace('Action: "s3:*"', 'Action: !If [P, "s3:Get*", "s3:*"]', 1)
    Path("t.yaml").write_text(conditions + text[: text.index("  B:")], encoding="utf-8")
    code, out = ask(capsys, "t.yaml", "s3:GetObject")
    assert (code, out.count("yes: ")) == (0, 1)
    code, out = ask(capsys, "t.yaml", "s3:PutObject")
    assert (code, out.count("yes: "), out.count("no: ")) == (1, 1, 1)


def test_an_action_that_is_filled_in_is_named(capsys: Output) -> None:
    text = TEMPLATE.replace('Action: "s3:*"', "Action: !Ref P", 1)
    Path("t.yaml").write_text(text[: text.index("  B:")], encoding="utf-8")
    code, out = ask(capsys, "t.yaml", "s3:GetObject")
    assert code == 1
    assert "depends: The decision depends on the value of !Ref P." in out
