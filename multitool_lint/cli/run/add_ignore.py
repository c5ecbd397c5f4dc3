"""Entries of `[[ignore]]` for the findings of a run: `--add-ignore`."""

from __future__ import annotations

import re
from argparse import Namespace
from pathlib import Path

from multitool_lint.cli.options.settings import Settings
from multitool_lint.cli.output import streams
from multitool_lint.config import ConfigError
from multitool_lint.config.added_entries import with_entries
from multitool_lint.config.model import FILE
from multitool_lint.diagnostics import scope
from multitool_lint.diagnostics.finding import Finding, counted, separate
from multitool_lint.linter.ignore_entries import IgnoreEntry
from multitool_lint.linter.report import Report, Suppressed
from multitool_lint.linter.suppressions import suppresses
from multitool_lint.policy import pointer as pointers
from multitool_lint.policy.document import Policy
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.boundary import below

_WILDCARD = re.compile(r"[*?\[]")


class AddedIgnores:
    """The entries that a run adds, by the configuration that they go into.

    Raises:
        ConfigError: there is no place for them.
    """

    def __init__(self, arguments: Namespace) -> None:
        self._reason = " ".join(arguments.add_ignore.split())
        if not self._reason:
            raise ConfigError("--add-ignore: the reason must not be empty")
        if (
            arguments.no_config
            or arguments.show_suppressed
            or arguments.diff
            or "-" in arguments.files
        ):
            raise ConfigError(
                "--add-ignore cannot be used with --no-config, --show-suppressed, --diff or -"
            )
        self._settings = Settings(arguments)
        self._entries: dict[str, dict[IgnoreEntry, None]] = {}
        self._configurations: dict[str, str] = {}
        self._failed: set[str] = set()
        self._remarks: list[str] = []

    def add(self, report: Report) -> Report:
        """Take note of what was found in a file; return the report of what remains."""
        origin = self._settings.found(report.source.path).origin
        file = origin.path if origin else FILE
        path = pattern_of(report.source.path, file)
        if path is None:
            return report
        self._configurations[report.source.path] = file
        remaining, added = [], []
        for finding in separate(report.findings):
            if entry := entry_for(finding, report.policies, self._reason):
                entries = self._entries.setdefault(file, {})
                entries[entry._replace(file=path)] = None
                added.append(Suppressed(finding, "configuration", self._reason))
            else:
                remaining.append(finding)
        suppressed = (*report.suppressed, *added)
        return report._replace(findings=tuple(remaining), suppressed=suppressed)

    def write(self) -> bool:
        """Write the entries into the configurations; return whether that could be done."""
        for file, entries in self._entries.items():
            try:
                self._write(file, tuple(entries))
            except (ConfigError, OSError, reading.UnreadableError) as error:
                reason = error if isinstance(error, ConfigError) else reading.reason(error)
                streams.err(f"error: {file}: not written: {reason}\n")
                self._failed.add(file)
        return not self._failed

    def has_written(self, path: str) -> bool:
        """Whether the entries for the findings of a file are written."""
        return self._configurations.get(path) not in self._failed

    def print_remarks(self) -> None:
        """Print what was written."""
        for remark in self._remarks:
            streams.err(remark)

    def _write(self, file: str, entries: tuple[IgnoreEntry, ...]) -> None:
        from multitool_lint.cli.files.replace import replace

        path = Path(file)
        before = path.read_bytes() if path.exists() else None
        text = reading.decode(before or b"", file).text
        tables = [table_of_entry(entry) for entry in entries]
        replace(path.resolve(), with_entries(path, text, tables).encode(), before)
        self._remarks.append(f"{file}: {counted(len(entries), 'entry')} added\n")


def pattern_of(path: str, configuration: str) -> str | None:
    """A path as an entry of a configuration has it; None if that is not about such a file."""
    inside = below(path, Path(configuration).parent.resolve())
    return None if inside is None else _WILDCARD.sub(r"[\g<0>]", inside)


def entry_for(finding: Finding, policies: tuple[Policy, ...], reason: str) -> IgnoreEntry | None:
    """The narrowest entry that suppresses a finding; None if nothing may suppress it."""
    whole = IgnoreEntry(finding.rule, reason)
    for policy in policies:
        if policy.name == finding.policy_name:
            entry = _narrowed(whole, finding, policy)
            if suppresses(entry, finding, policy):
                return entry
    return whole if suppresses(whole, finding, None) else None


def _narrowed(entry: IgnoreEntry, finding: Finding, policy: Policy) -> IgnoreEntry:
    """The entry for the statement of a finding alone, by its Sid, and for the values at fault."""
    place = pointers.resolve(policy, finding.pointer)
    if place is None or place.statement is None:
        return entry
    sid = place.statement.sid
    if sid:
        entry = entry._replace(sid=pointers.text(policy, sid))
    kind = scope.element(place) or ("" if sid else "action")
    values = tuple(dict.fromkeys(scope.values(finding, place, policy, kind))) if kind else ()
    match kind:
        case "action":
            return entry._replace(action=values)
        case "resource":
            return entry._replace(resource=values)
        case "principal":
            return entry._replace(principal=values)
    return entry


def table_of_entry(entry: IgnoreEntry) -> dict[str, object]:
    """The entry as the configuration has it; `file` is the pattern of its path here."""
    lists = (("action", entry.action), ("resource", entry.resource), ("principal", entry.principal))
    values = {kind: list(names) for kind, names in lists if names}
    sid = {} if entry.sid is None else {"sid": entry.sid}
    return {"rule": entry.rule, "path": entry.file, **sid, **values, "reason": entry.reason}
