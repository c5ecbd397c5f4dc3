"""Roles that are passed and taken over, and the paths that need several actions."""

import json
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.dangerous_policies import (
    CATALOG,
    NOT_ADMIN,
    Statement,
    allow,
    codes,
    deny,
    findings,
    ids,
)

from multitool_lint.aws import escalation_paths as escalation
from multitool_lint.aws.escalation_paths import PASS_ROLE

PATHS = escalation.paths(CATALOG)


@pytest.mark.parametrize(
    ("statement", "form"),
    [
        (allow("iam:{}"), "STAR_IN_RESOURCE"),
        (allow("IAM:{}", ["*"]), "STAR_IN_RESOURCE"),
        (allow(["iam:*", "iam:{}"]), "STAR_IN_RESOURCE"),
        (allow("iam:{}", "arn:aws:iam::*:*"), "STAR_IN_RESOURCE"),
        (allow("iam:{}", "arn:aws:iam::111122223333:role/*"), "STAR_IN_RESOURCE"),
        (allow("iam:{}", "arn:*:iam::*:role/*"), "STAR_IN_RESOURCE"),
        (allow("iam:*"), "STAR_IN_ACTION_AND_RESOURCE"),
        (allow("i?m:*", "arn:aws:iam::*:*"), "STAR_IN_ACTION_AND_RESOURCE"),
        (
            allow("*", Condition={"Bool": {"aws:SecureTransport": "true"}}),
            "STAR_IN_ACTION_AND_RESOURCE",
        ),
        (NOT_ADMIN, "STAR_IN_RESOURCE_AND_NOT_ACTION"),
        (
            {"Effect": "Allow", "Action": "iam:{}", "NotResource": "arn:aws:iam::*:role/admin"},
            "NOT_RESOURCE",
        ),
        (
            {"Effect": "Allow", "Action": "iam:*", "NotResource": "arn:aws:iam::*:role/admin"},
            "STAR_IN_ACTION_AND_NOT_RESOURCE",
        ),
        (
            {"Effect": "Allow", "NotAction": "s3:*", "NotResource": "arn:aws:iam::*:role/admin"},
            "NOT_ACTION_AND_NOT_RESOURCE",
        ),
    ],
)
def test_forms_of_access_analyzer(statement: Statement, form: str) -> None:
    for code, action in (("PASS_ROLE", "PassRole"), ("CREATE_SLR", "CreateServiceLinkedRole")):
        written = json.loads(json.dumps(statement).replace("{}", action))
        of_action = {issue_code for issue_code in codes(written) if issue_code.startswith(code)}
        assert of_action == {f"{code}_WITH_{form}"}


