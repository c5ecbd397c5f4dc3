"""Statements in arguments of modules, local values and inputs, in the words of Terraform."""

import json
import re
from pathlib import Path

import pytest

from multitool_lint.cli import main
from multitool_lint.diagnostics.rule import rules
from multitool_lint.formats import ReadResult, read_source
from multitool_lint.formats.found import FoundPolicy
from multitool_lint.limits import MAX_TERRAFORM_VALUES
from multitool_lint.linter.engine import lint_source
from multitool_lint.rewrite.fix import fix
from multitool_lint.syntax.json import parser as json_text
from multitool_lint.syntax.source import Edit, Source

UNKNOWN = re.compile(r'"\{\{(?:[^"\\]|\\.)*\}\}"')
READ = '{ effect = "Allow", actions = ["s3:GetObject"], resources = ["*"] }'
BAD = READ.replace("GetObject", "GetObjekt")


def module(argument: str) -> str:
    return f'module "x" {{\n  source = "some/module"\n  {argument}\n}}\n'


def read(text: str, path: str = "main.tf") -> ReadResult:
    return read_source(Source(path, text))


def statements(text: str, path: str = "main.tf") -> dict[str, object]:
    """The statements of each policy by its name, `?` for what is unknown."""
    return {
        str(entry.policy.name): json.loads(UNKNOWN.sub('"?"', entry.policy.source.text))[
            "Statement"
        ]
        for entry in read(text, path).policies
    }


def edits_of(entry: FoundPolicy, document: object) -> tuple[Edit, ...] | None:
    patch = entry.patch()
    assert patch is not None
    return patch.edits(json_text.parse(json.dumps(document), literal=True))


def findings(text: str, path: str = "main.tf") -> set[str]:
    return {finding.rule for finding in lint_source(Source(path, text)).findings}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (READ, {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["*"]}),
        (
            '{ Effect = "Deny", NotAction = "s3:*", Resource = ["*"] }',
            {"Effect": "Deny", "NotAction": ["s3:*"], "Resource": ["*"]},
        ),
        (
            '{ sid = "A", not_actions = ["s3:*"], not_resources = ["*"], effect = "Allow" }',
            {"Sid": "A", "Effect": "Allow", "NotAction": ["s3:*"], "NotResource": ["*"]},
        ),
        (
            '{ "effect" : "Allow", "actions" : ["s3:*"], "resources" : [], "principals" : null }',
            {"Effect": "Allow", "Action": ["s3:*"], "Resource": "?"},
        ),
        (
            '{ actions = ["s3:*"], resource = "&{aws:username}" }',
            {"Effect": "Allow", "Action": ["s3:*"], "Resource": ["${aws:username}"]},
        ),
        (
            (
                '{ actions = ["sts:AssumeRole"], principals = '
                '[{ type = "AWS", identifiers = ["*"] }, '
                '{ type = "Service", identifiers = ["a"] }] }'
            ),
            {
                "Effect": "Allow",
                "Action": ["sts:AssumeRole"],
                "Principal": {"AWS": ["*"], "Service": ["a"]},
            },
        ),
        (
            (
                '{ Effect = "Allow", Action = ["sts:AssumeRole"], '
                'Principal = { Type = "AWS", Identifiers = ["*"] } }'
            ),
            {"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": {"AWS": ["*"]}},
        ),
        (
            '{ actions = ["sts:AssumeRole"], principal = { AWS = "123456789012" } }',
            {
                "Effect": "Allow",
                "Action": ["sts:AssumeRole"],
                "Principal": {"AWS": "123456789012"},
            },
        ),
        (
            '{ actions = ["sts:AssumeRole"], principals = var.principals }',
            {"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": "?"},
        ),
        (
            (
                '{ actions = ["s3:*"], resources = ["*"], conditions = '
                '{ a = { test = "Bool", variable = "aws:SecureTransport", values = ["true"] } } }'
            ),
            {
                "Effect": "Allow",
                "Action": ["s3:*"],
                "Resource": ["*"],
                "Condition": {"Bool": {"aws:SecureTransport": "true"}},
            },
        ),
        (
            (
                '{ actions = ["s3:*"], resources = ["*"], condition_test = "Bool", '
                'condition_variable = "aws:SecureTransport", condition_values = "true" }'
            ),
            {
                "Effect": "Allow",
                "Action": ["s3:*"],
                "Resource": ["*"],
                "Condition": {"Bool": {"aws:SecureTransport": "true"}},
            },
        ),
        (
            (
                '{ actions = ["s3:*"], resources = ["*"], condition = '
                '{ Bool = { "aws:SecureTransport" = "true" } } }'
            ),
            {
                "Effect": "Allow",
                "Action": ["s3:*"],
                "Resource": ["*"],
                "Condition": {"Bool": {"aws:SecureTransport": "true"}},
            },
        ),
        (
            '{ effect = "Allow", actions = ["*:*", "s3:Get_Object", "s3:"], resources = ["*"] }',
            {"Effect": "Allow", "Action": ["*:*", "s3:Get_Object", "s3:"], "Resource": ["*"]},
        ),
        (
            '{ effect = "Allow", actions = var.actions, resources = ["*"] }',
            {"Effect": "Allow", "Action": "?", "Resource": ["*"]},
        ),
    ],
)
def test_a_statement_is_read_in_any_form(statement: str, expected: object) -> None:
    assert statements(module(f"statements = [{statement}]")) == {"module.x.statements": [expected]}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (module(f"policy_statements = [{READ}, {READ}]"), {"module.x.policy_statements": 2}),
        (
            module(f"policy_statements = {{ a = {READ}, b = {READ} }}"),
            {"module.x.policy_statements": 2},
        ),
        (module(f"permissions = {{ a = {READ} }}"), {"module.x.permissions": 1}),
        (
            module(f"roles = {{ a = {READ}, b = {READ} }}"),
            {"module.x.roles.a": 1, "module.x.roles.b": 1},
        ),
        (
            module(f"iam = {{ policies = [{{ statements = [{READ}] }}] }}"),
            {"module.x.iam.policies.statements": 1},
        ),
        (
            module(f"policy_statements = concat([{READ}], var.more)"),
            {"module.x.policy_statements[0]": 1},
        ),
        (
            module(f"policy_statements = var.x ? [{READ}] : []"),
            {"module.x.policy_statements[1]": 1},
        ),
        (
            module(f"policy_statements = [for b in var.x : {READ}]"),
            {"module.x.policy_statements": 1},
        ),
        (f"locals {{\n  some_statements = [{READ}]\n}}\n", {"local.some_statements": 1}),
        (
            f"locals {{\n  a = {{ b = {{ statements = [{READ}] }} }}\n}}\n",
            {"local.a.b.statements": 1},
        ),
        (f'variable "x" {{\n  default = [{READ}]\n}}\n', {"var.x": 1}),
        (f"inputs = {{\n  statements = [{READ}]\n}}\n", {"inputs.statements": 1}),
    ],
)
def test_statements_of_one_policy_are_read_together(text: str, names: dict[str, int]) -> None:
    found = {
        name: len(listed) for name, listed in statements(text).items() if isinstance(listed, list)
    }
    assert found == names


