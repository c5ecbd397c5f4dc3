"""Rules of another distribution, which is built and installed for real."""

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]

ROOT = Path(__file__).parents[2]
PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "1.2"

[project.entry-points."multitool_lint.rules"]
{entries}

[tool.hatch.build.targets.wheel]
packages = ["{package}"]
"""
GOOD = '''\
def check(policy, context):
    """Every action that is a star."""
    for statement in policy.statements:
        for node, text in statement.action_texts:
            if text == "*":
                yield context.finding(node, "no stars at Acme")
'''
RAISING = "def check(policy, context):\n    raise LookupError('no such table')\n"
LEAVING = "import sys\n\n\ndef check(policy, context):\n    sys.exit(0)\n"
ODD = "def check(policy, context):\n    yield 'a text'\n"
PAGE = """\
# `{id}`

```toml
severity = "security"
since = "1.0"
topics = ["actions"]
types = ["identity"]
```

## What it finds

An action that is a star.

## Why it matters

Stars are for the sky.

## References

* <https://wiki.example.com/stars>
"""
STAR = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
)


def build(folder: Path, name: str, modules: dict[str, str], *, page: str = PAGE) -> Path:
    """Build the wheel of a distribution with a rule in each module of its package."""
    package = name.replace("-", "_")
    files = {
        "pyproject.toml": PYPROJECT.format(
            name=name,
            package=package,
            entries="\n".join(f'{id_} = "{package}.{id_[5:]}:check"' for id_ in modules),
        ),
        f"{package}/__init__.py": "",
        **{f"{package}/{id_[5:]}.py": text for id_, text in modules.items()},
        **{f"{package}/{id_}.md": page.format(id=id_) for id_ in modules},
    }
    for path, text in files.items():
        target = folder / name / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=folder / name, check=True, capture_output=True)
    (wheel,) = folder.glob(f"{package}-*.whl")
    return wheel


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with this tool, what it needs, and plugins."""
    folder = tmp_path_factory.mktemp("plugins")
    wheels = [
        build(folder, "acme-rules", {"acme-star": GOOD}),
        build(
            folder, "acme-faults", {"acme-raising": RAISING, "acme-odd": ODD, "acme-exit": LEAVING}
        ),
        build(folder, "acme-broken", {"acme-import": "import not_there_at_all\n"}),
        build(folder, "acme-gone", {"acme-leaves": "raise SystemExit(0)\n"}),
        build(folder, "acme-pageless", {"acme-page": GOOD}, page="# A page\n"),
        build(folder, "acme-twin", {"acme-star": GOOD}),
    ]
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    scripts = "Scripts" if os.name == "nt" else "bin"
    python = folder / "venv" / scripts / "python"
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder / "venv")}))
    folders = f"{ROOT}\n{sysconfig.get_path('purelib')}\n"
    (packages / "beside.pth").write_text(folders, encoding="utf-8")
    for wheel in wheels:
        # What pip does with a wheel of Python alone; there may be no pip here.
        with ZipFile(wheel) as contents:
            contents.extractall(packages)
    return python


