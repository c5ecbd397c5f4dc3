"""Families of other files: output of the AWS CLI, records of use, settings."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

from .family import Family, action, bucket, filled, word
from .policies import allow_at, statements, with_fixes

if TYPE_CHECKING:
    from collections.abc import Callable

    Text = Callable[[int], str]

SMALL = json.dumps(statements(with_fixes, 1))
LARGE = json.dumps(statements(allow_at, 50_000))
CHECK = ("check", "--no-cache")
CONFIGURED = (*CHECK, "policy.json")
USED = ("tighten", "--no-config", "--used", "used.json", "policy.json")


def _account(size: int) -> str:
    roles = filled(
        size,
        lambda n: json.dumps(
            {
                "RoleName": word(n),
                "Arn": f"arn:aws:iam::111122223333:role/{word(n)}",
                "AssumeRolePolicyDocument": quote(json.dumps(statements(allow_at, 1))),
                "RolePolicyList": [
                    {"PolicyName": word(n), "PolicyDocument": statements(with_fixes, 1)}
                ],
            }
        ),
    )
    return f'{{"UserDetailList":[],"GroupDetailList":[],"RoleDetailList":[{roles}],"Policies":[]}}'


def _version(size: int) -> str:
    document = quote(json.dumps(statements(allow_at, size // 2)))
    return json.dumps({"PolicyVersion": {"Document": document, "VersionId": "v1"}})


def _plan(size: int) -> str:
    resources = filled(
        size,
        lambda n: json.dumps(
            {
                "address": f"aws_iam_policy.{word(n)}",
                "mode": "managed",
                "type": "aws_iam_policy",
                "name": word(n),
                "values": {"policy": json.dumps(statements(with_fixes, 1))},
            }
        ),
    )
    root = f'{{"root_module":{{"resources":[{resources}]}}}}'
    return f'{{"format_version":"1.2","terraform_version":"1.9.0","planned_values":{root}}}'


OUTPUT: dict[str, Text] = {
    "account": _account,
    "a policy version": _version,
    "bucket policy": lambda size: json.dumps(
        {"Policy": json.dumps(statements(allow_at, size - size // 6))}
    ),
    "fixes in a bucket policy": lambda size: json.dumps(
        {"Policy": json.dumps(statements(with_fixes, size - size // 6))}
    ),
    "nested lists": lambda size: '{"RoleDetailList":' + "[" * (size // 2),
    "escaped": lambda size: '{"PolicyVersion":{"Document":"' + "%7B" * (size // 3) + '"}}',
    "Terraform plan": _plan,
}


def _event(number: int) -> str:
    prefix, _, name = action(number).partition(":")
    source = f"{prefix}.amazonaws.com"
    return json.dumps(
        {"eventType": "AwsApiCall", "eventSource": source, "eventName": name, "eventTime": "2026"}
    )


def _unknown_event(number: int) -> str:
    return json.dumps({"eventSource": f"{word(number)}.amazonaws.com", "eventName": word(number)})


def _gzipped(byte: bytes, start: bytes = b"") -> Callable[[int], bytes]:
    """Bytes that gzip packs to a thousandth."""
    return lambda size: gzip.compress(start + byte * (1_000 * size))


RECORDS: dict[str, Callable[[int], str | bytes]] = {
    "events": lambda size: f'{{"Records":[{filled(size, _event)}]}}',
    "unknown events": lambda size: f'{{"Records":[{filled(size, _unknown_event)}]}}',
    "lines of events": lambda size: filled(size, _event, "\n"),
    "lists of actions": lambda size: filled(size, lambda n: json.dumps(action(n)), "\n"),
    "names": lambda size: filled(size, action, "\n"),
    "unknown names": lambda size: filled(size, lambda n: f"ec2:{word(n)}", "\n"),
    "patterns": lambda size: filled(size, lambda n: f"*:*{word(n)[2:5]}*", "\n"),
    "a name of stars": lambda size: "s3:" + "*a" * (size // 2),
    "a policy": lambda size: json.dumps(statements(with_fixes, size)),
    "a list of lists": lambda size: "[" * size,
    "services": lambda size: (
        '{"JobStatus":"COMPLETED","ServicesLastAccessed":['
        + filled(
            size,
            lambda n: (
                '{"ServiceNamespace":"ec2","LastAuthenticated":"2026","TrackedActionsLastAccessed":'
                f'[{{"ActionName":"{action(n, "ec2:*").partition(":")[2]}"}}]}}'
            ),
        )
        + "]}"
    ),
    "gzip of events": lambda size: gzip.compress(
        f'{{"Records":[{filled(size * 8, _event)}]}}'.encode()
    ),
    "gzip of blanks": _gzipped(b" "),
    "gzip of line breaks": _gzipped(b"\n"),
    "gzip of blanks in a list": _gzipped(b" ", b'["s3:GetObject",'),
    "gzip of line breaks in a list": _gzipped(b"\n", b'["s3:GetObject",'),
    "gzip of a string": _gzipped(b"a", b'["'),
    "gzip of a number": _gzipped(b"9", b"["),
    "gzip of a name": _gzipped(b"a", b"s3:"),
    "gzip of brackets": _gzipped(b"[", b""),
    "gzip of short lines": _gzipped(b"#\n", b"s3:GetObject\n"),
    "gzip of empty objects": _gzipped(b"{},", b"["),
}

NAME = "a" * 60
STARS = "*a" * 8 + "b"
IGNORES: dict[str, Callable[[int], str]] = {
    "eight stars": lambda size: f"{STARS}\n" * (size // 18),
    "eight double stars": lambda size: ("**/a" * 8 + "/b\n") * (size // 35),
    "stars of folders": lambda size: "a/*a*a*a*a*a*b/**/b*b*a\n" * (size // 24),
    "one pattern of stars": lambda size: "*a" * (size // 2) + "b\n",
    "brackets": lambda size: "[a-z]*[!a]" * (size // 10) + "\n",
    "brackets of lines": lambda size: "[a-z]*[!a][[:alpha:]]\n" * (size // 22),
    "names": lambda size: filled(size, word, "\n"),
    "question marks": lambda size: "?*" * (size // 2) + "b\n",
}


def _rules(body: Callable[[int], str]) -> Text:
    """Rules of an organisation, each with an id of its own."""
    return lambda size: filled(
        size, lambda n: f'[[rules]]\nid = "rule-{word(n)}"\nmessage = "m"\n{body(n)}\n', "\n"
    )


def _quoted(value: Callable[[int], str], size: int) -> str:
    return filled(size, lambda n: f'"{value(n)}"')


CONFIGS: dict[str, Text] = {
    "rules": _rules(lambda _: 'forbid = { actions = ["s3:*"], resources = ["arn:aws:s3:::a*"] }'),
    "rules of all": _rules(lambda _: "forbid = {}\nunless = { resources = ['arn:aws:s3:::b*'] }"),
    "rules that require": _rules(lambda _: "types = ['identity']\nrequire = { deny = ['s3:*'] }"),
    "actions of a rule": lambda size: _rules(
        lambda _: f"forbid = {{ actions = [{_quoted(action, size)}] }}"
    )(1),
    "resources of a rule": lambda size: _rules(
        lambda _: (
            "forbid = { actions = ['s3:*'], resources = ["
            f"{_quoted(lambda n: f'arn:aws:s3:::*{word(n)}*', size)}] }}"
        )
    )(1),
    "exceptions of a rule": lambda size: _rules(
        lambda _: (
            "forbid = { actions = ['s3:*'] }\nunless = ["
            f"{filled(size, lambda n: f'{{ resources = [{bucket(n)}] }}')}]"
        )
    )(1),
    "paths of a rule": lambda size: _rules(
        lambda _: (
            "forbid = { actions = ['s3:*'] }\n"
            f"paths = [{_quoted(lambda n: f'{STARS}{word(n)}', size)}]"
        )
    )(1),
    "ignore entries": lambda size: filled(
        size,
        lambda n: (
            '[[ignore]]\nrule = "redundant-action"\n'
            f'path = "{word(n)}/{STARS}"\nresource = "*{word(n)}*"\nreason = "r"\n'
        ),
        "\n",
    ),
    "exclude": lambda size: f"exclude = [{_quoted(lambda n: f'{STARS}{word(n)}', size)}]\n",
    "per-path-ignores": lambda size: (
        "[per-path-ignores]\n"
        + filled(size, lambda n: f'"{word(n)}{STARS}" = ["missing-sid"]', "\n")
    ),
    "extra actions": lambda size: f"extra-actions = [{_quoted(lambda n: f's3:{word(n)}', size)}]\n",
    "unknown keys": lambda size: filled(size, lambda n: f"{word(n)} = 1", "\n"),
    "nested tables": lambda size: "".join(["[", "a." * (size // 2), "a]\n"]),
    "nested arrays": lambda size: "exclude = " + "[" * (size // 2) + "]" * (size // 2),
    "one table of dots": lambda size: filled(size, lambda n: f"{word(n)}.a.b.c = 1", "\n"),
}


def _baseline(size: int) -> str:
    entry = {"path": "policy.json", "rule": "redundant-action", "count": 1, "title": "m"}
    entries = filled(size, lambda n: json.dumps({**entry, "fingerprint": f"{n:016x}"}), ",\n")
    return f'{{"version": 1, "findings": [\n{entries}\n]}}\n'


FAMILIES = {
    **{f"AWS CLI: {name}": Family("output.json", text) for name, text in OUTPUT.items()},
    **{
        f"used: {name}": Family("used.json", text, USED, {"policy.json": SMALL})
        for name, text in RECORDS.items()
    },
    **{
        f"gitignore: {name}": Family(
            ".gitignore", text, (*CHECK, "."), {".git/HEAD": "", f"{NAME}/{NAME}.json": SMALL}
        )
        for name, text in IGNORES.items()
    },
    **{
        f"config: {name}": Family(
            "multitool-lint.toml", text, CONFIGURED, {"policy.json": SMALL, f"{NAME}.json": SMALL}
        )
        for name, text in CONFIGS.items()
    },
    **{
        f"config of a folder: {name}": Family(
            "multitool-lint.toml", CONFIGS[name], (*CHECK, "."), {f"{NAME}/{NAME}.json": LARGE}
        )
        for name in ("exclude", "per-path-ignores", "rules", "resources of a rule")
    },
    "baseline": Family(
        "baseline.json",
        _baseline,
        ("check", "--no-cache", "--baseline", "baseline.json", "policy.json"),
        {"policy.json": LARGE},
    ),
    "a baseline is written": Family(
        "policy.json",
        lambda size: json.dumps(statements(with_fixes, size)),
        ("check", "--no-cache", "--write-baseline", "baseline.json", "policy.json"),
    ),
    "ARNs": Family(
        "arns.txt",
        lambda size: filled(size, lambda n: f"arn:aws:s3:::{word(n)}", "\n"),
        ("tighten", "--no-config", "--by-resource", "--arn", "arns.txt", "policy.json"),
        {"policy.json": SMALL},
    ),
    "a file name": Family(
        "policy.json",
        lambda size: json.dumps(statements(with_fixes, size)),
        ("check", "--no-cache", "--format", "sarif", "policy.json"),
    ),
    **{
        f"report: {name}": Family(
            "policy.json",
            lambda size: json.dumps(statements(with_fixes, size)),
            (*CHECK, "--format", name, "policy.json"),
        )
        for name in ("json", "sarif", "github", "gitlab", "junit", "markdown", "html")
    },
    "shrink to a size": Family(
        "policy.json",
        lambda size: json.dumps(statements(with_fixes, size)),
        ("shrink", "--no-config", "--target-size", "6144", "--split", "policy.json"),
    ),
}
