"""Rewrites of policies wherever they are: in YAML or a template, as JSON and then in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multitool_lint.aws.catalog.catalog import Catalog, bundled
from multitool_lint.formats import ReadResult, read_source
from multitool_lint.formats.found import MERGED_BY_SID, FoundPolicy
from multitool_lint.limits import MAX_STATEMENTS
from multitool_lint.policy.merged_sids import sids
from multitool_lint.rewrite.draft import Draft, Remark, Rewrite
from multitool_lint.rewrite.proof import not_equivalent, wider
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.source import Edit, Source, Span, position_of
from multitool_lint.syntax.tree import Array, Member, Node, Object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from multitool_lint.policy.document import Policy
    from multitool_lint.policy.policy_type import PolicyType

    One = Callable[[Policy, Source], Rewrite]
    """Rewrites a policy, whose JSON is a source of its own."""

MISREAD = "the file would not say what it should; please report this"
SPLIT = "left as it is: only a policy in a JSON file of its own is split"
TOO_MANY = f"left as it is: more than {MAX_STATEMENTS:,} statements"
PRINTED = "policies as AWS or Terraform prints them; change them where they come from"


def rewrite_all(
    source: Source,
    rewrite: Callable[..., Rewrite],
    *,
    type: PolicyType | None,
    resource_type: str | None,
    catalog: Catalog | None,
    at: int | None = None,
) -> Rewrite:
    """Rewrite a source, or each of the policies in one that is not JSON.

    `rewrite` is called with a source, and `type`, `resource_type` and `catalog` by name. If only
    what is `at` an offset is to change, it is also called with the `place` of that.

    Raises:
        NothingThereError: there is neither an action nor a statement.
    """
    loaded = read_source(source, type=type, resource_type=resource_type)
    if all(found.is_json for found in loaded.policies):
        kind = {"type": type, "resource_type": resource_type, "catalog": catalog}
        if at is None:
            return rewrite(source, **kind)
        place = _smallest(loaded.json_policies, at, lambda span: span)
        return rewrite(source, **kind, place=_existing(place, source, at))
    places: dict[int, Span] = {}
    if at is not None:
        for entry in _outer(loaded):
            if found := _smallest((entry.policy,), at, entry.to_file):
                places[id(entry.policy)] = found
        _existing(next(iter(places.values()), None), source, at)

    def one(policy: Policy, text: Source) -> Rewrite:
        kind = {"type": policy.type, "resource_type": policy.resource_type, "catalog": catalog}
        if at is None:
            return rewrite(text, **kind)
        place = places.get(id(policy))
        return rewrite(text, **kind, place=place) if place else Rewrite(text, text.text)

    return rewrite_normalized(source, loaded, one, catalog)


class NothingThereError(ValueError):
    """There is neither an action nor a statement at an offset."""


def _existing(place: Span | None, source: Source, at: int) -> Span:
    if place is None:
        raise NothingThereError(f"{position_of(source, Span(at, at))}: no action or statement here")
    return place


def _smallest(policies: Iterable[Policy], at: int, to_file: Callable[[Span], Span]) -> Span | None:
    """The span of the action at an offset of the file, or else of the statement."""
    for policy in policies:
        for statement in policy.statements:
            for node in (*statement.actions, statement.node):
                place = to_file(node.span)
                if place.start <= at <= place.end:
                    return node.span
    return None


class _Within(Source):
    """The JSON of a policy, of which a line is reported as the line of the file."""

    __slots__ = ("written",)

    def __init__(self, path: str, text: str, written: FoundPolicy) -> None:
        super().__init__(path, text)
        self.written: Final = written

    def display_line(self, offset: int) -> int:
        """The line of the file."""
        place = self.written.to_file(Span(offset, offset + 1))
        return self.written.source.display_line(place.start)


def rewrite_normalized(
    source: Source, loaded: ReadResult, rewrite: One, catalog: Catalog | None = None
) -> Rewrite:
    """Rewrite the policies of a file one by one."""
    draft = Draft(source)
    expected: list[str] = []
    for found in _outer(loaded):
        expected.append(found.policy.source.text)
        if found.case:
            continue  # the one before it has the same text, and is not changed either
        place = found.span
        if len(found.policy.statements) > MAX_STATEMENTS:
            draft.problems.append(Remark(source, place, TOO_MANY))
            continue
        # A name of its own, so that the name of the file does not decide how this text is read.
        named = f"{source.path}/policy.json"
        result = rewrite(found.policy, _Within(named, found.policy.source.text, found))
        draft.problems += _moved(result.problems, found)
        if result.pieces:
            draft.problems.append(Remark(source, place, SPLIT))
        elif result.text != found.policy.source.text:
            doubt = _doubt(found.policy, result.text, catalog or bundled())
            edits = None if doubt else _edits(found, result.text)
            if edits is None:
                message = f"left as it is: {doubt or found.origin.unchanged}"
                draft.problems.append(Remark(source, place, message))
                continue
            expected[-1] = result.text
            draft.change(edits, _moved(result.applied, found))
        draft.notes += _moved(result.notes, found)
    return draft.checked(loaded, lambda after: None if _has_policies(after, expected) else MISREAD)


def _doubt(policy: Policy, text: str, catalog: Catalog) -> str | None:
    """Why a policy must not become another one, if it is merged with others by its Sids.

    Each of its statements may be there without the rest: what one loses because another one has it
    may be lost.
    """
    if not policy.merged_by_sid:
        return None
    after = policy.with_root(fast.read(text), Source(policy.source.path, text))
    if sids(after) != sids(policy) or len(after.statements) != len(policy.statements):
        return MERGED_BY_SID
    prove = wider if not_equivalent([policy], [after], catalog) else not_equivalent
    pairs = zip(_alone(policy), _alone(after), strict=True)
    return next((doubt for old, new in pairs if (doubt := prove([old], [new], catalog))), None)


def _alone(policy: Policy) -> Iterator[Policy]:
    """A policy for each of the statements."""
    members = policy.root.fields()
    for statement in policy.statements:
        kept = [
            Member(member.key, member.key_span, statement.node)
            if member.key == "Statement"
            else member
            for member in members
        ]
        yield policy.with_root(Node(policy.root.span, Object(kept), ""))


def _outer(loaded: ReadResult) -> Iterator[FoundPolicy]:
    """The policies of a file but for branches, which change with the outline before them."""
    return (
        found
        for found in loaded.policies
        if not (found.is_json or found.merged or found.part == "branch")
    )


def _has_policies(after: ReadResult, expected: list[str]) -> bool:
    """Whether a file has the policies that it should have now, and all others as they were."""
    texts = [found.policy.source.text for found in _outer(after)]
    return list(map(_meaning, texts)) == list(map(_meaning, expected))


def _meaning(text: str) -> object:
    """The content of a policy; unknown values count as the same."""
    return _plain(fast.read(text))


def _plain(node: Node) -> object:
    if isinstance(node.value, Array):
        return [_plain(item) for item in node.value]
    if isinstance(node.value, Object):
        return [(member.key, _plain(member.value)) for member in node.value]
    return type(node.value), node.value


def _edits(found: FoundPolicy, after: str) -> tuple[Edit, ...] | None:
    patch = found.patch()
    try:
        return patch.edits(fast.read(after, literal=True)) if patch else None
    except (MistakeError, ValueError):
        return None


def _moved(remarks: Iterable[Remark], found: FoundPolicy) -> list[Remark]:
    """The remarks at their places in the file."""
    return [Remark(found.source, found.to_file(remark.span), remark.message) for remark in remarks]
