"""`can` says whether an identity of files may do something."""

import json
from pathlib import Path

import pytest

from multitool_lint.cli import main

Output = pytest.CaptureFixture[str]
TEMPLATE = """Conditions:
  Prod: !Equals [!Ref Stage, prod]
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: app
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}
      Policies:
        - PolicyName: x
          PolicyDocument:
            Statement:
              - Effect: Allow
                Action: s3:GetObject
                Resource: !Sub "${Bucket.Arn}/*"
                Condition: {IpAddress: {aws:SourceIp: 10.0.0.0/8}}
              - Effect: Allow
                Action: !If [Prod, "sqs:Get*", "sqs:*"]
                Resource: !GetAtt Queue.Arn
              - {Effect: Allow, Action: "kms:Decrypt", Resource: "*"}
  Bucket:
    Type: AWS::S3::Bucket
    Properties: {BucketName: data}
  Queue:
    Type: AWS::SQS::Queue
    Properties: {QueueName: q}
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Statement:
          Effect: Allow
          Action: kms:*
          Resource: "*"
          Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Statement:
          - Effect: Allow
            Action: s3:PutObject
            Resource: !Sub "${Bucket.Arn}/*"
            Principal: {AWS: !GetAtt Role.Arn}
          - {Effect: Deny, Action: "s3:Delete*", Resource: !Sub "${Bucket.Arn}/*", Principal: "*"}
  Other:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: []}
      ManagedPolicyArns: [arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess, !Ref Extra]
      PermissionsBoundary: arn:aws:iam::aws:policy/PowerUserAccess
"""
DATA = "arn:aws:s3:::data/x"
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:q"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "t.yaml").write_text(TEMPLATE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def ask(capsys: Output, *words: str) -> tuple[int, list[str]]:
    code = main(["can", *words])
    return code, capsys.readouterr().out.splitlines()


def test_it_depends_on_keys_with_a_request_either_way(capsys: Output) -> None:
    code, out = ask(capsys, "app", "s3:GetObject", DATA)
    assert code == 1
    assert out == [
        "depends: The decision depends on aws:SourceIp.",
        "  t.yaml:14:17: Allow",
        "  allowed, for example: aws:SourceIp = 10.0.0.0",
        "  denied, for example: aws:SourceIp = 0.0.0.0",
    ]
    code, out = ask(capsys, "app", "s3:GetObject", DATA, "--context", "aws:SourceIp=10.1.2.3")
    assert (code, out[0][:4]) == (0, "yes:")


def test_it_depends_on_conditions_of_the_template(capsys: Output) -> None:
    code, out = ask(capsys, "Role", "sqs:SendMessage", QUEUE, "t.yaml")
    assert (code, out[0]) == (1, "depends: The decision depends on the condition Prod.")
    assert out[2:] == ["  allowed, for example: Prod false", "  denied, for example: Prod true"]
    assert ask(capsys, "Role", "sqs:GetQueueUrl", QUEUE)[0] == 0
    assert ask(capsys, "Role", "sqs:GetQueueUrl", f"{QUEUE}2")[1][0].startswith("no: ")


def test_the_policy_of_the_resource_counts(capsys: Output) -> None:
    code, out = ask(capsys, "app", "s3:PutObject", DATA)
    assert (code, out[0]) == (0, "yes: The request is allowed by the resource-based policy.")
    code, out = ask(capsys, "app", "s3:DeleteObject", DATA)
    assert code == 1
    assert out[0].startswith("no: A Deny statement of the resource-based policy")
    assert ask(capsys, "app", "s3:PutObject", "arn:aws:s3:::other/x")[1][0].startswith("no: ")


def test_a_policy_may_be_that_of_the_resource(capsys: Output) -> None:
    code, out = ask(capsys, "app", "kms:Decrypt", KEY)
    assert code == 1
    assert "whether the policy at t.yaml:32:9 is that of the resource" in out[0]


def test_what_is_not_known_of_the_identity(capsys: Output) -> None:
    code, out = ask(capsys, "Other", "s3:GetObject", DATA)
    assert code == 1
    assert out[0].endswith("could not be read: a policy that is not in these files: !Ref Extra.")
    assert out[2].startswith("  by what is known: yes: The request is allowed by the identity")
    assert [line[:17] for line in (out[1], *out[3:])] == [
        "  t.yaml:52:75: n",
        "  t.yaml:52:27: A",
        "  t.yaml:53:28: A",
    ]
    _, out = ask(capsys, "Other", "s3:PutObject", "arn:aws:s3:::other/x")
    assert [line.partition(": ")[0].strip() for line in out][:1] == ["depends"]
    assert "  by what is known: no: " in "\n".join(out)
    # The boundary does not allow it, whatever the other policy says.
    assert ask(capsys, "Other", "iam:CreateUser")[1][0].startswith("no: ")


