// The look of the event table, on the page's own palette.

export const TABLE_CSS = `
:host { display: block; min-width: 0; width: 100%; color: var(--lg-ink); font: 14px/20px var(--lg-font); }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 12px; min-height: 32px; padding-bottom: 4px; }
.says { color: var(--lg-quiet); font-variant-numeric: tabular-nums; }
.bar select, .bar button {
  height: 28px; max-width: 100%; padding: 0 8px; border: 1px solid var(--lg-line); border-radius: 4px;
  background: var(--lg-surface); color: var(--lg-ink); font: inherit; cursor: pointer;
}
[hidden] { display: none; }
.scroll { overflow: auto; border: 1px solid var(--lg-line); border-radius: 4px; background: var(--lg-surface); }
:focus-visible { outline: 2px solid var(--lg-accent); outline-offset: -2px; }
table {
  table-layout: fixed; border-collapse: separate; border-spacing: 0; width: max-content; min-width: 100%;
  font-size: 13px; font-variant-numeric: tabular-nums; cursor: default;
}
th { position: sticky; top: 0; z-index: 1; height: 28px; padding: 0; background: var(--lg-ground);
  border-bottom: 1px solid var(--lg-line); }
th button { width: 100%; height: 28px; padding: 0 8px; border: 0; background: none; color: var(--lg-quiet); font: inherit;
  text-align: right; white-space: nowrap; cursor: pointer; }
th button:hover { color: var(--lg-accent); }
th[aria-sort="ascending"] button, th[aria-sort="descending"] button { color: var(--lg-ink); font-weight: 600; }
th[aria-sort="ascending"] button::before { content: "▲ " / ""; font-size: 9px; }
th[aria-sort="descending"] button::before { content: "▼ " / ""; font-size: 9px; }
tr { height: 24px; }
td { height: 23px; padding: 0 8px; overflow: hidden; border-bottom: 1px solid var(--lg-line); text-align: right;
  white-space: nowrap; line-height: 23px; }
tr.hovered td { background: var(--lg-ground); }
tr[aria-selected="true"] td { background: color-mix(in srgb, var(--lg-accent) 25%, var(--lg-surface)); }
.scroll:focus-visible tr.active td { box-shadow: inset 0 1px var(--lg-accent), inset 0 -1px var(--lg-accent); }
`
