"""The review queue in a real browser, by keyboard alone, down to what the store keeps."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from browsing import PATIENCE, Page
from selenium.webdriver.common.keys import Keys

TEXT = "😀信用卡年费多收了三百元，我已经打了12378投诉，要求退费。"


def wait_for(page: Page, count: int) -> list[str]:
    """Empty the queue, let this many decisions wait in it, and return their ids, the first one first."""
    headers = {"Authorization": f"Bearer {page.service.desk_key}"}
    with httpx.Client(base_url=page.service.url, headers=headers, timeout=60) as client:
        for item in client.get("/v1/review?limit=200").json()["items"]:
            client.post(f"/v1/review/{item['id']}", json={"confirmed": True}).raise_for_status()
        ids = [f"q {at}/{uuid.uuid4().hex[:8]}" for at in range(count)]
        for one in ids:
            client.post("/v1/predict", json={"id": one, "text": TEXT}).raise_for_status()
        # A decision is kept soon, not at once.
        until = time.monotonic() + PATIENCE
        waiting: list[str] = []
        while sorted(waiting) != sorted(ids) and time.monotonic() < until:
            waiting = [item["id"] for item in client.get("/v1/review").json()["items"]]
    assert sorted(waiting) == sorted(ids)
    return waiting


def told(page: Page, ident: str) -> list[Mapping[str, Any]]:
    return [said for one in page.service.desk.store.told() if one.decision_id == ident for said in one.feedback]


def opened(page: Page, count: int) -> list[str]:
    ids = wait_for(page, count)
    page.open("/#review", key=page.service.desk_key)
    page.until(lambda: len(page.all("#queue button")) == count and page.all(".row"))
    return ids


def seen(page: Page) -> None:
    """Wait as long as it takes to see a complaint: what has just been opened cannot be sent."""
    page.until(lambda: page.all(".editor[data-armed]"))


def current(page: Page) -> str:
    return page.one("#queue [aria-current]").get_attribute("data-id") or ""


def value(page: Page, facet: str) -> str:
    return page.one(f"#row-{facet} .row-value").text.split("原判")[0].strip()


def test_a_correction_by_keyboard_alone_reaches_the_store(page: Page) -> None:
    first, second = opened(page, 2)
    # From the top of the page: skip nothing, use Tab until the queue has the focus.
    for _ in range(15):
        page.press(Keys.TAB)
        if page.driver.switch_to.active_element.get_attribute("data-id") == first:
            break
    page.press(Keys.ENTER)
    assert page.focused() == "row-business"
    assert value(page, "business") == "信用卡"
    page.press("3")
    assert value(page, "business") == "贷款"
    page.press(Keys.ARROW_DOWN)
    assert page.focused() == "row-reason"
    assert page.one("#panel-reason").is_displayed()
    assert not page.one("#panel-business").is_displayed()
    page.press(Keys.ARROW_DOWN, Keys.ARROW_RIGHT)
    assert page.focused() == "row-urgency"
    for facet in ("department", "channel", "complexity", "sentiment", "demands"):
        page.press(Keys.ARROW_DOWN)
        assert page.focused() == f"row-{facet}"
    page.press("4", Keys.ARROW_UP, "1")
    assert value(page, "sentiment") == "非常负面"
    assert "更正" in page.one(".editor [type=submit]").text
    seen(page)
    page.press(Keys.ENTER)
    page.until(lambda: current(page) == second)
    assert page.focused() == "row-business"
    (said,) = told(page, first)
    assert said["confirmed"] is True
    assert said["labels"] == {
        "business": "loan",
        "urgency": "normal",
        "sentiment": -0.8,
        "demands": ["refund", "apology"],
    }
    assert told(page, second) == []
    page.until(lambda: "还有 1 条" in (page.one("#live").get_attribute("textContent") or ""))


def test_enter_alone_confirms(page: Page) -> None:
    (only,) = opened(page, 1)
    page.one("#queue button").send_keys(Keys.ENTER)
    assert "确认无误" in page.one(".editor [type=submit]").text
    seen(page)
    page.press(Keys.ENTER)
    page.until(lambda: "没有等待复核的投诉" in page.one("#item").text)
    assert page.focused() == "review-title"
    (said,) = told(page, only)
    assert (said["confirmed"], said["labels"]) == (True, {})


def test_a_key_struck_twice_does_not_judge_the_next_one_unseen(page: Page) -> None:
    first, second = opened(page, 2)
    seen(page)
    page.one("#row-business").send_keys("3", Keys.ENTER)
    page.driver.execute_script(
        "const strike = () => document.activeElement.dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, cancelable: true}));"
        "const done = arguments[0];"
        "const here = () => document.querySelector('#queue [aria-current]')?.dataset.id;"
        "const look = () => here() === done ? strike() : setTimeout(look);"
        "look();",
        second,
    )
    page.until(lambda: current(page) == second)
    seen(page)
    assert (len(told(page, first)), told(page, second)) == (1, [])


def test_escape_undoes_and_then_goes_back(page: Page) -> None:
    first, second = opened(page, 2)
    page.one("#queue button").send_keys(Keys.ENTER)
    page.press("3")
    assert page.all(".row.changed")
    page.press(Keys.ESCAPE)
    assert not page.all(".row.changed")
    assert page.focused() == "row-business"
    page.press(Keys.ESCAPE)
    assert page.driver.switch_to.active_element.get_attribute("data-id") == first
    page.press(Keys.ARROW_DOWN)
    assert page.driver.switch_to.active_element.get_attribute("data-id") == second
    assert (told(page, first), told(page, second)) == ([], [])


def test_going_on_without_a_word_sends_nothing(page: Page) -> None:
    first, second = opened(page, 2)
    page.one("#queue button").send_keys(Keys.ENTER)
    page.press("n")
    assert (current(page), page.focused()) == (second, "row-business")
    page.press("p")
    assert (current(page), page.focused()) == (first, "row-business")
    assert (told(page, first), told(page, second)) == ([], [])


def test_letters_in_the_note_are_letters(page: Page) -> None:
    (only,) = opened(page, 1)
    page.one("#who").send_keys("agent-017")
    page.one("#note").send_keys("3 npq")
    assert not page.all(".row.changed")
    assert (page.one("#note").get_attribute("value"), current(page)) == ("3 npq", only)
    seen(page)
    page.press(Keys.ENTER)
    page.until(lambda: "没有等待复核的投诉" in page.one("#item").text)
    (said,) = told(page, only)
    assert (said["who"], said["note"]) == ("agent-017", "3 npq")


def test_a_refused_correction_stays_on_the_page(page: Page) -> None:
    (only,) = opened(page, 1)
    page.one("#who").send_keys("13812345678")
    seen(page)
    page.one("#row-business").send_keys("3", Keys.ENTER)
    page.until(lambda: "工号" in page.one(".editor .alert").text)
    assert value(page, "business") == "贷款"
    assert told(page, only) == []
    assert all("422" in message for message in page.complaints())
    page.driver.execute_script("sessionStorage.clear()")


def test_marks_stand_in_the_redacted_text(page: Page) -> None:
    opened(page, 1)
    assert page.one("#item .marked").get_attribute("textContent") == TEXT
    found = [mark.get_attribute("textContent") or "" for mark in page.all("#item mark[data-facets~='flags']")]
    assert "12378" in "".join(found)


def test_an_open_row_shows_its_own_evidence(page: Page) -> None:
    opened(page, 1)
    page.one("#row-demands").click()
    assert {mark.get_attribute("data-facets") for mark in page.all("#item mark")} == {"demands"}
    assert page.one("#item input[value='demands'][name='marks-review']").is_selected()


@pytest.mark.parametrize(("urgency", "count"), [("high", 1), ("low", 0)])
def test_the_queue_is_filtered(page: Page, urgency: str, count: int) -> None:
    opened(page, 1)
    page.driver.execute_script(
        "const by = document.getElementById('by-urgency');"
        "by.value = arguments[0]; by.dispatchEvent(new Event('change'))",
        urgency,
    )
    page.until(lambda: len(page.all("#queue button")) == count)
