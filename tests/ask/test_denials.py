"""Errors of AWS, and what files say of them."""

import json
from pathlib import Path

import pytest

from multitool_lint.ask.denials import Denial, denial_in
from multitool_lint.cli import main
from multitool_lint.policy.evaluation.statements import PolicyKind

Output = pytest.CaptureFixture[str]
ACCOUNT = "111122223333"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/i-1"
USER = f"arn:aws:iam::{ACCOUNT}:user/ada"
DATA = "arn:aws:s3:::data/x"
SCP = "arn:aws:organizations::444455556666:policy/o-abcdef/service_control_policy/p-1234567a"
DECODED = {
    "allowed": False,
    "explicitDeny": True,
    "matchedStatements": {"items": []},
    "context": {
        "principal": {"id": "AIDA", "name": "ada", "arn": USER},
        "action": "ec2:StopInstances",
        "resource": f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1",
        "conditions": {
            "items": [{"key": "ec2:Region", "values": {"items": [{"value": "us-east-1"}]}}]
        },
    },
}
TEMPLATE = """Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: app
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}
      PermissionsBoundary: arn:aws:iam::aws:policy/PowerUserAccess
      Policies:
        - PolicyName: x
          PolicyDocument:
            Statement: [{Effect: Allow, Action: ["s3:Get*", "iam:*"], Resource: "*"}]
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: data
      PolicyDocument:
        Statement:
          - {Effect: Deny, Action: "s3:*", Resource: "arn:aws:s3:::data/*", Principal: "*"}
  Control:
    Type: AWS::Organizations::Policy
    Properties:
      Type: SERVICE_CONTROL_POLICY
      Name: x
      Content: {Statement: [{Effect: Deny, Action: "ec2:*", Resource: "*"}]}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "t.yaml").write_text(TEMPLATE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def message(ending: str, user: str = SESSION, resource: str = f" on resource: {DATA}") -> str:
    return f"User: {user} is not authorized to perform: s3:GetObject{resource}{ending}"


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("identity-based policy", PolicyKind.IDENTITY),
        ("resource-based policy", PolicyKind.RESOURCE),
        ("permissions boundary", PolicyKind.BOUNDARY),
        ("session policy", PolicyKind.SESSION),
        ("service control policy", PolicyKind.SCP),
        ("resource control policy", PolicyKind.RCP),
        ("VPC endpoint policy", PolicyKind.ENDPOINT),
        ("role trust policy", PolicyKind.RESOURCE),
    ],
)
def test_each_type_of_policy(words: str, kind: PolicyKind) -> None:
    implicit = denial_in(message(f" because no {words} allows the s3:GetObject action"))
    assert implicit == Denial(SESSION, "s3:GetObject", DATA, kind, is_explicit=False)
    for article in ("a", "an", "the"):
        explicit = denial_in(message(f" with an explicit deny in {article} {words}"))
        assert explicit == Denial(SESSION, "s3:GetObject", DATA, kind, is_explicit=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (message(""), Denial(SESSION, "s3:GetObject", DATA)),
        (message(" with an explicit deny"), Denial(SESSION, "s3:GetObject", DATA, None, True)),  # noqa: FBT003  # the fields
        (message("", resource=""), Denial(SESSION, "s3:GetObject", "*")),
        (message("", resource=f' on resource: "{DATA}"'), Denial(SESSION, "s3:GetObject", DATA)),
        (message("", user="anonymous"), Denial("anonymous", "s3:GetObject", DATA)),
        (
            message(f" with an explicit deny in a service control policy: {SCP}"),
            Denial(SESSION, "s3:GetObject", DATA, PolicyKind.SCP, True, SCP),  # noqa: FBT003  # as above
        ),
        (
            "An error occurred (AccessDenied) when calling the GetObject operation: "
            + message(" because no identity-based\n  policy allows the s3:GetObject action."),
            Denial(SESSION, "s3:GetObject", DATA, PolicyKind.IDENTITY, False),  # noqa: FBT003  # as above
        ),
        (f'{{"Message": "{message("")}"}}', Denial(SESSION, "s3:GetObject", DATA)),
        ("Access Denied", None),
        ("{}", None),
        ('{"context": {"principal": {"arn": 1}, "action": "a:b"}}', None),
    ],
)
def test_other_forms(text: str, expected: Denial | None) -> None:
    assert denial_in(text) == expected


def test_a_decoded_message() -> None:
    plain = json.dumps(DECODED)
    for text in (plain, json.dumps({"DecodedMessage": plain})):
        found = denial_in(text)
        assert found
        assert found[:3] == (USER, "ec2:StopInstances", DECODED["context"]["resource"])  # type: ignore[index]
        assert (found.kind, found.is_explicit) == (None, True)
        assert found.context == {"ec2:region": ("us-east-1",)}


def explained(capsys: Output, *words: str) -> tuple[int, list[str]]:
    code = main(["explain", "--error", *words])
    return code, capsys.readouterr().out.splitlines()


def test_a_denial_of_the_files(capsys: Output) -> None:
    code, out = explained(capsys, message(" with an explicit deny in a resource-based policy"), ".")
    assert code == 0
    assert out[0].endswith(f"on {DATA}: a Deny statement of a resource-based policy applies")
    assert out[1:] == [
        "by these files: no: A Deny statement of the resource-based policy applies to the request.",
        "  t.yaml:19:13: Deny",
    ]


def test_what_has_to_allow_it(capsys: Output) -> None:
    text = message("").replace("s3:GetObject", "s3:PutObject").replace("data/x", "other/x")
    ending = " because no identity-based policy allows the s3:PutObject action"
    code, out = explained(capsys, text + ending, "t.yaml")
    assert code == 0
    assert out[0].endswith("no identity-based policy allows it")
    assert out[-1] == '  t.yaml:2:3: a policy of role "app" has to allow it'
    text = f"User: {SESSION} is not authorized to perform: iam:CreateUser on resource: *"
    ending = " because no permissions boundary allows the iam:CreateUser action"
    code, out = explained(capsys, text + ending, "t.yaml")
    assert code == 0
    assert out[-1] == '  t.yaml:2:3: the permissions boundary of role "app" has to allow it'


def test_control_policies(capsys: Output) -> None:
    text = f"User: {USER} is not authorized to perform: ec2:StopInstances on resource: *"
    ending = " with an explicit deny in a service control policy"
    code, out = explained(capsys, text + ending, "t.yaml")
    assert code == 0
    assert out[1:] == [
        f"{USER} is not an identity of these files",
        "no: A Deny statement of the service control policy applies to the request.",
        "  t.yaml:25:29: Deny",
    ]
    code, out = explained(capsys, text.replace("ec2:Stop", "rds:Stop") + ending, "t.yaml")
    assert (code, out[-1][:35]) == (1, "these files have no such policy: se")


def test_files_that_allow_it(capsys: Output) -> None:
    text = message(" because no session policy allows the s3:GetObject action")
    code, out = explained(capsys, text.replace("data/x", "other/x"), "t.yaml")
    assert code == 1
    assert out[1].startswith("by these files: yes: ")
    assert "  AWS decided by other policies, or by an older version of these" in out


def test_forms_of_the_option(capsys: Output) -> None:
    Path("error.txt").write_text(message(""), encoding="utf-8")
    assert explained(capsys, "error.txt")[1] == [
        f"{SESSION} may not do s3:GetObject on {DATA}: AWS does not say by which policy"
    ]
    code, out = explained(capsys, "error.txt", "--format", "json")
    assert json.loads("\n".join(out))["error"]["action"] == "s3:GetObject"
    code, out = explained(capsys, "error.txt", "t.yaml", "--format", "json")
    facts = json.loads("\n".join(out))
    assert (code, facts["answer"]["answer"]) == (0, "no")
    assert main(["explain", "--error", "Access Denied"]) == 2
    assert "not authorized to perform" in capsys.readouterr().err
    for words in ([], ["duplicate-sid", "t.yaml"]):
        assert main(["explain", *words]) == 2
        assert "expected RULE" in capsys.readouterr().err
