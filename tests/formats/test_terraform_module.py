"""What a Terraform file has of its policies, by itself and together with those next to it."""

import json
import re
from pathlib import Path

import pytest

from multitool_lint.diagnostics.rule import rules
from multitool_lint.formats import ReadResult, read_source
from multitool_lint.formats.endings import may_hold_policies
from multitool_lint.formats.terraform.attributes import holders
from multitool_lint.linter.engine import lint_source
from multitool_lint.linter.lint import lint_with_settings
from multitool_lint.linter.report import Report
from multitool_lint.linter.settings import FileSettings
from multitool_lint.syntax.placeholders import as_written
from multitool_lint.syntax.source import Source

UNKNOWN = re.compile(r'"\{\{(?:[^"\\]|\\.)*\}\}"')
TRUST = """\
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}
"""
READ = """\
data "aws_iam_policy_document" "read" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::reports/*"]
  }
}
"""


def read(text: str, path: str = "main.tf") -> ReadResult:
    return read_source(Source(path, text))


def documents(loaded: ReadResult) -> dict[str, object]:
    """The policies by name, `?` in the place of what is unknown."""
    return {
        str(candidate.policy.name): json.loads(
            UNKNOWN.sub('"?"', as_written(candidate.policy.source.text))
        )
        for candidate in loaded.policies
        if not candidate.merged
    }


def reasons(loaded: ReadResult) -> list[str]:
    return [skipped.why.in_words() for skipped in loaded.skipped]


def kinds(loaded: ReadResult) -> dict[str, tuple[str, str | None]]:
    return {
        str(candidate.policy.name): (candidate.policy.type.value, candidate.policy.resource_type)
        for candidate in loaded.policies
    }


def test_every_attribute_of_the_table_is_read_and_found() -> None:
    policy = 'jsonencode({ Statement = [{ Effect = "Deny", Action = "*" }] })'
    for type_, known in holders().items():
        for path, attribute in known.items():
            *blocks, name = path.split(".")
            inner = f"{' { '.join([*blocks, f'{name} = POLICY'])}{' }' * len(blocks)}"
            text = f'resource "{type_}" "x" {{\n  {inner}\n}}\n'
            assert may_hold_policies("main.tf", text.replace("POLICY", "local.x")), path
            if attribute.type in ("other", "organizations"):
                continue
            [entry] = read(text.replace("POLICY", policy)).policies
            assert entry.policy.name == f"{type_}.x.{path}"
            assert entry.policy.type.value == attribute.type
            assert entry.policy.resource_type == attribute.resource_type


def folder(tmp_path: Path, **files: str) -> ReadResult:
    for name, text in files.items():
        (tmp_path / f"{name}.tf").write_text(text, encoding="utf-8")
    path = tmp_path / "main.tf"
    return read(path.read_text(encoding="utf-8"), str(path))


def test_attributes_show_what_their_policies_are_attached_to() -> None:
    policy = 'jsonencode({Version = "2012-10-17", Statement = []})'
    loaded = read(
        f'resource "aws_iam_role" "a" {{\n  assume_role_policy = {policy}\n'
        f"  inline_policy {{\n    policy = {policy}\n  }}\n"
        f"  inline_policy {{\n    policy = {policy}\n  }}\n}}\n"
        f'resource "aws_s3_bucket_policy" "b" {{\n  policy = {policy}\n}}\n'
        f'resource "aws_organizations_policy" "c" {{\n  content = {policy}\n}}\n'
        'resource "aws_organizations_policy" "d" {\n  type = "RESOURCE_CONTROL_POLICY"\n'
        f"  content = {policy}\n}}\n"
        f'module "e" {{\n  policies = [{policy}, {policy}]\n}}\n'
    )
    assert kinds(loaded) == {
        "aws_iam_role.a.assume_role_policy": ("trust", None),
        "aws_iam_role.a.inline_policy.policy": ("identity", "AWS::IAM::RolePolicy"),
        "aws_iam_role.a.inline_policy.policy[1]": ("identity", "AWS::IAM::RolePolicy"),
        "aws_s3_bucket_policy.b.policy": ("resource", "AWS::S3::Bucket"),
        "aws_organizations_policy.c.content": ("scp", None),
        "aws_organizations_policy.d.content": ("rcp", None),
        "module.e.policies[0]": ("identity", None),
        "module.e.policies[1]": ("identity", None),
    }


