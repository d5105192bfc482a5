"""The one tree of exceptions.

```
TriageError                 anything that a user of the library can cause
├── InputError              a complaint, or a file of complaints, that cannot be read
│   └── ColumnError         a table lacks the column that was asked for
├── ConfigError             a configuration file that is not legal; names file, key, value and what is legal
├── ModelError              a model folder that cannot be used
├── OutputError             a result that cannot be written
└── UsageError              a call, or a command line, that makes no sense
```

Every message is one line and says what is wrong, with the offending value, and what is legal.
"""

from __future__ import annotations

__all__ = ["ColumnError", "ConfigError", "InputError", "ModelError", "OutputError", "TriageError", "UsageError"]

_SHOWN = 80


def show(value: object) -> str:
    """Return ``value`` as one short line, fit to stand in an error message."""
    line = repr(value)
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"


class TriageError(Exception):
    """The base of every error that a user of this library can cause."""


class InputError(TriageError):
    """A complaint, or a file of complaints, cannot be read."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class ColumnError(InputError):
    """A table lacks the column that was asked for."""

    def __init__(self, column: str, *, file: str, found: list[str]) -> None:
        names = "、".join(found) if found else "none"
        super().__init__(f"{file}: no column {column!r}; the columns are: {names}", field=column)
        self.found = found


class ConfigError(TriageError):
    """A configuration file is not legal.

    Args:
        file: the file, as the user named it.
        key: the dotted path of the key inside the file, empty for the whole file.
        value: the offending value; left out of the message when there is none.
        legal: what would be legal there, or what to do.
    """

    _NONE = object()

    def __init__(self, file: str, key: str, legal: str, *, value: object = _NONE) -> None:
        where = f"{file}: {key}" if key else file
        what = "" if value is self._NONE else f" is {show(value)}"
        super().__init__(f"{where}{what}; {legal}")
        self.file, self.key, self.legal = file, key, legal


class ModelError(TriageError):
    """A model folder cannot be used: missing, cut, altered, or made for another taxonomy."""


class OutputError(TriageError):
    """A result cannot be written."""


class UsageError(TriageError):
    """A call, or a command line, makes no sense."""
