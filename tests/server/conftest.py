from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("pygls")

from support.editor import Editor

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIGURATION = """
[[ignore]]
rule = "old-version"
reason = "kept for old tools"
"""


@pytest.fixture(scope="package")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    folder = tmp_path_factory.mktemp("workspace")
    (folder / "multitool-lint.toml").write_text(CONFIGURATION, encoding="utf-8")
    with Editor(folder, options={"delay": 0}) as editor:
        yield editor
