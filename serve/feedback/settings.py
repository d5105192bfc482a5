"""How the feedback is kept: environment variables ``TRIAGE_FEEDBACK_…``, which may be secrets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from triage.errors import UsageError

__all__ = ["FeedbackSettings"]


class FeedbackSettings(BaseSettings):
    """Where and how long.

    Attributes:
        database: ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST/NAME``; by default a file in ``folder``.
        folder: the spool, and what else must survive a restart.
        key: the secret of the keyed hashes, 16 characters at least. Without one, a file in ``folder`` holds it; several
            replicas must share it.
        keep: which decisions are kept: those that a person must see, all, or none.
        retention_days: what was received earlier is deleted.
        patience: seconds that a database which does not answer is waited for.
        spool_bytes: what may wait on disk at most.
    """

    model_config = SettingsConfigDict(env_prefix="TRIAGE_FEEDBACK_", frozen=True, extra="forbid")

    database: SecretStr | None = None
    folder: Path = Path("triage-feedback")
    key: Annotated[SecretStr, Field(min_length=16)] | None = None
    keep: Literal["review", "all", "none"] = "review"
    retention_days: Annotated[int, Field(ge=1, le=36_500)] = 730
    patience: Annotated[float, Field(gt=0, le=60)] = 2.0
    spool_bytes: Annotated[int, Field(ge=1 << 16)] = 1 << 30

    @classmethod
    def read(cls, **flags: Any) -> Self:  # noqa: ANN401 - whatever the settings hold
        """Return the settings in force; ``flags`` that are None were not given.

        Raises:
            UsageError: a value is not legal.
        """
        try:
            return cls(**{name: value for name, value in flags.items() if value is not None})
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            # The value is not shown: it may be the key.
            name = "_".join(("TRIAGE_FEEDBACK", *(str(part).upper() for part in first["loc"])))
            raise UsageError(f"{name}: {first['msg']}") from None

    @property
    def url(self) -> str:
        """The URL of the database in force."""
        if self.database is not None:
            return self.database.get_secret_value()
        return f"sqlite:///{(self.folder / 'feedback.db').absolute()}"
