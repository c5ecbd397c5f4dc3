"""Work grows with the size of the input, and not with its square: counted, not timed."""

from __future__ import annotations

import gzip
import io
import json
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
from support.work import calls, lines

from multitool_lint import cli, lint
from multitool_lint.api import rewrite
from multitool_lint.aws import action_set, patterns
from multitool_lint.aws.catalog import similar_names
from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.cli.files.gitignore import IgnorePatterns
from multitool_lint.cli.files.version import Version
from multitool_lint.cli.output import diff_phrases
from multitool_lint.cli.output.compared import Compared, RunOutcome
from multitool_lint.cli.output.diff_reports import text
from multitool_lint.cli.run import cache_keys
from multitool_lint.config import files as config_files
from multitool_lint.deployments.serverless import expressions
from multitool_lint.diagnostics.finding import Context
from multitool_lint.diagnostics.rule import rules
from multitool_lint.engines.parliament.engine import ParliamentAnalysis
from multitool_lint.formats import (
    ReadResult,
    attaching_commands,
    local_files,
    read_source,
    script_assignments,
)
from multitool_lint.formats.found import FoundPolicy
from multitool_lint.limits import (
    MAX_COMPARISONS,
    MAX_GZIP_RATIO,
    MAX_OPEN_PATTERNS,
    MAX_PATH_CHARACTERS,
    MAX_STATEMENTS,
    MAX_WRITTEN_CHARACTERS,
)
from multitool_lint.linter import ignore_comments
from multitool_lint.linter.engine import lint_source
from multitool_lint.linter.lint import lint_with_settings
from multitool_lint.linter.settings import FileSettings
from multitool_lint.org_rules.forbid import Forbid
from multitool_lint.org_rules.model import Matcher
from multitool_lint.policy import placeholders
from multitool_lint.policy.compare.scope import RequestScope
from multitool_lint.policy.coverage import Coverage
from multitool_lint.rewrite.draft import Draft, Rewrite
from multitool_lint.rewrite.in_file import rewrite_all
from multitool_lint.rewrite.proof import withhold
from multitool_lint.rewrite.shrink import shrink
from multitool_lint.rewrite.usage import Tally, UsageError, read_stream, reader
from multitool_lint.syntax import tree
from multitool_lint.syntax.decoded_text import Decoder
from multitool_lint.syntax.hcl.expression_reader import ExpressionReader
from multitool_lint.syntax.patch import json as patch
from multitool_lint.syntax.source import Edit, Source, Span
from multitool_lint.syntax.tree import Node
from multitool_lint.syntax.yaml import template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from multitool_lint.diagnostics.finding import Finding
    from multitool_lint.linter.report import Report

CATALOG = bundled()


