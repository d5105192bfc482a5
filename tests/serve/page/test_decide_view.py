"""The first view in a real browser: what a person sees of a decision is what the service decided."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from browsing import Page, running
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from triage.config import Config
from triage.errors import TriageError
from triage.pipeline import Request, Triage
from triage.types import Alternative, Decision, Notice

MISSOLD = "我妈妈今年72岁，在你们支行存5万元定期，柜员却给她办成了分红保险。我已经打了12378投诉，要求全额退款并道歉。"
EMOJI = "👨‍👩‍👧😡😡 App一直闪退𠮷，房贷转不进钱😭，请尽快修好👍🏽！"
HOSTILE = "<img src=x onerror=\"document.title='hit'\"><script>document.title='hit'</script> 信用卡被盗刷三千元 {{7*7}}"


def decision(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page.one("#json").get_attribute("textContent") or "")
    return found


def choose(page: Page, facet: str) -> None:
    page.driver.execute_script("arguments[0].click()", page.one(f"#marked input[value='{facet}']"))


def marks(page: Page, facet: str) -> str:
    """Return the characters that are marked for a facet; a character in two marks would stand here twice."""
    found = page.all(f"#marked mark[data-facets~='{facet}']")
    return "".join(mark.get_attribute("textContent") or "" for mark in found)


def said(text: str, evidence: list[dict[str, Any]]) -> str:
    covered = sorted({place for piece in evidence for place in range(piece["start"], piece["end"])})
    return "".join(text[place] for place in covered)


def test_the_whole_decision_is_shown(page: Page) -> None:
    page.open(key=page.service.desk_key)
    page.decide(MISSOLD)
    shown, found = page.one("#result").text, decision(page)
    for facet in ("business", "reason", "urgency", "department", "sentiment", "complexity", "channel"):
        assert found[facet]["name"] in page.one(f"#result [data-facet='{facet}'] .value").text, facet
    for facet in ("demands", "flags"):
        tags = [tag.text for tag in page.all(f"#result [data-facet='{facet}'] .tag")]
        assert tags == [tag["name"] for tag in found[facet]] != []
    assert "消费者权益保护部" in page.one("#result [data-facet='department'] .co").text
    assert page.one("#reply").text == found["suggested_reply"].strip()
    assert [one.get_attribute("datetime") for one in page.all("#result time")] == [
        found["first_response_due"],
        *(one["due"] for one in found["deadlines"]),
    ]
    assert "须人工复核" in page.one("#result .verdict").text
    assert "已涉监管、媒体或诉讼" in page.one("#result .verdict").text
    assert found["model_version"] in shown
    # Rules give no probability, and the page makes none up.
    assert "把握" not in shown
    live = page.until(lambda: page.one("#live").get_attribute("textContent"))
    assert found["department"]["name"] in str(live)


@pytest.mark.parametrize(
    "text",
    [MISSOLD, EMOJI, EMOJI + MISSOLD, "😀\n\n信用卡被盗刷三千元\n", HOSTILE],
    ids=["plain", "emoji", "both", "lines", "markup"],
)
def test_marks_lie_on_the_evidence(page: Page, text: str) -> None:
    page.open(key=page.service.desk_key)
    page.decide(text)
    found = decision(page)
    assert page.one("#marked .marked").get_attribute("textContent") == text
    evident = 0
    for facet in (
        "business",
        "reason",
        "urgency",
        "department",
        "channel",
        "complexity",
        "sentiment",
        "demands",
        "flags",
    ):
        labels = found[facet] if isinstance(found[facet], list) else [found[facet]]
        evidence = [piece for label in labels for piece in label["evidence"]]
        assert all(text[piece["start"] : piece["end"]] == piece["text"] for piece in evidence)
        if evidence:
            evident += 1
            choose(page, facet)
            assert marks(page, facet) == said(text, evidence), facet
    assert evident >= 2
    assert "hit" not in page.driver.title
    assert not page.all("#marked img, #result img, #marked script")


def test_overlapping_evidence_keeps_all_its_facets(page: Page) -> None:
    page.open(key=page.service.desk_key)
    page.decide(MISSOLD)
    several = [mark for mark in page.all("#marked mark") if " " in (mark.get_attribute("data-facets") or "")]
    assert several
    for mark in several:
        facets = (mark.get_attribute("data-facets") or "").split()
        assert (mark.value_of_css_property("background-image") or "").count("linear-gradient") == len(facets)


class Sure(Triage):
    """A triage that is as sure of each label as a calibrated model might be, and says that something was left out."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.model = SimpleNamespace(version="m-1")  # type: ignore[assignment]

    def decide(
        self, requests: Sequence[Request], *, rules_only: bool = False, budget: float | None = None
    ) -> list[Decision | TriageError]:
        return [
            self._sure(one) if isinstance(one, Decision) else one for one in super().decide(requests, rules_only=True)
        ]

    @staticmethod
    def _sure(one: Decision) -> Decision:
        others = (Alternative("loan", 0.0812), Alternative("payment", 0.03))
        business = dataclasses.replace(one.business, confidence=0.8731, calibrated=True, alternatives=others)
        return dataclasses.replace(
            one,
            business=business,
            reason=dataclasses.replace(one.reason, confidence=0.5, calibrated=False),
            flags=tuple(dataclasses.replace(tag, confidence=0.61) for tag in one.flags),
            source="model",
            degraded=(Notice("model_slow", "rules judged: the model hangs"),),
            warnings=(Notice("of_our_own", "本机构自己的提示"),),
        )


