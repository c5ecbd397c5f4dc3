"""Text for people: whole, in lines, and closed by a summary."""

from typing import Any

import pytest
from support.report_samples import TEXT, finding, nasty, report_of, span, written

from multitool_lint import lint
from multitool_lint.diagnostics.finding import Finding, Fix, Related, Safety
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.reporters import text
from multitool_lint.reporters.summary import ReportOptions, Summary, Unread, closing
from multitool_lint.syntax.source import Source, Span


def closing_of(findings: list[Finding], **changes: Any) -> str:  # noqa: ANN401 - as above
    summary = Summary(strict=changes.pop("strict", False))
    for name, value in changes.items():
        setattr(summary, name, value)
    summary.add_file(report_of(*findings))
    return closing(summary)


class TestText:
    def test_a_finding(self) -> None:
        assert text.render(finding()) == (
            "suggestion[redundant-action]: one covers the other\n"
            " --> policy.json:5:16\n"
            "  |\n"
            '5 |     "Action": ["s3:Get*", "s3:GetObject"]\n'
            "  |                ^^^^^^^^^ covers more\n"
            "  |                           -------------- covered\n"
            "  |\n"
            "  = note: it grants 178 others\n"
            "  = help: run: multitool-lint fix policy.json\n"
            "  = fix (safe): drop it\n"
            "  = docs: multitool-lint explain redundant-action"
        )

    def test_colour_changes_no_character(self) -> None:
        import re

        coloured = text.render(finding(), colour=True)
        assert coloured.startswith("\033[1;36msuggestion[redundant-action]\033[0m")
        assert re.sub(r"\033\[[\d;]*m", "", coloured) == text.render(finding())

    def test_what_a_file_says_cannot_steer_the_terminal(self) -> None:
        evil = "\033[2Jé\u202e\ud800\x9b"
        shown = text.render(
            finding(
                source=Source(f"{evil}.json", TEXT.replace("Principle", evil)),
                span=Span(span('"Principle"').start, span('"Principle"').end),
                title=evil,
                related=(Related(span('"s3:Get'), "", evil),),
                fixes=(Fix(evil, (), Safety.UNSAFE),),
            )
        )
        assert all(line.isprintable() for line in shown.splitlines())
        assert "é" in shown

    def test_carets_are_below_wide_characters(self) -> None:
        source = Source("policy.json", '{"名前": "e\u0301", "a": "値段"}')
        shown = text.render(finding(source=source, span=span('"値段"', source.text), related=()))
        excerpt, carets = shown.splitlines()[3:5]
        before = excerpt.index('"値段"')
        # Two wide characters before it take a column more each, the combining one takes none.
        assert carets.index("^") == before + 2 - 1
        assert carets.count("^") == len('"値段"') + 2

    def test_a_long_line_is_cut_around_the_place(self) -> None:
        source = Source("policy.json", '{"a": "' + "x" * 10_000 + '", "b": 1}')
        shown = text.render(finding(source=source, span=span('"b"', source.text), related=()))
        excerpt, carets = shown.splitlines()[3:5]
        assert len(excerpt) <= 120
        at = carets.index("^")
        assert excerpt[at : at + 3] == '"b"'
        assert carets.count("^") == 3

    def test_many_related_places_are_counted(self) -> None:
        related = (Related(span('"Action"'), "", "here"),) * 9
        lines = text.render(finding(related=related)).splitlines()
        assert lines.count("  |     -------- here") == 1
        assert "  = note: 4 more related locations not shown" in lines

    @pytest.mark.parametrize(
        ("findings", "changes", "line"),
        [
            ([], {}, "No findings in 1 policy of 1 file."),
            ([finding(fixes=())], {}, "1 suggestion in 1 policy of 1 file."),
            (
                [finding(), finding(severity=Severity.ERROR), finding(severity=Severity.SECURITY)],
                {"files": 1, "policies": 2},
                (
                    "1 error, 1 security, 1 suggestion in 3 policies of 2 files; "
                    "3 fixable with --fix."
                ),
            ),
            (
                [finding(severity=Severity.WARNING, fixes=(Fix("", (), Safety.UNSAFE),))] * 2,
                {"fixed": 4},
                ("2 warnings in 1 policy of 1 file; 4 fixed; 2 fixable with --fix --unsafe-fixes."),
            ),
            ([], {"suppressed": 3}, "No findings in 1 policy of 1 file; 3 suppressed."),
            (
                [finding()],
                {"suppressed": 1, "fixed": 2},
                (
                    "1 suggestion in 1 policy of 1 file; 1 suppressed; 2 fixed; "
                    "1 fixable with --fix."
                ),
            ),
            (
                [],
                {
                    "skipped": {"no policy": 12, "broken symbolic link": 1},
                    "skipped_blocks": {"not JSON": 2},
                    "errors": [("a", "b")],
                },
                (
                    "No findings in what was checked: 1 policy of 1 file.\n"
                    "Not checked: 1 file with an error; 13 files skipped; "
                    "2 blocks skipped: not JSON (--verbose: why)."
                ),
            ),
        ],
    )
    def test_the_closing_line(
        self, findings: list[Finding], changes: dict[str, Any], line: str
    ) -> None:
        assert closing_of(findings, **changes) == line


