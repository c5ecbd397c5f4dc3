"""The HTML report in a browser: what people see, what happens when they use it, what cannot."""

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from support.browser import chromium, needs_browser
from support.interop import interop

from multitool_lint.api.lint import read_settings
from multitool_lint.linter.lint import lint_with_settings
from multitool_lint.linter.report import Suppressed
from multitool_lint.reporters.html.reporter import Reporter
from multitool_lint.reporters.summary import ReportOptions, Summary
from multitool_lint.syntax.source import Source

Run = Callable[..., subprocess.CompletedProcess[str]]
Browser = Any  # a webdriver.Chrome

ROOT = Path(__file__).parents[2]
HOSTILE = "</script><img src=x onerror=alert(1)>\"'><svg onload=alert(1)>{{7*7}}\u202e\ud800"

pytestmark = [needs_browser, pytest.mark.slow]


def page_of(*policies: tuple[str, object], type: str | None = None, silent: bool = False) -> str:
    """The page of policies by path, all of whose findings are suppressed where it is silent."""
    reporter, summary = Reporter(ReportOptions(version="1.2.3")), Summary()
    for path, policy in policies:
        text = policy if isinstance(policy, str) else json.dumps(policy, indent=2)
        report = lint_with_settings(Source(path, text), read_settings(type=type).of(path))
        if silent:
            suppressed = tuple(
                Suppressed(finding, "comment", "known") for finding in report.findings
            )
            report = report._replace(findings=(), suppressed=suppressed)
        summary.add_file(report)
        assert list(reporter.file(report)) == []
    return "".join(reporter.end(summary))


