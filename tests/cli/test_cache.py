"""The cache: what comes from it is what would be found, and no fault of it is in the way."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import platformdirs
import pytest
from support.cached_runs import COUNT, Runs, policy

from multitool_lint.cli.run import cache
from multitool_lint.limits import MAX_CACHE_DAYS
from multitool_lint.reporters import formats

FORMATS = [
    pytest.param(name, marks=[pytest.mark.slow] * (name not in {"text", "jsonl"}))
    for name in formats.FORMATS
    if name != "html"
]


def test_unchanged_files_are_not_linted_again(runs: Runs) -> None:
    first = runs.run()
    assert len(runs.linted) == COUNT
    assert f" of {COUNT} files" in first
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


def test_few_files_and_fixes_leave_no_cache(runs: Runs) -> None:
    runs.run(*(f"{number:02}.json" for number in range(8)))
    runs.run(".", "--no-cache")
    runs.run(".", "--diff")
    assert not runs.cache.exists()
    runs.run(".", "--cache-dir", str(runs.files / "here"))
    assert (runs.files / "here" / cache.FILE).is_file()
    assert not runs.cache.exists()


@pytest.mark.slow
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
    assert cache.default_folder() == platformdirs.user_cache_dir(name, appauthor=False)
    monkeypatch.setenv("XDG_CACHE_HOME", os.path.abspath("/somewhere"))  # noqa: PTH100
    assert cache.default_folder() == platformdirs.user_cache_dir(name, appauthor=False)
