"""The identities of a module of Terraform, with their policies."""

import pytest

from multitool_lint.deployments.joined_files import JoinedFiles
from multitool_lint.deployments.terraform.access import ModuleDeployment
from multitool_lint.deployments.terraform.identities import Identities
from multitool_lint.policy.identities import Identity
from multitool_lint.syntax.tree_of_files import TreeWithText

ROLE = """
resource "aws_iam_role" "r" {
  name               = "named"
  assume_role_policy = "{}"
  %s
}
"""
INLINE = """
resource "aws_iam_role_policy" "%s" {
  name   = "%s"
  role   = %s
  policy = %s
}
"""
MANAGED = 'resource "aws_iam_policy" "p" {\n  policy = %s\n}\n'
ATTACHED = """
resource "aws_iam_role_policy_attachment" "%s" {
  role       = aws_iam_role.r.name
  policy_arn = %s
}
"""
OF_AWS = '"arn:aws:iam::aws:policy/AmazonEC2FullAccess"'
DATA = """
data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
  }
}
"""


def document(action: str = "s3:GetObject") -> str:
    statement = f'Effect = "Allow", Action = "{action}", Resource = "*"'
    return f'jsonencode({{ Version = "2012-10-17", Statement = [{{ {statement} }}] }})'


def identities(text: str) -> tuple[Identity, ...]:
    deployment = ModuleDeployment(TreeWithText("main.tf", text), "")
    found = Identities(deployment, JoinedFiles({"main.tf": text})).found()
    return tuple(identity for identity in found if identity.has_several)


def inline(label: str, role: str = "aws_iam_role.r.id", policy: str = "") -> str:
    return INLINE % (label, label, role, policy or document())


@pytest.mark.parametrize(
    ("name", "written"),
    [('"r-${var.stage}"', '"r-${var.stage}"'), ("var.name", "var.name"), ("var.name", '"other"')],
)
def test_a_name_with_unknown_parts_is_that_of_the_role(name: str, written: str) -> None:
    text = ROLE.replace('"named"', name) % "" + inline("a", written) + inline("b", written)
    (identity,) = identities(text)
    assert (identity.address == "aws_iam_role.r") is (name == written)


@pytest.mark.parametrize(
    "other",
    [
        inline("b"),
        inline("b", "aws_iam_role.r.name"),
        inline("b", '"named"'),
        inline("b", '"${aws_iam_role.r.name}"'),
        inline("b", policy="data.aws_iam_policy_document.d.json") + DATA,
        inline("b", policy="local.d") + f"locals {{\n  d = {document()}\n}}\n",
        MANAGED % document() + ATTACHED % ("x", "aws_iam_policy.p.arn"),
        MANAGED % "data.aws_iam_policy_document.d.json"
        + DATA
        + ATTACHED % ("x", "aws_iam_policy.p.arn"),
        ATTACHED % ("x", OF_AWS),
        ATTACHED % ("x", "each.value\n  for_each = toset([" + OF_AWS + "])"),
        ATTACHED % ("x", "data.aws_iam_policy.e.arn")
        + f'data "aws_iam_policy" "e" {{\n  arn = {OF_AWS}\n}}\n',
    ],
)
def test_what_refers_to_a_role_belongs_to_it(other: str) -> None:
    (identity,) = identities(ROLE % "" + inline("a") + other)
    assert identity.title == 'role "aws_iam_role.r"'
    ((first, second), boundary), *_ = identity.together()
    assert first.name == "a"
    assert second.policy or second.reference
    assert boundary is None


@pytest.mark.parametrize(
    "own",
    [
        f"managed_policy_arns = [{OF_AWS}]",
        f'inline_policy {{\n    name   = "own"\n    policy = {document()}\n  }}',
    ],
)
def test_the_arguments_of_a_role_have_policies(own: str) -> None:
    (identity,) = identities(ROLE % own + inline("a"))
    assert sorted(applied.name for applied in identity.policies) in (["", "a"], ["a", "own"])


@pytest.mark.parametrize(
    "other",
    [
        inline("b", "aws_iam_role.other.id"),
        inline("b", '"other"'),
        inline("b", "var.x ? aws_iam_role.r.id : aws_iam_role.other.id"),
        MANAGED % document(),
    ],
)
def test_a_policy_of_another_role_does_not(other: str) -> None:
    assert identities(ROLE % "" + inline("a") + other) == ()


def test_alternatives_do_not_apply_at_once() -> None:
    choice = f"var.x ? {document()} : {document('s3:PutObject')}"
    (identity,) = identities(ROLE % "" + inline("a") + inline("b", policy=choice))
    assert {len(policies) for policies, _ in identity.together()} == {2}
    assert len(list(identity.together())) == 2


def test_instances_are_identities() -> None:
    each = 'for_each = toset(["a", "b"])'
    role = (ROLE % "").replace('name               = "named"', each)
    text = role + inline("a", 'aws_iam_role.r["a"].id') + inline("b", 'aws_iam_role.r["b"].id')
    assert identities(text) == ()
    text += inline("c", f"aws_iam_role.r[each.key].id\n  {each}")
    assert [identity.address for identity in identities(text)] == [
        'aws_iam_role.r["a"]',
        'aws_iam_role.r["b"]',
    ]


def test_resources_that_exclude_each_other_are_never_together() -> None:
    policies = [
        inline(label).replace("  role", f"  count = var.x ? {numbers}\n  role")
        for label, numbers in (("a", "1 : 0"), ("b", "0 : 1"))
    ]
    (identity,) = identities(ROLE % "" + "".join(policies))
    assert {len(found) for found, _ in identity.together()} == {1}


@pytest.mark.parametrize(
    ("boundary", "known"),
    [("aws_iam_policy.p.arn", True), (OF_AWS, True), ("var.boundary", False)],
)
def test_the_boundary_is_known_if_the_file_has_it(
    boundary: str,
    known: bool,  # noqa: FBT001
) -> None:
    text = ROLE % f"permissions_boundary = {boundary}" + inline("a") + inline("b")
    (identity,) = identities(text + MANAGED % document())
    ((_, found),) = identity.together()
    assert found is not None
    assert bool(found.policy or found.reference) is known


MEMBERS = """
resource "aws_iam_user" "u" {
  name = "u"
}
resource "aws_iam_group" "g" {
  name = "g"
}
resource "aws_iam_group_policy" "g" {
  name   = "a"
  group  = aws_iam_group.g.name
  policy = %s
}
resource "aws_iam_user_policy" "u" {
  name   = "b"
  user   = "u"
  policy = %s
}
%s
"""


@pytest.mark.parametrize(
    ("type_", "arguments"),
    [
        ("user_group", "user   = aws_iam_user.u.name\n  groups = [aws_iam_group.g.name]"),
        ("group", "group = aws_iam_group.g.name\n  users = [aws_iam_user.u.name]"),
    ],
)
def test_a_user_has_the_policies_of_its_groups(type_: str, arguments: str) -> None:
    membership = f'resource "aws_iam_{type_}_membership" "m" {{\n  {arguments}\n}}\n'
    text = MEMBERS % (document(), document("s3:PutObject"), membership)
    (identity,) = identities(text)
    assert identity.title == 'user "aws_iam_user.u"'
    assert sorted((found.name, found.inline) for found in identity.policies) == [
        ("a", False),
        ("b", True),
    ]
