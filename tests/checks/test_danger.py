"""Rules about dangerous grants, beyond the examples on their pages."""

import importlib.util
import json
import re
from collections.abc import Mapping
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multitool_lint.aws import escalation_paths as escalation
from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.aws.catalog.tables import BUNDLED, read_rows
from multitool_lint.aws.sensitive_actions import credentials, permissions
from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.rule import rules
from multitool_lint.formats import read_source
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.access import allowed, grants, sensitive_grants
from multitool_lint.policy.document import Policy
from multitool_lint.policy.escalation import PASS_ROLE, open_paths
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.policy.resources import (
    ResourceScope,
    covers_format,
    resource_scope,
    restricts_target,
)
from multitool_lint.syntax.source import Source

DANGER = (
    "allow-not-action",
    "allow-not-principal",
    "allow-not-resource",
    "create-service-linked-role-any-resource",
    "credentials-exposure",
    "for-all-values-single-valued-key",
    "full-admin-access",
    "pass-role-any-resource",
    "permissions-management-actions",
    "privilege-escalation",
    "target-dependent-escalation",
)
CATALOG = bundled()
Statement = dict[str, object]


def allow(action: str | list[str], resource: object = "*", **more: object) -> Statement:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: str | list[str], resource: object = "*", **more: object) -> Statement:
    return {**allow(action, resource, **more), "Effect": "Deny"}


def text(*statements: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)


def policy(*statements: Statement) -> Policy:
    return read_source(Source("policy.json", text(*statements))).policies[0]


def findings(
    *statements: Mapping[str, object], type: str = "identity", enabled: tuple[str, ...] = DANGER
) -> tuple[Finding, ...]:
    return lint_source(
        Source("policy.json", text(*statements)),
        type=PolicyType(type),
        enabled={id_: rules()[id_] for id_ in enabled},
    ).findings


def found(*statements: Mapping[str, object], type: str = "identity") -> set[str]:
    return {finding.rule for finding in findings(*statements, type=type)}


def codes(*statements: Statement) -> set[str]:
    return {code for finding in findings(*statements) for code in finding.issue_codes}


def ids(*statements: Statement) -> set[str]:
    return {each.path.id for each in open_paths(policy(*statements), CATALOG)}


NOT_ACTION = "STAR_IN_RESOURCE_AND_NOT_ACTION"
NOT_ADMIN = {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}


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
        of_action = {each for each in codes(written) if each.startswith(code)}
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


