"""What no request can reach, by AWS's reference, is not new; what that leaves open is."""

from typing import Any

import pytest
from support.changed_policies import CATALOG, policy

from multitool_lint.policy.changes import Changes, changes

BUCKET, OBJECTS = "arn:aws:s3:::b", "arn:aws:s3:::b/*"
INSTANCE = "arn:aws:ec2:eu-west-1:111122223333:instance/i-1"
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:q"
KEYS = "arn:aws:kms:eu-west-1:111122223333:"

Document = dict[str, Any]


def allow(actions: object, resources: object, **conditions: Document) -> Document:
    found: Document = {"Effect": "Allow", "Action": actions, "Resource": resources}
    return found | ({"Condition": conditions} if conditions else {})


def compared(old: list[Document], new: list[Document]) -> Changes:
    return changes([policy(*old)], [policy(*new)], CATALOG)


def under(operator: str, key: str, *values: str) -> list[Document]:
    return [allow("s3:GetObject", OBJECTS, **{operator: {key: value}}) for value in values]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(
            [allow("s3:GetObject", OBJECTS), allow("s3:ListBucket", BUCKET)],
            [allow(["s3:GetObject", "s3:ListBucket"], [BUCKET, OBJECTS])],
            id="a statement for objects and one for their bucket are merged",
        ),
        pytest.param(
            [allow(["s3:GetObject*", "s3:PutObject*"], OBJECTS)],
            [allow(["s3:GetObject*", "s3:PutObject*"], [BUCKET, OBJECTS])],
            id="all actions on objects, also on tags, on a bucket",
        ),
        pytest.param(
            [allow("s3:GetObject", OBJECTS), allow("sqs:SendMessage", QUEUE)],
            [allow(["s3:GetObject", "sqs:SendMessage"], [OBJECTS, QUEUE])],
            id="statements on two services are merged",
        ),
        pytest.param(
            [allow("s3:GetObject", "arn:aws:s3:::${aws:username}/*")],
            [allow("s3:GetObject", ["arn:aws:s3:::${aws:username}/*", QUEUE])],
            id="next to a policy variable",
        ),
        pytest.param(
            [allow("s3:GetObject", "arn:aws:s3:::*/*")],
            [allow("s3:GetObject", "arn:aws:s3:::*")],
            id="every object has a slash in its ARN",
        ),
        pytest.param(
            [allow("*", "*"), allow("s3:GetObject", BUCKET) | {"Effect": "Deny"}],
            [allow("*", "*")],
            id="a Deny that denies nothing is removed",
        ),
        pytest.param(
            under("StringEquals", "aws:SecureTransport", "true", "false"),
            [allow("s3:GetObject", OBJECTS)],
            id="both values of a Boolean that every request has",
        ),
        pytest.param(
            [
                *under("StringEquals", "aws:ViaAWSService", "true"),
                *under("StringNotLike", "aws:ViaAWSService", "tr*"),
            ],
            [allow("s3:GetObject", OBJECTS)],
            id="a Boolean by two operators",
        ),
        pytest.param(
            under("StringLike", "aws:PrincipalArn", "arn:*"),
            [allow("s3:GetObject", OBJECTS)],
            id="an ARN begins as all do",
        ),
        pytest.param(
            [allow("sqs:*", QUEUE, StringEquals={"aws:RequestedRegion": "eu-west-1"})],
            [allow("sqs:*", QUEUE)],
            id="the Region that the resource is in",
        ),
        pytest.param(
            [allow("sqs:*", QUEUE, StringEquals={"aws:ResourceAccount": "111122223333"})],
            [allow("sqs:*", QUEUE)],
            id="the account that the resource is in",
        ),
        pytest.param(
            under("StringLike", "aws:SourceAccount", "????????????"),
            under("StringLike", "aws:SourceAccount", "????????????", "abc*"),
            id="an account has digits",
        ),
        pytest.param(
            [allow("s3:GetObject", OBJECTS)],
            [allow("s3:GetObject", OBJECTS), allow("dynamodb:GetItem", "arn:aws:dynamodb:*:*:a")],
            id="an ARN of no format of the service",
        ),
        pytest.param(
            [allow("ec2:StartInstances", INSTANCE)],
            [allow(["ec2:StartInstances", "ec2:DescribeInstances"], INSTANCE)],
            id="an action without resource types on an ARN",
        ),
        pytest.param(
            [allow("s3:GetObject", OBJECTS)],
            [allow(["s3:GetObject", "s3:ListAllMyBuckets"], OBJECTS)],
            id="what is checked against all buckets",
        ),
        pytest.param(
            under("StringLike", "aws:RequestedRegion", "*-*", "unspecified"),
            [allow("s3:GetObject", OBJECTS)],
            id="a Region has hyphens",
        ),
    ],
)
def test_what_no_request_can_reach_is_not_new_access(
    old: list[Document], new: list[Document]
) -> None:
    found = compared(old, new)
    assert not found.gained
    assert not found.unknown
    assert found.impossible
    assert not any(difference.certain for difference in found.impossible)
    assert not compared(new, old).lost


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(
            [allow("s3:GetObject", OBJECTS), allow("s3:ListBucket", BUCKET)],
            [allow(["s3:GetObject", "s3:ListBucket"], "arn:aws:s3:::b*")],
            id="other buckets",
        ),
        pytest.param(
            [allow("s3:*Tagging", OBJECTS)],
            [allow("s3:*Tagging", [BUCKET, OBJECTS])],
            id="the tags of a bucket",
        ),
        pytest.param(
            [allow("ec2:StartInstances", INSTANCE)],
            [allow("ec2:StartInstances", INSTANCE), allow("ec2:DescribeInstances", "*")],
            id="an action without resource types on everything",
        ),
        pytest.param(
            [allow("s3:GetObject", OBJECTS)],
            [allow("s3:GetObject", OBJECTS), allow("s3:ListAllMyBuckets", "arn:aws:s3:::*")],
            id="what is checked against all buckets",
        ),
        pytest.param(
            [allow("iam:GetRole", "arn:aws:iam::111122223333:role/*")],
            [allow(["iam:GetRole", "iam:ListRoles"], "arn:aws:iam::111122223333:role/*")],
            id="what is checked against a kind of resources",
        ),
        pytest.param(
            [allow("s3:Get*", OBJECTS)],
            [allow("s3:Get*", [OBJECTS, BUCKET])],
            id="one of several actions is on buckets",
        ),
        pytest.param(
            [allow("s3:GetWhatIsNewer", OBJECTS)],
            [allow("s3:GetWhatIsNewer", [OBJECTS, BUCKET])],
            id="an action that the catalog does not have",
        ),
        pytest.param(
            [allow("nosuchservice:Get", OBJECTS)],
            [allow("nosuchservice:Get", [OBJECTS, BUCKET])],
            id="a service that the catalog does not have",
        ),
        pytest.param(
            [allow("s3:GetObject", OBJECTS)],
            [allow(["s3:GetObject", "s3:ListAllMyBuckets"], [OBJECTS, "arn:aws:s3:::*"])],
            id="an action without resource types",
        ),
        pytest.param(
            [allow("iam:ListRoles", "arn:aws:iam::111122223333:role/a")],
            [allow("iam:ListRoles", "arn:aws:iam::111122223333:role/*")],
            id="an action that is checked against all of a kind",
        ),
        pytest.param(
            [allow("logs:PutLogEvents", "arn:aws:logs:*:*:log-group:a:*")],
            [allow("logs:PutLogEvents", "arn:aws:logs:*:*:/aws/glue/*")],
            id="a star that may go beyond its field",
        ),
        pytest.param(
            [allow("s3:GetObject", OBJECTS)],
            [allow("s3:GetObject", [OBJECTS, "arn:aws:s3:::${aws:PrincipalTag/home}"])],
            id="a policy variable that may have a slash",
        ),
        pytest.param(
            under("StringEquals", "aws:MultiFactorAuthPresent", "true", "false"),
            [allow("s3:GetObject", OBJECTS)],
            id="a Boolean that not all requests have",
        ),
        pytest.param(
            under("StringEquals", "aws:PrincipalType", "User", "AssumedRole"),
            [allow("s3:GetObject", OBJECTS)],
            id="values that may be others",
        ),
        pytest.param(
            under("StringEquals", "aws:PrincipalTag/secure", "true", "false"),
            [allow("s3:GetObject", OBJECTS)],
            id="a text",
        ),
        *(
            pytest.param(
                [allow("s3:GetObject", OBJECTS)],
                [allow("s3:GetObject", OBJECTS), allow("sqs:SendMessage", resource)],
                id=f"filled in: {resource}",
            )
            for resource in (
                "arn:aws:sqs:#{AWS::Region}:111122223333:a",
                "arn:aws:sqs:$(Ref:AWS::Region):111122223333:a",
                "arn:aws:sqs:@@REGION::NAME@@:111122223333:a",
                "arn:aws:sqs:::[queue]",
                "arn:aws:sqs:__QUEUE__",
                "%QUEUE_ARN%",
                "QUEUE_ARN",
            )
        ),
    ],
)
def test_what_the_reference_leaves_open_is_new_access(
    old: list[Document], new: list[Document]
) -> None:
    assert compared(old, new).gained


