"""What holds for every rewrite: the access of policies before and after, as AWS decides it."""

from __future__ import annotations

import json
import tempfile
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from support.evaluator import decide
from support.policy_texts import FORMATS, filled_in, read, write
from support.random_policies import KINDS, Policies, with_scalars
from support.random_requests import filling, reading, requests

import multitool_lint
from fuzz.harness import Harness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import DrawFn, SearchStrategy

_REQUESTS = 300
_LEVELS = ("List", "Read", "Write", "Tagging", "Permissions management")
_USED = ("s3:GetObject", "sqs:SendMessage", "iam:PassRole", "newsvc:DoThing")


def harnesses() -> Iterator[Harness]:
    """A harness for each rewrite."""
    options: dict[str, SearchStrategy[dict[str, Any]]] = {
        "fix": st.fixed_dictionaries({}, optional={"select": st.just("ALL")}),
        "expand": st.fixed_dictionaries(
            {}, optional={"levels": _some(_LEVELS), "invert_not_action": st.just(value=True)}
        ).filter(lambda chosen: len(chosen) < len(("levels", "invert_not_action"))),
        "shrink": st.fixed_dictionaries(
            {"max_wildcards": st.integers(0, 3), "minify": st.booleans()},
            optional={"min_prefix": st.integers(0, 3), "whole_words": st.booleans()},
        ),
        "tighten": st.fixed_dictionaries(
            {},
            optional={
                "levels": _some(_LEVELS),
                "used": _some(_USED),
                "all_actions": st.booleans(),
                "drop_wildcards": st.booleans(),
                "by_resource": st.booleans(),
            },
        ),
    }
    for name, chosen in options.items():
        check = partial(_check, name)
        yield Harness(name, ".case.json", partial(_inputs, chosen), check)


def _some(values: tuple[str, ...]) -> SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)


@st.composite
def _inputs(draw: DrawFn, options: SearchStrategy[dict[str, Any]]) -> bytes:
    """A policy, the format that it is written in, the options, and a seed for the requests."""
    format_ = draw(st.sampled_from([*FORMATS]))
    # The other files attach the policy to something that decides its type.
    kind = draw(st.sampled_from(sorted(set(KINDS)))) if format_ == "json" else "identity"
    dice = draw(st.randoms(use_true_random=False))
    policies = Policies(dice, kind, unknown=draw(st.booleans()))
    case = {
        "policy": with_scalars(policies.policy(), dice),
        "type": kind,
        "format": format_,
        "options": draw(options),
        "seed": draw(st.integers(0, 2**20)),
    }
    return json.dumps(case, indent=1, ensure_ascii=False).encode()


def _check(name: str, data: bytes) -> None:
    """Rewrite a policy, and see that it grants what it should, and that once is enough."""
    case = json.loads(data)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, FORMATS[case["format"]])
        path.write_text(write(case["policy"], case["format"]), encoding="utf-8")
        after = _rewritten(name, path, case)
        path.write_text(after, encoding="utf-8")
        assert _rewritten(name, path, case) == after, f"{name} again changes more"
    _compare(case, read(after, case["format"]), name)


def _rewritten(name: str, path: Path, case: dict[str, Any]) -> str:
    rewritten = getattr(multitool_lint, name)(path, type=case["type"], **case["options"])
    return str(rewritten if name == "fix" else rewritten.policy)


def _compare(case: dict[str, Any], after: dict[str, Any], name: str) -> None:
    """See that requests are decided as before, or that fewer are allowed."""
    # These two keep access by the actions that the catalog knows.
    by_catalog = name in ("expand", "shrink")
    dice, before, kind = Random(case["seed"]), case["policy"], case["type"]  # noqa: S311 - no secret
    read_as = reading(dice)
    for request in islice(requests(dice, kind, [before, after]), _REQUESTS):
        if by_catalog and request.action.startswith("newsvc:"):
            continue
        values = filling(dice)
        old, new = (
            decide(filled_in(policy, values), request, kind, read_as) for policy in (before, after)
        )
        kept = old == new or (name == "tighten" and new != "Allow" and old != "Deny")
        assert kept, f"{old} becomes {new}: {request} with {values} in {str(after)[:1000]}"
