"""Run tests of policies: what an identity or a policy can do, cannot do, and may do.

FILES are files of tests, *.iamtest.toml or YAML, and folders with such files; default: those in the
current folder. A test that says "can" holds for every request of its actions, resources and
context, one that says "cannot" for none. What depends on anything else fails, unless the test says
"may": some request is allowed. With --init, a first file of tests is written instead, from what a
policy, or an identity of FILES, can do today.
"""

from __future__ import annotations

import os
import re
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint.cli.files.discover import add_search_arguments, discover
from multitool_lint.cli.options import catalog as catalogs
from multitool_lint.cli.options.settings import Settings
from multitool_lint.cli.output import streams
from multitool_lint.config import ConfigError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from multitool_lint.cli.output.policy_tests import PolicyTestReport
    from multitool_lint.cli.run.policy_tests import PolicyTests

_DEFAULTS = {"stdin_filename": None, "changed_since": None, "discovered": False}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "files", metavar="FILES", nargs="*", help="files of tests, or folders with such files"
    )
    parser.add_argument(
        "--init",
        metavar="NAME",
        help="write a first file of tests of a policy, by its path, or of an identity of FILES",
    )
    parser.add_argument(
        *streams.FORMAT_OPTIONS,
        choices=("text", "json", "junit"),
        default="text",
        help="text: tests that failed; json: all tests; junit: test results in XML",
    )
    group = parser.add_mutually_exclusive_group()
    group.add_argument("-v", "--verbose", action="store_true", help="also print tests that passed")
    group.add_argument("-q", "--quiet", action="store_true", help="print no summary")
    add_search_arguments(parser)
    parser.add_argument(
        "--no-progress",
        action="store_true",
        help="do not show a progress bar, which long runs show on a terminal",
    )
    catalogs.add_config_arguments(parser, "use this configuration for every file")
    catalogs.add_catalog_argument(parser)
    parser.epilog = (
        "exit codes: 0 all tests passed, 1 a test failed, 2 a test could not be run, or none was "
        "found"
    )
    parser.set_defaults(**_DEFAULTS)


def run(arguments: Namespace) -> int:
    """Run the tests, print the results, and return the exit code."""
    from multitool_lint.cli.output.policy_tests import PolicyTestReport
    from multitool_lint.cli.run.outcomes import watched
    from multitool_lint.cli.run.policy_tests import PolicyTests
    from multitool_lint.config.policy_tests import ENDINGS

    settings = Settings(arguments)
    if arguments.init is not None:
        return _write_first(arguments.init, arguments.files, settings)
    report = PolicyTestReport(arguments.format, verbose=arguments.verbose, quiet=arguments.quiet)
    if not arguments.files:
        arguments.files = [os.curdir]
    found, steps = watched(discover(arguments, settings, ENDINGS), arguments)
    with closing(PolicyTests(settings)) as tests:
        for file in steps(iter(found)):
            if file.error:
                report.add_error(file.path, (f"{file.path}: {file.error}",))
            elif not (file.skipped or (file.outside and not file.named)):
                _run_file(file.path, tests, report)
    if report.is_empty:
        hint = "multitool-lint test --init POLICY writes one"
        raise ConfigError(f"no file of tests, such as role.iamtest.toml, was found; {hint}")
    report.end()
    return report.code


def _run_file(path: str, tests: PolicyTests, report: PolicyTestReport) -> None:
    try:
        for result in tests.results(path):
            report.add(path, result)
    except ConfigError as error:
        report.add_error(path, error.args)


def _write_first(name: str, files: list[str], settings: Settings) -> int:
    """Write a first file of tests of a policy or an identity, and return the exit code."""
    from multitool_lint.aws.catalog.catalog import bundled
    from multitool_lint.cli.files.write import create
    from multitool_lint.cli.run.first_tests import FirstTests
    from multitool_lint.cli.run.policy_tests import PolicyTests
    from multitool_lint.config.policy_tests import ENDINGS, Subject

    is_policy = not files and Path(name).is_file()
    target = Path(name).with_suffix(ENDINGS[0])
    subject = Subject(policy=(Path(name).name,))
    if not is_policy:
        short = re.sub("[^A-Za-z0-9_-]+", "-", name.rpartition("/")[2])
        target = Path(f"{short}{ENDINGS[0]}")
        subject = Subject(identity=name, files=tuple(files or (os.curdir,)))
    catalog = settings.of(str(target)).catalog or bundled()
    with closing(PolicyTests(settings)) as tests:
        text = FirstTests(tests, subject, target.parent, catalog).text()
    create(target, text)
    streams.err(f"{target} written; to run it: multitool-lint test {target}\n")
    return 0
