"""What is found in folders: what the user excludes or did not change is not."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from support.found_files import OPTIONS, POLICY, ROOT, Run, needs_posix
from support.git_repository import git, write

from multitool_lint.cli import main
from multitool_lint.formats.endings import ENDINGS

pytestmark = pytest.mark.usefixtures("repository")


class TestExclusions:
    def test_hold_below_here_and_not_for_what_is_named(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for path in ("a.json", "old/b.json", "new/old/c.json", "new/d.json", "new/keep.json"):
            write(path)
        options = ["--exclude", "/old", "--exclude=new/*.json", "--exclude=!keep.json"]
        run = Run(capsys, ".", *options)
        assert run.linted == ["a.json", "new/keep.json", "new/old/c.json"]
        assert "1 file skipped: excluded" in run.summary
        assert Run(capsys, "new/d.json", "old", *options).linted == ["new/d.json", "old/b.json"]

    def test_may_be_forced_on_what_is_named(self, capsys: pytest.CaptureFixture[str]) -> None:
        write("old/b.json")
        write("new/d.json")
        names = ["old/b.json", "old", "new/d.json"]
        run = Run(capsys, *names, "--exclude=old/", "--discovered")
        assert run.linted == ["new/d.json"]
        assert "Not checked: 1 file skipped: excluded." in run.summary

    def test_come_from_the_configuration_too(self, capsys: pytest.CaptureFixture[str]) -> None:
        for path in ("a/x.json", "a/b/x.json", "a/b/y.json", "x.json"):
            write(path)
        write("a/multitool-lint.toml", 'exclude = ["/x.json", "b/*", "!y.json"]\n')
        assert Run(capsys, ".").linted == ["x.json", "a/b/y.json"]
        assert Run(capsys, "a/x.json").linted == ["a/x.json"]
        assert Run(capsys, "a/x.json", "--discovered").linted == []
        assert len(Run(capsys, ".", "--no-config").linted) == 4

    def test_may_begin_here(self, capsys: pytest.CaptureFixture[str]) -> None:
        for path in ("a.json", "b/a.json", "b/c.json"):
            write(path)
        assert Run(capsys, ".", "--exclude=./a.json").linted == ["b/a.json", "b/c.json"]
        run = Run(capsys, ".", "--exclude=*.json", "--exclude=!./a.json")
        assert run.linted == ["a.json"]
        write("multitool-lint.toml", 'exclude = ["./b/"]\n')
        assert Run(capsys, ".").linted == ["a.json"]

    @pytest.mark.parametrize("pattern", ["../a.json", "a/../b", " ", "#a"])
    def test_that_can_match_nothing_are_mistakes(
        self, pattern: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit) as stopped:
            main([".", f"--exclude={pattern}"])
        assert stopped.value.code == 2
        assert f'--exclude: "{pattern}" ' in capsys.readouterr().err

    def test_apply_to_folders_elsewhere(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        write(str(tmp_path / "elsewhere/a.json"))
        write(str(tmp_path / "elsewhere/b.json"))
        run = Run(capsys, str(tmp_path / "elsewhere"), "--exclude=/a.json")
        assert [Path(path).name for path in run.linted] == ["b.json"]


@needs_posix
def test_odd_files_are_skipped_with_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    write("a/policy.json")
    write("a/picture.json", b"\x89PNG\r\n\x1a\n\0\0")
    write("a/large.json", b'{"rows": [' + b"0," * 500_000 + b"0]}")
    write("a/latin.json", b'{"Statement of": "\xe9"}')
    os.mkfifo("a/pipe.json")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("a/socket.json")
        Path("a/null.json").symlink_to(os.devnull)
        Path("a/folder.json").mkdir()
        Path("a/folder.json/loop").symlink_to("..")
        Path("a/link.json").symlink_to("folder.json")
        run = Run(capsys, "a", "--verbose")
    assert run.linted == ["a/policy.json"]
    reasons = (
        "1 file skipped: binary; 1 file skipped: no policy; 3 files skipped: not a regular file"
    )
    assert reasons in run.summary
    assert run.errors == [
        "error: a/latin.json: not UTF-8: byte 0xe9 at offset 18 (line 1)",
    ]


@needs_posix
def test_names_that_are_not_utf_8(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/odd/caf\xe9.json"
    os.mkdir(os.path.dirname(name))  # noqa: PTH102, PTH120 - a name of bytes
    try:
        Path(os.fsdecode(name)).write_text(POLICY, encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes no such names")
    write(str(tmp_path / "odd/.gitignore"), b"caf?.json")
    command = [sys.executable, "-m", "multitool_lint", str(tmp_path / "odd"), *OPTIONS]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 1, done.stderr
    assert re.search(rb"odd/caf.+\.json:1:\d+", done.stdout)


class TestChangedSince:
    @pytest.fixture(autouse=True)
    def history(self, repository: Path) -> None:
        assert repository == Path.cwd()
        for name in ("same", "edited", "staged", "moved", "gone", "theirs"):
            write(f"{name}.json")
        git("add", ".")
        git("commit", "--quiet", "-m1")
        git("branch", "main-line")
        write("edited.json", f"\n{POLICY}")
        git("commit", "--quiet", "-a", "-m2")
        git("checkout", "--quiet", "main-line")
        write("theirs.json", f"\n{POLICY}")
        git("commit", "--quiet", "-a", "-mtheirs")
        git("checkout", "--quiet", "-")

    def test_takes_what_this_branch_changed(self, capsys: pytest.CaptureFixture[str]) -> None:
        write("staged.json", f"\n{POLICY}")
        git("add", "staged.json")
        git("mv", "moved.json", "to.json")
        Path("gone.json").unlink()
        write("sub/new file é.json")
        write("ignored.json")
        write(".gitignore", "ignored.json\n")
        run = Run(capsys, "--changed-since", "main-line", "--verbose")
        changed = ["edited.json", "staged.json", "to.json", "sub/new file é.json"]
        assert run.linted == changed
        assert "2 files skipped: unchanged since main-line" in run.summary
        assert Run(capsys, "sub", "same.json", "--changed-since=main-line").linted == changed[3:]
        assert Run(capsys, ".", "--changed-since=HEAD").linted == changed[1:]

    def test_a_branch_without_changes_is_not_a_warning(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        run = Run(capsys, ".", "--changed-since=HEAD")
        assert (run.code, run.errors) == (0, [])
        assert "6 files skipped: unchanged since HEAD." in run.summary

    @pytest.mark.parametrize(
        ("revision", "message"),
        [
            ("nowhere", 'no revision "nowhere" in '),
            ("--output=x", '"--output=x" is not a revision'),
        ],
    )
    def test_needs_a_revision(
        self, revision: str, message: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        run = Run(capsys, ".", f"--changed-since={revision}")
        assert run.code == 2
        assert run.errors[0].startswith(f"error: --changed-since: {message}")
        assert not Path("x").exists()

    def test_in_a_shallow_clone_says_what_to_do(
        self, repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        git("clone", "--quiet", "--depth=1", f"file://{repository}", str(tmp_path / "clone"))
        run = Run(capsys, str(tmp_path / "clone"), "--changed-since=HEAD~1")
        assert run.code == 2
        assert run.errors[0].endswith("clone; the clone is shallow: fetch the revision first")

    def test_needs_a_repository_and_git(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        write(str(tmp_path / "plain/a.json"))
        run = Run(capsys, str(tmp_path / "plain"), "--changed-since=HEAD")
        assert run.code == 2
        assert run.errors[0].endswith("plain is not in a git repository")
        monkeypatch.setenv("PATH", str(tmp_path))
        run = Run(capsys, ".", "--changed-since=HEAD")
        assert run.code == 2
        assert run.errors == ["error: --changed-since: git is not installed"]

    def test_other_commands_take_it_too(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert (
            main(
                [
                    "fix",
                    "--write",
                    "--select=redundant-action",
                    "--keep-wildcards",
                    "--changed-since=main-line",
                ]
            )
            == 0
        )
        assert capsys.readouterr().err.splitlines()[-1] == "1 file changed"
        assert git("diff", "--name-only") == "edited.json\n"

    def test_without_a_common_commit_the_revision_itself_counts(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        git("checkout", "--quiet", "--orphan", "other")
        git("commit", "--quiet", "-mother")
        assert Run(capsys, "--changed-since=main-line").linted == ["edited.json", "theirs.json"]


@pytest.mark.parametrize(
    ("out", "file"),
    [("cdk.out", "A.template.json"), ("cdktf.out", "stacks/a/cdk.tf.json")],
)
def test_ignored_output_of_the_cdk_is_mentioned(
    out: str, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write(".gitignore", "*.out\n")
    write(f"app/{out}/{file}", POLICY)
    write(f"app/{out}/other.json", POLICY)
    write("b.out/A.template.json", POLICY)
    run = Run(capsys, ".")
    assert not run.linted
    reason = f"ignored by git; `multitool-lint app/{out}` lints them"
    assert f"Not checked: 1 file skipped: {reason}." in run.summary
    assert "app/" + out + "/other.json" in Run(capsys, f"app/{out}").linted
    assert "ignored" not in Run(capsys, ".", "--exclude", "*.out").summary


NAMES = {
    True: ["p.json", "p.JSON.tpl", "b.tmpl", "c.com_policy", "a/policy", "t.template"],
    False: ["p.pem", "a.b/c.png", "policy.log"],
}


@pytest.mark.parametrize("found", NAMES)
def test_hooks_are_given_what_is_found_in_a_folder(
    found: bool,  # noqa: FBT001
    capsys: pytest.CaptureFixture[str],
) -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert main(["init", "--pre-commit"]) == 0
    printed = yaml.safe_load(capsys.readouterr().out)["repos"][0]["hooks"]
    patterns = [hook["files"] for hook in (*hooks[:3], *printed)]
    for name in NAMES[found]:
        write(name)
        assert all(bool(re.search(pattern, name)) is found for pattern in patterns), name
    for ending in ENDINGS:
        assert all(re.search(pattern, f"a{ending}") for pattern in patterns)
    assert len(Run(capsys, ".").linted) == (len(NAMES[True]) if found else 0)


@needs_posix
def test_nothing_is_read_from_pipes(capsys: pytest.CaptureFixture[str]) -> None:
    write("large.sh", b"#" * 200_000)
    for name in ("pipe", "pipe_policy", "pipe.sh", "pipe.tpl"):
        os.mkfifo(name)
    Path("link.rst").symlink_to("link.rst")
    run = Run(capsys, ".")
    assert not run.linted
    assert "2 files skipped: not a regular file" in run.summary


def test_a_file_without_an_ending_is_read_if_it_begins_as_json(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write("policy", f"\ufeff \n{POLICY}")
    write("Makefile", "all: Statement of Effect\n")
    write("program", b"\x7fELF Statement")
    run = Run(capsys, ".")
    assert run.linted == ["policy"]
    assert "skipped" not in run.summary


WRITTEN = {
    "Makefile": f"p:\n\taws iam create-policy --policy-document '{POLICY}'\n",
    "iam/access.txt": POLICY,
    "build.ps1": f"$p = @'\n{POLICY}\n'@\n",
    "deploy.mk": f"p:\n\taws iam create-policy --policy-document '{POLICY}'\n",
    "notes.txt": f"The policy is\n\n{POLICY}\n\nand nothing else\n",
    "after.txt": f"{POLICY}\n\n# which allows all\n",
    "policies.jsonl": f'{{"a": {" ".join(POLICY.split())}}}\n{{"a": 1}}\n',
    ".github/workflows/a.yml": f"a:\n  b: |\n    {POLICY}\n",
    ".chalice/policy-dev.json": POLICY,
    "a/.infra/b.json": POLICY,
    "role.patch": POLICY,
}
"""Files with policies, of other names and in other folders than most of them."""


@pytest.mark.parametrize("name", WRITTEN)
def test_a_policy_is_found_wherever_it_is(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    write(name, WRITTEN[name])
    run = Run(capsys, ".")
    assert run.linted == [name]
    assert "1 policy" in run.summary


DIFF = """\
--- template.yaml	2022-11-29 16:56:21
+++ release.yaml	2022-11-29 17:11:58
@@ -27,5 +27,5 @@
   AWS::ServerlessRepo::Application:
