"""The HTML report leads with what was found."""

from support.report_samples import finding, report_of, written

from multitool_lint.diagnostics.rule import Severity
from multitool_lint.reporters.html.reporter import Reporter
from multitool_lint.syntax.source import Source


def test_findings_come_first_and_files_without_any_are_one_line() -> None:
    other = Source("b.json", finding().source.text)
    error = finding(source=other, rule="unknown-action", severity=Severity.ERROR)
    clean = [report_of()._replace(source=Source(f"clean{n}.json", "{}")) for n in range(2)]
    page = written(
        Reporter(), clean[0], report_of(finding(), finding()), report_of(error), clean[1]
    )
    start, end = page.index('<section class="found"'), page.index('<section class="file"')
    listed = page[start:end]
    assert listed.index("unknown-action") < listed.index("redundant-action")
    assert '<span class="n">2 findings</span>' in listed
    assert ">b.json:5</a>" in listed
    assert page.count("2 files without findings</summary>") == 2, "among the files, and here"
    assert page.rindex("clean0.json") > page.rindex("b.json")
    assert ">2 suggestions</span>" in page
    assert ">1 error</span>" in page
