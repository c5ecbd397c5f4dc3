"""Pairs of trees, each of a seed, and what must hold for what a gate says of them."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from hypothesis import strategies as st

from fuzz.harness import Harness
from fuzz.trees.gate import staged_verdict, verdicts
from fuzz.trees.places import PLACES, Files, hash_of, renamed
from fuzz.trees.policies import (
    HARMLESS,
    OTHERS,
    Document,
    new_request,
    new_requests,
    random_document,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from support.evaluator import Request

    from fuzz.command import Ran

_REQUESTS = 200
_BY_TEXT = frozenset({"retargeted", "script"})
"""The places in which another text of the same policy is another file or another attachment."""
_MOVES = (("terraform", "module"), ("module", "terraform"), ("lone", "linked"), ("yaml", "lone"))


class Pair(NamedTuple):
    """Two trees with policies, and what a gate must do: "stop", "pass", or either of them."""

    old: Document
    new: Document
    before: Files
    after: Files
    how: str
    expected: str


def pair_of(seed: int) -> Pair:
    """The pair of a seed."""
    dice = Random(seed)  # noqa: S311 - no secrets
    old = random_document(dice)
    changes = dice.choice((HARMLESS, OTHERS))
    name = dice.choice(list(changes))
    new = changes[name](dice, old)
    moves = [(place, place) for place in PLACES]
    place, then = dice.choice((*moves, *_MOVES))
    before, after = PLACES[place](dice, old), PLACES[then](dice, new)
    if dice.random() < 0.2:  # noqa: PLR2004 - some
        after = renamed(after)
    expected = ""
    if new_request(dice, old, new):
        expected = "stop"
    elif changes is HARMLESS and place == then and _are_alike(place, before, after):
        expected = "pass"
    return Pair(old, new, before, after, f"{place} -> {then}: {name}", expected)


def _are_alike(place: str, before: Files, after: Files) -> bool:
    """Whether no policy is in another file: a new file with a policy is new access by itself."""
    if place in _BY_TEXT:
        return before == {name: after.get(name) for name in before}
    return _other_files(before) == _other_files(after)


def _other_files(files: Files) -> set[str]:
    return {name for name in files if not name.endswith((".tf", ".txt"))}


def harnesses() -> Iterator[Harness]:
    """The one harness."""
    yield Harness("trees", ".pair.json", _pairs, check)


def _pairs() -> st.SearchStrategy[bytes]:
    numbers = st.integers(0, 2**31)
    return numbers.map(lambda seed: json.dumps(pair_of(seed)._asdict(), indent=1).encode())


def check(data: bytes) -> None:
    """See that all forms of the gate agree, stop what is new, and pass what is not."""
    pair = Pair(**json.loads(data))
    with tempfile.TemporaryDirectory() as folder:
        found = verdicts(Path(folder), pair.before, pair.after)
    passed = {form: ran.code == 0 for form, ran in found.items()}
    assert len(set(passed.values())) == 1, f"{pair.how}: {passed}\n{_said(found.values())}"
    passes = all(passed.values())
    assert not (passes and pair.expected == "stop"), f"{pair.how}: new access passes"
    is_stopped = pair.expected == "pass" and not passes
    assert not is_stopped, f"{pair.how}: stops without new access\n{_said(found.values())}"
    if passes:
        missed = next(missed_requests(pair, _REQUESTS), None)
        assert missed is None, f"{pair.how}: passes {missed}"


def missed_requests(pair: Pair, count: int) -> Iterator[Request]:
    """Those of some random requests that only the new tree of a pair allows."""
    dice = Random(hash_of(pair.how))  # noqa: S311 - no secrets
    return new_requests(dice, pair.old, pair.new, count)


def staged(pair: Pair) -> Ran:
    """What the hook says of a pair."""
    with tempfile.TemporaryDirectory() as folder:
        return staged_verdict(Path(folder), pair.before, pair.after)


def _said(found: Iterable[Ran]) -> str:
    return "\n".join(dict.fromkeys(ran.out + ran.err for ran in found))
