"""Chromium, for tests of pages; they skip where it or its driver is not installed."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from support.interop import interop

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless --no-sandbox --disable-dev-shm-usage --disable-gpu --disable-quic --no-first-run "
    "--hide-scrollbars --disable-background-networking --disable-component-update --disable-sync"
)

needs_browser = pytest.mark.skipif(
    not (PROGRAM and DRIVER), reason="no chromium and chromedriver are installed"
)


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser (webdriver.Chrome), with its logs."""
    webdriver = interop("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = PROGRAM or ""
    for flag in FLAGS.split():
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    try:
        yield driver
    finally:
        driver.quit()
