"""The baseline of a run: read before it, compared or written after it."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from multitool_lint.cli.output import streams
from multitool_lint.config import ConfigError
from multitool_lint.diagnostics.finding import counted, separate
from multitool_lint.diagnostics.rule import UNCHECKED
from multitool_lint.linter.baseline import (
    Baseline,
    BaselineError,
    KnownFindings,
    entries_of,
    fixed,
    less,
    parse,
    render,
)
from multitool_lint.linter.report import Report, Suppressed
from multitool_lint.linter.suppressions import subtract_baseline
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.boundary import folder_left_by_link


class BaselineFile:
    """A baseline, compared with the findings of a run.

    Raises:
        ConfigError: it cannot be read.
    """

    def __init__(self, name: str, *, writes: bool) -> None:
        self._writes = writes
        self._name = name
        self._folder = Path(self._name).resolve().parent
        self._text = self._read()
        self._known = self._parsed()
        self._by_path = KnownFindings(self._known, self._name)
        self._present: dict[str, Baseline] = {}
        self._gone: Baseline = {}
        self._remark = ""
        self._included = 0
        self._is_written = False

    def _read(self) -> str | None:
        try:
            return reading.read(self._name).text
        except FileNotFoundError as error:
            if self._writes:
                return None
            hint = f"--write-baseline {self._name} creates it"
            raise ConfigError(f"{self._name}: {reading.reason(error)}; {hint}") from error
        except (OSError, reading.UnreadableError) as error:
            raise ConfigError(f"{self._name}: {reading.reason(error)}") from error

    def _parsed(self) -> Baseline:
        try:
            return parse(self._text, self._name) if self._text is not None else {}
        except BaselineError as error:
            raise ConfigError(f"{self._name}:{error}") from error

    def known(self, path: str) -> tuple[tuple[str, int], ...]:
        """How many findings of which fingerprint are known in a file, and not to be reported."""
        return () if self._writes else self._by_path.counts(path)

    def add(self, report: Report, enabled: Collection[str], others: Collection[str] = ()) -> Report:
        """Take note of what the enabled rules found in a file; return what is to be reported.

        `others` are the ids of the rules that are not ours.
        """
        path = self._by_path.key(report.source.path)
        old = [entry.finding for entry in report.suppressed if entry.by == "baseline"]
        reported = (*report.findings, *report.notes)
        found = list(separate(reported))
        new = [finding for finding in found if finding.rule not in UNCHECKED]
        present = entries_of(path, new + old if self._writes else old)
        self._present[path] = self._present.get(path, {}) | present
        if not report.unchecked:
            was = self._by_path.of(report.source.path)
            self._gone |= fixed(was, entries_of(path, new + old), enabled, others)
        if not self._writes:
            return report
        self._included += len(found) - len(reported)
        kept_back = [Suppressed(finding, "baseline", "in the baseline") for finding in new]
        return report._replace(
            findings=tuple(finding for finding in report.findings if finding.rule in UNCHECKED),
            suppressed=(*report.suppressed, *kept_back),
            notes=(),
        )

    def add_outside_policies(self, report: Report) -> Report:
        """Take note of what was found outside of policies, which is not compared with it yet."""
        report = subtract_baseline(report, self.known(report.source.path))
        return self.add(report, {finding.rule for finding in report.findings})

    def add_empty(self, path: str) -> None:
        """Take note of a file that has no policy any more."""
        self._present.setdefault(self._by_path.key(path), {})
        self._gone |= self._by_path.of(path)

    def write(self) -> bool:
        """Write the baseline if that was asked for; return False if it could not be done."""
        if not self._writes:
            if self._gone:
                hint = f"no longer found; remove with --write-baseline {self._name}"
                self._remark = f"{self._name}: {_count(self._gone)} {hint}\n"
            return True
        after = less(self._known, self._gone)
        for present in self._present.values():
            after |= present
        after = {key: known for key, known in after.items() if self._exists(key.path)}
        self._is_written = self._write(render(after), after)
        return self._is_written

    def has_written(self, _: str) -> bool:
        """Whether the findings of a file are in what was written."""
        return self._is_written

    def print_remarks(self) -> None:
        """Print what was written, or what is no longer found."""
        if self._remark:
            streams.err(self._remark)

    def _exists(self, path: str) -> bool:
        return path in self._present or os.path.lexists(self._folder / path)

    def _write(self, text: str, baseline: Baseline) -> bool:
        from multitool_lint.cli.files.replace import replace

        path = Path(self._name).resolve()
        try:
            if text != self._text:
                if self._text is not None and not os.access(path, os.W_OK):
                    raise PermissionError(None, "read-only")
                if left := folder_left_by_link(self._name):
                    raise PermissionError(None, f"a symbolic link leads out of {left}")
                before = None if self._text is None else self._text.encode()
                replace(path, text.encode("utf-8", "backslashreplace"), before)
        except OSError as error:
            streams.err(f"error: {self._name}: not written: {reading.reason(error)}\n")
            return False
        verb = "written" if text != self._text else "unchanged"
        self._remark = f"{self._name} {verb}: {_count(baseline, self._included)}\n"
        return True


def _count(baseline: Baseline, included: int = 0) -> str:
    """The number of findings, without those that others of them include."""
    count = sum(known.times for known in baseline.values()) - included
    findings = counted(count, "finding")
    return f"{findings}, with {included:,} that they include" if included else findings
