"""What holds for every reader, whatever the file contains."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import yaml
from hypothesis import strategies as st

from fuzz import disguise, seeds
from fuzz.harness import Harness
from fuzz.mutation import COMMON, mutated
from multitool_lint.diagnostics.finding import Safety
from multitool_lint.diagnostics.rule import Severity, rules
from multitool_lint.formats import read_source
from multitool_lint.linter.lint import lint_with_settings
from multitool_lint.linter.settings import FileSettings
from multitool_lint.reporters.text import render
from multitool_lint.rewrite.fix import fix
from multitool_lint.syntax.source import Source, Span, UnreadableError, apply_edits, decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hypothesis.strategies import SearchStrategy

    from multitool_lint.linter.report import Report

_SETTINGS = FileSettings(enabled=rules())
_lint = partial(lint_with_settings, settings=_SETTINGS)

_YAML = (
    *(b"&a ", b"*a", b"<<: *a", b"<<", b"---\n", b"...\n", b"|\n", b">-\n", b"? ", b"- ", b"#"),
    *(b"!Sub ", b"!Ref x", b"!GetAtt a.b", b"!If [a, b, c]", b"!!binary ", b"!!set ", b"%YAML 9\n"),
    *(b"2012-10-17", b"0x1", b"~", b"{{ .Values.x }}", b"{% if x %}", b"{{- end }}"),
)
_CLOUDFORMATION = (
    *(b'{"Ref": "AWS::Region"}', b'{"Fn::Sub": "${x}"}', b'"Fn::If"', b'"Fn::Join"', b'"Fn::Sub"'),
    *(b'"Fn::ForEach::X"', b'"Fn::Transform"', b'"AWS::NoValue"', b'"Resources"', b'"Conditions"'),
    *(b'"Parameters"', b'"Type"', b'"Properties"', b'"PolicyDocument"', b'"AWS::IAM::Role"'),
)
_TERRAFORM = (
    *(b"<<EOF\n", b"\nEOF\n", b"<<-E\n", b"${var.x}", b"%{if x}", b"%{ endif }", b"$${", b"/*"),
    *(
        b"//",
        b"#",
        b"*/",
        b"jsonencode(",
        b"local.x",
        b"each.value",
        b"[for x in y : x]",
        b"? a : b",
    ),
    *(b"dynamic ", b"for_each", b"content {", b"statement {", b"actions = ", b"locals {", b"..."),
)
_MARKDOWN = (
    *(b"```", b"~~~~", b"```json\n", b"> ", b"- ", b"    ", b"<!--", b"-->", b"<details>\n\n"),
    *(b"|", b"{.json}", b"<!-- multitool-lint: ignore[all] reason -->\n"),
)
_SHELL = (
    *(b"<<EOF\n", b"\nEOF\n", b"<<'E' > p.json\n", b"'", b'"$X"', b"$(x)", b"`x`", b"\\\n", b"$ "),
    *(b"[source,json]\n", b"----\n", b"....\n", b"<1>", b"::\n\n", b".. code-block:: yaml\n\n"),
)
_TAGS = (
    *(
        b"{% if x %}",
        b"{% else %}",
        b"{% endif %}",
        b"{# ",
        b"<% if x %>",
        b"<% end %>",
        b"<%= x %>",
    ),
    *(
        b"{{ if x }}",
        b"{{ end }}",
        b"{{ x }}",
        b"{{#x}}",
        b"{{/x}}",
        b"%{ for x in y ~}",
        b"%{ else }",
    ),
)


def harnesses() -> Iterator[Harness]:
    """A harness for each reader."""
    yield _harness("json", "policy.json", seeds.json_seeds, disguise.in_json, ())
    yield _harness("yaml", "policy.yaml", seeds.yaml_seeds, disguise.in_yaml, _YAML)
    yield _harness(
        "cloudformation",
        "template.yaml",
        seeds.cloudformation_seeds,
        disguise.in_cloudformation,
        (*_YAML, *_CLOUDFORMATION),
    )
    terraform = seeds.terraform_seeds
    yield _harness("terraform", "main.tf", terraform, disguise.in_terraform, _TERRAFORM)
    in_json = disguise.in_terraform_json
    yield _harness("tf-json", "main.tf.json", seeds.terraform_json_seeds, in_json, _TERRAFORM)
    yield _harness("markdown", "page.md", seeds.markdown_seeds, disguise.in_markdown, _MARKDOWN)
    code = (*_MARKDOWN, *_SHELL)
    for name, path, disguised in (
        ("asciidoc", "page.adoc", disguise.in_asciidoc),
        ("restructured-text", "page.rst", disguise.in_restructured_text),
        ("shell", "deploy.sh", disguise.in_script),
    ):
        yield _harness(name, path, seeds.code_seeds, disguised, code)
    template = (*_TERRAFORM, *_TAGS)
    yield _harness("template", "p.json.tpl", seeds.template_seeds, disguise.in_template, template)
    yield _harness("aws-cli", "output.json", seeds.aws_cli_seeds, disguise.in_aws_cli, ())


def _harness(
    name: str,
    path: str,
    texts: Callable[[], list[bytes]],
    disguised: Callable[[], SearchStrategy[bytes]],
    tokens: tuple[bytes, ...],
) -> Harness:
    def inputs() -> SearchStrategy[bytes]:
        changed = mutated(texts(), (*COMMON, *tokens))
        full = mutated(seeds.full_access(), (*COMMON, *tokens))
        return st.one_of(changed, changed, full, disguised())

    return Harness(name, path[path.index(".") :], inputs, partial(check, path))


def check(path: str, data: bytes) -> None:
    """Lint and fix a file of these bytes, and see that the invariants hold."""
    try:
        source = decode(data, path)
    except UnreadableError:
        return
    report = _lint(source)
    assert report.policy_count or report.findings or report.skipped, "nothing is said of the file"
    _check_places(report)
    for finding in report.findings:
        assert finding.rule != "internal-error", finding.title
        assert finding.title
        render(finding, colour=True, verbose=True)
    if disguise.SID.encode() in data or _allows_everything(source):
        assert _is_noticed(report), "access to everything is neither found nor listed as unread"
    if any(fix.safety is Safety.SAFE for finding in report.findings for fix in finding.fixes):
        _check_fix(source)


def _check_places(report: Report) -> None:
    """See that every place is within the text."""
    spans: list[Span] = [item.span for item in report.skipped]
    spans += (item.span for item in report.unresolved)
    for finding in (*report.findings, *(item.finding for item in report.suppressed)):
        spans += finding.span, *(related.span for related in finding.related)
        for proposed in finding.fixes:
            spans += (edit.span for edit in proposed.edits)
            apply_edits(report.source.text, proposed.edits)
    for start, end in spans:
        assert 0 <= start <= end <= len(report.source.text), f"{start}-{end} is not in the text"
        report.source.position(start)


def _allows_everything(source: Source) -> bool:
    """Whether a file is a policy that allows everything, by other parsers of its format."""
    parse = json.loads if source.path.endswith(".json") else yaml.safe_load
    if not source.path.endswith((".json", ".yaml")) or source.path.endswith(".tf.json"):
        return False
    try:
        policy = parse(source.text.removeprefix("\ufeff"))
    except (ValueError, TypeError, RecursionError, yaml.YAMLError):
        return False
    if not isinstance(policy, dict) or not policy.keys() <= {"Version", "Id", "Statement"}:
        return False
    statement = policy.get("Statement")
    statements = statement if isinstance(statement, list) else [statement]
    return len(statements) == 1 and _is_full(statements[0])


def _is_full(statement: object) -> bool:
    if not isinstance(statement, dict):
        return False
    action, resource = (statement.get(name) for name in ("Action", "Resource"))
    return (
        statement.keys() <= {"Sid", "Effect", "Action", "Resource"}
        and statement.get("Effect") == "Allow"
        and ("*" in action if isinstance(action, list) else action == "*")
        and ("*" in resource if isinstance(resource, list) else resource == "*")
    )


def _is_noticed(report: Report) -> bool:
    """Whether access to everything is found, rejected as AWS does, or listed as unread."""
    rejected = any(finding.severity is Severity.ERROR for finding in report.findings)
    found = any(finding.rule == "full-admin-access" for finding in report.findings)
    return (
        found
        or rejected
        or any(block.unread for block in report.skipped)
        or bool(report.unresolved)
    )


def _check_fix(source: Source) -> None:
    """See that the fixes of a file leave as many policies, and nothing more to fix."""
    fixed = fix(source, lint=_lint)
    again = Source(source.path, fixed.text)
    assert fix(again, lint=_lint).text == fixed.text, "fixing again changes more"
    before, after = read_source(source), read_source(again)
    assert len(before.policies) == len(after.policies)