-    Name: sync
+    Name: Sync
 Resources:
   Function:
@@ -44,5 +44,3 @@
-        - Version: '2012-10-17'
-          Statement:
             - Sid: ReadParameters
               Effect: Allow
               Action:
"""
"""The change of a template, which is elsewhere."""

PROGRAMS = {
    "a.ts": 'new iam.PolicyStatement({ actions: ["*"], resources: ["*"] });\n',
    "a.py": f"policy = {POLICY}\n",
    "b.py": f'"""A policy."""\npolicy = {POLICY}\n',
    "a.go": 'p := Statement{Effect: "Allow", Action: []string{"s3:*"}}\n',
    "a.tsx": f"const p = {POLICY};\n",
    "deploy.rb": "statement = { Effect: 'Allow', Action: '*', Resource: '*' }\n",
    "hash.ps1": "@{Effect = 'Allow'; Action = '*'} | ConvertTo-Json\n",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_policy_in_a_program_is_listed(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    write(name, PROGRAMS[name])
    run = Run(capsys, ".")
    assert "1 policy not read" in run.summary


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.tsx", "useEffect(() => { Allow({ Action: 1 }) })\n"),
        ("a.py", "# The Effect of an Action is to Allow it\n"),
        ("a.log", POLICY),
        ("a.html", f"<pre>{POLICY}</pre>"),
        ("release.patch", DIFF),
        ("change.txt", f"From: a\n\ndiff --git a/template.yaml b/template.yaml\n{DIFF}"),
        (".terraform/modules/a.json", POLICY),
        (".git/a.json", POLICY),
        (".ruff_cache/a.json", POLICY),
    ],
)
def test_what_has_no_policy_is_not_mentioned(
    name: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write(name, text)
    run = Run(capsys, ".")
    assert not run.linted
    assert "skipped" not in run.summary


@pytest.mark.parametrize("name", ["main.bicep", "policy.py", "policy.txt"])
def test_a_named_file_says_if_its_ending_is_not_read(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write(name, f"policy = {POLICY}\n")
    assert main(["check", "--no-cache", name]) == 2
    ending = name.partition(".")[2]
    assert f'error: {name}: files ending in ".{ending}" are not read\n' in capsys.readouterr().err
    write(name, POLICY)
    assert main(["check", "--no-cache", name]) < 2
