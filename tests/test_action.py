"""The GitHub Action: its scripts run in a real shell, with the environment that a runner makes."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.made_once import made_once
from support.planted_modules import plant

ROOT = Path(__file__).parent.parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")
POLICY = (
    '{"Version": "2012-10-17", "Statement": [{"Sid": "One", "Effect": "Allow", "Action": '
    '["sqs:SendMessage", "sqs:sendmessage"], "Resource": '
    '"arn:aws:sqs:eu-west-1:111122223333:orders"}]}\n'
)
HOSTILE = (
    "$(touch pwned)",
    "`touch pwned`",
    '"; touch pwned; "',
    "'; touch pwned; '",
    "a; touch pwned",
    "a && touch pwned",
    "${IFS}x$HOME",
    "*",
    "-rf",
    "--fix",
    "!!",
    "\\",
    "::error::pwned",
    "a b\tc",
    "EOF",
)
# As a job may have it for its own tests.
IN_CHECKOUT = {"PYTHONPATH": "."}
RECORDER = """\
#!/bin/sh
printf '%s\\0' "$@" >"$RECORD"
"""

pytestmark = pytest.mark.skipif(
    shutil.which("bash") is None or os.name == "nt", reason="needs bash"
)


@dataclass
class Runner:
    """A runner: folders, files for what steps say, and the values of expressions."""

    folder: Path
    values: dict[str, str] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("workspace", "temp"):
            (self.folder / name).mkdir(exist_ok=True)
        for name in ("output", "summary"):
            (self.folder / name).touch()

    @property
    def workspace(self) -> Path:
        return self.folder / "workspace"

    def step(self, name: str, **inputs: str) -> subprocess.CompletedProcess[str]:
        """Run the script of a step as https://docs.github.com/actions says of `shell: bash`."""
        step = STEPS[name]
        given = {key.replace("_", "-"): value for key, value in inputs.items()}
        script = self.folder / "script.sh"
        script.write_text(step["run"], encoding="utf-8")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
            cwd=self.workspace,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.folder),
                **{name: value for name, value in os.environ.items() if name.startswith("PIP_")},
                "PIP_COMPILE": "0",  # what is not imported need not be compiled
                "RUNNER_TEMP": str(self.folder / "temp"),
                "GITHUB_ACTION_PATH": str(ROOT),
                "GITHUB_OUTPUT": str(self.folder / "output"),
                "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
                **self.extra,  # the job's, which the step's override
                **{key: self.evaluate(value, given) for key, value in step["env"].items()},
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not list(self.folder.rglob("pwned")), done
        return done

    def evaluate(self, text: str, inputs: dict[str, str]) -> str:
        def value(expression: re.Match[str]) -> str:
            context, _, name = expression[1].partition(".")
            if context == "inputs":
                return inputs.get(name, str(ACTION["inputs"][name]["default"]))
            if expression[1].startswith(("github.event.", "steps.access.")):
                return self.values.get(expression[1], "")
            return self.values[expression[1]]

        return EXPRESSION.sub(value, text)

    @property
    def outputs(self) -> dict[str, str]:
        lines = (self.folder / "output").read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The temporary folder of a runner in which the action has installed the tool."""
    python = {"steps.python.outputs.python-path": sys.executable}

    def install(folder: Path) -> None:
        runner = Runner(folder, python, IN_CHECKOUT)
        plant(runner.workspace, folder / "imported")
        done = runner.step("Install multitool-lint")
        assert done.returncode == 0, done
        assert done.stdout.startswith("multitool-lint 0.")
        assert not (folder / "imported").exists(), (folder / "imported").read_text(encoding="utf-8")

    return made_once(tmp_path_factory, "runner", install) / "temp" / "multitool-lint"


@pytest.fixture
def runner(tmp_path: Path, installed: Path) -> Runner:
    runner = Runner(tmp_path)
    (tmp_path / "temp" / "multitool-lint").symlink_to(installed)
    return runner


@pytest.fixture
def recorded(tmp_path: Path) -> Runner:
    """A runner on which the tool writes down its arguments."""
    runner = Runner(tmp_path, {}, {"RECORD": str(tmp_path / "record")})
    bin_ = tmp_path / "temp" / "multitool-lint" / "bin"
    bin_.mkdir(parents=True)
    (bin_ / "python").symlink_to(sys.executable)
    program = bin_ / "multitool-lint"
    program.write_text(RECORDER, encoding="utf-8")
    program.chmod(0o755)
    return runner


def arguments(runner: Runner) -> list[str]:
    return Path(runner.extra["RECORD"]).read_text(encoding="utf-8").split("\0")[:-1]


def check(program: str, *arguments: str) -> None:
    """Run a program of the development environment, which finds nothing wrong."""
    path = shutil.which(program, path=Path(sys.executable).parent)
    if path is None and os.environ.get("REQUIRE_INTEROP") != "1":
        pytest.skip(f"{program} is in the dependency group interop")
    assert path, f"{program} is not installed"
    done = subprocess.run([path, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_action_follows_the_schema() -> None:
    check("check-jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml")


def test_an_auditor_finds_nothing_in_the_action_and_the_workflows() -> None:
    check("zizmor", "--offline", "--persona=pedantic", "action.yml", ".github")


def test_inputs_reach_scripts_through_the_environment_only() -> None:
    scripts = [step["run"] for step in STEPS.values() if "run" in step]
    assert len(scripts) == 5
    assert not [script for script in scripts if "${{" in script]


def test_actions_of_others_are_pinned_to_a_commit() -> None:
    used = [step["uses"] for step in STEPS.values() if "uses" in step]
    assert len(used) == 3
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", reference) for reference in used)


@pytest.mark.slow
def test_a_run_reports_everywhere(runner: Runner) -> None:
    (runner.workspace / "policy.json").write_text(POLICY, encoding="utf-8")
    done = runner.step("Lint", select="redundant-action")
    assert done.returncode == 0, done
    assert done.stdout.startswith("::notice "), done.stdout
    assert "file=policy.json,line=1" in done.stdout
    sarif = runner.folder / "temp" / "multitool-lint-reports" / "findings.sarif"
    assert runner.outputs == {"exit-code": "1", "findings": "1", "sarif-file": str(sarif)}
    (result,) = json.loads(sarif.read_text(encoding="utf-8"))["runs"][0]["results"]
    assert result["ruleId"] == "redundant-action"
    assert "redundant-action" in (runner.folder / "summary").read_text(encoding="utf-8")
    runner.values["steps.check.outputs.exit-code"] = runner.outputs["exit-code"]
    assert runner.step("Result").returncode == 1


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    done = subprocess.run(
        ["git", "-C", folder, *identity, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.mark.slow
@pytest.mark.parametrize("event", ["pull_request.base.sha", "merge_group.base_sha", "before"])
def test_new_access_fails_the_job(runner: Runner, event: str) -> None:
    policy = runner.workspace / "policy.json"
    git(runner.workspace, "init", "--quiet", "--initial-branch=main")
    for action in ("sqs:SendMessage", "iam:CreateUser"):
        text = POLICY.replace("sqs:sendmessage", action)
        policy.write_text(text.replace("arn:aws:sqs:eu-west-1:111122223333:orders", "*"), "utf-8")
        git(runner.workspace, "add", ".")
        git(runner.workspace, "commit", "--quiet", "--message=x")
    runner.values[f"github.event.{event}"] = git(runner.workspace, "rev-parse", "HEAD~")
    done = runner.step("Compare access", fail_on_new_access="true")
    assert done.returncode == 0, done
    assert "### Stopped: 1 new permission for `policy.json`\n" in done.stdout
    assert "iam:CreateUser" in (runner.folder / "summary").read_text(encoding="utf-8")
    assert runner.outputs == {"exit-code": "1"}
    runner.values["steps.check.outputs.exit-code"] = "0"
    runner.values["steps.access.outputs.exit-code"] = "1"
    assert runner.step("Result").returncode == 1
    # What the workflow names comes first.
    for forbid, base, code in (("iam:*\nkms:*\n", "HEAD~", 1), ("kms:*", "HEAD", 0), ("", "x", 2)):
        runner.step("Compare access", forbid=forbid, base=base, fail_on_new_access="true")
        assert runner.outputs == {"exit-code": str(code)}


@pytest.mark.parametrize("value", HOSTILE)
def test_what_access_is_compared_with_arrives_and_runs_nothing(
    recorded: Runner, value: str
) -> None:
    inputs = {"base": value, "forbid": f"{value}\r\n\n{value}", "fail_on_new_access": "true"}
    done = recorded.step("Compare access", **inputs)
    assert done.returncode == 0, done
    assert arguments(recorded) == [
        "diff",
        f"--base={value}",
        "--head=HEAD",
        "--format=markdown",
        "--fail-on-new-access",
        f"--forbid={value}",
        f"--forbid={value}",
    ]


@pytest.mark.slow
def test_a_clean_run_passes(runner: Runner) -> None:
    (runner.workspace / "page.md").write_text("# No policy\n", encoding="utf-8")
    done = runner.step("Lint")
    assert done.returncode == 0, done
    assert (runner.outputs["exit-code"], runner.outputs["findings"]) == ("0", "0")
    runner.values["steps.check.outputs.exit-code"] = "0"
    assert runner.step("Result").returncode == 0


@pytest.mark.slow
def test_a_mistake_in_the_inputs_has_no_findings(runner: Runner) -> None:
    done = runner.step("Lint", config="no-such-file.toml")
    assert done.returncode == 0, done
    assert "no-such-file.toml" in done.stdout
    assert runner.outputs == {"exit-code": "2"}
    runner.values["steps.check.outputs.exit-code"] = "2"
    assert runner.step("Result").returncode == 2


@pytest.mark.slow
def test_files_give_the_runner_no_commands(runner: Runner) -> None:
    (runner.workspace / "a\n::error::pwned.json").write_text(POLICY[:-3], encoding="utf-8")
    for format_ in ("text", "github", "lines"):
        lines = runner.step("Lint", format=format_).stdout.splitlines()
        stopped = None
        for line in lines:
            if line.startswith("::stop-commands::"):
                stopped = line.removeprefix("::stop-commands::")
            elif line == f"::{stopped}::":
                stopped = None
            elif stopped is None:
                assert not line.lstrip().startswith("::error::pwned")
        assert stopped is None


@pytest.mark.slow
def test_nothing_is_imported_from_the_checkout(runner: Runner) -> None:
    marker = runner.folder / "imported"
    runner.extra.update(IN_CHECKOUT)
    plant(runner.workspace, marker)
    (runner.workspace / "policy.json").write_text(POLICY, encoding="utf-8")
    done = runner.step("Lint")
    assert (done.returncode, runner.outputs["findings"]) == (0, "1"), done
    assert not marker.exists(), marker.read_text(encoding="utf-8")


@pytest.mark.parametrize("value", HOSTILE)
def test_what_an_input_says_arrives_and_runs_nothing(recorded: Runner, value: str) -> None:
    names = ("config", "select", "ignore", "fail_on", "format")
    done = recorded.step("Lint", paths=value, args=value, **dict.fromkeys(names, value))
    assert done.returncode == 0, done
    reports = recorded.folder / "temp" / "multitool-lint-reports"
    assert arguments(recorded) == [
        "check",
        f"--format={value}",
        f"--output=code-scanning={reports}/findings.sarif",
        f"--output=markdown={reports}/summary.md",
        f"--output=json={reports}/findings.json",
        f"--config={value}",
        f"--select={value}",
        f"--ignore={value}",
        f"--fail-on={value}",
        value,
        "--",
        value,
    ]


def test_lines_are_separate_arguments(recorded: Runner) -> None:
    done = recorded.step(
        "Lint",
        paths="a b\r\n\n  c\n-d\n$(touch pwned)",
        args="--baseline=x y\n--jobs=2\n",
        format="a\nb",
    )
    assert done.returncode == 0, done
    given = arguments(recorded)
    assert given[1] == "--format=a\nb"
    assert given[5:] == ["--baseline=x y", "--jobs=2", "--", "a b", "  c", "-d", "$(touch pwned)"]


def test_empty_inputs_are_left_out(recorded: Runner) -> None:
    done = recorded.step("Lint")
    assert done.returncode == 0, done
    assert arguments(recorded)[5:] == ["--", "."]
    assert arguments(recorded)[1] == "--format=github"


def install(folder: Path, version: str) -> tuple[subprocess.CompletedProcess[str], Path]:
    """Run the step that installs, with a Python that writes down what it is asked to install."""
    python = folder / "python"
    python.write_text(
        '#!/bin/sh\n[ "$3" = venv ] && { mkdir -p "$4/bin"; cp "$0" "$4/bin/python"; '
        'cp /bin/true "$4/bin/multitool-lint"; exit; }\nprintf "%s\\n" "$@" >"$RECORD"\n',
        encoding="utf-8",
    )
    python.chmod(0o755)
    runner = Runner(folder, {"steps.python.outputs.python-path": str(python)})
    runner.extra["RECORD"] = str(folder / "record")
    return runner.step("Install multitool-lint", version=version), folder / "record"


@pytest.mark.parametrize("version", ["0.1.0", "1.2", "2.0.0rc1", "1.0.post2"])
def test_a_version_is_installed(tmp_path: Path, version: str) -> None:
    done, record = install(tmp_path, version)
    assert done.returncode == 0, done
    assert record.read_text(encoding="utf-8").splitlines()[-1] == f"multitool-lint=={version}"


@pytest.mark.parametrize(
    "version",
    [*HOSTILE, "1.0 --index-url=https://example.com", "1.0\n--pre", "1.0; x", "@ https://x", "v1"],
)
def test_what_is_not_a_version_is_not_installed(tmp_path: Path, version: str) -> None:
    done, record = install(tmp_path, version)
    assert done.returncode == 2
    assert "the input version is not a version" in done.stdout
    assert not record.exists()


def test_the_upload_waits_for_what_is_asked() -> None:
    step: dict[str, Any] = STEPS["Upload to code scanning"]
    assert step["if"].startswith("inputs.upload-sarif == 'true'")
    assert ACTION["inputs"]["upload-sarif"]["default"] == "false"
    assert list(STEPS).index("Upload to code scanning") == list(STEPS).index("Result") - 1
