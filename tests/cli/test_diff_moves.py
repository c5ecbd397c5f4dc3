"""`diff --staged` of resources of Terraform with another name or number, and the same policies."""

import json

import pytest
from support.compared_files import resource
from support.staged_files import Files, code

pytestmark = pytest.mark.usefixtures("repository")


def document(action: str, effect: str = "Allow") -> str:
    statement = {"Effect": effect, "Action": action, "Resource": "*"}
    return f"jsonencode({json.dumps({'Version': '2012-10-17', 'Statement': statement})})"


def policy(name: str, action: str = "s3:GetObject", more: str = "") -> str:
    return resource(document(action), name, more=more)


def moved(old: str, new: str) -> str:
    return f"moved {{\n  from = {old}\n  to   = {new}\n}}\n"


def attachment(name: str) -> str:
    body = f'role = "r"\n  policy_arn = aws_iam_policy.{name}.arn'
    return f'resource "aws_iam_role_policy_attachment" "x" {{\n  {body}\n}}\n'


def bucket(name: str, reference: str | None = None) -> str:
    resources = f'"${{aws_s3_bucket.{name}.arn}}/*"' if reference is None else reference
    statement = f'{{Effect = "Allow", Action = "s3:GetObject", Resource = {resources}}}'
    text = resource(f'jsonencode({{Version = "2012-10-17", Statement = [{statement}]}})')
    return f'resource "aws_s3_bucket" "{name}" {{\n  bucket = "x"\n}}\n{text}'


def call(name: str, action: str, more: str = "") -> str:
    return f'module "{name}" {{\n  source = "./p"\n  action = "{action}"\n{more}}}\n'


A_TO_B = moved("aws_iam_policy.a", "aws_iam_policy.b")
C_TO_B = moved("aws_iam_policy.c", "aws_iam_policy.b")
B_TO_A = moved("aws_iam_policy.b", "aws_iam_policy.a")
MODULE = {
    "p/m.tf": 'variable "action" {}\n'
    + resource(
        'jsonencode({Version = "2012-10-17", Statement = [{Effect = "Allow", '
        'Action = var.action, Resource = "*"}]})'
    )
}
COUNTED = "count = var.x ? 1 : 0\n"
TO_FIRST = moved("module.a", "module.a[0]") + moved("aws_s3_bucket.a", "aws_s3_bucket.a[0]")
BUCKETS = moved("aws_s3_bucket.a", "aws_s3_bucket.b")
MODULES = moved("module.a", "module.b")
KEYED = """
resource "aws_iam_role" "a" {
  for_each = toset(var.on ? [""] : [])
}
resource "aws_iam_role_policy" "a" {
  for_each = toset(var.on ? [""] : [])
  role     = aws_iam_role.a[""].name
  policy   = jsonencode({
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = aws_iam_role.a[""].arn }]
  })
}
""" + moved("aws_iam_role.a", 'aws_iam_role.a[""]')


