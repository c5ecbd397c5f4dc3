"""The library: configuration as the command applies it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint.config import Config, ConfigFinder, read_config
from multitool_lint.config.settings import AppliedSettings, Options
from multitool_lint.diagnostics.rule import Rule, is_preview
from multitool_lint.linter import baseline as baselines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.config.catalog import CatalogSettings
    from multitool_lint.diagnostics.finding import Finding
    from multitool_lint.linter.baseline import KnownFindings
    from multitool_lint.linter.settings import Opinion

    Place = os.PathLike[str] | str


class Configuration:
    """What a configuration file says, and a baseline, for the files below its folder.

    Rules, severities, types of policies, rules of your own, catalog, entries and comments that
    suppress findings, and baselines count as they do for the command.
    """

    def __init__(self, config: Config | None = None, known: KnownFindings | None = None) -> None:
        self._config = config or Config()
        self._known = known

    @classmethod
    def find(cls, path: Place, *, baseline: Place | None = None) -> Configuration:
        """The configuration that the command applies to a file, or to the files in a folder.

        It is the nearest one upwards in the repository; without one, it is empty.

        Raises:
            OSError: the baseline cannot be read.
            ValueError: the configuration or the baseline is not valid.
        """
        file = Path(path, "-") if Path(path).is_dir() else Path(path)
        return cls._with(ConfigFinder().nearest(str(file)), baseline)

    @classmethod
    def read(cls, path: Place, *, baseline: Place | None = None) -> Configuration:
        """The configuration in a file of any name.

        Raises:
            OSError, ValueError: as `find` says.
        """
        return cls._with(read_config(os.fspath(path)), baseline)

    @classmethod
    def _with(cls, config: Config, baseline: Place | None) -> Configuration:
        named = config.baseline if baseline is None else os.fspath(baseline)
        return cls(config, None if named is None else baselines.read(named))

    @property
    def path(self) -> str | None:
        """The file that it is in; None if there is none."""
        return self._config.origin.path if self._config.origin else None

    def fails(self, findings: Iterable[Finding]) -> bool:
        """Whether the command exits with 1 for some findings, by `fail-on`."""
        failing = self._config.failing
        return any(f.severity in failing and not is_preview(f.rule) for f in findings)

    @property
    def own_rules(self) -> Mapping[str, Rule]:
        """The rules that it adds, by their ids."""
        return {extra.rule.id: extra.rule for extra in self._config.extra_rules}

    def applied(
        self,
        options: Options,
        catalog_of: Callable[[CatalogSettings], Catalog],
        opinion: Opinion,
    ) -> AppliedSettings:
        """What holds for each file if options are given, too."""
        counts = self._known.counts if self._known else None
        return AppliedSettings(
            options,
            lambda _: self._config,
            catalog_of,
            known=counts and (lambda path, _: counts(path)),
            opinion=opinion,
        )
