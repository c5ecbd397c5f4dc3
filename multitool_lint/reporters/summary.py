"""What a run came to: files, policies, findings, and what was left out; and who reports it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from multitool_lint._version import __version__
from multitool_lint.diagnostics.finding import Safety, counted
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.syntax.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Final

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.diagnostics.rule import Rule
    from multitool_lint.linter.report import Report
    from multitool_lint.reasons import Why


class Unread(NamedTuple):
    """A policy that should be at a place and could not be read there, and why."""

    path: str
    line: int
    column: int
    reason: str


class UnresolvedValue(NamedTuple):
    """An unknown value of a linted policy: its place, and its element."""

    path: str
    line: int
    column: int
    element: str


class Counts(NamedTuple):
    """The policies of one format: those that were read, and those that could not be."""

    read: int = 0
    unread: int = 0


class Summary:
    """The counts of a run.

    `formats` counts the policies by what they were read as, `references` those to managed policies.
    `skipped` counts the files by the reason why they were, `skipped_blocks` the code blocks within
    linted files, `unread` lists the policies in them that could not be read, `unresolved`
    the values of others that could not be resolved; `errors` holds path and reason of what could
    not be linted; of the findings with a fix, `fixable` have a safe one. If the run is `strict`,
    what could not be read or resolved fails it.
    """

    def __init__(self, *, strict: bool = False) -> None:
        self.strict: Final = strict
        self.files = 0
        self.policies = 0
        self.references = 0
        self.formats: dict[str, Counts] = {}
        self.fixed = 0
        self.suppressed = 0
        self.skipped: dict[str, int] = {}
        self.skipped_blocks: dict[str, int] = {}
        self.unchecked = 0
        self.unread: list[Unread] = []
        self.unresolved: list[UnresolvedValue] = []
        self.errors: list[tuple[str, str]] = []
        self.findings: dict[Severity, int] = dict.fromkeys(Severity, 0)
        self.fixable = 0
        self.unsafely_fixable = 0

    def add_file(self, report: Report) -> None:
        """Count a linted file, its findings, and why code blocks in it were skipped."""
        self.files += 1
        self.policies += report.policy_count
        self.references += report.reference_count
        unread = sum(block.unread for block in report.skipped)
        if report.format and (report.policy_count or unread):
            read, before = self.formats.get(report.format, Counts())
            self.formats[report.format] = Counts(read + report.policy_count, before + unread)
        self.suppressed += len(report.suppressed)
        for block in report.skipped:
            if not block.unread:
                words = block.why.in_words()
                self.skipped_blocks[words] = self.skipped_blocks.get(words, 0) + 1
        for span, element in report.unresolved:
            place = report.source.position(span.start)
            self.unresolved.append(UnresolvedValue(report.source.path, *place, element))
        self.add_more(report)

    def add_more(self, report: Report) -> None:
        """Count what is found in a file that is counted, or not one of policies, and not read."""
        for block in report.skipped:
            if block.unread:
                place = report.source.position(block.span.start)
                self.unread.append(Unread(report.source.path, *place, block.why.in_words()))
        self.unchecked += report.unchecked
        for finding in report.findings:
            self.findings[finding.severity] += 1
            fixes = [fix for fix in finding.fixes if not fix.keeps_everything]
            if fixes:
                safe = any(fix.safety is Safety.SAFE for fix in fixes)
                self.fixable += safe
                self.unsafely_fixable += not safe

    def unknown(self, *, values: bool = False) -> Iterator[Unread]:
        """The policies that were not read, with why; `values`, or a strict run: the values, too."""
        for place in self.unread:
            yield place._replace(reason=f"not read: {place.reason}")
        if values or self.strict:
            for path, line, column, element in self.unresolved:
                yield Unread(path, line, column, f"{element} could not be resolved")

    def add_skipped(self, why: Why) -> None:
        """Count a file that was skipped."""
        words = why.in_words()
        self.skipped[words] = self.skipped.get(words, 0) + 1


def closing(summary: Summary, *, verbose: bool = False) -> str:
    """What was found, and in a second line what was not checked and why.

    Of several reasons, only a verbose one has them all, and the policies by format.
    """
    lines = [_found(summary)]
    left_out = list(_left_out(summary, verbose=verbose))
    if left_out:
        counts = (summary.skipped, summary.skipped_blocks)
        short = not verbose and any(len(reasons) > 1 for reasons in counts)
        lines.append(f"Not checked: {'; '.join(left_out)}{' (--verbose: why)' * short}.")
    if verbose and summary.formats:
        lines.append(f"Formats: {', '.join(_by_format(summary))}.")
    return "\n".join(lines)


def _found(summary: Summary) -> str:
    """What was found, where, and what of it can be fixed."""
    counts = [
        of_severity(count, severity.value) for severity, count in summary.findings.items() if count
    ]
    if not (counts or summary.policies or summary.references):
        return "Nothing was checked."
    policies, files = counted(summary.policies, "policy"), counted(summary.files, "file")
    of_what = " in what was checked:" if summary.errors or summary.unread else " in"
    result = f"{', '.join(counts)} in" if counts else f"No findings{of_what}"
    parts = [f"{result} {policies} of {files}"]
    for count, what in (
        (summary.suppressed, "suppressed"),
        (summary.fixed, "fixed"),
        (summary.fixable, "fixable with --fix"),
        (summary.unsafely_fixable, "fixable with --fix --unsafe-fixes"),
    ):
        if count:
            parts.append(f"{count:,} {what}")
    return f"{'; '.join(parts)}."


def _left_out(summary: Summary, *, verbose: bool) -> Iterator[str]:
    """What was not checked: a part for each kind."""
    if summary.errors:
        yield f"{counted(len(summary.errors), 'file')} with an error"
    if summary.unchecked:
        yield f"{counted(summary.unchecked, 'file')} in part, see the findings"
    if summary.unread:
        yield f"{counted(len(summary.unread), 'policy')} not read"
    if summary.unresolved:
        yield f"{counted(len(summary.unresolved), 'value')} not resolved"
    for unit, skipped in (("file", summary.skipped), ("block", summary.skipped_blocks)):
        if skipped and (verbose or len(skipped) == 1):
            for reason, count in sorted(skipped.items()):
                yield f"{counted(count, unit)} skipped: {printable(reason)}"
        elif skipped:
            yield f"{counted(sum(skipped.values()), unit)} skipped"


def _by_format(summary: Summary) -> Iterator[str]:
    """How many policies there are of each format, and how many more could not be read."""
    for name, (read, unread_) in sorted(summary.formats.items()):
        yield f"{name} {read}{f' and {unread_} not read' if unread_ else ''}"


def of_severity(count: int, severity: str) -> str:
    """A number of findings of a severity, whose name need not have a plural."""
    return (
        f"{count:,} security" if severity == Severity.SECURITY.value else counted(count, severity)
    )


class ReportOptions(NamedTuple):
    """What a report is to look like, as far as its format has a place for that.

    A quiet one has findings only. `width` is None where the output is not a terminal. With a
    `command`, which checks the same files again, a text report of many findings is an overview.
    `age` says once that the catalog is old. `many` says that there may be several files, `links` is
    the address that links to files begin with. `others` are the rules that are not ours, which a
    run may add to. The numbers of actions come from `catalog`.
    """

    format: str = ""
    colour: bool = False
    verbose: bool = False
    quiet: bool = False
    width: int | None = None
    command: Callable[[], str] | None = None
    age: Callable[[], str | None] = lambda: None
    many: bool = True
    links: str = ""
    others: Mapping[str, Rule] = MappingProxyType({})
    catalog: Catalog | None = None
    version: str = __version__


PLAIN = ReportOptions()


class RunReporter:
    """Turns what a run finds into text, in parts that are printed as soon as they are there."""

    needs_policies = False
    """Whether reports are to hold the policies themselves, not only what was found in them."""

    says_all = False
    """Whether the report has a place for what the run came to."""

    def __init__(self, options: ReportOptions = PLAIN) -> None:
        self.options = options

    def file(self, report: Report) -> Iterator[str]:  # noqa: ARG002 - others ask it
        """Report a file that was linted."""
        yield from ()

    def end(self, summary: Summary) -> Iterator[str]:  # noqa: ARG002 - as above
        """Report what the run came to."""
        yield from ()

    def remarks(self, summary: Summary) -> Iterator[str]:
        """Say what the report has no place for, for the person who watches the run."""
        if not self.says_all:
            yield closing(summary) + "\n"
