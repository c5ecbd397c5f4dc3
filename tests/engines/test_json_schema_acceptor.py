"""The acceptor compiled from the schemas decides as jsonschema does."""

import contextlib
import copy
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from support.grammar import (
    CONDITION,
    ROLE,
    SCHEMAS,
    TYPES,
    Json,
    explain,
    policy_of,
    reported,
)

from multitool_lint.diagnostics.rule import DIRECTORY, rules
from multitool_lint.engines.json_schema.compiled_schema import compile_schema
from multitool_lint.engines.json_schema.engine import acceptor, plain, validator
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.json.parser import parse
from multitool_lint.syntax.source import apply_edits
from multitool_lint.syntax.tree import UNKNOWN


def test_jsonschema_is_imported_only_to_explain() -> None:
    program = """
import sys
from multitool_lint.engines.json_schema.explain import MAX_GRAMMAR_ERRORS
from multitool_lint.engines.json_schema.engine import findings
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.json.parser import parse
from multitool_lint.policy.document import Policy
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source
for policy_type, text in zip(PolicyType, sys.argv[1:]):
    assert not list(findings(Policy(Source("", text), parse(text), policy_type), None, {}))
assert "jsonschema" not in sys.modules
"""
    texts = [json.dumps(policy_of(name, Condition=CONDITION)) for name in TYPES]
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", program, *texts], check=True, cwd=root)


@pytest.mark.parametrize(
    "beyond",
    [
        {"minimum": 3},
        {"properties": {"a": {"format": "date"}}},
        {"enum": [1]},
        {"const": True},
        {"patternProperties": {"a": True}, "additionalProperties": False},
    ],
)
def test_the_acceptor_refuses_what_it_does_not_understand(beyond: Json) -> None:
    with pytest.raises(ValueError, match=r"not understood|not a string|next to"):
        compile_schema(beyond)({"a": "today"})


VALUES: st.SearchStrategy[Json] = st.sampled_from(
    [None, True, 7, 1.5, "", "*", "Allow", "s3:*", "2012-10-17", [], {}, ["*"], [[]], [None], ROLE]
)
NAMES = ["policy", "statement", "principal"]
KEYS = st.sampled_from(
    [key for name in NAMES for key in SCHEMAS["elements.json"]["$defs"][name]["properties"]]
    + ["Bool", "ForAnyValue:StringLikeIfExists", "IpAdress", "a:b", "x"]
)


def containers(value: Json) -> Iterator[Json]:
    if isinstance(value, (dict, list)):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from containers(inner)


@st.composite
def documents(draw: st.DrawFn, values: st.SearchStrategy[Json]) -> tuple[str, Json]:
    """A valid policy after some changes: values replaced, added and removed."""
    policy_type = draw(st.sampled_from(TYPES))
    document = policy_of(policy_type, Condition=CONDITION)
    document["Statement"] *= draw(st.integers(1, 2))
    document = json.loads(json.dumps(document))
    for _ in range(draw(st.integers(1, 4))):
        container = draw(st.sampled_from(list(containers(document))))
        value = copy.deepcopy(draw(values))
        if isinstance(container, list):
            container[draw(st.integers(0, len(container))) :] = [value]
            continue
        key = draw(KEYS | st.sampled_from([*container, "x"]))
        if draw(st.booleans()):
            container[key] = value
        else:
            container.pop(key, None)
    return policy_type, document


@given(documents(VALUES | st.just(UNKNOWN)))
def test_the_acceptor_accepts_what_jsonschema_finds_valid(mutated: tuple[str, Json]) -> None:
    policy_type, document = mutated
    assert acceptor(policy_type)(document) == validator(policy_type).is_valid(document)


@given(documents(VALUES))
def test_every_failure_is_explained_at_a_place_of_the_document(mutated: tuple[str, Json]) -> None:
    policy_type, document = mutated
    found = explain(policy_type, document)
    assert bool(found) != acceptor(policy_type)(document)
    for finding in found:
        assert finding.rule in rules()
        assert 0 <= finding.span.start < finding.span.end <= len(finding.source.text)
        for fix in finding.fixes:
            json.loads(apply_edits(finding.source.text, fix.edits))


@given(documents(VALUES), st.data())
def test_a_value_that_becomes_unknown_is_not_a_new_mistake(
    mutated: tuple[str, Json], data: st.DataObject
) -> None:
    policy_type, document = mutated
    before = set(reported(policy_type, document))
    filled = [container for container in containers(document) if container]
    assume(filled)
    container = data.draw(st.sampled_from(filled))
    places = list(container) if isinstance(container, dict) else range(len(container))
    container[data.draw(st.sampled_from(places))] = {"Ref": "Somewhere"}
    assert set(reported(policy_type, document)) <= before


FENCE = re.compile(r"^```json[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
EXAMPLES = [
    text
    for page in Path(DIRECTORY).glob("*.md")
    for text in FENCE.findall(page.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("policy_type", TYPES)
def test_the_acceptor_and_jsonschema_agree_about_the_examples_of_all_pages(
    policy_type: str,
) -> None:
    checked = []
    for text in EXAMPLES:
        with contextlib.suppress(MistakeError):
            document = plain(parse(text))
            checked.append(validator(policy_type).is_valid(document))
            assert acceptor(policy_type)(document) == checked[-1]
    assert {True, False} == set(checked)


def test_unknown_is_plain_unknown() -> None:
    assert plain(parse('{"a": ["${b}", {"Ref": "C"}, 1]}')) == {"a": [UNKNOWN, UNKNOWN, 1]}
