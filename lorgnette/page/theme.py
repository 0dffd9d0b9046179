"""One palette for the page and for Bokeh's figures, light and dark.

The palette becomes CSS variables (`--lg-ink` and so on, which also reach into Bokeh's shadow roots) and two Bokeh
themes. Text colours have a contrast of at least 4.5 to the grounds that they stand on, a line or a mark of 3.
"""

from __future__ import annotations

from bokeh.themes import Theme

__all__ = ["DARK", "FONT", "LIGHT", "PALETTE", "css_variables", "figure_theme"]

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"

# For each name the colour on a light and on a dark page.
PALETTE: dict[str, tuple[str, str]] = {
    "ground": ("#f5f6f8", "#14171b"),  # behind everything
    "surface": ("#ffffff", "#1c2026"),  # figures, tables, controls
    "ink": ("#1d2229", "#e3e6ea"),  # text
    "quiet": ("#59636e", "#9ba5b0"),  # labels, units, ages
    "line": ("#d8dce2", "#343b44"),  # hairlines; carries no meaning
    "accent": ("#0b5fad", "#79b3ee"),  # links, what is chosen
    "good": ("#1a6e3c", "#63c088"),
    "warning": ("#8a5300", "#e0ac55"),
    "bad": ("#a3231a", "#ff9d92"),
    "bad-ground": ("#fdeceb", "#3a1c1a"),
}


def css_variables() -> str:
    """The palette as CSS declarations; the browser picks the half that belongs to the page's `color-scheme`."""
    return "\n".join(f"--lg-{name}: light-dark({light}, {dark});" for name, (light, dark) in PALETTE.items())


def figure_theme(*, dark: bool) -> Theme:
    """A Bokeh theme for figures on the page's surface.

    Grounds are left out (the page's own shows through), so that a change of theme is never seen as a flash of white.
    """
    ink, quiet, line, surface = (PALETTE[name][dark] for name in ("ink", "quiet", "line", "surface"))
    label = {"text_color": quiet, "text_font": FONT, "text_font_size": "12px", "text_font_style": "normal"}
    axis = {"axis_line_color": line, "major_tick_line_color": line, "minor_tick_line_color": None}
    axis_text = {f"{part}_{key}": value for part in ("axis_label", "major_label") for key, value in label.items()}
    bar_text = {f"{part}_{key}": value for part in ("title", "major_label") for key, value in label.items()}
    legend_text = {f"{part}_{key}": value for part in ("title", "label") for key, value in label.items()}
    return Theme(
        json={
            "attrs": {
                # No outline either: without a ground BokehJS 3.9 would stroke the last glyph's path along with it.
                "Plot": {"background_fill_color": None, "border_fill_color": None, "outline_line_color": None},
                "Axis": {**axis, **axis_text},
                "Grid": {"grid_line_color": line, "grid_line_alpha": 0.6},
                "Title": {**label, "text_color": ink, "text_font_size": "13px"},
                "Legend": {**legend_text, "background_fill_color": surface, "border_line_color": line},
                "BaseColorBar": {**bar_text, "background_fill_color": None, "bar_line_color": line},
                "Toolbar": {"autohide": True, "logo": None},
            }
        }
    )


LIGHT = figure_theme(dark=False)
DARK = figure_theme(dark=True)
