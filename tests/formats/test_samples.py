"""Placeholders in samples are unknown parts of a value; what is around them is checked."""

import json
from pathlib import Path

import pytest

from multitool_lint import lint
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.formats import read_source
from multitool_lint.syntax.patch.change import Json
from multitool_lint.syntax.source import Source

Policy = dict[str, Json]


def rules(folder: Path, policy: Policy, name: str) -> list[str]:
    """The rules of which there are findings above suggestions."""
    text = json.dumps(policy, indent=2)
    path = folder / name
    path.write_text(f"# Setup\n\n```json\n{text}\n```\n" if name.endswith(".md") else text)
    found = [finding for finding in lint(path) if finding.severity is not Severity.SUGGESTION]
    return [finding.rule for finding in found]


def suggestions(path: Path) -> list[str]:
    """What is suggested about values that AWS rejects."""
    return [
        finding.title
        for finding in lint(path, select=["resources", "principals", "conditions", "grammar"])
        if finding.severity is Severity.SUGGESTION and "placeholder" in finding.title
    ]


def allow(**elements: Json) -> Policy:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow"} | elements]}


def on(resource: Json, action: str = "lambda:InvokeFunction") -> Policy:
    return allow(Action=action, Resource=resource)


def trusts(**principal: str) -> Policy:
    return allow(Principal=principal, Action="sts:AssumeRole")


def federates(provider: str, key: str) -> Policy:
    return allow(
        Principal={"Federated": provider},
        Action="sts:AssumeRoleWithWebIdentity",
        Condition={"StringEquals": {key: "system:serviceaccount:namespace:name"}},
    )


def where(operator: str, key: str, value: Json) -> Policy:
    return allow(
        Action="s3:GetObject",
        Resource="arn:aws:s3:::example/*",
        Condition={operator: {key: value}},
    )


MARKED = [
    where("IpAddress", "aws:SourceIp", "xxx.xxx.xxx.xxx"),
    where("IpAddress", "aws:SourceIp", ["XXX.XXX.XXX.XXX/32"]),
    *(
        where(operator, "aws:SourceIp", "10.0.0.0/8")
        for operator in ("%s", "<operator>", "{condition-operator}", "ForAnyValue:%s")
    ),
    on("arn:aws:lambda:<region>:<LEGACY ACCOUNT ID>:function:f"),
    on("arn:aws:lambda:{region}:{account-A-ID}:function:{name}"),
    on("arn:aws:lambda:$REGION:$account_id:function:f"),
    on("arn:aws:lambda:%s:%d:function:f"),
    on("arn:<partition>:lambda:eu-west-1:XXXXXXXXXXXX:function:f"),
    on("arn:aws:lambda:eu-west-1:1234xxxxxxxx:function:f"),
    on("arn:aws:lambda:eu-west-1:YOUR_ACCOUNT_ID:function:f"),
    on("arn:aws:lambda:yourRegion:your-account:function:f"),
    on("arn:aws:lambda:__REGION__:_ACCOUNT_:function:f"),
    on("_S3_BUCKET_ARN_", "s3:GetObject"),
    on(["___ARN___", "___ARN___/*", "$$$self_arn", "$$self_arn/*"], "s3:GetObject"),
    on("<KMS ARN>", "kms:Decrypt"),
    on("<bucket arn>/*", "s3:GetObject"),
    on("your_secret_arn_created_in_step1", "secretsmanager:GetSecretValue"),
    on(
        "arn:aws:secretsmanager:eu-west-1:111122223333:secret:<name>",
        "secretsmanager:GetSecretValue",
    ),
    allow(Action=["<service>:Get*", "<ACTION>"], Resource="arn:aws:s3:::example"),
    trusts(AWS="arn:aws:iam::XXXXXXXXXXX:role/cert-manager"),
    trusts(AWS="<role arn>"),
    trusts(Service="<service>.amazonaws.com"),
    federates("arn:aws:iam::<ACCOUNT>:oidc-provider/<OIDC>", "<OIDC>:sub"),
    federates("arn:aws:iam::$ACCOUNT:oidc-provider/$OIDC_PROVIDER", "$OIDC_PROVIDER:sub"),
    where("IpAddress", "aws:SourceIp", "<your IP>/32"),
    where("ArnLike", "aws:PrincipalArn", "arn:aws:iam::{account}:role/{role}"),
    where("StringLike", "aws:SourceVpc", "vpc-<id>"),
    where("StringEquals", "aws:SourceVpc", "<12>"),
    where("StringEquals", "aws:RequestedRegion", "[region]"),
    where("NumericLessThan", "aws:MultiFactorAuthAge", "{0}"),
    allow(Sid="<sid>", Action="s3:<Action>", Resource="<123456789012>"),
    allow(Action="{{ action }}", Resource="((bucket_arn))/*"),
    *(
        on(f"arn:aws:lambda:{mark}:{mark}:function:f")
        for mark in (
            *(
                "{{ account_id }}",
                "[account-id]",
                "[[x]]",
                "<<region>>",
                "((region))",
                "{}",
                "{ x }",
            ),
            *(
                "%ACCOUNT%",
                "%%x%%",
                "@@REGION@@",
                "##x##",
                "#{Region}",
                "#{AWS::Region}",
                "@{x}",
                "%{x}",
                "$$X$$",
            ),
            *(
                "_account_",
                "__x__",
                "___x___",
                "$$$x",
                "~x~",
                "!x!",
                "$(REGION)",
                "$1",
                "&lt;region&gt;",
                "%1$s",
                "###",
            ),
            *(
                "\u00abregion\u00bb",
                "{regi\u00f3n}",
                "<N\u00famero de cuenta>",
                "xxxx",
                "xx-xxxx-1",
            ),
        )
    ),
    trusts(AWS="arn:aws:iam::<N\u00famero>:role/r"),
    trusts(Service="logs.%REGION%.amazonaws.com"),
    trusts(Service="states.#{AWS::Region}.amazonaws.com"),
    federates("arn:aws:iam::%ACCOUNT%:oidc-provider/((issuer))", "((issuer)):sub"),
]
"""What is a placeholder in every file."""