@pytest.mark.parametrize(
    ("files", "changed", "expected"),
    [
        ({"m.tf": policy("a")}, {"m.tf": policy("b") + A_TO_B}, 0),
        ({"m.tf": policy("a")}, {"m.tf": policy("b"), "n.tf": A_TO_B}, 0),
        ({"m.tf": policy("a")}, {"m.tf": policy("b")}, 0),
        ({"m.tf": policy("a")}, {"m.tf": policy("b", "s3:*") + A_TO_B}, 1),
        ({"m.tf": policy("a"), "n.tf": attachment("a")},
         {"m.tf": policy("b") + A_TO_B, "n.tf": attachment("b")}, 0),
        ({"m.tf": policy("a")},
         {"m.tf": policy("c") + A_TO_B + moved("aws_iam_policy.b", "aws_iam_policy.c")}, 0),
        ({"m.tf": policy("a")},
         {"m.tf": policy("a", more="count = 1") + moved("aws_iam_policy.a", "aws_iam_policy.a[0]")},
         0),
        ({"m.tf": policy("a") + policy("b", "s3:*")},
         {"m.tf": policy("a", "s3:*") + policy("b") + A_TO_B + B_TO_A}, 1),
        ({"m.tf": policy("a", "s3:*")},
         {"m.tf": policy("a") + policy("b", "s3:*") + A_TO_B}, 1),
        ({"m.tf": policy("a")}, {"m.tf": policy("b") + C_TO_B}, 0),
        ({"m.tf": policy("a")}, {"m.tf": policy("b", "s3:*") + C_TO_B}, 1),
        ({"m.tf": bucket("a")}, {"m.tf": bucket("b") + BUCKETS}, 0),
        ({"m.tf": bucket("a", '"arn:aws:s3:::aws_s3_bucket.a/*"')},
         {"m.tf": bucket("b", '"arn:aws:s3:::aws_s3_bucket.b/*"') + BUCKETS}, 1),
        ({"m.tf": call("a", "s3:Get*"), **MODULE}, {"m.tf": call("b", "s3:Get*") + MODULES}, 0),
        ({"m.tf": call("a", "s3:Get*"), **MODULE}, {"m.tf": call("b", "s3:*") + MODULES}, 1),
        # Blocks that stay after the move.
        ({"m.tf": call("a", "s3:Get*", COUNTED) + TO_FIRST, **MODULE},
         {"m.tf": call("a", "s3:Get*", COUNTED) + TO_FIRST + "locals {}\n"}, 0),
        ({"m.tf": call("a", "s3:Get*", COUNTED) + TO_FIRST, **MODULE},
         {"m.tf": call("a", "s3:*", COUNTED) + TO_FIRST}, 1),
        ({"m.tf": KEYED}, {"m.tf": f"{KEYED}# new\n"}, 0),
        ({"m.tf": KEYED}, {"m.tf": KEYED.replace("AssumeRole", "*")}, 1),
        ({"m.tf": bucket("a").replace("bucket =", COUNTED + "bucket =") + TO_FIRST},
         {"m.tf": bucket("a").replace("bucket =", COUNTED + "bucket =") + TO_FIRST + "# new\n"}, 0),
    ],
)  # fmt: skip
def test_moved_blocks(files: Files, changed: Files, expected: int) -> None:
    assert code(files, changed) == expected


CHOICE = "count = var.x ? 1 : 0"


@pytest.mark.parametrize(
    ("old", "new", "allowed", "denied"),
    [
        ("", "count = 0", 0, 1),
        ("count = 0", "", 1, 0),
        ("count = 1", "", 0, 0),
        ("count = 1", 'for_each = toset(["a", "b"])', 0, 0),
        ("count = 1", "for_each = {}", 0, 1),
        ('for_each = toset(["a"])', "for_each = { a = 1, b = 2 }", 0, 0),
        ("", CHOICE, 0, 1),
        (CHOICE, "", 1, 0),
        (CHOICE, "count = var.x ? 2 : 0", 0, 0),
        (CHOICE, "for_each = var.x ? { a = 1 } : {}", 0, 0),
        (CHOICE, "count = !var.x ? 0 : 1", 0, 0),
        (CHOICE, "count = var.x ? 0 : 1", 1, 1),
        (CHOICE, "count = var.y ? 1 : 0", 1, 1),
        ("count = !(var.x && var.y) ? 1 : 0", "count = !var.x && var.y ? 1 : 0", 0, 1),
        ("", "for_each = { for a in [] : a => a }", 0, 1),
        ("", 'for_each = toset(slice(["a"], 0, 0))', 0, 1),
        ("for_each = var.x", "", 1, 0),
        ("for_each = {for a in var.x : a => a}", "for_each = { for a in var.x: a=>a }", 0, 0),
        ('for_each = { a = { b = "{" } }', "for_each = { a = f({ c = [] }), d = 1 }", 0, 0),
        ("", "for_each = merge({ a = 1 }, var.x)", 0, 1),
    ],
)
def test_how_many_of_a_policy_there_are(old: str, new: str, allowed: int, denied: int) -> None:
    policies = {"Allow": allowed, "Deny": denied}
    for effect, expected in policies.items():
        name = f"{effect}.tf"
        texts = [resource(document("s3:*", effect), effect, more=number) for number in (old, new)]
        other = {"other.tf": resource(document("s3:*"), "other")}
        assert code({name: texts[0], **other}, {name: texts[1]}) == expected, effect


