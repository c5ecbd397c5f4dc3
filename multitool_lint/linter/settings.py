"""The settings by which one file is linted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import Enum

from multitool_lint.aws.catalog.tables import BUNDLED
from multitool_lint.diagnostics.rule import Rule, Severity
from multitool_lint.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.aws.catalog.records import Extras
    from multitool_lint.linter.ignore_entries import Ignores
    from multitool_lint.policy.policy_type import PolicyType

SUMMARIZED = ("any-github-branch", "full-service-access", "unscoped-resource")
"""The rules that are one note in a policy, and no findings, unless they are selected."""


class Opinion(Enum):
    """About which findings parliament is asked whether it reports the same."""

    NONE = "none"
    USUAL = "usual"
    EVERY = "every"


class FileSettings(NamedTuple):  # noqa: PLW1641  # a mapping has no hash
    """What holds for one file: its configuration, and before that the options of the command.

    `enabled` are the rules that run. `type` and `resource_type` are given where the shape of a
    policy does not decide them. `failing` are the severities that make a run fail. `others` are the
    ids of the rules that are not ours, those that do not run among them. Of the rules that are
    `summarized`, and run too, a policy has one note instead of findings. `parameters` are what
    another template gives to the one in the file. `opinion` says about what parliament is asked.

    Equal settings lead to the same findings, and have the same `repr` in every process.
    """

    enabled: Mapping[str, Rule]
    type: PolicyType | None = None
    resource_type: str | None = None
    catalog: Catalog | None = None
    severities: tuple[tuple[str, Severity], ...] = ()
    ignores: Ignores | None = None
    failing: tuple[Severity, ...] = tuple(Severity)
    others: tuple[str, ...] = ()
    summarized: tuple[str, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    opinion: Opinion = Opinion.USUAL

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FileSettings):
            return NotImplemented
        return self._facts() == other._facts() and self.failing == other.failing

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __repr__(self) -> str:
        facts = ", ".join(f"{name}={value!r}" for name, value in self._facts().items())
        return f"FileSettings({facts})"

    def __reduce__(self) -> tuple[Callable[..., FileSettings], tuple[object, ...]]:
        fields = {**self._asdict(), "enabled": dict(self.enabled), "catalog": None}
        return _restored, (fields, self._catalog_elsewhere())

    def _catalog_elsewhere(self) -> tuple[str, Extras] | None:
        """Where the catalog is; that of the package may be in another folder there."""
        if self.catalog is None or (
            self.catalog.directory == BUNDLED and not any(self.catalog.extras)
        ):
            return None
        return self.catalog.directory, self.catalog.extras

    def _facts(self) -> dict[str, object]:
        """What decides about findings; of a catalog, where it is and what is added to it."""
        catalog = self.catalog
        return {
            "enabled": tuple(sorted(self.enabled)),
            "type": self.type and self.type.value,
            "resource_type": self.resource_type,
            "catalog": catalog and (catalog.directory, catalog.extras),
            "severities": tuple((id_, severity.value) for id_, severity in self.severities),
            "ignores": self.ignores and self.ignores.facts(),
            "others": tuple(self._others()),
            "summarized": self.summarized,
            "parameters": self.parameters,
            "opinion": self.opinion.value,
        }

    def _others(self) -> Iterator[tuple[object, ...]]:
        """The rules that are not ours, with what they find if they run."""
        for id_ in sorted(self.others):
            rule = self.enabled.get(id_)
            yield (id_, rule.severity.value, rule.types, rule.check) if rule else (id_,)


def _restored(fields: Mapping[str, Any], catalog: tuple[str, Extras] | None) -> FileSettings:
    """The settings from another process, with the catalog that others in this process have."""
    from multitool_lint.aws.catalog import locate as copies

    found = copies.catalog_at(*catalog) if catalog else None
    return FileSettings(**{**fields, "catalog": found})
