"""The rules on resources, keys and buckets, where parliament is known to be wrong."""

import json

import pytest

from multitool_lint.aws import arn
from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source

BUCKET, OBJECTS = "arn:aws:s3:::reports", "arn:aws:s3:::reports/*"


def found(rule: str, statement: object, type_: PolicyType | None = None) -> list[Finding]:
    text = json.dumps({"Version": "2012-10-17", "Statement": statement})
    enabled = {rule: rules()[rule]}
    return list(lint_source(Source("p.json", text), type=type_, enabled=enabled).findings)


def acts(action: object, resource: object, effect: str = "Allow") -> bool:
    statement = {"Effect": effect, "Action": action, "Resource": resource}
    return not found("mismatched-resource", statement)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject*", OBJECTS),
        ("s3:*", [BUCKET, OBJECTS]),
        ("dynamodb:*", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"),
        ("ec2:RunInstances", "arn:aws:ec2:*:*:subnet/*"),
        ("ec2:CreateTags", "arn:aws:ec2:eu-west-1::snapshot/*"),
        ("s3:ListBucket", "arn:aws:s3:::team-${aws:PrincipalTag/team, 'public'}"),
        ("s3:ListBucket", "${aws:PrincipalTag/bucket}"),
        ("iam:GetPolicy", "arn:aws:iam::aws:policy/*"),
        ("ssm:GetParameter", "arn:aws:ssm:*::parameter/aws/service/*"),
        ("logs:PutLogEvents", "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/fn:*"),
        ("logs:CreateLogStream", "arn:aws:logs:*:*:/aws-glue/*"),
        ("s3express:CreateSession", "arn:aws:s3express:eu-west-1:111122223333:bucket/b--x-s3"),
        ("cloudformation:CreateChangeSet", "arn:aws:cloudformation:us-west-2:aws:transform/X-1"),
        ("elasticloadbalancing:AddTags", "arn:aws:elasticloadbalancing:*:*:targetgroup/*/*"),
        ("tag:TagResources", "arn:aws:glue:*:*:session/*"),
        ("iam:ListRoles", "arn:aws:iam::111122223333:role/*"),
        ("s3:ListAllMyBuckets", "arn:aws:s3:::*"),
        ("a4b:NoSuchAction", BUCKET),
        ("*", BUCKET),
        ("s3:GetObject", "no-arn"),
    ],
)
def test_an_action_that_acts_on_a_resource(action: str, resource: object) -> None:
    assert acts(action, resource)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", BUCKET),
        ("s3:GetObject", "arn:aws:s3:::reports:*"),
        ("s3:ListBucket", OBJECTS),
        ("s3:*", "arn:aws:s3tables:eu-west-1:111122223333:bucket/b"),
        ("lambda:ListFunctions", "arn:aws:lambda:eu-west-1:111122223333:function:fn"),
        ("lambda:InvokeFunction", "arn:aws:lambda:*:*:layer:fn"),
        ("iam:TagRole", BUCKET),
        ("states:StartExecution", "arn:aws:states:*:*:statemachine:*"),
    ],
)
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_an_action_that_acts_on_none(action: str, resource: str, effect: str) -> None:
    assert not acts(action, resource, effect)


@pytest.mark.parametrize(
    ("action", "resource", "other"),
    [
        ("lambda:InvokeFunction", "arn:aws:lambda::111122223333:function:fn", "impossible-arn"),
        ("iam:GetRole", "arn:aws:iam:eu-west-1:111122223333:role/app", "impossible-arn"),
        ("s3:GetObject", "arn:aws:S3:::reports/*", "invalid-arn"),
        ("s3:GetObject", "arn:aws:s4:::reports/*", "invalid-arn"),
        ("s3:GetObject", "arn:amazon:s3:::reports/*", "invalid-arn"),
        ("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:alias/x", "kms-alias-as-key"),
        ("kms:En*", "arn:aws:kms:eu-west-1:111122223333:alias/x", "kms-alias-as-key"),
    ],
)
def test_a_resource_that_is_wrong_in_itself_is_one_finding(
    action: str, resource: str, other: str
) -> None:
    assert acts(action, resource)
    assert found(other, {"Effect": "Allow", "Action": action, "Resource": resource})


