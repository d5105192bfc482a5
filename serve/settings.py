"""What an operator sets: flags over environment (``TRIAGE_PORT``) over a TOML file over the defaults below."""

from __future__ import annotations

import ipaddress
import json
import os
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from triage.errors import ConfigError, UsageError, show

__all__ = ["FILE", "Settings", "loopback", "read_settings"]

FILE = "TRIAGE_SETTINGS"
"""The variable that names the TOML file."""

Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0, le=3600)]
Port = Annotated[int, Field(ge=0, le=65535)]


class Settings(BaseSettings):
    """Every setting of the service. Immutable."""

    model_config = SettingsConfigDict(env_prefix="TRIAGE_", frozen=True, extra="ignore", validate_default=True)

    # Where it listens, and to whom.
    host: str = "127.0.0.1"
    port: Port = 8000
    workers: Count = 1
    auth: bool = Field(default=True, description="false lets everybody in, and only on a loopback address")
    keys: Path = Field(default=Path("triage-keys.json"), description="the file that `triage keys` writes")
    hosts: tuple[str, ...] = Field(default=(), description="Host headers to answer; without keys: loopback names")
    tls_cert: Path | None = Field(default=None, description="certificate chain, PEM; plain HTTP without it")
    tls_key: Path | None = None
    metrics_public: bool = Field(default=False, description="true answers GET /metrics without a key")
    docs: bool = True
    page: bool = Field(default=True, description="false serves no page at /")

    # What it judges by.
    model: Path | None = Field(default=None, description="a trained folder; the embedded model by default")
    configs: Path | None = Field(default=None, description="a folder of configuration over the default one")
    rules_only: bool = False
    shadow: Path | None = Field(
        default=None,
        description="a trained folder that judges the same unseen, to be compared; none by default",
    )
    shadow_share: Annotated[float, Field(gt=0, le=1)] = Field(default=1.0, description="of the batches that it sees")
    state: Path | None = Field(default=None, description="a folder where workers agree on the version in force")
    keep: Count = Field(default=3, description="releases of model and configuration to keep for a roll-back")
    model_threads: Count | None = Field(default=None, description="processor threads of the model; all by default")
    budget: Seconds | None = Field(
        default=None, description="seconds that the model may take for one batch; by default what decisions.yaml says"
    )
    breaker_failures: Count = Field(default=3, description="failures in a row after which the model rests")
    breaker_rest: Seconds = Field(default=30.0, description="seconds that it rests before it is tried again")
    reload_wait: Seconds = Field(default=10.0, description="seconds to wait until all workers have reloaded")

    # How requests are put together.
    batch_items: Count = 32
    batch_chars: Count = 40_000
    batch_seconds: Seconds = Field(default=0.25, description="how long a batch aims to take at most")
    queue_items: Count = 2_000
    queue_chars: Count = 4_000_000
    queue_seconds: Seconds = Field(default=1.0, description="refuse a call that would wait longer for its first item")
    deadline: Seconds = Field(default=10.0, description="seconds from arrival to answer, for one complaint")
    batch_deadline: Seconds = Field(default=60.0, description="the same for a batch")
    threads: Annotated[int, Field(ge=1, le=64)] = 1

    # What it accepts.
    max_text: Count = Field(default=100_000, description="characters of one complaint")
    max_items: Count = Field(default=1_000, description="complaints of one batch")
    max_body: Count = Field(default=4_000_000, description="bytes of a body")
    max_headers: Count = Field(default=16_384, description="bytes of all headers")
    max_depth: Count = Field(default=16, description="nesting of JSON")
    max_connections: Count = 1_000
    rate: Annotated[float, Field(gt=0, le=1e6)] | None = Field(
        default=None, description="complaints and other requests a second that one key may send; no limit by default"
    )
    rate_burst: Count = Field(default=100, description="as many of them that may come at once")
    header_seconds: Seconds = Field(default=10.0, description="from connection, or first byte, to the last header")
    body_seconds: Seconds = Field(default=20.0, description="from the last header to the last byte of the body")
    write_seconds: Seconds = Field(default=30.0, description="a client that takes nothing for so long is cut off")
    keep_alive: Annotated[int, Field(ge=1, le=3600)] = 75
    grace: Annotated[int, Field(ge=1, le=3600)] = Field(default=30, description="seconds to finish what is in flight")

    # What it tells.
    traces: str | None = Field(
        default=None,
        pattern=r"^https?://",
        description="where OpenTelemetry traces go (OTLP over HTTP): http://localhost:4318/v1/traces; none by default",
    )
    log_level: Annotated[str, Field(pattern="^(debug|info|warning|error)$")] = "info"
    audit: Path = Field(default=Path("triage-audit.jsonl"), description="one line for each administrative act")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the sources in their order: flags, environment, file."""
        path = os.environ.get(FILE)
        file = (TomlConfigSettingsSource(settings_cls, Path(path)),) if path else ()
        return init_settings, env_settings, *file

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not self.auth and not loopback(self.host):
            raise ValueError(f"host is {self.host!r} and keys are off; legal without keys: 127.0.0.1, ::1, localhost")
        if self.max_items > self.queue_items:
            raise ValueError(f"max_items is {self.max_items}; legal: at most queue_items, {self.queue_items}")
        if self.max_text > self.queue_chars:
            raise ValueError(f"max_text is {self.max_text}; legal: at most queue_chars, {self.queue_chars}")
        if self.workers > 1 and self.state is None:
            raise ValueError(f"workers is {self.workers} and state is not set; legal: a folder that all workers share")
        return self

    def public(self) -> dict[str, Any]:
        """Return what is in force as plain JSON. No setting is a secret: keys live in a file of hashes."""
        return self.model_dump(mode="json")

    def environment(self) -> dict[str, str]:
        """Return the variables from which another process reads the same settings."""
        return {
            f"TRIAGE_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
            for name, value in self.public().items()
            if value is not None
        }


def loopback(host: str) -> bool:
    """Return whether ``host`` can be reached from this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_settings(**flags: Any) -> Settings:  # noqa: ANN401 - whatever the settings hold
    """Return the settings in force; ``flags`` that are None were not given.

    Raises:
        ConfigError: the file is no TOML, or names a setting that does not exist.
        UsageError: a value is not legal.
    """
    path = os.environ.get(FILE)
    if path:
        _check_file(Path(path))
    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        said = first["msg"].removeprefix("Value error, ")
        name = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{name} is {show(first['input'])}; {said}" if name else said) from None


def _check_file(path: Path) -> None:
    import tomllib  # noqa: PLC0415 - only for whoever has a file

    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(str(path), "", f"legal: a readable TOML file ({type(error).__name__})") from None
    for name in found:
        if name not in Settings.model_fields:
            raise ConfigError(str(path), name, f"legal: {', '.join(Settings.model_fields)}")
