"""`diff --staged` where pre-commit runs it for commits: a pull request, or a push."""

from pathlib import Path

import pytest
from support.git_repository import GATE, NARROW, WIDE, Output, commit, git, policy, write
from support.staged_files import stage

from multitool_lint.cli import main

pytestmark = pytest.mark.usefixtures("repository")
NOTHING = "nothing was compared"
FROM, TO = "PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF"
DENIAL = NARROW.replace("Allow", "Deny")
LOCAL = 'locals {\n  actions = ["%s"]\n}\n'
USER = (
    'resource "aws_iam_policy" "a" {\n  policy = jsonencode({Version = "2012-10-17", Statement = '
    '[{Effect = "Allow", Action = local.actions, Resource = "*"}]})\n}\n'
)


@pytest.fixture
def branch(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A branch, still without a commit of its own, as pre-commit compares it with main."""
    assert repository == Path.cwd()
    stage({"p.json": NARROW, "denial.json": DENIAL, "b.tf": LOCAL % "s3:GetObject", "a.tf": USER})
    git("commit", "--quiet", "--message=x")
    git("checkout", "--quiet", "-b", "change")
    monkeypatch.setenv(FROM, "main")
    monkeypatch.setenv(TO, "HEAD")


@pytest.mark.usefixtures("branch")
class TestPullRequest:
    @pytest.mark.parametrize(
        ("files", "names", "expected"),
        [
            ({"p.json": WIDE}, ["p.json"], 1),
            ({"p.json": WIDE}, [], 1),
            ({"new.json": NARROW}, ["new.json"], 1),
            ({"page.md": "a"}, ["page.md"], 0),
            ({"p.json": NARROW + "\n"}, ["p.json"], 0),
            ({"denial.json": None}, [], 1),
            ({"denial.json": None, "denial.txt": DENIAL}, ["denial.txt"], 1),
            ({"p.json": None, "q.json": NARROW}, ["q.json"], 0),
            ({"p.json": None, "q.json": WIDE}, ["q.json"], 1),
            ({"b.tf": LOCAL % "*"}, ["b.tf"], 1),
            ({"b.tf": LOCAL % "s3:GetObject" + "#"}, ["b.tf"], 0),
        ],
    )
    def test_what_is_new_since_the_branch_left_the_other(
        self, files: dict[str, str | None], names: list[str], expected: int
    ) -> None:
        stage(files)
        git("commit", "--quiet", "--message=x")
        assert main([*GATE, *names]) == expected

    def test_what_has_happened_on_the_other_branch_is_not_new(self) -> None:
        commit(page_md="a")
        git("checkout", "--quiet", "main")
        commit(p_json=policy("s3:ListBucket"))
        git("checkout", "--quiet", "change")
        assert main([*GATE, "page.md"]) == 0
        commit(p_json=WIDE)
        assert main([*GATE, "page.md", "p.json"]) == 1

    def test_neither_what_is_staged_nor_what_is_here_counts(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        commit(p_json=WIDE)
        git("checkout", "--quiet", "main")
        monkeypatch.setenv(TO, "change")
        assert main([*GATE, "p.json"]) == 1
        monkeypatch.setenv(TO, "main")
        stage({"p.json": WIDE})
        assert main([*GATE, "p.json"]) == 0

    def test_without_a_commit_in_common(self) -> None:
        git("checkout", "--quiet", "--orphan", "other")
        commit(p_json=NARROW)
        assert main([*GATE, "p.json"]) == 0
        commit(p_json=WIDE)
        assert main([*GATE, "p.json"]) == 1

    def test_nothing_has_changed(self, capsys: Output) -> None:
        assert main([*GATE, "p.json"]) == 0
        out, err = capsys.readouterr()
        assert not out
        assert NOTHING in err

    @pytest.mark.parametrize("variable", [FROM, TO])
    @pytest.mark.parametrize("value", ["", "gone", "-x", "0" * 40, "main:p.json", "twice"])
    def test_what_is_not_one_commit(
        self, variable: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: Output
    ) -> None:
        git("branch", "twice")
        git("tag", "twice")
        commit(p_json=WIDE)
        monkeypatch.setenv(variable, value)
        assert main([*GATE, "p.json"]) == 2
        assert variable in capsys.readouterr().err

    def test_a_link_that_leads_elsewhere_now(self) -> None:
        Path("link.json").symlink_to("p.json")
        commit(wide_json=WIDE)
        git("branch", "--quiet", "--force", "main")
        Path("link.json").unlink()
        Path("link.json").symlink_to("wide.json")
        commit()
        assert main(GATE) == 1

    def test_outside_of_a_repository(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        monkeypatch.chdir(tmp_path_factory.mktemp("other"))
        assert main(GATE) == 2


@pytest.mark.parametrize("names", [[], ["p.tf"], ["p.tf", "q.json"]])
def test_nothing_is_staged(names: list[str], capsys: Output) -> None:
    unread = 'resource "aws_iam_policy" "a" {\n  policy = var.policy\n}\n'
    commit(p_tf=unread, q_json=NARROW)
    assert main([*GATE, *names]) == 0
    out, err = capsys.readouterr()
    assert not out
    assert err == f"note: nothing is staged: {NOTHING}\n"
    write("q.json")
    assert main([*GATE, *names]) == 0
    git("add", "q.json")
    assert NOTHING in capsys.readouterr().err
    assert main([*GATE, *names, "q.json"]) == 1
    assert NOTHING not in capsys.readouterr().err


def test_what_is_forbidden_is_so_without_a_change() -> None:
    commit(p_json=WIDE)
    assert main(["diff", "--staged", "--forbid=s3:GetObject", "p.json"]) == 1


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("buildspec.yml", "a: [aws iam attach-role-policy --role-name r --policy-arn %s]", None),
        ("a.yaml", "kind: RolePolicyAttachment\nspec: {forProvider: {policyArn: %s}}", None),
        ("notes.md", "text", "more text"),
        ("tool", "text", b"\xff\0binary"),
    ],
)
def test_without_names_the_same_files_are_compared_as_with_them(
    name: str, old: str, new: str | bytes | None
) -> None:
    arn = "arn:aws:iam::aws:policy/%s"
    write(name, old.replace("%s", arn % "ReadOnlyAccess"))
    commit()
    write(name, new or old.replace("%s", arn % "AdministratorAccess"))
    git("add", "--all")
    named = main([*GATE, name]) if isinstance(new, str | None) else 0
    assert main(GATE) == named == (new is None)
