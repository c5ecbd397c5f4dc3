"""What policies grant beyond others: a Deny without Resource, and ARNs with fields left out."""

from collections.abc import Mapping
from typing import Any

import pytest
from support.changed_policies import CATALOG, QUEUE, gains, policy, statement

from multitool_lint.policy.changes import changes
from multitool_lint.policy.policy_type import PolicyType

LAMBDA = {"Service": "lambda.amazonaws.com"}
ACCOUNT = {"AWS": "arn:aws:iam::111122223333:root"}


@pytest.mark.parametrize(
    ("allow", "deny"),
    [
        (
            statement("Allow", "sts:AssumeRole", Principal=ACCOUNT),
            statement("Deny", "sts:AssumeRole", Principal=ACCOUNT),
        ),
        (
            statement("Allow", "ecr:*", Principal=ACCOUNT),
            statement("Deny", "ecr:BatchDeleteImage", Principal={"AWS": "*"}),
        ),
        (
            statement("Allow", "ecr:*", Principal=ACCOUNT, Resource=QUEUE),
            statement("Deny", "ecr:*", Principal=ACCOUNT),
        ),
        (
            statement("Allow", "ecr:*", Principal=ACCOUNT),
            statement("Deny", "ecr:*", Principal=ACCOUNT, NotResource=QUEUE),
        ),
    ],
)
def test_a_deny_without_resource_that_is_removed(
    allow: dict[str, Any], deny: dict[str, Any]
) -> None:
    assert gains(policy(allow, deny), policy(allow))
    assert not gains(policy(allow), policy(allow, deny))


@pytest.mark.parametrize(
    ("allow", "deny"),
    [
        (QUEUE, "arn:aws:sqs"),
        ("arn:aws:sqs", QUEUE),
        ("arn:aws:sqs:eu-west-1", "arn:aws:sqs:*:111122223333"),
        ("arn:aws:execute-api:eu-west-1:111122223333:abc/prod/GET/a", "execute-api:/prod/*"),
        ("execute-api:/*", "arn:aws:execute-api:eu-west-1:111122223333:abc/prod/*"),
    ],
)
def test_a_deny_of_an_arn_with_fields_left_out_that_is_removed(allow: str, deny: str) -> None:
    allowed = statement("Allow", "*", Resource=allow)
    denied = statement("Deny", "*", Resource=deny)
    assert gains(policy(allowed, denied), policy(allowed))
    excepted = statement("Allow", "*", NotResource=deny)
    assert gains(policy(excepted), policy(allowed))


def test_fields_left_out_are_wildcards_in_identity_policies_only() -> None:
    short = statement("Allow", "sqs:*", Resource="arn:aws:sqs")
    whole = statement("Allow", "sqs:*", Resource="arn:aws:sqs:*:*:*")
    assert not gains(policy(short), policy(whole))
    assert not gains(policy(whole), policy(short))
    one = statement("Allow", "sqs:*", Resource=QUEUE)
    assert not gains(policy(short), policy(one))
    resource = PolicyType.RESOURCE
    found = changes([policy(short, type=resource)], [policy(one, type=resource)], CATALOG)
    assert [gained.certain for gained in found.gained] == [False]


@pytest.mark.parametrize(("action", "resource"), [("organizations:*", "*"), ("sqs:*", QUEUE)])
@pytest.mark.parametrize("type_", list(PolicyType))
def test_a_deny_counts_for_what_other_policies_grant(
    type_: PolicyType, action: str, resource: str
) -> None:
    allow = statement("Allow", "sqs:*", Resource="arn:aws:sqs:eu-west-1:444455556666:*")
    deny = statement("Deny", action, Resource=resource)
    old, new = policy(allow, deny, type=type_), policy(allow, type=type_)
    [gained] = changes([old], [new], CATALOG).gained
    assert gained.lifted
    assert not gained.certain
    assert list(gained.actions.prefixes) == [action.partition(":")[0]]
    assert not gains(new, old)


@pytest.mark.parametrize(
    ("deny", "is_gain"),
    [
        (statement("Deny", "sqs:SendMessage", Resource=QUEUE), False),
        (statement("Deny", "sqs:SendMessage", NotResource=QUEUE), False),
        (statement("Deny", "*", Resource=QUEUE), True),  # what others allow, too
    ],
)
def test_an_exception_that_goes_with_its_allow_is_not_new_access(
    deny: dict[str, Any],
    is_gain: bool,  # noqa: FBT001 - what is expected
) -> None:
    allow = statement("Allow", "sqs:*", Resource="*")
    less = statement("Allow", "sqs:Get*", Resource="*")
    assert gains(policy(allow, deny), policy(less)) == is_gain
    assert gains(policy(allow, deny), policy(allow))


TEAM, ADDRESS = "aws:PrincipalTag/team", "aws:SourceIp"
MFA, TIME = "aws:MultiFactorAuthPresent", "aws:TokenIssueTime"


def when(**conditions: Mapping[str, object]) -> dict[str, Any]:
    return statement("Allow", "sqs:*", Resource="*", Condition=conditions)


