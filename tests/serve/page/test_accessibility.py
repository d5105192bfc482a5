"""The page for whoever cannot see it, sees little of it, or does not want it to move: axe, and what axe cannot tell."""

from __future__ import annotations

import itertools
from typing import Any

import httpx
import pytest
from axe_core_python.selenium import Axe
from browsing import Page
from selenium.webdriver.common.keys import Keys

REVIEWED = "我已经打了12378投诉：信用卡年费多收三百元，要求退费并道歉。"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}


def breaches(page: Page) -> list[str]:
    found: dict[str, Any] = Axe().run(page.driver, options=RULES)
    assert len(found["passes"]) > 15
    return [f"{one['id']}: {node['html'][:200]}" for one in found["violations"] for node in one["nodes"]]


def show(page: Page, view: str) -> None:
    if view == "key":
        page.open()
        page.complaints()
    elif view == "empty":
        page.open(key=page.service.desk_key)
    elif view == "decided":
        page.open(key=page.service.desk_key)
        page.decide(REVIEWED)
        page.one("details summary").click()
    else:
        headers = {"Authorization": f"Bearer {page.service.desk_key}"}
        httpx.post(f"{page.service.url}/v1/predict", json={"text": REVIEWED}, headers=headers, timeout=60)
        page.open("/#review", key=page.service.desk_key)
        page.until(lambda: page.all(".row"))
        page.one("#row-demands").click()
        page.press("1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", ["key", "empty", "decided", "review"])
def test_axe_finds_nothing(page: Page, view: str, scheme: str) -> None:
    page.driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    show(page, view)
    ground = page.driver.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(19, 24, 23)") == (scheme == "dark")
    assert breaches(page) == []


def test_axe_would_find_something(page: Page) -> None:
    show(page, "empty")
    page.driver.execute_script(
        "document.querySelector('label[for=received]').remove();"
        "document.getElementById('decide-title').style.color = '#ccc'"
    )
    found = {line.split(":")[0] for line in breaches(page)}
    assert found >= {"color-contrast", "label"}


def test_landmarks_and_headings(page: Page) -> None:
    show(page, "decided")
    for css in ("header", "nav[aria-label]", "main", "[role=status][aria-live=polite]", "html[lang=zh-CN]"):
        assert (
            len(page.all(css if css.startswith(("html", "[role")) else f"body > {css}, body > header > {css}")) == 1
        ), css
    levels = [int(one.tag_name[1]) for one in page.all("h1, h2, h3") if one.is_displayed()]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_the_focus_goes_through_the_form_in_the_order_of_the_eye(page: Page) -> None:
    show(page, "empty")
    page.driver.execute_script("document.getElementById('decide-title').focus()")
    order = []
    # A field for date and time has parts that Tab goes through one by one.
    for _ in range(14):
        page.press(Keys.TAB)
        here = page.focused() or page.driver.switch_to.active_element.get_attribute("type") or ""
        if not order or order[-1] != here:
            order.append(here)
    assert order[:6] == ["example", "text", "channel", "received", "decide", "reset"]


def test_a_focus_can_be_seen(page: Page) -> None:
    show(page, "review")
    page.press(Keys.ARROW_UP)
    assert page.driver.switch_to.active_element.value_of_css_property("outline-style") == "solid"


def test_nothing_moves_for_whoever_asked_for_that(page: Page) -> None:
    ask = {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]}
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", ask)
    show(page, "decided")
    moving = "return [...document.querySelectorAll('*')].filter((one) => { const style = getComputedStyle(one);" \
        " return style.animationName !== 'none' || parseFloat(style.transitionDuration) > 0; }).length"  # fmt: skip
    assert page.driver.execute_script(moving) == 0
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert page.driver.execute_script(moving) > 0


def test_it_is_usable_on_a_narrow_screen(page: Page) -> None:
    size = page.driver.get_window_size()
    try:
        page.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride", {"width": 320, "height": 800, "deviceScaleFactor": 1, "mobile": False}
        )
        for view in ("decided", "review"):
            show(page, view)
            assert page.driver.execute_script("return document.documentElement.scrollWidth") <= 320, view
    finally:
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        page.driver.set_window_size(size["width"], size["height"])
