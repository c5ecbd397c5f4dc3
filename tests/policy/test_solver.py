"""What policies allow and deny by `diff` is what they do by an SMT solver."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from support.encodable_policies import ARNS, BUCKETS, TEXTS, pair_of
from support.interop import interop
from support.text_kinds import ANY, ANY_ARN, Pattern, arn_pattern, text_kinds, text_pattern

z3 = interop("z3")

from support.solver_verdicts import Verdicts  # noqa: E402 - imports z3

PAIRS = 150
ANSWERS = {"differences proved by diff", "inclusions proved by diff"}
WAYS: tuple[dict[str, Any], ...] = (
    {"wildcards": True},
    {"wildcards": False},
    {"wildcards": False, "any_case": True},
)


def language(pattern: Pattern) -> Any:  # noqa: ANN401 - of the solver
    any_character = z3.AllChar(z3.ReSort(z3.StringSort()))
    parts = [z3.Re(""), z3.Re("")]
    for place in pattern:
        named = [z3.Re(character) for character in sorted(place.chars)]
        one = z3.Union(*named) if len(named) > 1 else named[0] if named else any_character
        if place.negated and named:
            one = z3.Intersect(any_character, z3.Complement(one))
        parts.append(z3.Star(one) if place.repeated else one)
    return z3.Concat(*parts)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("patterns", "universe"),
    [
        ([text_pattern(text) for text in BUCKETS], ANY),
        ([arn_pattern(text) for text in ARNS], ANY_ARN),
        (list({text_pattern(text, **way): None for text, way in product(TEXTS, WAYS)}), ANY),
    ],
)
def test_kinds_of_texts_are_those_of_the_solver(patterns: list[Pattern], universe: Pattern) -> None:
    def has_text(kind: str) -> bool:
        """Whether a text matches of the first patterns those that have a 1."""
        solver, text = z3.Solver(), z3.String("text")
        matched = [language(universe)]
        for bit, pattern in zip(kind, patterns, strict=False):
            matched.append(language(pattern) if bit == "1" else z3.Complement(language(pattern)))
        solver.add(z3.InRe(text, z3.Intersect(*matched)))
        return bool(solver.check() == z3.sat)

    found = [""]
    for _ in patterns:
        found = [kind + bit for kind in found for bit in "01" if has_text(kind + bit)]
    kinds = text_kinds(tuple(patterns), universe)
    assert sorted(found) == sorted(f"{kind:0{len(patterns)}b}"[::-1] for kind in kinds)


@pytest.fixture(scope="module")
def verdicts() -> Verdicts:
    return Verdicts()


@pytest.mark.exhaustive
def test_diff_agrees_with_the_solver_on_random_pairs(verdicts: Verdicts) -> None:
    wrong = [line for seed in range(PAIRS) for line in verdicts.on_diff(*pair_of(seed))]
    assert wrong == []
    assert set(verdicts.counts) == ANSWERS | {"pairs compared"}
    assert min(verdicts.counts[answer] for answer in ANSWERS) > 0.3 * 2 * PAIRS


@pytest.mark.exhaustive
def test_rewrites_keep_access_by_the_solver(verdicts: Verdicts) -> None:
    policies = [pair_of(seed)[0] for seed in range(PAIRS // 12)]
    assert [line for policy in policies for line in verdicts.on_rewrites(policy)] == []
    assert verdicts.counts["policies changed by shrink"] > 2
