"""Puts config.yaml into the home inside a wheel: hatchling's `sources` can move directories, but no single file."""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ConfigurationHook(BuildHookInterface):
    """Leaves editable installs alone, which read the repository's own file."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it builds; `version` is "standard" or "editable"."""
        if version == "standard":
            build_data["force_include"]["config.yaml"] = "lorgnette/_home/config.yaml"
