"""A default file with a change, in a folder of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from triage.config.loader import DEFAULT


def edited(folder: Path, name: str, **change: Any) -> Path:
    """Write the default file with some top keys changed (None drops one) into ``folder``."""
    data = yaml.safe_load((DEFAULT / name).read_text(encoding="utf-8")) | change
    data = {key: value for key, value in data.items() if value is not None}
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return folder