def test_an_alias_suits_some_actions_and_not_others() -> None:
    alias = "arn:aws:kms:eu-west-1:111122223333:alias/x"
    for action in (["kms:CreateAlias", "kms:Decrypt"], ["kms:ListKeys"], ["s3:GetObject"]):
        assert not acts(action, alias)


@pytest.mark.parametrize(
    ("action", "resource", "pointers"),
    [
        ("sqs:SendMessage", BUCKET, []),
        ("s3:GetObject", "arn:aws:sqs:eu-west-1:111122223333:q", []),
        (["sqs:SendMessage", "s3:GetObject"], BUCKET, ["/Statement/Action/1"]),
        ("s3:GetObject", BUCKET, ["/Statement/Resource"]),
    ],
)
def test_what_the_policy_of_a_resource_cannot_be_about_is_left_to_another_rule(
    action: object, resource: str, pointers: list[str]
) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource}
    text = json.dumps({"Version": "2012-10-17", "Statement": statement})
    findings = lint_source(
        Source("p.json", text), resource_type="AWS::S3::Bucket", enabled=rules()
    ).findings
    of_rule = [finding.pointer for finding in findings if finding.rule == "mismatched-resource"]
    assert of_rule == pointers
    others = {
        finding.pointer for finding in findings if finding.rule == "mismatched-resource-policy"
    }
    assert others.isdisjoint(pointers)


