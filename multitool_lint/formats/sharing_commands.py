"""Commands that put objects and buckets of S3 which others may use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from multitool_lint.formats.aws_commands import commands_in, options_of
from multitool_lint.formats.own_policies import values_of
from multitool_lint.formats.script_assignments import VARIABLE, is_comment, line_around
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.syntax.placeholders import as_written

_CREATING = "s3api create-bucket"
_PUTTING = (
    *("s3 cp", "s3 mv", "s3 sync", "s3api copy-object", _CREATING),
    *("s3api create-multipart-upload", "s3api put-object", "put-object-acl"),
)
"""Commands of the AWS CLI that put objects and buckets, which are private without more options.

https://docs.aws.amazon.com/cli/latest/reference/s3/cp.html
https://docs.aws.amazon.com/cli/latest/reference/s3api/put-object.html
"""
_CMDLET = lazy_pattern(
    r"(?<![\w-])(?:(?:Copy|Write)-S3Object|New-(S3Bucket))(?![\w-])", re.IGNORECASE
)
"""The commands of PowerShell that do so.

https://docs.aws.amazon.com/powershell/latest/reference/items/Write-S3Object.html
"""
_PARAMETER = lazy_pattern(
    r"""\s-(\w+)(?:[\s:`]+("[^"\n]*+"|'[^'\n]*+'|\([^)\n]*+\)|[^\s'"(`-]\S*+))?"""
)
_OF_PARAMETERS = {
    "bucketname": ("bucket", ""),
    "keyprefix": ("key", ""),
    "key": ("key", ""),
    "destinationbucket": ("bucket", ""),
    "destinationkey": ("key", ""),
    "cannedaclname": ("acl", ""),
    "publicreadonly": ("acl", "public-read"),
    "publicreadwrite": ("acl", "public-read-write"),
}
"""The options that are as parameters of PowerShell, and the values of those without one.

Later ones count: a command with a destination names the bucket and key of its source first here.
"""
SHARED_BY = lazy_pattern(r"-(?:-acl|-grant|-access-control-policy|(?i:cannedacl|publicread))")
"""How commands begin to say who may use what they put."""
SHARING = "aws s3 ... "
"""How such a command begins without what does not decide about access."""
_PRIVATE, _IN_S3 = "private", "s3://"
_LISTS = ("grant", "access-control-policy")
_KEY = lazy_pattern(r"(s3://[^/\s]++)/\S*")


def sharing(text: str) -> Iterator[tuple[str, str]]:
    """The commands that put objects or buckets which others may use: where, and for whom.

    The values of variables in the name of an object do not count.
    """
    for name, place, words in commands_in(text, _PUTTING):
        options = {option: [v for v, _ in values] for option, values in options_of(words).items()}
        target = _target(options, [word for word, _ in words])
        kind = name if name == _CREATING else ""
        yield from _shared(text, place.start, [kind, target, *_lists(options)])
    places = [*_CMDLET.finditer(text)]
    for found, following in zip_longest(places, places[1:]):
        next_ = following.start() if following else len(text)
        end = min(line_around(text, found.start()).end, next_)
        given_ = _of_cmdlet(text[found.end() : end])
        kind = _CREATING if found[1] else ""
        yield from _shared(text, found.start(), [kind, _target(given_, ()), *_lists(given_)])


def _shared(text: str, at: int, parts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """A command of these parts at a place of a script, if it has a list."""
    if parts[2:] and not is_comment(text, at):
        command = as_written(SHARING + " ".join(filter(None, parts)))
        names = frozenset(VARIABLE.findall(_KEY.sub(r"\1", command)))
        yield command, f"{command}; {values_of(text, names)}" if names else command


def _lists(options: Mapping[str, Sequence[str]]) -> list[str]:
    """The options that say who may use what is put; a private list is as none."""
    return [
        f"--{option} {' '.join(values if option == 'grants' else values[:1])}"
        for option, values in sorted(options.items())
        if option.startswith(_LISTS) or (option == "acl" and values[0] != _PRIVATE)
    ]


def _of_cmdlet(written: str) -> Mapping[str, Sequence[str]]:
    """The parameters of a command of PowerShell as options of the AWS CLI."""
    parameters = {name.lower(): value for name, value in _PARAMETER.findall(written)}
    options = {}
    for parameter, (option, list_) in _OF_PARAMETERS.items():
        if parameter in parameters:
            plain = parameters[parameter].strip("\"'()")
            is_private = plain.rpartition("::")[2].lower() == _PRIVATE
            options[option] = [_PRIVATE if is_private else list_ or plain]
    return options


def _target(options: Mapping[str, Sequence[str]], words: Sequence[str]) -> str:
    """Where a command puts something; what may say so if that is filled in."""
    if bucket := options.get("bucket"):
        return "/".join([f"{_IN_S3}{bucket[0]}", *options.get("key", ())[:1]])
    named = [word for word in words if _IN_S3 in word]
    if named:
        return named[-1].rstrip("/")
    return " ".join(word for word in words if "$" in as_written(word))
