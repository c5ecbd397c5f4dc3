"""Policies of resources that are gone, and denied something, or were what restricted access."""

from __future__ import annotations

import pytest
from support.modules import has_new_access

DENY = 'Effect = "Deny", Principal = "*", Action = "sqs:*", Resource = "*"'
ALLOW = 'Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "*"'


def policy(*statements: str) -> str:
    return f"policy = jsonencode({{ Statement = [{', '.join(f'{{ {s} }}' for s in statements)}] }})"


def block(type_: str, *arguments: str, label: str = "x") -> str:
    inner = "\n ".join(arguments)
    return f'resource "{type_}" "{label}" {{\n {inner}\n}}\n'


VARIABLE = 'variable "v" {}\n'


def queue(*arguments: str) -> str:
    return VARIABLE + block("aws_sqs_queue", 'name = "q"', *arguments)


def queue_policy(*arguments: str) -> str:
    return block("aws_sqs_queue_policy", "queue_url = aws_sqs_queue.x.id", *arguments)


def bucket(name: str, *policies: str) -> str:
    """A bucket, and the policies of one that is called by its name."""
    made = (
        block("aws_s3_bucket_policy", 'bucket = var.v["b"]', one, label=f"p{number}")
        for number, one in enumerate(policies)
    )
    return VARIABLE + block("aws_s3_bucket", f"bucket = {name}") + "".join(made)


NAMED = bucket('var.v["b"]', policy(DENY))
KEY = block("aws_kms_key", label="k")
ENCRYPTED = "kms_master_key_id = aws_kms_key.k.id"


@pytest.mark.parametrize(
    ("old", "new", "is_more"),
    [
        pytest.param(queue(policy(DENY)), queue(), True, id="a Deny"),
        pytest.param(queue(policy(ALLOW)), queue(), False, id="an Allow"),
        pytest.param(queue("policy = var.v"), queue(), True, id="not read"),
        pytest.param(
            queue(ENCRYPTED, policy(DENY)) + KEY, queue(), True, id="with what the resource names"
        ),
        pytest.param(queue(policy(DENY)), VARIABLE, False, id="with the resource"),
        pytest.param(queue("policy = var.v"), VARIABLE, False, id="not read, with the resource"),
        pytest.param(
            queue(policy(DENY)), queue(policy(DENY), "count = 0"), False, id="never there any more"
        ),
        pytest.param(
            queue(policy(DENY)), queue() + queue_policy(policy(DENY)), False, id="moved out"
        ),
        pytest.param(
            queue() + queue_policy(policy(DENY)), queue(policy(DENY)), False, id="moved in"
        ),
        pytest.param(queue() + queue_policy("policy = var.v"), queue(), True, id="of its own"),
        pytest.param(NAMED, VARIABLE, False, id="of a name, with the resource"),
        pytest.param(NAMED, bucket('var.v["b"]'), True, id="of a name, without the resource"),
        pytest.param(bucket('"c"', policy(DENY)), VARIABLE, True, id="of another name"),
        pytest.param(NAMED, bucket('"c"').replace('"x"', '"y"'), True, id="renamed"),
    ],
)
def test_what_was_denied(old: str, new: str, *, is_more: bool) -> None:
    assert has_new_access({"main.tf": old}, {"main.tf": new}) is is_more


GUARD = "arn:aws:iam::111122223333:policy/guard"


def user(*attached: str) -> str:
    return block("aws_iam_user", 'name = "u"') + "".join(
        block(
            "aws_iam_user_policy_attachment",
            "user = aws_iam_user.x.name",
            f'policy_arn = "{arn}"',
            label=f"a{number}",
        )
        for number, arn in enumerate(attached)
    )


def role(*arns: str, trust: str = "var.v") -> str:
    listed = ", ".join(f'"{arn}"' for arn in arns)
    arguments = f"assume_role_policy = {trust}", f"managed_policy_arns = [{listed}]"
    return VARIABLE + block("aws_iam_role", *arguments)


PUBLIC = 'acl = "public-read"'
READS = "arn:aws:iam::aws:policy/ReadOnlyAccess"