PROSE = [
    on("SecretId", "secretsmanager:PutResourcePolicy"),
    on(""),
    allow(Action=[""], Resource="arn:aws:s3:::example/*"),
    on("arn:aws:lambda:eu-west-1:YYYYYYYYYYYY:function:f"),
    on(["arn:...", "arn:\u2026", "arn:.../orders/*", "arn:aws:lambda:...:function:f"]),
    trusts(AWS="arn:aws:iam::..."),
    where("ArnLike", "aws:PrincipalArn", "arn:aws:iam:...:role/r"),
    on("arn:aws:lambda:REGION:ACCOUNT:function:f"),
    on("arn:aws:lambda:region:SOURCE-ACCOUNT-ID:function:f"),
    on("arn:aws:lambda:aws-region:account-id:function:f"),
    on("arn:partition:lambda:eu-west-1:AccountB-ID:function:f"),
    on("KMS_KEY_ARN", "kms:Decrypt"),
    on("BUCKET_ARN/*", "s3:GetObject"),
    trusts(AWS="arn:aws:iam::DESTINATION:role/r"),
    trusts(AWS="ACCOUNT_ID"),
    trusts(AWS="arn:aws:iam::************:root"),
    trusts(AWS="arn:aws:iam::****:role/r"),
    trusts(AWS="arn:aws:iam::123********789:root"),
    trusts(AWS="arn:aws:iam::***:root"),
    trusts(Service="logs.REGION.amazonaws.com"),
    federates("arn:aws:iam::ACCOUNT_ID:oidc-provider/OIDC_PROVIDER", "OIDC_PROVIDER:sub"),
    federates("arn:aws:iam::ACCOUNT_ID:oidc-provider/...", "oidc-provider:sub"),
    where("IpAddress", "aws:SourceIp", "IP_ADDRESS"),
    where("IpAddress", "aws:SourceIp", "x.x.x.x/32"),
    where("DateLessThan", "aws:CurrentTime", "YYYY-MM-DDTHH:MM:SSZ"),
    where("IpAddress", "aws:SourceIp", "203.0.113.x/32"),
    where("IpAddress", "aws:SourceIp", "VPC_CIDR/16"),
    where("StringEquals", "aws:SourceVpce", "vpce-EXAMPLE"),
    where("StringEquals", "aws:SourceVpce", "vpce-id"),
    where("StringEquals", "aws:SourceVpce", "vpce-1234567890abcdef"),
    where("StringEquals", "aws:RequestedRegion", "my-region"),
    where("StringEquals", "aws:PrincipalAccount", "source-account"),
    allow(Effect="Allow|Deny", Action="s3:GetObject", Resource="arn:aws:s3:::example/*"),
    allow(Sid="unique_statement_id", Action="service:ActionName", Resource="*"),
    allow(Action=["s3:YourAction", "your-service:YOUR_OPERATION"], Resource="*"),
    on("*Role-ARN*", "iam:GetRole"),
    on("the queue of the other account", "sqs:SendMessage"),
    trusts(AWS="the user that calls, like arn:aws:iam::111122223333:user/name"),
    trusts(AWS="aws_account_id"),
    trusts(AWS="*Account-A-Role-ARN*"),
    trusts(Service="SERVICE.amazonaws.com"),
    federates("arn:aws:iam::ACCOUNT:oidc-provider/OIDC_HOST", "OIDC_HOST:aud"),
    *(
        on(f"arn:aws:lambda:eu-west-1:{account}:function:f")
        for account in (
            *("80398EXAMPLE", "0000", "1234567890", "NNNNNNNNNNNN", "aaaabbbbcccc", "...", "acct"),
            *("AccountIDWithoutHyphens", "12-digit-account-id", "KONTO_ID", "tu-cuenta"),
            *("my-account", "SNSTopicOwnerAccountId", "REPLACE_ME", "insert-account-here"),
        )
    ),
    *(
        on(f"arn:aws:lambda:{region}:111122223333:function:f")
        for region in ("MYREGION", "regi\u00f3n", "us-east-X", "region-name")
    ),
]
"""What is one in documentation only: AWS rejects a policy with it."""


