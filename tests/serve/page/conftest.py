"""What the tests of the page share: one service and one browser, which take long to start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browsing import Page, Running, browser, running
from selenium.webdriver import Chrome


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("page")) as started:
        yield started


@pytest.fixture(scope="session")
def chrome() -> Iterator[Chrome]:
    with browser() as started:
        yield started


@pytest.fixture
def page(chrome: Chrome, service: Running) -> Iterator[Page]:
    """Yield the page; whatever a test does on it, the browser must have nothing to complain of."""
    shown = Page(chrome, service)
    shown.complaints()
    chrome.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "light"}]}
    )
    yield shown
    assert shown.complaints() == []
