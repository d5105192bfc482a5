"""What all tests share: the default configuration, loaded once."""

from __future__ import annotations

import pytest

from triage.config import Config, load
from triage.pipeline import Triage
from triage.text import Normaliser


@pytest.fixture(scope="session")
def config() -> Config:
    return load()


@pytest.fixture(scope="session")
def normaliser(config: Config) -> Normaliser:
    return Normaliser(config.text)


@pytest.fixture(scope="session")
def triage(config: Config) -> Triage:
    return Triage(config)