@pytest.mark.parametrize("policy", [*MARKED, *PROSE], ids=json.dumps)
def test_placeholders_in_documentation_have_no_finding(tmp_path: Path, policy: Policy) -> None:
    assert rules(tmp_path, policy, "README.md") == []


@pytest.mark.parametrize("policy", MARKED, ids=json.dumps)
def test_marked_placeholders_have_no_finding_in_any_file(tmp_path: Path, policy: Policy) -> None:
    assert rules(tmp_path, policy, "policy.json") == []


@pytest.mark.parametrize("policy", PROSE, ids=json.dumps)
def test_bare_words_in_a_deployed_file_are_found(tmp_path: Path, policy: Policy) -> None:
    assert rules(tmp_path, policy, "policy.json") or suggestions(tmp_path / "policy.json")


NAMES = [
    on("arn:aws:lambda:test-region:111122223333:function:f"),
    on("arn:aws:lambda:REGION:ACCOUNT_ID:function:f"),
    *(
        on(f"arn:aws:lambda:{region}:{account}:function:f")
        for region, account in (
            *(("regionId", "accountId"), ("aws_region", "aws_account_id"), ("Region", "AccountId")),
            *(("MYREGION", "TARGET"), ("deployRegion", "stackAccountNumber")),
        )
    ),
    trusts(AWS="accountId"),
    trusts(AWS="arn:aws:iam::accountId:root"),
    trusts(AWS="roleArn"),
    where("StringEquals", "aws:PrincipalAccount", "accountId"),
    where("StringEquals", "aws:SourceVpc", "VPC_ID"),
    where("StringEquals", "aws:RequestedRegion", "awsRegion"),
    on("KMS_KEY_ARN", "kms:Decrypt"),
    trusts(AWS="arn:aws:iam::AWSACCOUNTID:root"),
    trusts(Service="logs.AWS_REGION.amazonaws.com"),
    federates("arn:aws:iam::ACCOUNT:oidc-provider/idp.example.com", "idp.example.com:sub"),
    federates("arn:aws:iam::111122223333:oidc-provider/OIDC_PROVIDER", "OIDC_PROVIDER:sub"),
    on("arn:aws:lambda:region:account:function:f"),
    on("arn:aws:lambda:aws-region:AWS-account-ID-without-hyphens:function:f"),
    trusts(AWS="arn:aws:iam::account-id:root"),
    where("ArnLike", "aws:PrincipalArn", "arn:aws:iam::ACCOUNT-NUMBER:role/app"),
]


