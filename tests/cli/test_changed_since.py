"""The files that have changed since a revision, in submodules and by links too."""

from pathlib import Path

import pytest
from support.git_repository import (
    LINT,
    NARROW,
    WIDE,
    Output,
    commit,
    git,
    linted,
    needs_posix,
    policy,
    write,
)

from multitool_lint.cli import main

pytestmark = pytest.mark.usefixtures("repository")


class TestChangedSince:
    @pytest.fixture(autouse=True)
    def submodule(self, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        library = repository.parent / "library"
        git("init", "--quiet", "-b", "main", str(library))
        with monkeypatch.context() as patch:
            patch.chdir(library)
            commit(a_json=NARROW, b_json=WIDE)
        allow = ("-c", "protocol.file.allow=always")
        git(*allow, "submodule", "--quiet", "add", f"file://{library}", "sub")
        commit(own_json=WIDE)

    def test_a_submodule_of_another_commit(self, capsys: Output) -> None:
        assert linted(capsys, ".", "--changed-since=HEAD") == []
        write("sub/a.json")
        assert linted(capsys, ".", "--changed-since=HEAD") == ["sub/a.json"]
        git("-C", "sub", "commit", "--quiet", "--all", "--message=x")
        assert linted(capsys, ".", "--changed-since=HEAD") == ["sub/a.json"]
        commit()
        assert linted(capsys, ".", "--changed-since=HEAD~1") == ["sub/a.json"]
        assert linted(capsys, "sub/a.json", "--changed-since=HEAD~1") == ["sub/a.json"]
        assert linted(capsys, ".", "--changed-since=HEAD") == []

    def test_of_a_commit_that_was_not_fetched_everything_has_changed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
    ) -> None:
        allow = ("-c", "protocol.file.allow=always")
        with monkeypatch.context() as patch:
            patch.chdir(tmp_path / "library")
            commit(a_json=WIDE)
            commit(c_json=NARROW)
        git(*allow, "-C", "sub", "pull", "--quiet")
        commit()
        options = ("--quiet", "--recurse-submodules", "--shallow-submodules")
        git(*allow, "clone", *options, f"file://{Path.cwd()}", str(tmp_path / "clone"))
        monkeypatch.chdir(tmp_path / "clone")
        assert linted(capsys, ".", "--changed-since=HEAD~1") == ["sub/a.json", "sub/b.json"]

    def test_a_submodule_that_is_not_checked_out_is_reported(self, capsys: Output) -> None:
        git("submodule", "--quiet", "deinit", "--force", "sub")
        assert linted(capsys, ".", "--changed-since=HEAD") == []
        bump = git("rev-parse", "HEAD").strip()
        git("update-index", "--cacheinfo", f"160000,{bump},sub")
        Path("docs").mkdir()
        for folder, reason in ((".", "1 file skipped: changed submodule"), ("docs", "othing")):
            assert main([*LINT, folder, "--changed-since=HEAD", "--verbose"]) == 0
            out = capsys.readouterr().out
            assert reason in out
            assert ("submodule that is not checked out" in out) == (folder == ".")

    def test_another_repository_is_all_new(self, capsys: Output) -> None:
        git("init", "--quiet", "-b", "main", "inner")
        write("inner/a.json")
        assert linted(capsys, ".", "--changed-since=HEAD") == ["inner/a.json"]

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("locals.tf", 'locals {\n  a = ["s3:PutObject"]\n}\n'),
            ("locals.tf", None),
            ("new.tofu", ""),
            ("policy.json", policy("s3:PutObject")),
            ("policy.json", None),
            ("text.tftpl", "a"),
        ],
    )
    def test_terraform_files_are_read_together(
        self, name: str, text: str | None, capsys: Output
    ) -> None:
        document = """data "aws_iam_policy_document" "a" {
  statement {
    actions   = ["s3:*", "s3:GetObject"]
    resources = ["*"]
  }
}
resource "aws_iam_policy" "a" {
  policy = file("${path.module}/policy.json")
}
locals {
  b = templatefile("../m/text.tftpl", {})
}
"""
        write("m/main.tf", document)
        write("n/main.tf", document.replace("../m/", "./"))
        write("m/locals.tf", 'locals {\n  a = ["s3:GetObject"]\n}\n')
        for file in ("m/policy.json", "m/other.json", "m/text.tftpl", "n/policy.json"):
            write(file, NARROW)
        commit()
        write("m/other.json", f"{NARROW}\n")
        assert linted(capsys, ".", "--changed-since=HEAD") == []
        if text is None:
            Path("m", name).unlink()
        else:
            write(f"m/{name}", text)
        assert linted(capsys, ".", "--changed-since=HEAD") == ["m/main.tf"]

    def test_line_endings_of_a_checkout_change_nothing(self, capsys: Output) -> None:
        commit(a_json=WIDE.replace(", ", ",\n"))
        Path("a.json").write_bytes(Path("a.json").read_bytes().replace(b"\n", b"\r\n"))
        git("config", "core.autocrlf", "true")
        assert git("diff", "--name-only") == ""
        assert linted(capsys, ".", "--changed-since=HEAD") == []

    @needs_posix
    def test_a_link_changes_with_what_it_leads_to(self, capsys: Output) -> None:
        Path("link.json").symlink_to("own.json")
        commit()
        assert linted(capsys, "link.json", "--changed-since=HEAD") == []
        write("own.json", f"{WIDE}\n")
        assert linted(capsys, "link.json", "--changed-since=HEAD") == ["link.json"]