@pytest.mark.parametrize(
    "statements",
    [
        [allow("iam:PassRole", "arn:aws:iam::*:role/service-role/*")],
        [allow("iam:PassRole", "arn:aws:iam::*:role/app-*")],
        [allow("iam:PassRole", "arn:aws:iam::*:role/${aws:PrincipalTag/team}")],
        [allow("iam:PassRole", Condition={"StringLike": {"IAM:passedToService": "ec2.*"}})],
        [allow("iam:PassRole", Condition={"StringLike": {"iam:PassedToService": "a.*.b.com"}})],
        [allow("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "${var.s}"}})],
        [allow("iam:PassRole", Condition="${var.condition}")],
        [allow("iam:PassRole", "${var.role}")],
        [allow("iam:Get*")],
        [deny("iam:PassRole"), allow("iam:PassRole")],
        [deny("i*:*"), allow("iam:PassRole")],
        [deny("${var.actions}"), allow("iam:PassRole")],
        [deny("iam:*", "${var.resources}"), allow("iam:PassRole")],
        [{"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}, allow("iam:PassRole")],
        [{"Effect": "Allow", "NotAction": ["s3:*", "${var.more}"], "Resource": "*"}],
        [allow("iam:CreateServiceLinkedRole", "arn:aws:iam::*:role/aws-service-role/ecs.*/*")],
        [
            allow(
                "iam:CreateServiceLinkedRole",
                Condition={"StringLike": {"iam:AWSServiceName": "*.ecs.amazonaws.com"}},
            )
        ],
    ],
)
def test_roles_that_are_not_left_open(statements: list[Statement]) -> None:
    assert not codes(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        [allow("iam:PassRole", Condition={"StringLike": {"iam:PassedToService": "*"}})],
        [allow("iam:PassRole", Condition={"Null": {"iam:PassedToService": "false"}})],
        [allow("iam:PassRole"), deny("iam:PassRole", "arn:aws:iam::*:role/admin")],
        [allow("iam:PassRole"), deny("iam:*", Condition={"Bool": {"aws:ViaAWSService": "true"}})],
        [allow("iam:PassRole", ["${var.role}", "*"])],
        [allow("iam:CreateServiceLinkedRole", "arn:aws:iam::*:role/aws-service-role/*")],
        [
            allow(
                "iam:CreateServiceLinkedRole",
                "arn:aws:iam::111122223333:role/aws-service-role/*.amazonaws.com/AWSServiceRole*",
            )
        ],
    ],
)
def test_roles_that_are_left_open(statements: list[Statement]) -> None:
    assert codes(*statements)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.id)
def test_a_path_needs_each_of_its_actions(path: escalation.Path) -> None:
    actions = list(path.actions)
    rule = "target-dependent-escalation" if path.kind == "target" else "privilege-escalation"
    reported = findings(allow([action.upper() for action in actions]))
    texts = [
        "\n".join([finding.title, *finding.notes]) for finding in reported if finding.rule == rule
    ]
    assert any(
        path.id in text and (path.url in text or escalation.COLLECTION in text) for text in texts
    )
    assert path.id in ids(*(allow(action) for action in actions))
    assert path.id in ids(*(allow(action.partition(":")[0] + ":*") for action in actions))
    for action in actions:
        assert path.id not in ids(allow([other for other in actions if other != action]))
        assert path.id not in ids(allow(actions), deny(action.lower()))
        assert path.id not in ids(allow(actions), deny(action[:-3] + "*"))
        tag = {"StringEquals": {"aws:ResourceTag/team": "payments"}}
        others = [other for other in actions if other != action]
        assert path.id not in ids(allow(others), allow(action, Condition=tag))
        caller = {"StringEquals": {"aws:PrincipalTag/team": "payments"}}
        assert path.id in ids(allow(others), allow(action, Condition=caller))


PASSING = [path for path in PATHS if path.kind == "pass"]


@pytest.mark.parametrize("path", PASSING, ids=lambda path: path.id)
def test_a_role_must_be_passed_to_the_service_of_the_path(path: escalation.Path) -> None:
    others = [action for action in path.actions if action != PASS_ROLE]

    def pass_role(operator: str, *services: str) -> set[str]:
        condition = {operator: {"iam:PassedToService": list(services)}}
        return ids(allow(others), allow(PASS_ROLE, Condition=condition))

    service = path.services[0]
    assert path.id in pass_role("StringEquals", "backup.amazonaws.com", service)
    assert path.id in pass_role("StringEqualsIfExists", f"{service}.cn")
    assert path.id in pass_role("StringLike", f"{service[:3]}*")
    assert path.id in pass_role("StringNotEquals", "backup.amazonaws.com")
    assert path.id not in pass_role("StringEquals", "backup.amazonaws.com")
    assert path.id not in pass_role("StringNotEquals", *path.services)
    assert path.id not in pass_role("StringEquals", "${var.service}")
    role = "arn:aws:iam::111122223333:role/app-*"
    assert path.id not in ids(allow(others), allow(PASS_ROLE, role))
    assert path.id in ids(allow(others), allow(PASS_ROLE, ["arn:aws:iam::111122223333:role/*"]))


def test_what_a_role_is_passed_to_may_have_any_name_but_must_be_a_resource() -> None:
    function = "arn:aws:lambda:eu-west-1:111122223333:function:app-*"
    actions = ["lambda:CreateFunction", "lambda:InvokeFunction"]
    assert "lambda-001" in ids(allow(PASS_ROLE), allow(actions, function))
    assert "lambda-001" not in ids(allow(PASS_ROLE), allow(actions, "arn:aws:iam::*:role/*"))


def test_the_documents_of_a_command_count_apart_from_the_instances() -> None:
    instances = allow("ssm:SendCommand", "arn:aws:ec2:*:*:instance/*")

    def document(name: str) -> Statement:
        return allow("ssm:SendCommand", f"arn:aws:ssm:*::document/{name}")

    assert not ids(instances)
    assert not ids(instances, document("AWSEC2-CreateVssSnapshot"))
    assert not ids(document("AWS-RunShellScript"))
    assert ids(instances, document("AWS-RunPowerShellScript")) == {"ssm-002"}
    assert ids(instances, document("*")) == {"ssm-002"}


def test_the_paths_that_one_statement_opens_are_one_finding() -> None:
    [reported] = findings(
        allow(["iam:AttachRolePolicy", "iam:*", "sts:AssumeRole"]),
        enabled=("privilege-escalation", "target-dependent-escalation"),
    )
    assert reported.pointer == "/Statement/0/Action/0"
    assert reported.title == "11 actions allow the principal to extend its own permissions"
    named = {path for path in ids(allow("iam:*"), allow("sts:AssumeRole")) if path != "sts-001"}
    assert all(path in "\n".join(reported.notes) for path in named)


def test_the_paths_by_which_roles_are_passed_are_one_finding_where_they_are_passed() -> None:
    actions = ["ec2:RunInstances", "iam:CreateAccessKey", "lambda:*", "iam:PassRole"]
    keys, roles = findings(allow(actions), enabled=("privilege-escalation",))
    assert keys.pointer == "/Statement/0/Action/1"
    assert roles.pointer == "/Statement/0/Action/3"
    assert {place.pointer for place in roles.related if place.part} == {
        "/Statement/0/Action/0",
        "/Statement/0/Action/2",
    }


def test_a_path_is_reported_where_the_role_is_passed() -> None:
    (reported,) = findings(
        allow("lambda:CreateFunction"),
        allow(["s3:GetObject", "lambda:InvokeFunction"]),
        allow("iam:PassRole"),
        enabled=("privilege-escalation",),
    )
    assert reported.pointer == "/Statement/2/Action"
    assert [related.pointer for related in reported.related] == [
        "/Statement/0/Action",
        "/Statement/1/Action/1",
    ]


@given(
    st.lists(st.sampled_from(sorted({*chain(*(path.actions for path in PATHS))}))),
    st.booleans(),
)
def test_the_paths_are_those_whose_actions_are_all_granted(
    actions: list[str],
    apart: bool,  # noqa: FBT001  # drawn
) -> None:
    statements = [allow(action) for action in actions] if apart else [allow(actions)]
    expected = {path.id for path in PATHS if path.needed <= set(actions)}
    assert ids(*statements) == expected


def test_the_services_of_the_paths_and_their_resource_types() -> None:
    for prefix in CATALOG.prefixes:
        first = {path.actions[0] for path in PATHS if path.actions[0].startswith(f"{prefix}:")}
        assert set(escalation.first_actions(CATALOG, prefix)) == first
    for path in PATHS:
        assert bool(path.services) == (path.kind == "pass") == (PASS_ROLE in path.needed)
        for type_ in chain(*path.targets):
            assert any(
                type_.partition("/")[0] == resource_type.name
                for name in path.actions
                if (action := CATALOG.action(name)) is not None
                for resource_type in action.resource_types
            )


DEPENDENT = {
    prefix: [
        action.name
        for action in CATALOG.known(prefix).actions
        if PASS_ROLE in action.dependent_actions
        and not action.retired
        and ":Remove" not in action.name
    ]
    for prefix in CATALOG.prefixes
}
PASSED = ("privilege-escalation", "pass-role-to-service")


@pytest.mark.parametrize("prefix", [prefix for prefix, actions in DEPENDENT.items() if actions])
def test_each_action_that_depends_on_passing_a_role_is_reported_once(prefix: str) -> None:
    assert escalation.passing_services(CATALOG)[prefix]
    for action in DEPENDENT[prefix]:
        reported = findings(allow(PASS_ROLE), allow(action), enabled=PASSED)
        passing = [
            finding
            for finding in reported
            if finding.pointer == "/Statement/0/Action"
            and any(place.pointer == "/Statement/1/Action" for place in finding.related)
        ]
        assert len(passing) == 1, action
        assert action in passing[0].title
        path = next(way for way in escalation.passing(CATALOG, prefix) if way.actions[1] == action)
        for service in path.services:
            condition = {"StringEquals": {"iam:PassedToService": service}}
            limited = allow(PASS_ROLE, Condition=condition)
            [kept] = findings(limited, allow(action), enabled=("pass-role-to-service",)) or [None]
            assert kept is None or kept.title.endswith(f"allows passing any role to {service}")
        elsewhere = {"StringEquals": {"iam:PassedToService": "mediaconvert.amazonaws.com"}}
        assert not findings(
            allow(PASS_ROLE, Condition=elsewhere), allow(action), enabled=("pass-role-to-service",)
        )


def test_who_cannot_choose_the_role_is_not_reported() -> None:
    rule = ("pass-role-to-service",)
    role = "arn:aws:iam::111122223333:role/transfer-*"
    create = allow("transfer:CreateUser")
    assert findings(allow(PASS_ROLE), create, enabled=rule)
    assert not findings(allow(PASS_ROLE, role), create, enabled=rule)
    assert not findings(allow(PASS_ROLE, "${var.role}"), create, enabled=rule)
    assert not findings(allow(PASS_ROLE), create, deny("transfer:*"), enabled=rule)
    assert not findings(allow(PASS_ROLE), create, deny(PASS_ROLE), enabled=rule)
    tag = {"StringEquals": {"aws:ResourceTag/team": "payments"}}
    assert not findings(allow(PASS_ROLE), allow("transfer:CreateUser", Condition=tag), enabled=rule)
    assert not findings(allow("*"), enabled=rule)
    assert not findings(allow(PASS_ROLE), NOT_ADMIN, enabled=rule)