@pytest.mark.parametrize("path", escalation.paths(), ids=lambda path: path.id)
def test_a_path_needs_each_of_its_actions(path: escalation.Path) -> None:
    actions = list(path.actions)
    rule = "target-dependent-escalation" if path.kind == "target" else "privilege-escalation"
    reported = findings(allow([action.upper() for action in actions]))
    told = [
        "\n".join([finding.title, *finding.notes]) for finding in reported if finding.rule == rule
    ]
    assert any(
        path.id in text and (path.url in text or escalation.COLLECTION in text) for text in told
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


PASSING = [path for path in escalation.paths() if path.kind == "pass"]


@pytest.mark.parametrize("path", PASSING, ids=lambda path: path.id)
def test_a_role_must_be_passed_to_the_service_of_the_path(path: escalation.Path) -> None:
    others = [action for action in path.actions if action != PASS_ROLE]

    def pass_role(operator: str, *services: str) -> set[str]:
        condition = {operator: {"iam:PassedToService": list(services)}}
        return ids(allow(others), allow(PASS_ROLE, Condition=condition))

    service = path.services[0]
    assert path.id in pass_role("StringEquals", "states.amazonaws.com", service)
    assert path.id in pass_role("StringEqualsIfExists", f"{service}.cn")
    assert path.id in pass_role("StringLike", f"{service[:3]}*")
    assert path.id in pass_role("StringNotEquals", "states.amazonaws.com")
    assert path.id not in pass_role("StringEquals", "states.amazonaws.com")
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
    assert reported.title == "9 actions allow the principal to extend its own permissions"
    named = {path for path in ids(allow("iam:*"), allow("sts:AssumeRole")) if path != "sts-001"}
    assert all(path in reported.notes[-1] for path in named)


def test_the_paths_by_which_roles_are_passed_are_one_finding_where_they_are_passed() -> None:
    actions = ["ec2:RunInstances", "iam:CreateAccessKey", "lambda:*", "iam:PassRole"]
    keys, roles = findings(allow(actions), enabled=("privilege-escalation",))
    assert keys.pointer == "/Statement/0/Action/1"
    assert roles.pointer == "/Statement/0/Action/3"
    assert {place.pointer for place in roles.related if place.part} == {
        "/Statement/0/Action/0",
        "/Statement/0/Action/2",
    }


def test_a_path_stands_where_the_role_is_passed() -> None:
    (reported,) = findings(
        allow("lambda:CreateFunction"),
        allow(["s3:GetObject", "lambda:InvokeFunction"]),
        allow("iam:PassRole"),
        enabled=("privilege-escalation",),
    )
    assert reported.pointer == "/Statement/2/Action"
    assert [each.pointer for each in reported.related] == [
        "/Statement/0/Action",
        "/Statement/1/Action/1",
    ]


@given(
    st.lists(st.sampled_from(sorted({*chain(*(path.actions for path in escalation.paths()))}))),
    st.booleans(),
)
def test_the_paths_are_those_whose_actions_are_all_granted(
    actions: list[str],
    apart: bool,  # noqa: FBT001  # drawn
) -> None:
    statements = [allow(action) for action in actions] if apart else [allow(actions)]
    expected = {path.id for path in escalation.paths() if path.needed <= set(actions)}
    assert ids(*statements) == expected


def test_what_follows_from_full_access_is_not_reported_as_well() -> None:
    assert found(allow(["s3:*", "*"])) == {"full-admin-access"}
    everything = allow("*:*", "arn:aws:*:*:*:*")
    assert found(everything, allow(["sts:*", "ec2:*"])) == {"full-admin-access"}


def test_full_access_allows_what_access_analyzer_asks_about() -> None:
    for statement, form in (
        (allow("*"), "STAR_IN_ACTION_AND_RESOURCE"),
        ({"Effect": "Allow", "NotAction": "iamm:*", "Resource": "*"}, NOT_ACTION),
    ):
        (finding,) = findings(statement, enabled=("full-admin-access",))
        assert set(finding.issue_codes) == {f"PASS_ROLE_WITH_{form}", f"CREATE_SLR_WITH_{form}"}


def test_roles_are_reported_in_each_statement_next_to_full_access() -> None:
    beside = {"pass-role-any-resource", "create-service-linked-role-any-resource"}
    assert found(allow("*"), allow("iam:*")) == {"full-admin-access", *beside}
    assert codes(allow("iam:PassRole"), allow("*")) >= {"PASS_ROLE_WITH_STAR_IN_RESOURCE"}


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEqualsIfExists": {"iam:PassedToService": "ec2.amazonaws.com"}},
        {"ForAllValues:StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
        {"StringLike": {"iam:PassedToService": ["ec2.amazonaws.com", "*.amazonaws.eu"]}},
    ],
)
def test_a_condition_that_does_not_limit_the_service(condition: Statement) -> None:
    assert "PASS_ROLE_WITH_STAR_IN_RESOURCE" in codes(allow("iam:PassRole", Condition=condition))
    linked = json.loads(json.dumps(condition).replace("PassedToService", "AWSServiceName"))
    statement = allow("iam:CreateServiceLinkedRole", Condition=linked)
    assert "CREATE_SLR_WITH_STAR_IN_RESOURCE" in codes(statement)


@pytest.mark.parametrize(
    "statements",
    [
        [allow("*", "arn:aws:s3:::reports-archive/*")],
        [allow("*", "${var.resource}")],
        [allow("${var.action}")],
        [allow("?*:Get*")],
        [allow("*"), deny("*")],
        [allow("*"), {"Effect": "Deny", "NotAction": ["s3:*"], "Resource": "*"}],
        [{"Effect": "Allow", "NotAction": "s3:*", "Resource": "arn:aws:s3:::*"}],
        [{"Effect": "Allow", "NotAction": "*", "Resource": "*"}],
    ],
)
def test_what_is_not_full_access(statements: list[Statement]) -> None:
    assert not found(*statements) & {"full-admin-access", "allow-not-action"}