@pytest.mark.parametrize(
    ("old", "new", "is_more"),
    [
        pytest.param(user(GUARD), user(), True, id="of a user"),
        pytest.param(role(GUARD), role(), True, id="of a role"),
        pytest.param(user(READS), user(), False, id="of AWS"),
        pytest.param(user(GUARD), "", False, id="with the user"),
        pytest.param(role(), role(trust='""'), False, id="nobody is trusted"),
        pytest.param(
            block("aws_s3_bucket", PUBLIC, "policy = var.v") + VARIABLE,
            block("aws_s3_bucket", PUBLIC) + VARIABLE,
            True,
            id="of a resource",
        ),
    ],
)
def test_what_is_detached_and_not_read(old: str, new: str, *, is_more: bool) -> None:
    assert has_new_access({"main.tf": old}, {"main.tf": new}) is is_more


def endpoint(*arguments: str) -> str:
    return block("aws_vpc_endpoint", 'service_name = "s"', *arguments)


def of_endpoint(*statements: str) -> str:
    named = "vpc_endpoint_id = aws_vpc_endpoint.x.id"
    return block("aws_vpc_endpoint_policy", named, policy(*statements))


def renamed(text: str) -> str:
    return text.replace('"x"', '"other"')


def file_system(*statements: str) -> str:
    named = "file_system_id = aws_efs_file_system.x.id"
    return block("aws_efs_file_system") + block(
        "aws_efs_file_system_policy", named, policy(*statements)
    )


MORE = ALLOW.replace("GetObject", "*")
API = "aws_api_gateway_rest_api"


@pytest.mark.parametrize(
    ("old", "new", "is_more"),
    [
        pytest.param(endpoint(policy(ALLOW)), endpoint(), True, id="an argument"),
        pytest.param(endpoint() + of_endpoint(ALLOW), endpoint(), True, id="a resource"),
        pytest.param(endpoint() + of_endpoint(ALLOW), "", False, id="with the endpoint"),
        pytest.param(
            endpoint() + of_endpoint(ALLOW), endpoint(policy(ALLOW)), False, id="moved in"
        ),
        pytest.param(
            endpoint(policy(ALLOW)), endpoint() + of_endpoint(ALLOW), False, id="moved out"
        ),
        pytest.param(
            endpoint() + of_endpoint(ALLOW), endpoint(policy(MORE)), True, id="moved in, and more"
        ),
        pytest.param(
            endpoint(policy(ALLOW)), endpoint() + of_endpoint(MORE), True, id="moved out, and more"
        ),
        pytest.param(endpoint(), endpoint() + of_endpoint(ALLOW), False, id="there was none"),
        pytest.param("", endpoint(policy(MORE)), False, id="a new one only limits"),
        pytest.param("", endpoint() + of_endpoint(MORE), False, id="a new one with a resource"),
        pytest.param(
            renamed(endpoint(policy(ALLOW))), endpoint(policy(MORE)), True, id="instead of another"
        ),
        pytest.param(
            renamed(endpoint(policy(ALLOW))),
            renamed(endpoint(policy(ALLOW))) + endpoint(policy(MORE)),
            False,
            id="beside another",
        ),
        pytest.param("", file_system(ALLOW), True, id="a new file system"),
        pytest.param(file_system(ALLOW), block("aws_efs_file_system"), True, id="a file system"),
        pytest.param(file_system(ALLOW), "", False, id="with the file system"),
        pytest.param(
            block("aws_efs_file_system"), file_system(ALLOW), True, id="a default may be less"
        ),
        pytest.param(block(API, policy(ALLOW)), block(API), True, id="a REST API"),
        pytest.param(block(API, policy(ALLOW)), "", False, id="with the REST API"),
        pytest.param(
            block(API) + block(f"{API}_policy", f"rest_api_id = {API}.x.id", policy(ALLOW)),
            block(API),
            True,
            id="the policy of a REST API",
        ),
    ],
)
def test_what_is_open_without_a_policy(old: str, new: str, *, is_more: bool) -> None:
    assert has_new_access({"main.tf": old}, {"main.tf": new}) is is_more
