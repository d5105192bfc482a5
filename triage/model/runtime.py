"""onnxruntime, told before its import to keep no telemetry: no call of this library writes or asks outside of it."""

from __future__ import annotations

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime  # reads the variable when it is imported

__all__ = ["onnxruntime"]