def test_other_rules_take_over_where_access_is_nearly_full() -> None:
    assert found({"Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "Resource": "*"}) == {
        "allow-not-action"
    }
    condition = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    assert found(allow("*", Condition=condition)) == {
        "create-service-linked-role-any-resource",
        "pass-role-any-resource",
        "privilege-escalation",
    }


@pytest.mark.parametrize("type_", ["scp", "rcp", "boundary", "session"])
def test_policies_that_are_a_bound_grant_nothing(type_: str) -> None:
    assert not found(allow("*"), allow(["iam:PassRole", "ec2:*"]), NOT_ADMIN, type=type_)


def test_sensitive_actions_on_named_resources_are_left_alone() -> None:
    bucket = "arn:aws:s3:::reports-archive"
    actions = ["s3:*", "secretsmanager:GetSecretValue", "rds-db:connect", "kms:*"]
    assert not found(
        allow(actions, [bucket, f"{bucket}/*", "arn:aws:secretsmanager:*:*:secret:app/*"])
    )
    assert found(allow(actions, ["arn:aws:secretsmanager:*:*:secret:*", bucket])) == {
        "credentials-exposure"
    }
    assert found(allow("s3:Put*", "arn:aws:s3:::*")) == {"permissions-management-actions"}


def test_one_finding_for_a_statement_with_a_short_list() -> None:
    reported = findings(
        allow(["s3:*", "sns:*", "sqs:*", "iam:Get*", "lambda:*"]),
        allow("s3:PutBucketPolicy"),
        enabled=("permissions-management-actions",),
    )
    assert [finding.pointer for finding in reported] == [
        "/Statement/0/Action/0",
        "/Statement/1/Action",
    ]
    assert re.match(r"\d+ permissions-management actions are allowed on all", reported[0].title)
    assert re.match(r"s3 \(\d\d\): (\w+, ){9}\w+ and \d+ more$", reported[0].notes[0])
    assert len(reported[0].related) == 3


@pytest.mark.parametrize(
    ("key", "fires"),
    [
        ("aws:PrincipalOrgID", True),
        ("AWS:principaltag/team", True),
        ("s3:x-amz-acl", True),
        ("token.actions.githubusercontent.com:sub", True),
        ("oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF:aud", True),
        ("aws:TagKeys", False),
        ("aws:PrincipalOrgPaths", False),
        ("dynamodb:LeadingKeys", False),
        ("cognito-identity.amazonaws.com:amr", False),
        ("aws:NoSuchKey", False),
        ("nosuchservice:Key", False),
    ],
)
def test_single_valued_keys(key: str, fires: bool) -> None:  # noqa: FBT001  # expected
    condition = {"ForAllValues:StringEquals": {key: "a"}}
    rule = "for-all-values-single-valued-key"
    assert (rule in found(allow("s3:GetObject", Condition=condition))) is fires
    assert not found(deny("s3:GetObject", Condition=condition))
    required = {**condition, "Null": {key: False}}
    assert not found(allow("s3:GetObject", Condition=required))
    any_value = {"ForAnyValue:StringEquals": {key: "a"}}
    assert not found(allow("s3:GetObject", Condition=any_value))


def test_no_fix_that_would_write_a_key_twice() -> None:
    both = {
        "ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
        "StringEquals": {"aws:PrincipalType": "User"},
    }
    (reported,) = findings(allow("s3:GetObject", "arn:aws:s3:::a/*", Condition=both))
    assert not reported.fixes


def test_what_a_policy_grants() -> None:
    granted = policy(
        allow(["s3:GetObject", "sqs:*"]),
        {"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "arn:aws:s3:::a"},
        deny("sqs:*"),
        deny("s3:*", "arn:aws:s3:::a"),
    )
    actions = allowed(granted, CATALOG)
    assert CATALOG.match("s3:*") <= actions
    assert not CATALOG.match("sqs:*") & actions
    assert not CATALOG.match("iam:*") & actions
    assert len(list(grants(granted, CATALOG))) == 2
    assert len(sensitive_grants(policy(allow("s3:GetObject")), CATALOG)) == 0


@pytest.mark.parametrize(
    ("resource", "action", "expected"),
    [
        ("*", "s3:GetObject", ResourceScope.ALL),
        ("arn:aws:s3:::*", "s3:GetObject", ResourceScope.ALL),
        ("arn:aws:s3:::a/*", "s3:GetObject", ResourceScope.SOME),
        ("arn:aws:s3:::a", "s3:GetObject", ResourceScope.NONE),
        ("arn:aws:iam::aws:policy/*", "iam:CreatePolicyVersion", ResourceScope.SOME),
        ("arn:aws:iam::*:policy/*", "iam:CreatePolicyVersion", ResourceScope.ALL),
        ("arn:aws:ecr:*:*:repository/*", "ecr:GetAuthorizationToken", ResourceScope.NONE),
        ("arn:aws:s3:::*", "s3:NoSuchAction", ResourceScope.NONE),
    ],
)
def test_reach(resource: str, action: str, expected: ResourceScope) -> None:
    statement = policy(allow(action, resource)).statements[0]
    assert resource_scope(statement, action, CATALOG) is expected


def test_a_resource_covers_a_format_whatever_the_account_and_region() -> None:
    function = "arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}"
    assert covers_format("arn:aws:lambda:eu-west-1:111122223333:function:*", function)
    assert covers_format("arn:*:lambda:*:*:*", function)
    assert covers_format("arn:aws:lambda:*", function)  # a star that ends a field goes on
    assert not covers_format("arn:aws:lambda", function)
    assert not covers_format("arn:aws:lambda:*:*:function:app-*", function)
    assert not covers_format("arn:aws:lambda:*:*:layer:*", function)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"aws:ResourceTag/team": "payments"}}, True),
        ({"StringLike": {"aws:ResourceTag/team": "*"}}, True),
        ({"Null": {"ssm:resourceTag/team": "false"}}, True),
        ({"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}, True),
        ({"ForAnyValue:StringEquals": {"aws:CalledVia": "cloudformation.amazonaws.com"}}, True),
        ({"StringEquals": "${var.condition}"}, True),
        ({"Null": {"ssm:resourceTag/team": "true"}}, False),
        ({"ArnNotEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}}, False),
        ({"StringLike": {"iam:PolicyARN": "*"}}, False),
        ({"StringEquals": {"aws:RequestTag/team": "payments"}}, False),
        ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, False),
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, False),
        ({}, False),
    ],
)
def test_conditions_that_tie_an_action_to_targets(condition: object, expected: bool) -> None:  # noqa: FBT001  # expected
    assert restricts_target(policy(allow("ec2:*", Condition=condition)).statements[0]) is expected


