"""A policy in a script is one of what the command of the AWS CLI attaches it to."""

import json
import re
from collections.abc import Iterator

import pytest
from botocore import xform_name  # type: ignore[import-untyped]
from botocore.loaders import Loader  # type: ignore[import-untyped]
from botocore.model import ServiceModel  # type: ignore[import-untyped]

from multitool_lint.formats import read_source
from multitool_lint.formats.command_policies import policy_options
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.reasons import Reason, Why
from multitool_lint.syntax.source import Source

ALL = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
)
SCP = "organizations create-policy --name n --type SERVICE_CONTROL_POLICY --content"
BUCKET = "s3api put-bucket-policy --bucket b --policy"
SESSION = "sts assume-role --role-arn r --role-session-name s --policy"
VALIDATE = "aws accessanalyzer validate-policy --policy-document"
USES = [
    (f"aws {SCP} '{ALL}'", "scp", None),
    (f"aws {SCP}='{ALL}'", "scp", None),
    (f"aws {SCP.replace('SERVICE', 'RESOURCE')} '{ALL}'", "rcp", None),
    (f"aws {SESSION} '{ALL}'", "session", None),
    (f"aws --profile p {SESSION} \\\n  '{ALL}'", "session", None),
    (f'aws {SESSION} "$(cat <<EOF\n{ALL}\nEOF\n)"', "session", None),
    (f"cat > /tmp/p.json <<EOF\n{ALL}\nEOF\naws {SESSION} file://p.json", "session", None),
    (f"aws {SESSION} file:///tmp/p.json\necho '{ALL}' > $TMP/p.json", "session", None),
    (f"P='{ALL}'\naws {SESSION} \"$P\"", "session", None),
    (f"P=$(cat <<EOF\n{ALL}\nEOF\n)\naws {SESSION} ${{P}}", "session", None),
    (f"cat <<EOF > p.json\n{ALL}\nEOF\naws {SESSION} $(cat p.json)", "session", None),
    (f"aws {BUCKET} '{ALL}'", "resource", "AWS::S3::Bucket"),
    (
        f"aws sqs create-queue --attributes '{json.dumps({'Policy': ALL})}'",
        "resource",
        "AWS::SQS::Queue",
    ),
    (f"aws iam put-role-policy --policy-document '{ALL}'", "identity", "AWS::IAM::RolePolicy"),
    (f"aws iam create-policy --policy-document '{ALL}'", "identity", "AWS::IAM::ManagedPolicy"),
    (
        f"aws iam create-policy --policy-name team-boundary --policy-document '{ALL}'",
        "boundary",
        "AWS::IAM::ManagedPolicy",
    ),
    (f"{VALIDATE} '{ALL}'", "identity", None),
    (f"{VALIDATE} '{ALL}' --policy-type SERVICE_CONTROL_POLICY", "scp", None),
    # What is given to several commands, or to none that is known, has the type of its shape.
    (f"P='{ALL}'\naws {SESSION} $P\naws {SCP} $P", "identity", None),
    (f"cat > other.json <<EOF\n{ALL}\nEOF\naws {SESSION} file://p.json", "identity", None),
    (f"echo '{ALL}' > a.p.json\naws {SESSION} file://p.json", "identity", None),
    (f"aws x create-policy --content '{ALL}'", "identity", None),
]  # fmt: skip


@pytest.mark.parametrize(("script", "type_", "resource"), USES)
def test_the_command_decides_the_type(script: str, type_: str, resource: str | None) -> None:
    (found,) = read_source(Source("run.sh", f"#!/bin/sh\n{script}\n")).policies
    assert (found.policy.type, found.policy.resource_type) == (PolicyType(type_), resource)


def test_the_command_may_be_in_another_block_of_a_page() -> None:
    text = (
        f"```sh\ncat > a.json <<EOF\n{ALL}\nEOF\n```\nThen:\n```sh\naws {SCP} file://a.json\n```\n"
    )
    (found,) = read_source(Source("page.md", text)).policies
    assert found.policy.type is PolicyType.SCP
    assert not [f for f in lint_source(Source("page.md", text)).findings if "admin" in f.rule]


def test_a_configured_type_of_managed_policies_counts() -> None:
    source = Source("run.sh", f"aws iam create-policy --policy-document '{ALL}'\n")
    (found,) = read_source(source, type=PolicyType.BOUNDARY).policies
    assert found.policy.type is PolicyType.BOUNDARY
    (found,) = read_source(source, type=PolicyType.SCP).policies
    assert found.policy.type is PolicyType.IDENTITY


def test_a_policy_of_another_language_is_not_linted() -> None:
    text = f"aws iot create-policy --policy-name p --policy-document '{ALL}'\n"
    found = read_source(Source("run.sh", text))
    assert not found.policies
    assert [(skipped.why, skipped.unread) for skipped in found.skipped] == [
        (Why(Reason.OTHER_LANGUAGE), False)
    ]


OF_OTHERS = re.compile(
    r"opensearchserverless .*|networkmanager .*core-network.*"
    r"|ec2 .*(?:verified-access|client-vpn|-fca-).*"
    r"|logs put-index-policy .*|ecr .* lifecycle-policy|ec2 modify-vpc-endpoint reset-policy"
    r"|cleanrooms create-.* manage-resource-policies|organizations update-policy content"
)
"""Options of other languages, of truth values, and one that does not say the type."""
_SAYS = re.compile(
    r"resource(?:-based)? policy|session policy|\bIAM\b[^.]*\bpolicy|policy document"
)
_IS_POLICY = re.compile(r"(?:policy|policies|text|document|content|json)$")


