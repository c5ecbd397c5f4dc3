"""Compare what parliament reports with what we report, by finding type. See README.md."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import sys
import warnings
from collections import Counter
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import corpus

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.diagnostics.rule import rules
from multitool_lint.engines.parliament import engine
from multitool_lint.engines.parliament.finding_types import AUDITORS
from multitool_lint.formats import read_source
from multitool_lint.linter.engine import lint_source
from multitool_lint.linter.settings import Opinion
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_AUDITED_CHARACTERS = 6_000
"""Of a longer policy, the community auditors are not asked: they take minutes for some."""

Types = dict[str, str]
"""Finding types, each with the details of its first finding."""


class Compared(NamedTuple):
    """A policy: what parliament reports by its own data and by our catalog, and our rules."""

    name: str
    by_own_data: Types | None
    by_our_catalog: Types | None
    rules: frozenset[str]


def main() -> None:
    """Print the two tables, and on demand the policies of a type that only parliament reports."""
    parser = argparse.ArgumentParser(description=__doc__)
    corpus.add_arguments(parser)
    parser.add_argument("--list", metavar="TYPE", help="list what only parliament reports")
    arguments = parser.parse_args()
    parliament = _installed()
    compared = [_compare(name, text, parliament) for name, text in _texts(arguments)]
    print(f"{len(compared)} policies, catalog of {bundled().date}\n")
    if arguments.list:
        _list(arguments.list, compared)
        return
    print("parliament with its own data, and its community auditors for policies of normal size:\n")
    _table([(comparison.by_own_data, comparison.rules) for comparison in compared], AUDITORS)
    print("\nparliament's analysis with our catalog, as every run asks it:\n")
    _table([(comparison.by_our_catalog, comparison.rules) for comparison in compared], ())


def _texts(arguments: argparse.Namespace) -> Iterator[tuple[str, str]]:
    for name, document in corpus.managed(arguments.policies):
        yield name, corpus.text_of(document)
    for entry in corpus.entries(arguments.corpus):
        yield entry["id"], entry.get("text") or corpus.text_of(entry["document"])


def _installed() -> ModuleType:
    """The installed parliament, with a replacement of the setuptools that it needs."""
    sys.path.remove(str(Path(__file__).parent))  # where this file would be found instead
    spec = importlib.util.find_spec("parliament")
    if spec is None or spec.origin is None:
        sys.exit("parliament is not installed")
    folder = Path(spec.origin).parent
    stand_in: Any = SimpleNamespace(resource_filename=lambda _, name: str(folder / name))
    sys.modules.setdefault("pkg_resources", stand_in)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("parliament")


def _compare(name: str, text: str, parliament: ModuleType) -> Compared:
    source = Source(f"{name}.json", text)
    report = lint_source(source, enabled=rules(), opinion=Opinion.EVERY)
    policies = read_source(source).json_policies
    return Compared(
        name,
        _by_own_data(text, parliament),
        _by_our_catalog(policies[0]) if len(policies) == 1 else None,
        frozenset(finding.rule for finding in report.findings),
    )


def _by_own_data(text: str, parliament: ModuleType) -> Types | None:
    audited = len(text) <= MAX_AUDITED_CHARACTERS
    try:
        policy = parliament.analyze_policy_string(text, include_community_auditors=audited)
    except Exception:  # noqa: BLE001 - whatever it is
        return None
    return {finding.issue: str(finding.detail) for finding in reversed(policy.findings)}


def _by_our_catalog(policy: Any) -> Types | None:  # noqa: ANN401 - a Policy
    try:
        issues = engine.analysis().issues(policy, bundled())
    except Exception:  # noqa: BLE001 - as above
        return None
    return {issue.type: issue.pointer for issue in reversed(issues)}


def _table(pairs: Iterable[tuple[Types | None, frozenset[str]]], auditors: Iterable[str]) -> None:
    answering = _answering()
    both: Counter[str] = Counter()
    theirs: Counter[str] = Counter()
    ours: Counter[str] = Counter()
    failed = 0
    for types, found in pairs:
        failed += types is None
        for type_, ids in answering.items():
            if types is None or (type_ in AUDITORS and type_ not in auditors):
                continue
            reported = not found.isdisjoint(ids)
            if type_ in types:
                (both if reported else theirs)[type_] += 1
            else:
                ours[type_] += reported
    print("| finding type | both | only parliament | only we |\n|---|---|---|---|")
    for type_ in sorted(+both + theirs + ours):
        print(f"| {type_} | {both[type_]} | {theirs[type_]} | {ours[type_]} |")
    print(f"\nparliament failed on {failed}.")


def _answering() -> dict[str, set[str]]:
    """The rules that answer each finding type."""
    answering: dict[str, set[str]] = {"EXCEPTION": set()}
    for rule in rules().values():
        for type_ in rule.parliament:
            answering.setdefault(type_, set()).add(rule.id)
    return answering


def _list(type_: str, compared: Iterable[Compared]) -> None:
    ids = _answering()[type_]
    for comparison in compared:
        for types in (comparison.by_own_data, comparison.by_our_catalog):
            if types and type_ in types and comparison.rules.isdisjoint(ids):
                whose = "own data" if types is comparison.by_own_data else "our catalog"
                print(f"{comparison.name} ({whose}): {types[type_][:500]}")


if __name__ == "__main__":
    main()