def _policy(statements: Iterable[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _allow(**elements: Any) -> dict[str, Any]:  # noqa: ANN401 - values of JSON
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", **elements}


def _buckets(count: int, name: str) -> str:
    resources = [f"arn:aws:s3:::{name}{number:04}/*" for number in range(count)]
    return _policy([_allow(Resource=resources)])


@pytest.mark.slow
def test_policies_with_many_resources_are_compared_by_what_these_begin_with() -> None:
    old, new = _buckets(800, "old"), _buckets(800, "new")
    changes = rewrite.diff(old, new)
    assert len(changes.gained) == len(changes.lost) == 800
    assert all(change.certain for change in (*changes.gained, *changes.lost))
    assert calls(RequestScope.covers, lambda: rewrite.diff(old, new)) == 0


def test_no_statement_is_looked_for_once_no_comparison_is_left() -> None:
    text = _policy(_allow(Resource=f"arn:aws:s3:::{number:04}") for number in range(400))
    enabled = {"redundant-statement": rules()["redundant-statement"]}
    source = Source("policy.json", text)
    asked = calls(Coverage.may_cover, lambda: lint_source(source, enabled=enabled))
    assert 400 < asked < MAX_COMPARISONS < 400 * 400


def test_a_wildcard_still_covers_what_begins_otherwise() -> None:
    wide = _policy([_allow(Resource=["*", "arn:aws:s3:::a*"])])
    assert not rewrite.diff(wide, _buckets(3, "new")).gained
    assert len(rewrite.diff(_buckets(3, "new"), wide).gained) == 2


def test_statements_with_the_same_actions_are_taken_together() -> None:
    def work(count: int) -> int:
        text = _policy(_allow(Action="*", Sid=f"S{number}") for number in range(count))
        other = _policy([_allow(Action="*"), _allow(Action="iam:*", Resource="arn:aws:s3:::a")])
        return calls(action_set.ActionSet.bits, lambda: rewrite.diff(text, other))

    assert work(300) < 2 * work(3)


def test_patterns_with_other_ends_are_not_walked() -> None:
    pairs = [(f"arn:aws:s3:::{n}a*", f"arn:aws:s3:::{n}b*") for n in range(50)]
    pairs += [(f"*a{n}", f"*b{n + 50}") for n in range(50)]

    def run() -> None:
        assert not any(patterns.intersects(*pair) for pair in pairs)

    assert calls(patterns._intersects, run) == 0  # noqa: SLF001 - it is what takes long


def test_verbs_of_a_service_are_read_once() -> None:
    service = CATALOG.known("ec2")

    def run() -> None:
        for number in range(200):
            service.close_actions(f"Fetch{number}")

    assert calls(similar_names._parts, run) < 10 * service.current  # noqa: SLF001 - as above


def test_the_brackets_of_a_line_are_counted_once() -> None:
    statements = [_allow(Action=["s3:GetObject", "s3:*"]) for _ in range(50)]

    def run() -> rewrite.Rewritten:
        return rewrite.tighten(_policy(statements), drop_wildcards=True)

    assert calls(patch._brackets, run) <= 2  # noqa: SLF001 - as above
    assert "s3:*" not in str(run().policy)


def test_members_are_found_once_for_all_findings() -> None:
    keys = {f"s3:unknown{number}": "x" for number in range(400)}
    text = _policy([_allow(Condition={"StringLike": keys})])
    found: list[Finding] = []
    assert calls(tree._by_key, lambda: found.extend(lint(text))) <= 2  # noqa: SLF001 - as above
    assert len({finding.fingerprint for finding in found}) >= 400


def test_members_of_a_local_value_are_found_once_for_all_references() -> None:
    members = "".join(f'    a{number} = "r{number}"\n' for number in range(60))
    references = ", ".join(f"local.a.a{number}" for number in range(60))
    text = f"""locals {{\n  a = {{\n{members}  }}\n}}
resource "aws_iam_policy" "a" {{
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "s3:GetObject", Resource = [{references}] }}]
  }})
}}
"""
    found: list[ReadResult] = []
    source = Source("main.tf", text)
    assert calls(tree._by_key, lambda: found.append(read_source(source))) <= 4  # noqa: SLF001 - as above
    [policy] = found[0].cases
    [statement] = policy.policy.statements
    assert list(statement.resource_names) == [f"r{number}" for number in range(60)]


def test_placeholders_of_a_policy_are_read_once() -> None:
    resources = [f"arn:aws:s3:::<bucket>{number}" for number in range(3_000)]
    text = _policy([_allow(Resource=resources)])

    def read() -> None:
        read_source(Source("policy.json", text))

    read()
    assert calls(placeholders._in_arn, read) == 0  # noqa: SLF001 - as above


def test_a_text_that_is_put_in_has_one_entry_for_the_way_back() -> None:
    tracemalloc.start()
    try:
        decoder = Decoder("ab", 0, 2)
        decoder.put("x" * 1_000_000, 1)
        decoded = decoder.decoded()
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()
    assert [decoded.offset_in_file(at) for at in (0, 999_999, 1_000_000)] == [0, 0, 1]


@pytest.mark.parametrize(
    "rewritten",
    [
        rewrite.expand,
        lambda text: rewrite.tighten(text, levels=["read"]),
        lambda text: rewrite.tighten(text, by_resource=True),
        lambda text: rewrite.tighten(text, drop_wildcards=True),
        lambda text: rewrite.tighten(text, pass_role_to=["lambda.amazonaws.com"]),
    ],
)
def test_patterns_of_any_service_have_a_limit_in_rewrites(
    rewritten: Callable[[str], rewrite.Rewritten],
) -> None:
    patterns = [f"*:*{number}x*" for number in range(MAX_OPEN_PATTERNS + 1)]
    text = _policy([_allow(Action=patterns)])
    result = rewritten(text)
    assert result.policy == text
    assert any("patterns of actions of any service" in problem for problem in result.problems)


def test_patterns_of_any_service_have_a_limit_in_comparisons() -> None:
    patterns = [f"*:*{number}x*" for number in range(2 * MAX_OPEN_PATTERNS + 1)]
    changes = rewrite.diff(_policy([_allow(Action=patterns)]), _policy([_allow()]))
    assert changes.gained
    assert not any(change.certain for change in (*changes.gained, *changes.lost))


def test_fix_asks_parliament_about_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "policy.json"
    path.write_text(_policy([_allow(Action=["s3:Foo", "s3:GetObject", "s3:Get*"])]))
    fix = ["fix", "--no-config", "--diff", str(path)]
    assert calls(ParliamentAnalysis.issues, lambda: cli.main(fix)) == 0
    check = ["check", "--no-config", "--no-cache", "--fix", "--format", "json", str(path)]
    assert calls(ParliamentAnalysis.issues, lambda: cli.main(check)) == 1
    assert '"confirmed_by": [' in capsys.readouterr().out


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    "statement",
    [
        lambda number: {"NotAction": f"s3:Get{number}", "Resource": "*"},
        lambda number: {"NotAction": "s3:*", "NotResource": f"arn:aws:s3:::b{number}/*"},
    ],
)
def test_actions_of_all_services_are_not_compared_for_each_pair_of_statements(
    statement: Callable[[int], dict[str, object]],
) -> None:
    count, services = 200, 400
    policy = _policy({"Effect": "Deny", **statement(number)} for number in range(count))
    source = Source("p.json", policy)
    lint_source(source)  # the catalog is read
    assert lines(lambda: lint_source(source)) < count * count * services


def test_equal_differences_are_written_out_once() -> None:
    old, new = _buckets(60, "old"), _buckets(60, "new")
    changes = rewrite.diff(old, new)
    outcome = RunOutcome([Compared(Version("old"), Version("new"), None, changes, (), CATALOG)])
    diff_phrases._by_service.cache_clear()  # noqa: SLF001 - as above
    assert calls(diff_phrases._by_service, lambda: list(text(outcome))) == 1  # noqa: SLF001


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 5])
def test_a_few_statements_with_all_actions_are_tightened(count: int) -> None:
    text = _policy(_allow(Action="*", Sid=f"S{number}") for number in range(count))
    result = rewrite.tighten(text, levels=["read"])
    assert not result.problems
    assert "s3:GetObject" in str(result.policy)
    assert '"*", "Resource"' not in str(result.policy)


