"""What the catalog knows of a condition key, whichever service has it, remembered."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from multitool_lint.aws.catalog.queries import condition_key

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.catalog import Catalog, ConditionKey

TAG_KEY = "tag-key"
"""How some services spell the variable part of a documented key (`ssm:resourceTag/tag-key`)."""


_TYPES = {
    # https://docs.aws.amazon.com/amazonglacier/latest/dev/vault-lock-policy.html
    "glacier:archiveageindays": frozenset({"Numeric"}),
}
"""The types of keys of which the Service Authorization Reference says something else."""


@lru_cache(maxsize=4096)
def known_key(catalog: Catalog, name: str) -> ConditionKey | None:
    """The condition key of that name, in any case."""
    found = condition_key(catalog, name)
    family, slash, rest = name.partition("/")
    if found is None and slash and rest:
        # Some services leave the tag key out of the documented name, or write a word for it.
        for spelling in ("/", f"/{TAG_KEY}"):
            found = found or condition_key(catalog, family + spelling)
    return found


@lru_cache(maxsize=4096)
def value_types(catalog: Catalog, name: str) -> frozenset[str]:
    """The types that each value of a key may have; none of a key of which they are not known."""
    if name.lower() in _TYPES:
        return _TYPES[name.lower()]
    found = known_key(catalog, name)
    return _of_each(found.types if found else ())


@lru_cache(maxsize=256)
def _of_each(types: tuple[str, ...]) -> frozenset[str]:
    # There are few; each key would keep a set of its own.
    return frozenset(type_.removeprefix("ArrayOf") for type_ in types)
