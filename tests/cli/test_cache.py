"""The cache: what comes from it is what would be found, and no fault of it is in the way."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path

import platformdirs
import pytest

from multitool_lint.cli.files.target import Target
from multitool_lint.cli.output import reports
from multitool_lint.cli.run import cache, cache_keys
from multitool_lint.diagnostics.finding import Finding, Fix, Related
from multitool_lint.diagnostics.rule import rules
from multitool_lint.formats.result import NamedFile, Skipped
from multitool_lint.limits import MAX_CACHE_DAYS
from multitool_lint.linter.lint import lint_with_settings
from multitool_lint.linter.report import Report, Suppressed
from multitool_lint.linter.serialize import record, restored
from multitool_lint.linter.settings import FileSettings
from multitool_lint.syntax.source import Edit, Source

ROOT = Path(__file__).parents[2]
COUNT = 12
FORMATS = [name for name in reports.FORMATS if name != "html"]

# What a process of a run does when it starts: every file that is linted is noted.
NOTING = """
import os
import multitool_lint.linter.lint
from pathlib import Path
lint = multitool_lint.linter.lint.lint_with_settings

def noting(source, settings):
    with open(os.environ["LINTED"], "a") as file:
        file.write(Path(source.path).name + "\\n")
    {then}
    return lint(source, settings)

