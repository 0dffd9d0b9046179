"""Builds the extension: `python -m lorgnette.panes.build` makes `lorgnette/dist` from the TypeScript sources.

It needs node and npm on the PATH; nothing else does. The bundle is made in a scratch directory and copied only when
`bokeh build` was content, because that command writes its output even after a type error. Beside the models a record
is kept of what the bundle was made from, so that a test can tell without node whether it is up to date.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tempfile
from pathlib import Path

import bokeh
from bokeh.ext import build as bokeh_build

__all__ = ["BUNDLES", "RECORD", "build", "describe", "main", "sources"]

PACKAGE = Path(__file__).resolve().parents[1]
BUNDLES = (Path("dist/lorgnette.js"), Path("dist/lorgnette.min.js"))
RECORD = Path("panes/bundle.json")


def sources(package: Path = PACKAGE) -> list[Path]:
    """What the bundle is made from, relative to the package and sorted."""
    files = [
        package / "bokeh.ext.json",
        package / "index.ts",
        package / "tsconfig.json",
        *package.glob("panes/**/*.ts"),
    ]
    return sorted(path.relative_to(package) for path in files)


def describe(package: Path = PACKAGE) -> dict[str, object]:
    """The Bokeh version at hand and the SHA-256 of every source and bundle in `package`."""

    def hashes(paths: list[Path]) -> dict[str, str]:
        return {path.as_posix(): hashlib.sha256((package / path).read_bytes()).hexdigest() for path in paths}

    return {"bokeh": bokeh.__version__, "sources": hashes(sources(package)), "bundles": hashes(list(BUNDLES))}


def build(package: Path = PACKAGE) -> bool:
    """Build the bundle of `package` and write the record; on any error leave both as they were and return False."""
    with tempfile.TemporaryDirectory() as directory:
        scratch = Path(directory) / "lorgnette"  # the directory's name becomes the extension's
        for path in sources(package):
            (scratch / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(package / path, scratch / path)
        if not bokeh_build(scratch, rebuild=True):
            return False
        for path in BUNDLES:
            (package / path).parent.mkdir(exist_ok=True)
            shutil.copy(scratch / path, package / path)
    (package / RECORD).write_text(json.dumps(describe(package), indent=2) + "\n", encoding="utf-8")
    return True


def main() -> int:
    """Build, and say how it went: 0 when the bundle is new, 1 when it was left as it was."""
    missing = [tool for tool in ("node", "npm") if shutil.which(tool) is None]
    if missing or not (PACKAGE / "index.ts").is_file():
        reason = f"{' and '.join(missing)} is not on the PATH" if missing else "this is not a checkout: no TypeScript"
        print(f"The extension cannot be built: {reason}.", file=sys.stderr)
        return 1
    if not build():
        print("The extension was not built; lorgnette/dist is as it was.", file=sys.stderr)
        return 1
    print(f"The extension was built for Bokeh {bokeh.__version__}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