@pytest.mark.parametrize(
    "argument",
    [
        'taints = [{ key = "a", effect = "NoSchedule", action = "x" }]',
        'rules = [{ effect = "Allow", actions = ["Microsoft.Storage/read"], resources = ["*"] }]',
        'roles = { a = { actions = ["*"], resources = ["pods"] } }',
        'roles = { a = { actions = ["pods:list"], resources = ["pods"] } }',
        'listeners = [{ actions = [{ type = "forward", target = "x" }] }]',
        'rules = [{ action = "allow", priority = 1 }]',
        'statements = [{ effect = "Allow", action = ["oss:*"], resource = ["acs:oss:*:*:*"] }]',
        'alarm_actions = ["arn:aws:sns:eu-west-1:123456789012:x"]',
    ],
)
def test_what_is_not_a_statement_is_skipped(argument: str) -> None:
    loaded = read(module(argument))
    assert loaded.policies + loaded.problems == ()
    assert not any(skipped.unread for skipped in loaded.skipped)


def test_a_type_is_not_a_statement() -> None:
    text = (
        'variable "statements" {\n  type = list(object({ effect = string, actions = list(string), '
        "resources = optional(list(string)) }))\n  default = []\n}\n"
    )
    assert not read(text).policies


def test_a_fragment_lacks_nothing_that_its_policy_may_have() -> None:
    trust = (
        '{ actions = ["sts:AssumeRole"], principals = [{ type = "AWS", identifiers = '
        '["arn:aws:iam::123456789012:root"] }], condition = [{ test = "StringEquals", '
        'variable = "sts:SourceIdentity", values = ["a"] }] }'
    )
    key = '{ actions = ["kms:Decrypt"], principals = [{ type = "AWS", identifiers = ["*"] }] }'
    for argument in (
        f"trust_statements = [{trust}]",
        f'key_statements = [{key}, {{ actions = ["kms:Encrypt"], resources = ["*"] }}]',
        'statements = [{ effect = "Allow", actions = ["s3:GetObject"] }]',
        f"key_statements = [var.x ? {key} : null]",
    ):
        missing = {rule for rule in findings(module(argument)) if rule.startswith("missing-")}
        assert not missing, argument


def test_a_required_deny_may_be_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("multitool-lint.toml").write_text(
        '[[rules]]\nid = "deny-leave"\nmessage = "deny it"\nrequire-deny = '
        '[{ actions = ["organizations:LeaveOrganization"] }]\n'
    )
    Path("main.tf").write_text(module(f"statements = [{READ}]"))
    main(["--no-cache", "--select=deny-leave", "main.tf"])
    assert "deny it" not in capsys.readouterr().out


