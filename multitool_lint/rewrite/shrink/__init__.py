"""Policies made shorter without a change of access."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from multitool_lint.aws.catalog.catalog import Catalog, bundled
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.diagnostics.finding import enumerate_briefly
from multitool_lint.formats import read_source
from multitool_lint.rewrite.draft import Draft, Remark, Rewrite, Steps
from multitool_lint.rewrite.proof import not_equivalent
from multitool_lint.rewrite.shrink.passes import Passes, Stage, label_of
from multitool_lint.rewrite.shrink.patterns import ANY, Limits
from multitool_lint.rewrite.shrink.split import SplitError, over, size_of, split

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from multitool_lint.policy.document import Policy
    from multitool_lint.policy.policy_type import PolicyType
    from multitool_lint.syntax.source import Source

_READABLE_BEGINNINGS = (8, 3)
"""Characters before a wildcard, in the order of the stages: at last as many as "Get" has."""

_HINT = "; --whole-words makes patterns that can be reviewed"

_FUTURE = {
    ("Allow", "Action"): "is allowed as well",
    ("Deny", "Action"): "is denied as well",
    ("Allow", "NotAction"): "is not allowed by this NotAction",
    ("Deny", "NotAction"): "is not denied by this NotAction",
}
"""What becomes of actions that AWS adds, where a new wildcard matches them."""


def shrink(  # noqa: PLR0913  # the options of the command
    source: Source,
    *,
    limits: Limits = ANY,
    target_size: int | None = None,
    minify: bool = False,
    splits: bool = False,
    type: PolicyType | None = None,
    resource_type: str | None = None,
    catalog: Catalog | None = None,
) -> Rewrite:
    """Remove what is redundant, merge statements that differ in actions only, shorten the actions.

    With a `target_size`, counted as AWS counts a policy of its type, no more is done than it needs:
    patterns of whole words come before those that are harder to read. A policy that cannot be made
    as small is a problem, or with `splits` is split: `pieces` are the policies that it becomes, and
    the text stays. `minify` takes out whitespace.
    """
    catalog = catalog or bundled()
    loaded = read_source(source, type=type, resource_type=resource_type)
    draft = Draft(source)
    passes = Passes(source, type, resource_type, catalog, minify)
    stages = _stages(limits, target_size)
    chosen = _enough(passes, stages, len(loaded.json_policies), target_size)
    steps = passes.run(chosen)
    after = passes.policies(steps.now)
    large = list(over(after, target_size))
    if target_size and large and splits:
        return _split(draft, passes, steps, target_size)
    if large:
        hint = _split_hint(passes, stages, loaded.json_policies, target_size)
        for at in large:
            size = size_of(after[at]).of(target_size)
            draft.problem(loaded.json_policies[at].root, f"left as it is: still {size}{hint}")
            chosen[at] = stages[0]
        steps = passes.run(chosen)
        after = passes.policies(steps.now)
    draft.change(steps.whole(), steps.applied)
    result = draft.finish(loaded, not_equivalent, catalog)
    notes = list(steps.notes)
    if result.text != source.text:
        notes += _reached(loaded.json_policies, after, target_size)
        hint = "" if limits.whole_words or target_size else _HINT
        if any(stage.limits and not stage.limits.whole_words for stage in chosen):
            hint = _split_hint(passes, stages, loaded.json_policies, target_size) or hint
        notes += _warnings(loaded.json_policies, after, steps, hint)
    return replace(result, notes=tuple(dict.fromkeys(notes)))


def _enough(
    passes: Passes, stages: Sequence[Stage], number: int, target_size: int | None
) -> list[Stage]:
    """The first stage that makes each policy small enough, or the last.

    Of a stage that is enough, the patterns are those of as few services as needed.
    """
    policies = passes.policies(passes.run([stages[0]] * number).now)
    before = {at: policies[at] for at in over(policies, target_size)}
    last = len(stages) - 1
    # The last stage that is known not to be enough, and the first that is.
    low, high = dict.fromkeys(before, 0), dict.fromkeys(before, len(stages))
    while tried := {
        at: _next_stage(low[at], high[at], last) for at in before if high[at] - low[at] > 1
    }:
        chosen = [stages[tried.get(at, min(high.get(at, 0), last))] for at in range(number)]
        policies = passes.policies(passes.run(chosen).now)
        large = set(over(policies, target_size))
        before |= {at: policies[at] for at in tried if at in large}
        low |= {at: stage for at, stage in tried.items() if at in large}
        high |= {at: stage for at, stage in tried.items() if at not in large}
    chosen = [stages[min(high.get(at, 0), last)] for at in range(number)]
    for at, policy in before.items():
        less = stages[low[at]]
        if less.merges == chosen[at].merges and less.limits != chosen[at].limits:
            services = _services(policy)
            chosen[at] = _fewest(passes, chosen, at, less.limits, services, target_size)
    return chosen


def _next_stage(low: int, high: int, last: int) -> int:
    """The stage to try after one that is not enough, before one that is, if there is any.

    After the readable half, which takes less time, the last is tried: where it is not enough, none
    is.
    """
    return last if high > last and low > last // 2 else low + 1


def _services(policy: Policy) -> list[str]:
    """The services of the actions of a policy, those first whose actions take the most room."""
    room: Counter[str] = Counter()
    for statement in policy.statements:
        for _, text in statement.action_texts:
            room[text.partition(":")[0].lower()] += len(text)
    return sorted(room, key=lambda service: (-room[service], service))


def _fewest(
    passes: Passes,
    chosen: Sequence[Stage],
    at: int,
    others: Limits | None,
    services: Sequence[str],
    target_size: int | None,
) -> Stage:
    """The stage with the patterns of as few services as make a policy small enough."""
    fewest, low, high = chosen[at], 0, len(services)
    while high - low > 1:
        middle = (low + high) // 2
        some = chosen[at]._replace(services=tuple(services[:middle]), others=others)
        made = passes.run([*chosen[:at], some, *chosen[at + 1 :]])
        if at in over(passes.policies(made.now), target_size):
            low = middle
        else:
            high, fewest = middle, some
    return fewest


def _split_hint(
    passes: Passes, stages: Sequence[Stage], policies: Sequence[Policy], target_size: int | None
) -> str:
    """The options that keep patterns readable, if they make policies that are small enough."""
    readable = [stage for stage in stages if stage.limits and stage.limits.whole_words]
    if not (target_size and readable and len(policies) == 1):
        return ""
    steps = passes.run([readable[-1]])
    try:
        pieces = split(policies, passes.policies(steps.now), target_size, passes)
    except SplitError:
        return ""
    return (
        f"; --whole-words --split makes {len(pieces)} policies with patterns that can be reviewed"
    )


def _stages(limits: Limits, target_size: int | None) -> list[Stage]:
    """What is done to a policy: with a target, one after the other until it is met."""
    if target_size is None:
        return [Stage(limits, drops=True, merges=True)]
    patterns = [limits._replace(whole_words=True)]
    if not limits.whole_words:
        prefixes = [max(limits.min_prefix, least) for least in _READABLE_BEGINNINGS]
        one = limits._replace(max_wildcards=min(limits.max_wildcards, 1))
        patterns += (one._replace(min_prefix=least) for least in prefixes)
        patterns += (limits._replace(min_prefix=prefixes[-1]), limits)
    stages = [
        Stage(),
        Stage(drops=True),
        *(Stage(pattern, drops=True) for pattern in patterns),
        Stage(limits, drops=True, merges=True),
    ]
    return list(dict.fromkeys(stages))


def _reached(
    before: Sequence[Policy], after: Sequence[Policy], target: int | None
) -> Iterator[Remark]:
    """What each policy that changed has come to."""
    for old, new in zip(before, after, strict=True):
        if size_of(old) != size_of(new):
            size = f"{size_of(new).of(target)}, {size_of(old).number:,} before"
            yield Remark(old.source, old.root.span, size)


def _warnings(
    before: Sequence[Policy], after: Sequence[Policy], steps: Steps, hint: str = ""
) -> Iterator[Remark]:
    """Say what new wildcards do to actions that AWS adds later, once for each effect."""
    found: dict[tuple[str, str], list[tuple[Remark, str]]] = {}
    for old, new in zip(before, after, strict=True):
        there = {text.lower() for statement in old.statements for _, text in statement.action_texts}
        for statement in new.statements:
            fresh = any(
                has_wildcard(text) and text.lower() not in there
                for _, text in statement.action_texts
            )
            if fresh and statement.action:
                remark = steps.remark(statement.action.value.span, "")
                kind = str(statement.effect), statement.action.key
                found.setdefault(kind, []).append((remark, label_of(statement, steps)))
    for (effect, key), places in found.items():
        first = places[0][0]
        names = enumerate_briefly([name for _, name in places])
        message = (
            f"an action that AWS adds later {_FUTURE[effect, key]} where a new wildcard "
            f"matches it: statement{'' if len(places) == 1 else 's'} {names}{hint}"
        )
        yield Remark(first.source, first.span, message)


def _split(draft: Draft, passes: Passes, steps: Steps, target: int) -> Rewrite:
    """The policies that a file with a single one is split into."""
    loaded = read_source(draft.source, type=passes.type, resource_type=passes.resource_type)
    policies = passes.policies(steps.now)
    place = loaded.json_policies[0].root
    try:
        pieces = split(loaded.json_policies, policies, target, passes)
    except SplitError as error:
        draft.problem(place, f"not split: {size_of(policies[0]).of(target)}, and {error}")
        return draft.finish(loaded, not_equivalent, passes.catalog)
    sizes = ", ".join(f"{size_of(piece).number:,}" for piece in pieces)
    message = f"split into {len(pieces)} policies of {sizes} {size_of(pieces[0]).unit}"
    draft.applied += [*steps.applied, draft.remark(place, f"{message}, {target:,} at most")]
    draft.notes += dict.fromkeys([*steps.notes, *_warnings(loaded.json_policies, policies, steps)])
    result = draft.finish(loaded, not_equivalent, passes.catalog)
    return replace(result, pieces=tuple(piece.source.text for piece in pieces))