@pytest.mark.parametrize("policy", NAMES, ids=json.dumps)
def test_names_of_fields_are_one_suggestion(tmp_path: Path, policy: Policy) -> None:
    assert rules(tmp_path, policy, "policy.json") == []
    (message,) = suggestions(tmp_path / "policy.json")
    assert "placeholder" in message


@pytest.mark.parametrize(
    "policy",
    [
        on("arn:aws:lambda:REGION:12345:function:f"),
        on("arn:aws:lambda:EU-WEST-1:111122223333:function:f"),
        on("arn:aws:lambda:regional:acme-account:function:f"),
        on("arn:AWS:lambda:eu-west-1:111122223333:function:f"),
        on("arn:aws:lambda:...:function:f"),
        *map(
            on,
            (
                *(
                    "arn:aws:lambda:eu-west-1:<ACCOUNT>>:f:f",
                    "arn:aws:sns:<<REGION>:111122223333:f",
                ),
                *("arn:aws:sns:eu-west-1:{{account}}}:f", "arn:aws:sns:eu-west-1:${ACCOUNT}}:f"),
                "arn:aws:sns:eu-west-1:${aws:PrincipalAccount}}:f",
            ),
        ),
        trusts(AWS="arn:aws:iam::<ACCOUNT>>:root"),
        trusts(Service="EC2.AMAZONAWS.COM"),
        trusts(Service="region"),
    ],
    ids=json.dumps,
)
def test_other_mistakes_stay_mistakes_in_a_deployed_file(tmp_path: Path, policy: Policy) -> None:
    assert rules(tmp_path, policy, "policy.json")


NEAR_MISSES = [
    (on("arn:aws:lambda:us-est-1:<ACCOUNT>:function:f"), "invalid-arn"),
    (on("arn:aws:lambda:<REGION>:12345678901:function:f"), "invalid-arn"),
    (on("arn:aws:lambda:<REGION>:1234-5678-9012:function:f"), "invalid-arn"),
    (on("arn:aws:lamda:<REGION>:<ACCOUNT>:function:f"), "invalid-arn"),
    (on("arn:aws:s3:::<bucket>", "s3:GetObject"), "mismatched-resource"),
    (on("arn:aws:s3:::YOUR-BUCKET", "s3:GetObject"), "mismatched-resource"),
    (on("arn:aws:lambda:<REGION>:<ACCOUNT>:function:f", "lambda:Invoke"), "unknown-action"),
    (allow(Action="s3:{Get,Put}Object", Resource="arn:aws:s3:::b/*"), "unknown-action"),
    (trusts(AWS="arn:aws:iam::<ACCOUNT>:roel/r", Service="lambda"), "invalid-service-principal"),
    (where("StringEqual", "aws:SourceVpc", "<VPC>"), "unknown-condition-operator"),
    (where("Bool", "aws:SecureTransport", "yes"), "condition-type-mismatch"),
    (where("IpAddress", "aws:SourceIp", "10.0.0/8"), "condition-type-mismatch"),
    (where("StringEquals", "aws:ResourceTagg/<key>", "x"), "unsupported-condition-key"),
    (where("StringEquals", "aws:SourceVpce", "vpce-123"), "invalid-condition-value"),
    (where("StringEquals", "aws:SourceVpce", "vpce-1243567890abcdef"), "invalid-condition-value"),
    (
        federates("arn:aws:iam::111122223333:oidc-provider/idp.example.com", "idp:sub"),
        "unsupported-condition-key",
    ),
    (
        federates("arn:aws:iam::111122223333:oidc-provider/idp.example.com", "oidc:sub"),
        "unrestricted-oidc-provider",
    ),
    (trusts(AWS="arn:aws:iam::1**:root"), "wildcard-in-principal"),
    (where("StringEquals", "aws:RequestedRegion", "ireland"), "unknown-region"),
    (where("IpAddress", "aws:SourceIp", "203.0.113.256/32"), "condition-type-mismatch"),
    (on("arn:aws:logs:eu-west-1:log-group:name"), "invalid-arn"),
    (on("arn:aws:lambda:us_east_1:111122223333:function:f"), "invalid-arn"),
    (on("arn:aws:lambda:ireland:111122223333:function:f"), "invalid-arn"),
    (on("reports-bucket", "s3:ListBucket"), "invalid-arn"),
    (allow(Action="s3:GetObjects", Resource="*"), "unknown-action"),
    (allow(Action="kms:your-userrateDataKey", Resource="*"), "unknown-action"),
    (allow(Action="apigateway:FETCH", Resource="*"), "unknown-action"),
    (allow(Effect="allow", Action="s3:GetObject", Resource="*"), "invalid-effect"),
    (allow(Sid="s3-access", Action="s3:GetObject", Resource="*"), "invalid-sid"),
]


