"""A real service on a free port, and a real headless Chromium that looks at it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
import uvicorn
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from triage.serve import Settings, create_app
from triage.serve.engine import Loader
from triage.serve.feedback import Desk, FeedbackSettings
from triage.serve.keys import new_key, write_keys
from triage.serve.protocol import GuardedProtocol

__all__ = ["PATIENCE", "Page", "Running", "browser", "running"]

PATIENCE = 60
"""Seconds to wait for the page on a busy machine."""

T = TypeVar("T")


class Running:
    """A service that runs: its address, a key for the desk, a key that may predict alone, and its feedback."""

    def __init__(self, folder: Path, *, loader: Loader | None = None) -> None:
        self.desk_key, desk = new_key("desk", ["predict", "feedback"])
        self.predict_key, predict = new_key("caller", ["predict"])
        write_keys(folder / "keys.json", [desk, predict])
        # Patient everywhere: on a busy machine a call is late, and that is not what these tests are about.
        settings = Settings(
            keys=folder / "keys.json",
            audit=folder / "audit.jsonl",
            state=folder / "state",
            rules_only=loader is None,
            header_seconds=600,
            deadline=600,
            queue_seconds=600,
        )
        self.app = create_app(
            settings, feedback=FeedbackSettings(folder=folder / "feedback", patience=60), loader=loader
        )
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        config = uvicorn.Config(
            self.app,
            http=GuardedProtocol,
            ws="none",
            lifespan="on",
            log_config=None,
            proxy_headers=False,
            timeout_graceful_shutdown=5,
        )
        self.server = uvicorn.Server(config)

    @property
    def desk(self) -> Desk:
        found: Desk = self.app.state.service.desk
        return found


@contextlib.contextmanager
def running(folder: Path, *, loader: Loader | None = None) -> Iterator[Running]:
    """Run the service in a thread of its own for as long as the block lasts."""
    service = Running(folder, loader=loader)
    thread = threading.Thread(target=lambda: asyncio.run(service.server.serve(sockets=[service.socket])))
    thread.start()
    try:
        for _ in range(PATIENCE * 20):
            if service.server.started or not thread.is_alive():
                break
            thread.join(0.05)
        assert service.server.started, "the service did not start"
        yield service
    finally:
        service.server.should_exit = True
        thread.join(PATIENCE)
        service.socket.close()


@contextlib.contextmanager
def browser(*flags: str) -> Iterator[Chrome]:
    """Start Chromium. Where tests must run, a machine without one fails them."""
    programs = [shutil.which(name) for name in ("chromium", "chromedriver")]
    if None in programs:
        said = "there is no Chromium; install the packages chromium and chromium-driver"
        if os.environ.get("CI"):
            pytest.fail(said)
        pytest.skip(said)
    options = ChromeOptions()
    options.binary_location = str(programs[0])
    for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--window-size=1280,900",
                 "--lang=zh-CN", "--hide-scrollbars", "--disable-background-networking", *flags):  # fmt: skip
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options=options, service=ChromeService(str(programs[1]), env=os.environ | {"LANGUAGE": "zh_CN"}))
    try:
        driver.set_script_timeout(PATIENCE)
        yield driver
    finally:
        driver.quit()


class Page:
    """The page in a browser, with the words that the tests need."""

    def __init__(self, driver: Chrome, service: Running) -> None:
        self.driver, self.service = driver, service

    def open(self, path: str = "/", *, key: str | None = None) -> None:
        """Open the page anew, with a key that this tab knows already, or with none."""
        self.driver.get("about:blank")
        start = f"sessionStorage.clear(); if ({json.dumps(key)}) sessionStorage['triage.key'] = {json.dumps(key)};"
        script = self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": start})
        self.driver.get(f"{self.service.url}{path}")
        self.until(lambda: self.driver.find_elements(By.CSS_SELECTOR, "html[data-ready]"))
        self.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)

    def one(self, css: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def all(self, css: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def press(self, *keys: str) -> None:
        """Press keys wherever the focus is, as a person does."""
        for key in keys:
            self.driver.switch_to.active_element.send_keys(key)

    def write(self, css: str, text: str) -> None:
        """Put text into a field; the driver itself cannot type what lies beyond U+FFFF."""
        field = self.one(css)
        self.driver.execute_script(
            "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', {bubbles: true}))",
            field,
            text,
        )

    def until(self, holds: Callable[[], T]) -> T:
        found: T = WebDriverWait(
            self.driver, PATIENCE, poll_frequency=0.05, ignored_exceptions=[StaleElementReferenceException]
        ).until(lambda _: holds())
        return found

    def decide(self, text: str) -> None:
        """Decide a text and wait for the answer."""
        self.write("#text", text)
        self.driver.execute_script("document.getElementById('result').replaceChildren()")
        self.one("#decide").click()
        self.until(lambda: self.all("#result .verdict"))

    def focused(self) -> str:
        return self.driver.switch_to.active_element.get_attribute("id") or ""

    def complaints(self) -> list[str]:
        """Return what the browser complained of since the last call: errors, and breaches of the policy."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]
