"""Finding and Fix, and the context in which a check makes them."""

from __future__ import annotations

from enum import Enum

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.diagnostics.rule import Rule, Severity, page_url
from multitool_lint.limits import MAX_LISTED_NAMES, MAX_SHOWN_VALUE
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.placeholders import as_written
from multitool_lint.syntax.source import Edit, Source, Span
from multitool_lint.syntax.tree import Member, Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Final

    from multitool_lint.policy.managed_references import PolicyReference
    from multitool_lint.policy.policy_type import PolicyType
    from multitool_lint.syntax.patch.change import Change

FILE: Final = "{file}"
"""In the help of a finding: the path of the file, quoted for a shell."""

REDUNDANT: Final = "redundant"
"""The label of what can be removed without a change of access."""


class Safety(Enum):
    """Whether a fix keeps access: after a safe one the policy grants exactly what it granted.

    So does a manual one, after which the finding is gone and the wide access that it reports is
    not: it is applied only on request.
    """

    SAFE = "safe"
    UNSAFE = "unsafe"
    MANUAL = "manual"


class Fix(NamedTuple):
    """A change of the policy that ends a finding; the title says what it changes.

    A check describes it by `changes` of the policy. In a report, it has `edits` of the file. What
    keeps a statement that grants everything is not one of several that are wanted together.
    """

    title: str
    changes: tuple[Change, ...]
    safety: Safety
    edits: tuple[Edit, ...] = ()
    keeps_everything: bool = False


class Related(NamedTuple):
    """A further place that a finding is about.

    It is `alike` if the same finding would be reported there without the first place, and a `part`
    if the finding would not be reported without it. One in another file has its own `source`, of
    which only the line is kept: see `excerpt`.
    """

    span: Span
    pointer: str
    label: str
    alike: bool = False
    part: bool = False
    source: Source | None = None


class Finding(NamedTuple):
    """What a rule found, and where.

    `title` is a sentence that says what is wrong, `label` a few words on the value at `span`, shown
    under its carets. `notes` give the reasons and the lists, and `help` says what to do.

    `pointer` is the RFC 6901 pointer within the policy document; `issue_codes` are those that IAM
    Access Analyzer reports for the policy, none if it accepts it; `fixes` lists the best one first.
    `policy_type` is None if no policy could be read. `fingerprint` stays the same while rule,
    content and place in the policy do, wherever the policy is in the file; it is empty until the
    linter has computed it. `confirmed_by` lists other linters that also report it. `whole` is the
    span of the policy if Access Analyzer reports the finding for all of it, and we at a part.

    A finding that `explains` its statement allows everything that less severe findings of the
    statement are about. If the linter has joined several findings, `joined` lists them, this one
    first; it has the issue codes of all of them. One about several policies is `with_others`: the
    identity, and what it is about in the other policies, for its fingerprint. Where the title only
    `counted` some actions, the first of them are for a note with that title.
    """

    rule: str
    severity: Severity
    source: Source
    span: Span
    pointer: str
    title: str
    label: str = ""
    related: tuple[Related, ...] = ()
    notes: tuple[str, ...] = ()
    help_template: str = ""
    issue_codes: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    policy_name: str | None = None
    policy_type: PolicyType | None = None
    fingerprint: str = ""
    confirmed_by: tuple[str, ...] = ()
    whole: Span | None = None
    explains: bool = False
    joined: tuple[Finding, ...] = ()
    with_others: tuple[str, ...] = ()
    counted: str = ""

    @property
    def help(self) -> str:
        """What to do, with the path of the file in commands."""
        if FILE not in self.help_template:
            return self.help_template
        from shlex import quote

        path = self.source.path
        shown = f"./{path}" if path.startswith("-") and path != "-" else path
        return self.help_template.replace(FILE, quote(shown))

    @property
    def docs(self) -> str:
        """The address of the rule's page, empty for an extra rule."""
        return page_url(self.rule)

    @property
    def issue_code(self) -> str | None:
        """The first of the issue codes."""
        return self.issue_codes[0] if self.issue_codes else None


