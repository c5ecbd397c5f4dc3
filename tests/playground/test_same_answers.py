"""The linter in the browser answers as it does here: with other parsers, and other collections."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.interop import interop
from support.playground import Question, in_browser, module, needs_playground

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.aws.catalog.managed_policies import managed_policies, newest_document
from multitool_lint.diagnostics.rule import rules

ROOT = Path(__file__).parent.parent.parent
NAMES = {"json": "policy.json", "yaml": "policy.yaml", "hcl": "policy.tf", "markdown": "policy.md"}
FENCE = re.compile(rf"^(```+)({'|'.join(NAMES)})\b([^\n]*)\n(.*?)^\1$", re.DOTALL | re.MULTILINE)
FOLDERS = ("fixtures", "docs/examples", "tests/data/cloudformation")
FILES = {".json": "json", ".yaml": "yaml", ".tf": "hcl", ".md": "markdown"}
BROKEN = (
    '{"Statement": [{"Effect": "Alow"',
    "Statement:\n  - {Effect",
    'resource "a" "b" {\n  x =',
)


def lints() -> Iterator[Question]:
    """Questions about files of all kinds."""
    for path in sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.*")):
        if path.suffix in FILES:
            yield "lint", NAMES[FILES[path.suffix]], path.read_text("utf-8"), ""
    for row in json.loads((ROOT / "tests/data/documented_policies.json").read_text("utf-8")):
        kind = f"type={row['type']}" if "type" in row else ""
        yield "lint", "policy.json", json.dumps(row["policy"], indent=2), kind
    for rule in rules().values():
        for _, language, options, body in FENCE.findall(rule.page):
            if "fixed" not in options:
                yield "lint", NAMES[language], body, f"{options} enable={rule.id}"
    for text, name in zip(BROKEN, ("policy.json", "policy.yaml", "policy.tf"), strict=True):
        yield "lint", name, text, ""


def managed() -> Iterator[Question]:
    for name in managed_policies(bundled()):
        if document := newest_document(bundled(), name):
            yield "lint", "policy.json", document, ""


def others() -> Iterator[Question]:
    """Questions about MultiTool's policy that are not about its findings."""
    text = (ROOT / "fixtures" / "multitool.json").read_text("utf-8")
    asked = ("policy.json", text, "")
    at = text.index("apigateway:*")
    less = text.replace('"apigateway:*"', '"s3:GetObject"')
    question = {"action": "iam:PassRole", "resource": "", "principal": "", "context": []}
    yield from [
        ("actions", *asked, at, at),
        ("hover", *asked, at),
        ("complete", "policy.json", text, at),
        ("fix", *asked, {"keep_wildcards": True}),
        ("tighten", *asked, {"drop_wildcards": True}),
        ("tighten", *asked, {"levels": ["read"], "pass_role_to": ["nobody"]}),
        ("grants", *asked),
        ("compare", ["policy.json", text], ["policy.json", less], ""),
        ("can", *asked, question),
        ("can", *asked, {**question, "action": "iam:PassRoles"}),
        ("version",),
    ]


def here(questions: list[Question], folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    monkeypatch.chdir(folder)
    ask = module("multitool_playground").ask
    return [json.loads(ask(json.dumps(question))) for question in questions]


def check(questions: list[Question], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = zip(
        questions,
        in_browser(questions, folder),
        here(questions, folder, monkeypatch),
        strict=True,
    )
    assert not [question for question, browser, native in answers if browser != native]


@needs_playground
def test_a_sample_of_answers_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check([*list(lints())[::20], *list(managed())[::150], *others()], tmp_path, monkeypatch)


@needs_playground
@pytest.mark.exhaustive
def test_all_answers_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check([*lints(), *managed()], tmp_path, monkeypatch)


STEPS = st.tuples(
    st.sampled_from(["insert", "discard", "remove", "update"]),
    st.text("abc", max_size=1),
    st.integers(0, 2),
)


@given(st.lists(STEPS))
def test_collections_are_those_of_rpds(steps: list[tuple[str, str, int]]) -> None:
    assert collected(interop("rpds"), steps) == collected(module("stand_ins/rpds"), steps)


def collected(of: Any, steps: list[tuple[str, str, int]]) -> list[object]:  # noqa: ANN401 - a module
    """What a map, a set and a list of a module have after each step."""
    members, names, numbers = of.HashTrieMap(), of.HashTrieSet(), of.List()
    found: list[object] = []
    for name, key, number in steps:
        numbers = numbers.push_front(number)
        try:
            if name == "update":
                members, names = members.update({key: number}), names.update([key])
            elif name == "insert":
                members, names = members.insert(key, number), names.insert(key)
            else:
                members, names = getattr(members, name)(key), getattr(names, name)(key)
        except KeyError:
            found.append("KeyError")
        found.append((dict(members), set(names), list(numbers), numbers.first))
        found.append([*numbers.drop_first()])
    return found
