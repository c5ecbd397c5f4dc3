"""Service principals: the names under which AWS services call other services.

AWS publishes no complete list of them: a name that is not known here may well exist.
"""

from __future__ import annotations

from functools import lru_cache

from multitool_lint.aws.catalog import name_index
from multitool_lint.aws.catalog.tables import BUNDLED, read_rows
from multitool_lint.aws.regions import partition_of

_SUFFIX = ".amazonaws.com"
_SLIPS_FROM = 5
"""Letters: of shorter names, many that exist are a letter apart."""


@lru_cache(maxsize=1)
def service_principals() -> tuple[str, ...]:
    """The known service principals, sorted."""
    return tuple(row[0] for row in read_rows(BUNDLED, "service_principals.tsv"))


def is_known(name: str) -> bool:
    """Whether it is a known service principal, its regional and Chinese forms included."""
    return _plain(name) in _known()


def doubt(name: str) -> str | None:
    """Say why a name is hardly meant as a service principal."""
    from multitool_lint.aws.service_requests import is_service_principal

    close = () if is_known(name) else close_principals(name)
    if close:
        return f'"{name}" is no service principal that is known; did you mean "{close[0]}"?'
    if not is_service_principal(name):
        return f'"{name}" is no service principal such as lambda.amazonaws.com'
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
    meant = next((known for known in _stems() if _is_slip(stem, known)), None)
    return meant and f"{meant}{_SUFFIX}"


def _is_slip(text: str, meant: str) -> bool:
    """Whether a text is another one with a letter or a hyphen added, lost, changed or swapped."""
    if abs(len(text) - len(meant)) > 1 or len(meant) < _SLIPS_FROM:
        return False
    start = _alike(text, meant)
    end = _alike(text[start:][::-1], meant[start:][::-1])
    wrong, right = text[start : len(text) - end], meant[start : len(meant) - end]
    if "." in wrong + right or any(map(str.isdigit, text + meant)):
        return False
    return len(wrong) < 2 > len(right) or wrong == right[::-1]  # noqa: PLR2004 - one letter


def _alike(one: str, other: str) -> int:
    """How many characters two texts begin with in common."""
    pairs = zip(one, other, strict=False)
    differing = (at for at, (a, b) in enumerate(pairs) if a != b)
    return next(differing, min(len(one), len(other)))


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