def test_as_json(capsys: Output) -> None:
    main(["can", "app", "s3:GetObject", DATA, "--format", "json"])
    facts = json.loads(capsys.readouterr().out)
    assert facts["identity"] == {
        "kind": "role",
        "name": "app",
        "address": "Role",
        "place": "t.yaml:4:3",
    }
    assert facts["answer"] == "depends"
    assert facts["missing"] == ["aws:SourceIp"]
    assert facts["statements"] == [{"place": "t.yaml:14:17", "effect": "Allow", "sid": None}]
    assert facts["examples"]["allowed"]["context"] == {"aws:SourceIp": ["10.0.0.0"]}
    assert facts["unread"] == []


def test_an_unread_file_fails(capsys: Output) -> None:
    text = "Resources:\n  A:\n    Type: AWS::IAM::Role\n    Properties: {X: {Statement: [\n"
    Path("u.yaml").write_text(text, encoding="utf-8")
    code, out = ask(capsys, "app", "s3:PutObject", DATA)
    assert code == 1
    assert out[0].startswith("yes: ")
    assert out[-1].startswith("depends: u.yaml:")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("ap", "s3:GetObject"), 'no identity of these files is called "ap"; did you mean "app"?'),
        (("x", "s3:GetObject"), "there are Role (t.yaml), Other (t.yaml)"),
        (("app", "s3:GetObject", "gone.yaml"), '"gone.yaml" is not the ARN of a resource'),
        (("app", "s3:GetObject", DATA, "gone.yaml"), "gone.yaml: no such file"),
        (("app", "s3:GetObjec"), "did you mean s3:GetObject"),
        (("app", "s3:GetObject", "--principal", "*"), "--principal: the identity"),
        (("app", "s3:GetObject", "--resource-account", "1"), "not an account of 12 digits"),
    ],
)
def test_mistakes(capsys: Output, words: tuple[str, ...], message: str) -> None:
    assert main(["can", *words]) == 2
    assert message in capsys.readouterr().err


def test_a_name_of_several(capsys: Output) -> None:
    Path("u.yaml").write_text(TEMPLATE, encoding="utf-8")
    assert main(["can", "app", "s3:GetObject"]) == 2
    assert '"app" may be each of Role (t.yaml), Role (u.yaml)' in capsys.readouterr().err
    assert ask(capsys, "app", "s3:PutObject", DATA, "u.yaml")[0] == 0


def write_control_policies() -> None:
    deny = {"Effect": "Deny", "Action": ["sqs:*", "s3:*"], "Resource": "*"}
    only_app = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/app"}}
    for name, more in (("deny", {}), ("app", {"Condition": only_app}), ("rcp", {"Principal": "*"})):
        document = {"Version": "2012-10-17", "Statement": [{**deny, **more}]}
        Path(f"{name}.json").write_text(json.dumps(document), encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("sqs:GetQueueUrl", QUEUE), "yes"),
        (("sqs:GetQueueUrl", QUEUE, "--scp=FullAWSAccess"), "yes"),
        (("sqs:GetQueueUrl", QUEUE, "--scp=FullAWSAccess", "--scp=FullAWSAccess,deny.json"), "no"),
        (("sqs:GetQueueUrl", QUEUE, "--scp=FullAWSAccess,app.json"), "yes"),
        (("sqs:GetQueueUrl", QUEUE, "--rcp=rcp.json"), "no"),
        (("s3:PutObject", DATA), "yes"),
        (("s3:PutObject", DATA, "--scp=FullAWSAccess,app.json"), "depends"),  # on the account
    ],
)
def test_control_policies_that_are_given_restrict(
    capsys: Output, words: tuple[str, ...], answer: str
) -> None:
    write_control_policies()
    code, out = ask(capsys, "app", *words, "t.yaml")
    assert out[0].partition(":")[0] == answer
    assert code == (answer != "yes")


def test_they_restrict_each_identity_and_a_policy_alone(capsys: Output) -> None:
    write_control_policies()
    scp = "--scp=FullAWSAccess,deny.json"
    assert main(["who-can", "sqs:GetQueueUrl", QUEUE, "t.yaml"]) == 0
    assert main(["who-can", "sqs:GetQueueUrl", QUEUE, "t.yaml", scp]) == 1
    assert ask(capsys, "AdministratorAccess", "sqs:GetQueueUrl", scp)[0] == 1
    assert ask(capsys, "AdministratorAccess", "sns:Publish", scp)[0] == 0


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--scp=deny.json", "deny.json: a level with no other service control policies allows"),
        ("--scp=FullAWSAccess,t.yaml", "t.yaml: 6 policies; expected one"),
        ("--scp=FullAWSAccess,bucket.yaml", "bucket.yaml: expected a service control policy"),
        ("--rcp=bucket.yaml", "bucket.yaml: expected a resource control policy"),
        ("--scp=gone.json", "gone.json: no such file"),
    ],
)
def test_what_is_not_a_control_policy(capsys: Output, option: str, message: str) -> None:
    write_control_policies()
    policy = TEMPLATE[TEMPLATE.index("  Policy:") : TEMPLATE.index("  Other:")]
    Path("bucket.yaml").write_text(f"Resources:\n{policy}", encoding="utf-8")
    assert main(["can", "app", "kms:Decrypt", "t.yaml", option]) == 2
    assert message in capsys.readouterr().err
