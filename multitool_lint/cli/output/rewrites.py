"""Rewritten policies on their way out: into files, to standard output, or as diffs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint.cli.files.read import names_files, targets
from multitool_lint.cli.files.write import WriteError, print_diff, write, write_new
from multitool_lint.cli.output import streams
from multitool_lint.config import ConfigError
from multitool_lint.diagnostics.finding import counted
from multitool_lint.formats import is_output
from multitool_lint.linter.lint import internal_error
from multitool_lint.rewrite.in_file import PRINTED, rewrite_all
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.printable import printable
from multitool_lint.syntax.source import position_of

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from multitool_lint.cli.files.target import Target
    from multitool_lint.rewrite.draft import Remark, Rewrite
    from multitool_lint.syntax.source import Source, Span

EXIT_CODES = """\
exit codes: 0 done, 1 a diff was printed or a change could not be made, 2 a file could not be read
or written"""


def add_output_arguments(parser: ArgumentParser) -> None:
    """Add what decides where rewritten texts go."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--write", action="store_true", help="write the files instead of printing a diff"
    )
    diff = "print a diff, the default unless standard input is read"
    group.add_argument("--diff", action="store_true", help=diff)
    streams.add_colour_argument(parser)
    parser.epilog = EXIT_CODES


class RewriteOutput:
    """Where the texts of a run go, and what the run comes to.

    What is read from standard input goes to standard output, all of it, unless a diff is asked for.
    """

    def __init__(self, arguments: Namespace) -> None:
        self._stdin = arguments.files == ["-"]
        self._diff: bool = arguments.diff or not (arguments.write or self._stdin)
        self._colour = streams.colour(arguments.color)
        self.changed = 0
        self.failed = False
        self.incomplete = False

    def put(self, target: Target, after: str) -> bool:
        """Put out the text that a file becomes; return whether that could be done."""
        before = target.source.text if target.source else after
        if self._stdin and not self._diff:
            streams.out_utf8(after)
        elif after != before and self._diff:
            print_diff(target.path, before, after, colour=self._colour)
        elif after != before:
            try:
                write(target, before, after)
            except WriteError as error:
                self.error(target.path, str(error))
                return False
        self.changed += after != before
        return True

    def put_pieces(self, target: Target, pieces: Sequence[str]) -> bool:
        """Put out the policies that a file is split into, next to it as NAME-1.json and so on.

        A file that exists with another text is not overwritten: then none is
        written. To standard output go all of them, one after the other. Returns whether that could
        be done.
        """
        if self._stdin and not self._diff:
            streams.out_utf8("".join(f"{piece.rstrip()}\n" for piece in pieces))
            self.changed += 1
            return True
        path = Path(target.real if Path(target.path).is_symlink() else target.path)
        names = [path.with_stem(f"{path.stem}-{at}") for at in range(1, len(pieces) + 1)]
        texts = dict(zip(names, pieces, strict=True))
        try:
            texts = {name: text for name, text in texts.items() if not _has_text(name, text)}
            for name, text in texts.items():
                if self._diff:
                    print_diff(str(name), "", text, colour=self._colour)
                else:
                    write_new(target, name, text)
                self.changed += 1
        except WriteError as error:
            self.error(target.path, str(error))
            return False
        return True

    def error(self, path: str, message: str) -> None:
        """Print what could not be read or written."""
        self.failed = True
        streams.err(f"error: {path}: {message}\n")

    def print_at(self, source: Source, span: Span, message: str) -> None:
        """Print a message about a place in a file."""
        streams.err(f"{position_of(source, span)}: {printable(message)}\n")

    def remarks(self, remarks: Iterable[Remark], kind: str = "") -> None:
        """Print messages about places in files."""
        for remark in remarks:
            self.print_at(remark.source, remark.span, f"{kind}{remark.message}")

    def end(self) -> int:
        """Say how many files changed, and return the exit code."""
        files = counted(self.changed, "file")
        if self.changed:
            streams.err(f"{files} would change\n" if self._diff else f"{files} changed\n")
        elif not self.failed:
            streams.err("nothing to change\n")
        if self.failed:
            return 2
        return 1 if self.incomplete or (self._diff and self.changed) else 0


def _has_text(path: Path, text: str) -> bool:
    """Whether a file exists that has this text.

    Raises:
        WriteError: it has another one, or cannot be read.
    """
    if not os.path.lexists(path):
        return False
    try:
        same = reading.read_bytes(str(path)) == text.encode()
    except (OSError, reading.UnreadableError) as error:
        raise WriteError(f"not split: {path}: {reading.reason(error)}") from error
    if not same:
        raise WriteError(f'not split: "{path}" already exists')
    return True


def check_files(arguments: Namespace) -> None:
    """Check that the files of a command can be rewritten.

    Raises:
        ConfigError: they cannot.
    """
    if not names_files(arguments):
        raise ConfigError("expected FILES, such as . for the current folder")
    if "-" in arguments.files and len(arguments.files) > 1:
        raise ConfigError("standard input (-) cannot be combined with files")


def sources(
    arguments: Namespace,
    output: RewriteOutput,
    printed: Callable[[Target, Source], None] = lambda *_: None,
) -> Iterator[tuple[Target, Source]]:
    """The files that can be rewritten; says why others that were named cannot.

    `printed` is called with the files that a program printed, which are not rewritten.
    """
    for target in targets(arguments):
        if target.error or target.source is None:
            if not target.skipped:
                output.error(target.path, target.error or "not readable")
        elif not is_output(target.source):
            yield target, target.source
        else:
            printed(target, target.source)
            if target.named:
                output.error(target.path, PRINTED)


def rewrite_files(arguments: Namespace, rewrite: Callable[..., Rewrite]) -> int:
    """Rewrite the files, say what was done and what was not, and return the exit code.

    `rewrite` is what `rewrite_all` takes.
    """
    check_files(arguments)
    output = RewriteOutput(arguments)
    for target, source in sources(arguments, output):
        known = target.settings
        try:
            result = rewrite_all(
                source,
                rewrite,
                type=known.type,
                resource_type=known.resource_type,
                catalog=known.catalog,
            )
        except Exception as error:  # noqa: BLE001 - the other files are still rewritten
            output.error(target.path, internal_error(error))
            continue
        if result.pieces:
            written = output.put_pieces(target, result.pieces)
        else:
            written = output.put(target, result.text)
        _report(output, target, result, written=written)
    return output.end()


def _report(output: RewriteOutput, target: Target, result: Rewrite, *, written: bool) -> None:
    output.remarks(result.applied if written else ())
    output.remarks(result.notes, "note: ")
    output.remarks(result.problems, "problem: ")
    output.remarks(result.unread, "error: ")
    output.incomplete |= bool(result.problems)
    output.failed |= bool(result.unread)
    if result.no_policy and target.named:
        output.error(target.path, f"no policy found: {result.no_policy.in_words()}")
