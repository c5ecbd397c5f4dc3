"""Findings as Markdown, for a comment on a pull request or the summary of a job.

What comes from a file is escaped or in code spans, so that nothing is markup, a mention or a
reference.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from multitool_lint.diagnostics.finding import Finding, counted
from multitool_lint.limits import MAX_MARKDOWN_CHARACTERS
from multitool_lint.reporters import text
from multitool_lint.reporters.positions import relative_path
from multitool_lint.reporters.prose import pieces
from multitool_lint.reporters.summary import PLAIN, ReportOptions, RunReporter, Summary, closing
from multitool_lint.syntax.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.linter.report import Report


_LINKED_WORDS = re.compile(r"[@#](?=\w)|\bGH-(?=\d)|\bwww(?=\.)", re.IGNORECASE)

# For the heading, the table, the closing line and the line that says what is left out.
_RESERVED = 4_096


class _Entry(NamedTuple):
    rank: int
    file: int
    line: str


class Reporter(RunReporter):
    """Collects the findings; if there is no room for all, the most severe are shown.

    Without an address for links to files, these are relative.
    """

    says_all = True

    def __init__(self, options: ReportOptions = PLAIN) -> None:
        super().__init__(options)
        self._files: list[str] = []
        self._entries: list[_Entry] = []

    def file(self, report: Report) -> Iterator[str]:
        """Report a file that was linted."""
        if report.findings or report.notes:
            path = relative_path(report.source.path)
            self._files.append(f"\n#### {code(path)}\n\n")
            for finding in report.findings:
                rank = text.RANKS[finding.severity]
                self._add(rank, _entry(finding, self._address(path), finding.severity.value))
            for note in report.notes:
                self._add(len(text.RANKS), _entry(note, self._address(path), "note"))
        yield from ()

    def end(self, summary: Summary) -> Iterator[str]:
        """Report what the run came to."""
        yield f"### multitool-lint\n\n{_escaped(closing(summary))}\n\n"
        yield from _counts(summary)
        room = MAX_MARKDOWN_CHARACTERS - _RESERVED
        errors, room = _errors(summary, room)
        yield from errors
        unknown, left = _unknown(summary, room // 4)
        room -= room // 4 - left
        shown = self._fitting(room)
        file = -1
        for entry in shown:
            if entry.file != file:
                file = entry.file
                yield self._files[file]
            yield entry.line
        if left_out := len(self._entries) - len(shown):
            yield f"\n{counted(left_out, 'more finding')}, left out for their number.\n"
        yield from unknown

    def _add(self, rank: int, entry: str) -> None:
        self._entries.append(_Entry(rank, len(self._files) - 1, entry))

    def _address(self, path: str) -> str:
        """Where a link to the file leads; empty if the file is not below the current folder."""
        if path.startswith(("/", "../")):
            return ""
        return self.options.links + quote(path, errors="replace")

    def _fitting(self, room: int) -> list[_Entry]:
        """The entries that there is room for, in the order of the files."""
        headed: set[int] = set()
        fitting = []
        for number, entry in sorted(enumerate(self._entries), key=lambda entry: entry[1].rank):
            length = len(entry.line)
            if entry.file not in headed:
                length += len(self._files[entry.file])
            if length > room:
                break
            room -= length
            headed.add(entry.file)
            fitting.append(number)
        return [self._entries[number] for number in sorted(fitting)]


def _counts(summary: Summary) -> Iterator[str]:
    rows = [(severity.value, count) for severity, count in summary.findings.items()]
    rows.append(("suppressed", summary.suppressed))
    if any(count for _, count in rows):
        yield "| | Findings |\n| :-- | --: |\n"
        yield from (f"| {name} | {count} |\n" for name, count in rows if count)


def _errors(summary: Summary, room: int) -> tuple[list[str], int]:
    """What could not be linted, and the room left."""
    lines = [f"* {code(path)}: {code(message)}\n" for path, message in summary.errors]
    return _listed("Not linted", lines, "more file", room)


def _unknown(summary: Summary, room: int) -> tuple[list[str], int]:
    """What could not be read, and the room left."""
    lines = [
        f"* {code(f'{relative_path(path)}:{line}:{column}')}: {code(why)}\n"
        for path, line, column, why in summary.unknown()
    ]
    return _listed("Not read", lines, "more policy", room)


def _listed(title: str, items: list[str], rest: str, room: int) -> tuple[list[str], int]:
    """A section with as many items as there is room for, and the room left."""
    if not items:
        return [], room
    lines = [f"\n#### {title}\n\n"]
    for number, line in enumerate(items):
        if len(line) > room:
            lines.append(f"* and {counted(len(items) - number, rest)}\n")
            break
        room -= len(line)
        lines.append(line)
    return lines, room


def _entry(finding: Finding, address: str, word: str) -> str:
    line, column = finding.source.position(finding.span.start)
    place = f"[{line}:{column}]({address}#L{line})" if address else f"{line}:{column}"
    rule = f"[{code(finding.rule)}]({finding.docs})" if finding.docs else code(finding.rule)
    advice = "".join(f"  * {_prose(line)}\n" for line in text.advice(finding))
    return f"* {place} **{word}** {rule}: {_prose(finding.title)}\n{advice}"


def _prose(content: str) -> str:
    """A text of a finding with its values as code, and links to pages."""
    return "".join(
        code(piece.text)
        if piece.is_code
        else f"[{_escaped(piece.text)}]({piece.url})"
        if piece.url
        else _escaped(piece.text)
        for piece in pieces(printable(content))
    )


def _escaped(content: str) -> str:
    """Words of ours, which may have words among them that we did not choose.

    GitHub looks for mentions, references and addresses in the text of the finished page, where
    escapes are gone: a space without width in them is what stops it.
    """
    content = _LINKED_WORDS.sub("\\g<0>\N{ZERO WIDTH SPACE}", content)
    return re.sub(r"([\\`*_\[\]<>|~&#@!])", r"\\\1", content)


def code(content: str) -> str:
    """A code span: its fence is longer than any run of backticks within."""
    content = printable(content) or " "
    runs = re.findall("`+", content)
    fence = "`" * (max(map(len, runs), default=0) + 1)
    return f"{fence} {content} {fence}" if runs else f"{fence}{content}{fence}"
