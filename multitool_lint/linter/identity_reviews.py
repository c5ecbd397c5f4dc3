"""What each identity of a source comes to: an administrator, or one that can become one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from functools import partial

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.rule import rules
from multitool_lint.formats import is_terraform, read_source
from multitool_lint.linter.deployed_identities import identities_in
from multitool_lint.linter.file_deployments import deployment_of
from multitool_lint.linter.identities import Pair, identities_of, located_findings
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.assumable_roles import AssumableRoles
from multitool_lint.policy.identities import Identity, IdentityKind
from multitool_lint.syntax.source import Source, Span, position_of

_RULES = ("combined-escalation", "identity-takeover", "role-chain")


class Privilege(Enum):
    """What an identity comes to, the strongest first; the value is the heading for such ones."""

    ADMINISTRATOR = "Administrators"
    ESCALATES = "Can escalate their privileges on any resource"
    BECOMES = "Can become an administrator"
    OTHER = "Others"


class Boundary(Enum):
    """What is known of the permissions boundary of an identity, in words."""

    NONE = ""
    KNOWN = "limited by a permissions boundary"
    UNKNOWN = "has a permissions boundary that is not known"


class Review(NamedTuple):
    """What is known of an identity: the ids of its open `paths`, and findings about it.

    So many of its policies are `unknown`. Of its trust policy, `unused` are the principals by
    which nobody can assume it.
    """

    title: str
    place: str
    privilege: Privilege
    paths: tuple[str, ...]
    findings: tuple[Finding, ...]
    boundary: Boundary
    unknown: int
    unused: tuple[str, ...]


def reviews(source: Source, catalog: Catalog, seen: set[str]) -> list[Review]:
    """The reviews of the identities of a source; of Terraform, of its folder if not `seen`."""
    if not is_terraform(source):
        loaded = read_source(source)
        pairs = identities_of(loaded, source)
        place = partial(position_of, source)
        return _reviews(pairs, source, catalog, place, has_all=bool(loaded.accounts))
    deployed = deployment_of(source)
    folder = os.path.dirname(source.path)  # noqa: PTH120 - as it is written
    if deployed is None or folder in seen:
        return []
    seen.add(folder)
    identities, files = identities_in(deployed.deployment)

    def position_in_file(span: Span) -> str:
        path, span = files.in_file(span)
        around = os.path.dirname(deployed.path) or "."  # noqa: PTH120
        shown = os.path.normpath(os.path.join(folder, os.path.relpath(path, around)))  # noqa: PTH118
        return position_of(Source(shown, files.text(path)), span)

    all_pairs = ((identity, identities.entries) for identity in identities.found())
    return _reviews(all_pairs, files.source, catalog, position_in_file)


def _reviews(
    pairs: Iterable[Pair],
    source: Source,
    catalog: Catalog,
    place: Callable[[Span], str],
    *,
    has_all: bool = False,
) -> list[Review]:
    """The reviews of identities, in their order; `has_all` says that no others are there."""
    roles = AssumableRoles(catalog)
    unknown: list[int] = []
    enabled = {id_: rules()[id_] for id_ in _RULES}
    found: dict[str, list[Finding]] = {}
    counted = _counted(pairs, unknown, catalog)
    for located in located_findings(counted, source, enabled, catalog, roles):
        found.setdefault(located.identity.address, []).append(located.found.finding)
    unused: dict[int, list[str]] = {}
    for role, principal in roles.unused_trust() if has_all else ():
        unused.setdefault(id(role), []).append(principal)
    return [
        _review(
            identity, count, found, tuple(unused.get(id(identity), ())), roles, catalog
        )._replace(place=place(identity.span))
        for identity, count in zip(roles.identities, unknown, strict=True)
        if identity.kind is not IdentityKind.UNATTACHED
    ]


def _counted(pairs: Iterable[Pair], unknown: list[int], catalog: Catalog) -> Iterator[Pair]:
    for identity, entries in pairs:
        unknown.append(sum(found.document(catalog) is None for found in identity.policies))
        yield identity, entries


def _review(
    identity: Identity,
    unknown: int,
    found: Mapping[str, list[Finding]],
    unused: tuple[str, ...],
    roles: AssumableRoles,
    catalog: Catalog,
) -> Review:
    paths = roles.takeovers.escalating(identity)
    findings = tuple(found.get(identity.address, ()))
    if roles.is_administrator(identity):
        privilege = Privilege.ADMINISTRATOR
    elif paths:
        privilege = Privilege.ESCALATES
    elif roles.way_to_administrator(identity) or roles.takeovers.way(identity):
        privilege = Privilege.BECOMES
    else:
        privilege = Privilege.OTHER
    known = [bool(limit.document(catalog)) for limit in identity.boundaries]
    boundary = Boundary.KNOWN if all(known) else Boundary.UNKNOWN
    return Review(
        identity.title,
        "",
        privilege,
        tuple(dict.fromkeys(path.id for path in paths)),
        findings,
        boundary if known else Boundary.NONE,
        unknown,
        unused,
    )
