"""The package: what is in it, who imports whom, and that it never looks outside."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

import multitool_lint

ROOT = Path(__file__).parent.parent
POLICY = (
    '{"Version": "2012-10-17", "Statement": '
    '[{"Effect": "Allow", "Action": ["s3:Get*", "s3:GetObject"], "Resource": "*"}]}\n'
)

UNKNOWN_ACTION = POLICY.replace("s3:Get*", "s3:NoSuchAction")

# Run as the command would be, where opening a socket or looking up a name is an error.
OFFLINE = """
import socket, sys

def refuse(*arguments, **options):
    raise AssertionError("the network was asked")

class Refused(socket.socket):
    def __new__(cls, *arguments, **options):
        refuse()

socket.socket = Refused
socket.create_connection = socket.getaddrinfo = socket.gethostbyname = refuse
from multitool_lint.cli import main
sys.exit(main(sys.argv[1:]))
"""


def project() -> dict[str, Any]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        table: dict[str, Any] = tomllib.load(file)["project"]
    return table


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    [path] = folder.glob("*.whl")
    return path


def test_every_dependency_has_a_reason() -> None:
    page = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\* (.+?): ", page, re.MULTILINE)
    documented = {name for line in lines for name in re.findall(r"`([\w-]+)`", line)}
    required = {re.split("[>=<]", text)[0] for text in project()["dependencies"]}
    assert documented == required | {"multitool-lint"}


def test_boto3_is_not_imported() -> None:
    code = (
        "import sys; "
        "sys.modules |= dict.fromkeys(['boto3', 'botocore', 's3transfer', 'dateutil']); "
        "from multitool_lint import lint; "
        f"findings = lint({UNKNOWN_ACTION!r}); print([f.confirmed_by for f in findings])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "parliament" in done.stdout


def test_the_version_is_written_in_one_place() -> None:
    assert "version" in project()["dynamic"]


@pytest.mark.slow
def test_the_wheel_holds_what_a_run_needs(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert "multitool_lint/py.typed" in names
    assert "multitool_lint/rules/index.json" in names
    assert "multitool_lint/rules/schemas/output.json" in names
    for page in (ROOT / "rules").glob("*.md"):
        assert f"multitool_lint/rules/{page.name}" in names
    for data in (ROOT / "multitool_lint" / "aws" / "catalog" / "data").rglob("*.*"):
        assert data.relative_to(ROOT).as_posix() in names
    assert {name.partition("/")[0] for name in names} == {
        "multitool_lint",
        f"multitool_lint-{multitool_lint.__version__}.dist-info",
    }
    assert wheel.stat().st_size < 3_200_000


@pytest.mark.slow
def test_the_wheel_is_enough(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    (tmp_path / "policy.json").write_text(POLICY, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "multitool_lint", "policy.json", "--select=redundant-action"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "installed")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "[redundant-action]" in done.stdout


def test_layers_import_only_what_is_below_them() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["policy.json"],
        ["page.md", "--format=json"],
        ["policy.json", "--format=access-analyzer"],
        ["policy.json", "--select=ALL", "--diff"],
        ["fix", "policy.json", "--diff"],
        ["expand", "policy.json"],
        ["tighten", "--access-level=read", "policy.json"],
        ["explain", "redundant-action"],
        ["rules"],
        ["--version"],
    ],
)
def test_the_network_is_never_asked(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text(POLICY, encoding="utf-8")
    (tmp_path / "page.md").write_text(f"```json\n{POLICY}```\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE, *arguments],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stderr
    assert "the network was asked" not in done.stdout + done.stderr
    assert done.stdout + done.stderr


def test_the_version_is_printed_without_what_linting_needs() -> None:
    program = (
        "import sys; from multitool_lint.cli import main; main(['--version']);print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "multitool_lint.aws.catalog.catalog" in loaded
    assert not loaded & {"argparse", "jsonschema", "parliament", "multitool_lint.linter.engine"}


def test_a_run_loads_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    """Each of these takes a noticeable part of the time that a run has."""
    (tmp_path / "policy.json").write_text(POLICY, encoding="utf-8")
    program = (
        "import sys; from multitool_lint.cli import main;main(['policy.json']); print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    assert not loaded & {
        "boto3",
        "botocore",
        "difflib",
        "importlib.metadata",
        "markdown_it",
        "multitool_lint.cli.commands.fix",
        "multitool_lint.api.lint",
        "multitool_lint.reporters.json",
        "multitool_lint.rewrite",
        "pkg_resources",
        "policy_sentry",
        "setuptools",
        "subprocess",
        "tempfile",
        "tomllib",
    }