def test_only_actions_that_a_request_can_reach_are_new() -> None:
    old = [allow("s3:GetObject", OBJECTS)]
    [gained] = compared(old, [allow(["s3:GetObject", "s3:GetBucketAcl"], [BUCKET, OBJECTS])]).gained
    assert gained.action_names == ("s3:GetBucketAcl",)
    assert gained.example
    assert gained.example.resource == BUCKET


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (allow("kms:Decrypt", KEYS + "key/a"), allow("kms:Decrypt", KEYS + "*"), "key/example"),
        (allow("s3:GetObject", "arn:aws:s3:::a"), allow("*", OBJECTS), "arn:aws:s3:::b/example"),
    ],
)
def test_an_example_is_on_a_resource_of_the_scope(
    old: Document, new: Document, expected: str
) -> None:
    [gained] = compared([old], [new]).gained
    assert gained.certain
    assert gained.example
    assert (gained.example.resource or "").endswith(expected)
    assert gained.example.action.startswith(("kms:", "s3:"))


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("aws:RequestedRegion", "eu-west-1", "us-east-1"),
        ("aws:PrincipalType", "User", "AssumedRole"),
        ("aws:PrincipalAccount", "123456789012", "111122223333"),
        ("aws:SecureTransport", "true", "false"),
        ("aws:PrincipalArn", "arn:aws:iam::1:role/a", "arn:aws:iam::123456789012:role/example"),
    ],
)
def test_an_example_has_values_as_the_key_has_them(key: str, value: str, expected: str) -> None:
    old = under("StringEquals", key, value)
    [gained] = compared(old, [allow("s3:GetObject", OBJECTS)]).gained
    assert gained.certain
    assert gained.example
    assert gained.example.context[key.lower()] == (expected,)


