"""What the page is made of, and what may come in: no browser is needed to see it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from triage.config import Config
from triage.pipeline import Triage
from triage.serve import Settings, create_app
from triage.serve.feedback import FeedbackSettings

STATIC = Path(str(files("triage.serve.page") / "static"))


def app(folder: Path, *, page: bool = True) -> FastAPI:
    settings = Settings(auth=False, audit=folder / "audit.jsonl", rules_only=True, page=page)
    return create_app(settings, feedback=FeedbackSettings(folder=folder / "feedback"))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    # Not entered: the page is there before anything judges, and needs nothing that does.
    yield TestClient(app(tmp_path_factory.mktemp("served")), base_url="http://127.0.0.1")


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/", 200, "text/html; charset=utf-8"),
        ("/page/main.js", 200, "text/javascript; charset=utf-8"),
        ("/page/page.css", 200, "text/css; charset=utf-8"),
        ("/page/icon.svg", 200, "image/svg+xml"),
        ("/page/examples.json", 200, "application/json"),
        ("/page/index.html", 404, "application/json"),
        ("/page/router.py", 404, "application/json"),
        ("/page/..%2frouter.py", 404, "application/json"),
        ("/page/%2e%2e%2frouter.py", 404, "application/json"),
        ("/page/", 404, "application/json"),
        ("/page/MAIN.JS", 404, "application/json"),
    ],
)
def test_what_is_there(client: TestClient, path: str, status: int, kind: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, kind)
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_policy_lets_nothing_inline_and_nothing_from_elsewhere(client: TestClient) -> None:
    for path in ("/", "/page/main.js"):
        policy = client.get(path).headers["content-security-policy"]
        rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
        assert rules["default-src"] == "'none'"
        assert {rules[name] for name in ("script-src", "style-src", "img-src", "connect-src")} == {"'self'"}
        assert (rules["frame-ancestors"], rules["base-uri"], rules["form-action"]) == ("'none'", "'none'", "'none'")
        assert not re.search(r"unsafe|\*|data:|https?:", policy)


def test_every_asset_is_one_of_ours() -> None:
    tags = Tags((STATIC / "index.html").read_text(encoding="utf-8"))
    asked = [value for _, attrs in tags.found for name, value in attrs.items() if name in {"src", "href"} and value]
    for address in asked:
        assert address.startswith(("#", "/docs")) or (STATIC / address.removeprefix("/page/")).is_file(), address
    assert not [attrs for _, attrs in tags.found if any(name.startswith("on") or name == "style" for name in attrs)]
    assert all(attrs.get("src") for tag, attrs in tags.found if tag == "script")


@pytest.mark.parametrize("file", sorted(path.name for path in STATIC.iterdir()))
def test_no_file_names_another_host_or_writes_markup(file: str) -> None:
    text = (STATIC / file).read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|@import|url\(", text)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|localStorage", text)
    for name in re.findall(r'from "\./([^"]+)"', text):
        assert (STATIC / name).is_file(), name


def test_every_id_that_a_script_asks_for_is_there_once() -> None:
    ids = [
        str(attrs["id"])
        for _, attrs in Tags((STATIC / "index.html").read_text(encoding="utf-8")).found
        if "id" in attrs
    ]
    assert len(ids) == len(set(ids))
    for path in STATIC.glob("*.js"):
        text = path.read_text(encoding="utf-8")
        asked = re.findall(r'(?:\$|getElementById)\("([^"]+)"\)', text)
        assert set(asked) <= set(ids), path.name


def test_the_examples_can_be_decided(config: Config, triage: Triage) -> None:
    channels = {"", *config.taxonomy.facets["channel"].ids}
    examples = json.loads((STATIC / "examples.json").read_text(encoding="utf-8"))
    assert len({one["title"] for one in examples}) == len(examples) >= 5
    decided = [triage.predict(one["text"], channel=one["channel"] or None) for one in examples]
    assert {one["channel"] for one in examples} <= channels
    # Between them they show each kind of answer, so that whoever tries the page sees what there is.
    assert {"critical", "high", "low"} <= {decision.urgency.label for decision in decided}
    assert "review" in {decision.decision for decision in decided}
    assert any(ord(character) > 0xFFFF for one in examples for character in one["text"])


def test_the_words_of_the_page_fit_the_codes_of_the_configuration(config: Config) -> None:
    words = (STATIC / "words.js").read_text(encoding="utf-8")
    for rule in config.deadlines.rules:
        assert f"  {rule.id}: " in words, rule.id


def test_the_page_can_be_left_out(tmp_path: Path) -> None:
    without = TestClient(app(tmp_path, page=False), base_url="http://127.0.0.1")
    assert [without.get(path).status_code for path in ("/", "/page/main.js")] == [404, 404]


def test_the_page_is_no_part_of_the_described_interface(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert not [path for path in paths if path == "/" or path.startswith("/page")]
