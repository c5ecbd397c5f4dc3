"""`diff --staged` as the author of a change would evade it: nothing new passes unnoticed."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.compared_files import NEW_ACCESS, resource
from support.git_repository import git
from support.staged_files import Files, code, stage

from multitool_lint.cli import main

pytestmark = pytest.mark.usefixtures("repository")


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def statement(effect: str, action: str) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": "*"}


READ, WRITE = statement("Allow", "s3:GetObject"), statement("Allow", "s3:PutObject")
EVERYTHING = statement("Allow", "s3:*")
USER = 'resource "aws_iam_user" "u" {\n  name = "u"\n%s}\n'
BOUNDARY = '  permissions_boundary = "arn:aws:iam::111122223333:policy/b"\n'


def template(type_: str, **properties: object) -> dict[str, Any]:
    return {"Resources": {"R": {"Type": type_, "Properties": properties}}}


@pytest.mark.parametrize(
    "form", [[WRITE], WRITE, {"Version": "2012-10-17", "Statements": [WRITE]}, {"policy": "*"}]
)
def test_a_policy_that_is_none_any_more(form: object) -> None:
    assert code({"a.json": policy(READ)}, {"a.json": form}) == 1


@pytest.mark.parametrize(
    "text",
    [
        '{"Effect": "Allow", "Action": "s3:*", "Action": "s3:GetObject", "Resource": "*"}',
        '{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Null": {}, "Null": {}}}',
    ],
)
def test_a_key_that_occurs_twice(text: str) -> None:
    new = f'{{"Version": "2012-10-17", "Statement": [{text}]}}'
    assert code({"a.json": policy(EVERYTHING)}, {"a.json": new}) == 1


def test_the_boundary_of_a_user_without_policies() -> None:
    assert code({"m.tf": USER % BOUNDARY}, {"m.tf": USER % ""}) == 1


def test_a_user_that_is_removed_with_its_boundary() -> None:
    assert code({"m.tf": USER % BOUNDARY}, {"m.tf": "# nothing\n"}) == 0


def test_the_groups_of_a_user() -> None:
    old, new = template("AWS::IAM::User"), template("AWS::IAM::User", Groups=["admins"])
    assert code({"t.json": old}, {"t.json": new}) == 1


def test_the_boundary_that_a_template_of_sam_has_for_all_functions() -> None:
    function = template("AWS::Serverless::Function", Policies=[policy(READ)])
    shared = {"Globals": {"Function": {"PermissionsBoundary": "arn:aws:iam::1:policy/b"}}}
    assert code({"t.json": function | shared}, {"t.json": function}) == 1


@pytest.mark.parametrize(
    ("override", "changed"),
    [
        (resource(f"jsonencode({json.dumps(policy(READ))})"), "# nothing\n"),
        ("# nothing\n", 'resource "aws_iam_policy" "deny" {\n  count = 0\n}\n'),
    ],
)
def test_what_an_override_does_to_other_files(override: str, changed: str) -> None:
    files = {
        "m.tf": resource(f"jsonencode({json.dumps(policy(EVERYTHING))})")
        + resource(f"jsonencode({json.dumps(policy(statement('Deny', 's3:*')))})", "deny"),
        "override.tf": override,
    }
    assert code(files, {"override.tf": changed}) == 1


DENIES = policy(statement("Deny", "s3:*"))


def test_a_file_with_denials_that_is_deleted_with_another_change() -> None:
    assert code({"a.json": DENIES, "b.md": "a"}, {"a.json": None, "b.md": "b"}) == 1


def test_a_deleted_file_with_values_for_others() -> None:
    user = f"resource {json.dumps('aws_iam_policy')} {json.dumps('a')} {{\n  policy = jsonencode("
    user += json.dumps(policy(READ)).replace('"s3:GetObject"', "var.action") + ")\n}\n"
    files = {"m.tf": user, "v.auto.tfvars": 'action = "s3:GetObject"\n', "b.md": "a"}
    assert code(files, {"v.auto.tfvars": None, "b.md": "b"}) == 1


@pytest.mark.parametrize("deleted", ["{{ if }}: [", "\0", '{"a": ', "no policy"])
def test_a_deleted_file_without_policies(deleted: str) -> None:
    assert (
        code(
            {"a.yaml": deleted, "a.json": deleted, "b.md": "a"},
            {"a.yaml": None, "a.json": None, "b.md": "b"},
        )
        == 0
    )


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("Makefile", "all:\n\ttrue\n", "all:\n\tfalse\n", 0),
        ("tsconfig.json", '{} // "a"', "{} // b", 0),
        ("Makefile", "all:\n\ttrue\n", "all:\n\taws iam delete-role-policy --role-name r\n", 1),
        ("policy", json.dumps(policy(READ)), "# nothing\n", 1),
        ("a.json", json.dumps(policy(READ)), f"{json.dumps(policy(WRITE))} // b", 2),
        ("a.json", json.dumps(policy(READ)), "[", 1),
    ],
)
def test_a_file_that_is_not_in_its_format(name: str, old: str, new: str, expected: int) -> None:
    assert code({name: old}, {name: new}) == expected


@pytest.mark.parametrize(("new", "expected"), [(READ, 0), (WRITE, 1)])
def test_without_names_all_staged_files_are_compared(new: dict[str, Any], expected: int) -> None:
    files = {"a.json": policy(READ), "b.png": "a"}
    assert code(files, {"a.json": policy(new), "b.png": "\0"}, names=[]) == expected


def test_without_names_and_a_repository(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("other"))
    assert main(["diff", "--staged", NEW_ACCESS]) == 2


@pytest.mark.parametrize(("other", "expected"), [(WRITE, 1), (READ, 0)])
def test_a_policy_that_is_a_link_now(other: dict[str, Any], expected: int) -> None:
    files = {"a.json": policy(READ), "b.json": policy(other)}
    stage(files)
    git("commit", "-qm", "first")
    Path("a.json").unlink()
    Path("a.json").symlink_to("b.json")
    git("add", "a.json")
    assert main(["diff", "--staged", NEW_ACCESS]) == expected
    git("commit", "-qm", "second")
    Path("a.json").unlink()
    stage({"a.json": policy(READ)})
    assert main(["diff", "--staged", NEW_ACCESS]) == expected


def terraform(name: str, *statements: dict[str, Any]) -> str:
    return resource(f"jsonencode({json.dumps(policy(*statements))})", name)


DELETE = statement("Deny", "s3:DeleteObject")
LIST, REMOVE = statement("Allow", "s3:ListBucket"), statement("Allow", "s3:DeleteObject")


@pytest.mark.parametrize(
    ("files", "changed"),
    [
        ({"m.tf": terraform("a", EVERYTHING, DELETE) + terraform("b", REMOVE)},
         {"m.tf": terraform("a", LIST) + terraform("b", REMOVE)}),
        ({"m.tf": terraform("a", EVERYTHING, DELETE), "n.tf": terraform("b", REMOVE)},
         {"m.tf": terraform("a", LIST)}),
        ({"m.tf": terraform("a", EVERYTHING, DELETE), "n.tf": terraform("b", REMOVE)},
         {"m.tf": None}),
    ],
)  # fmt: skip
def test_a_deny_and_its_allow_are_removed_but_another_policy_allows_it(
    files: Files, changed: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    assert code(files, changed) == 1
    assert "s3:DeleteObject" in capsys.readouterr().out.partition("removes")[0]


@pytest.mark.parametrize("other", [READ, statement("Deny", "s3:*")])
def test_a_deny_and_its_allow_are_removed_and_no_other_policy_allows_it(
    other: dict[str, Any],
) -> None:
    files = {"m.tf": terraform("a", EVERYTHING, DELETE), "n.tf": terraform("b", other)}
    assert code(files, {"m.tf": terraform("a", LIST)}) == 0


def test_a_deny_of_another_role_is_removed_with_its_allow() -> None:
    def roles(*statements: dict[str, Any]) -> dict[str, Any]:
        inline = [{"PolicyName": "p", "PolicyDocument": policy(*statements)}]
        other = [{"PolicyName": "q", "PolicyDocument": policy(EVERYTHING)}]
        resources = template("AWS::IAM::Group", Policies=inline)["Resources"]
        more = template("AWS::IAM::Group", Policies=other)["Resources"]["R"]
        return {"Resources": {**resources, "Other": more}}

    assert code({"t.json": roles(EVERYTHING, DELETE)}, {"t.json": roles(READ)}) == 0


ATTACHMENT = """resource "aws_iam_role_policy_attachment" "x" {
  role       = "r"
  policy_arn = aws_iam_policy.b.arn
}
"""


@pytest.mark.parametrize(
    ("moved", "expected"), [((REMOVE, DELETE), 0), ((REMOVE,), 1), ((REMOVE, DELETE, WRITE), 1)]
)
def test_a_policy_that_moves_to_another_file_of_a_module(
    moved: tuple[dict[str, Any], ...], expected: int
) -> None:
    files = {"m.tf": terraform("a", READ) + terraform("b", REMOVE, DELETE) + ATTACHMENT}
    changed = {"m.tf": terraform("a", READ), "n.tf": terraform("b", *moved) + ATTACHMENT}
    assert code(files, changed) == expected


def test_a_policy_of_the_same_name_in_another_module_is_new() -> None:
    files = {"m/m.tf": terraform("a", READ), "m/n.tf": terraform("b", READ)}
    assert code(files, {"m/n.tf": None, "n/n.tf": terraform("b", READ, WRITE)}) == 1


CALL = 'module "p" {\n  source  = "./p"\n  actions = %s\n  tags    = %s\n}\n'
MODULE = {
    "p/m.tf": 'module "q" {\n  source = "./q"\n  given  = local.all\n}\n',
    "p/v.tf": 'variable "actions" {}\nlocals {\n  all = concat(var.actions, ["s3:List*"])\n}\n',
    "p/q/m.tf": resource(
        'jsonencode({Version = "2012-10-17", Statement = [{Effect = "Allow", Action = var.given, '
        'Resource = "*"}]})',
        more="  tags = var.tags",
    ),
}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"m.tf": CALL % ('["s3:*"]', "{}")}, 1),
        ({"m.tf": CALL % ('["s3:Get*"]', '{ a = "b" }')}, 0),
        ({"m.tf": CALL % ('["s3:Get*"]', "{}") + "# comment\n"}, 0),
        ({"m.tf": CALL % ('["s3:Get*"]', "{}") + CALL.replace('"p"', '"r"') % ("[]", "{}")}, 1),
        ({"m.tf": None, "n.tf": CALL % ('["s3:Get*"]', "{}")}, 0),
        ({"m.tf": "# nothing\n"}, 0),
    ],
)
def test_the_arguments_of_a_module(changed: Files, expected: int) -> None:
    assert code({"m.tf": CALL % ('["s3:Get*"]', "{}"), **MODULE}, changed) == expected


def test_a_value_that_is_passed_to_a_module() -> None:
    files = {"m.tf": CALL % ("local.actions", "{}"), **MODULE}
    values = 'locals {\n  actions = ["%s"]\n}\n'
    assert code({**files, "l.tf": values % "s3:Get*"}, {"l.tf": values % "s3:*"}) == 1


@pytest.mark.parametrize(("effect", "expected"), [("Allow", 0), ("Deny", 1)])
def test_a_module_that_is_not_called_any_more(effect: str, expected: int) -> None:
    policies = {"p/m.tf": terraform("a", statement(effect, "s3:*"))}
    call, other = 'module "p" {\n  source = "./p"\n}\n', terraform("b", READ)
    assert code({"m.tf": call + other, **policies}, {"m.tf": other}) == expected


def test_a_module_that_is_called_for_the_first_time() -> None:
    policies = {"p/q/m.tf": terraform("a", READ), "p/m.tf": 'module "q" {\n  source = "./q"\n}\n'}
    assert code({"m.tf": "", **policies}, {"m.tf": 'module "p" {\n  source = "./p"\n}\n'}) == 1


GIVEN = """resource "aws_iam_role_policy" "p" {
  role   = "r"
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = %s, Resource = "*" }] })
}
variable "a" {}
"""


@pytest.mark.parametrize(
    ("given", "action", "expected"),
    [
        ('"s3:GetObject"', "var.a", 0),
        ('"s3:*"', "var.a", 1),
        ("var.b", "var.a", 1),
        ('"s3:GetObject"', '"s3:*"', 1),
        ('"s3:GetObject"', '[var.a, "s3:PutObject"]', 1),
    ],
)
def test_what_callers_give_a_module_decides(given: str, action: str, expected: int) -> None:
    call = 'variable "b" {{}}\nmodule "p" {{\n  source = "./p"\n  a = {}\n}}\n'.format
    old = {"m.tf": call('"s3:GetObject"'), "p/m.tf": GIVEN % '"s3:GetObject"'}
    assert code(old, {"m.tf": call(given), "p/m.tf": GIVEN % action}) == expected


def test_a_module_with_a_state_may_be_given_anything() -> None:
    call = 'module "p" {\n  source = "./p"\n  a = "s3:GetObject"\n}\n'
    old = {"m.tf": call, "p/m.tf": GIVEN % '"s3:GetObject"'}
    state = 'terraform {\n  backend "s3" {}\n}\nterraform {}\n'
    assert code({**old, "p/s.tf": state}, {"p/m.tf": GIVEN % "var.a"}) == 1


def test_a_module_without_callers_may_be_given_anything() -> None:
    assert code({"p/m.tf": GIVEN % '"s3:GetObject"'}, {"p/m.tf": GIVEN % "var.a"}) == 1


POLICY = {"PolicyName": "p", "Roles": ["r"], "PolicyDocument": policy(EVERYTHING)}
DENIAL = {**POLICY, "PolicyDocument": DENIES}
ADMIN = {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]}


@pytest.mark.parametrize(
    ("type_", "properties", "old", "new", "expected"),
    [
        ("AWS::IAM::Policy", POLICY, None, "C", 0),
        ("AWS::IAM::Policy", POLICY, "C", None, 1),
        ("AWS::IAM::Policy", POLICY, "C", "D", 1),
        ("AWS::IAM::Policy", DENIAL, None, "C", 1),
        ("AWS::IAM::Policy", DENIAL, "C", None, 0),
        ("AWS::IAM::Role", ADMIN, "C", None, 1),
        ("AWS::IAM::Role", ADMIN, "C", "C", 0),
    ],
)
def test_the_condition_of_a_resource(
    type_: str, properties: dict[str, Any], old: str | None, new: str | None, expected: int
) -> None:
    def conditional(name: str | None) -> dict[str, Any]:
        part: dict[str, Any] = template(type_, **properties)["Resources"]["R"]
        conditions = {key: {"Fn::Equals": [{"Ref": "AWS::Region"}, key]} for key in "CD"}
        condition = {} if name is None else {"Condition": name}
        return {"Conditions": conditions, "Resources": {"R": {**part, **condition}}}

    assert code({"t.json": conditional(old)}, {"t.json": conditional(new)}) == expected


def test_the_count_of_a_role_with_policies() -> None:
    role = 'resource "aws_iam_role" "r" {\n  count = %s\n  managed_policy_arns = var.arns\n}\n'
    assert code({"m.tf": role % "0"}, {"m.tf": role % "1"}) == 1


DOCUMENTS = "".join(
    f'data "aws_iam_policy_document" "{name}" {{\n  statement {{\n    effect = "{effect}"\n'
    f'    actions = ["{action}"]\n    resources = ["*"]\n  }}\n}}\n'
    for name, effect, action in [
        ("read", "Allow", "s3:Get*"), ("all", "Allow", "s3:*"), ("deny", "Deny", "s3:*")
    ]
)  # fmt: skip
DOCUMENT = "data.aws_iam_policy_document.%s.json"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (resource(DOCUMENT % "read"), resource(DOCUMENT % "all"), 1),
        (resource(DOCUMENT % "read"), resource(f'"${{{DOCUMENT % "all"}}}"'), 1),
        (resource("local.read"), resource("local.all"), 1),
        (terraform("a", READ), resource(DOCUMENT % "all"), 1),
        ("", resource(DOCUMENT % "all"), 1),
        (resource(DOCUMENT % "deny"), "", 1),
        (resource(DOCUMENT % "all"), "", 0),
        (terraform("a", READ), "", 0),
        (resource(DOCUMENT % "read"), f"# comment\n{resource(DOCUMENT % 'read')}", 0),
        ("", terraform("a"), 0),
    ],
)
def test_a_resource_that_refers_to_another_policy(old: str, new: str, expected: int) -> None:
    local = f"locals {{\n  read = {DOCUMENT % 'read'}\n  all = {DOCUMENT % 'all'}\n}}\n"
    shared = DOCUMENTS + local
    assert code({"m.tf": shared + old}, {"m.tf": shared + new}) == expected


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"m.tf": f"# comment\n{resource(DOCUMENT % 'read')}"}, 0),
        ({"m.tf": f"# comment\n{resource(DOCUMENT % 'read')}", "sub/e.tf": "# x\n"}, 0),
        ({"m.tf": resource(DOCUMENT % "all")}, 1),
        ({"m.tf": resource(f"true ? {DOCUMENT % 'read'} : {DOCUMENT % 'all'}")}, 0),
        ({"m.tf": resource(DOCUMENT % "read", "b")}, 0),
        ({"m.tf": "# comment\n" + resource(DOCUMENT % "read"), "d.tf": DOCUMENTS + "# x\n"}, 0),
    ],
)
def test_a_document_in_another_file_of_the_module(changed: Files, expected: int) -> None:
    files = {"d.tf": DOCUMENTS, "m.tf": resource(DOCUMENT % "read"), "sub/e.tf": ""}
    assert code(files, changed) == expected


def test_resources_that_swap_documents_of_another_file() -> None:
    def choice(name: str, document: str) -> str:
        written = f"var.c ? {DOCUMENT % document} : jsonencode({json.dumps(policy(READ))})"
        return resource(written, name)

    before = choice("a", "read") + choice("b", "all")
    assert code({"d.tf": DOCUMENTS, "m.tf": before}, {"m.tf": before + "# comment\n"}) == 0
    git("commit", "-qam", "second")
    assert code({}, {"m.tf": choice("b", "read") + choice("a", "all")}) == 1


def test_a_resource_and_the_document_that_it_refers_to_are_removed() -> None:
    assert code({"m.tf": DOCUMENTS + resource(DOCUMENT % "all")}, {"m.tf": "# nothing\n"}) == 0
    document, *_ = DOCUMENTS.partition('data "aws_iam_policy_document" "deny"')
    assert code({"m.tf": document + resource(DOCUMENT % "all")}, {"m.tf": "# nothing\n"}) == 0
