"""What the policies in a script are attached to by the commands of the AWS CLI in it.

A policy is an argument of a command, or a file or variable that one is given.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from multitool_lint.aws.catalog.tables import Rows, bundled_table
from multitool_lint.formats import names
from multitool_lint.formats.aws_commands import commands_in, options_of
from multitool_lint.formats.extract import UNATTACHED, Attachment
from multitool_lint.formats.script_assignments import is_comment
from multitool_lint.limits import MAX_NAMING_CHARACTERS
from multitool_lint.policy.policy_type import ORGANIZATIONS, PolicyType
from multitool_lint.policy.visibility import Visibility
from multitool_lint.syntax.placeholders import as_written
from multitool_lint.syntax.source import Span

if TYPE_CHECKING:
    from multitool_lint.formats.aws_commands import Options

OTHER: Final = "other"
"""The type of a policy of another language than IAM's."""

_TYPES: Final = {
    **ORGANIZATIONS,
    "IDENTITY_POLICY": PolicyType.IDENTITY,
    "RESOURCE_POLICY": PolicyType.RESOURCE,
}
_NAME: Final = re.compile(
    r"""["']?(?:(?:file://|\$\((?:cat\s+|<\s*))["']?(?:[^\s)]*[/\\])?(?P<file>[^\s/\\"')]+)["']?\)?"""
    r"""|\$\{?(?P<variable>\w+)\}?)["']?"""
)
"""A file whose text an option is given, or a variable."""
_BRACES: Final = re.compile(r"\$\{(\w+)\}")
_BUCKET: Final = "AWS::S3::Bucket"
_VARIABLE: Final = re.compile(r"\$\{?(\w++)\}?+(?![\w/\\-]|\.json\b)")
"""A variable that is not a part of a path, as in `> "$DIR/policy.json"`."""
_ASSIGNED: Final = re.compile(r"[ \t]*\$(\w+)[ \t]*=")
"""A variable of PowerShell that a line gives a value."""
_WRITING: Final = re.compile(
    r"^(?=[^\n]*?(?:>|\b(?:Out-File|Set-Content|WriteAllText)\b))[^\n]*$",
    re.MULTILINE | re.IGNORECASE,
)
"""A line that may put the text of a variable into a file: `echo "$POLICY" > policy.json`."""
_WORD: Final = re.compile(r"(?<![\w.$-])[\w.-]++")


_PUBLISHING: Final = (
    *("s3 website", "s3api put-bucket-website"),
    *("s3api delete-public-access-block", "s3api put-public-access-block"),
)
"""Commands that make a bucket public, or let it be.

https://docs.aws.amazon.com/cli/latest/reference/s3/website.html
https://docs.aws.amazon.com/cli/latest/reference/s3api/put-public-access-block.html
"""
_LETS_PASS: Final = (
    re.compile(r"\bBlockPublicPolicy\W+false\b", re.IGNORECASE),
    re.compile(r"\bRestrictPublicBuckets\W+false\b", re.IGNORECASE),
)


class CommandUse(NamedTuple):
    """What a command does with a policy; None for one of another language than IAM's.

    A policy of `buckets` is for these, as their names are written.
    """

    attachment: Attachment | None
    buckets: frozenset[str] = frozenset()


_NO_USE: Final = CommandUse(UNATTACHED)
_TRUST: Final = Attachment(PolicyType.TRUST)


class Uses:
    """The policies that the commands of a text are given, as arguments and by a name."""

    def __init__(self, text: str) -> None:
        self._arguments: list[tuple[Span, CommandUse]] = []
        self._names: dict[str, CommandUse] = {}
        """By the names of files and variables."""
        for command, _, words in commands_in(text, policy_options()):
            options = options_of(words)
            for option, use in _uses(policy_options()[command], options):
                for _, span in options[option]:
                    self._arguments.append((span, use))
                    match = _NAME.fullmatch(text, *span)
                    # The shape of a trust policy is as certain as that a name has no other use.
                    if match and use.attachment != _TRUST:
                        name = match["file"] or match["variable"]
                        known = self._names.setdefault(name, use)
                        self._names[name] = _both(known, use)
        self._arguments.sort(key=_start_of)
        if self._names:
            for line in _WRITING.finditer(text):
                self._add_written(line[0])

    def _add_written(self, line: str) -> None:
        """Add the variable that a line writes into a file, used as that is."""
        variables = frozenset(_VARIABLE.findall(line))
        use = self.named(line) if len(variables) == 1 else None
        if use is not None:
            (name,) = variables
            self._names[name] = _both(self._names.get(name, use), use)

    def of(self, start: int) -> CommandUse | None:
        """The use of an argument that has a place of the text."""
        number = bisect_right(self._arguments, start, key=_start_of) - 1
        if number < 0:
            return None
        span, use = self._arguments[number]
        return use if start < span.end else None

    def named(self, line: str) -> CommandUse | None:
        """The use of what a line puts into a file or a variable."""
        words = _WORD.findall(line) if self._names else []
        if assigned := _ASSIGNED.match(line):
            words.append(assigned[1])
        return next((self._names[word] for word in words if word in self._names), None)


