"""Reading what was used, whatever the format: files, packed or not, folders of them, streams."""

from __future__ import annotations

import codecs
import gzip
import io
import json
import os
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.diagnostics.finding import enumerate_briefly
from multitool_lint.formats import read_source
from multitool_lint.limits import MAX_GZIP_RATIO, MAX_SMALL_GZIP_BYTES, MAX_USAGE_VALUE_BYTES
from multitool_lint.rewrite.usage.stream import Lines, StreamError, values
from multitool_lint.rewrite.usage.tally import Tally, UsageError
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from typing_extensions import Buffer

ENDINGS = (".json", ".json.gz", ".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz", ".txt")
"""What the names of files in a folder end in; others there are skipped."""

FORMATS = (
    "a list of actions, CloudTrail records, a policy, a Terraform plan or a change set in JSON, or "
    "what `aws iam get-service-last-accessed-details` prints"
)

_GZIP = b"\x1f\x8b"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_ACTION = re.compile(r"[\w.-]+:[\w*?]+")


def read_file(path: str, tally: Tally) -> None:
    """Add what a file says was used, or the files in a folder and in the folders in it.

    Raises:
        UsageError: it cannot be read, or understood.
    """
    try:
        if not Path(path).is_dir():
            if Path(path).exists() and not Path(path).is_file():
                raise UsageError(f"{path}: not a regular file; use - to read standard input")
            with Path(path).open("rb") as file:
                read_stream(path, file, tally)
            return
        found = list(_files(path))
        for match in found:
            with Path(match).open("rb") as file:
                read_stream(match, file, tally)
    except OSError as error:
        raise UsageError(f"{error.filename or path}: {_reason(error)}") from None
    if not found:
        raise UsageError(f"{path}: no file in it that ends in {', '.join(ENDINGS)}")


def _files(folder: str) -> Iterator[str]:
    for place, folders, names in os.walk(folder, onerror=_raise):
        folders.sort()
        for name in sorted(names):
            path = Path(place, name)
            if name.lower().endswith(ENDINGS) and path.is_file():
                yield str(path)


def _raise(error: OSError) -> None:
    raise error


def read_stream(name: str, stream: BinaryIO, tally: Tally) -> None:
    """Add what a stream of bytes, packed by gzip or not, says was used.

    Raises:
        UsageError: it cannot be read, or understood.
    """
    buffered: Any = stream
    if not hasattr(stream, "peek"):
        buffered = io.BufferedReader(buffered)
    try:
        start = buffered.peek(2)[:2]
        if start.startswith(_UTF16):
            raise UsageError(f"{name}: encoded in UTF-16; save it as UTF-8")
        if start == _GZIP:
            buffered = io.BufferedReader(_Unpacked(name, buffered))
        _read(name, buffered, tally)
    except StreamError as mistake:
        raise UsageError(f"{name}:{mistake.line}: {mistake}") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{name}: not UTF-8: byte 0x{error.object[error.start]:02x}") from None
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"{name}: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    if isinstance(error, (gzip.BadGzipFile, EOFError, zlib.error)):
        return f"broken gzip: {str(error).lower()}"
    return (getattr(error, "strerror", None) or str(error)).lower()


def _read(name: str, stream: io.BufferedReader, tally: Tally) -> None:
    if stream.peek(3).startswith(codecs.BOM_UTF8):
        stream.read(3)
    number = 1
    blank = 0
    while (start := stream.peek(1)).isspace() and blank < MAX_USAGE_VALUE_BYTES:
        number += start.count(b"\n")
        blank += len(stream.read(len(start)))
    if not start.strip():
        raise UsageError(f"{name}: empty")
    lines = Lines(stream, number)
    if start.lstrip().startswith((b"{", b"[", b'"')):
        for line, value in values(lines):
            _add(f"{name}:{line}", value, tally)
    else:
        for line, text in lines:
            _add_line(f"{name}:{line}", text, tally)


def is_action(text: str) -> bool:
    """Whether a text is an action, or a pattern of actions."""
    return _ACTION.fullmatch(text) is not None or not text.strip("*")


def _add_line(place: str, line: str, tally: Tally) -> None:
    action = line.partition("#")[0].strip()
    if not action:
        return
    if not is_action(action):
        shown = action if len(action) < 40 else f"{action[:40]}..."  # noqa: PLR2004
        raise UsageError(f'{place}: "{shown}" is not an action; expected {FORMATS}')
    tally.add_name(action)


