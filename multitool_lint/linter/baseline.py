"""Baselines: the findings that a repository had when it took up the tool, and still has.

A baseline is JSON, one line a finding, as `rules/schemas/baseline.json` describes it. Paths are
relative to its folder, so that it means the same wherever the repository is. Equal findings of a
file have one line, with their count.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable
from pathlib import Path

from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.fingerprint import unnumbered
from multitool_lint.diagnostics.rule import current_id, rules
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.syntax import source as reading

VERSION = 1
_KINDS = {"path": str, "rule": str, "fingerprint": str, "count": int, "title": str}


class BaselineError(ValueError):
    """A text that is not a baseline; the message says where and why."""


class Key(NamedTuple):
    """What distinguishes the entries of a baseline."""

    path: str
    rule: str
    fingerprint: str


class BaselineEntry(NamedTuple):
    """How many equal findings there are, and what is reported of them, for readers."""

    times: int
    title: str


Baseline = dict[Key, BaselineEntry]


class KnownFindings:
    """The findings that a baseline at a path has, by the files that they are in."""

    def __init__(self, entries: Baseline, path: str) -> None:
        self._folder = Path(path).resolve().parent
        self._by_key: dict[str, Baseline] = {}
        for key, known in entries.items():
            self._by_key.setdefault(key.path, {})[key] = known

    def key(self, path: str) -> str:
        """The path of a file as the baseline has it."""
        real = Path(path).parent.resolve() / Path(path).name
        try:
            return Path(os.path.relpath(real, self._folder)).as_posix()
        except ValueError:  # on another drive
            return real.as_posix()

    def of(self, path: str) -> Baseline:
        """The entries of a file."""
        return self._by_key.get(self.key(path), {})

    def counts(self, path: str) -> tuple[tuple[str, int], ...]:
        """How many findings there are of which fingerprint in a file."""
        return tuple((key.fingerprint, known.times) for key, known in self.of(path).items())


def read(path: str) -> KnownFindings:
    """The findings of the baseline at a path.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not a baseline.
    """
    try:
        return KnownFindings(parse(reading.read(path).text, path), path)
    except reading.UnreadableError as error:
        raise ValueError(f"{path}: {error}") from error
    except BaselineError as error:
        raise ValueError(f"{path}:{error}") from error


def parse(text: str, path: str = "") -> Baseline:
    """The entries of a baseline, of which the path is for warnings.

    Raises:
        BaselineError: it is none, or one of another version.
    """
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise BaselineError(f"{error.lineno}:{error.colno}: {error.msg.lower()}") from error
    except (ValueError, RecursionError):
        raise BaselineError("1:1: nested too deep, or with too long a number") from None
    if not isinstance(document, dict) or "version" not in document:
        raise BaselineError('1:1: not a baseline: expected an object with a "version"')
    if document["version"] != VERSION:
        raise BaselineError(
            f"1:1: version {json.dumps(document['version'])[:20]}; this release reads {VERSION}"
        )
    findings = document.get("findings")
    if not isinstance(findings, list):
        raise BaselineError('1:1: "findings" is not a list')
    entries: Baseline = {}
    for number, entry in enumerate(findings, 1):
        key, known = _entry(entry, number, path)
        before = entries.get(key)
        # Two branches that were merged may each have brought the line.
        entries[key] = known._replace(times=max(known.times, before.times)) if before else known
    return entries


def _entry(entry: object, number: int, path: str) -> tuple[Key, BaselineEntry]:
    if not isinstance(entry, dict):
        raise BaselineError(f"finding {number}: no object")
    for name, kind in _KINDS.items():
        value = entry.get(name)
        if not isinstance(value, kind) or isinstance(value, bool):
            what = "string" if kind is str else "number"
            raise BaselineError(f'finding {number}: "{name}" is not a {what}')
    if entry["count"] < 1:
        raise BaselineError(f'finding {number}: "count" is less than 1')
    rule = current_id(entry["rule"], path)
    return Key(entry["path"], rule, entry["fingerprint"]), BaselineEntry(
        entry["count"], entry["title"]
    )


def render(baseline: Baseline) -> str:
    """The text of a baseline, the same for the same entries."""
    lines = [
        json.dumps(
            {**key._asdict(), "count": known.times, "title": known.title}, ensure_ascii=False
        )
        for key, known in sorted(baseline.items())
    ]
    findings = ",".join(f"\n  {line}" for line in lines)
    return f'{{\n "version": {VERSION},\n "findings": [{findings}\n ]\n}}\n'


def entries_of(path: str, findings: Iterable[Finding]) -> Baseline:
    """The entries for findings of a file."""
    entries: Baseline = {}
    for finding in findings:
        key = Key(path, finding.rule, unnumbered(finding.fingerprint))
        before = entries.get(key)
        entries[key] = (
            BaselineEntry(before.times + 1, before.title)
            if before
            else BaselineEntry(1, finding.title)
        )
    return entries


def fixed(
    known: Baseline, present: Baseline, enabled: Collection[str], others: Collection[str] = ()
) -> Baseline:
    """The entries of a file that are not found any more, with how many.

    Nothing is known of rules that did not run; those that there are no more find nothing. `others`
    are the ids of the rules that are not ours.
    """
    gone: Baseline = {}
    for key, was in known.items():
        now = present.get(key)
        left = was.times - (now.times if now else 0)
        if left > 0 and (key.rule in enabled or key.rule not in {*rules(), *others}):
            gone[key] = was._replace(times=left)
    return gone


def less(known: Baseline, gone: Baseline) -> Baseline:
    """The entries without those that are gone."""
    counts = {
        key: was.times - (gone[key].times if key in gone else 0) for key, was in known.items()
    }
    return {key: known[key]._replace(times=count) for key, count in counts.items() if count}
