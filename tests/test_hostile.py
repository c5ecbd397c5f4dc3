"""No input takes long, whatever is in it: all of them are larger than any policy that AWS takes.

The sizes keep this file quick; what grows with the square of the size shows already.
"""

from __future__ import annotations

import json
import random
import time
from typing import TYPE_CHECKING

import pytest

from multitool_lint import lint
from multitool_lint.limits import MAX_OPEN_PATTERNS, MAX_POLICY_VALUES, MAX_STATEMENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from multitool_lint.diagnostics.finding import Finding

SIZE = 150_000
SECONDS = 60
"""Many times what any case takes, so that a busy machine fails no test."""

_random = random.Random(7)  # noqa: S311 - the same words in each run


def _word(length: int = 6) -> str:
    return "".join(_random.choices("abcdefgh", k=length))


def _statement(**members: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", **members}


def _policy(*statements: dict[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _listed(element: str, value: Callable[[], str], size: int) -> str:
    """A policy with an element that has as many values as fit."""
    count = size // (len(value()) + 4)
    return _policy(_statement(**{element: [value() for _ in range(count)]}))


def _condition(operator: str, key: str, value: Callable[[], str], size: int) -> str:
    values = [value() for _ in range(size // (len(value()) + 4))]
    return _policy(_statement(Condition={operator: {key: values}}))


def _many(statement: Callable[[int], dict[str, object]], size: int) -> str:
    return _policy(*[statement(at) for at in range(size // (len(json.dumps(statement(0))) + 2))])


def _mixed(_: int) -> dict[str, object]:
    service = _random.choice(["s3", "ec2", "iam", "sqs", "*", "s?"])
    return {
        "Effect": _random.choice(["Allow", "Deny"]),
        _random.choice(["Action", "NotAction"]): f"{service}:*",
        _random.choice(["Resource", "NotResource"]): f"arn:aws:s3:::{_word(4)}*",
    }


def _buckets(at: int) -> dict[str, object]:
    effect = "Deny" if at % 3 == 0 else "Allow"
    return {"Effect": effect, "Action": "s3:*", "Resource": f"arn:aws:s3:::{_word(4)}*"}


def _trust(at: int) -> dict[str, object]:
    principal = {"AWS": f"arn:aws:iam::{at:012}:root", "Service": f"{_word()}.amazonaws.com"}
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}


def _denial(at: int) -> dict[str, object]:
    everyone = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
    denial = {"NotPrincipal": {"AWS": f"arn:aws:iam::{at:012}:root"}, "Action": f"s3:{_word(3)}*"}
    other = {"Effect": "Deny", **denial} if at % 2 else {}
    return {**everyone, **other, "Resource": f"*{_word()}*"}


def _deep(size: int) -> str:
    depth = size // 6
    return '{"Version":"2012-10-17","Statement":' + '{"A":' * depth + "1" + "}" * depth + "}"


def _deep_lists(size: int) -> str:
    return '{"Version":"2012-10-17","Statement":' + "[" * (size // 2) + "]" * (size // 2) + "}"


def _duplicate_keys(size: int) -> str:
    members = ",".join(['"Action":"s3:GetObject"'] * (size // 24))
    return f'{{"Version":"2012-10-17","Statement":{{"Effect":"Allow",{members},"Resource":"*"}}}}'


def _words_at_random(size: int) -> str:
    keys = ",".join(f'"{_word()}":1' for _ in range(size // 12))
    return f'{{"Version":"2012-10-17","Statement":{{"Effect":"Allow",{keys}}}}}'


TEXTS: dict[str, Callable[[int], str]] = {
    "action patterns": lambda size: _listed("Action", lambda: f"s3:*{_word()}*", size),
    "patterns with ?": lambda size: _listed("Action", lambda: f"ec2:*e*?{_word(3)[:1]}*", size),
    "patterns of any service": lambda size: _listed("Action", lambda: f"*:*{_word(3)}*", size),
    "NotAction patterns": lambda size: _listed("NotAction", lambda: f"?*:*{_word()}*", size),
    "unknown actions": lambda size: _listed("Action", lambda: f"ec2:Describe{_word(8)}", size),
    "unknown services": lambda size: _listed("Action", lambda: f"{_word()}:Get", size),
    "no actions": lambda size: _listed("Action", _word, size),
    "resources": lambda size: _listed(
        "Resource", lambda: f"arn:aws:s3:::*{_word(5)}*/*{_word(5)}*", size
    ),
    "NotResource": lambda size: _listed("NotResource", lambda: f"arn:aws:s3:::*{_word()}*", size),
    "*? in resources": lambda size: _listed(
        "Resource", lambda: "arn:aws:s3:::" + "*?" * 400 + _word(3), size
    ),
    "one resource of stars": lambda size: _policy(
        _statement(Resource=["arn:aws:s3:::" + "*a" * (size // 2), "arn:aws:s3:::a" + "*?" * 999])
    ),
    "one action of stars": lambda size: _policy(_statement(Action="s3:" + "*a?" * (size // 3))),
    "two actions of stars": lambda size: _policy(
        _statement(Action=["s3:*" + "a?*" * (size // 6), "s3:*" + "a*?" * (size // 6)])
    ),
    "one text of openers": lambda size: _policy(_statement(Resource="${" * (size // 2))),
    "one ARN of openers": lambda size: _policy(
        _statement(Resource="arn:aws:s3:::" + "${aws:" * (size // 6))
    ),
    "one text of colons": lambda size: _policy(_statement(Resource="arn:aws:" + ":" * size)),
    "one long Sid": lambda size: _policy(_statement(Sid="a" * size), _statement(Sid="a" * size)),
    "variables": lambda size: _listed(
        "Resource", lambda: "arn:aws:s3:::b/${aws:username, '" + _word(5) + "'}${", size
    ),
    "condition keys": lambda size: _policy(
        _statement(
            Condition={
                "StringLike": {
                    f"aws:PrincipalTag/{_word(8)}": [f"{_word(5)}*"] * 3 for _ in range(size // 60)
                }
            }
        )
    ),
    "unknown keys": lambda size: _policy(
        _statement(Condition={"StringLike": {f"s3:{_word(8)}": "x" for _ in range(size // 20)}})
    ),
    "unknown operators": lambda size: _policy(
        _statement(Condition={f"String{_word(8)}": {"s3:prefix": "x"} for _ in range(size // 38)})
    ),
    "condition values": lambda size: _condition(
        "StringLike", "aws:PrincipalArn", lambda: f"*{_word()}*", size
    ),
    "networks": lambda size: _condition(
        "IpAddress",
        "aws:SourceIp",
        lambda: f"10.{_random.randrange(256)}.{_random.randrange(256)}.0/24",
        size,
    ),
    "principals": lambda size: _policy(
        _statement(
            Principal={
                "AWS": [f"arn:aws:iam::111122223333:role/{_word(8)}" for _ in range(size // 45)]
            }
        )
    ),
    "statements": lambda size: _many(lambda _: _statement(), size),
    "statements of one Sid": lambda size: _many(lambda _: _statement(Sid="A"), size),
    "Allow and Deny": lambda size: _many(_mixed, size),
    "buckets": lambda size: _many(_buckets, size),
    "trusted accounts": lambda size: _many(_trust, size),
    "denials": lambda size: _many(_denial, size),
    "nested objects": _deep,
    "nested lists": _deep_lists,
    "duplicate keys": _duplicate_keys,
    "unknown elements": _words_at_random,
    "a long number": lambda size: '{"Statement":[{"Effect":' + "9" * size + "}]}",
    "a large exponent": lambda size: '{"Statement":[{"Effect":1e' + "9" * size + "}]}",
    "open brackets": lambda size: "[" * size,
    "open quotes": lambda size: '{"Statement":[' + '"\\' * (size // 2),
    "commas": lambda size: '{"Statement":[' + "," * size,
    "comments": lambda size: '{"Statement":[' + "/*" * (size // 2),
    "placeholders": lambda size: '{"Statement":[' + "{{" * (size // 2),
    "placeholders of Terraform": lambda size: '{"Statement":[' + "${" * (size // 2),
    "tags": lambda size: "<%" * (size // 2),
    "blanks": lambda size: " " * size + "{" + "\n" * size,
}

_FENCED = '```json\n{"Version":"2012-10-17","Statement":[]}\n```\n'

MARKDOWN: dict[str, Callable[[int], str]] = {
    "fences": lambda size: "```\n" * (size // 4),
    "policies": lambda size: _FENCED * (size // len(_FENCED)),
    "quotes": lambda size: "> " * (size // 2) + "```json\n{",
    "lines of quotes": lambda size: ("> " * 100 + "```json\n") * (size // 208),
    "lists": lambda size: "".join(f"{' ' * at}- ```json\n" for at in range(int((2 * size) ** 0.5))),
    "backticks": lambda size: "`" * size,
    "brackets": lambda size: "[" * size,
    "tildes in quotes": lambda size: "".join(
        f"{'>' * at}~~~\n" for at in range(int((2 * size) ** 0.5))
    ),
}


def _quick(run: Callable[[], list[Finding]]) -> list[Finding]:
    start = time.process_time()  # other work on the machine takes none of it
    found = run()
    assert time.process_time() - start < SECONDS
    assert [finding.title for finding in found if finding.rule == "internal-error"] == []
    return found


LONG = {"Allow and Deny": pytest.mark.exhaustive, "one action of stars": pytest.mark.slow}


@pytest.mark.parametrize(
    ("name", "size"),
    [
        *(
            # About as large as AWS takes; what is in both lists takes many proofs.
            pytest.param(name, SIZE // 15, marks=LONG.get(name, ()))
            for name in TEXTS
        ),
        *(pytest.param(name, SIZE, marks=pytest.mark.exhaustive) for name in TEXTS),
    ],
)
def test_no_text_takes_long(name: str, size: int) -> None:
    text = TEXTS[name](size)
    try:
        _quick(lambda: lint(text, select=["ALL"]))
    except ValueError as error:
        assert "no policy" in str(error)  # noqa: PT017 - that is as good an answer


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", MARKDOWN)
def test_no_markdown_takes_long(name: str, tmp_path: Path) -> None:
    path = tmp_path / "policy.md"
    path.write_text(MARKDOWN[name](SIZE), encoding="utf-8")
    try:
        _quick(lambda: lint(path, select=["ALL"]))
    except ValueError as error:
        assert "no policy" in str(error)  # noqa: PT017 - as above


def _cuts(text: str, ignore: tuple[str, ...] = ()) -> Iterator[tuple[str, Finding]]:
    for finding in lint(text, ignore=ignore):
        if finding.title.endswith("from here on are not checked"):
            yield finding.pointer, finding


@pytest.mark.slow
def test_what_is_left_out_is_reported_with_the_place_and_no_fix_can_lose_it() -> None:
    text = _policy(*[_statement(Sid=f"S{at}") for at in range(MAX_STATEMENTS + 1)])
    ((pointer, cut),) = _cuts(text)
    assert pointer == f"/Statement/{MAX_STATEMENTS}"
    assert f"{MAX_STATEMENTS:,} statements" in cut.notes[0]
    assert not any(finding.fixes for finding in lint(text))


@pytest.mark.slow
def test_it_is_reported_whatever_is_ignored() -> None:
    text = _listed("Action", lambda: f"s3:{_word()}", 15 * MAX_POLICY_VALUES)
    assert len(list(_cuts(text, ignore=("oversized-policy",)))) == 1


def test_patterns_of_any_service_have_a_limit_of_their_own() -> None:
    actions = [f"*:*{_word(30)}{at}*" for at in range(MAX_OPEN_PATTERNS + 1)]
    ((pointer, _),) = _cuts(_policy(_statement(Action=actions)))
    assert pointer == f"/Statement/0/Action/{MAX_OPEN_PATTERNS}"


@pytest.mark.slow
def test_up_to_the_limits_all_is_linted() -> None:
    text = _policy(*[_statement(Sid=f"S{at}") for at in range(MAX_STATEMENTS)])
    assert list(_cuts(text)) == []


@pytest.mark.slow
def test_a_statement_that_is_cut_keeps_its_other_elements() -> None:
    text = _listed("Action", lambda: f"s3:{_word()}", 15 * MAX_POLICY_VALUES)
    assert not [finding for finding in lint(text) if finding.rule == "missing-element"]
