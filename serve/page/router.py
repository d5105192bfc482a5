"""Serves the page: files that are read once, from a fixed list, under a policy that lets nothing else in.

The page holds nothing secret and needs no key; whoever uses it types a key in, and the addresses that it calls ask for
it as they ask everybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from fastapi import APIRouter, Response

from triage.serve.errors import ApiError

__all__ = ["POLICY", "page_router"]

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""Nothing inline, nothing from elsewhere, and no script may turn text into markup: a complaint is hostile input."""

_KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
_INDEX = "index.html"


def page_router() -> APIRouter:
    """Return the router: ``/`` and the files beside it under ``/page``."""
    router = APIRouter(include_in_schema=False)
    known = _read()

    @router.get("/")
    async def page() -> Response:
        return _answer(_INDEX, known)

    @router.get("/page/{name}")
    async def part(name: str) -> Response:
        if name not in known or name == _INDEX:
            raise ApiError(404, "there is no such part of the page; GET / is the page")
        return _answer(name, known)

    return router


def _read() -> Mapping[str, bytes]:
    """Return the files by name; a name that is not here cannot be asked for."""
    folder = files("triage.serve.page") / "static"
    found = {file.name: file.read_bytes() for file in folder.iterdir() if _suffix(file.name) in _KINDS}
    return MappingProxyType(found)


def _answer(name: str, known: Mapping[str, bytes]) -> Response:
    return Response(known[name], media_type=_KINDS[_suffix(name)], headers={"content-security-policy": POLICY})


def _suffix(name: str) -> str:
    return name[name.rfind(".") :]
