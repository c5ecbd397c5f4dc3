"""Policies in Terraform's language: the same findings as in JSON, at their places in the file."""

import json
from typing import Any

import pytest
from support import example_findings
from support.example_findings import at, summary
from support.interop import interop
from support.plain_values import plain
from support.terraform_writing import (
    data_source,
    encoded,
    expression,
    heredoc,
    module_argument,
    normal,
    strings,
)
from support.yaml_writing import (
    FILLED_IN_BY_OTHERS,
    Example,
    examples_of_pages,
    with_every_example,
)

from multitool_lint.diagnostics.finding import Finding
from multitool_lint.formats import read_source
from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.json import parser as json_text
from multitool_lint.syntax.placeholders import has_placeholder
from multitool_lint.syntax.source import Source, Span

EXAMPLES = examples_of_pages()
# What these say is about the text of a policy, which is another one in Terraform's language.
OF_TEXT = {"oversized-policy"}
OF_WHOLE = {"kms-key-without-administrator", "missing-element", "missing-trust-action"}


def lint(path: str, text: str, example: Example, type_: str | None = None) -> list[Finding]:
    findings = example_findings.lint(path, text, example, type_)
    return [finding for finding in findings if finding.rule not in OF_TEXT]


def cut(source: Source, span: Span) -> Any:  # noqa: ANN401 - whatever HCL can say
    """What is at a place, parsed alone by another reader of the language."""
    written = source.text[slice(*span)]
    if written.isidentifier() and written not in ("true", "false", "null"):
        return written
    if written.startswith('"') or written in ("true", "false", "null"):
        return json.loads(written.replace("$${", "${").replace("%%{", "%{"))
    return literal(interop("hcl2").loads(f"x = {written}\n")["x"])


def literal(value: Any) -> Any:  # noqa: ANN401 - as above
    if isinstance(value, dict):
        return {
            key.strip('"'): literal(inner) for key, inner in value.items() if key != "__is_block__"
        }
    if isinstance(value, list):
        return [literal(inner) for inner in value]
    if isinstance(value, str) and value.startswith('"'):
        return json.loads(value.replace("$${", "${").replace("%%{", "%{"))
    return None if value == "null" else value


def linted_type(example: Example) -> str:
    if FILLED_IN_BY_OTHERS.search(example.text):
        pytest.skip("what Terraform does not fill in")
    policies = read_source(Source("policy.json", example.text)).json_policies
    if not policies:
        pytest.skip("no policy")
    return example.type or policies[0].type.value


@with_every_example
def test_an_example_has_the_findings_of_its_json_by_jsonencode_and_in_a_heredoc(
    example: Example,
) -> None:
    linted_type(example)
    expected = lint("policy.json", example.text, example)
    value = plain(example.root)
    if any(finding.rule == "duplicate-key" and finding.issue_code is None for finding in expected):
        pytest.skip("an object of Python has no duplicate keys")
    if '"Fn::' in example.text or '"Ref"' in example.text:
        pytest.skip("a function of CloudFormation, which means nothing to Terraform")
    reported = []
    for text in (encoded(value), heredoc(example.text)):
        findings = lint("policy.tf", text, example)
        assert summary(findings) == summary(expected), text
        reported += findings
    for finding in reported:
        key, node = at(example.root, finding.pointer)
        value_there = plain(node)
        # That reader wants a `}` for each `$${`.
        closed = all(string.count("{") == string.count("}") for string in strings(value_there))
        if closed and not any(map(has_placeholder, (key or "", *strings(value_there)))):
            assert cut(finding.source, finding.span) in (value_there, key), finding.source.text


@with_every_example
def test_an_example_has_the_findings_of_its_json_in_a_data_source(example: Example) -> None:
    type_ = linted_type(example)
    document = normal(plain(example.root))
    if document is None:
        pytest.skip("a data source makes no such document")
    as_json = json.dumps(document)
    text = data_source(document)
    expected = lint("policy.json", as_json, example, type_)
    found = lint("policy.tf", text, example, type_)
    assert summary(found) == summary(expected), text
    root = json_text.parse(as_json)
    for finding in found:
        key, node = at(root, finding.pointer)
        value = plain(node)
        if isinstance(value, str) and not (has_placeholder(value) or has_placeholder(key or "")):
            there = cut(finding.source, finding.span)
            there = there.replace("&{", "${")
            assert there in (value, key, "condition", "principals"), text


@with_every_example
def test_an_example_has_the_findings_of_its_json_in_an_argument_of_a_module(
    example: Example,
) -> None:
    type_ = linted_type(example)
    document = normal(plain(example.root))
    if document is None or "Id" in document or document["Version"] != "2012-10-17":
        pytest.skip("a fragment has no such document around it")
    expected = lint("policy.json", json.dumps(document), example, type_)
    if OF_WHOLE & {finding.rule for finding in expected}:
        pytest.skip("what is missing may be elsewhere")
    if type_ == "resource" and "Resource" not in example.text:
        pytest.skip("without a Resource, a fragment may be of a trust policy")
    text = module_argument(document)
    if not read_source(Source("policy.tf", text)).policies:
        pytest.skip("not the shape of a statement")
    assert summary(lint("policy.tf", text, example, type_)) == summary(expected), text


def read_policy(text: str) -> Any:  # noqa: ANN401 - whatever JSON can say
    [policy] = read_source(Source("policy.tf", text)).policies
    return json.loads(policy.policy.source.text)


def test_a_data_source_has_the_id_of_its_policy() -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    document = {"Version": "2012-10-17", "Id": "one", "Statement": [statement]}
    assert read_policy(data_source(document))["Id"] == "one"


def test_keys_that_are_filled_in_make_what_they_are_in_unknown() -> None:
    condition = {"StringEquals": {"aws:PrincipalTag/team": "a"}}
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    for text, key, other in (
        (data_source(document), '"aws:PrincipalTag/team"', "var.key"),
        (encoded(document), "StringEquals", "(var.key)"),
    ):
        assert read_policy(text)["Statement"][0]["Condition"] == condition
        [found] = read_policy(text.replace(key, other))["Statement"]
        unknown = found["Condition"]
        assert has_placeholder(unknown["StringEquals"] if other == "var.key" else unknown)


def test_many_examples_are_compared() -> None:
    documents = [normal(plain(example.root)) for example in EXAMPLES]
    assert sum(document is not None for document in documents) > 150


@pytest.mark.exhaustive
def test_another_reader_reads_the_same_values() -> None:
    for example in EXAMPLES:
        value = plain(example.root)
        if "Statement" not in value:
            continue  # one is read around it
        if any(has_placeholder(s) or "${" in s or "<" in s for s in strings(value)):
            continue  # that reader knows no `$${`, and placeholders of samples are read
        text = f"policy = {expression(value)}\n"
        loaded = read_source(Source("policy.tf", f"locals {{\n{text}}}\n"))
        if loaded.policies:
            (written,) = loaded.policies
            assert plain(written.policy.root) == literal(interop("hcl2").loads(text)["policy"])


@pytest.mark.parametrize("path", ["main.tf.template", "main.tf.tpl", "main.tf.bak"])
def test_a_template_of_a_configuration_is_terraform(path: str) -> None:
    statement = 'statement {\n    actions = ["s3:GetObjekt"]\n    resources = ["*"]\n  }'
    text = f'# Role\ndata "aws_iam_policy_document" "d" {{\n  {statement}\n}}\n'
    (finding,) = lint_source(Source(path, text)).findings
    assert text[slice(*finding.span)] == '"s3:GetObjekt"'
