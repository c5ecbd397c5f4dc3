"""The gates of `diff` never pass what was not read, or what was not compared in every case."""

import json
import subprocess
from pathlib import Path

import pytest
from support.compared_files import NEW_ACCESS, code, resource

from multitool_lint.cli import main

Output = pytest.CaptureFixture[str]


pytestmark = pytest.mark.usefixtures("folder")


READ = '{Effect = "Allow", Action = "s3:GetObject", Resource = "*"}'


def encoded(*statements: str) -> str:
    return f'jsonencode({{Version = "2012-10-17", Statement = [{", ".join(statements)}]}})'


GOOD = resource(encoded(READ))


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
    for old, new in (
        (GOOD + resource(encoded(READ), "b"), unread),
        (unread, unread),
        (unread, GOOD),
    ):
        assert code("main.tf", old, new) == 1
        out = capsys.readouterr().out
        assert "could not be compared: " in out
        assert "/main.tf:6:" in out
        assert "access unchanged" not in out
        assert code("main.tf", old, new, "--format", "json") == 0
    assert code("main.tf", GOOD, unread, "--forbid", "iam:PassRole") == 1


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("s3:GetObject", "s3:GetObject", 0),
        ("s3:*", "s3:GetObject", 0),
        ("s3:GetObject", "s3:PutObject", 1),
        ("s3:GetObject", None, 1),
        (None, None, 1),
        (None, "s3:GetObject", 1),
    ],
)
@pytest.mark.parametrize("kind", ["main.tf", "template.yaml", "serverless.yml"])
def test_files_that_are_named_are_compared(
    kind: str, old: str | None, new: str | None, expected: int, capsys: Output
) -> None:
    """Each version of a file with the version of the file that it names."""
    name, text, other = NAMING[kind]
    for folder, action in (("old", old), ("new", new)):
        Path(folder).mkdir()
        if action:
            Path(folder, name).write_text(other.replace("ACTION", action), encoding="utf-8")
    assert code(kind, text, text) == expected
    if None in (old, new):
        assert "could not be compared" in capsys.readouterr().out


STATEMENT = '{"Effect": "Allow", "Action": "ACTION", "Resource": "*"}'
DATED = f'{{"Version": "2012-10-17", "Statement": [{STATEMENT}]}}'
STACK = "Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: NAME}"
MANAGED = f"Type: AWS::IAM::ManagedPolicy, Properties: {{PolicyDocument: {DATED}}}"
NAMING = {
    "main.tf": ("own.json", resource('file("own.json")', "b"), DATED),
    "template.yaml": (
        "own.yaml",
        f"Resources: {{S: {{{STACK.replace('NAME', 'own.yaml')}}}}}",
        f"Resources: {{P: {{{MANAGED}}}}}",
    ),
    "serverless.yml": (
        "own.json",
        "service: a\nprovider: {name: aws, iamRoleStatements: ['${file(own.json)}']}\n",
        STATEMENT,
    ),
}
"""By the name of a file: the file that it names, and their texts."""


def stack(properties: str, more: str = "") -> str:
    return (
        "Parameters: {Who: {Type: String}}\nConditions: {C: !Equals [!Ref Who, a]}\nResources:\n"
        f"  S: {{Type: AWS::CloudFormation::Stack, Properties: {{{properties}}}{more}}}\n"
    )


def test_what_decides_about_a_nested_stack_is_compared(capsys: Output) -> None:
    child = f"Parameters: {{P: {{Type: String}}}}\nResources: {{P: {{{MANAGED}}}}}"
    child = child.replace('"Resource": "*"', '"Resource": !Ref P').replace("ACTION", "s3:*")
    for folder in ("old", "new"):
        Path(folder).mkdir()
        Path(folder, "a.yaml").write_text(child, encoding="utf-8")
        Path(folder, "b.yaml").write_text(child.replace("s3:*", "s3:Get*"), encoding="utf-8")

    def of(name: str, value: str = '"arn:aws:s3:::b/*"') -> str:
        return f"TemplateURL: {name}, Parameters: {{P: {value}}}"

    base = stack(of("b.yaml"))
    for old, new, expected in (
        (base, base, 0),
        (base, stack(of("a.yaml")), 1),
        (stack(of("a.yaml")), base, 0),
        (base, stack(of("b.yaml", '"*"')), 1),
        (base, stack(of("b.yaml", "!Ref Who")), 1),
        (stack(of("b.yaml", "!Ref Who")), stack(of("b.yaml", "!Ref Who")), 0),
        (base, stack(of("b.yaml"), ", Condition: C"), 1),
    ):
        assert code("t.yaml", old, new) == expected, new
    capsys.readouterr()


