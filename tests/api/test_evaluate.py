"""The library says what AWS decides about a request."""

import json
from pathlib import Path
from typing import Any

import pytest

from multitool_lint import Decision, Evaluation, evaluate

ANSWERS = Path(__file__).parents[3] / "shared" / "roles" / "aws_docs.jsonl"

ACCOUNT, OTHER = "111122223333", "444455556666"
USER = f"arn:aws:iam::{ACCOUNT}:user/ada"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/one"
FEDERATED = f"arn:aws:sts::{ACCOUNT}:federated-user/bob"
LINKED = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/s.amazonaws.com/AWSServiceRoleForS"
OBJECT = "arn:aws:s3:::data/a.txt"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"

ALLOWED, UNKNOWN = Decision.ALLOWED, Decision.UNKNOWN
DENIED, IMPLICIT = Decision.EXPLICITLY_DENIED, Decision.IMPLICITLY_DENIED
Document = dict[str, Any]


def policy(*statements: Document) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: str = "s3:GetObject", **more: Any) -> Document:  # noqa: ANN401 - elements
    return {"Effect": "Allow", "Action": action, "Resource": "*", **more}


def deny(action: str = "s3:GetObject", **more: Any) -> Document:  # noqa: ANN401 - elements
    return allow(action, **more) | {"Effect": "Deny"}


def to(*names: str, kind: str = "AWS", **more: Any) -> Document:  # noqa: ANN401 - elements
    return policy(allow(Principal={kind: list(names)}, **more))


GRANT, EC2 = policy(allow()), policy(allow("ec2:*"))
FULL = policy(allow("*"))


def read(principal: str | None = USER, **given: Any) -> Decision:  # noqa: ANN401 - any argument
    account = given.pop("resource_account", ACCOUNT)
    return evaluate(
        "s3:GetObject", OBJECT, principal=principal, resource_account=account, **given
    ).decision


@pytest.mark.skipif(not ANSWERS.exists(), reason="AWS's answers are not here")
def test_aws_documents_the_answers() -> None:
    cases = [json.loads(line) for line in ANSWERS.read_text("utf-8").splitlines()]
    names = ("resource_account", "principal", "context", "identity", "boundary", "resource_policy")
    for case in cases:
        given = {name: case[name] for name in names}
        found = evaluate(case["action"], case["resource"], **given).decision
        assert found.value.title().replace(" ", "") == case["expected"], case["id"]
    assert len(cases) > 15


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, IMPLICIT),
        ({"identity": GRANT}, ALLOWED),
        ({"identity": [GRANT, EC2]}, ALLOWED),
        ({"identity": [GRANT, policy(deny())]}, DENIED),
        ({"identity": GRANT, "boundary": EC2}, IMPLICIT),
        ({"identity": GRANT, "boundary": policy(allow("*"), deny())}, DENIED),
        ({"resource_policy": to(USER)}, ALLOWED),
        ({"resource_policy": to(USER), "boundary": EC2}, ALLOWED),
        ({"resource_policy": to(ACCOUNT)}, IMPLICIT),
        ({"resource_policy": to(ACCOUNT), "identity": GRANT}, ALLOWED),
        ({"resource_policy": to(USER), "boundary": policy(deny())}, DENIED),
        # A boundary makes every NotPrincipal of a Deny apply.
        (
            {
                "identity": GRANT,
                "boundary": FULL,
                "resource_policy": policy(deny(NotPrincipal={"AWS": [USER, ACCOUNT]})),
            },
            DENIED,
        ),
        (
            {
                "identity": GRANT,
                "resource_policy": policy(deny(NotPrincipal={"AWS": [USER, ACCOUNT]})),
            },
            ALLOWED,
        ),
        # Whether a Deny leaves out a user whose account it does not name is not documented.
        (
            {"identity": GRANT, "resource_policy": policy(deny(NotPrincipal={"AWS": USER}))},
            UNKNOWN,
        ),
        ({"identity": GRANT, "scps": [[FULL], [FULL]]}, ALLOWED),
        ({"identity": GRANT, "scps": [[FULL], []]}, IMPLICIT),
        ({"identity": GRANT, "scps": [[FULL], [FULL, policy(deny())]]}, DENIED),
        ({"identity": GRANT, "rcps": [[], []]}, ALLOWED),
        ({"identity": GRANT, "rcps": [[policy(deny(Principal="*"))]]}, DENIED),
        ({"identity": GRANT, "endpoint": policy(allow("*", Principal="*"))}, ALLOWED),
        ({"identity": GRANT, "endpoint": policy(allow("ec2:*", Principal="*"))}, IMPLICIT),
        ({"identity": GRANT, "endpoint": policy(allow("*", Principal={"AWS": OTHER}))}, IMPLICIT),
        # Across accounts, both have to allow.
        ({"identity": GRANT, "resource_account": OTHER}, IMPLICIT),
        ({"resource_policy": to(USER), "resource_account": OTHER}, IMPLICIT),
        ({"identity": GRANT, "resource_policy": to(USER), "resource_account": OTHER}, ALLOWED),
        ({"identity": GRANT, "resource_policy": to(ACCOUNT), "resource_account": OTHER}, ALLOWED),
        (
            {
                "identity": GRANT,
                "resource_policy": to(USER),
                "boundary": EC2,
                "resource_account": OTHER,
            },
            IMPLICIT,
        ),
        ({"identity": GRANT, "resource_account": None}, UNKNOWN),
        ({"resource_account": None}, IMPLICIT),
    ],
)
def test_a_user(given: Document, expected: Decision) -> None:
    assert read(**given) is expected


