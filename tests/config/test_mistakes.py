"""What is said of configurations that are wrong or hostile, and on which line."""

import os
import re
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multitool_lint.cli import main
from multitool_lint.config import Config, ConfigError, ConfigFinder, read_config
from multitool_lint.config.toml_lines import Place, lines


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def mistakes(content: str | bytes, path: str = "multitool-lint.toml") -> list[str]:
    data = content.encode() if isinstance(content, str) else content
    Path(path).write_bytes(data)
    with pytest.raises(ConfigError) as error:
        read_config(path)
    return [message.removeprefix(f"{path}:") for message in error.value.args]


def test_all_mistakes_are_reported_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    Path("multitool-lint.toml").write_text(
        'select = ["old-version", "old-versin"]\n'
        'ignore = ["old-versin"]\nfail-on = "all"\nexclude = [1]\nextra-services = ["a:b"]\n'
        '[severity]\nold-version = "bad"\n[per-path-ignores]\n"/x" = ["y"]\n'
        '[[policies]]\npath = "a"\ntype = "scp"\n[[policies]]\npath = "../a"\ntype = "SCP"\n'
        '[[ignore-it]]\nrule = "x"\n',
        encoding="utf-8",
    )
    Path("x.json").write_text('{"Statement": []}', encoding="utf-8")
    assert main(["x.json"]) == 2
    messages = capsys.readouterr().err.splitlines()
    assert all(line.startswith("error: multitool-lint.toml:") for line in messages)
    numbers = sorted(int(line.split(":")[2]) for line in messages)
    assert numbers == [1, 2, 3, 4, 5, 7, 9, 9, 14, 15, 16]


@pytest.mark.parametrize("table", ["", "[tool.multitool-lint]\n", '[ tool . "multitool-lint" ]\n'])
def test_the_line_is_that_of_the_value_and_not_of_the_word(table: str) -> None:
    name = "pyproject.toml" if table else "multitool-lint.toml"
    messages = mistakes(
        '# old-versin\n[project]\nselect = "old-versin"\n' * bool(table)
        + table
        + 'extra-actions = ["old-versin:x"]\nselect = [\n  "old-version", # "old-versin"\n'
        + '  """old-versin""",\n]\n',
        name,
    )
    where = 8 if table else 4
    assert messages == [f'{where}: select: unknown rule "old-versin"; did you mean "old-version"?']


def test_the_second_of_two_entries_alike_is_the_one_that_is_reported() -> None:
    entry = '[[policies]]\npath = "a"\ntype = "scp"\n\n'
    assert mistakes(entry * 2 + entry.replace("scp", "scq"))[0].startswith("11: ")
    entry = '[[ignore]]\nrule = "old-version"\nreason = "x"\n\n'
    assert mistakes(entry * 2 + entry.replace('"x"', '""'))[0].startswith("11: ")
    inline = 'ignore = [\n  {rule = "old-version", reason = "x"},\n  {rule = "old-version"},\n]\n'
    assert mistakes(inline) == ["3: an entry of ignore needs a reason"]


@pytest.mark.parametrize("table", ["", "tool.multitool-lint"])
def test_rule_ids_and_entries_next_to_each_other_are_explained(table: str) -> None:
    name = "pyproject.toml" if table else "multitool-lint.toml"
    head = f"[{table}]\n" * bool(table)
    prefix = f"{table}." * bool(table)
    messages = mistakes(
        f'{head}ignore = ["old-version"]\n'
        f'[[{prefix}ignore]]\nrule = "unknown-action"\nreason = "x"\n',
        name,
    )
    assert len(messages) == 1
    assert messages[0].endswith('ignore = ["rule-id", {rule = "rule-id", reason = "..."}]')
    line = int(messages[0].partition(":")[0])
    assert line in {2, 3}
    both = f'{head}ignore = ["old-version", {{rule = "unknown-action", reason = "x"}}]\n'
    Path(name).write_text(both, encoding="utf-8")
    config = read_config(name)
    assert config.ignore == ("old-version",)
    assert [(entry.rule, entry.reason) for entry in config.ignores] == [("unknown-action", "x")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("fail-on = 3", "1: fail-on must be a string, not a number"),
        ("select = true", "1: select must be a list of rule ids, not a boolean"),
        ('severity = "error"', "1: severity must be a table, not a string"),
        ("catalog = 1979-05-27", "1: catalog must be the path of a folder or"),
        (
            "[severity]\nold-version = []",
            "2: severity.old-version must be a string, not an empty list",
        ),
        (
            '[[ignore]]\nrule = "old-version"\nreason = 1.5',
            "3: ignore[0].reason must be a string, not",
        ),
        ("[policies]\npath = 1", "1: policies must be a list of tables: [[policies]], not a table"),
        # strings without quotes
        ("fail-on = warning", '1:11: fail-on: a string must be in quotes: "warning"'),
        ("fail-on = warning # x", '1:11: fail-on: a string must be in quotes: "warning"'),
        ("select = [old-version]", '1:11: select: a string must be in quotes: "old-version"'),
        ("select = [\n  old-version,\n]", '2:3: a string must be in quotes: "old-version"'),
        ("[[ignore]]\nreason = the role is gone", '"the role is gone"'),
        # the settings in a table, as in pyproject.toml
        ("[tool.multitool-lint]\nselect = []", "settings are not in a table here; remove [tool."),
        ("[multitool-lint]\nselect = []", "settings are not in a table here; remove [multitool"),
    ],
)
def test_a_mistake_names_the_key_and_what_it_must_be(content: str, message: str) -> None:
    [found] = mistakes(content)
    assert message in found