def test_confidence_alternatives_and_notices_are_shown(config: Config, chrome: Chrome, tmp_path: Path) -> None:
    with running(tmp_path, loader=lambda *_, **__: Sure(config)) as service:
        page = Page(chrome, service)
        page.open(key=service.desk_key)
        page.decide(MISSOLD)
        business = page.one("#result [data-facet='business']")
        assert "把握 87.3%" in business.text
        assert "贷款 8.1%、支付结算 3%" in business.text
        bar = business.find_element(By.CSS_SELECTOR, ".bar")
        width = bar.find_element(By.CSS_SELECTOR, "span").rect["width"] / bar.rect["width"]
        assert width == pytest.approx(0.873, abs=0.01)
        assert "把握 50%（未校准）" in page.one("#result [data-facet='reason']").text
        assert "把握" not in page.one("#result [data-facet='urgency']").text
        assert all("把握 61%" in tag.text for tag in page.all("#result [data-facet='flags'] li"))
        notices = {one.get_attribute("data-code"): one.text for one in page.all("#result .notices li")}
        assert "模型超时" in notices["model_slow"]
        assert "本机构自己的提示" in notices["of_our_own"]
        assert page.complaints() == []


def test_channel_and_time_are_sent(page: Page) -> None:
    page.open(key=page.service.desk_key)
    page.driver.execute_script("document.getElementById('received').value = '2026-03-02T10:00'")
    page.driver.execute_script("document.getElementById('channel').value = 'sms'")
    page.decide("年费多收了，请退。")
    found = decision(page)
    assert found["channel"]["label"] == "sms"
    assert found["deadlines"][0]["due"].startswith("2026-03-17")
    assert "2026-03-17 23:59" in page.one("#result .due").text


def test_without_a_key_the_page_asks_for_one_and_keeps_it_in_the_tab_alone(page: Page) -> None:
    page.open()
    assert page.one("#key-dialog").get_attribute("open") is not None
    assert page.focused() == "key"
    assert page.one("#key").get_attribute("type") == "password"
    page.press(page.service.desk_key, "\n")
    page.until(lambda: len(page.all("#channel option")) > 5)
    page.decide("年费多收了，请退。")
    kept = "return [JSON.stringify(sessionStorage), JSON.stringify(localStorage), document.cookie, location.href]"
    tab, *others = page.driver.execute_script(kept)
    assert page.service.desk_key in tab
    assert not [other for other in others if page.service.desk_key in other]
    page.one("#key-open").click()
    page.one("#key-forget").click()
    # The browser itself notes each answer of 401 in its console: one before there was a key, one after.
    noted: list[str] = []
    page.until(lambda: noted.extend(page.complaints()) or len(noted) >= 2)
    assert all("401" in message for message in noted)
    page.until(lambda: page.one("#key-dialog").get_attribute("open") is not None)
    assert page.driver.execute_script("return sessionStorage.length") == 0
    assert (page.one("#text").get_attribute("value"), page.all("#result .verdict")) == ("", [])


@pytest.mark.parametrize(
    ("text", "says"), [("   ", "请先填写投诉内容"), ("长" * 100_001, "太长")], ids=["empty", "too long"]
)
def test_what_is_wrong_is_said_beside_the_text(page: Page, text: str, says: str) -> None:
    page.open(key=page.service.desk_key)
    page.write("#text", text)
    page.driver.execute_script("document.getElementById('decide').click()")
    page.until(lambda: says in page.one("#decide-error").text)
    assert page.one("#decide-error").get_attribute("role") == "alert"
    assert page.one("#text").get_attribute("value") == text
    assert all("413" in message for message in page.complaints())


def test_an_example_is_filled_in_and_decided_by_keyboard(page: Page) -> None:
    page.open(key=page.service.desk_key)
    page.until(lambda: len(page.all("#example option")) > 5)
    page.one("#example").send_keys("正在")
    assert "安全账户" in (page.one("#text").get_attribute("value") or "")
    page.driver.execute_script("document.getElementById('text').focus()")
    page.one("#text").send_keys("\ue009\ue007")
    page.until(lambda: page.all("#result .verdict"))
    assert page.one("#result [data-facet='urgency'] .value").text == "特急"
    assert page.focused() == "text"


def test_the_reply_is_copied(page: Page) -> None:
    page.driver.execute_cdp_cmd(
        "Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    )
    page.open(key=page.service.desk_key)
    page.decide(MISSOLD)
    button = page.one("section[aria-labelledby='reply-title'] button")
    button.click()
    page.until(lambda: "已复制" in button.text)
    read = "const done = arguments[0]; navigator.clipboard.readText().then(done, done)"
    assert page.driver.execute_async_script(read) == decision(page)["suggested_reply"]


def test_a_key_that_may_predict_alone_sees_why_there_is_no_queue(page: Page) -> None:
    page.open("/#review", key=page.service.predict_key)
    page.until(lambda: "feedback" in page.one("#review-error").text)
    assert not page.driver.find_element(By.ID, "waiting").is_displayed()
    assert all("403" in message for message in page.complaints())