def _add(place: str, value: Any, tally: Tally) -> None:  # noqa: ANN401 - a JSON value
    """Add what a JSON value says was used."""
    if isinstance(value, str) and is_action(value):
        tally.add_name(value)
        return
    if not isinstance(value, dict):
        raise UsageError(f"{place}: not {FORMATS}")
    if isinstance(value.get("CloudTrailEvent"), str):
        # AWS: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Event.html
        try:
            value = json.loads(value["CloudTrailEvent"])
        except ValueError as error:
            raise UsageError(f"{place}: CloudTrailEvent is not JSON: {error}") from None
        if not isinstance(value, dict):
            raise UsageError(f"{place}: CloudTrailEvent is not a record")
    if "eventName" in value and "eventSource" in value:
        tally.add_event(value)
        return
    _add_document(place, value, tally)


def _add_document(place: str, value: dict[str, object], tally: Tally) -> None:
    services = value.get("ServicesLastAccessed")
    lists = [value[key] for key in ("Records", "Events") if isinstance(value.get(key), list)]
    if isinstance(services, list):
        _check_complete(place, value)
        for service in services:
            if isinstance(service, dict):
                tally.add_service(service)
    elif "JobStatus" in value:
        raise UsageError(f"{place}: the job is not done: {value['JobStatus']}")
    elif lists:
        for items in lists:
            for item in items if isinstance(items, list) else ():
                _add(place, item, tally)
    elif not (
        _is_remainder(value) or _add_needs(place, value, tally) or _add_policies(value, tally)
    ):
        raise UsageError(f"{place}: not {FORMATS}")
    if value.get("NextToken"):
        tally.note(
            f"{place.rpartition(':')[0]} contains only some of the events: it has a NextToken"
        )


def _is_remainder(value: dict[str, object]) -> bool:
    """Whether an object says nothing of use: what comes after events, or a digest of log files.

    AWS: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html
    """
    return not value.keys() - {"NextToken"} or "digestS3Object" in value


def _check_complete(place: str, value: dict[str, object]) -> None:
    if value.get("IsTruncated"):
        raise UsageError(f"{place}: cut off (IsTruncated): what is missing would count as unused")
    if value.get("JobStatus") not in (None, "COMPLETED"):
        raise UsageError(f"{place}: the job is not done: {value['JobStatus']}")


def _add_needs(place: str, value: dict[str, object], tally: Tally) -> bool:
    """Add what applying a plan or a change set takes, what is not known as a note; if it is one."""
    if "resource_changes" not in value and "ChangeSetName" not in value:
        return False
    from multitool_lint.needed.needs import NotDeployedError, needs_of  # most records are others

    name = place.rpartition(":")[0]
    try:
        needs = needs_of(Source(name, json.dumps(value)), bundled())
    except NotDeployedError as error:
        raise UsageError(str(error)) from None
    for action in needs.by_action():
        tally.add_name(action)
    unknown = sorted({resource.kind for resource in needs.unknown} | {n for n, _ in needs.unread})
    if unknown:
        tally.note(
            f"{name}: what these take is not known, and not kept: {enumerate_briefly(unknown)}"
        )
    return True


def _add_policies(value: dict[str, object], tally: Tally) -> bool:
    """Add what policies grant, such as the one that iamlive writes; whether there are any."""
    policies = read_source(Source("policy.json", json.dumps(value))).json_policies
    for policy in policies:
        tally.add_policy(policy)
    return bool(policies)


class _Unpacked(io.RawIOBase):
    """The bytes of a packed stream.

    Raises:
        UsageError: there are more than the packed ones can be of records of use.
    """

    def __init__(self, name: str, packed: io.BufferedReader) -> None:
        super().__init__()
        self._name = name
        self._packed = _Counted(packed)
        self._stream = gzip.GzipFile(fileobj=self._packed, mode="rb")
        self._size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer)
        data = self._stream.read1(len(view))
        self._size += len(data)
        if self._size > max(MAX_SMALL_GZIP_BYTES, MAX_GZIP_RATIO * self._packed.size):
            reason = f"unpacks to more than {MAX_GZIP_RATIO} times its size"
            raise UsageError(f"{self._name}: {reason}, which records of use do not; unpack it")
        view[: len(data)] = data
        return len(data)


class _Counted(io.RawIOBase):
    """A stream of bytes that counts what was read."""

    def __init__(self, stream: io.BufferedReader) -> None:
        super().__init__()
        self._stream = stream
        self.size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        read = self._stream.readinto(buffer)
        self.size += read
        return read
