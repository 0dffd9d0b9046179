"""`/images`: which images there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from data_sources.work import submit

from .http_base import ImageHandler

if TYPE_CHECKING:
    from data_sources.images.library import Folder, Library

__all__ = ["ListHandler"]


class ListHandler(ImageHandler):
    """All images of the configuration, and what lies in a folder: `?folder=NAME`."""

    kind = "list"

    async def reply(self, *_names: str) -> None:
        """Answer in JSON."""
        from data_sources.images.library import library  # noqa: PLC0415  (loaded before)

        folder, known = self.arguments.get("folder", ""), library()
        found: Folder | None = None
        if folder or known.has_folders:
            found = await self.result(known.browse(folder))
        self.say(await self.result(submit(_listed, known, folder, found)))


def _listed(known: Library, folder: str, found: Folder | None) -> dict[str, Any]:
    images: list[dict[str, Any]] = [
        {
            "name": offer.name,
            "title": offer.title,
            "size": list(offer.size) if offer.size else None,
            "problem": offer.problem,
            "path": _path(offer.name),
        }
        for offer in (() if folder else known.offers())
    ]
    if found is not None:
        images += [
            {"name": file.name, "title": file.title, "bytes": file.size_bytes, "path": _path(file.name)}
            for file in found.files
        ]
    folders, notice = (list(found.folders), found.notice) if found is not None else ([], "")
    return {"images": images, "folder": folder, "folders": folders, "notice": notice}


def _path(name: str) -> str:
    """Where the image is, seen from the address of the list."""
    return f"images/{quote(name)}"