def test_a_file_of_another_policy_is_compared() -> None:
    for folder in ("old", "new"):
        Path(folder).mkdir()
        for name, action in (("a.json", "s3:*"), ("b.json", "s3:GetObject")):
            text = DATED.replace("ACTION", action)
            Path(folder, name).write_text(text, encoding="utf-8")
    both = [resource(f'file("{name}.json")', name) for name in "ab"]
    swapped = [resource(f'file("{name}.json")', other) for name, other in ("ba", "ab")]
    assert code("main.tf", "".join(both), "".join(both)) == 0
    assert code("main.tf", "".join(both), "".join(swapped)) == 1
    inline = resource(encoded(READ), "a")
    assert code("main.tf", inline, resource('file("b.json")')) == 0
    assert code("main.tf", inline, resource('file("a.json")')) == 1
    for other in ('templatefile("b.json", {})', 'var.x ? file("b.json") : file("a.json")'):
        assert code("main.tf", resource(other), resource(other)) == 1


def test_another_stack_of_the_same_file_is_new() -> None:
    stacks = [f"{name}: {{{STACK.replace('NAME', 'own.yaml')}}}" for name in "ST"]
    child = f"Resources: {{P: {{{MANAGED}}}}}".replace("ACTION", "s3:*")
    for folder in ("old", "new"):
        Path(folder).mkdir()
        Path(folder, "own.yaml").write_text(child, encoding="utf-8")
    both = f"Resources: {{{', '.join(stacks)}}}"
    assert code("t.yaml", both, both) == 0
    assert code("t.yaml", f"Resources: {{{stacks[0]}}}", both) == 1


def test_files_that_name_each_other_are_not_compared(capsys: Output) -> None:
    stacks = f"Resources: {{S: {{{STACK}}}, P: {{{MANAGED}}}}}"
    text = stacks.replace("ACTION", "s3:GetObject")
    for folder in ("old", "new"):
        Path(folder).mkdir()
        Path(folder, "b.yaml").write_text(text.replace("NAME", "a.yaml"), encoding="utf-8")
    assert code("a.yaml", *[text.replace("NAME", "b.yaml")] * 2) == 1
    out = capsys.readouterr().out
    assert out.count("P/PolicyDocument") == 2
    assert "b.yaml:1:16: a nested stack in a file of its own" in out


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
    assert code("main.tf", same, base + document()) == 1
    assert code("main.tf", base + document(), same) == 1
    other = document(more='source_policy_documents = [file("x.json")]')
    assert code("main.tf", other, other) == 1
    # Without the same Sid, a statement is not overridden any more.
    overriding = base + document(more=overrides)
    assert code("main.tf", overriding, overriding) == 0
    assert code("main.tf", overriding, document("e", sid="B") + document(more=overrides)) == 1


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


def template(statement: str, *, before: str = "", properties: str = "", role: str = "R") -> str:
    return f"""{before}
Resources:
  {role}:
    Type: AWS::IAM::Role
    Properties:
      {properties}
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {{Effect: Allow, Principal: {{Service: ec2.amazonaws.com}}, Action: sts:AssumeRole}}
      Policies:
        - PolicyName: a
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - {statement}
"""


ALLOW = "{Effect: Allow, Action: s3:GetObject, Resource: 'arn:aws:s3:::b/*'}"
TWO = "Conditions:\n  C: !Equals [!Ref AWS::Region, us-east-1]\n"


@pytest.mark.parametrize(
    "statement",
    [
        "{Effect: Allow, Action: s3:GetObject, Resource: !If [C, 'arn:aws:s3:::b/*', '*']}",
        "{Effect: Allow, Action: s3:GetObject, Resource: !If [C, '*', 'arn:aws:s3:::b/*']}",
        "!If [C, {Effect: Allow, Action: 's3:*', Resource: '*'}, !Ref AWS::NoValue]",
        "!If [C, !Ref AWS::NoValue, {Effect: Allow, Action: 's3:*', Resource: '*'}]",
        "!Ref Statement",
        "Fn::Transform: {Name: Statements}",
    ],
)
def test_every_case_of_a_condition_counts(statement: str) -> None:
    narrow, wide = template(ALLOW, before=TWO), template(statement, before=TWO)
    assert code("template.yaml", narrow, wide) == 1
    assert code("template.yaml", narrow, wide, "--forbid", "s3:GetObject@arn:aws:s3:::c/x") == 1
    if "!If" in statement:
        assert code("template.yaml", wide, wide) == 0
        assert code("template.yaml", wide, wide.replace("C,", "D,").replace("  C:", "  D:")) in (
            0,
            1,
        )


