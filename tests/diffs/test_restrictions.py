"""What restricts access and is gone, or is there in fewer cases."""

import pytest
from support.modules import has_new_access

ON = 'variable "on" {}\nvariable "too" {}\n'
COUNT = "count = var.on ? 1 : 0"
RARER = "count = var.on && var.too ? 1 : 0"
ALLOW = '{ Effect = "Allow", Action = "*", Resource = "*" }'
DENY = '{ Effect = "Deny", Action = "iam:*", Resource = "*" }'


def block(count: str, bucket: str | None = None) -> str:
    """The block of public access of a bucket that is made elsewhere, or under a count here."""
    made = f'resource "aws_s3_bucket" "b" {{\n {bucket}\n bucket = "b"\n}}\n'
    name = '"b"' if bucket is None else f"aws_s3_bucket.b{'[0]' if bucket else ''}.id"
    return (
        f"{ON}{'' if bucket is None else made}"
        f'resource "aws_s3_bucket_public_access_block" "b" {{\n {count}\n bucket = {name}\n'
        " block_public_acls = true\n}\n"
    )


def policy(count: str, bucket: str, effect: str = "Deny") -> str:
    """A bucket with a policy."""
    made = block(count, bucket).replace("_public_access_block", "_policy")
    statement = f'{{ Effect = "{effect}", Principal = "*", Action = "s3:*", Resource = "*" }}'
    return made.replace(
        "block_public_acls = true", f"policy = jsonencode({{ Statement = [{statement}] }})"
    )


OTHER = 'resource "aws_s3_bucket" "other" {\n count = var.on ? 0 : 1\n bucket = "b"\n}\n'
"""A bucket that is there instead."""


def role(count: str, policies: str) -> str:
    """A role with a policy that denies something."""
    index = "[0]" if count else ""
    return f"""{ON}resource "aws_iam_role" "r" {{
 {count}
 assume_role_policy = jsonencode({{ Statement = [] }})
}}
resource "aws_iam_role_policy" "p" {{
 {policies}
 role = aws_iam_role.r{index}.id
 policy = jsonencode({{ Statement = [{ALLOW}, {DENY}] }})
}}
resource "aws_iam_role_policy_attachment" "a" {{
 {count}
 role = aws_iam_role.r{index}.id
 policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}}
"""


UNREAD = """resource "aws_iam_role_policy_attachment" "u" {
 for_each = var.too
 role = aws_iam_role.r[0].id
 policy_arn = each.value
}
"""
NOT_READ = role(COUNT, COUNT) + UNREAD
"""A role with a policy that is not read, and there under other conditions than the role."""


def organization(count: str) -> str:
    """A service control policy that is called as a bucket."""
    named = block(count, count).replace(
        "aws_s3_bucket_public_access_block", "aws_organizations_policy"
    )
    named = named.replace("bucket = aws", "name = aws")
    return named.replace(
        "block_public_acls = true", f"content = jsonencode({{ Statement = [{DENY}] }})"
    )


def profile(count: str) -> str:
    return f'{ON}resource "aws_iam_instance_profile" "b" {{\n {count}\n role = "r"\n}}\n'


def attached(count: str) -> str:
    return (
        f'{ON}resource "aws_organizations_policy_attachment" "b" {{\n {count}\n'
        ' policy_id = "p"\n target_id = "r"\n}\n'
    )


def member(count: str, effect: str = "Deny", group: str = '"g"') -> str:
    """A user in a group that has a policy."""
    statement = DENY.replace("Deny", effect)
    return f"""{ON}resource "aws_iam_user_group_membership" "b" {{
 {count}
 user = "u"
 groups = [{group}]
}}
resource "aws_iam_group_policy" "g" {{
 group = "g"
 policy = jsonencode({{ Statement = [{statement}] }})
}}
"""


def left(text: str) -> str:
    """The module without the membership."""
    return f"{ON}resource {text.split('resource ')[2]}"


@pytest.mark.parametrize(
    ("old", "new", "is_more"),
    [
        pytest.param(profile(""), profile(COUNT), False, id="access in fewer cases"),
        pytest.param(profile(COUNT), profile(RARER), False, id="access in fewer cases of few"),
        pytest.param(profile(COUNT), profile(""), True, id="access in more cases"),
        pytest.param(profile(COUNT), profile(COUNT.replace("on", "too")), True, id="in others"),
        pytest.param(block(""), block(COUNT), True, id="a block in fewer cases"),
        pytest.param(block(COUNT), block(RARER), True, id="a block in fewer cases of few"),
        pytest.param(block(COUNT), block(""), False, id="a block in more cases"),
        pytest.param(block("", ""), block(COUNT, ""), True, id="fewer cases than the bucket"),
        pytest.param(block("", ""), block(COUNT, COUNT), False, id="with the bucket"),
        pytest.param(block(COUNT, COUNT), block(RARER, COUNT), True, id="the bucket has stayed"),
        pytest.param(block("", ""), block(COUNT, COUNT) + OTHER, True, id="with another bucket"),
        pytest.param(policy("", ""), policy(COUNT, COUNT), False, id="a policy with the bucket"),
        pytest.param(policy("", ""), policy(COUNT, ""), True, id="a policy without the bucket"),
        pytest.param(
            policy("", ""), policy(COUNT, COUNT) + OTHER, True, id="a policy, and another bucket"
        ),
        pytest.param(
            policy(COUNT, COUNT, "Allow"), policy("", "", "Allow"), True, id="what a policy allows"
        ),
        pytest.param(role("", ""), role(COUNT, COUNT), False, id="a role with its policies"),
        pytest.param(role("", ""), role("", COUNT), True, id="what a role is denied"),
        pytest.param(NOT_READ, NOT_READ.replace("iam:*", "*"), False, id="more is denied"),
        pytest.param(attached(""), attached(COUNT), True, id="a policy of the organization"),
        pytest.param(organization(""), organization(COUNT), True, id="with what it is called as"),
        pytest.param(member(""), member(COUNT), True, id="a user in a group in fewer cases"),
        pytest.param(member(""), left(member("")), True, id="a user not in a group"),
        pytest.param(
            member("", "Allow"), left(member("", "Allow")), False, id="the group allows only"
        ),
        pytest.param(member("", group='"h"'), left(member("")), True, id="the group is elsewhere"),
    ],
)
def test_what_restricts(old: str, new: str, *, is_more: bool) -> None:
    assert has_new_access({"main.tf": old}, {"main.tf": new}) is is_more


