// The look of the panel, on the page's own palette.

export const PANEL_CSS = `
:host { display: block; box-sizing: border-box; width: 100%; min-width: 0; color: var(--lg-ink);
  font: 14px/20px var(--lg-font); font-variant-numeric: tabular-nums; }
[hidden] { display: none !important; }
.panel { display: flex; flex-direction: column; gap: 8px; min-width: 0; }
.row { display: grid; grid-template-columns: 1fr 1fr; gap: 8px; }
.choice { display: block; min-width: 0; color: var(--lg-quiet); }
.choice span { display: block; }
select, input[type="text"], .again {
  box-sizing: border-box; width: 100%; min-width: 0; height: 28px; padding: 0 6px; border: 1px solid var(--lg-line);
  border-radius: 4px; background: var(--lg-surface); color: var(--lg-ink); font: inherit;
  font-variant-numeric: tabular-nums;
}
:focus-visible { outline: 2px solid var(--lg-accent); outline-offset: 1px; }
.limits { min-width: 0; }
.head { margin-bottom: 2px; color: var(--lg-quiet); font-size: 13px; line-height: 18px; overflow-wrap: anywhere; }
.head b { color: var(--lg-ink); font-weight: 600; }
.stage { position: relative; height: 68px; border: 1px solid var(--lg-line); border-radius: 4px; overflow: hidden;
  background: var(--lg-surface); color: var(--lg-quiet); touch-action: none; user-select: none;
  -webkit-user-select: none; }
.stage canvas { position: absolute; inset: 0; width: 100%; height: 100%; }
.handle { position: absolute; top: 0; bottom: 0; width: 15px; margin-left: -8px; outline: none; }
.handle::before { content: ""; position: absolute; top: 0; bottom: 0; left: 7px; width: 2px;
  background: var(--lg-accent); }
.handle::after { content: ""; position: absolute; bottom: 16px; left: 3px; width: 8px; height: 16px; border-radius: 3px;
  border: 1px solid var(--lg-accent); background: var(--lg-surface); }
.handle:focus-visible::after { background: var(--lg-accent); box-shadow: 0 0 0 2px var(--lg-surface); }
.handle.low::after { left: 3px; }
.ends { display: grid; grid-template-columns: 1fr auto 1fr; align-items: center; gap: 6px; margin-top: 4px; }
.ends .to { color: var(--lg-quiet); }
.ends input:last-child { text-align: right; }
input[aria-invalid="true"] { border-color: var(--lg-bad); color: var(--lg-bad); }
.slider { display: grid; grid-template-columns: 76px minmax(0, 1fr) 40px 24px; align-items: center; gap: 4px;
  height: 24px; color: var(--lg-quiet); }
.slider input { width: 100%; min-width: 0; margin: 0; accent-color: var(--lg-accent); }
.slider output { color: var(--lg-ink); text-align: right; }
.reset { width: 24px; height: 24px; padding: 0; border: 0; border-radius: 4px; background: none; color: var(--lg-quiet);
  font: inherit; cursor: pointer; }
.reset:hover { background: var(--lg-surface); color: var(--lg-ink); }
.reset.idle { visibility: hidden; }
.palettes { min-width: 0; border: 1px solid var(--lg-line); border-radius: 4px; background: var(--lg-surface); }
.palettes summary, .palettes label { display: grid; align-items: center; gap: 8px; min-height: 28px; padding: 0 6px;
  cursor: pointer; }
.palettes summary { grid-template-columns: auto 64px minmax(0, 1fr); }
.palettes .term { color: var(--lg-quiet); }
.palettes .term::before { content: "▸ " / ""; }
.palettes[open] .term::before { content: "▾ " / ""; }
.palettes summary::marker { content: ""; }
.palettes summary::-webkit-details-marker { display: none; }
.palettes .name, .palettes label span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.palettes .list { max-height: 212px; overflow: auto; border-top: 1px solid var(--lg-line); }
.palettes label { grid-template-columns: auto 84px minmax(0, 1fr); min-height: 24px; }
.palettes label:hover { background: var(--lg-ground); }
.palettes label:has(:checked) span { font-weight: 600; }
.palettes input { margin: 0; accent-color: var(--lg-accent); }
.swatch { height: 12px; border: 1px solid var(--lg-line); border-radius: 2px; }
.check { display: inline-flex; align-items: center; gap: 6px; min-height: 24px; cursor: pointer; }
.check input { margin: 0; accent-color: var(--lg-accent); }
.marks { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 16px; }
.missing { display: inline-flex; align-items: center; gap: 8px; }
.missing input[type="color"] { width: 32px; height: 24px; padding: 1px; border: 1px solid var(--lg-line);
  border-radius: 4px; background: var(--lg-surface); cursor: pointer; }
.missing input:disabled { opacity: 0.4; cursor: default; }
.again { width: auto; align-self: start; padding: 0 10px; cursor: pointer; }
.again:hover { background: var(--lg-ground); border-color: var(--lg-quiet); }
.again:disabled { color: var(--lg-quiet); cursor: default; background: none; border-color: var(--lg-line); }
.lesson { color: var(--lg-quiet); }
`
