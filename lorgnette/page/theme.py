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


# Bokeh's widgets have colours of their own, as variables of each shadow root: these lead them back to the palette.
_VARIABLES = """
  --color: var(--lg-ink); --background-color: var(--lg-surface); --hover-color: var(--lg-ground);
  --disabled-color: var(--lg-quiet); --border-color: var(--lg-line); --divider-color: var(--lg-line);
  --highlight-color: var(--lg-accent); --active-border: var(--lg-accent);
  --active-bg: color-mix(in srgb, var(--lg-accent) 25%, var(--lg-surface));
  --active-fg: var(--lg-accent); --inactive-bg: var(--lg-line); --inactive-fg: var(--lg-quiet);
  --placeholder-color: var(--lg-quiet); --surface-background-color: var(--lg-ground);
  --disabled-background-color: var(--lg-ground); --input-focus-border-color: var(--lg-accent);
  --input-focus-halo-color: transparent; --inverted-color: var(--lg-surface); --error: var(--lg-bad);
  --outline-color: var(--lg-line); --shortcut-color: var(--lg-quiet);
"""
_BUTTON = """
  --KIND: var(--lg-surface); --KIND-border: var(--lg-line); --KIND-hover: var(--lg-ground);
  --KIND-hover-border: var(--lg-quiet); --KIND-active: var(--lg-ground); --KIND-active-border: var(--lg-accent);
  --KIND-disabled: var(--lg-ground); --KIND-disabled-border: var(--lg-line);
"""
_WIDGET_CSS = f"""
:host {{ {_VARIABLES} {_BUTTON.replace("KIND", "default")} {_BUTTON.replace("KIND", "light")} color: var(--lg-ink);
  --padding-vertical: 3px; --padding-horizontal: 8px; --primary: var(--lg-accent); --primary-border: var(--lg-accent);
  --primary-hover: var(--lg-accent); --primary-hover-border: var(--lg-ink); --primary-active: var(--lg-accent);
  --primary-active-border: var(--lg-ink); --base-font: var(--lg-font); }}
.bk-btn {{ color: var(--lg-ink); }}
.bk-btn.bk-btn-primary {{ color: var(--lg-surface); }}
.bk-btn.bk-active {{ box-shadow: none; border-color: var(--lg-accent); color: var(--lg-accent); font-weight: 600; }}
.bk-btn:focus-visible, .bk-input:focus-visible {{ outline: 2px solid var(--lg-accent); outline-offset: 1px; }}
select.bk-input:not([multiple]) {{ appearance: auto; background-image: none; padding-right: 4px; }}
label {{ color: var(--lg-quiet); }}
input[type="checkbox"], input[type="radio"] {{ margin-right: 6px; }}
"""
_CHOICES_CSS = """
.choices { font-size: 14px; margin: 0; }
.choices .choices__inner { background: var(--lg-surface); border-color: var(--lg-line); min-height: 28px;
  padding: 2px 4px; }
.choices .choices__list--multiple .choices__item { background: var(--lg-ground); border: 1px solid var(--lg-line);
  border-radius: 4px; color: var(--lg-ink); margin: 2px; padding: 0 4px; font-size: 14px; }
.choices[data-type*="select-multiple"] .choices__button { border-color: var(--lg-line); filter: invert(0.5); }
.choices .choices__list--dropdown, .choices .choices__list[aria-expanded] { background: var(--lg-surface);
  border-color: var(--lg-line); color: var(--lg-ink); }
.choices .choices__list--dropdown .choices__item--selectable.is-highlighted,
.choices .choices__list[aria-expanded] .choices__item--selectable.is-highlighted { background: var(--lg-ground); }
.choices .choices__input { background: transparent; color: var(--lg-ink); margin: 0; font-size: 14px; }
"""
_TABLE_CSS = """
.bk-data-table, .slick-row, .slick-row.odd, .slick-header-columns, .slick-cell-index, .slick-header-column {
  background: transparent; color: var(--lg-ink); }
.slick-header-column, .slick-cell { border-color: var(--lg-line); }
.slick-cell-index { color: var(--lg-quiet); }
.slick-cell.selected { background: var(--lg-ground); }
"""
# Bokeh writes its colour of the bar into the element. The handles stand out of the bar by half their width.
_SLIDER_CSS = """
.noUi-connect { background-color: var(--lg-accent) !important; }
.noUi-target { margin: 0 9px; background: var(--lg-ground); border-color: var(--lg-line); box-shadow: none; }
.noUi-handle { background: var(--lg-surface); border-color: var(--lg-quiet); box-shadow: none; }
.bk-slider-title, .bk-slider-value { color: var(--lg-quiet); }
"""
# What floats over a figure is drawn in the figure's shadow root.
_PLOT_CSS = f""".bk-Tooltip {{ {_VARIABLES} --tooltip-border: var(--lg-line); --tooltip-color: var(--lg-surface);
  --tooltip-text: var(--lg-ink); --tooltip-arrow-color: var(--lg-line); font: 13px/18px var(--lg-font); }}"""


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
                "Plot": {
                    "background_fill_color": None,
                    "border_fill_color": None,
                    "outline_line_color": None,
                    "stylesheets": [_PLOT_CSS],
                },
                "Widget": {"stylesheets": [_WIDGET_CSS], "margin": 0},
                "DataTable": {"stylesheets": [_WIDGET_CSS, _TABLE_CSS]},
                "MultiChoice": {"stylesheets": [_WIDGET_CSS, _CHOICES_CSS]},
                "AbstractSlider": {"stylesheets": [_WIDGET_CSS, _SLIDER_CSS]},
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