def test_a_local_value_that_a_policy_has_is_linted_once() -> None:
    text = f"""\
locals {{
  statements = [{BAD}]
}}
data "aws_iam_policy_document" "x" {{
  dynamic "statement" {{
    for_each = local.statements
    content {{
      effect    = statement.value.effect
      actions   = statement.value.actions
      resources = statement.value.resources
    }}
  }}
}}
"""
    found = [f for f in lint_source(Source("main.tf", text)).findings if f.rule == "unknown-action"]
    assert [finding.policy_name for finding in found] == ["data.aws_iam_policy_document.x"]
    unresolved = text.replace("local.statements", "local.statements[*]")
    assert "unknown-action" in findings(unresolved)


def test_actions_that_others_have_too_do_not_hide_a_statement() -> None:
    text = f"""\
locals {{
  actions = ["s3:GetObject"]
}}
data "aws_iam_policy_document" "x" {{
  statement {{
    actions   = local.actions
    resources = ["arn:aws:s3:::reports/*"]
  }}
}}
{module('statements = [{ effect = "Allow", actions = local.actions, resources = ["*"] }]')}
"""
    assert "module.x.statements" in statements(text)


@pytest.mark.parametrize("name", ["a.hcl", "b.pkr.hcl", "terraform.tfvars", "main.tofu"])
def test_files_of_other_tools_are_found(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(f"inputs = {{\n  x = [{BAD}]\n}}\n")
    assert main(["--no-cache", "--no-config", "--format=lines", "."]) == 1
    assert f"{name}:2:39: error[" in capsys.readouterr().out


def test_blocks_of_packer_are_read() -> None:
    text = """\
source "amazon-ebs" "x" {
  temporary_iam_instance_profile_policy_document {
    Version = "2012-10-17"
    Statement {
      Action   = ["logs:PutLogEvent"]
      Effect   = "Allow"
      Resource = ["*"]
    }
    Statement {
      Action   = ["s3:GetObject"]
      Effect   = "Allow"
      Resource = ["*"]
    }
  }
}
"""
    [(name, found)] = statements(text, "x.pkr.hcl").items()
    assert name == "source.amazon-ebs.x.temporary_iam_instance_profile_policy_document"
    assert isinstance(found, list)
    assert len(found) == 2
    assert findings(text, "x.pkr.hcl") >= {"unknown-action"}
    assert "missing-version" not in findings(text.replace("    Version", "    #"), "x.pkr.hcl")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            '{ effect = "Allow", actions = ["s3:GetObject", "s3:Get*"], resources = ["*"] }',
            '{ effect = "Allow", actions = ["s3:Get*"], resources = ["*"] }',
        ),
        (
            '{ actions = "s3:GetObjekt", resources = "*" }',
            '{ actions = "s3:GetObject", resources = "*" }',
        ),
    ],
)
def test_values_are_fixed_and_elements_are_not(before: str, after: str) -> None:
    source = Source("main.tf", module(f"x = [{before}]"))
    assert fix(source, unsafe=True, keep_wildcards=True).text == module(f"x = [{after}]")


def test_no_element_is_added_or_renamed() -> None:
    """What a fix adds to a statement would be an attribute that the module does not know."""
    argument = (
        'trust_statements = [{ actions = ["sts:AssumeRoleWithSAML"], principals = '
        '[{ type = "Federated", identifiers = ["arn:aws:iam::123456789012:saml-provider/x"] }] }]'
    )
    source = Source("main.tf", module(argument))
    for entry in read_source(source).policies:
        assert isinstance(entry, FoundPolicy)
        document = json.loads(entry.policy.source.text)
        document["Statement"][0]["Condition"] = {"Bool": {"aws:SecureTransport": "true"}}
        assert edits_of(entry, document) is None
        del document["Statement"][0]["Condition"]
        document["Id"] = "x"
        assert edits_of(entry, document) is None
    findings = lint_source(source, enabled=rules()).findings
    edits = [edit for finding in findings for fix in finding.fixes for edit in fix.edits]
    assert not re.search(r"\b(?:Condition|Version|Sid|Effect)\b", " ".join(map(str, edits)))


def test_a_statement_of_a_map_is_not_removed_without_its_key() -> None:
    source = Source("main.tf", module(f"statements = {{ a = {READ}, b = {READ} }}"))
    [entry] = read_source(source).policies
    assert isinstance(entry, FoundPolicy)
    document = json.loads(entry.policy.source.text)
    del document["Statement"][1]
    assert edits_of(entry, document) is None


@pytest.mark.slow
def test_the_values_of_a_file_are_limited_together() -> None:
    """A list that many statements refer to is read for each of them."""
    actions = ", ".join(f'"s3:Get{number}"' for number in range(1000))
    arguments = "\n".join(
        f'x{number} = [{{ effect = "Deny", actions = local.actions, resources = ["*"] }}]'
        for number in range(200)
    )
    text = f"locals {{\n  actions = [{actions}]\n}}\n{module(arguments)}"
    assert any(f"{MAX_TERRAFORM_VALUES:,} values" in item.message for item in read(text).problems)
