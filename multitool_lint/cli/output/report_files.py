"""Reports in files: which are asked for, and how they are written."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from pathlib import Path

from multitool_lint.cli.files.discover import is_folder
from multitool_lint.cli.output import streams
from multitool_lint.config import ConfigError
from multitool_lint.diagnostics.suggestion import suggestion
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.boundary import folder_left_by_link


def outputs(
    values: list[str], format_: str, formats: Collection[str], inputs: list[str]
) -> list[tuple[str, str]]:
    """The reports that `--output` asks for, each with its format and path; `-` is standard output.

    The report of `--format` goes to standard output, unless a file without a format is given.

    Raises:
        ConfigError: an output cannot be followed.
    """
    asked = [_split(value, formats) for value in values]
    for value, (_, path) in zip(values, asked, strict=True):
        _check(value, path, inputs)
    main = [path for name, path in asked if name is None]
    if len(main) > 1:
        raise ConfigError(
            f'--output: "{main[1]}" is a second file for the report of --format; '
            f"for another format use FORMAT=FILE, such as json={main[1]}"
        )
    reports = [(format_, main[0] if main else "-")]
    reports += [(name, path) for name, path in asked if name is not None]
    seen = set()
    for _, path in reports:
        place = path if path == "-" else os.path.realpath(path)
        if place in seen:
            where = "standard output" if path == "-" else f'"{path}"'
            raise ConfigError(f"--output: two reports cannot be written to {where}")
        seen.add(place)
    return reports


def _split(value: str, formats: Collection[str]) -> tuple[str | None, str]:
    name, equals, path = value.partition("=")
    if value in formats:
        raise ConfigError(
            f'--output: "{value}" is a format; use --format {value}, or --output {value}=FILE for '
            f"a file, or ./{value} for a file of this name"
        )
    if not equals:
        return None, value
    if name in formats:
        return name, path
    if re.fullmatch(r"[\w-]+", name):
        raise ConfigError(
            f'--output: unknown format "{name}"{suggestion(name, formats)} '
            f"(for a file of this name use ./{value})"
        )
    return None, value


def _check(value: str, path: str, inputs: list[str]) -> None:
    """Find out early what would keep a report from being written."""
    if not path:
        raise ConfigError(f'--output: expected a file after "{value}"')
    if path == "-":
        return
    if is_folder(path) or path.endswith(("/", os.sep)):
        raise ConfigError(f'--output: "{path}" is a folder')
    for name in inputs:
        if name != "-" and os.path.realpath(name) == os.path.realpath(path):
            raise ConfigError(f'--output: "{path}" is an input file and is not overwritten')


class ReportFile:
    """A report that becomes a file at the end of the run, all of it or nothing."""

    def __init__(self, path: str) -> None:
        self._name = path
        self.path = os.path.abspath(path)  # noqa: PTH100 - compared with many, as strings
        self._content = bytearray()

    def add(self, part: str) -> None:
        """Add a part of the report."""
        self._content += part.encode("utf-8", "backslashreplace")

    def write(self) -> bool:
        """Write the file, in a folder that is made if there is none; say so if that fails."""
        try:
            self._write(Path(os.path.realpath(self.path)))
        except OSError as error:
            taken = isinstance(error, FileExistsError)  # by a file, where the folder should be
            reason = "not a directory" if taken else reading.reason(error)
            streams.err(f"error: {self._name}: report not written: {reason}\n")
            return False
        return True

    def _write(self, target: Path) -> None:
        from multitool_lint.cli.files.replace import replace

        if left := folder_left_by_link(self.path):
            raise OSError(None, f"a symbolic link leads out of {left}")
        target.parent.mkdir(parents=True, exist_ok=True)
        place = Path(self.path)
        if place.exists() and not place.is_file():  # a pipe or a device stays what it is
            place.write_bytes(self._content)
        else:
            replace(target, self._content)
