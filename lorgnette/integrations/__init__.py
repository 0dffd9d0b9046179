"""Adapters that make a known program a publisher. Each imports that program only when it is used."""
