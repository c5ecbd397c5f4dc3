"""The library: `can`, `who_can` and `needs`: what identities may do, what a deployment takes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from multitool_lint.api.evaluate import Evaluation, evaluation_of, levels_of, values_of
from multitool_lint.api.lint import catalog_of, read_source
from multitool_lint.ask import can as asking
from multitool_lint.ask.deployed import Deployed, NotOneIdentityError
from multitool_lint.ask.who_can import who_can as accesses
from multitool_lint.aws.arn import is_account_id
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.deployed_types import PHASES
from multitool_lint.needed.needs import Needs, needs_of
from multitool_lint.policy.evaluation.asked_request import ANY
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.source import position_of

if TYPE_CHECKING:
    from multitool_lint.api.evaluate import Value
    from multitool_lint.api.lint import Given
    from multitool_lint.ask.identities import DeployedIdentity

    Paths = os.PathLike[str] | str | Iterable[os.PathLike[str] | str]
    from collections.abc import Sequence


class IdentityAnswer(NamedTuple):
    """What AWS decides about a request of an identity of files.

    `address` is its logical id, Terraform address or ARN, `kind` is "role", "user", "group",
    "permission set", or "policy" for one of a file without identities; `place` is where it is
    defined. `roles` are the addresses of the roles that it has to assume for the request, one
    after the other, and `evaluation` is about the last one of them then.
    """

    address: str
    name: str
    kind: str
    place: str
    evaluation: Evaluation
    roles: tuple[str, ...] = ()


def can(  # noqa: PLR0913  # the parts of a question
    identity: str,
    action: str,
    resource: str | None = None,
    *,
    files: Paths,
    context: Mapping[str, Value] | None = None,
    complete_context: bool = False,
    resource_account: str | None = None,
    scps: Iterable[Iterable[Given]] = (),
    rcps: Iterable[Iterable[Given]] = (),
    catalog: Catalog | os.PathLike[str] | str | None = None,
) -> IdentityAnswer:
    """Say what AWS decides about a request of an identity, by all policies of files that apply.

    The `identity` is a name, a logical id, a Terraform address or an ARN. `files` are paths of
    templates, Terraform files, configurations of the Serverless Framework, outputs of
    `get-account-authorization-details` and policies, or of folders with such files. A `resource`
    with a wildcard is all that it matches; without one, it is any, and the policies of resources
    are not asked. The `context` is that of `evaluate`, and so are `scps`, which restrict every
    identity, and `rcps`: none for the management account of an organization.

    Raises:
        OSError: a folder cannot be read.
        ValueError: there is no such identity, or more than one, the action is not in the catalog,
            or a file cannot be read.
    """
    known = catalog_of(catalog)
    deployed = _deployed(files, known)
    asked = _question(action, resource, context, known, resource_account, complete=complete_context)
    asked = _within(asked, scps, rcps)
    try:
        found = deployed.named(identity)
    except NotOneIdentityError as error:
        listed = ", ".join(one.address for one in error.candidates)
        problem = "may be each of" if error.is_known else "is not among"
        raise ValueError(f'"{identity}" {problem} {listed or "nothing"}') from None
    answer = asking.answer(found, asked, deployed)
    return _answer_of(found, answer.place, evaluation_of(answer.decision))


def who_can(  # noqa: PLR0913  # as above
    action: str,
    resource: str | None = None,
    *,
    files: Paths,
    context: Mapping[str, Value] | None = None,
    complete_context: bool = False,
    resource_account: str | None = None,
    scps: Iterable[Iterable[Given]] = (),
    rcps: Iterable[Iterable[Given]] = (),
    catalog: Catalog | os.PathLike[str] | str | None = None,
) -> Iterator[IdentityAnswer]:
    """Yield the identities of files that may do an action, those that need no other role first.

    The decision about each is "allowed" or "unknown". The arguments are those of `can`.

    Raises:
        OSError: a folder cannot be read.
        ValueError: the action is not in the catalog, or a file cannot be read.
    """
    known = catalog_of(catalog)
    deployed = _deployed(files, known)
    asked = _question(action, resource, context, known, resource_account, complete=complete_context)
    asked = _within(asked, scps, rcps)
    for access in accesses(asked, deployed):
        roles = tuple(step.identity.address for step in (*access.roles, access.answer)[1:])
        evaluation = evaluation_of(access.decision)
        yield _answer_of(access.identity, access.position, evaluation)._replace(roles=roles)


def _answer_of(identity: DeployedIdentity, place: str, evaluation: Evaluation) -> IdentityAnswer:
    kind = identity.kind.value
    return IdentityAnswer(identity.address, identity.name, kind, place, evaluation)


def _deployed(files: Paths, catalog: Catalog) -> Deployed:
    """What the files deploy.

    Raises:
        ValueError: one cannot be read.
    """
    paths = [files] if isinstance(files, str | os.PathLike) else files
    deployed = Deployed(_each(map(Path, paths)), catalog)
    for place, why in deployed.unread:
        raise ValueError(f"{place}: {why}")
    return deployed


def _each(paths: Iterable[Path]) -> Iterator[str]:
    for path in paths:
        if path.is_dir():
            yield from (str(inner) for inner in sorted(path.iterdir()) if inner.is_file())
        else:
            yield str(path)


def _question(
    action: str,
    resource: str | None,
    context: Mapping[str, Value] | None,
    catalog: Catalog,
    account: str | None,
    *,
    complete: bool,
) -> asking.Question:
    if catalog.action(action) is None:
        raise ValueError(f'"{action}" is not an action in the catalog of {catalog.date}')
    if account is not None and not is_account_id(account):
        raise ValueError(f'"{account}" is not an account of 12 digits')
    keys = {key.lower(): values_of(value) for key, value in (context or {}).items()}
    return asking.Question(action, resource or ANY, keys, catalog, complete, account)


def _within(
    question: asking.Question, scps: Iterable[Iterable[Given]], rcps: Iterable[Iterable[Given]]
) -> asking.Question:
    """The same of an identity and a resource in accounts of an organization."""
    return question._replace(
        scps=levels_of(scps, PolicyType.SCP), rcps=levels_of(rcps, PolicyType.RCP)
    )


def needs(
    deployment: os.PathLike[str] | str | dict[str, Any],
    *,
    operations: Sequence[str] = ("create",),
    catalog: Catalog | os.PathLike[str] | str | None = None,
) -> Needs:
    """List the actions that applying a Terraform plan, a template or a change set takes.

    The `deployment` is a `Path`, a text or a `dict`, as `lint` takes a policy. `operations` are
    what a template is applied for: "create", "update", "delete"; plans and change sets say it
    themselves. `policy()` of the result is a policy that allows what is needed, and `unknown` and
    `unread` list of what it is not known.

    Raises:
        OSError: a file cannot be read.
        ValueError: it is something else, or an operation is not known.
        TypeError: it is not a `Path`, a `str` or a `dict`.
    """
    if not set(operations) <= set(PHASES):
        raise ValueError(f"{tuple(operations)} are not among {PHASES}")
    source = read_source(deployment)
    try:
        return needs_of(source, catalog_of(catalog), tuple(operations))
    except MistakeError as mistake:
        raise ValueError(f"{position_of(source, mistake.span)}: {mistake.message}") from mistake
