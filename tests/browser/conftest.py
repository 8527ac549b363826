"""A real browser with reports in it. Whatever a test does, a page neither complains nor asks for anything."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request

from lab.report.html import page
from lab.statistics.results import CaseResult
from tests.unit.gates import verdict
from tests.unit.many import many
from tests.unit.records import run

HOSTILE = "</script><img src=x onerror=owned=1><b>bold</b>"
GATES = [
    verdict("first_image.p95 < 500 ms", "geo-sat", 3.4, passed=False),
    verdict("throughput.median > 10 mbit", "wan-20ms", 31.0, passed=True),
]


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirteen cases over five profiles, one of which failed; gates."""
    return _written(tmp_path_factory, many(13, runs=3, instances=60))


@pytest.fixture(scope="session")
def odd_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One case of an old record, whose timeline has no begins, and names that try to be more than names."""
    usual = many(3, runs=3, instances=20)
    old = run(timeline=replace(run().timeline, begin_s=[], association=[]))
    hosts = {HOSTILE: next(iter(usual[0].runs)).hosts["tester"]}
    first = replace(usual[0], key=replace(usual[0].key, profile=HOSTILE), runs=(replace(old, hosts=hosts),))
    return _written(tmp_path_factory, [first, *usual[1:]])


def _written(folders: pytest.TempPathFactory, results: list[CaseResult]) -> Path:
    file = folders.mktemp("report") / "report.html"
    file.write_text(page(results, GATES, title="A report"), encoding="utf-8")
    return file


class Screen:
    """A report that is open, its charts drawn, and all that the browser said of it."""

    def __init__(self, browser: Browser, report: Path, **context: Any) -> None:
        self.said: list[str] = []
        self.page = browser.new_page(**context)
        self.page.on("console", self._listen)
        self.page.on("pageerror", self._fail)
        self.page.on("request", self._ask)
        self.page.goto(report.as_uri())
        self.page.wait_for_selector("#gaps .main-svg")
        self.said.remove(f"asked for {report.as_uri()}")

    def _listen(self, message: ConsoleMessage) -> None:
        self.said.append(f"{message.type}: {message.text}")

    def _fail(self, error: Error) -> None:
        self.said.append(str(error))

    def _ask(self, request: Request) -> None:
        if not request.url.startswith("data:"):
            self.said.append(f"asked for {request.url}")


_DESKTOP = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def light_screen(browser: Browser, report: Path) -> Screen:
    return Screen(browser, report, viewport=_DESKTOP, color_scheme="light")


@pytest.fixture(scope="module")
def dark_screen(browser: Browser, report: Path) -> Screen:
    return Screen(browser, report, viewport=_DESKTOP, color_scheme="dark")


@pytest.fixture(scope="module")
def phone_screen(browser: Browser, report: Path) -> Screen:
    phone = {"width": 390, "height": 844}
    return Screen(browser, report, viewport=phone, has_touch=True, is_mobile=True)


@pytest.fixture(scope="module")
def odd_screen(browser: Browser, odd_report: Path) -> Screen:
    return Screen(browser, odd_report, viewport=_DESKTOP)


def _quiet(screen: Screen) -> Iterator[Page]:
    yield screen.page
    assert screen.said == []


@pytest.fixture
def light(light_screen: Screen) -> Iterator[Page]:
    yield from _quiet(light_screen)


@pytest.fixture
def dark(dark_screen: Screen) -> Iterator[Page]:
    yield from _quiet(dark_screen)


@pytest.fixture
def phone(phone_screen: Screen) -> Iterator[Page]:
    yield from _quiet(phone_screen)


@pytest.fixture
def odd(odd_screen: Screen) -> Iterator[Page]:
    yield from _quiet(odd_screen)
