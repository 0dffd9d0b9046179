// The look of the pane, on the page's own palette; with colours of its own where there is none.

export const PANE_CSS = `
:host {
  display: flex; flex-direction: column; gap: 4px; box-sizing: border-box; width: 100%; min-width: 0;
  height: calc(100dvh - 112px); min-height: 280px; color: var(--lg-ink, #1d2229);
  font: 14px/20px var(--lg-font, sans-serif); font-variant-numeric: tabular-nums; container-type: inline-size;
}
:host(:fullscreen) { height: 100dvh; padding: 4px; background: var(--lg-ground, #f5f6f8); }
[hidden] { display: none !important; }
.bar { display: flex; flex: none; flex-wrap: wrap; align-items: center; gap: 4px 8px; min-width: 0; }
.group { display: inline-flex; flex: none; }
.bar button {
  box-sizing: border-box; min-width: 28px; height: 28px; padding: 0 6px; border: 1px solid transparent;
  border-radius: 4px; background: none; color: var(--lg-quiet, #59636e); font: inherit; cursor: pointer;
}
.bar button:hover { background: var(--lg-surface, #fff); color: var(--lg-ink, #1d2229); }
.bar button[aria-pressed="true"] {
  border-color: var(--lg-line, #d8dce2); background: var(--lg-surface, #fff); color: var(--lg-accent, #0b5fad);
}
.bar button:disabled { opacity: 0.5; cursor: default; }
.bar button[data-does="reset"] { width: 60px; }
.bar button[data-does="take"] {
  flex: none; padding: 0 8px; border-color: var(--lg-accent, #0b5fad); color: var(--lg-accent, #0b5fad);
  white-space: nowrap;
}
:focus-visible { outline: 2px solid var(--lg-accent, #0b5fad); outline-offset: 1px; }
svg { display: block; width: 16px; height: 16px; margin: 0 auto; fill: none; stroke: currentColor; stroke-width: 1.5;
  stroke-linecap: round; stroke-linejoin: round; }
.who { display: flex; flex: 1 1 200px; gap: 8px; min-width: 0; height: 28px; }
.mark { flex: 0 1 auto; min-width: 0; line-height: 28px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
  color: var(--lg-quiet, #59636e); }
.mark.on { color: var(--lg-accent, #0b5fad); font-weight: 600; }
.mark.on::before { content: "◉ " / ""; }
@container (max-width: 480px) { .who { flex-basis: 100%; } }
.stage { position: relative; flex: 1; min-height: 0; margin: 0 3px 3px; overflow: hidden;
  background: var(--lg-ground, #f5f6f8); outline: 1px solid var(--lg-line, #d8dce2); }
.stage.captured { outline: 3px solid var(--lg-accent, #0b5fad); }
.stage:not(.captured):has(canvas:focus-visible) { outline: 2px dashed var(--lg-accent, #0b5fad); }
canvas { position: absolute; inset: 0; width: 100%; height: 100%; outline: none; touch-action: pan-x pan-y;
  user-select: none; -webkit-user-select: none; }
canvas:focus-visible { outline: none; }
.stage.holds canvas { touch-action: none; }
.stage.grab canvas { cursor: grab; }
.stage.grab canvas:active { cursor: grabbing; }
.stage.old canvas { filter: grayscale(1) opacity(0.45); }
.middle { position: absolute; inset: 0; display: flex; align-items: center; justify-content: center;
  pointer-events: none; }
.label { align-self: center; padding: 4px 12px; border: 1px solid var(--lg-line, #d8dce2); border-radius: 4px;
  background: var(--lg-surface, #fff); color: var(--lg-ink, #1d2229); font-weight: 600; }
.label.stale { color: var(--lg-bad, #a3231a); }
.label.stale::before { content: "✕ " / ""; }
.notes { position: absolute; inset: auto 4px 4px; display: flex; flex-direction: column; gap: 4px;
  pointer-events: none; }
.note { padding: 4px 12px; border: 1px solid var(--lg-line, #d8dce2); border-radius: 4px; overflow-wrap: anywhere;
  background: var(--lg-surface, #fff); color: var(--lg-warning, #8a5300); }
.note.problem { background: var(--lg-bad-ground, #fdeceb); color: var(--lg-bad, #a3231a); }
.empty { position: absolute; inset: 0; padding: 16px; overflow: auto; color: var(--lg-quiet, #59636e); }
.empty > :first-child { margin-top: 0; }
.figures { position: absolute; top: 4px; left: 4px; display: grid; grid-template-columns: max-content max-content;
  gap: 0 12px; margin: 0; padding: 4px 8px; border-radius: 4px; background: rgb(0 0 0 / 72%); color: #fff;
  font-size: 12px; line-height: 16px; pointer-events: none; }
.figures dt { color: #c4cad1; }
.figures dd { margin: 0; }
`
