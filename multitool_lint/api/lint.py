"""The library: `lint` and `fix`, which keep nothing, print nothing and read no configuration."""

from __future__ import annotations

import json
import os
from functools import lru_cache, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, overload

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.config import Config, check_attachment, check_resource_type, check_rules
from multitool_lint.config.values import ENGINES, check_engine
from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.lint import lint_with_settings
from multitool_lint.linter.settings import FileSettings, Opinion
from multitool_lint.reporters.reasons import in_words
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.diagnostics.finding import Finding
    from multitool_lint.diagnostics.rule import Rule
    from multitool_lint.linter.report import Report
    from multitool_lint.policy.policy_type import PolicyType

    Text = Source | os.PathLike[str] | str
    Given = Text | dict[str, Any]
    Copy = Catalog | os.PathLike[str] | str | None

PATH = "<policy>"
"""The path of findings in a policy that was not read from a file."""


def lint(  # noqa: PLR0913  # the options of the command
    policy: Given,
    *,
    type: PolicyType | str | None = None,
    resource_type: str | None = None,
    select: Iterable[str] | None = None,
    ignore: Iterable[str] | None = None,
    strict: bool = False,
    engine: str | None = None,
    confirm_all: bool = False,
    access_levels: str | None = None,
    catalog: Copy = None,
) -> list[Finding]:
    """Lint a policy, and return its findings in the order of their positions.

    A `Path` is read as the command line reads a file of that name. A `Source` is a text that is
    treated as the file of its path, such as that in an editor. A `str` is the text of a policy in
    JSON or YAML, never a path. A `dict` is converted to JSON with an indent of two, and positions
    refer to that text. A syntax error is a finding. The other arguments are the options
    of the command line with these names; the default of `catalog` is the copy in the package, even
    if there is an update.

    Of findings about unknown actions and services and malformed elements, `Finding.confirmed_by`
    says whether parliament reports them, too. With `confirm_all`, it is asked about the others as
    well, as the command does for JSON: that takes longer.

    Without `strict`, a policy that could not be read, as one in a variable, has no findings if the
    file also has a policy that could be read.

    Raises:
        OSError: the file cannot be read.
        ValueError: the path is a folder, the file is not UTF-8, it has no policy that can be read,
            the value of an argument is not known, or the catalog is damaged; with `strict`, also if
            a policy could not be read, or an Effect, Action or NotAction could not be resolved.
        TypeError: the policy has another type, or a dict contains values that JSON does not have.
    """
    catalog = with_levels(catalog, access_levels)
    settings = read_settings(
        type, resource_type, select, ignore, catalog, engine=engine, confirm_all=confirm_all
    )
    report = lint_with_settings(read_source(policy), settings)
    report.warn_of_former_ids()
    require_policy(report, strict=strict)
    return list(report.findings)


@overload
def fix(
    policy: Text,
    *,
    unsafe: bool = False,
    keep_wildcards: bool = False,
    type: PolicyType | str | None = None,
    resource_type: str | None = None,
    select: Iterable[str] | None = None,
    ignore: Iterable[str] | None = None,
    catalog: Copy = None,
) -> str: ...


@overload
def fix(
    policy: dict[str, Any],
    *,
    unsafe: bool = False,
    keep_wildcards: bool = False,
    type: PolicyType | str | None = None,
    resource_type: str | None = None,
    select: Iterable[str] | None = None,
    ignore: Iterable[str] | None = None,
    catalog: Copy = None,
) -> dict[str, Any]: ...


def fix(  # noqa: PLR0913  # the options of the command
    policy: Given,
    *,
    unsafe: bool = False,
    keep_wildcards: bool = False,
    type: PolicyType | str | None = None,
    resource_type: str | None = None,
    select: Iterable[str] | None = None,
    ignore: Iterable[str] | None = None,
    catalog: Copy = None,
) -> str | dict[str, Any]:
    """Apply safe fixes, and with `unsafe` also the others; return the fixed policy.

    With `keep_wildcards`, values are removed that are redundant next to a wildcard that grants
    more. The result of a `dict` is a new `dict`, that of anything else the new text; a file does
    not change. Arguments and errors are those of
    `lint`.
    """
    from multitool_lint.rewrite.fix import fix as rewrite

    settings = read_settings(type, resource_type, select, ignore, catalog)
    result = rewrite(
        read_source(policy),
        lint=partial(lint_with_settings, settings=settings, confirms=False),
        unsafe=unsafe,
        keep_wildcards=keep_wildcards,
        catalog=settings.catalog,
    )
    result.remaining.warn_of_former_ids()
    require_policy(result.remaining)
    return json.loads(result.text) if isinstance(policy, dict) else result.text


