"""The library: `lint` and `fix`, which change nothing and print nothing."""

from __future__ import annotations

import json
import os
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, overload

from multitool_lint.api.configuration import Configuration
from multitool_lint.aws.catalog.catalog import Catalog, bundled
from multitool_lint.config.catalog import BUNDLED, CatalogSettings
from multitool_lint.config.settings import AppliedSettings, Options, checked_options
from multitool_lint.linter.lint import lint_with_settings
from multitool_lint.linter.settings import Opinion
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from multitool_lint.diagnostics.finding import Finding
    from multitool_lint.linter.report import Report
    from multitool_lint.policy.policy_type import PolicyType

    Text = Source | os.PathLike[str] | str
    Given = Text | dict[str, Any]
    Copy = Catalog | os.PathLike[str] | str | None

PATH = "<policy>"
"""The path of findings in a policy that was not read from a file."""


class PolicyError(ValueError):
    """A policy that cannot be linted: its path, why, and perhaps line and column."""

    def __str__(self) -> str:
        path, reason, *position = self.args
        return f"{':'.join([path, *map(str, position)])}: {reason}"


def lint(  # noqa: PLR0913  # the options of the command
    policy: Given,
    *,
    config: Configuration | None = None,
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
    refer to that text. A syntax error is a finding. The other arguments are the options of the
    command line with these names, and count before a `config`. Without one, no configuration is
    read. The default of `catalog` is the copy in the package, even if there is an update.

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
    settings = read_settings(
        config,
        catalog,
        Opinion.EVERY if confirm_all else Opinion.USUAL,
        type=type,
        resource_type=resource_type,
        select=select,
        ignore=ignore,
        engine=engine,
        access_levels=access_levels,
    )
    source = read_source(policy)
    report = lint_with_settings(source, settings.of(source.path))
    report.warn_of_former_ids()
    require_policy(report, strict=strict)
    return list(report.findings)


@overload
def fix(
    policy: Text,
    *,
    unsafe: bool = False,
    keep_wildcards: bool = False,
    config: Configuration | None = None,
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
    config: Configuration | None = None,
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
    config: Configuration | None = None,
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

    source = read_source(policy)
    settings = read_settings(
        config, catalog, type=type, resource_type=resource_type, select=select, ignore=ignore
    ).of(source.path)
    result = rewrite(
        source,
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
        raise PolicyError(path, f"no policy: {report.why_empty.in_words()}")
    if not strict:
        return
    unknown = [
        (block.span, f"not read: {block.why.in_words()}")
        for block in report.skipped
        if block.unread
    ]
    unknown += [(span, f"{element} could not be resolved") for span, element in report.unresolved]
    for span, why in unknown:
        raise PolicyError(path, why, *report.source.position(span.start))


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
            raise PolicyError(PATH, "the dict is nested too deeply") from error
    if isinstance(policy, os.PathLike):
        path = os.fspath(policy)
        try:
            return reading.read(path)
        except reading.UnreadableError as error:
            raise PolicyError(path, str(error)) from error
    raise TypeError(f"a policy is a Path, Source, str or dict, not {policy.__class__.__name__}")


def read_settings(
    config: Configuration | None = None,
    catalog: Copy = None,
    opinion: Opinion = Opinion.USUAL,
    *,
    select: Iterable[str] | None = None,
    ignore: Iterable[str] | None = None,
    **options: Any,  # noqa: ANN401 - those of `checked_options`
) -> AppliedSettings:
    """What holds for each file by a configuration and the options of the library's functions.

    Raises:
        ValueError: one of them is not valid.
    """
    chosen = checked_options(
        select=None if select is None else listed(select), ignore=listed(ignore or ()), **options
    )
    given = None if catalog is None else catalog_of(catalog)
    return _applied(config or _NO_CONFIGURATION, chosen, given, opinion)


_NO_CONFIGURATION = Configuration()


@lru_cache(maxsize=16)
def _applied(
    config: Configuration, options: Options, catalog: Catalog | None, opinion: Opinion
) -> AppliedSettings:
    """What holds for each file, kept because calls ask for the same."""
    applied = config.applied(options, partial(_catalog, catalog), opinion)
    applied.config("")  # a mistake in the options is one at once
    return applied


def _catalog(given: Catalog | None, settings: CatalogSettings) -> Catalog:
    """The catalog that is given, or else configured, with what a configuration adds."""
    directory = settings.directory
    if given is None:
        given = catalog_of(None if directory == BUNDLED else directory)
    if not any(settings.extras):
        return given
    from multitool_lint.aws.catalog import locate as copies

    return copies.catalog_at(given.directory, settings.extras)


def catalog_of(catalog: Copy) -> Catalog:
    """The catalog that an argument means: itself, that in a folder, or that of the package."""
    if catalog is None:
        return bundled()
    if isinstance(catalog, str | os.PathLike):
        from multitool_lint.aws.catalog import locate as copies

        return copies.catalog_at(os.fspath(catalog))
    return catalog


def listed(texts: Iterable[str]) -> tuple[str, ...]:
    """The texts of an argument, of which a single one may be given as a string."""
    return (texts,) if isinstance(texts, str) else tuple(texts)