def policy(*statements: dict[str, object]) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(*actions: str, resource: str = "*", **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as driver:
        yield driver


@pytest.fixture(scope="module")
def fixtures(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the fixtures, as the command writes it."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    assert run("fixtures", "--format", "html", "--output", str(path)).returncode == 1
    return path


def opened(
    browser: Browser, page: Path, *, width: int = 1280, dark: bool = False, fragment: str = ""
) -> Browser:
    """The page as a person with that screen and that system theme sees it first."""
    command = browser.execute_cdp_cmd
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    command("Emulation.setDeviceMetricsOverride", metrics)
    theme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    command("Emulation.setEmulatedMedia", {"features": [theme]})
    browser.get("about:blank")
    for log in ("browser", "performance"):
        logged(browser, log)
    browser.get(f"file://{page}{fragment}")
    suppress()
    return browser


def suppress() -> None:
    """Wait until the page has done what it does after an event."""
    time.sleep(0.1)


def script(browser: Browser, code: str, *arguments: object) -> Any:  # noqa: ANN401 - whatever it returns
    return browser.execute_script(code, *arguments)


def logged(browser: Browser, log: str) -> list[dict[str, Any]]:
    """What the browser has logged since it was asked last."""
    return list(browser.get_log(log))


def visible(browser: Browser, selector: str) -> list[str]:
    """The texts of the elements that are shown, on the screen or by scrolling."""
    code = """return [...document.querySelectorAll(arguments[0])]
        .filter(e => e.checkVisibility()).map(e => e.textContent.trim())"""
    return list(script(browser, code, selector))


def unfold(browser: Browser) -> None:
    script(browser, "document.querySelectorAll('details').forEach(d => { d.open = true; })")


def requests(browser: Browser) -> list[str]:
    events = [json.loads(entry["message"])["message"] for entry in logged(browser, "performance")]
    urls = [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]
    return [url for url in urls if not url.startswith("data:")]


def test_it_asks_for_nothing_and_complains_of_nothing(browser: Browser, fixtures: Path) -> None:
    opened(browser, fixtures)
    assert requests(browser) == [f"file://{fixtures}"]
    assert logged(browser, "browser") == []


def test_every_finding_is_once_at_its_line_and_its_place_is_marked(
    browser: Browser, fixtures: Path, run: Run
) -> None:
    opened(browser, fixtures)
    cards = script(
        browser,
        """return [...document.querySelectorAll(".f")].map(f => {
            const line = f.closest("li"), list = line.parentElement;
            return {rule: f.dataset.r, severity: f.dataset.s,
                path: f.closest(".file").querySelector("h2").textContent,
                title: f.querySelector("h4").textContent,
                line: list.start + [...list.children].indexOf(line),
                marks: [...line.querySelectorAll(":scope > mark")].map(m => m.textContent)};
        })""",
    )
    findings = json.loads(run("fixtures", "--format", "json").stdout)["findings"]
    shown = sorted((c["path"], c["line"], c["rule"], c["severity"], c["title"]) for c in cards)
    assert shown == sorted(
        (f["path"], f["start"]["line"], f["rule"], f["severity"], f["title"].replace("`", ""))
        for f in findings
    )
    texts = {path: (ROOT / path).read_text(encoding="utf-8") for path, *_ in shown}
    for finding in findings:
        place = texts[finding["path"]][finding["start"]["offset"] : finding["end"]["offset"]]
        marks = next(
            card["marks"]
            for card in cards
            if (card["path"], card["line"]) == (finding["path"], finding["start"]["line"])
        )
        assert place.splitlines()[0] in marks


def test_the_filters_hide_findings_their_marks_and_the_files_without(
    browser: Browser, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    wide, doubled = allow("iam:PassRole", "ec2:*"), allow("s3:GetObject", "s3:GetObject")
    page.write_text(page_of(("a.json", policy(wide)), ("b.json", policy(doubled))))
    opened(browser, page)
    severities = set(
        script(browser, "return [...document.querySelectorAll('.f')].map(f => f.dataset.s)")
    )
    assert {"security", "suggestion"} <= severities

    script(browser, "document.querySelector('[name=severity][value=suggestion]').click()")
    assert visible(browser, ".f")
    assert not visible(browser, ".f[data-s=suggestion]")
    assert not visible(browser, "mark.suggestion:not(.off)")
    assert visible(browser, ".file h2") == visible(browser, ".files a")[1:2] == ["a.json"]
    assert re.fullmatch(r"\d of \d findings shown", visible(browser, "#shown")[0])

    script(browser, "document.querySelector('#filters').reset()")
    find = """arguments[0].value = arguments[1];
        arguments[0].dispatchEvent(new Event("change", {bubbles: true}))"""
    suppress()
    script(browser, find, browser.find_element("id", "rule"), "redundant-action")
    assert {"redundant-action"} == set(visible(browser, ".f .rule"))
    script(browser, "document.querySelector('#filters').reset()")
    suppress()
    script(browser, find, browser.find_element("id", "words"), "no such words")
    assert visible(browser, ".f") == visible(browser, ".file") == []


CONTRAST = """
const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
const channels = (colour) => {
  canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
};
const over = (top, under) => [0, 1, 2].map(i => top[i] * top[3] + under[i] * (1 - top[3]));
const ground = (e) => {
  if (!e) return [255, 255, 255];
  const colour = channels(getComputedStyle(e).backgroundColor);
  return colour[3] === 1 ? colour : over(colour, ground(e.parentElement));
};
const light = (c) => [0.2126, 0.7152, 0.0722].reduce((sum, w, i) => {
  const v = c[i] / 255; return sum + w * (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
}, 0);
document.querySelectorAll("details").forEach(d => { d.open = true; });
return [...document.querySelectorAll("body *")].filter(e => e.checkVisibility()
    && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())).map(e => {
  const back = ground(e), text = over(channels(getComputedStyle(e).color), back);
  const [a, b] = [light(text), light(back)].sort((x, y) => y - x);
  return [(a + 0.05) / (b + 0.05), `${e.localName}.${e.className}: ${e.textContent.slice(0, 40)}`];
}).filter(([ratio]) => ratio < 4.5)
"""


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_has_the_contrast_that_wcag_asks_for(
    browser: Browser, tmp_path: Path, *, dark: bool
) -> None:
    page = tmp_path / "page.html"
    wide = policy(allow("*", "s3:Nothing", "s3:*"), allow("s3:*", Condition={"Bool": {}}))
    mild = policy(allow("s3:GetObject", "iam:PassRole", "lambda:*", "s3:GetObject"))
    page.write_text(page_of(("a.json", wide), ("b.json", mild), ("c.json", '{"Statement": [')))
    opened(browser, page, dark=dark)
    assert script(browser, CONTRAST) == []


@pytest.mark.parametrize("dark", [False, True])
def test_the_theme_is_the_systems_until_the_reader_chooses(
    browser: Browser, fixtures: Path, *, dark: bool
) -> None:
    opened(browser, fixtures, dark=dark)
    script(browser, "localStorage.clear()")
    opened(browser, fixtures, dark=dark)
    assert (brightness(browser) < 60) == dark
    browser.find_element("id", "theme").click()
    assert (brightness(browser) < 60) != dark
    browser.refresh()
    assert (brightness(browser) < 60) != dark
    script(browser, "localStorage.clear()")


def screenshot(browser: Browser) -> Any:  # noqa: ANN401 - an image of PIL
    return interop("PIL.Image").open(BytesIO(browser.get_screenshot_as_png())).convert("RGB")


def brightness(browser: Browser) -> int:
    return int(sum(screenshot(browser).getpixel((2, 300))) // 3)


@pytest.mark.parametrize("dark", [False, True])
def test_a_screenshot_shows_the_marked_place_in_its_colour(
    browser: Browser, fixtures: Path, *, dark: bool
) -> None:
    opened(browser, fixtures, dark=dark)
    unfold(browser)
    script(browser, "document.querySelector('mark.warning').scrollIntoView({block: 'center'})")
    for _ in range(50):  # until the browser has painted where it has scrolled to
        (left, top, right, _), colour, around = script(
            browser,
            """const m = document.querySelector("mark.warning"), r = m.getBoundingClientRect();
            const rgb = (c) => c.match(/\\d+/g).slice(0, 3).map(Number);
            return [[r.left, r.top, r.right, r.bottom].map(Math.round),
                    rgb(getComputedStyle(m).backgroundColor),
                    rgb(getComputedStyle(m.closest(".source")).backgroundColor)]""",
        )
        image = screenshot(browser)
        corners = [image.getpixel((x, top + 1)) for x in (left + 4, right - 4)]
        if corners == [tuple(colour)] * 2:
            break
    assert len(image.getcolors(1 << 24)) > 200
    assert corners == [tuple(colour)] * 2
    assert colour != around


@pytest.mark.parametrize("width", [360, 768, 1600])
def test_no_width_needs_scrolling_sideways(browser: Browser, fixtures: Path, width: int) -> None:
    opened(browser, fixtures, width=width)
    script(browser, "document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert script(browser, "return document.documentElement.scrollWidth") == width


def test_it_is_read_without_its_script(browser: Browser, fixtures: Path) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        opened(browser, fixtures)
        unfold(browser)  # as a reader does by clicks
        assert len(visible(browser, ".f h4")) == len(browser.find_elements("css selector", ".f"))
        assert visible(browser, ".matrix tbody th[scope=row]")
        assert visible(browser, "#filters") == visible(browser, "#theme") == []
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_a_link_leads_into_a_folded_file_and_a_reason_unfolds_in_place(
    browser: Browser, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    files = [(f"{n} of 30.json", policy(allow("ec2:*", "iam:PassRole"))) for n in range(30)]
    page.write_text(page_of(*files))
    opened(browser, page)
    assert visible(browser, ".f") == []
    ids = script(browser, "return [...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))
    last = [id_ for id_ in ids if id_.startswith("f-")][-1]
    opened(browser, page, fragment=f"#{last}")
    top = script(
        browser, "return document.getElementById(arguments[0]).getBoundingClientRect().top", last
    )
    assert 0 <= top < 900
    script(browser, "document.getElementById(arguments[0]).querySelector('.why').open = true", last)
    suppress()
    assert len(visible(browser, f"[id='{last}'] .prose")) == 1
    dead = """return [...document.querySelectorAll("a[href^='#']")].map(a => a.hash.slice(1))
        .filter(id => !document.getElementById(id))"""
    assert script(browser, dead) == []


def hostile() -> Iterator[str]:
    document = policy(
        allow(HOSTILE, f"s3:{HOSTILE}", "s3:Get*", "s3:GetObject", resource=HOSTILE, Sid=HOSTILE),
        {"Effect": "Allow", "Principal": {"AWS": HOSTILE}, "Action": "s3:*", "Resource": HOSTILE},
        {HOSTILE: HOSTILE, "Effect": HOSTILE, "Condition": {HOSTILE: {HOSTILE: HOSTILE}}},
    )
    raw = json.dumps(document, ensure_ascii=False).replace("\ud800", "\\ud800")
    fence = f"# {HOSTILE[:-1]}\n\n```json\n{json.dumps(document)}\n```\n"
    yield page_of((f"{HOSTILE}.json", document), (f"{HOSTILE}.json", raw), (f"{HOSTILE}.md", fence))
    for type_ in ("resource", "trust", "scp", "rcp"):
        yield page_of((f"{HOSTILE}.json", raw), type=type_, silent=True)


def test_nothing_in_a_policy_is_executed(browser: Browser, tmp_path: Path) -> None:
    for number, text in enumerate(hostile()):
        page = tmp_path / f"{number}.html"
        page.write_text(text, encoding="utf-8")
        opened(browser, page)
        script(browser, "document.querySelectorAll('details').forEach(d => { d.open = true; })")
        assert script(browser, "return document.querySelectorAll('img, svg, script').length") == 1
        assert requests(browser) == [f"file://{page}"]
        assert logged(browser, "browser") == []
        assert "</script><img src=x onerror=alert(1)>" in visible(browser, ".s")[0]
        assert "{{7*7}}" in visible(browser, ".s")[0]
        assert "\u202e" not in text
