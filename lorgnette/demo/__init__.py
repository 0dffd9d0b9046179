"""What there is to look at: this machine's load and a small software renderer (`demonstration()` runs them), events."""

from __future__ import annotations

from .publishers import PROGRAMS, demonstration, run

__all__ = ["PROGRAMS", "demonstration", "run"]