def test_a_data_source_is_linted_as_what_the_folder_uses_it_for(tmp_path: Path) -> None:
    uses = (
        'resource "aws_iam_role" "a" {\n'
        "  assume_role_policy = data.aws_iam_policy_document.trust.json\n}\n"
        'resource "aws_sqs_queue_policy" "b" {\n  policy = local.queue\n}\n'
    )
    main = TRUST + READ + "locals {\n  queue = data.aws_iam_policy_document.read.json\n}\n"
    assert kinds(folder(tmp_path, main=main, uses=uses)) == {
        "data.aws_iam_policy_document.trust": ("trust", None),
        "data.aws_iam_policy_document.read": ("resource", "AWS::SQS::Queue"),
    }
    assert kinds(read(main))["data.aws_iam_policy_document.read"] == ("identity", None)


def test_one_that_is_used_in_several_ways_is_linted_by_its_shape(tmp_path: Path) -> None:
    uses = "".join(
        f'resource "{type_}" "a" {{\n  policy = data.aws_iam_policy_document.read.json\n}}\n'
        for type_ in ("aws_iam_policy", "aws_sqs_queue")
    )
    loaded = folder(tmp_path, main=READ, uses=uses)
    assert kinds(loaded) == {"data.aws_iam_policy_document.read": ("identity", None)}


def test_a_local_value_of_another_file_is_certain_and_a_variable_is_not(tmp_path: Path) -> None:
    loaded = folder(
        tmp_path,
        main='locals {\n  here = "s3:PutObject"\n}\n'
        'data "aws_iam_policy_document" "x" {\n  statement {\n'
        "    actions   = concat(var.more, local.actions, [local.here, local.missing])\n"
        '    resources = ["arn:aws:s3:::${local.names["a"]}/*", "arn:aws:s3:::${var.b}/*", var.c]\n'
        "  }\n}\n",
        other='variable "b" {\n  default = "reports"\n}\n'
        'locals {\n  actions = ["s3:GetObject"]\n  names = { a = "reports" }\n}\n',
    )
    (document,) = documents(loaded).values()
    assert document["Statement"] == [  # type: ignore[index]
        {
            "Effect": "Allow",
            "Action": ["?", "s3:GetObject", "s3:PutObject", "?"],
            "Resource": ["arn:aws:s3:::reports/*", "arn:aws:s3:::${var.b}/*", "?"],
        }
    ]
    (written,) = loaded.policies
    places = (written.to_file(action.span) for action in written.policy.statements[0].actions)
    texts = [written.source.text[slice(*place)] for place in places]
    assert texts == ["var.more", "local.actions", '"s3:PutObject"', "local.missing"]


def test_a_dynamic_block_is_there_as_often_as_is_certain() -> None:
    block = """\
  dynamic "statement" {
    for_each = %s
    iterator = it
    content {
      actions   = ["s3:${it.value}"]
      resources = ["*"]
    }
  }
"""
    text = 'data "aws_iam_policy_document" "x" {\n%s}\n'
    certain = documents(read(text % (block % '["GetObject", "PutObject"]')))
    statements = certain["data.aws_iam_policy_document.x"]["Statement"]  # type: ignore[index]
    assert [statement["Action"] for statement in statements] == [
        ["s3:GetObject"],
        ["s3:PutObject"],
    ]
    as_map = documents(read(text % (block % '{ a = "GetObject" }')))
    assert json.dumps(as_map).count('"s3:GetObject"') == 1
    assert documents(read(text % (block % "[]") + "\n")) == {
        "data.aws_iam_policy_document.x": {"Version": "2012-10-17", "Statement": []}
    }


def test_a_statement_that_may_not_be_there_is_linted_alone() -> None:
    text = """\
data "aws_iam_policy_document" "x" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
  }
  dynamic "statement" {
    for_each = var.more
    content {
      actions   = ["s3:*"]
      resources = ["*"]
    }
  }
}
"""
    assert set(documents(read(text))) == {
        "data.aws_iam_policy_document.x",
        "data.aws_iam_policy_document.x (if it has this statement)",
    }
    found = {finding.rule for finding in lint_source(Source("x.tf", text)).findings}
    assert "redundant-statement" not in found


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("var.policy", "an unresolved policy: var.policy"),
        ('file("${path.module}/p.json")', 'a policy in a file that is not here: "p.json"'),
        (
            "data.aws_iam_policy_document.x.json",
            "a policy that is not in this folder: data.aws_iam_policy_document.x",
        ),
        ("module.a.json", "an unresolved policy: module.a.json"),
    ],
)
def test_a_policy_that_cannot_be_read_is_reported(value: str, reason: str) -> None:
    text = f'resource "aws_sns_topic" "x" {{\n  name = "x"\n  policy = {value}\n}}\n'
    (skipped,) = read(text).skipped
    assert (skipped.why.in_words(), skipped.unread) == (reason, True)
    assert text[slice(*skipped.span)] == value


