"""The pairs of trees are what they say, and the gate does with them what it must."""

from __future__ import annotations

import json
from collections import Counter
from random import Random

import pytest

from fuzz.trees.pairs import check, pair_of, staged
from fuzz.trees.policies import HARMLESS, new_requests, random_document


@pytest.mark.slow
def test_pairs_are_of_all_kinds() -> None:
    pairs = [pair_of(seed) for seed in range(300)]
    counts = Counter(pair.expected for pair in pairs)
    assert min(counts[name] for name in ("stop", "pass", "")) > 20
    assert pair_of(7) == pairs[7]


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_changes_allow_nothing_more(name: str) -> None:
    for seed in range(40):
        dice = Random(seed)  # noqa: S311 - no secrets
        old = random_document(dice)
        new = HARMLESS[name](dice, old)
        assert list(new_requests(dice, old, new, 200)) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_forms_of_the_gate_agree(seed: int) -> None:
    check(json.dumps(pair_of(seed)._asdict()).encode())


def test_a_check_that_fails_says_why() -> None:
    pair = next(pair for pair in map(pair_of, range(99)) if pair.expected == "stop")
    assert staged(pair).code == 1
    with pytest.raises(AssertionError, match="stops without new access"):
        check(json.dumps(pair._replace(expected="pass")._asdict()).encode())