def options_of_models() -> Iterator[tuple[str, str, str]]:
    """The options with texts of all commands, each with what the model says of it."""
    loader = Loader()
    for service in loader.list_available_services("service-2"):
        model = ServiceModel(loader.load_service_model(service, "service-2"), service)
        name = "s3api" if service == "s3" else service
        for operation in model.operation_names:
            shape = model.operation_model(operation).input_shape
            for member, inner in shape.members.items() if shape else ():
                command = f"{name} {xform_name(operation, '-')}"
                yield command, xform_name(member, "-"), inner.documentation


@pytest.mark.exhaustive
def test_the_options_are_those_of_the_service_models() -> None:
    models = {(command, option): text for command, option, text in options_of_models()}
    commands = {command for command, _ in models}
    known = {(command, option) for command, row in policy_options().items() for option in row}
    # An older botocore lacks commands, but not options of those that it has.
    assert not {pair for pair in known - models.keys() if pair[0] in commands}
    assert len(known & models.keys()) > 120
    missing = {
        f"{command} {option}"
        for (command, option), text in models.items()
        if (command, option) not in known and _IS_POLICY.search(option) and _SAYS.search(text)
    }
    assert not {option for option in missing if not OF_OTHERS.fullmatch(option)}


PUBLIC = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::b/*",
        },
    }
)
SITE = "aws s3 website s3://b"
PUT = "aws s3api put-bucket-policy --bucket"
LET = "aws s3api put-public-access-block --public-access-block-configuration BlockPublicPolicy="


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (f"{PUT} b --policy '{PUBLIC}'\naws s3 website s3://b/ --index-document i", "suggestion"),
        (f"{PUT} $B --policy '{PUBLIC}'\naws s3 website \"s3://${{B}}\"", "suggestion"),
        (f"{PUT} b --policy '{PUBLIC}'\naws s3 website --index-document i s3://b", "suggestion"),
        (f"aws s3api put-bucket-website --bucket b\n{PUT} b --policy '{PUBLIC}'", "suggestion"),
        (f"P='{PUBLIC}'\naws s3 website s3://b\n{PUT} b --policy \"$P\"", "suggestion"),
        (
            f"aws s3api delete-public-access-block --bucket b\n{PUT} b --policy '{PUBLIC}'",
            "suggestion",
        ),
        (
            f"{PUT} b --policy '{PUBLIC}'\n{LET}false,RestrictPublicBuckets=false --bucket b",
            "suggestion",
        ),
        (
            f"{PUT} b --policy '{PUBLIC}'\n{LET}true,RestrictPublicBuckets=false --bucket b",
            "security",
        ),
        (f"{PUT} b --policy '{PUBLIC}'\naws s3 website s3://other", "security"),
        (f"{PUT} b --policy '{PUBLIC}'\n# aws s3 website s3://b", "security"),
        (
            f"P='{PUBLIC}'\naws s3 website s3://b\n{PUT} b --policy $P\n{PUT} c --policy $P",
            "security",
        ),
        (f"{PUT} b --policy '{PUBLIC}'", "security"),
        (
            f"P='{PUBLIC}'\necho \"$P\" > p.json\n{PUT} b --policy file://p.json\n{SITE}",
            "suggestion",
        ),
        (
            f"P='{PUBLIC}'\necho $P > p\n{PUT} b --policy $P\n{PUT} c --policy file://p\n{SITE}",
            "security",
        ),
    ],
)
def test_bucket_that_another_command_makes_public(script: str, expected: str) -> None:
    found = lint_source(Source("deploy.sh", script)).findings
    severities = {one.severity.value for one in found if one.rule == "public-access"}
    assert severities == {expected}


@pytest.mark.parametrize(("site", "expected"), [("$B", "suggestion"), ("other", "security")])
def test_bucket_that_another_command_of_powershell_makes_public(site: str, expected: str) -> None:
    script = (
        f'$Policy = @"\n{PUBLIC}\n"@\naws s3 website s3://{site}/ --index-document i\n'
        f'$Policy | Out-File -FilePath "p.json"\n{PUT} $B --policy file://p.json\n'
    )
    found = lint_source(Source("deploy.ps1", script)).findings
    severities = {one.severity.value for one in found if one.rule == "public-access"}
    assert severities == {expected}


TRUST = '"Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"'
RIGHTS = '"Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"'
CREATE_ROLE = "aws iam create-role --role-name r --assume-role-policy-document"
PUT_ROLE_POLICY = "aws iam put-role-policy --role-name r --policy-name p --policy-document"


@pytest.mark.parametrize("before", ["$DIR/", "${DIR}/", "$NAME-", "${NAME}-", "$DIR/${NAME}-"])
def test_files_whose_names_have_the_same_variable_are_several(before: str) -> None:
    script = "".join(
        f'cat > "{before}{name}.json" <<EOF\n{{"Version": "2012-10-17",'
        f' "Statement": [{{"Effect": "Allow", {rest}}}]}}\nEOF\n'
        for name, rest in (("trust", TRUST), ("rights", RIGHTS))
    )
    script += f"{CREATE_ROLE} file://{before}trust.json\n"
    script += f"{PUT_ROLE_POLICY} file://{before}rights.json\n"
    assert not lint_source(Source("deploy.sh", script)).findings