def test_a_policy_in_a_file_is_linted_there(tmp_path: Path) -> None:
    main = "".join(
        f'resource "aws_iam_policy" "{name}" {{\n'
        f'  policy = {name}file("${{path.module}}/{path}"{more})\n}}\n'
        for name, path, more in (("", "p.json", ""), ("template", "p.tftpl", ", {}"))
    )
    for name in ("p.json", "p.tftpl"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    assert [
        (skipped.why.in_words(), skipped.unread) for skipped in folder(tmp_path, main=main).skipped
    ] == [
        ('a policy in a file of its own: "p.json"', False),
        ('a policy in a file of its own: "p.tftpl"', False),
    ]


@pytest.mark.parametrize(
    ("value", "argument", "expected"),
    [
        ('file("${path.root}/policies/p.json")', "", "../../policies/p.json"),
        ('templatefile("${path.cwd}/policies/p.json", {})', "", "../../policies/p.json"),
        ('file("policies/p.json")', "", "../../policies/p.json"),
        ("file(var.p)", 'p = "./modules/a/q.json"', "q.json"),
        ("file(var.p)", 'p = "${path.module}/policies/p.json"', "../../policies/p.json"),
        ("file(var.p)", "p = var.q", None),
        ("file(var.p)", "", None),
        ('file("${path.module}/policies/p.json")', "", None),
        ('file("${path.root}/gone.json")', "", None),
    ],
)
def test_a_file_is_named_from_where_terraform_runs(
    value: str, argument: str, expected: str | None, tmp_path: Path
) -> None:
    module = tmp_path / "modules" / "a"
    module.mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    (tmp_path / "policies").mkdir()
    for path in (module / "q.json", tmp_path / "policies" / "p.json"):
        path.write_text("{}", encoding="utf-8")
    call = f'module "a" {{\n  source = "./modules/a"\n  {argument}\n}}\n'
    (tmp_path / "main.tf").write_text(call, encoding="utf-8")
    text = f'resource "aws_iam_policy" "p" {{\n  policy = {value}\n}}\n'
    (skipped,) = read_source(Source(str(module / "main.tf"), text)).skipped
    assert (skipped.file and skipped.file.name) == expected


CHOICES = """
locals {
  chosen = var.x ? "a.json" : "b.json"
  suffix = var.x ? "-dev" : ""
  folder = "policies"
  open   = var.name
  loop   = local.loop
}
"""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('file("${path.module}/policies/${local.chosen}")', ["policies/a.json", "policies/b.json"]),
        ("templatefile(local.chosen, {})", ["a.json", "b.json"]),
        ('file(var.x ? "a.json" : "${path.module}/b.json")', ["a.json", "b.json"]),
        (
            'file("${local.folder}/a${local.suffix}.json")',
            ["policies/a-dev.json", "policies/a.json"],
        ),
        ('file("${local.folder}/a.json")', ["policies/a.json"]),
    ],
)
def test_a_file_that_a_local_value_names(value: str, expected: list[str], tmp_path: Path) -> None:
    for name in expected:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}", encoding="utf-8")
    text = f'{CHOICES}resource "aws_iam_policy" "p" {{\n  policy = {value}\n}}\n'
    loaded = folder(tmp_path, main=text)
    assert [skipped.why.in_words() for skipped in loaded.skipped] == [
        f'a policy in a file of its own: "{name}"' for name in expected
    ]
    assert [skipped.file and skipped.file.is_policy for skipped in loaded.skipped] == [
        len(expected) == 1
    ] * len(expected)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ('file("${local.open}")', 'a policy in a file that is not here: "${local.open}"'),
        ('file("${local.loop}")', 'a policy in a file that is not here: "${local.loop}"'),
        ("file(local.open)", "an unresolved policy: file(local.open)"),
        ("file(local.loop)", "an unresolved policy: file(local.loop)"),
    ],
)
def test_a_local_value_that_names_no_file(value: str, reason: str, tmp_path: Path) -> None:
    text = f'{CHOICES}resource "aws_iam_policy" "p" {{\n  policy = {value}\n}}\n'
    assert reasons(folder(tmp_path, main=text)) == [reason]