def use_of(place: Span, script: str, page: str) -> CommandUse:
    """What is done with the text at a place of a script, which another block of a page may do."""
    before = script[max(place.start - MAX_NAMING_CHARACTERS, 0) : place.start]
    after = script[place.end : place.end + MAX_NAMING_CHARACTERS]
    # What is said before an argument, or on the line above a here document, and after either.
    head, tail = before.removesuffix("\n").rpartition("\n")[2], after.partition("\n")[0]
    use = _read(script).of(place.start) or _read(page).named(f"{head} {tail}") or _NO_USE
    if use.attachment and use.buckets and use.buckets <= _public_buckets(page):
        return CommandUse(use.attachment._replace(visibility=Visibility.PUBLIC))
    return use


def _both(one: CommandUse, other: CommandUse) -> CommandUse:
    """The use of what two commands are given."""
    if one.attachment != other.attachment:
        return _NO_USE
    return CommandUse(one.attachment, one.buckets | other.buckets)


def _start_of(argument: tuple[Span, CommandUse]) -> int:
    return argument[0].start


@lru_cache(maxsize=2)
def _read(text: str) -> Uses:
    return Uses(text)


@lru_cache(maxsize=2)
def _public_buckets(text: str) -> frozenset[str]:
    """The buckets that commands of a text make public in other ways than by a policy."""
    found = set()
    for command, place, words in commands_in(text, _PUBLISHING):
        options = options_of(words)
        is_public = not command.endswith("put-public-access-block") or all(
            setting.search(_first(options, "public-access-block-configuration"))
            for setting in _LETS_PASS
        )
        named = (word for word, _ in words if word.startswith("s3://"))
        bucket = _first(options, "bucket") or next(named, "")
        if is_public and bucket and not is_comment(text, place.start):
            found.add(_bucket(bucket))
    return frozenset(found)


def _bucket(written: str) -> str:
    """The name of a bucket, with a variable as `$NAME`."""
    return _BRACES.sub(r"$\1", as_written(written).removeprefix("s3://").rstrip("/"))


@bundled_table("command_policies.tsv")
def policy_options(rows: Rows) -> Mapping[str, Mapping[str, tuple[str, str | None]]]:
    """By command and option: the type of the policy, and what it is attached to."""
    found: dict[str, dict[str, tuple[str, str | None]]] = {}
    for command, option, type_, *attached in rows:
        found.setdefault(command, {})[option] = type_, "".join(attached) or None
    return MappingProxyType(found)


def _uses(
    known: Mapping[str, tuple[str, str | None]], options: Options
) -> Iterator[tuple[str, CommandUse]]:
    """The options of a command that are given policies."""
    for option, (type_, attached) in known.items():
        if option not in options:
            continue
        if type_ == OTHER:
            yield option, CommandUse(None)
        elif type_.startswith("--"):
            yield option, CommandUse(Attachment(_TYPES.get(_first(options, type_[2:]))))
        elif attached == names.MANAGED_POLICY and names.is_boundary(
            _first(options, "policy-name"), _file(_first(options, option))
        ):
            yield option, CommandUse(Attachment(PolicyType.BOUNDARY, attached))
        else:
            bucket = _first(options, "bucket") if attached == _BUCKET else ""
            buckets = frozenset({_bucket(bucket)} if bucket else ())
            yield option, CommandUse(Attachment(PolicyType(type_), attached), buckets)


def _file(value: str) -> str:
    return value.removeprefix("file://") if value.startswith("file://") else ""


def _first(options: Options, name: str) -> str:
    values: Sequence[tuple[str, Span]] = options.get(name, ())
    return values[0][0] if values else ""