@pytest.mark.parametrize(
    ("principal", "given", "expected"),
    [
        (ROLE, {"resource_policy": to(ROLE)}, ALLOWED),
        (SESSION, {"resource_policy": to(ROLE)}, ALLOWED),
        (SESSION, {"resource_policy": to(ROLE), "boundary": EC2}, IMPLICIT),
        (SESSION, {"resource_policy": to(ROLE), "session": EC2}, IMPLICIT),
        (SESSION, {"resource_policy": to(SESSION), "boundary": EC2}, ALLOWED),
        (SESSION, {"resource_policy": to(SESSION), "session": EC2}, ALLOWED),
        (SESSION, {"resource_policy": to("*"), "boundary": EC2}, ALLOWED),
        (SESSION, {"resource_policy": to(SESSION), "session": policy(deny())}, DENIED),
        (SESSION, {"identity": GRANT, "session": FULL}, ALLOWED),
        (SESSION, {"identity": GRANT, "session": EC2}, IMPLICIT),
        # The ARN of a federated user's session does not name the user.
        (FEDERATED, {"resource_policy": to(FEDERATED), "session": EC2}, ALLOWED),
        (FEDERATED, {"resource_policy": to(USER)}, UNKNOWN),
        (FEDERATED, {"resource_policy": to(USER), "session": EC2}, IMPLICIT),
        # Which session of a role makes the request is not known.
        (ROLE, {"resource_policy": to(SESSION)}, UNKNOWN),
        # Control policies restrict no service-linked role; a session may be one of such a role.
        (
            LINKED,
            {"identity": GRANT, "scps": [[]], "rcps": [[policy(deny(Principal="*"))]]},
            ALLOWED,
        ),
        (
            f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSServiceRoleForS/one",
            {"identity": GRANT, "scps": [[]]},
            UNKNOWN,
        ),
        (ACCOUNT, {}, ALLOWED),
        (ACCOUNT, {"scps": [[]]}, IMPLICIT),
        (ACCOUNT, {"resource_policy": policy(deny(Principal="*"))}, DENIED),
        ("*", {"identity": GRANT}, IMPLICIT),
        ("*", {"resource_policy": to("*"), "scps": [[]]}, ALLOWED),
        ("*", {"resource_policy": to(ACCOUNT)}, IMPLICIT),
        ("*", {"resource_policy": policy(allow(NotPrincipal={"AWS": USER}))}, ALLOWED),
        ("s3.amazonaws.com", {"identity": GRANT}, IMPLICIT),
        (
            "s3.amazonaws.com",
            {"resource_policy": to("s3.amazonaws.com", kind="Service"), "scps": [[]]},
            ALLOWED,
        ),
        (
            "s3.amazonaws.com",
            {"resource_policy": to("sns.amazonaws.com", kind="Service")},
            IMPLICIT,
        ),
    ],
)
def test_other_principals(principal: str, given: Document, expected: Decision) -> None:
    assert read(principal, **given) is expected