BROKEN = 'data "aws_iam_policy_document" "x" {\n  statement { actions = ["s3:*"]; }\n}\n'


@pytest.mark.parametrize(
    ("broken", "value", "reason"),
    [
        (
            BROKEN,
            "data.aws_iam_policy_document.x.json",
            "a policy in a block that could not be read: data.aws_iam_policy_document.x",
        ),
        (
            BROKEN.replace("document", "files"),
            "data.aws_iam_policy_document.x.json",
            "a policy that is not in this folder: data.aws_iam_policy_document.x",
        ),
        (
            BROKEN,
            "data.aws_iam_policy_document.y.json",
            "a policy that is not in this folder: data.aws_iam_policy_document.y",
        ),
        (
            "locals {\n  x = jsonencode({ Statement = [ })\n}\n",
            "local.x",
            "a policy in a block that could not be read: local.x",
        ),
    ],
)
def test_a_policy_in_a_block_with_a_mistake(
    broken: str, value: str, reason: str, tmp_path: Path
) -> None:
    resource = f'resource "aws_sns_topic" "x" {{\n  policy = {value}\n}}\n'
    assert reason in reasons(read(broken + resource))
    if value != "local.x":  # of a local value, the parser recovers there
        assert reason in reasons(folder(tmp_path, main=resource, other=broken))
    merging = f'data "aws_iam_policy_document" "m" {{\n  source_policy_documents = [{value}]\n}}\n'
    merged = [text for text in reasons(read(broken + merging)) if text.startswith("merged")]
    assert [("could not be read" in text) for text in merged] == ["could not" in reason]


@pytest.mark.parametrize("value", ["null", '""'])
def test_a_file_without_a_policy_is_not_reported(value: str) -> None:
    text = f'resource "aws_sns_topic" "x" {{\n  policy = {value}\n}}\n'
    assert reasons(read(text)) == ["no block or attribute with a policy"]


def test_a_type_constraint_is_not_a_policy() -> None:
    type_ = "object({ Version = string, Statement = list(object({ Effect = string })) })"
    default = '{ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "*" }] }'
    text = 'variable "p" {\n  type    = %s\n  default = %s\n}\noutput "o" {\n  type = %s\n}\n'
    loaded = read_source(Source("main.tf", text % (type_, default, type_)))
    (policy,) = loaded.policies
    assert policy.policy.name == "variable.p.default"
    assert not loaded.skipped


def test_documents_that_are_merged_are_linted_where_they_are() -> None:
    text = TRUST + (
        'data "aws_iam_policy_document" "all" {\n'
        "  source_policy_documents = [data.aws_iam_policy_document.trust.json]\n"
        "  override_policy_documents = [var.more, data.aws_iam_policy_document.gone.json]\n}\n"
    )
    loaded = read(text)
    assert list(documents(loaded)) == ["data.aws_iam_policy_document.trust"]
    assert reasons(loaded) == [
        "merged into a policy: data.aws_iam_policy_document.gone, not in this folder",
        ("merged into a policy, unresolved: [var.more, data.aws_iam_policy_document.gone.json]"),
    ]


def test_both_branches_of_a_condition_are_read() -> None:
    one, other = (
        f'jsonencode({{Statement = [{{Effect = "Allow", Action = "{action}", Resource = "*"}}]}})'
        for action in ("s3:GetObject", "s3:PutObject")
    )
    text = f'resource "aws_iam_policy" "x" {{\n  policy = var.x ? {one} : {other}\n}}\n'
    assert list(documents(read(text))) == [
        "aws_iam_policy.x.policy[1]",
        "aws_iam_policy.x.policy[2]",
    ]


def test_objects_are_merged_where_all_are_known() -> None:
    statement = '[{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }]'
    text = (
        'locals {\n  base = { Version = "2008-10-17", Id = "x" }\n'
        "  one = jsonencode(merge(local.base, "
        f'{{ Version = "2012-10-17", Statement = {statement} }}))\n'
        f"  two = jsonencode(merge(var.base, {{ Statement = {statement} }}))\n}}\n"
    )
    loaded = read(text)
    assert list(documents(loaded)) == ["local.one"]
    assert list(documents(loaded)["local.one"]) == ["Version", "Id", "Statement"]  # type: ignore[call-overload]
    assert reasons(loaded) == ["merged with an unresolved value"]


