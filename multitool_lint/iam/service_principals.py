"""Service principals: the names under which AWS services call other services.

AWS publishes no complete list of them: a name that is not known here may well exist.
"""

from __future__ import annotations

from functools import lru_cache

from multitool_lint.iam import name_index
from multitool_lint.iam.regions import partition_of
from multitool_lint.iam.tables import BUNDLED, read_rows

_SUFFIX = ".amazonaws.com"


@lru_cache(maxsize=1)
def service_principals() -> tuple[str, ...]:
    """The known service principals, sorted."""
    return tuple(row[0] for row in read_rows(BUNDLED, "service_principals.tsv"))


def is_known(name: str) -> bool:
    """Whether it is a known service principal, its regional and Chinese forms included."""
    return _plain(name) in _known()


def close_principals(name: str) -> tuple[str, ...]:
    """The known service principals most like that name, the best first."""
    near = name_index.close(name_index.fold(_plain(name)).removesuffix(_SUFFIX), _stems())
    return tuple(service_principals()[at] for at in near)


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
