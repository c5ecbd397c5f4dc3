"""Settings as read: of a configuration, and of a file that it is for."""

from __future__ import annotations

import os

from multitool_lint.config.catalog import CatalogSettings
from multitool_lint.config.errors import ConfigError
from multitool_lint.config.values import ALL, ENGINES, FAIL_ON, NEVER
from multitool_lint.diagnostics.rule import PARLIAMENT, Rule, Severity, parliament_types, rules
from multitool_lint.linter.settings import SUMMARIZED
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.syntax.boundary import below

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Mapping

    from multitool_lint.config.extra_rules import ExtraRule
    from multitool_lint.linter.ignore_entries import IgnoreEntry
    from multitool_lint.policy.policy_type import PolicyType

FILE = "multitool-lint.toml"
"""The name of a configuration."""


class TableOrigin(NamedTuple):
    """The file that a configuration is in, as it is shown, and the place of its table there."""

    path: str
    table: tuple[str, ...] = ()


class RuleDecision(NamedTuple):
    """Whether a rule runs, and the setting that decides: its key, or "default"."""

    runs: bool
    by: str


class PolicySettings(NamedTuple):
    """What an entry of `[[policies]]` says about the files that its pattern matches."""

    path: re.Pattern[str]
    type: PolicyType | None
    resource_type: str | None


class PathIgnores(NamedTuple):
    """The rules that do not run on the files that a pattern matches."""

    path: re.Pattern[str]
    rules: tuple[str, ...]


class Config(NamedTuple):
    """Settings, and the folder that their paths are below; `select` is None where not given.

    `exclude` holds patterns as .gitignore has them. `fail_on` is None where not given. Where
    rules are named, so may be their topics.
    """

    folder: str = os.curdir
    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    policies: tuple[PolicySettings, ...] = ()
    per_path_ignores: tuple[PathIgnores, ...] = ()
    severities: tuple[tuple[str, Severity], ...] = ()
    fail_on: str | None = None
    exclude: tuple[str, ...] = ()
    ignores: tuple[IgnoreEntry, ...] = ()
    catalog: CatalogSettings = CatalogSettings()
    extra_rules: tuple[ExtraRule, ...] = ()
    baseline: str | None = None
    engine: str = ENGINES[0]
    origin: TableOrigin | None = None

    def enabled(
        self, known: Mapping[str, Rule], ignored: tuple[str, ...] = ()
    ) -> Mapping[str, Rule]:
        """Those of the rules that are to run where some are ignored for the path.

        With parliament as the engine, those of its finding types: what is selected of ours, such as
        in a configuration for both, says nothing about these.

        Raises:
            ConfigError: a finding type of parliament is selected, and it is not the engine.
        """
        theirs = parliament_types()
        if self.engine == PARLIAMENT:
            from multitool_lint.engines.parliament.itself import finding_rules

            named = tuple(id_ for id_ in self.select or () if id_ in theirs or id_ == ALL)
            of_types = self._replace(select=named or None)
            return {
                id_: rule
                for id_, rule in finding_rules().items()
                if of_types.decide(rule, ignored).runs
            }
        for id_ in (*(self.select or ()), *self.extend_select):
            if id_ in theirs:
                raise ConfigError(
                    f'"{id_}" is a finding type of parliament; it needs --engine parliament'
                )
        return {id_: rule for id_, rule in known.items() if self.decide(rule, ignored).runs}

    def decide(self, rule: Rule, ignored: tuple[str, ...] = ()) -> RuleDecision:
        """Whether a rule is to run where some are ignored for the path, and why."""
        names = {rule.id, *rule.topics}
        if not names.isdisjoint(self.ignore):
            return RuleDecision(runs=False, by="ignore")
        if not names.isdisjoint(ignored):
            return RuleDecision(runs=False, by="per-path-ignores")
        names.add(ALL)
        if self.select and not names.isdisjoint(self.select):
            return RuleDecision(runs=True, by="select")
        if not names.isdisjoint(self.extend_select):
            return RuleDecision(runs=True, by="extend-select")
        if self.select is not None:
            return RuleDecision(runs=False, by="select")
        return RuleDecision(rule.default, by="default")

    def summarized(self, ignored: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The rules of which a policy has one note where some are ignored for the path."""
        if self.engine == PARLIAMENT:
            return ()
        return tuple(
            id_ for id_ in SUMMARIZED if self.decide(rules()[id_], ignored).by == "default"
        )

    def extra_rules_at(self, path: str) -> tuple[ExtraRule, ...]:
        """The rules that are not ours and are for a file."""
        return tuple(extra for extra in self.extra_rules if extra.covers(path, self.folder))

    def known(self, extra_rules: tuple[ExtraRule, ...] | None = None) -> Mapping[str, Rule]:
        """The rules that there are: ours, and those or all that are not ours."""
        others = self.extra_rules if extra_rules is None else extra_rules
        if not others:
            return rules()
        return {**rules(), **{extra.rule.id: extra.rule for extra in others}}

    @property
    def failing(self) -> tuple[Severity, ...]:
        """The severities that make a run fail, the most severe first: all of them if not given."""
        if self.fail_on == NEVER:
            return ()
        slightest = Severity.SUGGESTION.value if self.fail_on is None else self.fail_on
        return tuple(Severity)[: FAIL_ON.index(slightest) + 1]

    @property
    def extra_rule_ids(self) -> tuple[str, ...]:
        """The ids of the rules that are not ours."""
        if self.engine == PARLIAMENT:
            return tuple(sorted(parliament_types()))
        return tuple(extra.rule.id for extra in self.extra_rules)

    def policy_settings(self, path: str) -> tuple[PolicyType | None, str | None]:
        """The types that the first matching entry of `[[policies]]` gives a file's policies."""
        number = self.policy_entry(path)
        if number is None:
            return None, None
        return self.policies[number].type, self.policies[number].resource_type

    def policy_entry(self, path: str) -> int | None:
        """The number of the first entry of `[[policies]]` that matches a file."""
        name = below(path, self.folder) if self.policies else None
        if name is None:
            return None
        matching = (n for n, entry in enumerate(self.policies) if entry.path.fullmatch(name))
        return next(matching, None)

    def ignored_at(self, path: str) -> tuple[str, ...]:
        """The rules that `[per-path-ignores]` ignores in a file."""
        name = below(path, self.folder) if self.per_path_ignores else None
        if name is None:
            return ()
        matching = (entry for entry in self.per_path_ignores if entry.path.fullmatch(name))
        return tuple(sorted({id_ for ignores in matching for id_ in ignores.rules}))