def test_what_is_merged_with_an_unknown_value_need_not_be_a_policy() -> None:
    policy = '{"Version": "2012-10-17", "Statement": []}'
    text = (
        'module "m" {\n  source = "./m"\n  tags = merge(var.tags, { Name = "policy" })\n'
        f"  role = merge(var.role, {{ policy = <<EOT\n{policy}\nEOT\n}})\n}}\n"
        "locals {\n  secret = jsonencode(merge(var.a, { b = 1 }))\n}\n"
        'resource "aws_iam_policy" "p" {\n  policy = jsonencode(merge(var.a, var.b))\n}\n'
    )
    loaded = read(text)
    assert list(documents(loaded)) == ["module.m.role[1].policy"]
    assert reasons(loaded) == ["merged with an unresolved value"]


def test_other_languages_are_skipped() -> None:
    text = (
        'resource "aws_iot_policy" "x" {\n  policy = jsonencode({Version = "2012-10-17", '
        'Statement = [{Effect = "Allow", Action = "iot:*", Resource = "*"}]})\n}\n'
        'resource "aws_sns_topic_data_protection_policy" "y" {\n'
        '  policy = jsonencode({Name = "x", Version = "2021-06-01", '
        'Statement = [{Sid = "x", DataDirection = "Inbound"}]})\n}\n'
    )
    loaded = read(text)
    assert not loaded.policies
    assert set(reasons(loaded)) == {"a policy in another language than IAM's"}


def test_a_directive_in_a_heredoc_is_reported() -> None:
    text = (
        'resource "aws_iam_policy" "x" {\n  policy = <<EOF\n{"Version": "2012-10-17", "Statement": '
        '[%{ for a in var.x }{"Effect": "Allow", "Action": "${a}"},%{ endfor }]}\nEOF\n}\n'
    )
    (skipped,) = read(text).skipped
    assert skipped.unread
    assert "template" in skipped.why.in_words()


def test_unknown_parts_are_not_mistakes() -> None:
    text = """\
data "aws_iam_policy_document" "x" {
  statement {
    sid       = "Read${var.x}"
    effect    = var.effect
    actions   = var.actions
    resources = [for each in var.names : "arn:aws:s3:::${each}/*"]
    dynamic "condition" {
      for_each = var.conditions
      content {
        test     = condition.value.test
        variable = condition.key
        values   = condition.value.values
      }
    }
  }
  statement {
    sid       = "Partition"
    actions   = ["ssm:GetParameter"]
    resources = ["arn:${data.aws_partition.x.partition}:ssm:${local.r}:${var.a_b-c}:parameter/x"]
  }
}
locals {
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(
      [for each in var.x : { Effect = each, Action = each, Resource = each }],
      var.y, [local.one, { for k in x : k => k }]
    )
  })
  other = jsonencode({ Version = "2012-10-17", Statement = var.statements })
}
"""
    loaded = read(text)
    assert [policy.case for policy in loaded.policies] == [False, False, True, False]
    assert not lint_source(Source("x.tf", text)).findings


def linted(text: str) -> Report:
    return lint_with_settings(Source("x.tf", text), FileSettings(rules()))


def test_a_comment_covers_its_line_or_what_it_precedes() -> None:
    statement = '    actions = ["s3:NoSuch"]{}\n    resources = ["*"]\n'
    block = 'data "aws_iam_policy_document" "x" {{\n{}  statement {{\n{}  }}\n}}\n'
    comment = "multitool-lint: ignore[unknown-action] it comes soon"
    behind = block.format("", statement.format(f" # {comment}"))
    above = block.format(f"  // {comment}\n", statement.format(""))
    whole = f"/* {comment} */\n" + block.format("", statement.format(""))
    one = block.format("", f"    # {comment}\n" + statement.format(""))
    several = f"# {comment}\n# multitool-lint: ignore[unscoped-resource] all\n" + block.format(
        "", statement.format("")
    )
    for text in (behind, above, whole, one, several):
        report = linted(text)
        assert "unknown-action" in {entry.finding.rule for entry in report.suppressed}, text
        assert "unknown-action" not in {finding.rule for finding in report.findings}
    elsewhere = block.format("", statement.format("")) + f"# {comment}\n"
    assert "unknown-action" in {finding.rule for finding in linted(elsewhere).findings}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('data "aws_iam_policy_document" "x" {\n  statement {\n    actions = ["a" "b"]\n', (3, 16)),
        ('resource "a" "b" {\n  policy = <<EOF\n{"Statement": []}\n', (4, 1)),
        ("locals {\n  a = { Statement = [ }\n}\n", (2, 23)),
    ],
)
def test_a_syntax_error_has_a_place_and_fails_the_run(text: str, place: tuple[int, int]) -> None:
    report = lint_source(Source("x.tf", text))
    (finding,) = report.findings
    assert finding.rule == "hcl-syntax-error"
    assert report.unchecked
    assert report.source.position(finding.span.start) == place


