"""What came of linting one source, and which values of its policies are unresolved."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from multitool_lint.diagnostics.rule import UNCHECKED, current_id
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.document import Policy
from multitool_lint.reasons import Reason, Why
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tree import UNKNOWN, as_list

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multitool_lint.diagnostics.finding import Finding
    from multitool_lint.formats.result import Comment, Skipped
    from multitool_lint.syntax.source import Source


class Suppressed(NamedTuple):
    """A finding that is not reported, and why.

    `by` says what suppressed it: "configuration", "comment" or "baseline".
    """

    finding: Finding
    by: str
    reason: str


class Report(NamedTuple):
    """What came of linting one source.

    `policy_count` is the number of policies that were linted. `policies` has them, except where
    there may be thousands, or where the report comes from another process or from the cache.
    `comments` are those that were not yet applied. `used_ignores` are the keys of the entries of
    `[[ignore]]` that suppress something here. `format` is the name of what the source was read as.
    `unresolved` are the values of policies that are unknown. `notes` are what rules that are
    summarized found: they are shown, and are not findings. `former_ids` are the ids in comments
    that rules had before they were renamed. `reference_count` is the number of references to
    managed policies of AWS.
    """

    source: Source
    policies: tuple[Policy, ...]
    skipped: tuple[Skipped, ...]
    findings: tuple[Finding, ...]
    policy_count: int
    suppressed: tuple[Suppressed, ...] = ()
    comments: tuple[Comment, ...] = ()
    used_ignores: frozenset[tuple[str, int]] = frozenset()
    format: str = ""
    unresolved: tuple[Unresolved, ...] = ()
    notes: tuple[Finding, ...] = ()
    former_ids: tuple[str, ...] = ()
    reference_count: int = 0

    def warn_of_former_ids(self) -> None:
        """Warn of comments that name rules by former ids."""
        for id_ in self.former_ids:
            current_id(id_, self.source.path)

    @property
    def left_out(self) -> Why | None:
        """Why a policy is not linted although it can be read, if there is one."""
        return next((block.why for block in self.skipped if block.why.reason.is_left_out), None)

    @property
    def why_empty(self) -> Why:
        """Why no policy was linted."""
        first = self.skipped[0].why if self.skipped else Why(Reason.NOTHING, ("linted",))
        return self.left_out or first

    @property
    def is_empty(self) -> bool:
        """Whether there is neither a policy, nor a reference to one, nor a finding."""
        found = self.policy_count or self.reference_count or self.findings or self.suppressed
        return not found and not any(block.unread or block.file for block in self.skipped)

    @property
    def unchecked(self) -> bool:
        """Whether something could not be checked: neither a crash nor a syntax error is a pass."""
        return any(finding.rule in UNCHECKED for finding in self.findings)


_ELEMENTS = frozenset({"Effect", "Action", "NotAction"})


class Unresolved(NamedTuple):
    """The place of a value in the file, and the element that it is a value of."""

    span: Span
    element: str


def unresolved(policy: Policy, to_file: Callable[[Span], Span]) -> Iterator[Unresolved]:
    """The unresolved values of a policy; `to_file` translates a span of it to one in the file.

    Only what decides which actions a statement allows or denies is listed. Resources, principals
    and the values of conditions of templates are made when they are deployed, as the ARN of a
    bucket is.
    """
    for statement in policy.statements:
        if statement.effect is not None and len(statement.action_names) == statement.action_count:
            continue
        for member in statement.members:
            if member.key in _ELEMENTS:
                for node in as_list(member.value):
                    if node.value is UNKNOWN:
                        yield Unresolved(to_file(node.span), member.key)
