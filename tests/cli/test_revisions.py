"""The revisions that are compared: what their names mean, and where their paths lead."""

from pathlib import Path

import pytest
from support.compared_files import NEW_ACCESS
from support.git_repository import LINT, NARROW, WIDE, Output, commit, git, policy, write
from support.staged_files import stage

from multitool_lint.cli import main

pytestmark = pytest.mark.usefixtures("repository")
MODULE = 'module "m" {\n  source = "./m"\n  actions = "%s"\n}\n'
ROLE = (
    'variable "actions" {}\nresource "aws_iam_role_policy" "p" {\n  role = "r"\n  policy = '
    'jsonencode({Statement = [{Effect = "Allow", Action = var.actions, Resource = "*"}]})\n}\n'
)


def compared(old: str, new: str) -> int:
    return main(["diff", NEW_ACCESS, old, new])


class TestNames:
    @pytest.fixture(autouse=True)
    def branch(self, repository: Path) -> None:
        assert repository == Path.cwd()
        commit(p_json=NARROW)
        git("checkout", "--quiet", "-b", "change")
        commit(p_json=WIDE)

    @pytest.mark.parametrize(
        ("name", "reference"),
        [
            ("main", "refs/tags/main"),
            ("main~0", "refs/tags/main"),
            ("main^{commit}", "refs/tags/main"),
            ("heads/main", "refs/tags/heads/main"),
            ("main", "refs/remotes/main/HEAD"),
            ("main", "refs/main"),
            ("other/main", "refs/heads/other/main"),
            ("other/main", "refs/tags/other/main"),
        ],
    )
    def test_a_name_of_several_things(self, name: str, reference: str, capsys: Output) -> None:
        git("update-ref", "refs/remotes/other/main", "main")
        assert compared(f"{name}:p.json", "p.json") == 1
        assert main([*LINT, "--changed-since", name, "."]) == 1
        git("update-ref", reference, "change")
        capsys.readouterr()
        assert compared(f"{name}:p.json", "p.json") == 2
        assert main([*LINT, "--changed-since", name, "."]) == 2
        err = capsys.readouterr().err
        assert err.count("is ambiguous") == err.count(reference) == 2
        assert compared("refs/heads/main:p.json", "p.json") == 1
        assert main([*LINT, "--changed-since=refs/heads/main", "."]) == 1

    def test_a_name_in_full_is_not_that_of_a_tag_with_it(self) -> None:
        git("tag", "refs/heads/main", "change")
        assert compared("refs/heads/main:p.json", "p.json") == 1
        git("branch", "--quiet", "--delete", "--force", "main")
        assert compared("refs/heads/main:p.json", "p.json") == 2
        assert main([*LINT, "--changed-since=refs/heads/main", "."]) == 2

    @pytest.mark.parametrize("length", [7, 40])
    @pytest.mark.parametrize("form", ["{}", "v1-1-g{}"])
    def test_a_name_that_is_also_an_id(self, length: int, form: str, capsys: Output) -> None:
        id_ = git("rev-parse", "main").strip()[:length]
        assert compared(f"{id_}:p.json", "p.json") == 1
        git("update-ref", f"refs/heads/{form.format(id_)}", "change")
        assert compared(f"{form.format(id_)}:p.json", "p.json") == 2
        assert f"refs/heads/{form.format(id_)} and the object {id_}" in capsys.readouterr().err

    def test_what_was_fetched_last(self, capsys: Output) -> None:
        git("fetch", "--quiet", ".", "main")
        assert compared("FETCH_HEAD:p.json", "p.json") == 1
        git("update-ref", "refs/tags/FETCH_HEAD", "change")
        assert compared("FETCH_HEAD:p.json", "p.json") == 2
        assert "FETCH_HEAD and refs/tags/FETCH_HEAD" in capsys.readouterr().err
        git("branch", "config", "main")  # also the name of a file of git
        assert compared("config:p.json", "p.json") == 1

    def test_git_itself_has_head_in_the_first_place(self) -> None:
        git("update-ref", "refs/tags/HEAD", "main")
        assert compared("HEAD:p.json", "p.json") == 0
        assert compared("@:p.json", "p.json") == 0