def test_cases_are_compared_with_the_same_case() -> None:
    one = ALLOW.replace("'arn:aws:s3:::b/*'", "!If [C, 'arn:aws:s3:::b', 'arn:aws:s3:::c']")
    other = one.replace("::b'", "::x'").replace("::c'", "::b'").replace("::x'", "::c'")
    old = template(one, before=TWO)
    assert code("template.yaml", old, old) == 0
    assert code("template.yaml", old, template(other, before=TWO)) == 1
    changed = TWO.replace("us-east-1", "us-west-2")
    assert code("template.yaml", old, template(one, before=changed)) == 1


@pytest.mark.parametrize("element", ["Condition", "Effect"])
def test_a_deny_that_a_condition_leaves_out(element: str) -> None:
    condition = "Condition: {Bool: {'aws:SecureTransport': 'false'}}"
    deny = f"{{Effect: Deny, Action: 's3:*', Resource: '*', {condition}}}"
    both = template(f"{ALLOW}\n              - {deny}", before=TWO)
    if element == "Condition":
        left = both.replace(
            "{Bool: {'aws:SecureTransport': 'false'}}",
            "!If [C, {Bool: {'aws:SecureTransport': 'false'}}, !Ref AWS::NoValue]",
        )
        assert code("template.yaml", left, both) == 1
    else:
        left = both.replace(deny, f"!If [C, {deny}, !Ref AWS::NoValue]")
        assert code("template.yaml", both, left) == 1
        assert code("template.yaml", left, both) == 0


def test_defaults_that_have_changed() -> None:
    statement = "{Effect: Allow, Action: s3:GetObject, Resource: !Ref R}"

    def parameters(default: str) -> str:
        return f"Parameters:\n  R: {{Type: String, Default: '{default}'}}\n"

    old = template(statement, before=parameters("arn:aws:s3:::b/*"))
    assert code("template.yaml", old, old) == 0
    assert code("template.yaml", old, template(statement, before=parameters("*"))) == 1
    indirect = 'locals {\n  b = "${var.r}-x"\n}\nvariable "r" {\n  default = "b"\n}\n'
    policy = resource(encoded('{Effect = "Allow", Action = "s3:GetObject", Resource = local.b}'))
    assert code("main.tf", indirect + policy, indirect + policy) == 0
    assert code("main.tf", indirect + policy, indirect.replace('= "b"', '= "*"') + policy) == 1
    part = '{Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::${local.b}/*"}'
    policy = resource(encoded(part))
    assert code("main.tf", indirect + policy, indirect + policy) == 0
    assert code("main.tf", indirect + policy, indirect.replace('= "b"', '= "*"') + policy) == 1


def test_values_of_other_files_that_have_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(key, "/dev/null")

    def git(*arguments: str) -> None:
        author = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        subprocess.run(["git", *author, *arguments], check=True, capture_output=True)

    statement = '{Effect = "Allow", Action = local.actions, Resource = "*"}'
    Path("main.tf").write_text(resource(encoded(statement)), encoding="utf-8")
    Path("locals.tf").write_text('locals {\n  actions = ["s3:Get*"]\n}\n', encoding="utf-8")
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "first")
    assert main(["diff", "--staged", NEW_ACCESS, "main.tf"]) == 0
    Path("locals.tf").write_text('locals {\n  actions = ["*"]\n}\n', encoding="utf-8")
    assert main(["diff", "--staged", NEW_ACCESS, "main.tf"]) == 0
    git("add", ".")
    assert main(["diff", "--staged", NEW_ACCESS, "main.tf"]) == 1


def test_values_of_a_dynamic_block_that_have_changed() -> None:
    dynamic = """data "aws_iam_policy_document" "d" {
  dynamic "statement" {
    for_each = var.one
    content {
      actions   = statement.value.actions
      resources = ["*"]
    }
  }
}
"""
    assert code("main.tf", dynamic, dynamic) == 0
    assert code("main.tf", dynamic, dynamic.replace("var.one", "var.other")) == 1