@pytest.mark.parametrize(
    "table",
    [
        "[tool.multitool_lint]",
        "[tool.MultitoolLint]",
        '[tool."multitool lint"]',
        "[tool]\nmultitoollint = 1",
    ],
)
def test_a_table_with_a_misspelt_name_is_not_ignored(
    table: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("pyproject.toml").write_text(f"{table}\n", encoding="utf-8")
    Path("x.json").write_text('{"Statement": []}', encoding="utf-8")
    assert main(["x.json"]) == 2
    assert "did you mean [tool.multitool-lint]?" in capsys.readouterr().err
    assert main(["x.json", "--no-config"]) != 2


@pytest.mark.parametrize("name", ["multitool_lint.toml", ".multitool-lint.toml"])
def test_a_configuration_with_a_misspelt_name_is_not_ignored(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(name).touch()
    Path("x.json").write_text('{"Statement": []}', encoding="utf-8")
    assert main(["x.json"]) == 2
    assert (
        capsys.readouterr().err == f"error: {name} is not read; rename it to multitool-lint.toml\n"
    )
    Path("multitool-lint.toml").touch()
    assert main(["x.json"]) != 2


BARE = st.text("abcdefg-_019", min_size=1, max_size=3)
QUOTED = st.text(st.characters(codec="utf-8", exclude_characters='"\\', exclude_categories=["C"]))
KEYS = st.one_of(BARE, QUOTED.map(lambda text: f'"{text}"'), QUOTED.map(lambda _: r'"\u00e9\n"'))
SCALARS = st.sampled_from(
    [
        "1",
        "-1.5e3",
        "true",
        "1979-05-27 07:32:00",
        '"a # b"',
        '"\\""',
        "'\\'",
        '"""a\n"b"""',
        '""""a"""""',
        "'''\na'b\n'''",
        '""',
        "''",
        '"""\\\n  x"""',
        "0x1F",
        "inf",
        '"]}"',
    ]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda v: "[ # [\n" + ",\n".join(v) + "\n]"),
        st.dictionaries(KEYS, inner, max_size=3).map(
            lambda d: "{" + ", ".join(f"{k} = {v}" for k, v in d.items()) + "}"
        ),
    ),
    max_leaves=6,
)
DOTTED = st.lists(KEYS, min_size=1, max_size=3).map(" . ".join)
PAIRS = st.builds("{} = {} # x = [\n".format, DOTTED, VALUES)
LINES = st.one_of(
    PAIRS,
    PAIRS,
    DOTTED.map("[{}]\n".format),
    DOTTED.map(" [[ {} ]] # y\n".format),
    st.sampled_from(["\n", "# [a]\n", "\t\r\n"]),
)


def places(value: Any, place: Place = ()) -> set[Place]:  # noqa: ANN401  # what TOML has
    found = {place} if place else set()
    for key in (
        value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    ):
        found |= places(value[key], (*place, key))
    return found


@given(st.lists(LINES, max_size=8))
def test_every_key_and_value_has_a_line(parts: list[str]) -> None:
    text = "".join(parts)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    found = lines(text)
    assert set(found) == places(document)


