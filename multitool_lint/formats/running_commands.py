"""Commands of the AWS CLI that say which role something runs with, such as a function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from multitool_lint.aws.access_types import runs_with
from multitool_lint.formats.aws_commands import options_of
from multitool_lint.formats.own_policies import values_of
from multitool_lint.formats.plain_commands import with_literals
from multitool_lint.formats.script_assignments import VARIABLE, is_comment
from multitool_lint.formats.shell import words
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.syntax.placeholders import as_written

RUNNING_COMMAND = "AWS CLI"
"""What the table of types calls such a command."""
_CALL = lazy_pattern(
    r"(?<![\w./-])aws[ \t]+(?:--[\w-]+(?:=\S+|[ \t]+[^\s-]\S*)?[ \t]+)*+"
    r"(?!iam[ \t]|sts[ \t])([a-z0-9-]+)[ \t]+"
    r"((?:create|update|register|run|start|put|modify|associate|replace|deploy)[a-z-]*)(?![\w-])"
)


def roles_in(text: str) -> Mapping[str, Mapping[str, list[str]]]:
    """The roles that commands give, by what each command makes or changes, and by the option."""
    found: dict[str, dict[str, list[str]]] = {}
    for subject, option, role in _roles(text) if "role" in text or "-profile" in text else ():
        found.setdefault(subject, {}).setdefault(option, []).append(role)
    return found


def _roles(text: str) -> Iterator[tuple[str, str, str]]:
    for call in _CALL.finditer(text):
        if is_comment(text, call.start()):
            continue
        options = {
            option: as_written(values[0][0])
            for option, values in options_of([*words(text, call.end())]).items()
        }
        called = [f"--{name} {value}" for name, value in options.items() if name.endswith("name")]
        subject = " ".join([call[1], call[2], *sorted(called)])
        for option, value in options.items():
            if runs_with(RUNNING_COMMAND, option):
                role = with_literals(value, text)
                given = values_of(text, frozenset(VARIABLE.findall(role)))
                yield subject, option, f"{role}; {given}" if given else role
