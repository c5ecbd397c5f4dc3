"""The hooks as pre-commit and prek run them: from a clone, in repositories of all sizes."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.made_once import made_once

ROOT = Path(__file__).parent.parent
RUNNERS = {
    "pre-commit": [sys.executable, "-m", "pre_commit"],
    "prek": [sys.executable, "-m", "prek"],
}
CLEAN = (
    '{"Version": "2012-10-17", "Statement": [{"Sid": "One", "Effect": "Allow", '
    '"Action": ["sqs:SendMessage"], "Resource": "arn:aws:sqs:eu-west-1:111122223333:orders"}]}\n'
)
ACTION = '"sqs:SendMessage"'
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:orders"
POLICY = CLEAN.replace(ACTION, f'{ACTION}, "sqs:sendmessage"')
UNREAD = 'resource "aws_iam_policy" "a" {\n  policy = var.policy\n}\n'
FOUND = f"policy.json:1:{POLICY.index(ACTION) + 1}"

pytestmark = [
    pytest.mark.skipif(
        not (ROOT / ".git").exists() or os.name == "nt", reason="needs a git checkout and a shell"
    ),
    pytest.mark.slow,  # each runner installs the hooks
]


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which hooks are installed once, without setuptools."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    homes = made_once(tmp_path_factory, "hook-homes", bool)
    return {
        **inherited,
        "PRE_COMMIT_HOME": str(homes / "pre-commit"),
        "PRE_COMMIT_COLOR": "never",
        "PREK_HOME": str(homes / "prek"),
        "PREK_COLOR": "never",
        "VIRTUALENV_NO_SETUPTOOLS": "1",
        "PIP_COMPILE": "0",  # what is not imported need not be compiled
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_AUTHOR_NAME": "A",
        "GIT_AUTHOR_EMAIL": "a@example.com",
        "GIT_COMMITTER_NAME": "A",
        "GIT_COMMITTER_EMAIL": "a@example.com",
    }


def git(folder: Path, environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def commit(folder: Path, environment: dict[str, str]) -> None:
    """Commit everything in a folder that becomes a repository."""
    git(folder, environment, "init", "--quiet")
    git(folder, environment, "add", "--all")
    git(folder, environment, "commit", "--quiet", "--allow-empty", "--message=All")


@pytest.fixture(scope="session")
def hooks(
    environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """A repository with this checkout as it is, changes and new files included, and its commit."""
    listing = ("ls-files", "-z", "--cached", "--others", "--exclude-standard")

    def fill(copy: Path) -> None:
        for name in git(ROOT, environment, *listing).split("\0"):
            if name and (ROOT / name).is_file():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, copy / name)
        commit(copy, environment)

    copy = made_once(tmp_path_factory, "hooks", fill)
    return copy, git(copy, environment, "rev-parse", "HEAD").strip()


TESTS = 'policy = "p.json"\n[[test]]\ncannot = "s3:*"\n'
POLICY_OF_TESTS = """{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}
]}
"""


class Scratch:
    """A repository of a user of the hooks."""

    def __init__(
        self, folder: Path, environment: dict[str, str], hooks: tuple[Path, str], runner: str
    ) -> None:
        self.folder = folder
        self.environment = environment
        self.hooks = hooks
        self.runner = runner

    def write(self, files: dict[str, str], args: str = "[]") -> None:
        for name, content in files.items():
            (self.folder / name).write_text(content, encoding="utf-8")
        # What other rules say does not matter here.
        (self.folder / "multitool-lint.toml").write_text(
            'select = ["redundant-action"]\n', encoding="utf-8"
        )
        path, revision = self.hooks
        (self.folder / ".pre-commit-config.yaml").write_text(
            f"exclude: ^\\.pre-commit-config\nrepos:\n- repo: {path}\n  rev: {revision}\n"
            f"  hooks:\n  - id: multitool-lint\n    args: {args}\n  - id: multitool-lint-fix\n"
            f"  - id: multitool-lint-no-new-access\n",
            encoding="utf-8",
        )
        commit(self.folder, self.environment)

    def run(self, *arguments: str, **environment: str) -> tuple[int, str]:
        """Run the hooks with standard input closed, and return exit code and output."""
        done = subprocess.run(
            ["sh", "-c", 'exec "$@" <&-', "sh", *RUNNERS[self.runner], *arguments],
            cwd=self.folder,
            env={**self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout


@pytest.fixture(
    params=[
        pytest.param(name, marks=[pytest.mark.exhaustive] * (name != "pre-commit"))
        for name in RUNNERS
    ]
)
def scratch(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    environment: dict[str, str],
    hooks: tuple[Path, str],
) -> Scratch:
    return Scratch(tmp_path, environment, hooks, request.param)


@pytest.mark.exhaustive
def test_no_files(scratch: Scratch) -> None:
    scratch.write({"setup.cfg": "[tool]\n"})
    code, output = scratch.run("run", "--all-files", "multitool-lint")
    assert code == 0, output
    assert re.search(r"\(no files to check\) ?Skipped", output)


def test_one_file(scratch: Scratch) -> None:
    scratch.write({"policy.json": CLEAN})
    code, output = scratch.run("run", "--all-files", "multitool-lint")
    assert code == 0, output
    scratch.write({"policy.json": POLICY})
    code, output = scratch.run("run", "--all-files", "multitool-lint")
    assert code == 1, output
    assert FOUND in output
    assert "[redundant-action]" in output
    assert "1 suggestion in 1 policy of 1 file" in output


def test_options_are_passed_on(scratch: Scratch) -> None:
    scratch.write({"policy.json": POLICY}, args="[--fail-on=security, --format=lines]")
    code, output = scratch.run("run", "--all-files", "--verbose", "multitool-lint")
    assert code == 0, output
    assert FOUND in output
    assert " |" not in output


def test_many_files_go_into_one_process(scratch: Scratch) -> None:
    files = {f"{number}.json": '{"private": true}\n' for number in range(99)}
    files |= {f"{number}.md": "# A page\n\n```json\n{}\n```\n" for number in range(99)}
    files |= dict.fromkeys(("page.md", "page.mdx"), f"```json\n{CLEAN}```\n")
    files |= {"policy.json": POLICY}
    scratch.write(files)
    code, output = scratch.run("run", "--all-files", "multitool-lint")
    assert code == 1, output
    assert "1 suggestion in 3 policies of 3 files" in output
    assert "Not checked: 198 files skipped: no policy." in output
    assert output.count("Not checked: ") == 1


def test_a_file_that_cannot_be_linted_fails(scratch: Scratch) -> None:
    scratch.write({"policy.json": POLICY.replace("]}", "}")})
    code, output = scratch.run("run", "--all-files", "multitool-lint")
    assert code == 1, output
    assert "[json-syntax-error]" in output


def test_fixes_are_written(scratch: Scratch) -> None:
    scratch.write({"policy.json": POLICY, "package.json": '{"private": true}\n'})
    code, output = scratch.run("run", "--all-files", "multitool-lint-fix")
    assert code == 1, output
    assert "files were modified by this hook" in output
    assert (scratch.folder / "policy.json").read_text(encoding="utf-8") == CLEAN
    code, output = scratch.run("run", "--all-files", "multitool-lint-fix")
    assert code == 0, output


def test_new_access_stops_a_commit(scratch: Scratch) -> None:
    scratch.write({"policy.json": CLEAN, "page.md": "# A page\n"})
    hook = ("run", "multitool-lint-no-new-access")

    def stage(name: str, text: str) -> None:
        (scratch.folder / name).write_text(text, encoding="utf-8")
        git(scratch.folder, scratch.environment, "add", name)

    stage("page.md", "# Another page\n")
    stage("policy.json", CLEAN.replace(ACTION, f'{ACTION}, "sqs:SendMessage"'))
    code, output = scratch.run(*hook)
    assert code == 0, output
    stage("policy.json", CLEAN.replace(ACTION, '"sqs:*"'))
    code, output = scratch.run(*hook)
    assert code == 1, output
    assert "adds access on arn:aws:sqs:eu-west-1:111122223333:orders" in output
    stage("policy.json", CLEAN)
    stage("new.json", POLICY)
    code, output = scratch.run(*hook)
    assert code == 1, output
    assert "HEAD:new.json: no such file in HEAD" in output


def test_a_deleted_denial_stops_a_commit(scratch: Scratch) -> None:
    scratch.write({"denial.json": CLEAN.replace("Allow", "Deny")})
    (scratch.folder / "denial.json").unlink()
    git(scratch.folder, scratch.environment, "add", "--all")
    code, output = scratch.run("run", "multitool-lint-no-new-access")
    assert code == 1, output
    assert "sqs:SendMessage" in output


def test_new_access_stops_a_pull_request(scratch: Scratch) -> None:
    scratch.write({"policy.json": CLEAN, "denial.json": CLEAN.replace("Allow", "Deny")})
    hook = ("run", "multitool-lint-no-new-access", "--from-ref=first", "--to-ref=HEAD")
    git(scratch.folder, scratch.environment, "branch", "first")
    scratch.write({"policy.json": CLEAN.replace(ACTION, '"sqs:*"')})
    code, output = scratch.run(*hook)
    assert code == 1, output
    assert "adds access on arn:aws:sqs:eu-west-1:111122223333:orders" in output
    scratch.write({"policy.json": CLEAN, "page.md": "# A page\n"})
    code, output = scratch.run(*hook)
    assert code == 0, output
    (scratch.folder / "denial.json").unlink()
    commit(scratch.folder, scratch.environment)
    code, output = scratch.run(*hook)
    assert code == 1, output
    assert "sqs:SendMessage" in output


def test_new_access_stops_a_push(
    scratch: Scratch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    remote = str(tmp_path_factory.mktemp("remote"))

    def push(name: str) -> tuple[int, str]:
        done = subprocess.run(
            ["git", "push", remote, f"HEAD:refs/heads/{name}"],
            cwd=scratch.folder,
            env=scratch.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    git(scratch.folder, scratch.environment, "init", "--quiet", "--bare", remote)
    scratch.write({"policy.json": CLEAN})
    assert push("first")[0] == 0
    code, output = scratch.run("install", "--hook-type=pre-push")
    assert code == 0, output
    scratch.write({"policy.json": CLEAN.replace(ACTION, '"sqs:*"')})
    code, output = push("first")
    assert code == 1, output
    assert "adds access on arn:aws:sqs:eu-west-1:111122223333:orders" in output


def test_a_repository_from_its_first_commit_on(scratch: Scratch) -> None:
    path, revision = scratch.hooks
    config = scratch.folder / ".pre-commit-config.yaml"
    # prek fails where all hooks are skipped.
    hook = "  hooks:\n  - id: multitool-lint-no-new-access\n  - id: multitool-lint-fix\n"
    config.write_text(f"repos:\n- repo: {path}\n  rev: {revision}\n{hook}", encoding="utf-8")
    policy = scratch.folder / "policy.json"
    git(scratch.folder, scratch.environment, "init", "--quiet", "--initial-branch=main")
    assert scratch.run("install")[0] == 0

    def committed(text: str, **environment: str) -> tuple[int, str]:
        policy.write_text(text, encoding="utf-8")
        git(scratch.folder, scratch.environment, "add", "--all")
        done = subprocess.run(
            ["git", "commit", "--message=x"],
            cwd=scratch.folder,
            env={**scratch.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    code, output = committed(CLEAN)
    assert code == 0, output
    intended = CLEAN.replace(ACTION, f'{ACTION}, "sqs:DeleteMessage"')
    code, output = committed(intended)
    assert code == 1, output
    assert "stopped: 1 new permission for policy.json" in output
    assert 'multitool-lint diff --staged --accept "reason"' in output
    accept = [sys.executable, "-m", "multitool_lint", "diff", "--staged", "--accept", "intended"]
    subprocess.run(
        accept, cwd=scratch.folder, env=scratch.environment, capture_output=True, check=True
    )
    code, output = committed(intended)
    assert code == 0, output
    git(scratch.folder, scratch.environment, "checkout", "--quiet", "-b", "change")
    wide = CLEAN.replace(ACTION, '"iam:CreateUser"').replace(QUEUE, "*")
    code, output = committed(wide, SKIP="multitool-lint-no-new-access")
    assert code == 0, output
    code, output = scratch.run("run", "--from-ref", "main", "--to-ref", "HEAD")
    assert code == 1, output
    assert "iam:CreateUser" in output
    code, output = scratch.run("run", "--all-files")
    assert code == 0, output
    assert len(output.splitlines()) == 2, output


@pytest.mark.parametrize("arguments", [("--all-files",), ()])
def test_a_clean_checkout_has_no_new_access(scratch: Scratch, arguments: tuple[str, ...]) -> None:
    scratch.write({"policy.json": CLEAN.replace(ACTION, '"sqs:*"'), "main.tf": UNREAD})
    code, output = scratch.run("run", "--verbose", "multitool-lint-no-new-access", *arguments)
    assert code == 0, output
    assert "nothing is staged: nothing was compared" in output


def test_once_installed_no_network_is_needed(scratch: Scratch) -> None:
    scratch.write({"policy.json": CLEAN})
    code, output = scratch.run("install-hooks")
    assert code == 0, output
    # Nothing listens on the discard port.
    nowhere = dict.fromkeys(["http_proxy", "https_proxy", "all_proxy"], "http://127.0.0.1:9")
    upper = {name.upper(): value for name, value in nowhere.items()}
    code, output = scratch.run("run", "--all-files", PIP_NO_INDEX="1", **nowhere, **upper)
    assert code == 0, output
    assert "Installing environment" not in output


def test_the_tests_of_policies_run_at_each_commit(scratch: Scratch) -> None:
    scratch.write({"p.json": POLICY_OF_TESTS, "p.iamtest.toml": TESTS})
    path, revision = scratch.hooks
    hook = "  hooks:\n  - id: multitool-lint-test\n"
    config = scratch.folder / ".pre-commit-config.yaml"
    config.write_text(f"repos:\n- repo: {path}\n  rev: {revision}\n{hook}", encoding="utf-8")
    commit(scratch.folder, scratch.environment)
    (scratch.folder / "notes").write_text("", encoding="utf-8")
    git(scratch.folder, scratch.environment, "add", "--all")
    code, output = scratch.run("run")
    assert code == 0, output
    (scratch.folder / "p.json").write_text(POLICY_OF_TESTS.replace("sqs", "s3"), encoding="utf-8")
    git(scratch.folder, scratch.environment, "add", "--all")
    code, output = scratch.run("run")
    assert code == 1
    assert "p.iamtest.toml:3: failed: test 1: cannot s3:*" in output


def test_there_is_no_setuptools_where_hooks_run(scratch: Scratch) -> None:
    scratch.write({"policy.json": CLEAN})
    code, output = scratch.run("install-hooks")
    assert code == 0, output
    home, environments = {
        "pre-commit": ("PRE_COMMIT_HOME", "repo*/py_env-*/**/*.dist-info"),
        "prek": ("PREK_HOME", "hooks/python-*/**/*.dist-info"),
    }[scratch.runner]
    paths = Path(scratch.environment[home]).glob(environments)
    installed = {path.name.partition("-")[0] for path in paths}
    assert "multitool_lint" in installed
    assert "setuptools" not in installed


@pytest.mark.exhaustive
def test_the_repository_can_be_tried(scratch: Scratch) -> None:
    files = {f"{number}.json": "{}\n" for number in range(10)}
    scratch.write({**files, "policy.json": POLICY})
    code, output = scratch.run("try-repo", str(scratch.hooks[0]), "multitool-lint", "--all-files")
    assert code == 1, output
    assert FOUND in output
    assert "Not checked: 11 files skipped: no policy." in output
