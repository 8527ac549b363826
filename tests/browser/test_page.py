"""The report in a real browser, as people use it. A page is opened once and used by many tests."""

import re
from itertools import pairwise
from typing import Any

import imagecodecs
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import HOSTILE

CHARTS = (
    *("first-image", "throughput", "predicted", "timeline", "gaps"),
    *("rtt", "speed", "pings", "cores", "memory", "network"),
)
OF_ONE_CASE = ("timeline", "gaps", "speed", "cores")
LOSSY = "2"  # mpls-hospital: a profile with phases, and pings that were lost
DURATION = 4  # columns of the table of cases, from 0
INK = ("#gaps .xtick text", "fill")
BOX = """(id) => {
  const box = document.getElementById(id).getBoundingClientRect();
  return [box.x, box.y + scrollY, box.width, box.height];
}"""
FOCUS = """() => {
  const one = document.activeElement;
  return [one.id ? `#${one.id}` : one.textContent.trim(), getComputedStyle(one).outlineStyle];
}"""


def column(page: Page, place: int) -> list[str]:
    return page.locator(f"#case-table tbody tr:not([hidden]) > :nth-child({place + 1})").all_inner_texts()


def durations(page: Page) -> list[float]:
    return [float(text) for text in column(page, DURATION) if text != "-"]


def style(page: Page, selector: str, name: str) -> Any:
    script = "([selector, name]) => getComputedStyle(document.querySelector(selector))[name]"
    return page.evaluate(script, [selector, name])


def said(page: Page, chart: str) -> str:
    return str(page.locator(f"#{chart}").get_attribute("aria-label"))


def choose(page: Page, case: str) -> None:
    page.get_by_role("combobox", name="Case").select_option(case)


@pytest.fixture(params=["light", "dark"])
def either(request: pytest.FixtureRequest) -> Page:
    page: Page = request.getfixturevalue(request.param)
    return page


def test_every_chart_is_drawn(either: Page) -> None:
    choose(either, LOSSY)
    picture = imagecodecs.png_decode(either.screenshot(full_page=True))
    for chart in CHARTS:
        left, top, width, height = map(int, either.evaluate(BOX, chart))
        area = picture[top : top + height, left : left + width, :3].astype(np.uint32)
        assert len(np.unique(area @ [1 << 16, 1 << 8, 1])) > 30, chart


def test_nothing_is_fetched(light: Page) -> None:
    assert light.evaluate("performance.getEntriesByType('resource').length") == 0


def test_a_click_on_a_heading_sorts_and_a_second_one_turns_round(light: Page) -> None:
    heading = light.get_by_role("columnheader", name="duration s")
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == "ascending"
    assert durations(light) == sorted(durations(light))
    assert column(light, DURATION)[-1] == "-"
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == "descending"
    assert durations(light) == sorted(durations(light), reverse=True)
    assert column(light, DURATION)[-1] == "-"


def test_enter_on_a_heading_sorts(light: Page) -> None:
    light.get_by_role("button", name="case").focus()
    light.keyboard.press("Enter")
    assert column(light, 0) == sorted(column(light, 0), key=str.lower)
    assert light.locator("#case-table [aria-sort]").count() == 1


def test_the_filter_leaves_what_has_all_its_words(light: Page) -> None:
    light.get_by_label("Filter").fill("WAN c-move")
    assert column(light, 0) == ["wan-20ms, C-MOVE"]
    assert light.locator("#shown").inner_text() == "1 of 13"
    light.get_by_label("Filter").fill("")
    assert len(column(light, 0)) == 13


def test_another_case_has_other_charts(light: Page) -> None:
    choose(light, "0")
    before = [said(light, chart) for chart in OF_ONE_CASE]
    choose(light, "3")
    after = [said(light, chart) for chart in OF_ONE_CASE]
    assert all(one != other for one, other in zip(before, after, strict=True))
    assert all("wan-20ms, C-MOVE" in text for text in after)
    assert light.evaluate("document.getElementById('timeline').data[0].x.at(-1)") > 2


def test_the_case_can_be_changed_by_keyboard_and_by_its_name_in_the_table(light: Page) -> None:
    choose(light, "0")
    light.get_by_role("combobox", name="Case").focus()
    light.keyboard.press("ArrowDown")
    assert "lan-1g" in said(light, "timeline")
    light.get_by_role("link", name="geo-sat, C-STORE").click()
    assert "geo-sat, C-STORE" in said(light, "timeline")


def test_a_profile_with_phases_has_them_marked(light: Page) -> None:
    choose(light, LOSSY)
    assert light.locator("#speed .annotation-text").all_text_contents() == ["wide", "narrow"]


def test_a_logarithmic_axis_has_figures_within_a_decade_too(light: Page) -> None:
    choose(light, LOSSY)
    assert "20" in light.locator("#gaps .xtick").all_text_contents()


def test_round_trips_while_it_lasted_are_drawn_with_phases_and_what_was_lost(light: Page) -> None:
    choose(light, LOSSY)
    assert light.locator("#pings .annotation-text").all_text_contents() == ["wide", "narrow", "last image"]
    assert light.evaluate("document.getElementById('pings').data.length") == 2
    assert re.fullmatch(r"3 of \d+ pings were lost\.", light.locator("#pings-note").inner_text())
    assert "at most" in said(light, "pings")
    light.get_by_text("Round trip while it lasted as a table").click()
    rows = light.locator("details[data-table=pings] tbody tr")
    rows.first.wait_for()
    assert rows.count() == light.evaluate("document.getElementById('pings').data[1].x.length")
    light.get_by_text("Round trip while it lasted as a table").click()