def test_the_number_of_roles_with_a_policy() -> None:
    role = (
        'resource "aws_iam_role" "r" {\n  count = %s\n  inline_policy {\n    policy = %s\n  }\n}\n'
    )
    old, new = (role % (number, document("s3:*")) for number in (0, 1))
    assert code({"m.tf": old}, {"m.tf": new}) == 1


def test_a_policy_that_is_attached_more_often() -> None:
    attached = resource(
        document("s3:*"), "a", "aws_iam_role_policy", "role = var.r[count.index]\n%s"
    )
    assert code({"m.tf": attached % "count = 1"}, {"m.tf": attached % "count = 2"}) == 1


def test_a_file_may_be_nested_deeper_than_the_stack() -> None:
    deep = f"locals {{\n  x = {'(' * 3_000}aws_iam_policy.a.arn{')' * 3_000}\n}}\n"
    old, new = ({"m.tf": policy(name) + deep.replace(".a.", f".{name}.")} for name in "ab")
    assert code(old, {"m.tf": f"{new['m.tf']}{A_TO_B}"}) == 0


@pytest.mark.parametrize(
    "expression", [f"{'f(' * 3_000}a{')' * 3_000}", f"{'join(1, [' * 3_000}a{'])' * 3_000}"]
)
def test_an_expression_may_be_nested_deeper_than_the_stack(expression: str) -> None:
    local = f"locals {{\n  x = {expression}\n}}\n"
    spaced = local.replace("a)", "a )").replace("a]", "a ]")
    assert code({"m.tf": policy("a") + local}, {"m.tf": policy("a") + spaced}) == 0


def removed(of: str, *, is_destroyed: bool = False) -> str:
    destroy = str(is_destroyed).lower()
    return f"removed {{\n  from = {of}\n  lifecycle {{\n    destroy = {destroy}\n  }}\n}}\n"


DENYING = resource(document("iam:*", "Deny"), "a", "aws_iam_role_policy", 'role = "r"\n%s')
OF_A = "aws_iam_role_policy.a"


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (removed(OF_A), 0),
        (removed(OF_A, is_destroyed=True), 1),
        (removed("aws_iam_role_policy.other"), 1),
        (removed(OF_A) + DENYING.replace('"a"', '"b"').replace("Deny", "Allow"), 1),
        ("", 1),
    ],
)
def test_a_policy_that_stays_though_nothing_manages_it(new: str, expected: int) -> None:
    assert code({"m.tf": DENYING}, {"m.tf": new}) == expected


def outside(label: str, more: str = "") -> str:
    text = f'module "{label}" {{\n  source = "acme/bucket/aws"\n  {more}\n}}\n'
    statement = f'Effect = "Allow", Action = "s3:GetObject", Resource = module.{label}.arn'
    return text + resource(f"jsonencode({{ Statement = [{{ {statement} }}] }})")


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (outside("b", 'description = "b"') + MODULES, 0),
        (outside("b", 'description = "b"'), 1),
        (outside("b", 'grants = "b"') + MODULES, 1),
    ],
)
def test_a_call_of_a_module_outside_that_has_moved(new: str, expected: int) -> None:
    assert code({"m.tf": outside("a", 'description = "a"')}, {"m.tf": new}) == expected