DOCUMENT = """data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["s3:*"]
    resources = ["*"]
  }
}
"""
USED = f"""{DOCUMENT}
resource "aws_iam_role_policy" "p" {{
  role   = "r"
  policy = data.aws_iam_policy_document.d.json
}}
"""


@pytest.mark.parametrize(
    ("old", "new", "is_more"),
    [
        pytest.param(USED, DOCUMENT, False, id="nothing has it any more"),
        pytest.param(USED, DOCUMENT.replace("s3:*", "*"), True, id="it has changed, too"),
        pytest.param(USED, USED + DOCUMENT.replace('"d"', '"e"'), True, id="another one"),
        pytest.param(DOCUMENT, USED, True, id="a role has it now"),
        pytest.param(
            DOCUMENT + 'output "d" {\n value = data.aws_iam_policy_document.d.json\n}\n',
            DOCUMENT,
            False,
            id="nothing had it",
        ),
    ],
)
def test_a_document_that_is_not_used(old: str, new: str, *, is_more: bool) -> None:
    assert has_new_access({"main.tf": old}, {"main.tf": new}) is is_more


def inline(name: str, effect: str, label: str) -> str:
    statement = f'{{ Effect = "{effect}", Action = "s3:*", Resource = "*" }}'
    return (
        f'resource "aws_iam_role_policy" "{label}" {{\n name = "{name}"\n role = "r"\n'
        f" policy = jsonencode({{ Statement = [{statement}] }})\n}}\n"
    )


DENYING, ALLOWING = inline("a", "Deny", "a"), inline("b", "Allow", "b")


@pytest.mark.parametrize(
    ("old", "new", "is_more"),
    [
        pytest.param(DENYING + ALLOWING, DENYING + inline("a", "Allow", "b"), True, id="renamed"),
        pytest.param(DENYING, DENYING + inline("a", "Deny", "c"), True, id="one more"),
        pytest.param(DENYING, DENYING + inline("c", "Deny", "c"), False, id="another name"),
        pytest.param(ALLOWING, ALLOWING + inline("b", "Allow", "c"), False, id="none denies"),
    ],
)
def test_inline_policies_of_one_name(old: str, new: str, *, is_more: bool) -> None:
    assert has_new_access({"main.tf": old}, {"main.tf": new}) is is_more


BUCKETS = "".join(f'resource "aws_s3_bucket" "{b}" {{\n bucket = "{b}"\n}}\n' for b in "bc")


def of_bucket(kind: str, bucket: str, content: str) -> str:
    """Two buckets, and what decides about the access to one of them."""
    return f'{BUCKETS}resource "aws_s3_bucket_{kind}" "x" {{\n bucket = {bucket}\n {content}\n}}\n'


def blocked(bucket: str) -> str:
    return of_bucket("public_access_block", bucket, "block_public_policy = true")


def owned(by: str, bucket: str = "aws_s3_bucket.b.id") -> str:
    content = f'rule {{\n object_ownership = "BucketOwner{by}"\n }}'
    return of_bucket("ownership_controls", bucket, content)


@pytest.mark.parametrize(
    ("old", "new", "is_more"),
    [
        (blocked("aws_s3_bucket.b.id"), blocked("aws_s3_bucket.c.id"), True),
        (blocked('"b"'), blocked('"elsewhere"'), True),
        (blocked("aws_s3_bucket.b.id"), blocked("aws_s3_bucket.b.bucket"), False),
        (blocked("aws_s3_bucket.b.id"), blocked('"b"'), False),
        (BUCKETS, owned("Enforced"), False),
        (owned("Enforced"), BUCKETS, True),
        (owned("Enforced"), owned("Enforced", "aws_s3_bucket.c.id"), True),
        (owned("Enforced"), owned("Preferred"), True),
        (owned("Preferred"), owned("Enforced"), False),
        (BUCKETS, owned("Preferred"), False),
        (owned("Preferred"), BUCKETS, False),
    ],
)
def test_what_restricts_a_bucket(old: str, new: str, *, is_more: bool) -> None:
    assert has_new_access({"main.tf": old}, {"main.tf": new}) is is_more


@pytest.mark.parametrize("bucket", ["b", "other"])
def test_what_restricts_a_bucket_that_is_called_otherwise(bucket: str) -> None:
    old = 'module "b" {\n source = "./b"\n}\n'
    of_one = blocked("aws_s3_bucket.b.id")
    new = of_one.replace('" "b" {', f'" "{bucket}" {{').replace(".b.id", f".{bucket}.id")
    files = {"main.tf": old, "b/main.tf": of_one}
    moved = {"main.tf": old.replace('"b" {', '"x" {'), "b/main.tf": new}
    assert not has_new_access(files, moved)
    assert has_new_access(files, {**moved, "b/main.tf": new.replace("= true", "= false")})