@pytest.mark.parametrize(
    ("statement", "count"),
    [
        ({"Action": "s3:GetObject", "Resource": ["*", "**"]}, 1),
        ({"Action": ["s3:GetObject", "sqs:*"], "Resource": ["*", OBJECTS]}, 1),
        ({"Action": "s3:GetObject", "Resource": ["*", "reports"]}, 1),
        ({"Action": ["*", "s3:GetObject"]}, 0),
        ({"Action": [f"{letter}*:*" for letter in "abcdefghijklmnopqrstuvwxyz"]}, 0),
        ({"Action": "ec2:*", "Condition": {"StringEquals": {"ec2:ResourceTag/a": "b"}}}, 0),
        ({"Action": "ec2:*", "Condition": {"StringNotEquals": {"ec2:ResourceTag/a": "b"}}}, 1),
        ({"Action": "iam:PassRole", "Condition": {"StringLike": {"iam:PassedToService": "x"}}}, 0),
        ({"Action": "s3:*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}, 1),
        ({"Action": "s3:*", "Condition": "${var.condition}"}, 0),
    ],
)
def test_everything_as_resource(statement: dict[str, object], count: int) -> None:
    statement = {"Effect": "Allow", "Resource": "*"} | statement
    assert len(found("unscoped-resource", statement)) == count
    assert not found("unscoped-resource", statement, PolicyType.SCP)
    assert not found("unscoped-resource", statement, PolicyType.RCP)


def test_what_is_excepted_is_not_linted() -> None:
    for statement in (
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": BUCKET},
        {"Effect": "Allow", "Action": "iam:*", "NotResource": BUCKET},
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
    ):
        assert not found("mismatched-resource", statement)
        assert not found("unscoped-resource", statement)


def test_a_mismatch_is_one_finding_at_the_action_or_at_the_only_resource() -> None:
    actions = ["s3:GetObject", "s3:PutObject", "s3:ListBucket", *["s3:DeleteObject"] * 5]
    statement = {"Effect": "Allow", "Action": actions, "Resource": BUCKET}
    (finding,) = found("mismatched-resource", statement)
    assert finding.pointer == "/Statement/Action/0"
    assert [related.pointer for related in finding.related] == [
        f"/Statement/Action/{at}" for at in (1, 3, 4, 5, 6)
    ]
    (finding,) = found("mismatched-resource", statement | {"Action": actions[:2]})
    assert finding.pointer == "/Statement/Resource"
    (finding,) = found("mismatched-resource", statement | {"Action": "sts:GetCallerIdentity"})
    assert [related.label for related in finding.related] == ['accepts "*" only']


@pytest.mark.parametrize(
    ("principal", "type_", "rule"),
    [
        (
            {"Federated": "arn:aws:iam::111122223333:provider/x"},
            None,
            "invalid-federated-principal",
        ),
        ({"Federated": "x"}, PolicyType.RESOURCE, "invalid-federated-principal"),
        ({"AWS": "arn:aws:iam::111122223333:rolle/x"}, None, "invalid-principal"),
        ({"AWS": "arn:aws:iam::111122223333:rolle/*"}, None, "wildcard-in-principal"),
        ({"AWS": "AROAABCDEFGH"}, None, "deleted-principal"),
        ({"AWS": "x"}, PolicyType.RCP, "unsupported-element"),
    ],
)
def test_a_principal_of_no_known_form_is_one_finding(
    principal: object, type_: PolicyType | None, rule: str
) -> None:
    statement = {"Effect": "Deny", "Principal": principal, "Action": "sts:*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": statement})
    findings = lint_source(Source("p.json", text), type=type_, enabled=rules()).findings
    of_principals = [finding.rule for finding in findings if "/Principal" in finding.pointer]
    assert of_principals == [rule]


@pytest.mark.parametrize(
    ("action", "condition"),
    [
        ("iam:TagRole", {"StringEquals": {"iam:ResourceTag/project": "x"}}),
        (
            "elasticloadbalancing:AddTags",
            {"StringEquals": {"elasticloadbalancing:CreateAction": "x"}},
        ),
        ("s3:GetObject", {"StringEquals": {"aws:VpceOrgID": "o-a1b2c3d4e5"}}),
        ("s3:GetObject", {"StringEquals": {"saml:sub": "alice"}}),
        ("sts:AssumeRole", {"StringEquals": {"token.actions.githubusercontent.com:aud": "x"}}),
        ("kms:Decrypt", {"StringEquals": {"KMS:encryptioncontext:app": "x"}}),
        ("secretsmanager:GetSecretValue", {"StringEquals": {"secretsmanager:ResourceTag/a": "x"}}),
        ("s3:List*", {"StringLike": {"s3:prefix": "x"}}),
        ("*", {"StringLike": {"s3:prefix": "x"}}),
        (
            ["ec2:RunInstances", "ec2:CreateVpc"],
            {"StringEqualsIfExists": {"ec2:InstanceType": "x"}},
        ),
        ("s3:ListBucket", {"Null": {"s3:prefix": "true"}}),
        ("aws-marketplace:Subscribe", {"StringEquals": {"aws-marketplace:ProductId": "x"}}),
        (
            "ec2:StopInstances",
            {"ArnEquals": {"ec2:SourceInstanceARN": "arn:aws:ec2:a:1:instance/x"}},
        ),
        ("deepcomposer:GetModel", {"StringEquals": {"deepcomposer:key": "x"}}),
        ("iottwinmaker:GetEntity", {"StringEquals": {"iottwinmaker:linkedServices": "x"}}),
        ("nosuchservice:Get", {"StringEquals": {"s3:prefix": "x"}}),
    ],
)
def test_a_condition_key_that_is_taken(action: object, condition: object) -> None:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*", "Condition": condition}
    assert not found("unsupported-condition-key", statement)


@pytest.mark.parametrize(
    ("effect", "operator", "outcome"),
    [
        ("Allow", "StringEquals", "the condition never matches, so this statement never allows it"),
        ("Deny", "StringEquals", "the condition never matches, so this statement never denies it"),
        ("Deny", "StringNotEquals", "the condition always matches for it and restricts nothing"),
        (
            "Allow",
            "StringEqualsIfExists",
            "the condition always matches for it and restricts nothing",
        ),
        (
            "Allow",
            "ForAllValues:StringEquals",
            "the condition always matches for it and restricts nothing",
        ),
        (
            "Allow",
            "ForAnyValue:StringNotEquals",
            "the condition never matches, so this statement never allows it",
        ),
    ],
)
def test_what_an_unsupported_key_comes_to(effect: str, operator: str, outcome: str) -> None:
    condition = {operator: {"s3:prefix": "x"}}
    (finding,) = found(
        "unsupported-condition-key",
        {"Effect": effect, "Action": "s3:GetObject", "Resource": "*", "Condition": condition},
    )
    assert outcome in finding.notes
    assert finding.pointer == f"/Statement/Condition/{operator}/s3:prefix"
    assert finding.issue_code == "UNSUPPORTED_ACTION_FOR_CONDITION_KEY"


@pytest.mark.parametrize(
    ("key", "words", "code"),
    [
        ("aws:PrincipleArn", 'did you mean "aws:PrincipalArn"?', "INVALID_GLOBAL_CONDITION_KEY"),
        ("s3:prefx", 'did you mean "s3:prefix"?', "INVALID_SERVICE_CONDITION_KEY"),
        ("s3:zzzzzzzzzz", "check the spelling", "INVALID_SERVICE_CONDITION_KEY"),
        ("prefix", "use a prefix", "INVALID_CONDITION_KEY_FORMAT"),
        ("s4:prefix", "check the spelling", "INVALID_SERVICE"),
    ],
)
def test_a_condition_key_that_does_not_exist(key: str, words: str, code: str) -> None:
    for action in ("s3:ListBucket", "*"):
        condition = {"StringEquals": {key: "x"}}
        (finding,) = found(
            "unsupported-condition-key",
            {"Effect": "Deny", "Action": action, "Resource": "*", "Condition": condition},
        )
        assert words in f"{finding.title}\n{finding.help}"
        assert finding.issue_code == code


@pytest.mark.parametrize(
    ("statements", "nodes"),
    [
        ([("Allow", "s3:PutBucketPolicy", BUCKET)], 1),
        ([("Allow", "s3:PutBucketPolicy", BUCKET), ("Allow", "s3:*Object", OBJECTS)], 0),
        ([("Allow", "s3:PutBucketPolicy", BUCKET), ("Allow", "s3:*Object", "*")], 0),
        ([("Allow", "s3:PutBucketPolicy", BUCKET), ("Deny", "s3:Put*", "*")], 0),
        ([("Allow", "s3:PutBucketPolicy", BUCKET), ("Deny", "s3:Put*", "arn:aws:s3:::rep*")], 0),
        ([("Allow", "s3:PutBucketPolicy", "*"), ("Allow", "s3:*Object", "arn:aws:s3:::*")], 0),
        ([("Allow", "*", "*")], 0),
        ([("Allow", "s3:*", OBJECTS)], 0),
    ],
)
def test_escalation_by_a_bucket(statements: list[tuple[str, str, str]], nodes: int) -> None:
    written = [
        {"Effect": effect, "Action": action, "Resource": resource}
        for effect, action, resource in statements
    ]
    assert len(found("bucket-policy-escalation", written)) == nodes


def test_escalation_where_something_is_excepted() -> None:
    for statement, nodes in (
        ({"Effect": "Allow", "NotAction": "s3:*Object", "Resource": BUCKET}, 1),
        ({"Effect": "Allow", "NotAction": "s3:*", "Resource": BUCKET}, 0),
        ({"Effect": "Allow", "Action": "s3:PutBucketAcl", "NotResource": BUCKET}, 1),
    ):
        assert len(found("bucket-policy-escalation", statement)) == nodes


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("reports", "MISSING_ARN_FIELD"),
        ("*:aws:s3:::x", "INVALID_ARN_PREFIX"),
        ("${*}:aws:s3:::x", "INVALID_ARN_PREFIX"),
        ("arn:aws:s3:*", "MISSING_ARN_FIELD"),
        ("arn:amazon:s3:::x", "INVALID_PARTITION"),
        ("arn:aws:sqs:eu-wst-1:111122223333:q", "INVALID_ARN_REGION"),
        ("arn:aws:sqs:ireland:111122223333:q", "INVALID_ARN_REGION"),
        ("arn:aws:sqs:eu-west-1:prod:q", "INVALID_ARN_ACCOUNT"),
        ("arn:aws:sqs:eu-west-1:*:q", None),
        ("${aws:PrincipalTag/arn}", None),
    ],
)
def test_defects_of_arns(text: str, code: str | None) -> None:
    defect = arn.defect(text)
    assert (defect and defect.code) == code
    rule = found("invalid-arn", {"Effect": "Deny", "Action": "s3:GetObject", "Resource": text})
    assert [finding.issue_code for finding in rule] == ([code] if code else [])