multitool_lint.linter.lint.lint_with_settings = noting
"""


def policy(number: int, action: str = "s3:Get*") -> str:
    statement = {"Effect": "Allow", "Action": [action, "s3:GetObject", "é:x"], "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [{"Sid": f"S{number}", **statement}]}
    return json.dumps(document, indent=2, ensure_ascii=False)


class Runs:
    """Runs over a folder of policies, with a cache; `linted` are the files that were linted."""

    def __init__(self, folder: Path) -> None:
        self.files = folder / "files"
        self.cache = folder / "cache"
        self.path = folder / "path"
        self._linted = folder / "linted"
        self.linted: list[str] = []
        self.err = ""
        self.root = ROOT
        for path in (self.files, self.path):
            path.mkdir()
        self.then("pass")
        for number in range(COUNT):
            (self.files / f"{number:02}.json").write_text(policy(number), encoding="utf-8")

    def then(self, statement: str) -> None:
        """Have every process do something before it lints."""
        text = NOTING.format(then=statement)
        (self.path / "sitecustomize.py").write_text(text, encoding="utf-8")

    def start(self, *arguments: str, prefix: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*prefix, sys.executable, "-m", "multitool_lint", *arguments],
            cwd=self.files,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env={
                **os.environ,
                "PYTHONPATH": f"{self.path}{os.pathsep}{self.root}",
                "PYTHONUTF8": "1",
                "NO_COLOR": "1",
                "LINTED": str(self._linted),
                cache.VARIABLE: str(self.cache),
            },
        )

    def run(self, *arguments: str, prefix: tuple[str, ...] = ()) -> str:
        """The output of a run."""
        self._linted.write_text("", encoding="utf-8")
        out, self.err = self.start(*(arguments or (".",)), prefix=prefix).communicate()
        self.linted = sorted(self._linted.read_text(encoding="utf-8").split())
        return out

    @property
    def database(self) -> Path:
        return self.cache / cache.FILE


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


def test_unchanged_files_are_not_linted_again(runs: Runs) -> None:
    first = runs.run()
    assert len(runs.linted) == COUNT
    assert f"Checked {COUNT} files" in first
    assert runs.run() == first
    assert runs.linted == []
    (runs.files / "03.json").write_text(policy(3, "s3:Put*"), encoding="utf-8")
    third = runs.run()
    assert runs.linted == ["03.json"]
    assert third != first
    assert third == runs.run("--no-cache", ".")
    assert len(runs.linted) == COUNT


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_has_the_same_bytes(format_: str, runs: Runs) -> None:
    broken = policy(1).replace("]", "", 1)
    (runs.files / "broken.json").write_text(broken, encoding="utf-8")
    (runs.files / "page.md").write_text(f"A\n\n```json\n{policy(1)}\n```\n", encoding="utf-8")
    (runs.files / "other.json").write_text("{}", encoding="utf-8")
    option = f"--format={format_}"
    without = runs.run(".", option, "--no-cache"), runs.err
    for jobs in ("1", "2"):
        assert (runs.run(".", option, f"--jobs={jobs}"), runs.err) == without
    assert runs.linted == []


def test_a_file_that_moves_is_known(runs: Runs) -> None:
    runs.run()
    (runs.files / "sub").mkdir()
    (runs.files / "03.json").rename(runs.files / "sub" / "moved.json")
    assert "moved.json:" in runs.run()
    assert runs.linted == []
    # As a page, it is read in another way.
    (runs.files / "04.json").rename(runs.files / "04.md")
    runs.run()
    assert runs.linted == ["04.md"]


def test_settings_have_reports_of_their_own(runs: Runs, tmp_path: Path) -> None:
    runs.run()
    for options in (["--select=redundant-action"], ["--type=scp"], ["--ignore=unknown-service"]):
        changed = runs.run(".", *options)
        assert len(runs.linted) == COUNT
        assert runs.run(".", *options) == changed
        assert runs.linted == []
    assert runs.run(".", "--fail-on=never") == runs.run()
    assert runs.linted == []
    shutil.copytree(ROOT / "multitool_lint" / "aws" / "catalog" / "data", tmp_path / "catalog")
    catalog = f"--catalog={tmp_path / 'catalog'}"
    runs.run(".", catalog)
    assert len(runs.linted) == COUNT
    runs.run(".", catalog)
    assert runs.linted == []
    os.utime(tmp_path / "catalog" / "services" / "s3.tsv", (1, 1))
    runs.run(".", catalog)
    assert len(runs.linted) == COUNT


def test_a_file_that_moves_to_where_other_settings_hold_is_linted_again(runs: Runs) -> None:
    entry = '[[ignore]]\nrule = "redundant-action"\npath = "03.json"\nreason = "so"\n'
    (runs.files / "multitool-lint.toml").write_text(entry, encoding="utf-8")
    (runs.files / "sub").mkdir()
    runs.run()
    (runs.files / "03.json").rename(runs.files / "sub" / "03.json")
    moved = runs.run(".", "--format=json")
    assert runs.linted == ["03.json"]
    assert moved == runs.run(".", "--format=json", "--no-cache")


def test_a_changed_tool_has_reports_of_its_own(runs: Runs, tmp_path: Path) -> None:
    runs.root = tmp_path / "tool"
    for name in ("multitool_lint", "rules"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, runs.root / name, ignore=ignored)
    runs.run()
    runs.run()
    assert runs.linted == []
    check = runs.root / "multitool_lint" / "checks" / "redundant_action.py"
    check.write_text(check.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    runs.run()
    assert len(runs.linted) == COUNT


def test_files_that_are_read_together_are_linted_together(tmp_path: Path) -> None:

    def key(name: str) -> bytes:
        source = Source(str(tmp_path / name), "locals {}")
        target = Target(source.path, named=True, source=source, settings=FileSettings(rules()))
        return cache_keys.Keys().key(target, source)

    (tmp_path / "main.tf").write_text("locals {}", encoding="utf-8")
    before = {name: key(name) for name in ("main.tf", "policy.json")}
    (tmp_path / "policy.json").write_text("{}", encoding="utf-8")
    assert key("main.tf") == before["main.tf"]
    (tmp_path / "variables.tf").write_text("locals {}", encoding="utf-8")
    assert key("main.tf") != before["main.tf"]
    assert key("policy.json") == before["policy.json"]


def test_a_fault_of_ours_is_not_kept(runs: Runs) -> None:
    runs.then('if "03" in source.path: raise ZeroDivisionError("a fault")')
    for _ in range(2):
        runs.run()
        assert "03.json: internal error: ZeroDivisionError" in runs.err
        assert "03.json" in runs.linted
    assert runs.linted == ["03.json"]


def test_few_files_and_fixes_leave_no_cache(runs: Runs) -> None:
    runs.run(*(f"{number:02}.json" for number in range(8)))
    runs.run(".", "--no-cache")
    runs.run(".", "--diff")
    assert not runs.cache.exists()
    runs.run(".", "--cache-dir", str(runs.files / "here"))
    assert (runs.files / "here" / cache.FILE).is_file()
    assert not runs.cache.exists()


class TestBrokenCaches:
    @pytest.fixture
    def expected(self, runs: Runs) -> str:
        return runs.run()

    @pytest.mark.parametrize("kind", ["garbage", "empty", "cut", "overwritten", "foreign", "noise"])
    def test_do_no_harm(self, kind: str, runs: Runs, expected: str) -> None:
        data = runs.database.read_bytes()
        if kind == "foreign":
            runs.database.unlink()
            with sqlite3.connect(runs.database) as database:
                database.execute("CREATE TABLE reports (something)")
            database.close()
        elif kind == "noise":
            with sqlite3.connect(runs.database) as database:
                database.execute("UPDATE reports SET record = zeroblob(20)")
            database.close()
        else:
            damaged = {
                "garbage": b"no database" * 1000,
                "empty": b"",
                "cut": data[: len(data) // 2],
                "overwritten": data[:100] + b"\xff" * 5000 + data[5100:],
            }
            runs.database.write_bytes(damaged[kind])
        for _ in range(2):
            assert runs.run() == expected
            assert runs.err == ""
        assert runs.run() == expected
        assert kind == "foreign" or runs.linted == []

    def test_a_record_that_is_none_is_not_believed(self, runs: Runs, expected: str) -> None:
        import zlib

        for text in ("{}", "[1,2,3,4]", "[1,[],[[]],[],[]]", "[1,[],[],[], ", "null"):
            with sqlite3.connect(runs.database) as database:
                database.execute("UPDATE reports SET record = ?", (zlib.compress(text.encode()),))
            database.close()
            assert runs.run() == expected
            assert len(runs.linted) == COUNT

    def test_one_that_another_holds_is_not_waited_for(self, runs: Runs, expected: str) -> None:
        database = sqlite3.connect(runs.database, isolation_level=None)
        try:
            database.execute("BEGIN EXCLUSIVE")
            (runs.files / "03.json").write_text(policy(3, "s3:Put*"), encoding="utf-8")
            started = time.monotonic()
            assert runs.run() != expected
            assert time.monotonic() - started < 10
            assert runs.err == ""
        finally:
            database.close()

    def test_one_that_cannot_be_made_is_reported_if_it_was_asked_for(
        self, runs: Runs, expected: str, tmp_path: Path
    ) -> None:
        (tmp_path / "file").write_text("", encoding="utf-8")
        runs.cache = tmp_path / "file"
        assert runs.run() == expected
        assert runs.err.startswith(f"note: the cache is not used: {tmp_path / 'file'}: ")
        assert runs.err.count("\n") == 1

    @pytest.mark.skipif(os.name == "nt", reason="needs a shell with ulimit")
    def test_a_disk_that_is_full(self, runs: Runs, expected: str) -> None:
        shutil.rmtree(runs.cache)
        limited = ("sh", "-c", 'ulimit -f 16; exec "$0" "$@"')
        assert runs.run(prefix=limited) == expected
        assert runs.err in {"", f"note: the cache is not used: {runs.cache}: disk i/o error\n"}
        assert runs.run() == expected


def test_runs_at_the_same_time_share_it(runs: Runs) -> None:
    processes = [runs.start(".", f"--jobs={1 + number % 2}") for number in range(5)]
    outputs = {process.communicate() for process in processes}
    assert len(outputs) == 1
    with sqlite3.connect(runs.database) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("SELECT count(*) FROM reports").fetchone() == (COUNT,)
    database.close()
    assert runs.run() == outputs.pop()[0]
    assert runs.linted == []


def test_many_make_it_at_the_same_time(tmp_path: Path) -> None:
    together = threading.Barrier(8)

    def keep(path: Path) -> None:
        together.wait()
        reports = cache.Cache(path)
        reports.put(b"key", "report")
        reports.close()

    with ThreadPoolExecutor(8) as threads:
        for number in range(30):
            for kept in [threads.submit(keep, tmp_path / f"{number}") for _ in range(8)]:
                kept.result()
            reports = cache.Cache(tmp_path / f"{number}")
            assert reports.get(b"key") == "report"
            reports.close()


class TestSize:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "reports"

    def keys(self, path: Path) -> Iterator[int]:
        database = sqlite3.connect(path)
        for (key,) in database.execute("SELECT key FROM reports ORDER BY rowid"):
            yield int(key)
        database.close()

    def test_the_older_half_goes_when_it_is_too_large(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(cache, "MAX_CACHE_BYTES", 100_000)
        noise = [os.urandom(2_000).hex() for _ in range(100)]
        for begin in (0, 50):
            store = cache.Cache(path)
            for number in range(begin, begin + 50):
                store.put(b"%d" % number, noise[number])
            store.close()
        kept = list(self.keys(path))
        assert kept == list(range(100 - len(kept), 100))
        assert 10 <= len(kept) < 60

    def test_what_is_not_used_goes_and_what_is_used_stays(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def on_day(day: int) -> cache.Cache:
            monkeypatch.setattr(cache, "time", lambda: day * 86_400.0)
            return cache.Cache(path)

        store = on_day(1_000)
        store.put(b"1", "one")
        store.put(b"2", "two")
        store.close()
        store = on_day(1_040)
        assert store.get(b"2") == "two"
        assert store.get(b"3") is None
        store.close()
        store = on_day(1_000 + MAX_CACHE_DAYS + 1)
        store.close()
        assert list(self.keys(path)) == [2]


def test_the_folder_is_where_the_platform_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    name = "multitool-lint"
    assert cache.user_folder() == platformdirs.user_cache_dir(name, appauthor=False)
    monkeypatch.setenv("XDG_CACHE_HOME", os.path.abspath("/somewhere"))  # noqa: PTH100
    assert cache.user_folder() == platformdirs.user_cache_dir(name, appauthor=False)


def test_records_hold_all_that_a_report_has() -> None:
    # A new field is to be recorded as well, or reports from the cache lack it.
    assert [field.name for field in fields(Finding)] == [
        *("rule", "severity", "source", "span", "pointer", "title", "label", "related", "notes"),
        *(
            "help_template",
            "issue_codes",
            "fixes",
            "policy_name",
            "policy_type",
            "fingerprint",
            "confirmed_by",
        ),
        *("whole", "explains", "joined"),
    ]
    # The changes of a fix have become edits in a report.
    assert [field.name for field in fields(Fix)] == ["title", "changes", "safety", "edits"]
    text = json.dumps({"Statement": [{"Effect": "Allow", "Action": "s4:x", "Resource": "*"}]})
    findings = lint_with_settings(Source("p.json", text), FileSettings(rules())).findings
    fixes = [fix for finding in findings for fix in finding.fixes]
    assert fixes
    assert all(fix.edits and not fix.changes for fix in fixes)
    assert [field.name for field in fields(Related)] == [
        *("span", "pointer", "label", "alike", "part"),
    ]
    assert [field.name for field in fields(Edit)] == ["span", "text"]
    assert list(Skipped._fields) == ["span", "reason", "unread", "file"]
    assert list(Suppressed._fields) == ["finding", "by", "reason"]
    assert list(Report._fields) == [
        *("source", "policies", "skipped", "findings", "policy_count", "suppressed"),
        *("comments", "used_ignores", "format", "unresolved", "notes", "former_ids"),
    ]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "fixtures").glob("*.[jm][sd]*")), ids=lambda path: path.name
)
def test_a_report_comes_back_from_its_record(path: Path) -> None:
    source = Source(str(path), path.read_text(encoding="utf-8"))
    report = lint_with_settings(source, FileSettings(rules()))
    first = report.findings[0] if report.findings else None
    if first:
        report = report._replace(
            skipped=(Skipped(first.span, "so", file=NamedFile("a.yaml", "A", (("B", "c"),))),),
            suppressed=(Suppressed(first, "configuration", "so"),),
            used_ignores=frozenset({("multitool-lint.toml", 0)}),
        )
    assert restored(source, record(report)) == report._replace(policies=())


def test_halves_of_surrogate_pairs_and_odd_characters_come_back() -> None:
    text = policy(1).replace("s3:GetObject", "s3:\\ud800\u2028Get")
    source = Source("odd.json", text)
    report = lint_with_settings(source, FileSettings(rules()))
    assert report.findings
    assert restored(source, record(report)) == report._replace(policies=())


@pytest.mark.parametrize("ending", [".tf", ".tf.json"])
def test_files_that_terraform_names_decide_too(ending: str, runs: Runs) -> None:
    """Whether they exist, and in which folder, for the file itself and for a local of another."""
    if ending == ".tf":
        text = 'resource "aws_iam_policy" "p" {{\n  policy = {}\n}}\n'
        direct, through = text.format('file("${path.module}/p.json")'), text.format("local.p")
        (runs.files / "locals.tf").write_text('locals {\n  p = file("q.json")\n}\n')
    else:
        text = '{{"resource": {{"aws_iam_policy": {{"p": {{"policy": "${{{}}}"}}}}}}}}\n'
        direct = text.format('file(\\"p.json\\")')
        through = text.format('templatefile(\\"q.json\\", {})')
    for folder in (runs.files, runs.files / "inner"):
        folder.mkdir(exist_ok=True)
        (folder / f"direct{ending}").write_text(direct, encoding="utf-8")
        (folder / f"through{ending}").write_text(through, encoding="utf-8")
    before = runs.run()
    outputs = {before}
    for name in ("p.json", "q.json", "inner/p.json"):
        (runs.files / name).write_text('{"no": "policy"}', encoding="utf-8")
        after = runs.run()
        outputs.add(after)
        assert after == runs.run("--no-cache", ".")
    assert len(outputs) == 4
    for name in ("p.json", "q.json", "inner/p.json"):
        (runs.files / name).unlink()
    assert runs.run() == before


def test_local_values_next_to_a_file_of_json_decide_too(runs: Runs) -> None:
    statement = {"actions": "${local.actions}", "resources": ["*"]}
    data = {"aws_iam_policy_document": {"x": {"statement": [statement]}}}
    (runs.files / "main.tf.json").write_text(json.dumps({"data": data}), encoding="utf-8")
    before = runs.run()
    (runs.files / "l.tf").write_text(
        'locals {\n  actions = ["s3:GetObjekt"]\n}\n', encoding="utf-8"
    )
    after = runs.run()
    assert "GetObjekt" in after
    assert "GetObjekt" not in before


def test_statements_of_files_decide_too(runs: Runs) -> None:
    text = "service: x\nprovider:\n  iamRoleStatements: ['${file(./iam.yml):a}']\n"
    (runs.files / "serverless.yml").write_text(text, encoding="utf-8")
    before = runs.run()
    statement = "a: {Effect: Allow, Action: 's3:GetObjekt', Resource: '*'}\n"
    (runs.files / "iam.yml").write_text(statement, encoding="utf-8")
    assert "GetObjekt" in runs.run()
    assert "GetObjekt" not in before


def test_templates_that_a_template_names_decide_too(runs: Runs) -> None:
    (runs.files / "parent.yaml").write_text(
        "Resources: {Child: {Type: AWS::Serverless::Application, Properties: {Location: ./c.yaml}}}"
    )
    before = runs.run()
    (runs.files / "c.yaml").write_text("{}", encoding="utf-8")
    after = runs.run()
    assert after != before
    assert after == runs.run("--no-cache", ".")


def test_the_format_of_a_name_decides_too(runs: Runs) -> None:
    text = '{"resource": {"aws_iam_policy": {"p": {"policy": "${file(\\"p.json\\")}"}}}}\n'
    (runs.files / "a.json").write_text(text, encoding="utf-8")
    first = runs.run()
    (runs.files / "a.json").rename(runs.files / "a.tf.json")
    second = runs.run()
    assert second == runs.run("--no-cache", ".")
    assert second != first


@pytest.mark.skipif(os.name == "nt", reason="owners and modes of POSIX")
class TestForeignCaches:
    """A report that somebody else has put into the cache could hide a finding."""

    def check_unused(self, runs: Runs, reason: str) -> None:
        expected = runs.run("--no-cache", ".")
        assert runs.run() == expected
        assert len(runs.linted) == COUNT
        assert f"note: the cache is not used: {runs.cache}: {reason}\n" in runs.err
        assert runs.run() == expected
        assert len(runs.linted) == COUNT

    def test_a_folder_that_others_can_write_to(self, runs: Runs) -> None:
        runs.run()
        runs.cache.chmod(0o777)
        self.check_unused(runs, "others can write to cache")

    @pytest.mark.parametrize("name", ["cache", cache.FILE, f"{cache.FILE}-wal"])
    def test_one_of_another_owner(self, name: str, runs: Runs) -> None:
        if os.geteuid() != 0:
            pytest.skip("only root can give files away")
        runs.run()
        place = runs.cache if name == "cache" else runs.cache / name
        place.touch()
        os.chown(place, 65534, 65534)
        self.check_unused(runs, f"{name} belongs to another user")

    def test_a_link_in_its_place(self, runs: Runs) -> None:
        runs.run()
        runs.database.rename(runs.cache / "other")
        runs.database.symlink_to("other")
        self.check_unused(runs, f"others can write to {cache.FILE}")

    def test_one_that_is_committed(self, runs: Runs) -> None:
        runs.cache = runs.files / ".cache"
        runs.run()
        for arguments in (["init", "-q"], ["add", "-f", ".cache"]):
            subprocess.run(["git", *arguments], cwd=runs.files, check=True)
        self.check_unused(runs, "the repository that it is in may contain files of it")

    def test_one_in_a_repository_that_does_not_contain_it(self, runs: Runs) -> None:
        runs.cache = runs.files / ".cache"
        subprocess.run(["git", "init", "-q"], cwd=runs.files, check=True)
        first = runs.run()
        assert runs.run() == first
        assert runs.linted == []
