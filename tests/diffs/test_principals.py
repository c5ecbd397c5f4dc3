"""An account is the same by its ID and by the ARN of its root user."""

import pytest
from support.modules import has_new_access

CALLER = "data.aws_caller_identity.c.account_id"
MADE = "aws_organizations_account.a.id"
PARTITION = "data.aws_partition.p.partition"


def bucket(principal: str, element: str = "Principal", effect: str = "Allow") -> dict[str, str]:
    statement = (
        f'{{ Effect = "{effect}", {element} = {{ AWS = {principal} }}, Action = "s3:GetObject",'
        ' Resource = "arn:aws:s3:::b/*" }'
    )
    return {
        "main.tf": f"""data "aws_caller_identity" "c" {{}}
data "aws_partition" "p" {{}}
variable "v" {{}}
resource "aws_organizations_account" "a" {{
 name = "a"
}}
resource "aws_s3_bucket_policy" "b" {{
 bucket = "b"
 policy = jsonencode({{ Statement = [{statement}] }})
}}
"""
    }


def root(account: str, partition: str = "aws") -> str:
    return f'"arn:{partition}:iam::${{{account}}}:root"'


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (CALLER, root(CALLER), True),
        (f"[{CALLER}]", f"[{root(CALLER, f'${{{PARTITION}}}')}]", True),
        (MADE, root(MADE), True),
        (CALLER, root(MADE), False),
        (CALLER, root(CALLER).replace("root", "role/a"), False),
        # A variable may be the ARN of a role.
        ("var.v", root("var.v"), False),
    ],
)
def test_the_root_user_of_an_account(one: str, other: str, *, is_same: bool) -> None:
    for effect, element in (("Allow", "Principal"), ("Deny", "NotPrincipal")):
        old, new = (bucket(value, element, effect) for value in (one, other))
        assert has_new_access(old, new) is not is_same
        assert has_new_access(new, old) is not is_same