ACCOUNTS, ORGANIZATIONS = ("111122223333", "222233334444"), ("o-aaaaaaaaaa", "o-bbbbbbbbbb")


@pytest.mark.parametrize("principal", ["*", {"Service": "sns.amazonaws.com"}])
@pytest.mark.parametrize("operator", ["StringEquals", "StringLike", "StringEqualsIgnoreCase"])
@pytest.mark.parametrize(
    ("key", "values"),
    [
        *((f"aws:{of}Account", ACCOUNTS) for of in ("Principal", "Resource", "Source", "Vpce")),
        *((f"aws:{of}OrgID", ORGANIZATIONS) for of in ("Principal", "Resource", "Source")),
        ("s3:DataAccessPointAccount", ACCOUNTS),
    ],
)
def test_values_of_a_known_form_are_possible(
    key: str, values: tuple[str, str], operator: str, principal: object
) -> None:
    def statement(effect: str, operator: str, *values: str) -> list[Document]:
        found = allow("s3:GetObject", OBJECTS, **{operator: {key: [*values]}})
        return [found | {"Effect": effect, "Principal": principal}]

    one, both = (statement("Allow", operator, *some) for some in (values[:1], values))
    none = [allow("s3:PutObject", OBJECTS) | {"Principal": principal, "Effect": "Deny"}]
    everything = [allow("s3:GetObject", OBJECTS) | {"Principal": principal}]
    negated = operator.replace("String", "StringNot")
    denied, excepted = (statement("Deny", negated, *some) for some in (values[:1], values))
    for old, new in ((one, both), (none, one), ([*everything, *denied], [*everything, *excepted])):
        assert compared(old, new).gained
        assert not compared(new, old).gained
