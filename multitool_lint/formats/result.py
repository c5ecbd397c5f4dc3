"""What a reader gives back: policies, and what it could not read or did not have to."""

from __future__ import annotations

from multitool_lint.formats.found import FoundPolicy
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.reasons import Reason, Why
from multitool_lint.syntax.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from multitool_lint.policy.document import Policy
    from multitool_lint.policy.identities import Identity
    from multitool_lint.policy.managed_references import PolicyReference
    from multitool_lint.syntax.decoded_text import DecodedText
    from multitool_lint.syntax.json.errors import Repair

SYNTAX_RULE = "json-syntax-error"
TEMPLATE = "CloudFormation"
YAML = "YAML"
PLAN = "Terraform plan or state"
YAML_SYNTAX_RULE = "yaml-syntax-error"
REST_NOT_READ = "the rest of the file was not read"


class Problem(NamedTuple):
    """A part of a file that could not be read, and the rule that it is a finding of.

    `message` says what is wrong, and `help` what to do. What is wrong `around` policies hides some.
    A part that `is_read` is a mistake, and all is known of it; one `if_final` is none where another
    program fills in the file. With its `repairs`, a part of a file of another format is JSON.
    """

    span: Span
    message: str
    rule: str = SYNTAX_RULE
    help: str = ""
    around: bool = False
    is_read: bool = False
    if_final: bool = False
    repairs: tuple[Repair, ...] = ()

    def moved(self, text: DecodedText) -> Problem:
        """The problem of a decoded text at its place in the file."""
        found = [
            repair._replace(start=start, end=end)
            for repair in self.repairs
            for start, end in [text.span(Span(repair.start, repair.end))]
            if end - start == repair.end - repair.start  # each character is one of the file
        ]
        repairs = tuple(found) if len(found) == len(self.repairs) else ()
        return self._replace(span=text.span(self.span), repairs=repairs)

    @property
    def sentence(self) -> str:
        """The message and the help."""
        return f"{self.message}; {self.help}" if self.help else self.message


class NamedFile(NamedTuple):
    """A file that another one names, relative to it.

    `address` is the name of the policy, or of the nested stack, that it is the whole of, if it is
    certain that it is; a template is given `parameters` there. One that `is_policy` must have one.
    """

    name: str
    address: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    is_policy: bool = False


class Skipped(NamedTuple):
    """A part of a file, or all of it, that is not a policy, or one that was not read, and `why`.

    `unread` marks a policy that should be there, and is unresolved. Another one is in a `file` of
    its own.
    """

    span: Span
    why: Why
    unread: bool = False
    file: NamedFile | None = None


def not_policy(span: Span, reason: Reason, *details: str | Why) -> Skipped:
    """What is not a policy, or one that is left out."""
    return Skipped(span, Why(reason, details))


def not_read(span: Span, reason: Reason, *details: str | Why) -> Skipped:
    """A policy that should be there, and was not read."""
    return Skipped(span, Why(reason, details), unread=True)


class Comment(NamedTuple):
    """A comment for this tool: its text, and the span of what it precedes.

    `covers` is None where nothing follows that could have policies.
    """

    span: Span
    text: str
    covers: Span | None = None


class ReadResult(NamedTuple):
    """What was found in one source.

    `stream` yields more of all that where there may be thousands of policies: read one by one and
    kept by nobody, each with the limits of a source of its own. Policies that are merged from
    others come last. `format` is the name of what it was read as. `references` are those to managed
    policies of AWS, and `identities` have several of the policies each, among those that are next
    to it. `accounts` yields those of accounts, of which there may be thousands, each with its
    policies.
    """

    policies: tuple[FoundPolicy, ...] = ()
    problems: tuple[Problem, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    stream: Iterable[FoundPolicy | Problem | Skipped] = ()
    comments: tuple[Comment, ...] = ()
    format: str = ""
    references: tuple[PolicyReference, ...] = ()
    identities: tuple[tuple[Identity, tuple[FoundPolicy, ...]], ...] = ()
    accounts: Iterable[tuple[Identity, tuple[FoundPolicy, ...]]] = ()

    @property
    def cases(self) -> tuple[FoundPolicy, ...]:
        """The policies as they are in each case: no outlines, and none merged from others."""
        return tuple(
            found for found in self.policies if not (found.merged or found.part == "outline")
        )

    @property
    def json_policies(self) -> tuple[Policy, ...]:
        """The policies that the file has as AWS receives them."""
        return tuple(found.policy for found in self.policies if found.is_json)


def collect(
    found: Iterable[FoundPolicy | Problem | Skipped | None],
    format: str,
    *,
    otherwise: Skipped | None = None,
    comments: Iterable[Comment] = (),
) -> ReadResult:
    """Sort what was found in a source; `otherwise` is reported if that is nothing."""
    items = [item for item in found if item is not None]
    if not items and otherwise:
        items.append(otherwise)
    policies = (item for item in items if isinstance(item, FoundPolicy))
    return ReadResult(
        tuple(sorted(policies, key=lambda policy: policy.merged)),
        tuple(item for item in items if isinstance(item, Problem)),
        tuple(item for item in items if isinstance(item, Skipped)),
        comments=tuple(comments),
        format=format,
    )
