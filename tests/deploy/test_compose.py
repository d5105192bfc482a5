"""compose.yaml: confined services, variables that exist, and a stop that waits long enough."""

from __future__ import annotations

import re

import pytest
from deployed import DEPLOY, documents, image_environment, unknown_variables

from triage.serve.feedback import FeedbackSettings
from triage.serve.feedback.database import open_engine
from triage.serve.settings import Settings

(COMPOSE,) = documents("compose.yaml")
SERVICES = COMPOSE["services"]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_is_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "mem_limit" in service
    assert not service.get("privileged")
    for port in service.get("ports", ()):
        assert port.startswith("127.0.0.1:"), port
    image = service["image"]
    assert ":" in image
    assert not image.endswith(":latest")


@pytest.mark.parametrize("name", ["postgres", "prometheus"])
def test_what_has_no_health_check_in_its_image_has_one_here(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"


def test_variables_are_settings_and_legal(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        name: re.sub(r"\$\{(\w+):\?[^}]*\}", "0" * 32, value)
        for name, value in SERVICES["triage"]["environment"].items()
    }
    assert not unknown_variables(given)
    for name, value in (image_environment() | given).items():
        monkeypatch.setenv(name, value)
    settings, feedback = Settings(), FeedbackSettings.read()
    assert settings.model_threads == SERVICES["triage"]["cpus"]
    assert open_engine(feedback.url).url.host in SERVICES
    assert int(SERVICES["triage"]["stop_grace_period"].removesuffix("s")) >= settings.grace + 10


def test_secrets_are_asked_for_and_never_written_down() -> None:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    for name in ("POSTGRES_PASSWORD", "TRIAGE_FEEDBACK_KEY"):
        for value in re.findall(rf"^\s+{name}: (.+)$", text, re.MULTILINE):
            assert re.fullmatch(r"\$\{\w+:\?.+\}", value)


def test_what_is_named_is_there() -> None:
    for service in SERVICES.values():
        assert set(service["networks"]) <= set(COMPOSE["networks"])
        assert set(service.get("secrets", ())) <= set(COMPOSE["secrets"])
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert (DEPLOY / source).is_file() if source.startswith("./") else source in COMPOSE["volumes"]
    # The database is reached by the service alone.
    assert COMPOSE["networks"]["store"] == {"internal": True}
    assert [name for name, service in SERVICES.items() if "store" in service["networks"]] == ["triage", "postgres"]


def test_prometheus_asks_the_service_with_a_key() -> None:
    (found,) = documents("prometheus.yml")
    (job,) = found["scrape_configs"]
    (targets,) = job["dns_sd_configs"]
    assert set(targets["names"]) <= set(SERVICES)
    assert str(targets["port"]) == image_environment()["TRIAGE_PORT"]
    assert job["authorization"]["credentials_file"].removeprefix("/run/secrets/") in SERVICES["prometheus"]["secrets"]
    assert job["job_name"] == "triage"
    assert found["rule_files"] == ["alerts.yml"]