@pytest.mark.slow
@pytest.mark.parametrize(
    "rewritten",
    [
        lambda text: rewrite.tighten(text, levels=["read"]),
        lambda text: rewrite.expand(text, action="*"),
        lambda text: rewrite.expand(text, action="ec2:*"),
        lambda text: rewrite.tighten(text, by_resource=True),
    ],
)
def test_what_would_become_too_large_is_left_from_there_on(rewritten: Any) -> None:  # noqa: ANN401
    statements = [
        _allow(Action=action, Sid=f"{action[0]}{n}") for n in range(99) for action in ("*", "ec2:*")
    ]
    text = _policy([{**s, "Sid": f"S{at}"} for at, s in enumerate(statements)])
    result = rewritten(text)
    assert len(str(result.policy)) < 3 * MAX_WRITTEN_CHARACTERS
    assert any("left as it is from here on" in problem for problem in result.problems)
    assert json.loads(str(result.policy))["Statement"][-1]["Action"] == "ec2:*"


@pytest.mark.parametrize(
    ("start", "piece"),
    [(b"[", b" "), (b"[", b"\n"), (b"[", b"{},"), (b'["', b"a"), (b"s3:GetObject\n", b"#\n")],
)
def test_packed_records_of_use_unpack_to_some_times_their_size(
    start: bytes, piece: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = 1 << 18
    monkeypatch.setattr(reader, "MAX_SMALL_GZIP_BYTES", small)
    packed = gzip.compress(start + piece * (2 * small))
    with pytest.raises(UsageError, match=f"used: unpacks to more than {MAX_GZIP_RATIO} times"):
        read_stream("used", io.BytesIO(packed), Tally())


@pytest.mark.slow
@pytest.mark.parametrize("block", ["condition {}", 'principals {\n      type = "AWS"\n    }'])
def test_blocks_that_a_dynamic_block_repeats_are_counted(block: str) -> None:
    def read(count: int) -> ReadResult:
        items = json.dumps([f"i{number}" for number in range(count)])
        content = f"content {{\n{block}\n" + f"{block}\n" * count + "}"
        statement = f'dynamic "statement" {{\nfor_each = {items}\n{content}\n}}\n'
        text = f'data "aws_iam_policy_document" "a" {{\n{statement}}}\n'
        return read_source(Source("main.tf", text))

    assert len(read(10).policies) == 1
    assert not read(500).policies
    assert "100,000 values" in str(read(500))


def test_comments_are_looked_up_and_not_searched_for() -> None:
    statement = '- {Effect: Allow, Action: "s3:GetObject", Resource: "*"}'
    comment = "# multitool-lint: ignore[missing-sid] known"

    def work(count: int) -> tuple[int, int]:
        lines = ['Version: "2012-10-17"', "Statement:", *[comment, statement] * count]
        source = Source("policy.yaml", "\n".join(lines))
        reports: list[Report] = []
        settings = FileSettings(enabled={"missing-sid": rules()["missing-sid"]})
        span = vars(Node)["span"].fget
        spans = calls(span, lambda: reports.append(lint_with_settings(source, settings)))
        assert len(reports[0].suppressed) == count
        compared = calls(ignore_comments._covers, lambda: lint_with_settings(source, settings))  # noqa: SLF001
        return spans, compared

    (spans, compared), (more_spans, more_compared) = work(100), work(200)
    assert more_spans < 2.5 * spans
    assert more_compared <= 2.5 * compared


def test_a_pattern_that_is_longer_than_any_path_matches_nothing() -> None:
    def patterns_of(*lines: str) -> IgnorePatterns:
        return IgnorePatterns("/r", [line.encode() for line in lines])

    longest = "*?" * MAX_PATH_CHARACTERS
    assert patterns_of(longest).decide("/r/" + "a" * MAX_PATH_CHARACTERS, is_folder=False)
    assert patterns_of(longest + "?").decide("/r/" + "a" * 9999, is_folder=False) is None
    assert patterns_of("a", longest + "[a-z]").decide("/r/a", is_folder=False)


def test_a_set_of_bytes_is_written_in_ranges() -> None:
    (pattern,) = IgnorePatterns("/r", [b"[!a]"])._patterns  # noqa: SLF001 - what is compiled
    assert len(pattern.match.pattern) < 50
    assert IgnorePatterns("/r", [b"[!a-cx]*"]).decide("/r/d", is_folder=False)
    assert IgnorePatterns("/r", [b"[!a-cx]*"]).decide("/r/b", is_folder=False) is None


def _repeated(count: int) -> Source:
    """A data source of Terraform with statements that one block makes."""
    content = 'actions = ["s3:GetObject"]\nresources = ["arn:aws:s3:::${statement.value}"]'
    statement = f"for_each = {list(range(count))}\ncontent {{\n{content}\n}}"
    dynamic = f'dynamic "statement" {{\n{statement}\n}}'
    return Source("main.tf", f'data "aws_iam_policy_document" "a" {{\n{dynamic}\n}}\n')


def test_the_place_of_a_part_of_a_value_is_looked_up_and_not_searched_for() -> None:
    def work(count: int) -> int:
        (written,) = read_source(_repeated(count)).policies
        part = written.policy.source.text.rindex("s3:GetObject")
        assert isinstance(written, FoundPolicy)
        places: list[Span] = []
        found = lines(lambda: places.append(written.to_file(Span(part, part + 2))))
        assert written.source.text[slice(*places[0])] == '"s3:GetObject"'
        return found

    assert work(800) < 2 * work(50)


def test_edits_of_a_statement_are_looked_up_and_not_searched_for() -> None:
    def work(count: int) -> int:
        unclear = ({"Sid": f"S{number}"} if number % 2 else {"Id": 1} for number in range(count))
        text = _policy(_allow(Action="sqs:Send*", **element) for element in unclear)
        (policy,) = read_source(Source("policy.json", text)).json_policies
        draft = Draft(policy.source)
        for statement in policy.statements:
            draft.change([Edit(statement.actions[0].span, '"sqs:SendMessage"')], [])
        found = lines(lambda: withhold(draft, [policy], CATALOG))
        assert len(draft.edits) == len(draft.problems) == count / 2
        return found

    assert work(400) < 2.5 * work(200)


def test_what_a_rule_needs_of_a_policy_is_counted_once() -> None:
    def work(count: int) -> int:
        resources = [f"arn:aws:s3:::{number:04}/a" for number in range(count)]
        text = _policy(_allow(Resource=resource) for resource in resources)
        (policy,) = read_source(Source("policy.json", text)).json_policies
        rule = Forbid("no", Matcher(actions=("s3:*",), resources=("arn:aws:s3:::0*",)))
        context = Context(rules()["missing-sid"], policy, CATALOG)
        found: list[Finding] = []
        executed = lines(lambda: found.extend(rule(policy, context)))
        assert len(found) == count
        return executed

    assert work(200) < 2.5 * work(100)


def test_a_text_is_linted_once_on_the_way_to_a_size() -> None:
    actions = ["s3:GetObject", "s3:Get*", "s3:PutObject"]
    text = _policy(
        _allow(Sid=f"S{n}", Action=actions, Resource=f"arn:aws:s3:::b{n}/*") for n in range(9)
    )
    found: list[rewrite.Rewritten] = []
    linted = calls(lint_source, lambda: found.append(rewrite.shrink(text, target_size=100)))
    assert "left as it is: still" in str(found[0].problems)
    assert linted <= 6


def test_policies_with_more_statements_than_aws_takes_are_not_rewritten_in_templates() -> None:
    def shrunk(count: int) -> Rewrite:
        return rewrite_all(_repeated(count), shrink, type=None, resource_type=None, catalog=CATALOG)

    small, large = shrunk(3), shrunk(MAX_STATEMENTS + 1)
    assert "more than 1,000 statements" not in str(small.problems)
    assert [problem.message for problem in large.problems] == [
        "left as it is: more than 1,000 statements"
    ]
    assert large.text == large.source.text


def test_expressions_that_a_dynamic_block_repeats_are_read_once() -> None:
    def work(count: int) -> int:
        return calls(ExpressionReader.expression, lambda: read_source(_repeated(count)))

    assert work(200) - work(100) == 2 * 100  # the items of the list, each read as itself and alone


LONG = 200_000


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (expressions._START, "${a:" * LONG, LONG),  # noqa: SLF001 - what takes long
        (expressions._START, "${" + " " * LONG, 0),  # noqa: SLF001
        (expressions._BETWEEN, "'" * LONG, LONG // 2),  # noqa: SLF001
        (attaching_commands.ATTACHING, "attach-" * LONG, 0),
        (attaching_commands.ATTACHING, "put-" + "a" * LONG, 0),
        (script_assignments._ASSIGNED, "a" * LONG, 0),  # noqa: SLF001
        (script_assignments._ASSIGNED, "a" + " " * LONG, 0),  # noqa: SLF001
        (script_assignments._FETCHED, "https:" * LONG, 0),  # noqa: SLF001
        (script_assignments._WRITTEN, "> " * LONG, 0),  # noqa: SLF001
        (script_assignments._WRITTEN, ">a/" * LONG, LONG),  # noqa: SLF001
        (attaching_commands._FILE, "file:///" * LONG, 1),  # noqa: SLF001
        (local_files._NAMED, "file" * LONG, 0),  # noqa: SLF001
        (local_files._NAMED, 'file("' * LONG, LONG // 2),  # noqa: SLF001
        (local_files._NAMED, "file" + " " * LONG, 0),  # noqa: SLF001
        (local_files._NAMED, "Location" * LONG, 0),  # noqa: SLF001
        (local_files.NAMED_BY_SERVERLESS, "${file(" * LONG, 0),
        (cache_keys._NAMED, "a" * LONG, 0),  # noqa: SLF001
        (cache_keys._NAMED, "file" * LONG, 0),  # noqa: SLF001
        (cache_keys._NAMED, 'file("a.json") templatefile ( "b.json", {}) filefile("c")', 3),  # noqa: SLF001
        (template._KEY, "{{" + "}}" * LONG, 0),  # noqa: SLF001
        (template._KEY, "- {{ a }} {{ b }}: c\n", 1),  # noqa: SLF001
        (config_files._TOOL, "\n" * LONG, 0),  # noqa: SLF001
    ],
)
def test_long_texts_are_searched_once(pattern: Any, text: Any, found: int) -> None:  # noqa: ANN401
    assert sum(1 for _ in pattern.finditer(text)) == found
