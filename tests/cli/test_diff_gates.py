"""The gates of `diff` never pass what was not read, or what was not compared in every case."""

import json

import pytest
from support.compared_files import DATED, GOOD, READ, code, encoded, resource

Output = pytest.CaptureFixture[str]
pytestmark = pytest.mark.usefixtures("folder")


@pytest.mark.parametrize(
    "policy",
    [
        "var.policy",
        'file("admin.json")',
        'templatefile("admin.json.tftpl", {a = 1})',
        "module.policies.json",
        "data.terraform_remote_state.other.outputs.policy",
        encoded(READ, "var.statement"),
    ],
)
def test_unread_parts_of_terraform_are_unknown(policy: str, capsys: Output) -> None:
    unread = GOOD + resource(policy, "b")
    assert code("main.tf", GOOD + resource(encoded(READ), "b"), unread) == 1
    out = capsys.readouterr().out
    assert "could not be compared: " in out
    assert "main.tf:6:" in out
    assert code("main.tf", unread, GOOD) == 1
    assert "may have denied access" in capsys.readouterr().out
    # What is not known, and is equal, is equal.
    assert code("main.tf", unread, unread) == 0
    assert code("main.tf", unread, GOOD, "--format", "json") == 0
    assert code("main.tf", GOOD, unread, "--forbid", "iam:PassRole") == 1


DOCUMENT = """data "aws_iam_policy_document" "{name}" {{
  {more}
  statement {{
    sid       = "{sid}"
    actions   = ["{action}"]
    resources = ["*"]
  }}
}}
"""


def document(name: str = "d", more: str = "", sid: str = "A", action: str = "s3:GetObject") -> str:
    return DOCUMENT.format(name=name, more=more, sid=sid, action=action)


def test_merged_documents() -> None:
    sources = "source_policy_documents = [data.aws_iam_policy_document.e.json]"
    overrides = "override_policy_documents = [data.aws_iam_policy_document.e.json]"
    base = document("e")
    same = base + document(more=sources)
    assert code("main.tf", same, same) == 0
    assert code("main.tf", same, base + document()) == 0
    assert code("main.tf", base + document(), same) == 0
    other = document(more='source_policy_documents = [file("x.json")]')
    assert code("main.tf", other, other) == 0
    assert code("main.tf", document(), other) == 1
    # Without the same Sid, a statement is not overridden any more.
    overriding = base + document(more=overrides, action="s3:*")
    assert code("main.tf", overriding, overriding) == 0
    apart = document("e", sid="B") + document(more=overrides, action="s3:*")
    assert code("main.tf", overriding, apart) == 1


def test_policies_known_after_apply() -> None:
    document = DATED.replace("ACTION", "s3:GetObject")

    def plan(policy: str | None) -> str:
        after = {"name": "b"} if policy is None else {"name": "b", "policy": policy}
        unknown = {"policy": True} if policy is None else {}
        change = {"actions": ["update"], "after": after, "after_unknown": unknown}
        read = {"actions": ["update"], "after": {"policy": document}, "after_unknown": {}}
        common = {"mode": "managed", "type": "aws_iam_policy"}
        changes = [
            {"address": f"aws_iam_policy.{name}", "change": value, **common}
            for name, value in (("a", read), ("b", change))
        ]
        return json.dumps(
            {"format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": changes}
        )

    known = plan(document)
    assert code("plan.json", known, known) == 0
    assert code("plan.json", known, plan(None)) == 1


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("m.tf", 'format("%s/*",var.a)', 'format("%s/*", var.a)'),
        ("m.tf", "[var.a,local.b]", "[\n  var.a,\n  local.b,\n]"),
        ("m.tf", "var.a", '"${var.a}"'),
        ("m.tf", 'format("%s/*", var.a)', '"${var.a}/*"'),
        ("m.tf", 'join("", [var.a, "/*"])', '"${var.a}/*"'),
        ("m.tf", 'format("%s-%s/*", join("/", [var.a, "b"]), var.b)', '"${var.a}/b-${var.b}/*"'),
        ("m.tf", 'format("%s", var.a)', "var.a"),
        ("t.yaml", "!Ref A", "{Ref: A}"),
        ("t.yaml", '!Join ["", [!Ref A, "/*"]]', '!Sub "${A}/*"'),
        ("t.yaml", "!ImportValue a", "{Fn::ImportValue: a}"),
    ],
)
def test_an_expression_in_another_form_makes_no_difference(name: str, old: str, new: str) -> None:
    wrapped = {
        "m.tf": resource(
            'jsonencode({Version = "2012-10-17", Statement = [{Effect = "Allow", '
            'Action = "s3:GetObject", Resource = %s}]})'
        ),
        "t.yaml": "Resources:\n  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n"
        "      PolicyDocument:\n        Version: '2012-10-17'\n        Statement:\n"
        "        - {Effect: Allow, Action: 's3:GetObject', Resource: %s}\n",
    }[name]
    local = 'locals {\n  b = join("/",["a", "b"])\n}\n' if name == "m.tf" else ""
    moved = local.replace(",", ", ")
    assert code(name, wrapped % old + local, wrapped % new + moved) == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('format("%s/*", var.a)', '"${var.b}/*"'),
        ('format("%d/*", var.a)', '"${var.a}/*"'),
        ('format("%s/*", var.a...)', '"${var.a}/*"'),
        ('join("/", var.a)', '"${var.a}"'),
        ('join("", [for a in var.a : a])', '"${var.a}"'),
    ],
)
def test_an_expression_that_may_be_another_text(old: str, new: str) -> None:
    policy = resource(encoded('{Effect = "Allow", Action = "s3:GetObject", Resource = %s}'))
    assert code("m.tf", policy % old, policy % new) == 1