class TestLines:
    def test_a_finding_is_a_line(self) -> None:
        assert written(text.LinesReporter(), report_of(finding(), finding())) == (
            "policy.json:5:16: suggestion[redundant-action] one covers the other\n"
            "policy.json:5:16: suggestion[redundant-action] one covers the other\n"
            "2 suggestions in 1 policy of 1 file; 2 fixable with --fix.\n"
        )

    def test_whatever_a_file_says_it_is_one_line(self) -> None:
        shown = written(text.LinesReporter(), report_of(nasty())).splitlines()
        assert len(shown) == 2
        assert all(line.isprintable() for line in shown)


def test_a_long_value_does_not_flood_the_terminal() -> None:
    (finding,) = lint(
        {"Statement": {"Effect": "Allow", "Action": "a" * 100_000, "Resource": "*"}},
        select=["unknown-action"],
    )
    shown = text.render(finding)
    assert len(shown) < 2_000
    assert "use the form service:action" in shown


def many_findings() -> list[Finding]:
    """More findings than a screen has room for, of two rules, and one note."""
    errors = [finding(rule="unknown-action", severity=Severity.ERROR, fixes=())] * 3
    return [finding()] * 60 + errors


class TestOverview:
    def test_a_long_report_is_examples_a_table_and_the_next_commands(self) -> None:
        reporter = text.Reporter(ReportOptions(command=lambda: "multitool-lint policies"))
        shown = written(reporter, report_of(*many_findings()))
        assert len(shown.splitlines()) <= 100
        assert shown.count(" --> ") == 2
        assert shown.index("error[unknown-action]") < shown.index("suggestion[redundant-action]")
        assert "unknown-action    error              3        0      1\n" in shown
        assert "redundant-action  suggestion        60       60      1\n" in shown
        assert "  multitool-lint policies --verbose  " in shown
        assert shown.endswith(
            "3 errors, 60 suggestions in 1 policy of 1 file; 60 fixable with --fix.\n"
        )

    def test_a_short_or_whole_report_has_every_finding(self) -> None:
        few = report_of(*many_findings()[:50])
        assert written(text.Reporter(ReportOptions(command=lambda: "x")), few).count(" --> ") == 50
        every = report_of(*many_findings())
        assert written(text.Reporter(), every).count(" --> ") == 63

    def test_the_page_of_a_rule_and_the_age_of_the_catalog_are_named_once(self) -> None:
        reporter = text.Reporter(ReportOptions(quiet=True, age=lambda: "it is old"))
        shown = written(reporter, report_of(*many_findings()))
        assert shown.count("= docs: ") == 2
        assert shown.count("= note: it is old\n") == 1
        assert not shown.endswith("fix.\n")

    def test_policies_that_were_not_read_are_cut(self) -> None:
        summary = Summary()
        summary.unread = [Unread("a.tf", line, 1, "why") for line in range(1, 16)]
        shown = "".join(text.Reporter().end(summary)).splitlines()
        assert shown[9:12] == [
            "a.tf:10:1: not read: why",
            "and 5 more not read (--verbose: which)",
            "Nothing was checked.",
        ]
        assert "".join(text.Reporter(ReportOptions(verbose=True)).end(summary)).count("why") == 15