@pytest.mark.parametrize("on", ["var.on ? [1] : []", 'toset(concat(var.on ? ["x"] : [], []))'])
def test_how_often_a_dynamic_statement_is_there_has_changed(on: str) -> None:
    variable = 'variable "on" {\n  default = false\n}\n'
    dynamic = f"""data "aws_iam_policy_document" "d" {{
  dynamic "statement" {{
    for_each = {on}
    content {{
      actions   = ["s3:*"]
      resources = ["*"]
    }}
  }}
}}
"""
    old = variable + dynamic
    assert code("main.tf", old, old) == 0
    assert code("main.tf", old, old.replace("false", "true")) == 1
    assert code("main.tf", old, old.replace(on, "[1]")) == 1
    assert code("main.tf", old.replace(on, "[1]"), old) == 0
    assert code("main.tf", old, old.replace("var.on", "var.off")) == 1
    block = {"for_each": f"${{{on}}}", "content": {"actions": ["s3:*"], "resources": ["*"]}}
    document = {"aws_iam_policy_document": {"d": {"dynamic": {"statement": block}}}}
    as_json = json.dumps({"variable": {"on": {"default": False}}, "data": document})
    assert code("main.tf.json", as_json, as_json) == 0
    assert code("main.tf.json", as_json, as_json.replace("false", "true")) == 1


INLINE = """Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}
      Policies:
"""


def inline(*statements: str) -> str:
    return INLINE + "".join(
        f"""        - PolicyName: p{number}
          PolicyDocument: {{Version: "2012-10-17", Statement: [{statement}]}}
"""
        for number, statement in enumerate(statements)
    )


def test_inline_policies_of_a_role_are_one() -> None:
    one, two = ALLOW, "{Effect: Allow, Action: 'sqs:SendMessage', Resource: '*'}"
    assert code("template.yaml", inline(one, two), inline(two, one)) == 0
    assert code("template.yaml", inline(one, two), inline(two)) == 0
    assert code("template.yaml", inline(one), inline(two, one)) == 1
    deny = "{Effect: Deny, Action: '*', Resource: '*'}"
    assert code("template.yaml", inline(two, deny), inline(one, deny)) == 0
    assert code("template.yaml", inline(two, deny), inline(two)) == 1


def test_a_deny_in_another_policy_hides_nothing(capsys: Output) -> None:
    deny = resource(encoded('{Effect = "Deny", Action = "*", Resource = "*"}'), "deny")
    wide = resource(encoded('{Effect = "Allow", Action = "*", Resource = "*"}'))
    assert code("main.tf", GOOD, wide + deny) == 1
    assert code("main.tf", GOOD + deny, GOOD) == 1
    assert "(no longer denied)" in capsys.readouterr().out
    assert code("main.tf", GOOD, GOOD + resource(encoded(READ), "new")) == 1
    assert code("main.tf", GOOD, resource(encoded(READ), "renamed")) == 1


def test_a_role_that_is_removed_takes_its_denials_along() -> None:
    statement = '{Effect = "Deny", Action = "*", Principal = "*"}'
    role = f'resource "aws_iam_role" "r" {{\n  assume_role_policy = {encoded(statement)}\n}}\n'
    assert code("main.tf", GOOD + role, GOOD) == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ManagedPolicyArns: [arn:aws:iam::aws:policy/ReadOnlyAccess]", ""),
        ("", "ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess]"),
        ("PermissionsBoundary: arn:aws:iam::aws:policy/ReadOnlyAccess", ""),
        ("ManagedPolicyArns: [!Ref A]", "ManagedPolicyArns: [!Ref B]"),
    ],
)
def test_attachments_that_change(old: str, new: str, capsys: Output) -> None:
    before, after = (template(ALLOW, properties=text) for text in (old, new))
    assert code("template.yaml", before, before) == 0
    assert "access unchanged" in capsys.readouterr().out
    assert code("template.yaml", before, after) == 1
    out = capsys.readouterr().out
    assert "has changed; what is attached or merged is not compared" in out
    assert "access unchanged" not in out


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('role = "a"\n policy_arn = "b"', 'role = "a"\n policy_arn = "c"'),
        ('role = "a"\n policy_arn = "b"', None),
        (None, 'role = "a"\n policy_arn = "b"'),
    ],
)
def test_attachments_of_terraform(old: str | None, new: str | None) -> None:
    def attached(body: str | None) -> str:
        head = 'resource "aws_iam_role_policy_attachment" "x"'
        return GOOD if body is None else f"{GOOD}{head} {{\n {body}\n}}\n"

    assert code("main.tf", attached(old), attached(old)) == 0
    assert code("main.tf", attached(old), attached(new)) == 1
    only = attached(new).removeprefix(GOOD)
    assert code("main.tf", only, only) == (2 if not only else 0)


def test_what_a_policy_is_attached_to() -> None:
    old = resource(
        encoded(READ), type_="aws_iam_role_policy", more="  role = aws_iam_role.small.id"
    )
    assert code("main.tf", old, old) == 0
    assert code("main.tf", old, old.replace("small", "large")) == 1
    assert code("main.tf", GOOD + old, GOOD) == 0


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
