"""Subjects of GitHub Actions that a trust policy allows, and what each of them leaves open.

GitHub: https://docs.github.com/en/actions/reference/security/oidc
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from multitool_lint.aws import patterns
from multitool_lint.aws.identity_providers import IdentityProvider, provider
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.policy.principals import identity_providers
from multitool_lint.syntax.placeholders import as_written
from multitool_lint.syntax.tree import UNKNOWN, Node, partly_known_text

_REPOSITORY = lazy_pattern(r"repo:([^:/@]+)(@[^:/]*)?/([^:/@]+)((@[^:/]*)?:|$)")
"""Names with or without the immutable ids of owner and repository, and what follows them.

Neither names nor branches have a colon, nor names an at sign, so `owner@*/name@*:` matches one
repository at a time.
"""
_PART = lazy_pattern(r"\$\{[^{}]*\}")
_FILLED_IN = "\0"
_FILLED_IN_REPOSITORY = f"repo:{_FILLED_IN}:"
"""What a subject begins with whose owner and repository are filled in together."""
_ANY_BRANCH = "ref:refs/heads/*"
_REPO = "repo:"
_OWNER_END = lazy_pattern("[/@]")
OWNER_CLAIMS = frozenset(
    {
        *("enterprise", "enterprise_id", "job_workflow_ref", "repository", "repository_id"),
        *("repository_owner", "repository_owner_id"),
    }
)
"""The claims besides the subject that say whose workflow it is."""
_NOT_RESTRICTING = (OWNER_CLAIMS - {"job_workflow_ref"}) | {"aud", "sub"}
"""The claims that do not say which workflow of a repository it is."""
_REF = lazy_pattern(r"(?:^|[:@])refs/(?:heads|tags)/([^:]+)")


class OpenSubject(NamedTuple):
    """A value of a condition that more than one repository, or more than one branch, meets.

    One with an environment is listed even where `ref_is_set` to a branch by another condition.
    With `any_owner`, neither it nor another condition names the owner of the repository. With
    `any_branch`, workflows of all branches meet it, and no other claim says which ones.
    """

    node: Node
    text: str
    host: str
    any_repository: bool
    any_owner: bool
    any_branch: bool
    ref_is_set: bool


class TrustedProvider(NamedTuple):
    """A provider that a statement trusts, where it is named, and how that name is written."""

    node: Node
    name: str
    provider: IdentityProvider


def trusted_providers(statement: Statement) -> Iterator[TrustedProvider]:
    """The providers that a principal names, whose account may be filled in.

    Of a provider that is filled in as a whole, such as one of the same template, the condition keys
    of the statement begin with the name, if they are those of one provider.
    """
    for value in identity_providers(statement):
        known, named = _provider(value.text), [*_by_keys(statement, value.node)]
        if known and (known.is_known or not named):
            yield TrustedProvider(value.node, value.text.rpartition("oidc-provider/")[2], known)
        elif not value.text or _PART.search(value.text):
            yield from named


def _provider(text: str) -> IdentityProvider | None:
    """The provider that a principal names, whose account may be for a script to fill in."""
    found = provider(text)
    if found is None and text.startswith("arn:"):
        from multitool_lint.policy.placeholders import with_field_names  # saves start-up

        named = provider(with_field_names(text))
        found = named if named and "." in named.name else None  # its name may be filled in, too
    return found


def _by_keys(statement: Statement, node: Node) -> Iterator[TrustedProvider]:
    names = {condition.key.key.rpartition(":")[0].lower() for condition in statement.conditions}
    hosts = [name for name in names if "." in name]
    if len(hosts) == 1 and not _PART.search(hosts[0]) and (known := provider(hosts[0])):
        yield TrustedProvider(node, hosts[0], known)


def open_subjects(policy: Policy) -> Iterator[OpenSubject]:
    """List the subjects that leave the repository or the branch open."""
    for statement in policy.statements:
        if statement.allows and statement.conditions:
            hosts = {
                trusted.provider.name
                for trusted in trusted_providers(statement)
                if trusted.provider.is_github
            }
            if hosts:
                yield from _of_statement(statement, hosts)


def _of_statement(statement: Statement, hosts: set[str]) -> Iterator[OpenSubject]:
    for condition in statement.conditions:
        host, _, claim = condition.lower_key.rpartition(":")
        operator = condition.comparison
        if claim != "sub" or host not in hosts:
            continue
        if operator.negated or operator.family in ("", "Null"):
            continue
        others = [other for other in statement.conditions if other is not condition]
        names_owner = any(_names_owner(other, host) for other in others)
        for node in condition.values:
            text = partly_known_text(node)
            subject = _PART.sub(_FILLED_IN, text)
            if patterns.has_wildcard(subject) and not operator.accepts_wildcards:
                continue  # literal text, which no token has
            found = _open_subject(node, text, subject, statement, host)
            if found:
                any_owner = found.any_repository and not names_owner and _leaves_owner_open(subject)
                yield found._replace(any_owner=any_owner)


def _open_subject(
    node: Node, text: str, subject: str, statement: Statement, host: str
) -> OpenSubject | None:
    """What a subject leaves open, in which what is filled in has a mark; None if it is nothing."""
    repository = _REPOSITORY.match(subject)
    start = repository.end() if repository else len(_FILLED_IN_REPOSITORY)
    if not repository and subject.startswith(_FILLED_IN_REPOSITORY):
        any_repository = False
    elif not text or (subject != text and not repository):
        return None  # what is filled in may be more than a name
    else:
        any_repository = _leaves_repository_open(subject)
    ref_is_set = _names_ref(statement, host)
    restricted = ref_is_set and ":environment:" not in subject
    may_restrict = _FILLED_IN in subject[start:]
    if not any_repository and (restricted or may_restrict or _names_branch(subject)):
        return None
    any_branch = (
        not any_repository
        and patterns.covers(subject[start:], _ANY_BRANCH)
        and not any(_says_which(other, host) for other in statement.conditions)
    )
    written = as_written(text)
    return OpenSubject(node, written, host, any_repository, False, any_branch, ref_is_set)  # noqa: FBT003


def _says_which(condition: Condition, host: str) -> bool:
    """Whether a condition on another claim lets some workflows of a repository through only."""
    provider_name, _, claim = condition.lower_key.rpartition(":")
    return (
        provider_name == host
        and claim not in _NOT_RESTRICTING
        and condition.comparison.family not in ("", "Null")
        and _ANY_BRANCH.removeprefix("ref:") not in condition.names
    )


def _names_owner(condition: Condition, host: str) -> bool:
    """Whether a condition lets through the repositories of some owners only."""
    provider_name, _, claim = condition.lower_key.rpartition(":")
    operator = condition.comparison
    if provider_name != host or operator.family != "String" or operator.negated:
        return False
    if claim == "sub":
        return not any(map(_leaves_owner_open, condition.names))
    return claim in OWNER_CLAIMS and not any(
        patterns.has_wildcard(name[:1]) for name in condition.names
    )


def _leaves_owner_open(subject: str) -> bool:
    head = patterns.literal_prefix(subject)
    return _REPO.startswith(head) or (head.startswith(_REPO) and not _OWNER_END.search(head))


def _leaves_repository_open(subject: str) -> bool:
    repository = _REPOSITORY.match(subject)
    return patterns.has_wildcard(f"{repository[1]}{repository[3]}" if repository else subject)


def _names_branch(subject: str) -> bool:
    ref = _REF.search(subject)
    return ref is not None and not patterns.has_wildcard(ref[1])


def _names_ref(statement: Statement, host: str) -> bool:
    return any(
        condition.lower_key == f"{host}:ref"
        and not condition.comparison.negated
        and condition.comparison.family not in ("", "Null")
        and all(
            node.value is UNKNOWN
            or not (isinstance(node.value, str) and patterns.has_wildcard(node.value))
            for node in condition.values
        )
        for condition in statement.conditions
    )


ASSUME_ROLE = "sts:AssumeRole"
WITH_SAML = "sts:AssumeRoleWithSAML"
WITH_WEB_IDENTITY = "sts:AssumeRoleWithWebIdentity"
SET_SOURCE_IDENTITY = "sts:SetSourceIdentity"
TAG_SESSION = "sts:TagSession"


def is_of_services(policy: Policy | None) -> bool:
    """Whether a trust policy lets only services assume its role."""
    principals = [statement.principal for statement in policy.statements] if policy else []
    return bool(principals) and all(
        found
        and found.key == "Principal"
        and {member.key for member in found.value.fields()} == {"Service"}
        for found in principals
    )


def may_allow(statements: Iterable[Statement], action: str) -> bool:
    """Whether one of the statements allows an action; what is not known may do so."""
    return any(
        statement.allows and (statement.negates_actions or _names(statement, action))
        for statement in statements
    )


def _names(statement: Statement, action: str) -> bool:
    lower = action.lower()
    return any(
        node.value is UNKNOWN
        or (isinstance(node.value, str) and patterns.matches(node.value.lower(), lower))
        for node in statement.actions
    )


def named_actions(statement: Statement) -> frozenset[str]:
    """The actions without wildcards, in lower case."""
    return frozenset(
        text.lower() for _, text in statement.action_texts if not patterns.has_wildcard(text)
    )