def test_a_case_without_round_trips_from_while_it_lasted_says_so(light: Page) -> None:
    choose(light, LOSSY)
    assert light.locator("#pings").is_visible()
    choose(light, "0")
    assert light.locator("#pings").is_hidden()
    assert light.get_by_text("has no round trips from while it lasted").is_visible()


def test_a_rate_is_drawn_over_the_whole_time_between_two_readings(light: Page) -> None:
    choose(light, LOSSY)
    assert light.evaluate("document.getElementById('cores').data[0].line.shape") == "vh"
    assert light.evaluate("document.getElementById('cores').data[0].x[0]") == 0


def test_a_run_shorter_than_its_readings_says_that(light: Page) -> None:
    choose(light, "0")
    assert "read once or twice a second" in light.locator("#cores-note").inner_text()


def test_dark_and_light_follow_the_system_until_the_button_is_pressed(dark: Page) -> None:
    assert style(dark, "body", "backgroundColor") == "rgb(18, 22, 27)"
    ink = style(dark, *INK)
    dark.get_by_role("button", name="Dark", pressed=True).click()
    assert style(dark, "body", "backgroundColor") == "rgb(255, 255, 255)"
    assert style(dark, *INK) != ink
    dark.get_by_role("button", name="Dark", pressed=False).click()
    assert style(dark, *INK) == ink


def test_a_phone_does_not_scroll_sideways(phone: Page) -> None:
    phone.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    assert phone.evaluate("document.querySelector('#timeline .main-svg').clientWidth") <= 390


def broken(page: Page, *rules: str) -> list[tuple[str, Any]]:
    """What axe finds by those rules, or by all of its own."""
    found = Axe().run(page, options={"runOnly": list(rules)} if rules else None).response["violations"]
    return [(one["id"], one["nodes"][0]["target"]) for one in found]


def test_the_page_is_accessible_with_every_table_open(light: Page) -> None:
    choose(light, LOSSY)
    light.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    found = broken(light)
    light.evaluate("for (const one of document.querySelectorAll('details')) one.open = false")
    assert found == []


def test_there_is_contrast_in_the_dark_too(dark: Page) -> None:
    choose(dark, LOSSY)
    assert broken(dark, "color-contrast") == []


def test_headings_come_in_order_and_charts_say_their_figure(light: Page) -> None:
    choose(light, LOSSY)
    levels = light.evaluate("[...document.querySelectorAll('h1,h2,h3')].map((one) => Number(one.tagName[1]))")
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    labels = light.evaluate("[...document.querySelectorAll('.plot')].map((one) => one.ariaLabel)")
    assert all(any(character.isdigit() for character in label) for label in labels)


def test_the_keyboard_reaches_every_control_and_shows_where_it_is(light: Page) -> None:
    light.get_by_label("Filter").fill("nothing has these words")
    light.get_by_role("button", name="Dark").focus()
    outlines: dict[str, str] = {}
    for _ in range(40):
        light.keyboard.press("Tab")
        name, outline = light.evaluate(FOCUS)
        outlines[name] = outline
        if name == "#case":
            break
    light.get_by_label("Filter").fill("")
    assert {"#filter", "#case", "duration s", "Verdicts", "Throughput as a table"} <= set(outlines)
    assert set(outlines.values()) == {"solid"}


@pytest.mark.parametrize(("motion", "scrolling"), [("reduce", "auto"), ("no-preference", "smooth")])
def test_who_wants_no_motion_has_none(light: Page, motion: Any, scrolling: str) -> None:
    light.emulate_media(reduced_motion=motion)
    assert style(light, "html", "scrollBehavior") == scrolling


def test_paper_is_light_and_has_its_tables_open(dark: Page) -> None:
    ink = style(dark, *INK)
    dark.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert dark.locator("details[data-print]:not([open])").count() == 0
    assert style(dark, *INK) != ink
    dark.emulate_media(media="print")
    assert style(dark, "body", "color") == "rgb(27, 35, 44)"
    dark.emulate_media(media="screen")
    dark.evaluate("dispatchEvent(new Event('afterprint'))")
    assert dark.locator("details[open]").count() == 0
    assert style(dark, *INK) == ink


def test_it_prints(dark: Page) -> None:
    document = dark.pdf(format="A4")
    assert document.startswith(b"%PDF-")
    assert 5 < document.count(b"/Type /Page\n") < 40


def test_names_are_names_and_no_markup(odd: Page) -> None:
    assert odd.evaluate("typeof owned") == "undefined"
    assert odd.locator("b", has_text="bold").count() == 0
    assert HOSTILE in odd.locator("#case-table").inner_text()
    assert HOSTILE in said(odd, "timeline")
    assert HOSTILE in odd.locator("#first-image .xtick").all_text_contents()


def test_a_record_without_begins_has_its_ends_drawn(odd: Page) -> None:
    odd.get_by_text("Timeline as a table").click()
    table = odd.locator("details[data-table=timeline] tbody tr")
    table.first.wait_for()
    rows = table.all_inner_texts()
    assert [row.split("\t")[1] for row in rows] == ["-", "-"]
    assert odd.locator("#timeline .point").count() == 2
