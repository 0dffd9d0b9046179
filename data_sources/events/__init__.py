"""Recorded events: files of several kinds, opened where they lie, one event read at a time."""
