"""The rules that are not ours: those that a configuration writes, and those of its plugins."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from multitool_lint.aws.action_status import ActionStatus, action_status
from multitool_lint.aws.catalog.attested import evidence, service_evidence
from multitool_lint.config.values import ALL
from multitool_lint.diagnostics.rule import TOPICS, Rule, former_ids, rules
from multitool_lint.org_rules.plugins import rules_of
from multitool_lint.policy.condition_keys import unknown_key
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.boundary import below

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.config.toml_value import TomlValue


class ExtraRule(NamedTuple):
    """A rule that is not ours, on the files that some of the patterns match: on all without any.

    `actions` and `keys` are what it says of actions and condition keys, each with the place of its
    mention. `line` is that of the rule in the configuration, or of the plugin that offers it.
    """

    rule: Rule
    paths: tuple[re.Pattern[str], ...] = ()
    actions: tuple[tuple[str, str], ...] = ()
    keys: tuple[tuple[str, str], ...] = ()
    line: int | None = None

    def covers(self, path: str, folder: str) -> bool:
        """Whether the rule is for a file, where the patterns are of paths below a folder."""
        if not self.paths:
            return True
        name = below(path, folder)
        return name is not None and any(pattern.fullmatch(name) for pattern in self.paths)


def of_plugins(plugins: TomlValue, ids: set[str]) -> Iterator[ExtraRule]:
    """The rules of the plugins that a configuration names; their ids are added to those in use."""
    expected = "a list of names of installed distributions"
    for name in plugins.items(expected):
        line = name.mistakes.line(name.place)
        for rule in name.parse(rules_of) or ():
            if why := taken(rule.id, ids):
                name.add_mistake(f'plugin "{name.content}": {why}')
            else:
                ids.add(rule.id)
                yield ExtraRule(rule, line=line)


def taken(id_: str, others: Collection[str]) -> str:
    """Why a rule cannot have an id, empty if it can."""
    if id_ in rules() or id_ in former_ids() or id_ == ALL:
        return f'"{id_}" is a built-in rule'
    if id_ in TOPICS:
        return f'"{id_}" is the name of a topic'
    return f'"{id_}" is the id of another rule' if id_ in others else ""


def page(id_: str, message: str, entry: Mapping[str, Any], where: str) -> str:
    """The page of a rule that a configuration writes: what it says, and how it is written."""
    lines = [f"{key} = {toml(value)}" for key, value in entry.items()]
    written = "\n".join(["[[rules]]", *lines])
    return f"# `{id_}`\n\n{message}\n\nWritten in {where}:\n\n```toml\n{written}\n```\n"


def toml(value: object) -> str:
    """A value as TOML has it; all values but tables are written as in JSON."""
    if isinstance(value, dict):
        pairs = (f"{_key(key)} = {toml(item)}" for key, item in value.items())
        return f"{{ {', '.join(pairs)} }}" if value else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    return json.dumps(value, ensure_ascii=False, default=str)


def _key(key: str) -> str:
    return key if re.fullmatch("[A-Za-z0-9_-]+", key) else json.dumps(key, ensure_ascii=False)


def mistaken_names(extra_rules: Iterable[ExtraRule], catalog: Catalog) -> Iterator[str]:
    """What is wrong with actions and condition keys of rules: a catalog does not have them.

    A rule about what does not exist would never find anything, and pass for one that does.
    """
    for rule in extra_rules:
        for action, where in rule.actions:
            if not catalog.match(action):
                yield f'{where}: "{action}" matches no action{_suggestion(action, catalog)}'
        for key, where in rule.keys:
            if found := unknown_key(catalog, key, PolicyType.IDENTITY):
                yield f'{where}: "{key}" {found.problem}{found.help and "; "}{found.help}'


def _suggestion(action: str, catalog: Catalog) -> str:
    """What was probably meant, and else how to make it known."""
    found = action_status(catalog, action)
    if found is ActionStatus.MALFORMED:
        return "; expected service:action, such as s3:GetObject"
    prefix = action.partition(":")[0]
    if found is ActionStatus.UNKNOWN_SERVICE:
        close = () if service_evidence(catalog, prefix) else catalog.close_services(prefix)
        words = f'; unknown service "{prefix}"'
    else:
        close = catalog.authorising(action)
        if not close and not evidence(catalog, action):
            close = catalog.close_actions(action)
        words = ""
    if close:
        hint = "did you mean " + " or ".join(f'"{name}"' for name in close) + "?"
    else:
        hint = "extra-actions adds actions that AWS does not document"
    return f"{words}; {hint}"
