"""Service principals: the names under which AWS services call other services.

AWS publishes no complete list of them: a name that is not known here may well exist.
"""

from __future__ import annotations

import re
from functools import lru_cache

from multitool_lint.aws import arn
from multitool_lint.aws.catalog import name_index
from multitool_lint.aws.catalog.tables import Rows, bundled_table
from multitool_lint.aws.regions import partition_of

_SUFFIX = ".amazonaws.com"
_SLIPS_FROM = 5
"""Letters: of shorter names, many that exist are a letter apart."""


@bundled_table("service_principals.tsv")
def service_principals(rows: Rows) -> tuple[str, ...]:
    """The known service principals, sorted."""
    return tuple(row[0] for row in rows)


def is_known(name: str) -> bool:
    """Whether it is a known service principal, its regional and Chinese forms included."""
    return _plain(name) in _known()


def describe_unknown(name: str) -> str | None:
    """Say why a name is hardly meant as a service principal."""
    from multitool_lint.aws.service_requests import is_service_principal

    close = () if is_known(name) else close_principals(name)
    if close:
        return f'"{name}" is not a known service principal; did you mean "{close[0]}"?'
    if not is_service_principal(name):
        return f'"{name}" is not a service principal such as lambda.amazonaws.com'
    return None


def close_principals(name: str) -> tuple[str, ...]:
    """The known service principals most like that name, the best first."""
    near = name_index.close(name_index.fold(_plain(name)).removesuffix(_SUFFIX), _stems())
    return tuple(service_principals()[at] for at in near)


def misspelt(name: str) -> str | None:
    """The known service principal of which an unknown one is a misspelling, by a letter or two.

    Names with digits are taken for versions of others, and those that differ in their number of
    labels for different services.
    """
    if is_known(name):
        return None
    stem = _plain(name).removesuffix(_SUFFIX)
    intended = next((known for known in _stems() if _is_slip(stem, known)), None)
    return intended and f"{intended}{_SUFFIX}"


def _is_slip(text: str, intended: str) -> bool:
    """Whether a text is another one with a letter or a hyphen added, lost, changed or swapped."""
    if abs(len(text) - len(intended)) > 1 or len(intended) < _SLIPS_FROM:
        return False
    start = name_index.common_length(text, intended)
    end = name_index.common_length(text[start:][::-1], intended[start:][::-1])
    wrong, right = text[start : len(text) - end], intended[start : len(intended) - end]
    if "." in wrong + right or any(map(str.isdigit, text + intended)):
        return False
    return len(wrong) < 2 > len(right) or wrong == right[::-1]  # noqa: PLR2004 - one letter


def known_beginning(text: str) -> str | None:
    """The known service principal of which only the Region or the domain is filled in elsewhere."""
    labels = re.match(_BEGINNING, text)
    name = f"{labels[1]}{_SUFFIX}" if labels else ""
    return _plain(name) if is_known(name) else None


@lru_cache(maxsize=1)
def _stems() -> tuple[str, ...]:
    return tuple(name.removesuffix(_SUFFIX) for name in service_principals())


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(service_principals())


def _plain(name: str) -> str:
    """`logs.us-east-1.amazonaws.com` and `logs.amazonaws.com.cn` without what is added."""
    labels = name.removesuffix(".cn").split(".")
    return ".".join(label for label in labels if partition_of(label) is None)


# Compiled when they are first needed: most policies name no principals.
_BEGINNING = r"([a-z0-9-]+(?:\.[a-z0-9-]+)*+)\."
_UNIQUE_ID = r"A[A-Z]{3}[A-Z0-9]{8,}"
_NAMES = {
    "iam": r"(?s:root|(user|role|federated-user)/.+)",
    "sts": r"(?s:assumed-role/.+/.+|federated-user/.+|self)",
}
_ROOT = r"arn:[^:]+:iam::([0-9]{12}):root"
_ROLE = r"arn:([^:]+):iam::([0-9]{12}):role/(?:.*/)?([^/*?]+)"
_SESSION = r"arn:([^:]+):sts::([0-9]{12}):assumed-role/([^/*?]+)/.+"


def is_aws(text: str) -> bool:
    """Whether a text without wildcards can be under `AWS`.

    The unique id of a user or role (`AIDA...`, `AROA...`) is what AWS shows of a deleted one.
    """
    if arn.is_account_id(text) or re.fullmatch(_UNIQUE_ID, text):
        return True
    prefix, *fields = text.split(":", arn.FIELDS - 1)
    if prefix != "arn" or len(fields) != arn.FIELDS - 1:
        return False
    partition, service, region, account, name = fields
    return bool(
        arn.is_partition(partition)
        and service in _NAMES
        and not region
        and (arn.is_account_id(account) or account == "cloudfront")
        and re.fullmatch(_NAMES[service], name)
    )


def account_of_root(text: str) -> str:
    """The account whose root user an ARN names, which means the same; other texts as they are."""
    found = re.fullmatch(_ROOT, text)
    return found[1] if found else text


def role_of(text: str) -> tuple[str, ...] | None:
    """The partition, account and name of the role that an ARN names."""
    found = re.fullmatch(_ROLE, text)
    return found and found.groups()


def role_of_session(text: str) -> tuple[str, ...] | None:
    """The partition, account and name of the role of the session that an ARN names."""
    found = re.fullmatch(_SESSION, text)
    return found and found.groups()


def role_arn(role: tuple[str, ...]) -> str:
    """The ARN of a role without a path, given as `role_of` does."""
    partition, account, name = role
    return f"arn:{partition}:iam::{account}:role/{name}"


def session_of(role: tuple[str, ...], name: str) -> str:
    """The ARN of a session of a role, given as `role_of` does."""
    partition, account, role_name = role
    return f"arn:{partition}:sts::{account}:assumed-role/{role_name}/{name}"