class Context:
    """What a check may ask besides the policy, and how it reports."""

    __slots__ = ("catalog", "policy", "rule")

    def __init__(self, rule: Rule, policy: Policy, catalog: Catalog) -> None:
        self.rule: Final = rule
        self.policy: Final = policy
        self.catalog: Final = catalog

    @property
    def catalog_note(self) -> str:
        """The note of a finding that a newer catalog may not have."""
        return f"according to AWS's reference of {self.catalog.date}"

    def finding(  # noqa: PLR0913  # the fields
        self,
        place: Node | Member,
        title: str,
        *,
        label: str = "",
        notes: tuple[str, ...] = (),
        help: str = "",
        related: tuple[Related, ...] = (),
        issue_code: str | tuple[str, ...] | None = None,
        fixes: tuple[Fix, ...] = (),
        severity: Severity | None = None,
        explains: bool = False,
    ) -> Finding:
        """A finding of the rule at a value, or at the key of a member.

        `help` may hold `FILE` where a command takes the path of the file.

        Where the rule answers one check of IAM Access Analyzer only, that is the issue code, unless
        it is given: "" where Access Analyzer does not report the same, or several codes. A severity
        is given where AWS's finding type depends on what was found.
        """
        return Finding(
            rule=self.rule.id,
            severity=severity or self.rule.severity,
            source=self.policy.source,
            span=place.key_span if isinstance(place, Member) else place.span,
            pointer=place.value.pointer if isinstance(place, Member) else place.pointer,
            title=title,
            label=label,
            related=related,
            notes=notes,
            help_template=help,
            issue_codes=self._issue_codes(issue_code),
            fixes=fixes,
            policy_name=self.policy.name,
            policy_type=self.policy.type,
            explains=explains,
        )

    def _issue_codes(self, given: str | tuple[str, ...] | None) -> tuple[str, ...]:
        if given is None:
            codes = self.rule.access_analyzer
            return codes if len(codes) == 1 else ()
        return tuple(filter(None, (given,) if isinstance(given, str) else given))


class ReferenceContext:
    """What a check of references may ask besides them, and how it reports."""

    __slots__ = ("catalog", "rule", "source")

    def __init__(self, rule: Rule, source: Source, catalog: Catalog) -> None:
        self.rule: Final = rule
        self.source: Final = source
        self.catalog: Final = catalog

    def finding(
        self,
        reference: PolicyReference,
        title: str,
        *,
        label: str = "",
        notes: tuple[str, ...] = (),
        help: str = "",
        severity: Severity | None = None,
    ) -> Finding:
        """A finding of the rule at a reference."""
        return Finding(
            rule=self.rule.id,
            severity=severity or self.rule.severity,
            source=self.source,
            span=reference.span,
            pointer=reference.owner,
            title=title,
            label=label,
            notes=notes,
            help_template=help,
        )


def without_commands(finding: Finding, command: str = "multitool-lint ") -> Finding:
    """The finding without commands that change the file, where that is not possible.

    Of a clause that begins with "to", or with the command, nothing is left: it is there for the
    command alone. That goes for all clauses if only the commands that begin like one are to go.
    """
    if FILE not in finding.help_template:
        return finding
    some = command != "multitool-lint "
    clauses = [
        clause if command not in clause else clause.partition(f": {command}")[0]
        for clause in finding.help_template.split("; ")
        if not (
            FILE in clause
            and command in clause
            and (some or clause.startswith(("to ", "multitool-lint ")))
        )
    ]
    return finding._replace(help_template="; ".join(clauses))


def separate(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings as they were before the linter joined some."""
    for finding in findings:
        yield from finding.joined or (finding,)


def related(
    place: Node | Member, label: str, *, alike: bool = False, part: bool = False
) -> Related:
    """A related place: a value, or the key of a member."""
    if isinstance(place, Member):
        return Related(place.key_span, place.value.pointer, label, alike, part)
    return Related(place.span, place.pointer, label, alike, part)


def excerpt(path: str, source: Source, span: Span) -> tuple[Source, Span]:
    """The line in which a span begins, as the only one of a source that is not blank."""
    number, _ = source.position(span.start)
    start, end = source.line_span(number)
    before = " " * (start - number + 1) + "\n" * (number - 1)
    cut = Span(span.start, max(span.start, min(span.end, end)))
    return Source(path, f"{before}{source.text[start:end]}"), cut


def quoted(text: object) -> str:
    """A value in quotes, as a title shows it: a long one is cut.

    A placeholder is decoded first: a part of one could not be decoded later.
    """
    shown = as_written(str(text))
    return f'"{shown if len(shown) <= MAX_SHOWN_VALUE else f"{shown[: MAX_SHOWN_VALUE - 1]}…"}"'


def enumerate_briefly(
    names: list[str] | tuple[str, ...], listed_at_most: int = MAX_LISTED_NAMES
) -> str:
    """The names as a message lists them: the first few, and how many more there are."""
    shown = ", ".join(names[:listed_at_most])
    left = len(names) - listed_at_most
    return f"{shown} and {left:,} more" if left > 0 else shown


def counted(count: int, unit: str) -> str:
    """A number of things: `1 policy`, `2,000 policies`."""
    if count == 1:
        return f"1 {unit}"
    return f"{count:,} {unit[:-1]}ies" if unit.endswith("y") else f"{count:,} {unit}s"