def test_what_is_next_to_a_mistake_is_still_read() -> None:
    loaded = read(READ + 'resource "x" "y" {\n  a = ["b" "c"]\n}\n' + TRUST)
    assert len(loaded.policies) == 2
    assert not loaded.problems  # nothing there looks like a policy


def test_a_local_value_without_a_policy_is_reported_where_it_is_attached(tmp_path: Path) -> None:
    (tmp_path / "here.json").write_text("{}", encoding="utf-8")
    loaded = folder(
        tmp_path,
        main=READ
        + "".join(
            f'resource "aws_iam_policy" "p{number}" {{\n  policy = {value}\n}}\n'
            for number, value in enumerate(
                (
                    "local.chain",
                    "local.file",
                    "local.on ? data.aws_iam_policy_document.read.json : null",
                    "lookup(local.made, local.on)",
                    "local.made[local.on]",
                    "local.loop",
                )
            )
        )
        + 'data "aws_iam_policy_document" "all" {\n  source_policy_documents = [local.chain]\n}\n',
        other="locals {\n  chain = local.open\n  open = var.policy\n  on = var.on\n"
        '  file = file("${path.module}/here.json")\n  loop = local.loop\n'
        "  made = { a = jsonencode({ Statement = [] }) }\n}\n",
    )
    assert reasons(loaded) == [
        "an unresolved policy: local.open = var.policy",
        'a policy in a file of its own: "here.json"',
        "merged into a policy, unresolved: local.open = var.policy",
    ]


def test_what_is_found_in_a_value_that_a_policy_has_twice_is_reported_once() -> None:
    text = (
        'locals {\n  acts = ["s3:Get", "s3:GetObject"]\n}\n'
        'data "aws_iam_policy_document" "x" {\n'
        '  statement {\n    actions = local.acts\n    resources = ["arn:aws:s3:::a/*"]\n  }\n'
        '  statement {\n    actions = local.acts\n    resources = ["arn:aws:s3:::b/*"]\n  }\n}\n'
    )
    found = [finding.rule for finding in lint_source(Source("main.tf", text)).findings]
    assert found.count("unknown-action") == 1


def test_each_value_is_named_after_the_instance_that_has_it() -> None:
    policy = '{ a = jsonencode({ Statement = [{ Effect = "Deny", Action = "*" }] }) }'
    text = "".join(
        f'resource "aws_iam_policy" "x{number}" {{\n  for_each = {values}\n'
        "  policy = each.value.json\n}\n"
        for number, values in enumerate((policy, "local.made", "var.policies"))
    )
    loaded = read(f"locals {{\n  made = {policy}\n}}\n{text}")
    assert list(documents(loaded)) == ["local.made.a", "aws_iam_policy.x0.for_each.a"]
    assert reasons(loaded) == ["an unresolved policy: var.policies"]


@pytest.mark.parametrize(
    ("values", "unread"),
    [
        ("{ a = D }", ""),
        ("{ for k, v in { a = D, b = null } : k => v if v != null }", ""),
        ("local.made", ""),
        ("var.made", "var.made"),
        ("{ a = var.made, b = D }", "var.made"),
        ("{ for k, v in var.made : k => v }", "var.made"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("iterator", ["", "iterator = inline"])
def test_the_values_of_a_dynamic_block_are_its_policies(
    values: str, unread: str, iterator: str
) -> None:
    name = "inline" if iterator else "inline_policy"
    values = values.replace("D", "data.aws_iam_policy_document.d.json")
    text = (
        'data "aws_iam_policy_document" "d" {\n  statement {\n    actions = ["s3:GetObject"]\n'
        '    resources = ["*"]\n  }\n}\n'
        "locals {\n  made = { a = data.aws_iam_policy_document.d.json }\n}\n"
        f'resource "aws_iam_role" "r" {{\n  dynamic "inline_policy" {{\n    for_each = {values}\n'
        f"    {iterator}\n    content {{\n      policy = {name}.value\n    }}\n  }}\n}}\n"
    )
    loaded = read(text)
    assert reasons(loaded) == ([f"an unresolved policy: {unread}"] if unread else [])
    if values.startswith("{ a") or "null" in values:
        assert [entry.policy.resource_type for entry in loaded.policies] == ["AWS::IAM::RolePolicy"]