def unless(**conditions: Mapping[str, object]) -> dict[str, Any]:
    return {**when(**conditions), "Effect": "Deny"}


ALL = statement("Allow", "sqs:*", Resource="*")
COVERED: list[tuple[str, list[dict[str, Any]], list[dict[str, Any]]]] = [
    ("two statements with a value each", [when(StringEquals={TEAM: ["a", "b"]})],
     [when(StringEquals={TEAM: "a"}), when(StringEquals={TEAM: "b"})]),
    ("two ranges", [when(IpAddress={ADDRESS: "10.0.0.0/8"})],
     [when(IpAddress={ADDRESS: "10.0.0.0/9"}), when(IpAddress={ADDRESS: "10.128.0.0/9"})]),
    ("presence and a value", [when(StringEquals={TEAM: "a"})], [when(Null={TEAM: "false"})]),
    ("a Deny as complement", [when(StringEquals={TEAM: "a"})],
     [ALL, unless(StringNotEquals={TEAM: "a"})]),
    ("an Allow as complement", [ALL, unless(StringNotEquals={TEAM: "a"})],
     [when(StringEquals={TEAM: "a"})]),
    ("a Deny of absence", [when(Bool={MFA: "true"})], [ALL, unless(BoolIfExists={MFA: "false"}),
                                                       unless(Null={MFA: "true"})]),
    ("IfExists and its cases", [when(StringEqualsIfExists={TEAM: "a"})],
     [when(StringEquals={TEAM: "a"}), when(Null={TEAM: "true"})]),
    ("less within at most", [when(NumericLessThan={"s3:max-keys": "10"})],
     [when(NumericLessThanEquals={"s3:max-keys": "10"})]),
    ("an earlier date", [when(DateLessThan={TIME: "2030-01-01T00:00:00Z"})],
     [when(DateLessThan={TIME: "2030-01-01T01:00:00+01:00"})]),
    ("one case within any", [when(StringEquals={TEAM: "A"})],
     [when(StringEqualsIgnoreCase={TEAM: "a"})]),
    ("a qualifier on a key with one value", [when(**{"ForAnyValue:StringEquals": {TEAM: "a"}})],
     [when(StringEquals={TEAM: "a"})]),
    ("and on one of a service", [when(**{"ForAnyValue:StringEquals": {"ec2:ResourceTag/a": "b"}})],
     [when(StringEquals={"ec2:ResourceTag/a": "b"})]),
    ("NotResource as complement", [statement("Allow", "sqs:*", NotResource=QUEUE)],
     [ALL, statement("Deny", "sqs:*", Resource=QUEUE)]),
    ("fields that are apart",
     [statement("Allow", "sqs:*", Resource="arn:aws:sqs:*:*:a/*")],
     [ALL, statement("Deny", "sqs:*", Resource="arn:aws:sqs:*:*:b/*")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("new", "old"), [case[1:] for case in COVERED], ids=[c[0] for c in COVERED]
)
def test_statements_are_compared_together(
    new: list[dict[str, Any]], old: list[dict[str, Any]]
) -> None:
    assert not gains(policy(*old), policy(*new))


@pytest.mark.parametrize("key", ["secretsmanager:VersionStage", "acme:Key", "dynamodb:Attributes"])
def test_a_key_may_have_several_values(key: str) -> None:
    old, new = when(StringEquals={key: "a"}), when(**{"ForAnyValue:StringEquals": {key: "a"}})
    assert gains(policy(old), policy(new))


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ("*", {"Federated": "arn:aws:iam::111122223333:saml-provider/a"}),
        ({"AWS": "*"}, LAMBDA),
        (ACCOUNT, {"AWS": "arn:aws:iam::111122223333:user/a"}),
        ({"AWS": "111122223333"}, {"AWS": "arn:aws:sts::111122223333:assumed-role/a/b"}),
        (
            {"AWS": "arn:aws:iam::111122223333:role/path/a"},
            {"AWS": "arn:aws:sts::111122223333:assumed-role/a/b"},
        ),
    ],
)
def test_principals_are_within_others(wide: object, narrow: object) -> None:
    one, other = (statement("Allow", "sts:*", Principal=named) for named in (wide, narrow))
    assert not gains(policy(one), policy(other))
    [gained] = changes([policy(other)], [policy(one)], CATALOG).gained
    assert gained.example


def test_too_much_to_compare_is_a_gain_that_is_not_proved() -> None:
    letters = "abcdefghijklmnop"
    values = [f"*{letter}{other}*{letter}*" for letter in letters for other in letters]
    old = when(StringLike={TEAM: values})
    new = when(StringLike={TEAM: [*values, "q*q*q"]})
    [gained] = changes([policy(old)], [policy(new)], CATALOG).gained
    assert not gained.certain
    assert gained.doubt == "there is too much to compare"


