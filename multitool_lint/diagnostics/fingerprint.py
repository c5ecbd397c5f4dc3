"""Fingerprints: by which a finding is known again, wherever in the file it has moved.

The fingerprint of a finding is a hash of its rule and issue code, the name of its policy if it has
one of its own (an ARN, say, but no number), the Sid and Effect of its statement, the keys that lead
to the value that it is about, that value, and the values at its related places. Neither line
numbers nor the order and layout of anything have part in it, nor has the message, whose wording may
change; a rule that was renamed counts as its first id. It does not include the path of the file:
a report that needs it unique among several files adds that.

Findings that are equal in all this are numbered, in the order of their places: `62a1...:1`.
"""

from __future__ import annotations

from collections.abc import Iterable

from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.rule import rules
from multitool_lint.diagnostics.scope import marked
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy import pointer as pointers
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.placeholders import as_written
from multitool_lint.syntax.tree import Array, LazyStringArray, Node, Object

try:
    # What hashlib has of it, without OpenSSL, which takes a tenth of the time of a run to load.
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multitool_lint.policy.pointer import ResolvedPointer

_NUMBERED = lazy_pattern("policy [0-9]+")
_LENGTH = 8
"""Bytes: among a million findings of one file, two are confused once in 37 million files."""


class Fingerprints:
    """Computes the fingerprints of the findings of one source, policy by policy."""

    def __init__(self) -> None:
        self._count: dict[str, int] = {}

    def assign(self, findings: Iterable[Finding], policy: Policy | None = None) -> list[Finding]:
        """The findings in a policy, or in none that could be read, with fingerprints."""
        contents: dict[str, str] = {}
        return [
            finding._replace(
                fingerprint=self._numbered(_identity(finding, policy, contents)), with_others=()
            )
            for finding in findings
        ]

    def _numbered(self, identity: list[str]) -> str:
        hash_ = blake2b("\0".join(identity).encode("utf-8", "surrogatepass"), digest_size=_LENGTH)
        digest = hash_.hexdigest()
        number = self._count[digest] = self._count.get(digest, 0) + 1
        return f"{digest}:{number}"


def unnumbered(fingerprint: str) -> str:
    """A fingerprint without the number among equal ones."""
    return fingerprint.partition(":")[0]


def _identity(finding: Finding, policy: Policy | None, contents: dict[str, str]) -> list[str]:
    """What makes a finding the one that it is; `contents` keeps what was computed of the policy."""
    rule = rules().get(finding.rule)
    first_id = rule.aliases[0] if rule and rule.aliases else finding.rule
    identity = [first_id, finding.issue_code or "", *finding.with_others]
    place = pointers.resolve(policy, finding.pointer) if policy else None
    if policy is None or place is None:
        return [*identity, finding.pointer, finding.title]
    if policy.name and not _NUMBERED.fullmatch(policy.name):
        identity.append(policy.name)
    if place.statement:
        sid = place.statement.sid
        identity += pointers.text(policy, sid) if sid else "", place.statement.effect or ""
    # A finding at a key and one at its value have the same pointer.
    identity.append("value" if finding.span == place.node.span else "key")
    related = marked(finding.related, place, policy) if finding.related else ()
    return [
        *identity,
        _content(policy, place, contents),
        *sorted({_content(policy, place, contents) for place in related}),
    ]


def _content(policy: Policy, place: ResolvedPointer, contents: dict[str, str]) -> str:
    """The keys that lead to a value, and what it says.

    The policy itself and the list of its statements say nothing: a finding there is about what is
    missing, whatever else there is.
    """
    node = place.node
    if place.statement is None and place.keys in {(), ("Statement",)}:
        return "/".join(place.keys)
    if not isinstance(node, LazyStringArray) and isinstance(node.value, str):
        return "/".join((*place.keys, as_written(node.value)))
    if node.pointer not in contents:
        content = _canonical(policy, node, "" if place.keys else "Sid")
        hash_ = blake2b(content.encode("utf-8", "surrogatepass"))
        contents[node.pointer] = "/".join((*place.keys, hash_.hexdigest()))
    return contents[node.pointer]


def _canonical(policy: Policy, node: Node, without: str = "") -> str:
    """What a value says, whatever its layout and order; a list of one is as its only item."""
    if isinstance(node, LazyStringArray):
        items = sorted(map(repr, node.texts))  # makes none of its nodes
        return items[0] if len(items) == 1 else f"[{','.join(items)}]"
    if isinstance(node.value, str):
        return repr(as_written(node.value))
    if isinstance(node.value, Array):
        items = sorted([_canonical(policy, item) for item in node.value])
        return items[0] if len(items) == 1 else f"[{','.join(items)}]"
    if isinstance(node.value, Object):
        members = sorted(
            f"{member.key!r}:{_canonical(policy, member.value)}"
            for member in node.value
            if member.key != without
        )
        return f"{{{','.join(members)}}}"
    return repr(pointers.text(policy, node))
