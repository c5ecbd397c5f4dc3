"""No file takes long, whatever it says: what is too much is said, and nothing ends in an error."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.diffs.sources import changes_of_sources
from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 30
"""Many times what any case takes, so that a busy machine fails no test."""

POLICY = """
resource "aws_iam_policy" "p" {
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = %s }]
  })
}
"""
DOCUMENT = """
data "aws_iam_policy_document" "d%d" {
%s
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
  }
}
"""
LOOP = """
data "aws_iam_policy_document" "d" {
  dynamic "statement" {
    for_each = [%s]
    content {
%s
    }
  }
}
"""
INNER = """
      dynamic "condition" {
        for_each = [%s]
        content {
          test     = "Bool"
          variable = condition.value
          values   = []
        }
      }
"""
RESOURCES = 'actions = ["s3:*"]\nresources = [%s]\n'


def _words(count: int) -> str:
    return ", ".join(f'"w{number}"' for number in range(count))


def _merging(number: int) -> str:
    before = f"data.aws_iam_policy_document.d{number - 1}.json"
    return f"  source_policy_documents = [{before}, {before}]" if number else ""


def _locals(count: int, value: str) -> str:
    chain = [f"  a{at} = {value.replace('@', f'local.a{at - 1}')}" for at in range(1, count)]
    return "\n".join(["locals {", '  a0 = "*"', *chain, "}", POLICY % f"local.a{count - 1}"])


def _aliases(count: int) -> str:
    of_aliases = [f"a{at}: &a{at} [*a{at - 1}, *a{at - 1}]" for at in range(1, count)]
    return "\n".join(["a0: &a0 [s3:GetObject]", *of_aliases, f"Action: *a{count - 1}"])


def _overlapping(count: int) -> str:
    names = [f"arn:aws:s3:::*{at % 97}*/*{at}*" for at in range(count)]
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": names}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _mapping(count: int) -> str:
    found = [{"Fn::FindInMap": ["M", f"r{at}", "c"]} for at in range(count)]
    rows = {f"r{at}": {"c": f"arn:aws:s3:::b{at}/*"} for at in range(count)}
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": found}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    policy = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}
    return json.dumps({"Mappings": {"M": rows}, "Resources": {"P": policy}})


TOO_MUCH: dict[str, str] = {
    "documents that are merged twice": "".join(DOCUMENT % (at, _merging(at)) for at in range(40)),
    "blocks of a loop": LOOP % (_words(1_000), "condition {}\n" * 1_000),
    "a loop in a loop": LOOP % (_words(2_000), INNER % _words(2_000)),
    "a chain of values": _locals(500, '"${@}x"'),
    "values that are doubled": _locals(60, '"${@}${@}"'),
    "documents in documents": _locals(500, "jsonencode([@])"),
}
"""Files of which a part is not read, since it is too much."""

ANY: dict[str, tuple[str, str]] = {
    **{name: ("main.tf", text) for name, text in TOO_MUCH.items()},
    "blocks in blocks": ("main.tf", POLICY % '"*"' + "a {\n" * 3_000 + "}\n" * 3_000),
    "values of a loop": ("main.tf", LOOP % (_words(500), RESOURCES % _words(500))),
    "aliases of aliases": ("p.yaml", _aliases(40)),
    "patterns that overlap": ("p.json", _overlapping(3_000)),
    "a mapping that is asked often": ("t.json", _mapping(1_000)),
}


def _quick(run: Callable[[], object]) -> None:
    start = time.process_time()  # other work on the machine takes none of it
    run()
    assert time.process_time() - start < SECONDS


@pytest.mark.slow
@pytest.mark.parametrize("name", ANY)
def test_no_file_takes_long(name: str) -> None:
    source = Source(*ANY[name])
    _quick(lambda: lint_source(source))


@pytest.mark.slow
@pytest.mark.parametrize("name", ANY)
def test_no_two_versions_take_long(name: str) -> None:
    path, text = ANY[name]
    other = Source(path, text.replace("s3:GetObject", "s3:PutObject").replace("w1", "x1"))

    def compared() -> None:
        try:
            changes_of_sources([Source(path, text), other], bundled())
        except ValueError as error:
            assert "internal" not in str(error)  # noqa: PT017 - that is as good an answer

    _quick(compared)


@pytest.mark.slow
@pytest.mark.parametrize("name", TOO_MUCH)
def test_what_is_too_much_is_said(name: str) -> None:
    report = lint_source(Source("main.tf", TOO_MUCH[name]))
    assert report.unchecked
    assert not any(finding.rule == "internal-error" for finding in report.findings)


def test_blocks_may_be_nested_as_deeply_as_anybody_nests_them() -> None:
    text = "a {\n" * 15 + 'b = "*"\n' + "}\n" * 15
    report = lint_source(Source("main.tf", text + POLICY % '"arn:aws:s3:::b/*"'))
    assert not report.findings
    assert not report.unchecked