def in_resource_policy(principal: str, **who: object) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": "sqs:*", principal: who, "Resource": "*"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (in_resource_policy("NotPrincipal", Service="a.amazonaws.com"), None),
        (
            in_resource_policy("NotPrincipal", Service="a.amazonaws.com"),
            in_resource_policy("NotPrincipal", Service="b.amazonaws.com"),
        ),
        (
            in_resource_policy("NotPrincipal", AWS="111122223333"),
            in_resource_policy("NotPrincipal", AWS=["111122223333", "444455556666"]),
        ),
    ],
)
def test_principals_that_a_deny_leaves_out(old: dict[str, Any], new: dict[str, Any] | None) -> None:
    everyone = statement("Allow", "sqs:*", Principal="*", Resource="*")
    denied, left = policy(everyone, old), policy(everyone, *([new] if new else []))
    assert gains(denied, left)
    assert not gains(denied, denied)


def test_another_service_than_those_that_a_deny_leaves_out_proves_the_difference() -> None:
    everyone = statement("Allow", "sqs:*", Principal="*", Resource="*")
    old, new = (
        in_resource_policy("NotPrincipal", Service=f"{name}.amazonaws.com") for name in "ab"
    )
    found = changes([policy(everyone, old)], [policy(everyone, new)], CATALOG).gained
    [example] = [gained.example for gained in found if gained.example]
    assert example.principal == ("Service", "b.amazonaws.com")


def test_every_provider_is_more_than_one() -> None:
    one = {"Federated": "arn:aws:iam::111122223333:saml-provider/a"}
    named, every = (
        policy(statement("Allow", "sts:AssumeRoleWithSAML", Principal=principal))
        for principal in (one, {"Federated": "*"})
    )
    [gained] = changes([named], [every], CATALOG).gained
    assert gained.certain
    assert not gains(every, named)


@pytest.mark.parametrize(
    ("resource", "type_"),
    [("execute-api:/prod/GET/*", PolicyType.RESOURCE), ("arn:aws:sqs", PolicyType.SCP)],
)
def test_what_aws_completes_is_proved(resource: str, type_: PolicyType) -> None:
    stage = "arn:aws:execute-api:us-east-1:111122223333:abc/prod/GET/a"
    narrow = stage if type_ is PolicyType.RESOURCE else QUEUE
    old, new = (
        policy(statement("Allow", "*", Resource=listed), type=type_)
        for listed in (narrow, resource)
    )
    [gained] = changes([old], [new], CATALOG).gained
    assert gained.example
    assert not gains(new, old)


def test_many_variables_are_proved_by_values_for_all_of_them() -> None:
    names = [f"arn:aws:s3:::{name}/${{aws:username}}/*" for name in "abcdefghijklmnopq"]
    deny = statement("Deny", "s3:*", Resource=names)
    allow = statement("Allow", "s3:*", Resource="*")
    found = changes([policy(allow, deny)], [policy(allow)], CATALOG).gained
    assert len(found) == len(names)
    assert all(gained.example for gained in found)


def test_hundreds_of_values_are_compared() -> None:
    accounts = [f"{number:012}" for number in range(400)]
    one, other = (
        when(StringEquals={"aws:PrincipalAccount": some}) for some in (accounts[1:], accounts)
    )
    [gained] = changes([policy(one)], [policy(other)], CATALOG).gained
    assert gained.example
    assert gained.example.context == {"aws:principalaccount": (accounts[0],)}
    assert not gains(policy(other), policy(one))


@pytest.mark.parametrize(
    ("key", "is_gain"),
    [
        *((f"aws:{name}", False) for name in ("CurrentTime", "EpochTime", "SecureTransport")),
        *((f"aws:{name}", False) for name in ("RequestedRegion", "UserAgent", "ViaAWSService")),
        *((f"aws:{name}", False) for name in ("PrincipalAccount", "PrincipalType", "userid")),
        *((f"aws:{name}", False) for name in ("PrincipalArn", "PrincipalIsAWSService")),
        *((f"aws:{name}", True) for name in ("username", "SourceIp", "PrincipalOrgID")),
    ],
)
def test_no_request_is_without_a_key_that_every_request_has(
    key: str,
    is_gain: bool,  # noqa: FBT001 - what is expected
) -> None:
    present, absent = (when(Null={key: value}) for value in ("false", "true"))
    assert gains(policy(present), policy(ALL)) == is_gain
    assert gains(policy(), policy(absent)) == is_gain


@pytest.mark.parametrize(
    ("principal", "is_gain"),
    [("*", True), (LAMBDA, True), (ACCOUNT, False), ({"AWS": "arn:aws:iam::1:role/a"}, False)],
)
def test_unsigned_requests_have_no_principal_arn(
    principal: object,
    is_gain: bool,  # noqa: FBT001 - what is expected
) -> None:
    old, new = (
        policy({**statement, "Principal": principal})
        for statement in (when(Null={"aws:PrincipalArn": "false"}), ALL)
    )
    found = changes([old], [new], CATALOG).gained
    doubts = ["only unsigned requests are without aws:principalarn"] if is_gain else []
    assert [(gained.certain, gained.doubt) for gained in found] == [(False, d) for d in doubts]