def parliaments(auditor: str) -> set[str]:
    spec = importlib.util.find_spec("parliament")
    assert spec is not None
    assert spec.origin is not None
    source = Path(spec.origin).parent / "community_auditors" / f"{auditor}.py"
    return set(re.findall(r'"([a-z0-9-]+:[a-z0-9]+)"', source.read_text(encoding="utf-8")))


def test_all_credential_actions_of_parliament_that_exist_are_known() -> None:
    known = {row[-1].lower() for row in read_rows(BUNDLED, "credential-actions.tsv")}
    gone = {name for name in parliaments("credentials_exposure") if not CATALOG.action(name)}
    of_the_caller = {"ecr:getauthorizationtoken", "sts:getsessiontoken"}
    switches_on_and_off = {"iam:updateaccesskey"}
    unlisted = parliaments("credentials_exposure") - known
    assert unlisted == gone | of_the_caller | switches_on_and_off
    assert gone == {
        "connect:getfederationtokens",
        "iot:assumerolewithcertificate",
        "sso:getrolecredentials",
    }


def test_most_permission_actions_of_parliament_are_known() -> None:
    missing = {
        name
        for name in parliaments("permissions_management")
        if (action := CATALOG.action(name)) is not None
        and not permissions(CATALOG, action.prefix) & CATALOG.match(name).bits(action.prefix)
        and not credentials(CATALOG, action.prefix) & CATALOG.match(name).bits(action.prefix)
    }
    assert {"iam:passrole", "iam:createservicelinkedrole", "waf:getchangetoken"} <= missing
    assert len(missing) < 60


def test_the_tables_name_actions_as_the_catalog_does() -> None:
    named = {row[-1] for table in TABLES for row in read_rows(BUNDLED, table)}
    named |= {action for path in escalation.paths() for action in path.actions}
    for name in sorted(named):
        action = CATALOG.action(name)
        assert action is not None, name
        assert action.name == name
        assert action.retired is None, name


TABLES = ("credential-actions.tsv", "data-actions.tsv", "permission-actions.tsv")


def test_the_corrections_of_access_levels_are_still_corrections() -> None:
    for sign, name in read_rows(BUNDLED, "permission-actions.tsv"):
        action = CATALOG.action(name)
        assert action is not None
        assert ("Permissions management" in action.access_levels) == (sign == "-"), name


def test_the_services_of_the_paths_and_their_resource_types() -> None:
    actions = {action for path in escalation.paths() for action in path.actions}
    assert {action.partition(":")[0] for action in actions} == escalation.SERVICES
    for path in escalation.paths():
        assert bool(path.services) == (path.kind == "pass") == (PASS_ROLE in path.needed)
        for type_ in chain(*path.targets):
            assert any(
                type_.partition("/")[0] == each.name
                for name in path.actions
                if (action := CATALOG.action(name)) is not None
                for each in action.resource_types
            )
