"""What a finding says besides what it is about."""

import tomllib
from pathlib import Path

import pytest
from support.report_samples import finding

from multitool_lint.diagnostics.rule import DOCUMENTATION
from multitool_lint.syntax.source import Source


def test_the_documentation_is_where_the_package_says() -> None:
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["project"]["urls"]["Documentation"] == DOCUMENTATION


def test_the_page_of_a_rule_has_an_address_and_that_of_an_extra_rule_has_none() -> None:
    assert finding().docs == f"{DOCUMENTATION}rules/redundant-action.html"
    assert finding(rule="acme-star").docs == ""


@pytest.mark.parametrize(
    ("path", "quoted"),
    [
        ("a/policy.json", "a/policy.json"),
        ("my policies/p.json", "'my policies/p.json'"),
        ("$(touch x).json", "'$(touch x).json'"),
        ("--fix.json", "./--fix.json"),
        ("-", "-"),
    ],
)
def test_help_has_the_path_as_a_shell_reads_it(path: str, quoted: str) -> None:
    found = finding(source=Source(path, "{}"), help_template="run: multitool-lint fix {file}")
    assert found.help == f"run: multitool-lint fix {quoted}"