def test_lines_are_those_of_keys_and_items() -> None:
    text = (
        'a.b = [ # 1\n  1,\n  {c = """\n\n""", d = [\n2]},\n]\n\n'
        "[[e.f]]\nx = 1\n[e.f.g]\n[[e.f]]\ny = 2\n"
    )
    found = lines(text)
    assert found["a",] == found["a", "b"] == 1
    assert found["a", "b", 0] == 2
    assert found["a", "b", 1] == found["a", "b", 1, "c"] == 3
    assert found["a", "b", 1, "d"] == 5
    assert found["a", "b", 1, "d", 0] == 6
    assert found["e", "f", 0] == 9
    assert found["e", "f", 0, "g"] == 11
    assert found["e", "f", 1, "y"] == 13


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'\nselect = ["\xe9"]\n', r"not UTF-8: byte 0xe9 at offset 12 \(line 2\)"),
        ('select = ["ALL"]\n'.encode("utf-16"), "encoded in UTF-16"),
        (b"select = [\n" * 100_000, "nested too deeply|Invalid value"),
        (b"a." * 100_000 + b"a = 1", "nested too deeply"),
        (b"[" + b"a . " * 500 + b"a]", "nested too deeply"),
        (b"a." * 400 + b"a = 1", "unknown key"),
        (b"select = " + b"[" * 100_000 + b"]" * 100_000, "too deep|nested|Unclosed|recursion"),
        (b"select = " + b"{a=" * 100_000, "too deep|nested|Invalid|recursion"),
        (b"x = " + b"1" * 10_000 + b"\n", "digits"),
        (b"# \x00\n", "binary: a NUL"),
        (b"".join(b"k%d = 1\n" % n for n in range(90_000)), "unknown key"),
        (b'"' + b"k" * 1_000_000 + b'" = 1\n', "unknown key"),
        (b'select = ["' + b"a" * 1_000_000 + b'"]\n', "unknown rule"),
        (b"select = [" + b'"a",' * 250_000 + b"]\n", "unknown rule"),
        (b"[[policies]]\npath='" + b"*a" * 400_000 + b"'\ntype='scp'\n", "too long for a path"),
        (b"[[policies]]\npath='a'\ntype='scq'\n" * 25_000, "unknown policy type"),
        (b'"a\\u001b[31m\\n" = 1\n', "unknown key"),
    ],
    ids=range(17),
)
@pytest.mark.slow
def test_hostile_files_are_reported_soon_and_briefly(content: bytes, message: str) -> None:
    begin = time.process_time()
    messages = mistakes(content)
    assert re.search(message, "\n".join(messages))
    assert time.process_time() - begin < 10
    assert len(messages) <= 20
    assert all(len(message) < 600 and message.isprintable() for message in messages)


@pytest.mark.slow
def test_a_large_file_without_mistakes_is_read() -> None:
    entry = '[[policies]]\npath = "a/%d/**"\ntype = "scp"\n'
    Path("multitool-lint.toml").write_text(
        "".join(entry % n for n in range(5_000)), encoding="utf-8"
    )
    assert len(read_config("multitool-lint.toml").policies) == 5_000


def test_ours_counts_where_there_is_a_pyproject_as_well() -> None:
    Path("multitool-lint.toml").write_text('select = ["old-version"]\n', encoding="utf-8")
    Path("pyproject.toml").write_text("[tool.multitool-lint]\nselect = []\n", encoding="utf-8")
    assert ConfigFinder().nearest("x.json").select == ("old-version",)


def test_a_folder_with_our_name_is_not_a_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    Path("multitool-lint.toml").mkdir()
    assert ConfigFinder().nearest("x.json") == Config()
    assert main(["--config", "multitool-lint.toml", "x.json"]) == 2
    assert capsys.readouterr().err == "error: multitool-lint.toml: is a directory\n"


def test_what_a_broken_link_led_to_was_intended() -> None:
    Path("multitool-lint.toml").symlink_to("nowhere.toml")
    with pytest.raises(ConfigError, match=r"multitool-lint\.toml: no such file or directory"):
        ConfigFinder().nearest("x.json")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable for root")
def test_an_unreadable_file_is_reported() -> None:
    Path("multitool-lint.toml").write_text("", encoding="utf-8")
    Path("multitool-lint.toml").chmod(0)
    with pytest.raises(ConfigError, match="permission denied"):
        ConfigFinder().nearest("x.json")


def test_a_configuration_that_is_a_pipe_can_be_named() -> None:
    read_end, write_end = os.pipe()
    os.write(write_end, b'select = ["old-version"]\n')
    os.close(write_end)
    assert read_config(f"/dev/fd/{read_end}").select == ("old-version",)
    os.close(read_end)