@pytest.fixture
def run(python: Path, tmp_path: Path) -> Run:
    """Run the command there, in a repository of one policy."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "policy.json").write_text(STAR, encoding="utf-8")

    def run_command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [python, "-m", "multitool_lint", *arguments],
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            env={**os.environ, "NO_COLOR": "1", "PYTHONUTF8": "1"},
            check=False,
        )

    return run_command


def configure(folder: Path, *plugins: str, more: str = "") -> None:
    text = f"# a comment\nplugins = {json.dumps(plugins)}\n{more}"
    (folder / "multitool-lint.toml").write_text(text, encoding="utf-8")


@pytest.mark.slow
def test_nothing_is_loaded_that_is_not_named(run: Run, tmp_path: Path) -> None:
    assert "acme" not in run("rules").stdout
    result = run("--select", "acme-star", "policy.json")
    assert result.returncode == 2
    assert 'unknown rule "acme-star"' in result.stderr
    code = (
        "import sys; from multitool_lint.cli import main; main(sys.argv[1:]); "
        "print('multitool_lint.org_rules.plugins' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "policy.json")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.endswith("False\n")


def test_a_rule_of_a_plugin_is_a_rule_like_all_others(run: Run, tmp_path: Path) -> None:
    configure(tmp_path, "acme-rules")
    result = run("--select", "acme-star", "--format", "lines", "policy.json")
    line = "policy.json:1:71: security[acme-star] no stars at Acme"
    assert (result.returncode, result.stdout.splitlines()[0], result.stderr) == (1, line, "")
    assert line in run("--format", "lines", "policy.json").stdout
    assert line in run("--format", "lines", "--select", "actions", "policy.json").stdout
    assert line not in run("--ignore", "acme-star", "policy.json").stdout
    listed = run("rules").stdout
    assert "An action that is a star. (plugin acme-rules 1.2)\n" in listed
    page = run("explain", "acme-star").stdout
    assert page.startswith("acme-star (security)\n")
    assert "\nFrom: plugin acme-rules 1.2\n" in page
    assert "\nWhy it matters\n\nStars are for the sky.\n" in page
    assert "acme-star: security: An action that is a star." in run("config").stdout
    log = json.loads(run("--select", "acme-star", "--format", "sarif", "policy.json").stdout)
    (rule,) = log["runs"][0]["tool"]["driver"]["rules"]
    assert rule["helpUri"] == "https://wiki.example.com/stars"
    assert rule["fullDescription"]["text"] == ("An action that is a star. Stars are for the sky.")
    page = run("--select", "acme-star", "--format", "html", "policy.json").stdout
    assert "Stars are for the sky." in page


def test_its_settings_and_suppressions_are_those_of_all_rules(run: Run, tmp_path: Path) -> None:
    more = (
        'select = ["acme-star"]\n[severity]\nacme-star = "suggestion"\n'
        '[[ignore]]\nrule = "acme-star"\npath = "b.json"\nreason = "known"\n'
    )
    configure(tmp_path, "acme-rules", more=more)
    (tmp_path / "b.json").write_text(STAR, encoding="utf-8")
    result = run("--format", "lines", "b.json", "policy.json")
    assert result.stdout.splitlines()[0] == (
        "policy.json:1:71: suggestion[acme-star] no stars at Acme"
    )
    assert "1 suppressed" in result.stdout + result.stderr


@pytest.mark.slow
def test_other_processes_and_the_cache_know_it_too(run: Run, tmp_path: Path) -> None:
    configure(tmp_path, "acme-rules", more='select = ["acme-star"]\n')
    for number in range(40):
        (tmp_path / f"p{number}.json").write_text(STAR, encoding="utf-8")
    cache = ["--cache-dir", str(tmp_path / "cache")]
    one = run("--jobs", "1", "--no-cache", ".")
    assert one.stdout.count("[acme-star]") == 41
    for arguments in (["--jobs", "2", "--no-cache"], ["--jobs", "2", *cache], cache):
        other = run(*arguments, ".")
        assert (other.stdout, other.returncode) == (one.stdout, 1)
    configure(tmp_path, "acme-faults", more='select = ["acme-raising"]\n')
    assert run(*cache, ".").stdout.count("[internal-error]") == 41


def test_a_fault_of_a_plugin_is_reported_with_its_name_and_the_others_go_on(
    run: Run, tmp_path: Path
) -> None:
    configure(tmp_path, "acme-rules", "acme-faults", more='extend-select = ["acme-star"]\n')
    result = run("--format", "lines", "policy.json")
    assert result.returncode == 2
    assert "[acme-star]" in result.stdout
    assert "[full-admin-access]" in result.stdout
    for words in (
        "acme-raising of plugin acme-faults 1.2 failed on this policy: LookupError",
        "acme-odd of plugin acme-faults 1.2 failed on this policy: PluginError",
        "acme-exit of plugin acme-faults 1.2 failed on this policy: SystemExit",
    ):
        assert words in result.stdout
    assert "Traceback" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("plugin", "message"),
    [
        (
            "acme-nowhere",
            'plugin "acme-nowhere" is not installed in the environment of multitool-lint',
        ),
        ("pytest", 'plugin "pytest" has no rules'),
        ("acme-broken", "cannot be loaded: ModuleNotFoundError: No module named"),
        ("acme-gone", "cannot be loaded: SystemExit"),
        ("acme-pageless", 'the page of "acme-page": acme-page.md: expected the id as heading'),
        ("acme-twin", '"acme-star" is the id of another rule'),
        ("", 'plugin "" is not installed'),
    ],
)
def test_a_plugin_that_cannot_be_used_is_a_mistake_with_its_line(
    plugin: str, message: str, run: Run, tmp_path: Path
) -> None:
    configure(tmp_path, "acme-rules", plugin)
    result = run("policy.json")
    assert result.returncode == 2
    assert result.stderr.startswith("error: multitool-lint.toml:2: ")
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_nothing_is_loaded_from_the_folder_that_is_linted(run: Run, tmp_path: Path) -> None:
    (tmp_path / "evil").mkdir()
    (tmp_path / "evil" / "__init__.py").write_text("raise SystemExit('loaded')\n")
    metadata = tmp_path / "evil-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[multitool_lint.rules]\nevil-rule = evil:check\n")
    configure(tmp_path, "evil")
    result = run("policy.json")
    assert result.returncode == 2
    assert 'plugin "evil" is not installed' in result.stderr
