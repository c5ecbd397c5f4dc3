"""Parses the arguments of a command; a mistake is one line that says what to do."""

from __future__ import annotations

import argparse
from argparse import Action, ArgumentParser, HelpFormatter, Namespace, RawDescriptionHelpFormatter

from multitool_lint.cli.output import streams
from multitool_lint.diagnostics.suggestion import alternatives, suggestion
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.limits import MAX_USAGE_ARGUMENTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

# What argparse says is put in other words below, in English; looking for a translation takes long.
vars(argparse)["_"] = str

_DASHES = lazy_pattern(r"(?:[–—]|-(?=\w{2}))+")  # noqa: RUF001 - what word processors write
"""One dash before a long name, or what a word processor makes of two."""

FORMER = {
    "--arns": "--arn",
    "--exit-zero": "--fail-on never",
    "--force-exclude": "--discovered",
    "--no-ignore": "--show-suppressed",
    "--prune-baseline": "--write-baseline",
    "--strict": "--all-actions",
}
"""What took the place of options that are gone, where a command has it."""

_REQUIRED = "the following arguments are required: "
_CONFLICT = "not allowed with argument "


class Parser(ArgumentParser):
    """A parser that reports a mistake in one line, without the usage, and exits with 2."""

    def __init__(self, command: str, description: str | None) -> None:
        super().__init__(
            prog=f"multitool-lint {command}",
            description=description,
            formatter_class=_formatter,
            allow_abbrev=False,
        )
        self._command = command
        self._help = f"see `multitool-lint help {command}`"

    def format_help(self) -> str:
        """The help, with the options of a long list in the usage as one word."""
        if len(self._actions) > MAX_USAGE_ARGUMENTS:
            self.usage = f"{self.prog} [OPTIONS] {self._positionals_in_words()}"
        return super().format_help()

    def _positionals_in_words(self) -> str:
        return " ".join(
            f"[{action.metavar} ...]" if action.nargs == "*" else str(action.metavar)
            for action in self._actions
            if not action.option_strings
        )

    def parse_words(self, argv: list[str]) -> Namespace:
        """Parse the arguments, with files before, between and after options.

        `parse_intermixed_args` does that too, but imports and formats what is needed for help.
        """
        end = argv.index("--") if "--" in argv else len(argv)
        for word in argv[:end]:
            self._check_dashes(word.partition("=")[0])
        arguments, more = self.parse_known_args(argv[:end])
        for word in more:
            if word.startswith("-") and word != "-":
                self._raise_unknown(word.partition("=")[0])
        more += argv[end + 1 :]
        if more and not hasattr(arguments, "files"):
            self._raise_unknown(more[0])
        if more:
            arguments.files = [*arguments.files, *more]
        for action in self._actions:
            value = getattr(arguments, action.dest, None)
            if value == "" or (isinstance(value, list) and "" in value):
                self._raise_empty(action)
        return arguments

    def error(self, message: str) -> NoReturn:
        """Report a mistake that argparse found, in other words."""
        if message.startswith(_REQUIRED):
            _fail(f"expected {message.removeprefix(_REQUIRED)}; {self._help}")
        names, _, problem = message.removeprefix("argument ").partition(": ")
        name = _long(names)
        action = self._option_string_actions.get(name)
        if problem.startswith("expected ") and action is not None:
            self._raise_empty(action)
        if problem.startswith("ignored explicit argument"):
            _fail(f"{name} does not accept a value")
        if problem.startswith(_CONFLICT):
            other = _long(problem.removeprefix(_CONFLICT))
            _fail(f"{name} cannot be used with {other}")
        _fail(f"{name}: {problem}" if problem else message)

    def _check_value(self, action: Action, value: object) -> None:
        """See that a value is one of the choices of an argument."""
        if action.choices is None or value in action.choices:
            return
        names = list(map(str, action.choices))
        hint = suggestion(str(value), names) or f"; expected {alternatives(names)}"
        options = action.option_strings
        what = f"value of {_long('/'.join(options))}" if options else action.dest
        _fail(f'"{value}" is not a valid {what}{hint}')

    def _check_dashes(self, name: str) -> None:
        """See that a long option has two plain dashes."""
        if name[:1] not in "-\N{EN DASH}\N{EM DASH}" or not _DASHES.match(name):
            return
        option = _DASHES.sub("--", name, count=1)
        if option != name and option in self._option_string_actions:
            _fail(f'"{name}" is not an option; did you mean "{option}"?')

    def _raise_empty(self, action: Action) -> NoReturn:
        """Report that an argument has no value, or an empty one, as of an unset variable."""
        value = "|".join(map(str, action.choices or ())) or action.metavar
        if not action.option_strings:
            _fail(f'expected {value}, not ""')
        name = _long("/".join(action.option_strings))
        _fail(f"{name}: expected a value: {name} {value}")

    def _raise_unknown(self, word: str) -> NoReturn:
        known = [name for name in self._option_string_actions if name.startswith("--")]
        hint = (word.startswith("--") and suggestion(word, known)) or f"; {self._help}"
        if (today := FORMER.get(word, "")).partition(" ")[0] in known:
            hint = f"; use {today}"
        what = "an option" if word.startswith("-") else "an argument"
        _fail(f'"{word}" is not {what} of {self._command}{hint}')


def _fail(message: str) -> NoReturn:
    streams.err(f"error: {message}\n")
    raise SystemExit(2)


def _long(names: str) -> str:
    """The first long name of an option of which argparse lists all."""
    listed = names.split("/")
    return next((name for name in listed if name.startswith("--")), names)


def _formatter(prog: str) -> HelpFormatter:
    """The formatter of help; argparse makes one for each argument, of which only the last prints.

    Left to itself, it would import shutil to ask for the width of the terminal.
    """
    return RawDescriptionHelpFormatter(prog, width=streams.width() - 2)
