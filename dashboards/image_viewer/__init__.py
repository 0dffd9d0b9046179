"""Huge images, seen where they lie: one page for the whole sky and for each of its pixels."""
