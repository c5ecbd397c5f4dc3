"""The size of a policy, and one that is too large split into several that do the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.policy_types import Quota, quotas
from multitool_lint.policy.compare import Answer, equivalent
from multitool_lint.policy.document import Policy
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.policy.size import quota_of, sizes
from multitool_lint.rewrite.shrink.merge import minified
from multitool_lint.syntax.patch.json import remove_items
from multitool_lint.syntax.source import BYTE_ORDER_MARK, Edit, Source, apply_edits
from multitool_lint.syntax.tree import Array, Node

if TYPE_CHECKING:
    from multitool_lint.policy.document import Statement
    from multitool_lint.rewrite.shrink.passes import Passes

    Measure = Callable[[str], int]
    """How AWS counts a text."""

_ATTACHED_ONCE = {
    PolicyType.RESOURCE: "a resource has one policy only",
    PolicyType.TRUST: "a role has one trust policy only",
    PolicyType.BOUNDARY: "a user or role has one permissions boundary only",
    PolicyType.SESSION: "a session has one policy in its request only",
}


class SplitError(Exception):
    """A policy that cannot be split; the message says why."""


class _Part(NamedTuple):
    """A statement, by its place, or those of its actions that go together, and what it takes."""

    place: int
    actions: tuple[Node, ...]
    size: int

    @property
    def start(self) -> tuple[int, int]:
        """Where the part begins."""
        return self.place, self.actions[0].span.start if self.actions else 0


def split(
    before: Sequence[Policy], shortened: Sequence[Policy], target: int, passes: Passes
) -> list[Policy]:
    """The policies that a shortened one becomes, which together grant what was granted before.

    None of them is larger than the target, and they are as few as are easily found.

    Raises:
        SplitError: that cannot be done.
    """
    policy = shortened[0]
    start, end = policy.root.span
    text = policy.source.text
    around = text[:start].removeprefix(BYTE_ORDER_MARK) + text[end:]
    if len(shortened) > 1 or around.strip():
        raise SplitError("only a JSON file with a policy and nothing else is split")
    if policy.type in _ATTACHED_ONCE:
        raise SplitError(_ATTACHED_ONCE[policy.type])
    sources = [Source(policy.source.path, text) for text in _texts(policy, target)]
    pieces = [piece for source in sources for piece in passes.policies(source)]
    if len(pieces) < len(sources) or any(over(pieces, target)):
        raise SplitError("its parts would be larger")
    if equivalent(before, pieces, passes.catalog).answer is not Answer.YES:
        raise SplitError("there is no proof that its parts would grant the same")
    return pieces


def _texts(policy: Policy, target: int) -> Iterator[str]:
    """The texts of the policies.

    Statements stay whole and in their order; one that is too large by itself is cut by its actions.
    Everything else is in each of the policies, as it is written.
    """
    measure = measure_of(policy)
    room = target - (
        measure(policy.source.part(policy.root.span)) - measure(_of_statements(policy))
    )
    gap = _gap(policy, measure)
    parts = [
        part
        for place in range(len(policy.statements))
        for part in _parts(policy, place, room, gap, measure)
    ]
    bins: list[list[_Part]] = []
    for part in sorted(parts, key=lambda part: (-part.size, part.place)):
        for bin_ in bins:
            taken = sum(other.size for other in bin_)
            if taken + part.size <= room and all(other.place != part.place for other in bin_):
                bin_.append(part)
                break
        else:
            bins.append([part])
    for bin_ in sorted(bins, key=lambda bin_: min(part.start for part in bin_)):
        yield _built(policy, bin_).removeprefix(BYTE_ORDER_MARK)


def _parts(policy: Policy, place: int, room: int, gap: int, measure: Measure) -> Iterator[_Part]:
    """A statement, as a whole if there is room for it, else cut by its actions."""
    statement = policy.statements[place]
    size = measure(policy.source.part(statement.node.span)) + gap
    if size <= room:
        yield _Part(place, (), size)
        return
    if statement.negates_actions or len(statement.actions) < 2:  # noqa: PLR2004 - nothing to cut
        raise SplitError(f"{_name(policy, statement)} cannot be cut, and is {size:,} by itself")
    sizes = [measure(policy.source.part(node.span)) + gap for node in statement.actions]
    without = size - sum(sizes)
    waiting: list[Node] = []
    taken = without
    for node, size in zip(statement.actions, sizes, strict=True):
        if without + size > room:
            raise SplitError(
                f"{_name(policy, statement)} needs {without + size:,} for one of its actions alone"
            )
        if taken + size > room:
            yield _Part(place, tuple(waiting), taken)
            waiting, taken = [], without
        waiting.append(node)
        taken += size
    yield _Part(place, tuple(waiting), taken)


def _gap(policy: Policy, measure: Measure) -> int:
    """The largest size of what is between two items of a list."""
    lists = [tuple(statement.node for statement in policy.statements)]
    lists += [statement.actions for statement in policy.statements]
    text = policy.source.text
    gaps = (
        measure(text[previous.span.end : other.span.start])
        for nodes in lists
        for previous, other in pairwise(nodes)
    )
    return max(gaps, default=1)


def _built(policy: Policy, parts: Sequence[_Part]) -> str:
    """The text of a policy with only these parts of it."""
    kept = {part.place: part.actions for part in parts}
    edits: list[Edit] = []
    element = policy.element("Statement")
    statements = policy.statements
    if element and isinstance(element.value.value, Array):
        gone = [statement.node for place, statement in enumerate(statements) if place not in kept]
        edits += remove_items(policy.source, element.value, gone)
    for place, actions in kept.items():
        action = statements[place].action
        if actions and action:
            stay = set(actions)
            others = [node for node in statements[place].actions if node not in stay]
            edits += remove_items(policy.source, action.value, others)
    return apply_edits(policy.source.text, tuple(edits))


def _name(policy: Policy, statement: Statement) -> str:
    sid = statement.sid.value if statement.sid else None
    if isinstance(sid, str):
        return f'statement "{sid}"'
    return f"statement number {policy.statements.index(statement) + 1}"


def _of_statements(policy: Policy) -> str:
    """The text from the first statement to the last."""
    first, last = policy.statements[0].node, policy.statements[-1].node
    return policy.source.text[first.span.start : last.span.end]


class Size(NamedTuple):
    """A size in what AWS counts for a policy of some type."""

    number: int
    unit: str

    def of(self, target: int | None) -> str:
        """The size in words, and of how much where there is a target."""
        return f"{self.number:,}{f' of {target:,}' if target else ''} {self.unit}"


def size_of(policy: Policy) -> Size:
    """How large a policy is; where no quota is known, it is counted as a managed policy is."""
    quota = _quota(policy)
    if quota.counts_whitespace:
        start, end = policy.root.span
        return Size(sizes(policy.source.text[start:end], quota)[0], quota.unit)
    # A Markdown page may have more than whitespace before the lines of a policy.
    return Size(sizes(minified(policy), quota)[1], f"{quota.unit} without whitespace")


def measure_of(policy: Policy) -> Callable[[str], int]:
    """What measures how large a part of the text of a policy is."""
    quota = _quota(policy)
    counted = 0 if quota.counts_whitespace else 1
    return lambda text: sizes(text, quota)[counted]


def over(policies: Sequence[Policy], target: int | None) -> Iterator[int]:
    """The policies, by their places, that are larger than a target."""
    for at, policy in enumerate(policies):
        if target and size_of(policy).number > target:
            yield at


def _quota(policy: Policy) -> Quota:
    return quota_of(policy) or quotas()[PolicyType.IDENTITY.value]
