"""The configuration: where it is found, what it says, and what is said of mistakes in it."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multitool_lint.cli import main
from multitool_lint.config import Config, ConfigError, ConfigFinder, read_config
from multitool_lint.diagnostics.rule import rules
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.path_patterns import glob

POLICY = (
    '{"Version": "2012-10-17", "Statement": '
    '[{"Effect": "Allow", "Action": ["s3:Get*", "s3:GetObject"], "Resource": "*"}]}\n'
)
IGNORE = 'ignore = ["redundant-action"]\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: str, content: str) -> Path:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8")
    return file


def test_nothing_is_configured_where_there_is_no_file() -> None:
    assert ConfigFinder().nearest("a/b/policy.json") == Config()


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("multitool-lint.toml", IGNORE),
        ("pyproject.toml", f"[project]\n[tool.multitool-lint]\n{IGNORE}"),
    ],
)
@pytest.mark.parametrize("where", [".", "a", "a/b"])
def test_the_nearest_file_is_found(path: str, content: str, where: str, folder: Path) -> None:
    write(f"{where}/{path}", content)
    config = ConfigFinder().nearest("a/b/policy.json")
    assert config._replace(origin=None) == Config(
        folder=str((folder / where).resolve()), ignore=("redundant-action",)
    )


def test_only_the_nearest_counts() -> None:
    write("multitool-lint.toml", IGNORE)
    write("a/multitool-lint.toml", 'select = ["duplicate-sid"]\n')
    write("a/pyproject.toml", "[tool.multitool-lint]\nnonsense = 1\n")
    config = ConfigFinder().nearest("a/b/policy.json")
    assert config.select == ("duplicate-sid",)
    assert config.ignore == ()


@pytest.mark.parametrize(
    "content",
    [
        "[tool.other]\n",
        '[project]\ndependencies = ["multitool-lint"]\n',
        '[project]\ndependencies = ["multitool-lint"]\n[tool.other]\n',
    ],
)
def test_a_pyproject_without_the_table_is_skipped(content: str) -> None:
    write("multitool-lint.toml", IGNORE)
    write("a/pyproject.toml", content)
    assert ConfigFinder().nearest("a/policy.json").ignore == ("redundant-action",)
    with pytest.raises(ConfigError, match=r"have a table \[tool.multitool-lint\]"):
        read_config("a/pyproject.toml")


def test_no_further_than_the_repository() -> None:
    write("multitool-lint.toml", IGNORE)
    Path("a/.git").mkdir(parents=True)
    assert ConfigFinder().nearest("a/policy.json") == Config()


def test_a_folder_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    write("multitool-lint.toml", IGNORE)
    asked = []
    is_file = Path.is_file

    def count(path: Path) -> bool:
        asked.append(path)
        return is_file(path)

    monkeypatch.setattr(Path, "is_file", count)
    finder = ConfigFinder()
    for name in ("a/1.json", "a/2.json", "b/1.json", "1.json"):
        finder.nearest(name)
    assert len(asked) == len(set(asked))


def test_parents_are_those_on_the_disk() -> None:
    write("a/multitool-lint.toml", IGNORE)
    write("b/multitool-lint.toml", 'ignore = ["duplicate-sid"]\n')
    assert ConfigFinder().nearest("a/../b/policy.json").ignore == ("duplicate-sid",)


@pytest.mark.parametrize(
    ("config", "enabled"),
    [
        (Config(), True),
        (Config(ignore=("redundant-action",)), False),
        (Config(select=("redundant-action",)), True),
        (Config(select=("duplicate-sid",)), False),
        (Config(select=("ALL",)), True),
        (Config(select=("ALL",), ignore=("redundant-action",)), False),
        (Config(select=()), False),
        (Config(select=(), extend_select=("redundant-action",)), True),
        (Config(select=(), extend_select=("ALL",)), True),
        (Config(extend_select=("ALL",), ignore=("redundant-action",)), False),
    ],
)
def test_which_rules_run(config: Config, enabled: bool) -> None:  # noqa: FBT001 - a test's parameter
    assert ("redundant-action" in config.enabled(rules())) == enabled


def test_rules_that_are_off_by_default_run_where_they_are_selected() -> None:
    every = set(rules())
    assert set(Config().enabled(rules())) == {id_ for id_ in every if rules()[id_].default}
    assert set(Config(select=("ALL",)).enabled(rules())) == every
    assert set(Config(extend_select=("ALL",)).enabled(rules())) == every
    assert "scp-action-wildcard" not in Config().enabled(rules())
    assert "scp-action-wildcard" in Config(extend_select=("scp-action-wildcard",)).enabled(rules())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("select = 1\n", "1: select must be a list of rule ids"),
        ("\nignore = [1]\n", "2: ignore[0] must be a rule id or a table"),
        (
            'ignore = [\n  "duplicate-sid",\n  "redundant-acton",\n]\n',
            '3: ignore: unknown rule "redundant-acton"; did you mean "redundant-action"?',
        ),
        ('ignore = ["ALL"]\n', '1: ignore: unknown rule "ALL"'),
        ('ignore = ["internal-error"]\n', '1: ignore: "internal-error" cannot be ignored'),
        ("[]\n", "1:2: "),
        ("select = [\n", ": "),
        ('selct = ["ALL"]\n', '1: unknown key "selct"; did you mean "select"?'),
        ("[zzz]\n", '1: unknown key "zzz"; expected extend, select, extend-select, ignore, '),
        ("policies = 1\n", "1: policies must be a list of tables: [[policies]]"),
        ("policies = [1]\n", "1: policies[0] must be a table, not a number"),
        ('[[policies]]\npath = "a"\n', "1: an entry of policies needs a path, and a type or"),
        ('[[policies]]\ntype = "scp"\n', "1: an entry of policies needs a path, and a type or"),
        ('[[policies]]\npath = ["a"]\ntype = "scp"\n', "2: policies[0].path must be a string"),
        (
            '[[policies]]\npath = "a"\ntpye = "scp"\n',
            '3: unknown key "tpye" in policies; did you mean "type"?',
        ),
        (
            '[[policies]]\npath = "a"\ntype = "SCP"\n',
            '3: type: unknown policy type "SCP"; did you mean "scp"?',
        ),
        (
            '[[policies]]\npath = "a"\nresource-type = "S3"\n',
            '3: resource-type: "S3" is not a resource type such',
        ),
        (
            '[[policies]]\npath = "/a"\ntype = "scp"\n',
            '2: path: "/a" is not a path below the configuration',
        ),
        (
            '[[policies]]\npath = "../a"\ntype = "scp"\n',
            '2: path: "../a" is not a path below the configuration',
        ),
        ("[[policies]]\npath = 'a\\*'\ntype = \"scp\"\n", "2: "),
    ],
)
def test_mistakes_are_reported_with_their_place(
    content: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write("multitool-lint.toml", content)
    write("policy.json", POLICY)
    assert main(["policy.json"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"multitool-lint.toml:{message}".removesuffix(": ") in captured.err
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1


def test_a_configuration_that_is_not_text() -> None:
    Path("multitool-lint.toml").write_bytes(b'select = ["\xe9"]\n')
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_config("multitool-lint.toml")


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("scps/**", ["scps/a.json", "scps/b/c/a.json"], ["a.json", "b/scps/a.json", "scps"]),
        ("scps/", ["scps/a.json", "scps/b/a.json"], ["scps.json"]),
        ("scps/*.json", ["scps/a.json"], ["scps/b/a.json", "scps/a.md"]),
        ("**/scps/*", ["scps/a.json", "b/scps/a.json", "b/c/scps/a"], ["xscps/a.json"]),
        ("*.json", ["a.json", ".json"], ["b/a.json", "axjson"]),
        ("**/*.json", ["a.json", "b/c/a.json"], ["a.md"]),
        ("./a.json", ["a.json"], ["b/a.json"]),
        ("p?.json", ["p1.json"], ["p.json", "p12.json", "p/.json"]),
        ("p[0-9].json", ["p1.json"], ["px.json"]),
        ("p[!0-9].json", ["px.json"], ["p1.json"]),
        ("a+(b).json", ["a+(b).json"], ["aab.json"]),
        ("a[.json", ["a[.json"], []),
        ("p[!0-9].json", ["p-.json"], ["p/.json"]),
        ("p[^0-9].json", ["p^.json"], ["p0.json"]),
        ("[+-a]x", ["1x"], ["/x"]),
        ("[&~|[]x", ["&x", "[x"], ["ax"]),
        ("**/**/a", ["a", "b/a", "b/c/a"], ["ba"]),
        ("a/**/b/**/c", ["a/b/c", "a/x/b/b/y/c", "a/c/b/b/c"], ["a/bc", "a/x/c", "b/c"]),
        ("a*b*c", ["abc", "abbc", "acbc", "axbxc"], ["acb", "ab/c"]),
        ("a*b**c*d", ["abcd", "abxb/cd", "ab/c/cd", "ab/xcxd"], ["a/bcd", "abc/d"]),
        ("**/a*b/*c", ["ab/c", "x/axb/cc", "ab/ab/c"], ["ab/x/c", "ab/cd"]),
        ("***", ["a", "a/b"], []),
    ],
)
def test_globs(pattern: str, matching: list[str], others: list[str]) -> None:
    expression = glob(pattern)
    assert [path for path in matching + others if expression.fullmatch(path)] == matching


@pytest.mark.parametrize("pattern", ["", ".", "./", "/", "a//b", "a/../b", "..", "a/./b", "[z-a]"])
def test_globs_that_match_nothing_are_mistakes(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"is not a (path|valid pattern)"):
        glob(pattern)


GLOB_PARTS = st.sampled_from(["a", "b", "/", "*", "**", "**/", "?", "[ab]", "[!a]"])


@given(
    st.lists(GLOB_PARTS, max_size=8).map("".join),
    st.lists(st.text("ab/", max_size=8), min_size=1, max_size=20),
)
def test_globs_match_what_the_plain_translation_matches(pattern: str, paths: list[str]) -> None:
    try:
        expression = glob(pattern)
    except ValueError:
        return
    plain = ""
    path = pattern.removeprefix("./") + "**" * pattern.endswith("/")
    for token in re.findall(r"(?:(?<![^/])\*\*/)|\*+|\[!?.+?\]|.", path):
        wildcard = token[:2] if token[-1] == "*" else token
        meanings = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]", "[!a]": "[^a/]"}
        plain += meanings.get(wildcard, token)
    for path in paths:
        assert bool(expression.fullmatch(path)) == bool(re.fullmatch(plain, path)), path


@pytest.mark.parametrize(
    "pattern",
    ["**/" * 50 + "x", "**/a/" * 50 + "x", "*a" * 50 + "x", "**a" * 50 + "x", "**/*a*" * 50 + "x"],
)
@pytest.mark.parametrize("path", ["a/" * 2000, "a" * 4000, "ab/" * 1300, "/".join("a" * 2000)])
def test_no_glob_takes_long(pattern: str, path: str) -> None:
    begin = time.process_time()
    assert not glob(pattern).fullmatch(path)
    assert time.process_time() - begin < 5  # some would take longer than the universe is old


def test_policies_have_the_type_of_the_first_entry_that_matches() -> None:
    write(
        "a/multitool-lint.toml",
        '[[policies]]\npath = "scps/x.json"\ntype = "rcp"\n'
        '[[policies]]\npath = "scps/**"\ntype = "scp"\n'
        '[[policies]]\npath = "sso/**"\ntype = "permission-set"\n'
        '[[policies]]\npath = "**/bucket.json"\nresource-type = "AWS::S3::Bucket"\n',
    )
    config = read_config("a/multitool-lint.toml")
    assert config.policy_settings("a/scps/x.json") == (PolicyType.RCP, None)
    assert config.policy_settings("a/scps/y/z.json") == (PolicyType.SCP, None)
    assert config.policy_settings("a/bucket.json") == (None, "AWS::S3::Bucket")
    assert config.policy_settings("a/sso/x.json") == (
        PolicyType.IDENTITY,
        "AWS::SSO::PermissionSet",
    )
    assert config.policy_settings("a/other.json") == (None, None)
    assert config.policy_settings("scps/x.json") == (None, None)


class TestCommandLine:
    def found(self, *arguments: str) -> bool:
        """Whether the rule that the configuration ignores reports the policy."""
        return main(["a/policy.json", *arguments]) == 1

    @pytest.fixture(autouse=True)
    def files(self) -> None:
        write("a/policy.json", POLICY)
        write("a/multitool-lint.toml", 'select = ["redundant-action"]\n' + IGNORE)
        write("other.toml", 'select = ["redundant-action"]\n')

    def test_the_configuration_is_followed(self) -> None:
        assert not self.found()

    def test_another_one_may_be_named(self) -> None:
        assert self.found("--config", "other.toml")

    def test_it_may_be_left_aside(self) -> None:
        assert self.found("--no-config")

    def test_what_is_selected_there_and_then_runs(self) -> None:
        assert self.found("--select", "redundant-action")
        assert not self.found("--select", "duplicate-sid")

    def test_ignored_rules_add_up(self) -> None:
        write("a/multitool-lint.toml", 'select = ["redundant-action"]\n')
        assert self.found("--ignore", "duplicate-sid")
        assert not self.found("--ignore", "redundant-action")

    def test_rules_that_are_off_may_be_added(self) -> None:
        write("a/multitool-lint.toml", "select = []\n")
        assert not self.found()
        assert self.found("--extend-select", "redundant-action")
        assert self.found("--extend-select", "ALL")
        assert not self.found("--extend-select", "ALL", "--ignore", "redundant-action,access,style")

    def test_what_is_ignored_stays_so_unless_it_is_selected(self) -> None:
        write("a/multitool-lint.toml", f"select = []\n{IGNORE}")
        assert not self.found("--extend-select", "redundant-action")
        assert self.found("--select", "redundant-action")

    def test_rules_that_some_paths_do_without(self) -> None:
        write(
            "a/multitool-lint.toml",
            'select = ["redundant-action"]\n'
            '[per-path-ignores]\n"po*.json" = ["redundant-action"]\n',
        )
        assert not self.found()
        assert self.found("--select", "redundant-action")
        write("a/other.json", POLICY)
        assert main(["a"]) == 1

    def test_types(self, capsys: pytest.CaptureFixture[str]) -> None:
        write("a/multitool-lint.toml", '[[policies]]\npath = "*"\ntype = "scp"\n')
        self.found("--format", "json", "--select", "redundant-action")
        assert '"type": "scp"' in capsys.readouterr().out
        self.found("--format", "json", "--select", "redundant-action", "--type", "rcp")
        assert '"type": "rcp"' in capsys.readouterr().out


def test_a_toml_parser_is_loaded_only_for_a_configuration(folder: Path) -> None:
    write("policy.json", POLICY)
    write("pyproject.toml", "[project]\n")
    program = (
        "import sys; from multitool_lint.config import ConfigFinder;"
        "ConfigFinder().nearest('policy.json'); print('tomllib' in sys.modules)"
    )
    root = str(Path(__file__).parents[2])
    for content, loaded in (("", "False"), ("[tool.multitool-lint]\n", "True")):
        write("pyproject.toml", content)
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONPATH": root, "SYSTEMROOT": ""},
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == loaded