@pytest.mark.parametrize(("policy", "rule"), NEAR_MISSES, ids=str)
def test_the_rest_of_a_value_is_checked(tmp_path: Path, policy: Policy, rule: str) -> None:
    assert rule in rules(tmp_path, policy, "README.md")


def test_a_fix_and_a_message_have_the_placeholder_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(on("arn:aws:Lambda:<REGION>:<ACCOUNT>:function:f")))
    (finding,) = lint(path, select=["invalid-arn"])
    assert "${." not in finding.title
    (edit,) = finding.fixes[0].edits
    assert edit.text == '"arn:aws:lambda:<REGION>:<ACCOUNT>:function:f"'


def test_a_policy_without_placeholders_is_read_as_it_is() -> None:
    resources = ["arn:aws:lambda:eu-west-1:111122223333:function:f:$LATEST", "arn:aws:s3:::a_b@c"]
    text = json.dumps(allow(Action="*", Resource=resources))
    (policy,) = read_source(Source("README.md", f"```json\n{text}\n```\n")).json_policies
    assert list(policy.statements[0].resource_names) == resources


FUNCTIONS: list[Json] = [
    {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*"},
    {"Fn::Join": [":", ["arn:aws:iam:", {"Ref": "AWS::AccountId"}, "role/*"]]},
]
ROLES = "arn:${partition}:iam::${account_id}:role/*"
TEMPLATES = [
    ("policy.json", json.dumps(on(ROLES, "iam:PassRole"))),
    ("policy.json", json.dumps(on("arn:aws:iam::{{ account }}:role/*", "iam:PassRole"))),
    ("policy.yaml", f"Statement:\n- Effect: Allow\n  Action: iam:PassRole\n  Resource: {ROLES}\n"),
    ("policy.json", json.dumps(on("arn:aws:iam::<ACCOUNT>:role/*", "iam:PassRole"))),
    *(
        (
            "template.json",
            json.dumps(
                {
                    "Resources": {
                        "Policy": {
                            "Type": "AWS::IAM::ManagedPolicy",
                            "Properties": {"PolicyDocument": on(resource, "iam:PassRole")},
                        }
                    }
                }
            ),
        )
        for resource in FUNCTIONS
    ),
]


@pytest.mark.parametrize(("name", "text"), TEMPLATES)
def test_an_unknown_account_is_not_an_unknown_resource(
    tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    (finding,) = lint(tmp_path / name, select=["pass-role-any-resource"])
    assert "${." not in finding.title


@pytest.mark.parametrize(
    "resource",
    [
        "arn:aws:iam::${account}:role/${name}",
        "arn:aws:iam::{{ account }}:role/{{ name }}",
        "${prefix}:role/*",
        "arn:aws:iam::{% if x %}1{% endif %}:role/*",
        "arn:aws:iam::$${account}:role/*",
    ],
)
def test_an_unknown_resource_has_no_finding(tmp_path: Path, resource: str) -> None:
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(on(resource, "iam:PassRole")))
    assert not lint(path, select=["pass-role-any-resource"])