@pytest.mark.parametrize(
    ("named", "identity", "expected"),
    [
        (USER, [], ALLOWED),
        (ACCOUNT, [], IMPLICIT),
        (ACCOUNT, [FULL], ALLOWED),
        (OTHER, [FULL], IMPLICIT),
        (None, [FULL], UNKNOWN),
        (None, [policy(deny("*"))], DENIED),
    ],
)
def test_keys_and_roles_have_a_policy(
    named: str | None, identity: list[Document], expected: Decision
) -> None:
    for action, resource in (("kms:Decrypt", KEY), ("sts:AssumeRole", ROLE)):
        statement = allow(action, Principal={"AWS": named})
        if action == "sts:AssumeRole":
            del statement["Resource"]
        own = policy(statement) if named else None
        found = evaluate(action, resource, principal=USER, identity=identity, resource_policy=own)
        assert found.decision is expected


def test_an_identity_provider_is_named_by_a_trust_policy() -> None:
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/example.com"
    statement = allow("sts:AssumeRoleWithWebIdentity", Principal={"Federated": provider})
    del statement["Resource"]
    for principal, expected in ((provider, ALLOWED), (USER, IMPLICIT)):
        found = evaluate(
            "sts:AssumeRoleWithWebIdentity",
            ROLE,
            principal=principal,
            resource_policy=policy(statement),
        )
        assert found.decision is expected


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:CreatePolicyVersion", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
        ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/a"),
        ("iam:PutRolePolicy", LINKED),
        ("kms:DeleteAlias", f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/aws/s3"),
    ],
)
def test_nobody_can_change_what_aws_manages(action: str, resource: str) -> None:
    assert evaluate(action, resource, identity=FULL).decision is IMPLICIT
    denied = policy(allow("*"), deny("*"))
    assert evaluate(action, resource, identity=denied).decision is DENIED
    assert evaluate("iam:GetRole", LINKED, identity=FULL).decision is ALLOWED


def test_an_action_that_needs_no_permission() -> None:
    found = evaluate("sts:GetCallerIdentity", principal=USER, identity=policy(deny("*")))
    assert found.decision is ALLOWED
    assert "needs no permission" in found.why


CONDITION = {"StringEquals": {"aws:PrincipalTag/team": "a"}, "Bool": {"aws:SecureTransport": True}}


@pytest.mark.parametrize(
    ("context", "complete", "expected", "missing"),
    [
        ({}, False, UNKNOWN, ("aws:PrincipalTag/team", "aws:SecureTransport")),
        ({"AWS:principaltag/team": "a"}, False, UNKNOWN, ("aws:SecureTransport",)),
        ({"aws:PrincipalTag/team": "b"}, False, IMPLICIT, ()),
        ({"aws:PrincipalTag/team": None}, False, IMPLICIT, ()),
        ({"aws:PrincipalTag/team": "a"}, True, IMPLICIT, ()),
        ({"aws:PrincipalTag/team": "a", "aws:SecureTransport": True}, False, ALLOWED, ()),
    ],
)
def test_a_key_is_absent_only_if_that_is_said(
    context: Document,
    complete: bool,  # noqa: FBT001 - a case
    expected: Decision,
    missing: tuple[str, ...],
) -> None:
    given = policy(allow(Condition=CONDITION))
    found = evaluate(
        "s3:GetObject", OBJECT, identity=given, context=context, complete_context=complete
    )
    assert (found.decision, found.missing) == (expected, missing)
    assert found.is_allowed is {ALLOWED: True, UNKNOWN: None}.get(expected, False)


def test_a_deny_that_may_apply_makes_an_allow_unknown() -> None:
    denial = deny(Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}})
    assert evaluate("s3:GetObject", OBJECT, identity=policy(allow(), denial)).decision is UNKNOWN
    found = evaluate("s3:GetObject", OBJECT, identity=policy(denial))
    assert found.decision is IMPLICIT
    assert "aws:MultiFactorAuthPresent" in found.why


def test_keys_that_follow_from_the_principal() -> None:
    given = policy(
        allow(
            Resource="arn:aws:s3:::data/${aws:username}/*",
            Condition={"StringEquals": {"aws:PrincipalAccount": ACCOUNT}},
        )
    )
    mine = "arn:aws:s3:::data/ada/a"
    known: Document = {"identity": given, "resource_account": ACCOUNT}
    assert evaluate("s3:GetObject", mine, principal=USER, **known).decision is ALLOWED
    assert evaluate("s3:GetObject", OBJECT, principal=USER, **known).decision is IMPLICIT
    found = evaluate("s3:GetObject", mine, identity=given)
    assert set(found.missing) == {"aws:username", "aws:PrincipalAccount"}