class TestLinks:
    """What leads elsewhere here does not decide what a revision has."""

    def test_a_folder_that_is_a_link_now(self, capsys: Output) -> None:
        stage({"policies/p.json": NARROW, "examples/p.json": WIDE})
        git("commit", "--quiet", "--message=x")
        git("rm", "-r", "--quiet", "policies")
        Path("policies").symlink_to("examples")
        commit()
        assert compared("HEAD~1:policies/p.json", "policies/p.json") == 1
        assert compared(f"HEAD~1:{Path.cwd()}/policies/p.json", "policies/p.json") == 1
        capsys.readouterr()
        assert compared("HEAD:policies/p.json", "examples/p.json") == 2
        assert "policies is a symbolic link in HEAD" in capsys.readouterr().err

    def test_a_link_on_the_way_to_a_repository(self, tmp_path: Path) -> None:
        commit(p_json=NARROW)
        write("p.json")
        (tmp_path / "link").symlink_to(Path.cwd())
        assert compared(f"HEAD:{tmp_path}/link/p.json", "p.json") == 1

    @pytest.mark.parametrize("mode", ["submodule", "untracked"])
    def test_a_folder_that_is_another_repository_now(self, mode: str, capsys: Output) -> None:
        stage({"policies/p.json": NARROW})
        git("commit", "--quiet", "--message=x")
        git("rm", "-r", "--quiet", "policies")
        git("init", "--quiet", "-b", "main", "policies")
        write("policies/p.json")
        git("-C", "policies", "add", "p.json")
        git("-C", "policies", "commit", "--quiet", "--message=x")
        if mode == "submodule":
            git("checkout", "--quiet", "-b", "change")
            git("-c", "advice.addEmbeddedRepo=false", "add", "policies")
            git("commit", "--quiet", "--message=x")
        assert compared("main:policies/p.json", "policies/p.json") == 2
        assert "policies is a repository of its own" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            ("../m/narrow.json", "../m/wide.json", 1),
            (None, "../m/wide.json", 1),
            ("../m/wide.json", "../m/narrow.json", 0),
            ("../m/wide.json", None, 0),
            (None, "../m", 2),
            ("../m", "../other", 2),
            ("../text", "../other", 0),
            (None, "../text/a.md", 0),
            (None, "../m/gone.txt", 0),
            (None, "../../outside", 0),
        ],
    )
    @pytest.mark.parametrize("names", [[], ["text/a.md"]])
    def test_a_staged_link(
        self, old: str | None, new: str | None, expected: int, names: list[str]
    ) -> None:
        stage({"m/narrow.json": NARROW, "m/wide.json": WIDE, "text/a.md": "a", "other/b.md": "b"})
        leads_nowhere = new is not None and new.endswith(("outside", ".txt"))
        link = Path("prod/link.txt" if leads_nowhere else "prod/link")
        link.parent.mkdir()
        if old:
            link.symlink_to(old)
        git("add", "--all")
        git("commit", "--quiet", "--message=x")
        link.unlink(missing_ok=True)
        if new:
            link.symlink_to(new)
        stage({"text/a.md": "b"})
        assert main(["diff", "--staged", NEW_ACCESS, *names]) == expected

    def test_a_folder_of_terraform_that_is_reached_by_a_link(self) -> None:
        stage({"a.tf": MODULE % "s3:GetObject", "v/1/main.tf": ROLE})
        Path("m").symlink_to("v/1")
        git("add", "--all")
        git("commit", "--quiet", "--message=x")
        assert main(["diff", "--staged", NEW_ACCESS]) == 0
        stage({"a.tf": MODULE % "*"})
        assert main(["diff", "--staged", NEW_ACCESS]) == 1


def test_files_of_a_submodule_are_still_compared(tmp_path: Path) -> None:
    git("init", "--quiet", "-b", "main", str(tmp_path / "library"))
    git("-C", str(tmp_path / "library"), "commit", "--quiet", "--allow-empty", "--message=x")
    allow = ("-c", "protocol.file.allow=always")
    git(*allow, "submodule", "--quiet", "add", f"file://{tmp_path}/library", "sub")
    write("sub/p.json", NARROW)
    git("-C", "sub", "add", "p.json")
    git("-C", "sub", "commit", "--quiet", "--message=x")
    commit()
    write("sub/p.json", policy("s3:PutObject"))
    assert compared("HEAD:sub/p.json", "sub/p.json") == 1