def require_policy(report: Report, *, strict: bool = False) -> None:
    """See that there was something to lint, and with `strict` that nothing of it is unknown.

    Raises:
        ValueError: there was not, or something is.
    """
    path = report.source.path
    if not report.policy_count and not report.findings:
        raise ValueError(f"{path}: no policy: {in_words(report.why_empty)}")
    if not strict:
        return
    unknown = [
        (block.span, f"not read: {in_words(block.why)}") for block in report.skipped if block.unread
    ]
    unknown += [(span, f"{element} could not be resolved") for span, element in report.unresolved]
    for span, why in unknown:
        line, column = report.source.position(span.start)
        raise ValueError(f"{path}:{line}:{column}: {why}")


def read_source(policy: object) -> Source:
    """The source that a user of the library means.

    Raises:
        OSError, ValueError, TypeError: as `lint` says.
    """
    if isinstance(policy, Source):
        return policy
    if isinstance(policy, str):
        return Source(PATH, policy)
    if isinstance(policy, dict):
        try:
            return Source(PATH, json.dumps(policy, indent=2, ensure_ascii=False) + "\n")
        except RecursionError as error:
            raise ValueError(f"{PATH}: the dict is nested too deeply") from error
    if isinstance(policy, os.PathLike):
        path = os.fspath(policy)
        try:
            return reading.read(path)
        except reading.UnreadableError as error:
            raise ValueError(f"{path}: {error}") from error
    raise TypeError(f"a policy is a Path, Source, str or dict, not {policy.__class__.__name__}")


def read_settings(  # noqa: PLR0913  # the options of the functions
    type: PolicyType | str | None,
    resource_type: str | None,
    select: Iterable[str] | None,
    ignore: Iterable[str] | None,
    catalog: Copy,
    *,
    engine: str | None = None,
    confirm_all: bool = False,
) -> FileSettings:
    """What the options of the library's functions say.

    Raises:
        ValueError: one names nothing known.
    """
    enabled, summarized, others = _chosen(
        None if select is None else listed(select), listed(ignore or ()), engine
    )
    if resource_type is not None:
        resource_type = check_resource_type(resource_type)
    type_, resource_type = (
        check_attachment(type, resource_type) if isinstance(type, str) else (type, resource_type)
    )
    return FileSettings(
        enabled,
        type_,
        resource_type,
        catalog_of(catalog) if catalog is not None else None,
        others=others,
        summarized=summarized,
        opinion=Opinion.EVERY if confirm_all else Opinion.USUAL,
    )


@lru_cache(maxsize=16)
def _chosen(
    select: tuple[str, ...] | None, ignore: tuple[str, ...], engine: str | None
) -> tuple[Mapping[str, Rule], tuple[str, ...], tuple[str, ...]]:
    """The rules that run, those to be summarized, and the ids of others that there are.

    They are kept because calls ask for the same ones.
    """
    config = Config(
        select=None if select is None else check_rules(select, select=True),
        ignore=check_rules(ignore, select=False),
        engine=ENGINES[0] if engine is None else check_engine(engine),
    )
    enabled = MappingProxyType(config.enabled(rules()))
    return enabled, config.summarized(), config.extra_rule_ids


def with_levels(catalog: Copy, levels_of: str | None) -> Copy:
    """The catalog in which the access levels count that an option names.

    Raises:
        ValueError: it names none.
    """
    if levels_of is None:
        return catalog
    from multitool_lint.aws.catalog import locate as copies
    from multitool_lint.config.catalog import CatalogSettings, check_levels

    found = bundled() if catalog is None else catalog_of(catalog)
    settings = CatalogSettings(found.directory, found.extras).with_levels(check_levels(levels_of))
    return copies.catalog_at(found.directory, settings.extras)


def catalog_of(catalog: Catalog | os.PathLike[str] | str) -> Catalog:
    """The catalog that an argument means: itself, or that in a folder."""
    if isinstance(catalog, str | os.PathLike):
        from multitool_lint.aws.catalog import locate as copies

        return copies.catalog_at(os.fspath(catalog))
    return catalog


def listed(texts: Iterable[str]) -> tuple[str, ...]:
    """The texts of an argument, of which a single one may be given as a string."""
    return (texts,) if isinstance(texts, str) else tuple(texts)