@pytest.mark.parametrize(
    ("resource", "listed", "expected"),
    [
        ("arn:aws:s3:::data/*", "arn:aws:s3:::data/*", ALLOWED),
        ("arn:aws:s3:::data/x/*", "arn:aws:s3:::data/*", ALLOWED),
        ("arn:aws:s3:::data/*", "arn:aws:s3:::data/x/*", UNKNOWN),
        ("arn:aws:s3:::data/*", "arn:aws:s3:::other/*", IMPLICIT),
        (None, "*", ALLOWED),
        (None, "arn:aws:s3:::data/*", UNKNOWN),
        (None, "arn:aws:sqs:*:*:*", IMPLICIT),
    ],
)
def test_a_pattern_asks_about_all_that_it_matches(
    resource: str | None, listed: str, expected: Decision
) -> None:
    given = policy(allow(Resource=listed))
    assert evaluate("s3:GetObject", resource, identity=given).decision is expected


def test_an_action_without_resources_takes_a_star_only() -> None:
    one = "arn:aws:ec2:eu-west-1:111122223333:instance/i-1"
    for resource in (None, "*", one):
        for listed, expected in (("*", ALLOWED), (one, IMPLICIT)):
            given = policy(allow("ec2:DescribeInstances", Resource=listed))
            found = evaluate("ec2:DescribeInstances", resource, identity=given)
            assert found.decision is expected
    buckets = policy(allow("s3:ListAllMyBuckets", Resource="arn:aws:s3:::*"))
    assert evaluate("s3:ListAllMyBuckets", identity=buckets).decision is ALLOWED


def test_the_statements_that_decide_have_places(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_text(json.dumps(policy(allow("ec2:*"), allow(Sid="Read")), indent=2))
    found: Evaluation = evaluate("s3:GetObject", OBJECT, identity=[path])
    (statement,) = found.statements
    assert (statement.effect, statement.sid, statement.kind.value) == ("Allow", "Read", "identity")
    assert statement.place == f"{path}:9:5"
    assert found.why == "The request is allowed by the identity-based policy."


def test_what_is_not_known_leaves_the_answer_open() -> None:
    template = policy(allow(Resource="arn:aws:s3:::${bucket}/*"))
    found = evaluate("s3:GetObject", OBJECT, identity=template, complete_context=True)
    assert found.decision is UNKNOWN
    assert found.missing == ("the value of arn:aws:s3:::${bucket}/*",)
    broken = policy(allow(Condition={"StringIs": {"aws:username": "a"}}))
    found = evaluate("s3:GetObject", OBJECT, identity=broken)
    assert found.decision is UNKNOWN
    assert "StringIs" in found.why
    unnamed = evaluate("s3:GetObject", OBJECT, resource_policy=GRANT)
    assert unnamed.decision is UNKNOWN


def test_control_policies_restrict_some_services() -> None:
    for action, expected in (("sqs:SendMessage", DENIED), ("ec2:RunInstances", UNKNOWN)):
        denial = policy(deny(action, Principal="*"))
        assert evaluate(action, identity=FULL, rcps=[[denial]]).decision is expected


@pytest.mark.parametrize(
    ("action", "given", "message"),
    [
        ("s3:Get*", {}, '"s3:Get*" is not an action such as s3:GetObject'),
        ("GetObject", {}, '"GetObject" is not an action such as s3:GetObject'),
        ("s3:GetObject", {"principal": "ada"}, '"ada" is not the ARN of a principal'),
        ("s3:GetObject", {"resource_account": "1"}, '"1" is not an account of 12 digits'),
        ("s3:GetObject", {"identity": "{}"}, "no policy"),
    ],
)
def test_mistakes(action: str, given: Document, message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("*", "[*]")):
        evaluate(action, **given)


def test_a_long_list_of_what_is_missing_is_cut() -> None:
    keys = {f"aws:PrincipalTag/{number}": "a" for number in range(40)}
    found = evaluate(
        "s3:GetObject", OBJECT, identity=policy(allow(Condition={"StringEquals": keys}))
    )
    assert len(found.missing) == 40
    assert len(found.why) < 300
    assert " more." in found.why
