'use strict';
/*!
 * Copyright (c) Anaconda, Inc., and Bokeh Contributors
 * All rights reserved.
 * 
 * Redistribution and use in source and binary forms, with or without modification,
 * are permitted provided that the following conditions are met:
 * 
 * Redistributions of source code must retain the above copyright notice,
 * this list of conditions and the following disclaimer.
 * 
 * Redistributions in binary form must reproduce the above copyright notice,
 * this list of conditions and the following disclaimer in the documentation
 * and/or other materials provided with the distribution.
 * 
 * Neither the name of Anaconda nor the names of any contributors
 * may be used to endorse or promote products derived from this software
 * without specific prior written permission.
 * 
 * THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS"
 * AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE
 * IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE
 * ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT OWNER OR CONTRIBUTORS BE
 * LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR
 * CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF
 * SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS
 * INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN
 * CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE)
 * ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF
 * THE POSSIBILITY OF SUCH DAMAGE.
 */
(function(root, factory) {
  factory(root["Bokeh"], undefined);
})(this, function(Bokeh, version) {
  let define;
  return (function(modules, entry, aliases, externals) {
    const bokeh = typeof Bokeh !== "undefined" ? (version != null ? Bokeh[version] : Bokeh) : null;
    if (bokeh != null) {
      return bokeh.register_plugin(modules, entry, aliases);
    } else {
      throw new Error("Cannot find Bokeh" + (version != null ? " " + version : "") + ". You have to load it prior to loading plugins.");
    }
  })
({
"c1885ea6af": /* index.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    // Every model of the extension. Only models are exported: other names would land among Bokeh's own.
    const base_1 = require("@bokehjs/base");
    const download_1 = require("3872ca849d") /* ./panes/download */;
    __esExport("Download", download_1.Download);
    const color_scale_1 = require("5d3e9fc960") /* ./panes/events/color_scale */;
    __esExport("ColorScale", color_scale_1.ColorScale);
    const event_choice_1 = require("22294c2d8f") /* ./panes/events/event_choice */;
    __esExport("EventChoice", event_choice_1.EventChoice);
    const event_data_1 = require("dfacb1cd0f") /* ./panes/events/event_data */;
    __esExport("EventData", event_data_1.EventData);
    const event_projection_1 = require("62eb5dccdd") /* ./panes/events/event_projection */;
    __esExport("EventProjection", event_projection_1.EventProjection);
    const event_table_1 = require("ec9d55e745") /* ./panes/events/event_table */;
    __esExport("EventTable", event_table_1.EventTable);
    const local_sliders_1 = require("e1cc345576") /* ./panes/events/local_sliders */;
    __esExport("LocalRangeSlider", local_sliders_1.LocalRangeSlider);
    __esExport("LocalSlider", local_sliders_1.LocalSlider);
    const frame_pane_1 = require("e8ac629ebb") /* ./panes/frame_pane/frame_pane */;
    __esExport("FramePane", frame_pane_1.FramePane);
    const catalogue_renderer_1 = require("1cba740a94") /* ./panes/image/catalogue_renderer */;
    __esExport("CatalogueRenderer", catalogue_renderer_1.CatalogueRenderer);
    const display_panel_1 = require("49c8c52477") /* ./panes/image/display_panel */;
    __esExport("DisplayPanel", display_panel_1.DisplayPanel);
    const image_display_1 = require("7ccd9c5ea9") /* ./panes/image/image_display */;
    __esExport("ImageDisplay", image_display_1.ImageDisplay);
    const image_renderer_1 = require("bec1f16ab1") /* ./panes/image/image_renderer */;
    __esExport("ImageRenderer", image_renderer_1.ImageRenderer);
    const measure_tool_1 = require("d2a3d6ab6d") /* ./panes/image/measure_tool */;
    __esExport("MeasureTool", measure_tool_1.MeasureTool);
    const mini_map_1 = require("af58c2068b") /* ./panes/image/mini_map */;
    __esExport("MiniMap", mini_map_1.MiniMap);
    const pixel_readout_1 = require("e3effabedd") /* ./panes/image/pixel_readout */;
    __esExport("PixelReadout", pixel_readout_1.PixelReadout);
    const live_markup_1 = require("6abe1c9288") /* ./panes/live_markup */;
    __esExport("LiveMarkup", live_markup_1.LiveMarkup);
    const page_state_1 = require("10fe5a3d9b") /* ./panes/page_state */;
    __esExport("PageState", page_state_1.PageState);
    (0, base_1.register_models)({
        CatalogueRenderer: catalogue_renderer_1.CatalogueRenderer, ColorScale: color_scale_1.ColorScale, DisplayPanel: display_panel_1.DisplayPanel, Download: download_1.Download, EventChoice: event_choice_1.EventChoice, EventData: event_data_1.EventData, EventProjection: event_projection_1.EventProjection, EventTable: event_table_1.EventTable, FramePane: frame_pane_1.FramePane,
        ImageDisplay: image_display_1.ImageDisplay, ImageRenderer: image_renderer_1.ImageRenderer, LiveMarkup: live_markup_1.LiveMarkup, LocalRangeSlider: local_sliders_1.LocalRangeSlider, LocalSlider: local_sliders_1.LocalSlider, MeasureTool: measure_tool_1.MeasureTool, MiniMap: mini_map_1.MiniMap, PageState: page_state_1.PageState, PixelReadout: pixel_readout_1.PixelReadout,
    });
},
"3872ca849d": /* panes/download.js */ function _(require, module, exports, __esModule, __esExport) {
    var _a;
    __esModule();
    const model_1 = require("@bokehjs/model");
    const view_1 = require("@bokehjs/core/view");
    /* Saves bytes from the server as a file, through the browser's own download. */
    class DownloadView extends view_1.View {
        connect_signals() {
            super.connect_signals();
            this.on_change(this.model.properties.serial, () => this.save());
            this.finish();
        }
        save() {
            const { data, file, mime } = this.model;
            const address = URL.createObjectURL(new Blob([data], { type: mime }));
            const link = document.createElement("a");
            link.href = address;
            link.download = file;
            link.click();
            // Not at once: some browsers begin to read only after the event.
            setTimeout(() => URL.revokeObjectURL(address), 60000);
            // Neither end need hold the bytes any longer.
            this.model.data = new ArrayBuffer(0);
        }
    }
    exports.DownloadView = DownloadView;
    DownloadView.__name__ = "DownloadView";
    class Download extends model_1.Model {
        constructor(attrs) {
            super(attrs);
        }
    }
    exports.Download = Download;
    _a = Download;
    Download.__name__ = "Download";
    Download.__module__ = "lorgnette.panes.download";
    (() => {
        _a.prototype.default_view = DownloadView;
        _a.define(({ Bytes, Int, Str }) => ({
            data: [Bytes, () => new ArrayBuffer(0)],
            file: [Str, "download"],
            mime: [Str, "application/octet-stream"],
            serial: [Int, 0],
        }));
    })();
},
"5d3e9fc960": /* panes/events/color_scale.js */ function _(require, module, exports, __esModule, __esExport) {
    var _a;
    __esModule();
    exports.find_ticks = find_ticks;
    const ui_element_1 = require("@bokehjs/models/ui/ui_element");
    const event_data_1 = require("dfacb1cd0f") /* ./event_data */;
    const color_1 = require("fe174e4121") /* ./color */;
    const STOPS = 32;
    const CSS = `
:host { display: block; min-width: 0; width: 100%; color: var(--lg-quiet); font: 13px/18px var(--lg-font); }
.title { margin-bottom: 2px; overflow-wrap: anywhere; }
.title b { color: var(--lg-ink); font-weight: 600; }
.bar { height: 12px; border: 1px solid var(--lg-line); border-radius: 2px; }
.ticks { position: relative; height: 20px; margin: 0 1px; font-variant-numeric: tabular-nums; font-size: 12px; }
.ticks span { position: absolute; top: 4px; transform: translateX(-50%); white-space: nowrap; }
.ticks span::before { content: ""; position: absolute; top: -4px; left: 50%; height: 4px; border-left: 1px solid; }
.ticks span.first { transform: none; } .ticks span.first::before { left: 0; }
.ticks span.last { transform: translateX(-100%); } .ticks span.last::before { left: 100%; }
.swatches { display: flex; flex-wrap: wrap; gap: 4px; align-items: center; }
.swatches i { width: 14px; height: 14px; border-radius: 2px; }
`;
    function short(value) {
        const size = Math.abs(value);
        const text = size != 0 && (size < 1e-3 || size >= 1e5) ? value.toExponential(0) : `${Number(value.toPrecision(3))}`;
        return text.replace("e+", "e").replace("-", "−");
    }
    // Where round numbers lie on a scale, from 0 to 1.
    function find_ticks({ kind, low, high }) {
        const values = [];
        if (kind == "log") {
            const decades = Math.log10(high / low);
            const digits = decades > 2.5 ? [1] : decades > 1 ? [1, 3] : [1, 2, 5];
            for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
                values.push(...digits.map((digit) => Number(`${digit}e${power}`)));
            }
        }
        else {
            const rough = (high - low) / 4;
            const power = 10 ** Math.floor(Math.log10(rough));
            const step = power * ([1, 2, 5].find((each) => each * power >= rough) ?? 10);
            for (let i = Math.ceil(low / step); i * step <= high && values.length < 10; i++) {
                values.push(i * step);
            }
        }
        const place = kind == "log" ? Math.log : (value) => value;
        return values.map((value) => [value, (place(value) - place(low)) / (place(high) - place(low))]).filter(([, at]) => at >= -1e-9 && at <= 1 + 1e-9);
    }
    class ColorScaleView extends ui_element_1.UIElementView {
        constructor() {
            super(...arguments);
            this.body = document.createElement("div");
        }
        connect_signals() {
            super.connect_signals();
            const { event, colors } = this.model.data.changes;
            this.connect(event, () => this.draw());
            this.connect(colors, () => this.draw());
        }
        stylesheets() {
            return [...super.stylesheets(), CSS];
        }
        render() {
            super.render();
            this.shadow_el.append(this.body);
            this.draw();
        }
        draw() {
            const scale = this.model.data.color_scale;
            const title = this.element("div", "title");
            const name = this.element("b", "", scale.unit == "" ? scale.column : `${scale.column} [${scale.unit}]`);
            if (scale.kind == "none") {
                title.append("no colours: nothing in this event has ", name);
                this.body.replaceChildren(title);
            }
            else if (scale.kind == "category") {
                title.append("by ", name);
                this.body.replaceChildren(title, this.draw_swatches(scale));
            }
            else {
                title.append(name, scale.kind == "log" ? ", logarithmic" : "");
                this.body.replaceChildren(title, this.draw_bar(scale), this.draw_ticks(scale));
            }
        }
        element(tag, cls, text = "") {
            const result = document.createElement(tag);
            result.className = cls;
            result.textContent = text;
            return result;
        }
        draw_swatches({ palette, used }) {
            const row = this.element("div", "swatches");
            for (const color of [...palette.slice(0, used), palette[color_1.NONE]]) {
                const swatch = this.element("i", "");
                swatch.style.background = color;
                row.append(swatch);
            }
            row.append("grey: in none");
            return row;
        }
        draw_bar({ palette, used }) {
            const bar = this.element("div", "bar");
            const stops = Array.from({ length: STOPS }, (_, i) => palette[Math.round(i * (used - 1) / (STOPS - 1))]);
            bar.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
            return bar;
        }
        draw_ticks(scale) {
            const row = this.element("div", "ticks");
            for (const [value, at] of find_ticks(scale)) {
                const tick = this.element("span", at < 0.06 ? "first" : at > 0.94 ? "last" : "", short(value));
                tick.style.left = `${100 * at}%`;
                row.append(tick);
            }
            return row;
        }
    }
    exports.ColorScaleView = ColorScaleView;
    ColorScaleView.__name__ = "ColorScaleView";
    /* The legend of the colours; Bokeh's own colour bar cannot go from linear to logarithmic in the browser. */
    class ColorScale extends ui_element_1.UIElement {
        constructor(attrs) {
            super(attrs);
        }
    }
    exports.ColorScale = ColorScale;
    _a = ColorScale;
    ColorScale.__name__ = "ColorScale";
    ColorScale.__module__ = "lorgnette.panes.events.color_scale";
    (() => {
        _a.prototype.default_view = ColorScaleView;
        _a.define(({ Ref }) => ({
            data: [Ref(event_data_1.EventData), () => new event_data_1.EventData()],
        }));
    })();
},
"dfacb1cd0f": /* panes/events/event_data.js */ function _(require, module, exports, __esModule, __esExport) {
    var _a, _b;
    __esModule();
    const model_1 = require("@bokehjs/model");
    const bokeh_events_1 = require("@bokehjs/core/bokeh_events");
    const signaling_1 = require("@bokehjs/core/signaling");
    const color_1 = require("fe174e4121") /* ./color */;
    const cuts_1 = require("22f32d0c8c") /* ./cuts */;
    const event_choice_1 = require("22294c2d8f") /* ./event_choice */;
    const packet_1 = require("9b7bfbeffa") /* ./packet */;
    const select_rows_1 = require("6cc7412d52") /* ./select_rows */;
    const MANY_BYTES = 16 * 1024 ** 2; // of a message to the server, which takes 20 MiB
    class SaveShown extends bokeh_events_1.ModelEvent {
        constructor(format, collection, entry, rows) {
            super();
            this.format = format;
            this.collection = collection;
            this.entry = entry;
            this.rows = rows;
        }
        get event_values() {
            const { format, collection, entry, rows } = this;
            return { ...super.event_values, format, collection, entry, rows };
        }
    }
    exports.SaveShown = SaveShown;
    _a = SaveShown;
    SaveShown.__name__ = "SaveShown";
    (() => {
        _a.prototype.event_name = "lorgnette_save_shown";
    })();
    function same(a, b) {
        return JSON.stringify(a) == JSON.stringify(b);
    }
    function sieve_options({ layers, sum, endcap, threshold, cuts }, hidden) {
        return [sum ? null : layers, endcap, threshold, hidden, cuts];
    }
    function color_options({ color_by, scale, limits, palette }) {
        return [color_by, scale, limits, palette];
    }
    /* The event in the browser: decoded once, and what of it is shown, coloured, marked and pointed at. The projections and
     * the table read from here and listen to `changes`. Whatever it gives must not be written to. */
    class EventData extends model_1.Model {
        constructor(attrs) {
            super(attrs);
        }
        initialize() {
            super.initialize();
            const signal = (name) => new signaling_1.Signal0(this, name);
            this.changes = {
                event: signal("event"), shown: signal("shown"), colors: signal("colors"), marks: signal("marks"),
                hover: signal("hover"), reveal: signal("reveal"),
            };
            this.problems = {};
            this.options = this.choice.options;
            this.hidden = [];
            this.take_modules();
            this.take_packet();
        }
        connect_signals() {
            super.connect_signals();
            const { packet, modules, palettes } = this.properties;
            this.connect(packet.change, () => {
                this.take_packet();
                this.changes.event.emit();
                this.changes.shown.emit();
            });
            this.connect(modules.change, () => {
                this.take_modules();
                this.changes.event.emit();
                this.changes.shown.emit();
            });
            this.connect(palettes.change, () => this.recolor());
            this.connect(this.choice.change, () => this.follow_choice());
        }
        // A collection of the event by its name.
        collection(name) {
            return this.event?.collections.find((each) => each.name == name) ?? null;
        }
        // The one in the table: that of choice, else what a reader probably looks for, and has something in it.
        get table_collection() {
            const collections = this.event?.collections ?? [];
            const there = collections.filter(({ count }) => count != 0);
            const of_kind = (wanted) => there.find(({ kind }) => kind == wanted);
            return this.collection(this.choice.table) ?? of_kind("cells") ?? of_kind("hits") ?? of_kind("jets") ?? there[0] ??
                collections[0] ?? null;
        }
        // The rows that pass layers, endcap, threshold, cut and visibility, rising.
        shown(name) {
            let rows = this.rows.get(name);
            if (rows == null) {
                const collection = this.collection(name);
                const { layers, sum, endcap, threshold } = this.options;
                rows = collection == null ? new Uint32Array() : (0, select_rows_1.select_rows)(collection, {
                    hidden: this.hidden.includes(name), layers: sum ? null : layers, endcap, threshold, cut: this.cuts.get(name) ?? null,
                });
                this.rows.set(name, rows);
            }
            return rows;
        }
        // 1 for each marked row, else 0; also for rows that are not shown.
        marked(name) {
            let marks = this.marks.get(name);
            if (marks == null) {
                marks = new Uint8Array(this.collection(name)?.count ?? 0);
                this.marks.set(name, marks);
            }
            return marks;
        }
        // Whether any row of any collection is marked.
        get any_marked() {
            return [...this.marks.values()].some((marks) => marks.includes(1));
        }
        mark(name, rows, how = "replace") {
            const before = new Map([...this.marks].map(([each, marks]) => [each, marks.slice()]));
            if (how == "replace") {
                this.marks.clear();
            }
            const marks = this.marked(name);
            for (const row of rows) {
                if (row >= 0 && row < marks.length) {
                    marks[row] = how == "toggle" ? 1 - marks[row] : 1;
                }
            }
            this.emit_marks(before);
        }
        clear_marks() {
            const before = new Map(this.marks);
            this.marks.clear();
            this.emit_marks(before);
        }
        hover(name, row = -1) {
            const place = name == null || row < 0 ? null : { name, row };
            if (!same(place, this.hovered)) {
                this.hovered = place;
                this.changes.hover.emit();
            }
        }
        // Mark one row, and have the projections bring it into sight.
        reveal(name, row) {
            this.revealed = { name, row };
            this.mark(name, [row], "replace");
            this.changes.reveal.emit();
        }
        // The index of each row's colour in `color_scale.palette`.
        colors(name) {
            let indices = this.indices.get(name);
            if (indices == null) {
                const collection = this.collection(name);
                indices = collection == null ? new Uint8Array() : (0, color_1.index_rows)(this.event, collection, this.color_scale);
                this.indices.set(name, indices);
            }
            return indices;
        }
        get color_scale() {
            if (this.scale == null) {
                const { palettes } = this;
                const known = palettes instanceof Map ? Object.fromEntries(palettes) : palettes;
                this.scale = (0, color_1.make_scale)(this.event, this.options, known[this.options.palette] ?? []);
            }
            return this.scale;
        }
        // Have the server make a file of the rows that are shown.
        request_save(format, collection) {
            const rows = this.shown(collection);
            if (this.event == null || rows.byteLength > MANY_BYTES) {
                this.tell_problem("save", this.event == null ? "There is no event to save." :
                    `${rows.length} rows are too many to save from here: raise the threshold or cut more.`);
                return;
            }
            this.tell_problem("save", "");
            this.trigger_event(new SaveShown(format, collection, this.event.header.entry, rows.slice().buffer));
        }
        take_packet() {
            this.event = this.decode(this.packet, "event");
            this.hidden = this.find_hidden();
            this.marks = new Map();
            this.hovered = null;
            this.revealed = null;
            this.rows = new Map();
            this.forget_colors();
            this.compile_cuts();
        }
        take_modules() {
            this.module_collections = this.decode(this.modules, "modules")?.collections ?? [];
        }
        decode(packet, what) {
            try {
                const decoded = packet.byteLength == 0 ? null : (0, packet_1.decode)(packet);
                this.tell_problem(what, "");
                return decoded;
            }
            catch (error) {
                if (!(error instanceof packet_1.PacketError)) {
                    throw error;
                }
                this.tell_problem(what, `The ${what} that the server has sent cannot be read: ${error.message}.`);
                return null;
            }
        }
        tell_problem(about, problem) {
            this.problems[about] = problem;
            this.problem = Object.values(this.problems).filter((text) => text != "").join(" ");
        }
        follow_choice() {
            const [before, hidden] = [this.options, this.hidden];
            this.options = this.choice.options;
            this.hidden = this.find_hidden();
            if (!same(before.cuts, this.options.cuts)) {
                this.compile_cuts();
            }
            if (!same(sieve_options(before, hidden), sieve_options(this.options, this.hidden))) {
                this.rows = new Map();
                this.changes.shown.emit();
            }
            if (!same(color_options(before), color_options(this.options))) {
                this.recolor();
            }
        }
        find_hidden() {
            return (this.event?.collections ?? []).map(({ name }) => name).filter((name) => this.choice.hides(name));
        }
        recolor() {
            this.forget_colors();
            this.changes.colors.emit();
        }
        forget_colors() {
            this.indices = new Map();
            this.scale = null;
        }
        // A cut that is not understood is not applied, and the choice says why.
        compile_cuts() {
            this.cuts = new Map();
            const problems = {};
            for (const [name, text] of Object.entries(this.event == null ? {} : this.options.cuts)) {
                try {
                    const collection = this.collection(name);
                    if (collection == null && this.choice.aside.includes(name)) {
                        continue; // it is applied when the collection is shown
                    }
                    if (collection == null && text.trim() != "") {
                        const near = (0, cuts_1.nearest)(name, this.event.collections.map((each) => each.name));
                        throw new cuts_1.CutError(`This event has no ${name}.${near.length == 0 ? "" : ` Did you mean ${near.join(" or ")}?`}`);
                    }
                    const cut = collection == null ? null : (0, cuts_1.compile)(text, collection);
                    if (cut != null) {
                        this.cuts.set(name, cut);
                    }
                }
                catch (error) {
                    if (!(error instanceof cuts_1.CutError)) {
                        throw error;
                    }
                    problems[name] = error.message;
                }
            }
            if (!same(problems, (0, event_choice_1.plain)(this.choice.cut_problems))) {
                this.choice.setv({ cut_problems: problems });
            }
        }
        emit_marks(before) {
            const names = new Set([...before.keys(), ...this.marks.keys()]);
            const changed = [...names].some((name) => {
                const [old, now] = [before.get(name), this.marks.get(name)];
                const longer = (old ?? now);
                return longer.some((_, row) => (old?.[row] ?? 0) != (now?.[row] ?? 0));
            });
            if (changed) {
                this.changes.marks.emit();
            }
        }
    }
    exports.EventData = EventData;
    _b = EventData;
    EventData.__name__ = "EventData";
    EventData.__module__ = "lorgnette.panes.events.event_data";
    (() => {
        _b.define(({ Bytes, Dict, List, Ref, Str }) => ({
            packet: [Bytes, () => new ArrayBuffer(0)],
            modules: [Bytes, () => new ArrayBuffer(0)],
            choice: [Ref(event_choice_1.EventChoice), () => new event_choice_1.EventChoice()],
            palettes: [Dict(List(Str)), () => ({})],
            problem: [Str, ""],
        }));
    })();
},
"fe174e4121": /* panes/events/color.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.make_scale = make_scale;
    exports.index_rows = index_rows;
    // From numbers to colours: which column, between which limits, on which palette.
    //
    // "By event" the scale spans what the cells and hits of the whole event hold, whatever is shown of them: colours do not
    // move while layers and threshold do, and compare across the views. A linear scale begins at 0 (or below); a logarithmic
    // one ends at the largest value and spans at most four decades.
    // The index of rows that have no colour: no such column, no number, no cluster.
    exports.NONE = 255;
    const NONE_COLOR = "#8f8f8f";
    const STEPS = 128; // as many as an eye tells apart; each is one stroke of the brush
    const DECADES = 4;
    // Okabe and Ito's colours, which hardly anybody confuses; black is left out, as half of the pages are dark.
    const CATEGORIES = ["#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7"];
    function find_column(collection, name) {
        const own = name == "cluster" && collection.kind == "clusters" ? "id" : name;
        const column = collection.columns.get(own);
        return column == null || column.width != 1 ? null : column;
    }
    function fill(colors) {
        return [...colors, ...Array(exports.NONE + 1 - colors.length).fill(NONE_COLOR)];
    }
    function sample(colors) {
        const last = colors.length - 1;
        return Array.from({ length: STEPS }, (_, i) => colors[Math.round(i * last / (STEPS - 1))] ?? NONE_COLOR);
    }
    function extent(columns) {
        let [low, high, least_positive] = [Infinity, -Infinity, Infinity];
        for (const { values } of columns) {
            for (const value of values) {
                if (isFinite(value)) {
                    low = value < low ? value : low;
                    high = value > high ? value : high;
                    least_positive = value > 0 && value < least_positive ? value : least_positive;
                }
            }
        }
        return { low, high, least_positive };
    }
    function by_event(columns, log) {
        const { low, high, least_positive } = extent(columns);
        if (!(low <= high)) {
            return [0, 1]; // no number at all
        }
        if (log) {
            const least = Math.max(least_positive, high / 10 ** DECADES);
            return least < high ? [least, high] : [high / 10, high * 10];
        }
        const whole = !columns.some(({ values }) => is_float(values));
        const start = whole ? low : Math.min(0, low);
        return start < high ? [start, high] : [start, start + 1];
    }
    function is_float(values) {
        return values instanceof Float32Array || values instanceof Float64Array;
    }
    // The scale for all collections of an event.
    function make_scale(event, options, colors) {
        const { color_by, limits } = options;
        if (color_by == "cluster") {
            const used = CATEGORIES.length;
            return { column: color_by, unit: "", kind: "category", low: 0, high: used, palette: fill(CATEGORIES), used };
        }
        const all = event?.collections ?? [];
        const cells = all.filter(({ kind }) => kind == "cells" || kind == "hits");
        const find = (among) => among.map((each) => find_column(each, color_by)).filter((each) => each != null);
        let columns = find(cells);
        if (columns.length == 0) {
            columns = find(all);
        }
        if (columns.length == 0) {
            return { column: color_by, unit: "", kind: "none", low: 0, high: 1, palette: fill([]), used: 0 };
        }
        // Layers, sides and counts are evenly spaced: a logarithm would say nothing about them.
        const wanted = options.scale == "log" && columns.some(({ values }) => is_float(values));
        const log = wanted && (limits == null ? extent(columns).high > 0 : limits[0] > 0);
        const [low, high] = limits ?? by_event(columns, log);
        return {
            column: color_by, unit: columns[0].unit, kind: log ? "log" : "linear", low, high, palette: fill(sample(colors)),
            used: STEPS,
        };
    }
    function index_values(values, { kind, low, high, used }) {
        const result = new Uint8Array(values.length);
        const log = kind == "log";
        const [first, last] = log ? [Math.log(low), Math.log(high)] : [low, high];
        const factor = last > first ? used / (last - first) : 0;
        for (let i = 0; i < values.length; i++) {
            const value = values[i];
            const step = Math.floor(((log ? Math.log(value > 0 ? value : 0) : value) - first) * factor);
            result[i] = value != value ? exports.NONE : step < 0 ? 0 : step < used ? step : used - 1;
        }
        return result;
    }
    // Which of the colours each cluster has: in the order of the clusters' collection, else of the cells.
    function cluster_ranks(event) {
        const ranks = new Map();
        const take = (column) => {
            for (const id of column?.width == 1 ? column.values : []) {
                if (id != 0 && id == id && !ranks.has(id)) {
                    ranks.set(id, ranks.size);
                }
            }
        };
        for (const { kind, columns } of event.collections) {
            if (kind == "clusters") {
                take(columns.get("id"));
            }
        }
        if (ranks.size == 0) {
            event.collections.forEach(({ columns }) => take(columns.get("cluster")));
        }
        return ranks;
    }
    // The index of each row's colour.
    function index_rows(event, collection, scale) {
        const column = find_column(collection, scale.column);
        if (column == null || scale.kind == "none") {
            return new Uint8Array(collection.count).fill(exports.NONE);
        }
        if (scale.kind != "category") {
            return index_values(column.values, scale);
        }
        const ranks = cluster_ranks(event);
        const { values } = column;
        return new Uint8Array(values.length).map((_, row) => {
            const rank = ranks.get(values[row]);
            return rank == null ? exports.NONE : rank % scale.used;
        });
    }
},
"22f32d0c8c": /* panes/events/cuts.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.nearest = nearest;
    exports.compile = compile;
    // Cuts such as "energy > 1 and abs(eta) < 2.5": compiled to functions of a row, over the columns of one collection.
    //
    //   or := and ("or" and)*        and := not ("and" not)*        not := "not" not | comparison
    //   comparison := sum (("<" | "<=" | ">" | ">=" | "==" | "!=") sum)*            a < b < c means a < b and b < c
    //   sum := product (("+" | "-") product)*        product := sign (("*" | "/") sign)*
    //   sign := ("-" | "+") sign | number | name | "abs" "(" or ")" | "(" or ")"
    const MANY_CHARACTERS = 500;
    const DEEP = 50;
    class CutError extends Error {
        constructor(reason, position = null) {
            super(position == null ? reason : `${reason} (at character ${position + 1})`);
        }
    }
    exports.CutError = CutError;
    CutError.__name__ = "CutError";
    // How exact a value is: a number in the text, a small whole number, single precision, double precision.
    const [LITERAL, SMALL, SINGLE, DOUBLE] = [0, 1, 2, 3];
    const TOKEN = /\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_][\w.]*)|(<=|>=|==|!=|[<>+\-*/()]))/y;
    const HINTS = { "=": "==", "&": "and", "|": "or", "!": "not" };
    function tokens(text) {
        if (text.length > MANY_CHARACTERS) {
            throw new CutError(`A cut has at most ${MANY_CHARACTERS} characters`, MANY_CHARACTERS);
        }
        const found = [];
        const end = text.trimEnd().length;
        let at = 0;
        while (at < end) {
            TOKEN.lastIndex = at;
            const match = TOKEN.exec(text);
            if (match == null) {
                const position = at + text.slice(at).search(/\S/);
                const hint = HINTS[text[position]];
                throw new CutError(`"${text[position]}" is not understood${hint == null ? "" : `; write "${hint}"`}`, position);
            }
            const [whole, number, name, sign] = match;
            const word = number ?? name ?? sign;
            found.push({
                kind: number != null ? "number" : name != null ? "name" : "sign", text: word, at: at + whole.length - word.length,
            });
            at += whole.length;
        }
        found.push({ kind: "end", text: "", at: end });
        return found;
    }
    function distance(a, b) {
        let row = Array.from({ length: b.length + 1 }, (_, i) => i);
        for (let i = 1; i <= a.length; i++) {
            const next = [i];
            for (let j = 1; j <= b.length; j++) {
                next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)));
            }
            row = next;
        }
        return row[b.length];
    }
    // The names that look most like one that is not there.
    function nearest(name, names) {
        const wanted = name.toLowerCase();
        const scored = names.map((each) => {
            const known = each.toLowerCase();
            const within = wanted.length > 2 && known.includes(wanted) || known.length > 2 && wanted.includes(known);
            return [within ? 0.5 : distance(wanted, known), each];
        });
        return scored.filter(([score]) => score <= Math.max(2, name.length / 2)).sort(([a], [b]) => a - b).slice(0, 3).map(([, each]) => each);
    }
    const COMPARE = {
        "<": (a, b) => a < b, "<=": (a, b) => a <= b, ">": (a, b) => a > b, ">=": (a, b) => a >= b,
        "==": (a, b) => a == b, "!=": (a, b) => a != b,
    };
    function constant(value) {
        return { value: () => value, constant: value, precision: LITERAL };
    }
    function combine(a, b, how) {
        if (a.constant != null && b.constant != null) {
            return constant(how(a.constant, b.constant));
        }
        const [left, right] = [a.value, b.value];
        return { value: (row) => how(left(row), right(row)), constant: null, precision: Math.max(a.precision, b.precision) };
    }
    // A column of single precision holds 0.1 as the single number next to it, which is what a reader means by 0.1.
    function match_precision(node, other) {
        if (node.constant != null && other.precision == SINGLE) {
            const value = Math.fround(node.constant);
            return () => value;
        }
        return node.value;
    }
    function compare(a, sign, b) {
        const [left, right] = [match_precision(a, b), match_precision(b, a)];
        const holds = COMPARE[sign];
        return { value: (row) => holds(left(row), right(row)) ? 1 : 0, constant: null, precision: SMALL };
    }
    // Neither 0 nor NaN.
    function is_true(value) {
        return value > 0 || value < 0;
    }
    class Parser {
        constructor(text, collection) {
            this.at = 0;
            this.depth = 0;
            this.collection = collection;
            this.tokens = tokens(text);
        }
        parse() {
            const { value } = this.either();
            const left = this.peek();
            if (left.kind != "end") {
                throw new CutError(`"${left.text}" was not expected`, left.at);
            }
            return (row) => is_true(value(row));
        }
        peek() {
            return this.tokens[this.at];
        }
        take(...texts) {
            const token = this.peek();
            return token.kind != "end" && texts.includes(token.text) ? this.tokens[this.at++] : null;
        }
        either() {
            let result = this.both();
            while (this.take("or") != null) {
                const [left, right] = [result.value, this.both().value];
                result = { value: (row) => is_true(left(row)) || is_true(right(row)) ? 1 : 0, constant: null, precision: SMALL };
            }
            return result;
        }
        both() {
            let result = this.negated();
            while (this.take("and") != null) {
                const [left, right] = [result.value, this.negated().value];
                result = { value: (row) => is_true(left(row)) && is_true(right(row)) ? 1 : 0, constant: null, precision: SMALL };
            }
            return result;
        }
        negated() {
            const token = this.take("not");
            if (token == null) {
                return this.comparison();
            }
            const { value } = this.deeper(token, () => this.negated());
            return { value: (row) => is_true(value(row)) ? 0 : 1, constant: null, precision: SMALL };
        }
        comparison() {
            let left = this.sum();
            let result = null;
            for (let sign = this.take(...Object.keys(COMPARE)); sign != null; sign = this.take(...Object.keys(COMPARE))) {
                const right = this.sum();
                const next = compare(left, sign.text, right);
                result = result == null ? next : combine(result, next, (a, b) => a * b);
                left = right;
            }
            return result ?? left;
        }
        sum() {
            let result = this.product();
            for (let sign = this.take("+", "-"); sign != null; sign = this.take("+", "-")) {
                result = combine(result, this.product(), sign.text == "+" ? (a, b) => a + b : (a, b) => a - b);
            }
            return result;
        }
        product() {
            let result = this.signed();
            for (let sign = this.take("*", "/"); sign != null; sign = this.take("*", "/")) {
                result = combine(result, this.signed(), sign.text == "*" ? (a, b) => a * b : (a, b) => a / b);
            }
            return result;
        }
        signed() {
            const sign = this.take("-", "+");
            if (sign == null) {
                return this.atom();
            }
            const inner = this.deeper(sign, () => this.signed());
            return sign.text == "-" ? combine(constant(-1), inner, (a, b) => a * b) : inner;
        }
        atom() {
            const token = this.peek();
            this.at = Math.min(this.at + 1, this.tokens.length - 1);
            if (token.kind == "number") {
                return constant(Number(token.text));
            }
            if (token.text == "(") {
                return this.closed(token);
            }
            if (token.text == "abs" && this.peek().text == "(") {
                const inner = this.closed(this.take("("));
                return combine(inner, constant(0), (a) => Math.abs(a));
            }
            if (token.kind == "name" && !["and", "or", "not"].includes(token.text)) {
                return this.column(token);
            }
            const what = token.kind == "end" ? "Something is missing: a column or a number was expected" :
                `"${token.text}" stands where a column or a number was expected`;
            throw new CutError(what, token.at);
        }
        closed(open) {
            const inner = this.deeper(open, () => this.either());
            if (this.take(")") == null) {
                throw new CutError("This bracket is not closed", open.at);
            }
            return inner;
        }
        deeper(token, inner) {
            this.depth += 1;
            if (this.depth > DEEP) {
                throw new CutError("This is nested too deeply", token.at);
            }
            const result = inner();
            this.depth -= 1;
            return result;
        }
        column({ text, at }) {
            const { name, columns } = this.collection;
            const column = columns.get(text);
            if (column == null) {
                const usable = [...columns.values()].filter(({ width }) => width == 1).map((each) => each.name);
                const near = nearest(text, usable);
                const hint = near.length == 0 ? `There are ${usable.slice(0, 8).join(", ")}` : `Did you mean ${near.join(" or ")}`;
                throw new CutError(`${name} has no column ${text}. ${hint}${near.length == 0 ? "" : "?"}`, at);
            }
            if (column.width != 1) {
                throw new CutError(`${text} has ${column.width} numbers in each row, so nothing can be compared with it`, at);
            }
            const { values } = column;
            const precision = values instanceof Float32Array ? SINGLE : values.BYTES_PER_ELEMENT <= 2 ? SMALL : DOUBLE;
            return { value: (row) => values[row], constant: null, precision };
        }
    }
    Parser.__name__ = "Parser";
    // Raises `CutError`. An empty text lets everything through and gives null.
    function compile(text, collection) {
        return text.trim() == "" ? null : new Parser(text, collection).parse();
    }
},
"22294c2d8f": /* panes/events/event_choice.js */ function _(require, module, exports, __esModule, __esExport) {
    var _a;
    __esModule();
    exports.plain = plain;
    const model_1 = require("@bokehjs/model");
    const kinds_1 = require("@bokehjs/core/kinds");
    const choice_text_1 = require("3b48194621") /* ./choice_text */;
    // Browsers allow about a hundred changes of the address in half a minute; a dragged slider makes more.
    const WRITE_MS = 400;
    // From the server a dictionary comes as a Map, from the page's own scripts perhaps as an object.
    function plain(texts) {
        return texts instanceof Map ? Object.fromEntries(texts) : { ...texts };
    }
    // Keeps a choice in the page's address, and reads it from there after back and forward.
    class Address {
        constructor(choice) {
            this.stop = new AbortController();
            this.choice = choice;
            const { signal } = this.stop;
            addEventListener("popstate", () => this.read(), { signal });
            addEventListener("pagehide", () => this.write(), { signal });
        }
        write_soon() {
            this.timer ?? (this.timer = setTimeout(() => this.write(), WRITE_MS));
        }
        end() {
            clearTimeout(this.timer);
            this.stop.abort();
        }
        write() {
            clearTimeout(this.timer);
            this.timer = undefined;
            const query = new URLSearchParams(location.search);
            let changed = false;
            for (const [name, text] of Object.entries((0, choice_text_1.write)(this.choice.options))) {
                changed || (changed = query.get(name) != text);
                if (text == null) {
                    query.delete(name);
                }
                else {
                    query.set(name, text);
                }
            }
            if (changed) {
                const text = query.toString();
                history.replaceState(history.state, "", `${location.pathname}${text == "" ? "" : `?${text}`}${location.hash}`);
            }
        }
        read() {
            clearTimeout(this.timer); // what waits belongs to the entry that was left
            this.timer = undefined;
            this.choice.setv((0, choice_text_1.read)(new URLSearchParams(location.search)));
        }
    }
    Address.__name__ = "Address";
    /* What the reader has chosen to see. It lives in the browser and in the address: whoever changes it in the page, nothing
     * goes to the server. `change` is emitted once for all properties that are set together. */
    class EventChoice extends model_1.Model {
        constructor(attrs) {
            super(attrs);
        }
        initialize() {
            super.initialize();
            this.address = new Address(this);
            this.address.write_soon(); // what the page starts with may differ from what an address without arguments means
        }
        connect_signals() {
            super.connect_signals();
            this.connect(this.change, () => this.address.write_soon());
        }
        destroy() {
            this.address.end();
            super.destroy();
        }
        setv(changed, options) {
            const { layers } = changed;
            // A slider says 12.000000000000002 for the twelfth layer.
            const whole = Array.isArray(layers) ? { layers: layers.map(Math.round) } : {};
            super.setv({ ...changed, ...whole }, { ...options, sync: false });
        }
        // As in an address without arguments.
        reset() {
            this.setv((0, choice_text_1.read)(new URLSearchParams()));
        }
        // Whether a collection is not to be seen.
        hides(name) {
            return this.hidden.includes(name) || this.aside.includes(name) && !this.wanted.includes(name);
        }
        // Show a collection, or do not.
        show(name, visible) {
            const without = (names) => names.filter((each) => each != name);
            const aside = this.aside.includes(name);
            this.setv({
                hidden: visible || aside ? without(this.hidden) : [...without(this.hidden), name],
                wanted: visible && aside ? [...without(this.wanted), name] : without(this.wanted),
            });
        }
        // All choices at this moment, as plain values.
        get options() {
            const { layers, sum, endcap, threshold, color_by, scale, limits, palette, hidden, wanted, outlines, labels } = this;
            return {
                layers, sum, endcap, threshold, color_by, scale, limits, palette, hidden, wanted, cuts: plain(this.cuts),
                outlines, labels, table: this.table, views: this.views,
            };
        }
    }
    exports.EventChoice = EventChoice;
    _a = EventChoice;
    EventChoice.__name__ = "EventChoice";
    EventChoice.__module__ = "lorgnette.panes.events.event_choice";
    (() => {
        _a.define(({ Bool, Dict, Float, Int, List, Nullable, Str, Tuple }) => ({
            layers: [Nullable(Tuple(Int, Int)), choice_text_1.DEFAULTS.layers],
            sum: [Bool, choice_text_1.DEFAULTS.sum],
            endcap: [(0, kinds_1.Enum)("both", "plus", "minus"), choice_text_1.DEFAULTS.endcap],
            threshold: [Float, choice_text_1.DEFAULTS.threshold],
            color_by: [Str, choice_text_1.DEFAULTS.color_by],
            scale: [(0, kinds_1.Enum)("linear", "log"), choice_text_1.DEFAULTS.scale],
            limits: [Nullable(Tuple(Float, Float)), choice_text_1.DEFAULTS.limits],
            palette: [(0, kinds_1.Enum)("viridis", "cividis"), choice_text_1.DEFAULTS.palette],
            hidden: [List(Str), () => [...choice_text_1.DEFAULTS.hidden]],
            wanted: [List(Str), () => [...choice_text_1.DEFAULTS.wanted]],
            aside: [List(Str), () => []],
            cuts: [Dict(Str), () => ({})],
            outlines: [Bool, choice_text_1.DEFAULTS.outlines],
            labels: [Bool, choice_text_1.DEFAULTS.labels],
            table: [Str, choice_text_1.DEFAULTS.table],
            views: [List(Str), () => [...choice_text_1.DEFAULTS.views]],
            cut_problems: [Dict(Str), () => ({})],
        }));
    })();
},
"3b48194621": /* panes/events/choice_text.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.write = write;
    exports.read = read;
    // What the reader has chosen, as arguments of the page's address. `choice_from_arguments` in event_choice.py reads the
    // same; what is as it was at first is left out.
    exports.ENDCAPS = ["both", "plus", "minus"];
    exports.SCALES = ["linear", "log"];
    exports.PALETTES = ["viridis", "cividis"];
    exports.DEFAULTS = {
        layers: null, sum: false, endcap: "both", threshold: 0.5, color_by: "energy", scale: "log", limits: null,
        palette: "viridis", hidden: [], wanted: [], cuts: {}, outlines: false, labels: false, table: "",
        views: ["xy", "rhoz", "etaphi"],
    };
    // Names may hold what stands between them here.
    function escape(name, what) {
        return name.replace(what, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
    }
    function unescape(name) {
        return name.replace(/%(25|2C|3A|3B)/g, (_, code) => String.fromCharCode(parseInt(code, 16)));
    }
    function write_pair([first, last], between) {
        return first == last && between == "-" ? `${first}` : `${first}${between}${last}`;
    }
    function write_names(names) {
        return names.map((name) => escape(name, /[%,]/g)).join(",");
    }
    function write_cuts(cuts) {
        return Object.entries(cuts).filter(([, cut]) => cut.trim() != "").map(([name, cut]) => `${escape(name, /[%:;]/g)}: ${escape(cut.trim(), /[%;]/g)}`).join("; ");
    }
    const WRITERS = {
        layers: ({ layers }) => layers == null ? "" : write_pair(layers, "-"),
        sum: ({ sum }) => sum ? "1" : "0",
        endcap: ({ endcap }) => endcap,
        threshold: ({ threshold }) => `${threshold}`,
        color: ({ color_by }) => color_by,
        scale: ({ scale }) => scale,
        range: ({ limits }) => limits == null ? "" : write_pair(limits, ","),
        palette: ({ palette }) => palette,
        hide: ({ hidden }) => write_names(hidden),
        show: ({ wanted }) => write_names(wanted),
        cuts: ({ cuts }) => write_cuts(cuts),
        outlines: ({ outlines }) => outlines ? "1" : "0",
        labels: ({ labels }) => labels ? "1" : "0",
        table: ({ table }) => table,
        views: ({ views }) => write_names(views),
    };
    exports.ARGUMENTS = Object.keys(WRITERS);
    // The text of each argument, null where it is left out.
    function write(options) {
        return Object.fromEntries(Object.entries(WRITERS).map(([name, writer]) => {
            const written = writer(options);
            return [name, written == writer(exports.DEFAULTS) ? null : written];
        }));
    }
    function one_of(given, known, otherwise) {
        return known.includes(given) ? given : otherwise;
    }
    function read_number(given) {
        const value = given == null || given.trim() == "" ? NaN : Number(given);
        return isFinite(value) ? value : null;
    }
    function read_pair(given, between) {
        const parts = given?.split(between) ?? [];
        const [first, last] = [parts[0], parts[parts.length - 1]].map((part) => read_number(part ?? null));
        return first == null || last == null || parts.length > 2 ? null : [Math.min(first, last), Math.max(first, last)];
    }
    function read_names(given, otherwise) {
        return given == null ? otherwise : given.split(",").map((name) => unescape(name.trim())).filter((name) => name != "");
    }
    function read_cuts(given) {
        const cuts = {};
        for (const part of given?.split(";") ?? []) {
            const at = part.indexOf(":");
            if (at > 0) {
                cuts[unescape(part.slice(0, at).trim())] = unescape(part.slice(at + 1).trim());
            }
        }
        return cuts;
    }
    function read_bool(given, otherwise) {
        return given == "1" ? true : given == "0" ? false : otherwise;
    }
    // For addresses that `write` has made; what cannot be read is as it was at first.
    function read(query) {
        const get = (name) => query.get(name);
        return {
            layers: read_pair(get("layers"), "-"),
            sum: read_bool(get("sum"), exports.DEFAULTS.sum),
            endcap: one_of(get("endcap"), exports.ENDCAPS, exports.DEFAULTS.endcap),
            threshold: read_number(get("threshold")) ?? exports.DEFAULTS.threshold,
            color_by: get("color") ?? exports.DEFAULTS.color_by,
            scale: one_of(get("scale"), exports.SCALES, exports.DEFAULTS.scale),
            limits: read_pair(get("range"), ","),
            palette: one_of(get("palette"), exports.PALETTES, exports.DEFAULTS.palette),
            hidden: read_names(get("hide"), exports.DEFAULTS.hidden),
            wanted: read_names(get("show"), exports.DEFAULTS.wanted),
            cuts: read_cuts(get("cuts")),
            outlines: read_bool(get("outlines"), exports.DEFAULTS.outlines),
            labels: read_bool(get("labels"), exports.DEFAULTS.labels),
            table: get("table") ?? exports.DEFAULTS.table,
            views: read_names(get("views"), exports.DEFAULTS.views),
        };
    }
},
"9b7bfbeffa": /* panes/events/packet.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.decode = decode;
    // An event as it comes over the link: a header in JSON and the columns' numbers behind it, used where they lie.
    const MAGIC = "LGEV";
    const MANY_COLLECTIONS = 1000;
    const MANY_COLUMNS = 5000;
    const TYPES = {
        f4: Float32Array, f8: Float64Array, i1: Int8Array, u1: Uint8Array, i2: Int16Array, u2: Uint16Array, i4: Int32Array,
        u4: Uint32Array,
    };
    class PacketError extends Error {
    }
    exports.PacketError = PacketError;
    PacketError.__name__ = "PacketError";
    function is_object(value) {
        return typeof value == "object" && value != null && !Array.isArray(value);
    }
    function objects(value, what, most) {
        if (!Array.isArray(value) || value.length > most || !value.every(is_object)) {
            throw new PacketError(`its ${what} are not a list of at most ${most} objects`);
        }
        return value;
    }
    function whole(value, what) {
        if (typeof value != "number" || !Number.isSafeInteger(value) || value < 0) {
            throw new PacketError(`${what} is ${JSON.stringify(value)}, not a whole number from 0 on`);
        }
        return value;
    }
    function text(value) {
        return typeof value == "string" ? value : "";
    }
    function number_or_null(value) {
        return typeof value == "number" ? value : null;
    }
    function read_header(buffer) {
        if (buffer.byteLength < 8) {
            throw new PacketError(`it has only ${buffer.byteLength} bytes`);
        }
        const magic = String.fromCharCode(...new Uint8Array(buffer, 0, 4));
        if (magic != MAGIC) {
            throw new PacketError("it does not begin as an event does");
        }
        const length = new DataView(buffer).getUint32(4, true);
        if (length > buffer.byteLength - 8) {
            throw new PacketError(`its header should have ${length} bytes and is cut off`);
        }
        let header;
        try {
            header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array(buffer, 8, length)));
        }
        catch {
            throw new PacketError("its header is not JSON");
        }
        if (!is_object(header)) {
            throw new PacketError("its header is not an object");
        }
        return [header, 8 + length];
    }
    function read_column(json, count, buffer, start, where) {
        const name = text(json.name);
        const what = `${where}.${name}`;
        const type = text(json.type);
        if (!Object.hasOwn(TYPES, type)) {
            throw new PacketError(`${what} has the unknown type ${JSON.stringify(json.type)}`);
        }
        const array = TYPES[type];
        const width = whole(json.width ?? 1, `the width of ${what}`);
        const begin = start + whole(json.offset, `the offset of ${what}`);
        const end = begin + count * width * array.BYTES_PER_ELEMENT;
        if (end > buffer.byteLength) {
            throw new PacketError(`${what} ends ${end - buffer.byteLength} bytes behind its end`);
        }
        // An array can lie on the buffer only where its type may begin.
        const values = begin % array.BYTES_PER_ELEMENT == 0 ?
            new array(buffer, begin, count * width) : new array(buffer.slice(begin, end));
        return { name, unit: text(json.unit), width, values };
    }
    function read_collection(json, buffer, start) {
        const name = text(json.name);
        const count = whole(json.count, `the count of ${name}`);
        const columns = new Map();
        for (const each of objects(json.columns, `columns of ${name}`, MANY_COLUMNS)) {
            const column = read_column(each, count, buffer, start, name);
            columns.set(column.name, column);
        }
        return { name, kind: text(json.kind), count, columns, cache: new Map() };
    }
    // Raises `PacketError`. The arrays lie on `buffer`, which must not be changed afterwards.
    function decode(buffer) {
        const [json, start] = read_header(buffer);
        const header = {
            source: text(json.source),
            entry: whole(json.entry ?? 0, "its entry"),
            entries: whole(json.entries ?? 0, "its number of entries"),
            event: number_or_null(json.event),
            run: number_or_null(json.run),
            lumi: number_or_null(json.lumi),
            notes: Array.isArray(json.notes) ? json.notes.map(String) : [],
            geometry: typeof json.geometry == "string" ? json.geometry : null,
            layers: objects(json.layers ?? [], "layers", MANY_COLLECTIONS).map(({ layer, z }) => ({ layer: Number(layer), z: Number(z) })),
        };
        const collections = objects(json.collections ?? [], "collections", MANY_COLLECTIONS).map((each) => read_collection(each, buffer, start));
        return { header, collections };
    }
},
"6cc7412d52": /* panes/events/select_rows.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.select_rows = select_rows;
    // Which rows of a collection pass what the reader has chosen.
    function numbers(collection, name) {
        const column = collection.columns.get(name);
        return column == null || column.width != 1 ? null : column.values;
    }
    function tests(collection, { layers, endcap, threshold, cut }) {
        const result = [];
        const layer = numbers(collection, "layer");
        if (layers != null && layer != null) {
            const [first, last] = layers;
            result.push((row) => layer[row] >= first && layer[row] <= last);
        }
        const side = numbers(collection, "zside") ?? numbers(collection, "z") ?? numbers(collection, "eta");
        if (endcap != "both" && side != null) {
            const sign = endcap == "plus" ? 1 : -1;
            result.push((row) => side[row] * sign > 0);
        }
        const mip_pt = numbers(collection, "mip_pt");
        if (threshold > 0 && mip_pt != null) {
            const least = mip_pt instanceof Float64Array ? threshold : Math.fround(threshold);
            result.push((row) => mip_pt[row] >= least);
        }
        if (cut != null) {
            result.push(cut);
        }
        return result;
    }
    function select_rows(collection, sieve) {
        const rows = new Uint32Array(sieve.hidden ? 0 : collection.count);
        let count = rows.length;
        for (let i = 0; i < count; i++) {
            rows[i] = i;
        }
        // One test after the other, so that each loop is a short one over one column.
        for (const test of tests(collection, sieve)) {
            const before = count;
            count = 0;
            for (let i = 0; i < before; i++) {
                if (test(rows[i])) {
                    rows[count++] = rows[i];
                }
            }
        }
        return rows.slice(0, count);
    }
},
"62eb5dccdd": /* panes/events/event_projection.js */ function _(require, module, exports, __esModule, __esExport) {
    var _a, _b;
    __esModule();
    const kinds_1 = require("@bokehjs/core/kinds");
    const data_range1d_1 = require("@bokehjs/models/ranges/data_range1d");
    const renderer_1 = require("@bokehjs/models/renderers/renderer");
    const event_data_1 = require("dfacb1cd0f") /* ./event_data */;
    const inks_1 = require("849749782a") /* ./inks */;
    const painter_1 = require("40267db386") /* ./painter */;
    const pointer_1 = require("a4f3640de0") /* ./pointer */;
    const reach_1 = require("9ca1c1e4aa") /* ./reach */;
    const scene_1 = require("e74fe925d0") /* ./scene */;
    const screen_1 = require("aeb61abf12") /* ./screen */;
    const PLANES = ["xy", "rhoz", "etaphi", "bins"]; // in the order in which a change is painted
    class EventProjectionView extends renderer_1.RendererView {
        constructor() {
            super(...arguments);
            this[_a] = true;
            this.stop = new AbortController();
            this.painter = new painter_1.Painter();
            this.pointer = new pointer_1.Pointer(this);
            this.scene = null;
            this.inks = null;
            this.painted = null; // what the painter's picture was painted for; null when it is out of date
            this.marks_painted = false;
            this.stale = true;
            this.waiting = false;
            this.source = "";
            this.range = null;
        }
        connect_signals() {
            super.connect_signals();
            const { data } = this.model;
            const { event, shown, colors, marks, hover, reveal } = data.changes;
            this.connect(event, () => this.take_event());
            this.connect(shown, () => this.take_shown());
            this.connect(colors, () => this.refresh());
            this.connect(marks, () => {
                this.marks_painted = false;
                this.request_paint();
            });
            this.connect(hover, () => this.pointer.show());
            this.connect(reveal, () => this.reveal());
            const { outlines, labels, sum } = data.choice.properties;
            this.on_change([outlines, labels, sum], () => this.refresh()); // Bokeh's own, of a model that is not ours
            this.on_change([this.model.properties.legend, data.choice.properties.views], () => this.request_paint());
            (0, inks_1.on_theme)(() => {
                this.inks = null;
                this.refresh();
            }, this.stop.signal);
            this.source = data.event?.header.source ?? "";
            this.pointer.connect(this.stop.signal);
        }
        render() {
            super.render();
            this.canvas.overlays_el.append(this.pointer.el);
        }
        remove() {
            this.stop.abort();
            this.pointer.el.remove();
            super.remove();
        }
        // What is drawn at the moment, made anew if need be.
        get drawings() {
            return this.current()?.drawings ?? [];
        }
        // How the figure's frame maps the plane.
        screen() {
            const { frame } = this.plot_view;
            const { left, top, width, height } = frame.bbox;
            const { x_scale, y_scale } = this.coordinates;
            const [x0, x1] = [x_scale.source_range.start, x_scale.source_range.end];
            const [y0, y1] = [y_scale.source_range.start, y_scale.source_range.end];
            const ax = (x_scale.compute(x1) - x_scale.compute(x0)) / (x1 - x0);
            const ay = (y_scale.compute(y1) - y_scale.compute(y0)) / (y1 - y0);
            const [bx, by] = [x_scale.compute(x0) - ax * x0 - left, y_scale.compute(y0) - ay * y0 - top];
            return new screen_1.Screen(ax, bx, ay, by, width, height, this.canvas.pixel_ratio);
        }
        bounds() {
            return this.first_range();
        }
        log_bounds() {
            return this.first_range();
        }
        _paint(context) {
            const scene = this.current();
            const screen = this.screen();
            if (scene == null || !(screen.width > 0 && screen.height > 0)) {
                this.pointer.show();
                return;
            }
            const { data, legend, projection } = this.model;
            const inks = this.inks ?? (this.inks = (0, inks_1.read_inks)(this.plot_view.el));
            if (!screen.equals(this.painted)) {
                this.painter.paint(scene, screen, inks, data.choice);
                this.painted = screen;
                this.marks_painted = false;
            }
            if (!this.marks_painted) {
                this.painter.paint_marks(scene, screen, inks, (name) => data.marked(name));
                this.marks_painted = true;
            }
            const { left, top } = this.plot_view.frame.bbox;
            context.save();
            context.translate(left - 0.5, top - 0.5); // Bokeh's canvas is moved by half a pixel
            this.painter.show(context, screen, inks, scene, legend && data.choice.views[0] == projection); // once a page
            context.restore();
            this.pointer.show();
        }
        current() {
            if (this.stale) {
                const { data, projection } = this.model;
                this.scene = (0, scene_1.make_scene)(data, projection, (0, inks_1.is_dark)());
                this.stale = false;
                this.painted = null;
            }
            return this.scene;
        }
        take_event() {
            const source = this.model.data.event?.header.source ?? this.source;
            if (source != this.source) {
                this.source = source;
                this.plot_view.invalidate_dataranges = true;
                for (const range of this.coordinates.ranges) {
                    if (range instanceof data_range1d_1.DataRange1d) {
                        range.have_updated_interactively = false; // what the reader looked at is somewhere else now
                    }
                }
            }
            this.take_shown();
        }
        take_shown() {
            const before = JSON.stringify(this.range);
            if (JSON.stringify(this.first_range()) != before) {
                this.plot_view.invalidate_dataranges = true;
            }
            this.refresh();
        }
        // The layer view is painted at once, the others in the frames after it.
        refresh() {
            this.stale = true;
            if (this.waiting) {
                return;
            }
            this.waiting = true;
            let frames = PLANES.indexOf(this.model.projection);
            const turn = () => {
                if (frames-- > 0) {
                    requestAnimationFrame(turn);
                    return;
                }
                this.waiting = false;
                if (!this.stop.signal.aborted) {
                    this.request_paint();
                }
            };
            turn();
        }
        // Without an event as it was with the one before.
        first_range() {
            const { data: { event, choice }, projection } = this.model;
            if (event != null || this.range == null) {
                this.range = (0, reach_1.first_range)(projection, (0, reach_1.reach)(event, choice.hidden), choice.endcap);
            }
            return this.range;
        }
        reveal() {
            const { revealed } = this.model.data;
            const place = this.drawings.find(({ name }) => name == revealed?.name)?.place(revealed.row) ?? [NaN, NaN];
            const [x_range, y_range] = this.coordinates.ranges;
            const inside = ({ min, max }, at) => at >= min && at <= max;
            if (!isFinite(place[0] + place[1]) || (inside(x_range, place[0]) && inside(y_range, place[1]))) {
                return;
            }
            const moved = ({ start, end }, to) => ({ start: to - (end - start) / 2, end: to + (end - start) / 2 });
            this.plot_view.update_range({
                xrs: new Map([[x_range, moved(x_range, place[0])]]),
                yrs: new Map([[y_range, moved(y_range, place[1])]]),
            }, { panning: true });
        }
    }
    exports.EventProjectionView = EventProjectionView;
    _a = data_range1d_1.auto_ranged;
    EventProjectionView.__name__ = "EventProjectionView";
    /* One event in one figure. */
    class EventProjection extends renderer_1.Renderer {
        constructor(attrs) {
            super(attrs);
        }
    }
    exports.EventProjection = EventProjection;
    _b = EventProjection;
    EventProjection.__name__ = "EventProjection";
    EventProjection.__module__ = "lorgnette.panes.events.event_projection";
    (() => {
        _b.prototype.default_view = EventProjectionView;
        _b.define(({ Bool, Ref }) => ({
            data: [Ref(event_data_1.EventData)],
            projection: [(0, kinds_1.Enum)("xy", "rhoz", "etaphi", "bins"), "xy"],
            legend: [Bool, true],
        }));
        _b.override({
            level: "glyph",
        });
    })();
},
"849749782a": /* panes/events/inks.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.read_inks = read_inks;
    exports.is_dark = is_dark;
    exports.on_theme = on_theme;
    // A canvas knows neither variables nor `light-dark()`: an element tells what a colour comes to.
    function read_inks(place) {
        const probe = document.createElement("span");
        probe.style.display = "none";
        (place.shadowRoot ?? place).append(probe);
        const style = getComputedStyle(probe);
        const color = (name, otherwise) => {
            probe.style.color = `var(--lg-${name}, ${otherwise})`;
            return style.color;
        };
        probe.style.fontFamily = "var(--lg-font, sans-serif)";
        const inks = {
            dark: is_dark(),
            ink: color("ink", "#1d2229"),
            quiet: color("quiet", "#59636e"),
            surface: color("surface", "#ffffff"),
            font: style.fontFamily,
        };
        probe.remove();
        return inks;
    }
    function is_dark() {
        return document.documentElement.dataset.theme == "dark";
    }
    // Calls back after each change of the theme.
    function on_theme(callback, signal) {
        const observer = new MutationObserver(callback);
        observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
        signal.addEventListener("abort", () => observer.disconnect());
    }
},
"40267db386": /* panes/events/painter.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    // Paints a scene into a picture of its own, so that marks, axes and pointers can change around it without painting it
    // anew.
    const cell_drawing_1 = require("5e860a4bf0") /* ./cell_drawing */;
    const legend_1 = require("133727c86b") /* ./legend */;
    const modules_1 = require("5acd263bf7") /* ./modules */;
    const raster_1 = require("a4ba0b072f") /* ./raster */;
    const DIMMED = 0.35; // how much of everything else remains while something is marked
    class Picture {
        constructor() {
            this.canvas = document.createElement("canvas");
            this.context = this.canvas.getContext("2d");
            this.raster = null;
        }
        // A clean picture of this size, to be painted on in CSS pixels.
        begin({ width, height, ratio }) {
            const [w, h] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
            if (this.raster == null || this.canvas.width != w || this.canvas.height != h) {
                this.canvas.width = w;
                this.canvas.height = h;
                this.raster = new raster_1.Raster(w, h);
            }
            this.raster.clear();
            this.context.setTransform(1, 0, 0, 1, 0, 0);
            this.context.clearRect(0, 0, w, h);
            this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
            return this.raster;
        }
        put() {
            this.context.putImageData(this.raster.image, 0, 0);
        }
    }
    Picture.__name__ = "Picture";
    class Painter {
        constructor() {
            this.base = new Picture();
            this.marks = new Picture();
            this.marked = false;
        }
        paint(scene, screen, inks, choice) {
            const { base } = this;
            const raster = base.begin(screen);
            const { context } = base;
            if (scene == null) {
                return;
            }
            if (scene.drawings.some(({ rows }) => rows.length > cell_drawing_1.FEW)) {
                scene.drawings.forEach((drawing) => drawing.fill?.(raster, screen));
                base.put();
            }
            if (scene.modules.length != 0) {
                (0, modules_1.paint_modules)(context, screen, inks, scene.modules, choice);
            }
            scene.drawings.forEach((drawing) => drawing.paint?.(context, screen, inks));
        }
        paint_marks(scene, screen, inks, marks) {
            const marked = scene?.drawings.map((drawing) => ({ drawing, marks: marks(drawing.name) })).filter(({ marks }) => marks.includes(1)) ?? [];
            this.marked = marked.length != 0;
            if (!this.marked) {
                return;
            }
            const raster = this.marks.begin(screen);
            const fills = marked.filter(({ drawing }) => drawing.fill != null);
            const lines = marked.filter(({ drawing }) => drawing.fill == null);
            // Pixels replace what is below them, so they come before any line.
            for (const { drawing, marks } of fills) {
                drawing.fill_marks?.(raster, screen, inks, marks);
            }
            this.marks.put();
            for (const { drawing, marks } of [...fills, ...lines]) {
                drawing.paint_marks(this.marks.context, screen, inks, marks);
            }
        }
        // Copies what was painted into a figure's canvas, whose transformation maps the frame's CSS pixels.
        show(context, screen, inks, scene, legend) {
            const { width, height } = screen;
            context.imageSmoothingEnabled = false;
            context.globalAlpha = this.marked ? DIMMED : 1;
            context.drawImage(this.base.canvas, 0, 0, width, height);
            context.globalAlpha = 1;
            if (this.marked) {
                context.drawImage(this.marks.canvas, 0, 0, width, height);
            }
            if (legend) {
                (0, legend_1.paint_legend)(context, screen, inks, scene.legend);
            }
            if (scene.scale != null) {
                (0, legend_1.paint_scale)(context, screen, inks, scene.scale);
            }
        }
    }
    exports.Painter = Painter;
    Painter.__name__ = "Painter";
},
"5e860a4bf0": /* panes/events/cell_drawing.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.rgba = rgba;
    exports.css = css;
    const drawing_1 = require("919480d738") /* ./drawing */;
    const grid_1 = require("2b3a5e191f") /* ./grid */;
    exports.FEW = 400; // so many polygons are drawn as smooth paths, more of them pixel by pixel
    const LEAST = 8; // CSS pixels: what is smaller is pointed at by a ring around it
    const RING = 7;
    /* Polygons of one colour each: cells, or bins of cells. */
    class CellDrawing {
        // `colors`: by row four bytes in the order of ImageData.
        constructor(name, rows, outlines, colors) {
            this.grid = null;
            this.name = name;
            this.rows = rows;
            this.outlines = outlines;
            this.colors = colors;
        }
        fill(raster, screen) {
            if (this.rows.length > exports.FEW) {
                raster.fill(this.outlines, this.rows, this.colors, screen);
            }
        }
        paint(context, screen, _inks) {
            if (this.rows.length <= exports.FEW) {
                this.paint_rows(context, screen, this.rows);
            }
        }
        fill_marks(raster, screen, inks, marks) {
            const rows = (0, drawing_1.marked_rows)(this.rows, marks);
            if (rows.length > exports.FEW) {
                const ink = new Uint32Array(this.colors.length).fill(rgba(inks.ink));
                raster.fill(this.outlines, rows, ink, screen, 2); // what of it stays in sight is a line around them all
                raster.fill(this.outlines, rows, this.colors, screen);
            }
        }
        paint_marks(context, screen, inks, marks) {
            const rows = (0, drawing_1.marked_rows)(this.rows, marks);
            if (rows.length > exports.FEW) {
                return;
            }
            context.beginPath();
            for (const row of rows) {
                (0, drawing_1.add_traces)(context, [this.ring(row, screen, 2)]);
            }
            context.lineJoin = "round";
            context.strokeStyle = inks.surface;
            context.lineWidth = 6;
            context.stroke();
            context.strokeStyle = inks.ink;
            context.lineWidth = 3.5;
            context.stroke();
            this.paint_rows(context, screen, rows);
        }
        paint_rows(context, screen, rows) {
            rows.forEach((row, k) => {
                if (k == 0 || this.colors[row] != this.colors[rows[k - 1]]) {
                    if (k != 0) {
                        context.fill();
                    }
                    context.beginPath();
                    context.fillStyle = css(this.colors[row]);
                }
                (0, drawing_1.add_traces)(context, [this.ring(row, screen, 2)]);
            });
            if (rows.length != 0) {
                context.fill();
            }
        }
        // Its outline, but no smaller than some CSS pixels to a side.
        ring(row, screen, least) {
            const { stride, corners } = this.outlines;
            const points = [];
            let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
            for (let at = 2 * stride * row; at < 2 * stride * (row + 1); at += 2) {
                const [x, y] = [screen.x(corners[at]), screen.y(corners[at + 1])];
                points.push([x, y]);
                left = Math.min(left, x);
                right = Math.max(right, x);
                top = Math.min(top, y);
                bottom = Math.max(bottom, y);
            }
            if (right - left >= least && bottom - top >= least) {
                return { kind: "line", points, closed: true };
            }
            const [x, y] = [(left + right) / 2, (top + bottom) / 2];
            const [w, h] = [Math.max(least, right - left) / 2, Math.max(least, bottom - top) / 2];
            return { kind: "line", points: [[x - w, y - h], [x + w, y - h], [x + w, y + h], [x - w, y + h]], closed: true };
        }
        trace(row, screen) {
            const ring = this.ring(row, screen, 2);
            const points = ring.kind == "line" ? ring.points : [];
            const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
            const [w, h] = [Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys)];
            const small = Math.max(w, h) < LEAST;
            return small ? [{ kind: "circle", x: (xs[0] + xs[2]) / 2, y: (ys[0] + ys[2]) / 2, r: RING }] : [ring];
        }
        hit(sx, sy, screen) {
            const { stride, corners } = this.outlines;
            this.grid ?? (this.grid = new grid_1.Grid((0, grid_1.boxes)(corners, stride, this.rows)));
            const [x, y] = [(sx - screen.bx) / screen.ax, (sy - screen.by) / screen.ay];
            const [dx, dy] = [Math.abs(drawing_1.TOLERANCE / screen.ax), Math.abs(drawing_1.TOLERANCE / screen.ay)];
            let [best, distance, inside] = [-1, drawing_1.TOLERANCE, -1];
            this.grid.near(x - dx, y - dy, x + dx, y + dy, (k) => {
                const row = this.rows[k];
                if (k > inside && contains(corners, stride, row, x, y)) {
                    inside = k; // the topmost is the last one
                }
                else if (inside < 0) {
                    const [px, py] = this.place(row);
                    const away = Math.hypot(screen.x(px) - sx, screen.y(py) - sy);
                    if (away < distance) {
                        [best, distance] = [row, away];
                    }
                }
            });
            return inside >= 0 ? { row: this.rows[inside], distance: 0 } : best >= 0 ? { row: best, distance } : null;
        }
        place(row) {
            return [this.outlines.x[row], this.outlines.y[row]];
        }
        within(area) {
            return [...this.rows].filter((row) => area(this.outlines.x[row], this.outlines.y[row]));
        }
    }
    exports.CellDrawing = CellDrawing;
    CellDrawing.__name__ = "CellDrawing";
    function contains(corners, stride, row, x, y) {
        const start = 2 * stride * row;
        let inside = false;
        for (let i = start, j = start + 2 * (stride - 1); i < start + 2 * stride; j = i, i += 2) {
            const [yi, yj] = [corners[i + 1], corners[j + 1]];
            if ((yi > y) != (yj > y) && x < corners[i] + (y - yi) * (corners[j] - corners[i]) / (yj - yi)) {
                inside = !inside;
            }
        }
        return inside;
    }
    const LITTLE_END = new Uint8Array(new Uint32Array([1]).buffer)[0] == 1;
    // A colour such as "#1d2229" or "rgb(29, 34, 41)" as four bytes in the order of ImageData; grey for any other.
    function rgba(color) {
        const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
        const parts = hex != null ? hex.slice(1).map((part) => parseInt(part, 16)) : color.match(/\d+/g)?.map(Number);
        const [r, g, b] = parts?.length == 3 ? parts : [143, 143, 143];
        return (LITTLE_END ? 255 << 24 | b << 16 | g << 8 | r : r << 24 | g << 16 | b << 8 | 255) >>> 0;
    }
    function css(bytes) {
        const [r, g, b] = LITTLE_END ? [bytes, bytes >> 8, bytes >> 16] : [bytes >> 24, bytes >> 16, bytes >> 8];
        return `rgb(${r & 255} ${g & 255} ${b & 255})`;
    }
},
"919480d738": /* panes/events/drawing.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.add_traces = add_traces;
    exports.write_traces = write_traces;
    exports.marked_rows = marked_rows;
    exports.TOLERANCE = 6; // CSS pixels: how far beside a thing still points at it
    function add_traces(context, traces) {
        for (const trace of traces) {
            if (trace.kind == "circle") {
                context.moveTo(trace.x + trace.r, trace.y);
                context.arc(trace.x, trace.y, trace.r, 0, 2 * Math.PI);
            }
            else {
                trace.points.forEach(([x, y], i) => i == 0 ? context.moveTo(x, y) : context.lineTo(x, y));
                if (trace.closed) {
                    context.closePath();
                }
            }
        }
    }
    // The same as the text of an SVG path.
    function write_traces(traces) {
        const at = (x, y) => `${x.toFixed(1)} ${y.toFixed(1)}`;
        return traces.filter(is_somewhere).map((trace) => {
            if (trace.kind == "circle") {
                const { x, y, r } = trace;
                return `M${at(x - r, y)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
            }
            return trace.points.map(([x, y], i) => `${i == 0 ? "M" : "L"}${at(x, y)}`).join("") + (trace.closed ? "Z" : "");
        }).join("");
    }
    function is_somewhere(trace) {
        return trace.kind == "circle" ? isFinite(trace.x + trace.y) :
            trace.points.length != 0 && trace.points.every(([x, y]) => isFinite(x + y));
    }
    function marked_rows(rows, marks) {
        return rows.filter((row) => marks[row] == 1);
    }
},
"2b3a5e191f": /* panes/events/grid.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.boxes = boxes;
    // Finds the polygons near a place: a grid of buckets, each with the polygons whose boxes touch it.
    const PER_BUCKET = 2;
    const MOST_BUCKETS = 1 << 16;
    const MANY_BUCKETS = 256; // an item that touches more is kept aside and always looked at
    // The boxes of some rows of polygons; of those without a place, NaN.
    function boxes(corners, stride, rows) {
        const n = rows.length;
        const made = {
            x0: new Float32Array(n), y0: new Float32Array(n), x1: new Float32Array(n), y1: new Float32Array(n),
        };
        for (let k = 0; k < n; k++) {
            const start = 2 * stride * rows[k];
            let [x0, y0] = [corners[start], corners[start + 1]];
            let [x1, y1] = [x0, y0];
            for (let at = start + 2; at < start + 2 * stride; at += 2) {
                const [x, y] = [corners[at], corners[at + 1]];
                x0 = x < x0 ? x : x0;
                x1 = x > x1 ? x : x1;
                y0 = y < y0 ? y : y0;
                y1 = y > y1 ? y : y1;
            }
            made.x0[k] = x0;
            made.y0[k] = y0;
            made.x1[k] = x1;
            made.y1[k] = y1;
        }
        return made;
    }
    class Grid {
        constructor(boxes) {
            this.columns = 1;
            this.lines = 1;
            this.left = 0;
            this.low = 0;
            this.dx = 1;
            this.dy = 1;
            this.large = [];
            this.boxes = boxes;
            const { x0, y0, x1, y1 } = boxes;
            const n = x0.length;
            let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
            for (let k = 0; k < n; k++) {
                if (isFinite(x0[k] + x1[k] + y0[k] + y1[k])) {
                    left = Math.min(left, x0[k]);
                    right = Math.max(right, x1[k]);
                    low = Math.min(low, y0[k]);
                    high = Math.max(high, y1[k]);
                }
            }
            if (right >= left) {
                const side = Math.ceil(Math.sqrt(Math.min(MOST_BUCKETS, Math.max(1, n / PER_BUCKET))));
                this.columns = right > left ? side : 1;
                this.lines = high > low ? side : 1;
                this.left = left;
                this.low = low;
                this.dx = (right - left || 1) / this.columns;
                this.dy = (high - low || 1) / this.lines;
            }
            this.starts = new Uint32Array(this.columns * this.lines + 1);
            this.each_bucket((bucket) => this.starts[bucket + 1]++);
            for (let bucket = 0; bucket < this.columns * this.lines; bucket++) {
                this.starts[bucket + 1] += this.starts[bucket];
            }
            this.items = new Uint32Array(this.starts[this.columns * this.lines]);
            const next = this.starts.slice();
            this.large.length = 0;
            this.each_bucket((bucket, k) => this.items[next[bucket]++] = k);
        }
        each_bucket(visit) {
            const { x0, y0, x1, y1 } = this.boxes;
            for (let k = 0; k < x0.length; k++) {
                if (!isFinite(x0[k] + x1[k] + y0[k] + y1[k])) {
                    continue;
                }
                const [first, last] = [this.column(x0[k]), this.column(x1[k])];
                const [bottom, top] = [this.line(y0[k]), this.line(y1[k])];
                if ((last - first + 1) * (top - bottom + 1) > MANY_BUCKETS) {
                    this.large.push(k);
                    continue;
                }
                for (let line = bottom; line <= top; line++) {
                    for (let column = first; column <= last; column++) {
                        visit(line * this.columns + column, k);
                    }
                }
            }
        }
        column(x) {
            return Math.max(0, Math.min(this.columns - 1, Math.floor((x - this.left) / this.dx)));
        }
        line(y) {
            return Math.max(0, Math.min(this.lines - 1, Math.floor((y - this.low) / this.dy)));
        }
        // Visits the items whose boxes reach into the rectangle; some of them more than once.
        near(x0, y0, x1, y1, visit) {
            const { boxes } = this;
            const look = (k) => {
                if (boxes.x1[k] >= x0 && boxes.x0[k] <= x1 && boxes.y1[k] >= y0 && boxes.y0[k] <= y1) {
                    visit(k);
                }
            };
            const last = this.column(x1);
            for (let line = this.line(y0); line <= this.line(y1); line++) {
                for (let column = this.column(x0); column <= last; column++) {
                    const bucket = line * this.columns + column;
                    for (let at = this.starts[bucket]; at < this.starts[bucket + 1]; at++) {
                        look(this.items[at]);
                    }
                }
            }
            this.large.forEach(look);
        }
    }
    exports.Grid = Grid;
    Grid.__name__ = "Grid";
},
"133727c86b": /* panes/events/legend.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.paint_legend = paint_legend;
    exports.paint_scale = paint_scale;
    const marker_styles_1 = require("1ab1de3538") /* ./marker_styles */;
    const LINE = 17;
    const MARGIN = 8;
    const MOST = 12; // entries; more would hide the drawing
    function paint_legend(context, screen, inks, legend) {
        const all = [...legend];
        const room = Math.floor((screen.height - 4 * MARGIN) / LINE);
        const entries = all.slice(0, Math.max(0, Math.min(all.length > MOST ? MOST - 1 : MOST, room)));
        if (entries.length == 0) {
            return;
        }
        const rest = entries.length < all.length ? `and ${all.length - entries.length} more` : "";
        context.font = `12px ${inks.font}`;
        const widest = Math.max(...[...entries.map(([name]) => name), rest].map((text) => context.measureText(text).width));
        const [width, height] = [widest + 34, (entries.length + (rest == "" ? 0 : 1)) * LINE + 8];
        const [left, top] = [screen.width - width - MARGIN, MARGIN];
        if (left < MARGIN) {
            return;
        }
        paint_ground(context, inks, left, top, width, height);
        const line = (i) => top + 4 + (i + 0.5) * LINE;
        entries.forEach((entry, i) => paint_entry(context, inks, left + 14, line(i), entry));
        context.fillStyle = inks.quiet;
        context.fillText(rest, left + 28, line(entries.length));
    }
    function paint_ground(context, inks, x, y, width, height) {
        context.globalAlpha = 0.85;
        context.fillStyle = inks.surface;
        context.fillRect(x, y, width, height);
        context.globalAlpha = 1;
    }
    function paint_entry(context, inks, x, y, [name, { symbol, color }]) {
        context.beginPath();
        (0, marker_styles_1.trace_symbol)(context, symbol, x, y, symbol == "dot" ? 2.5 : 5.5);
        if ((0, marker_styles_1.is_open)(symbol)) {
            context.strokeStyle = color;
            context.lineWidth = 2.5;
            context.stroke();
        }
        else {
            context.fillStyle = color;
            context.globalAlpha = symbol == "cone" ? 0.3 : 1;
            context.fill();
            context.globalAlpha = 1;
            context.strokeStyle = color;
            context.lineWidth = 1;
            context.stroke();
        }
        context.textAlign = "left";
        context.textBaseline = "middle";
        context.fillStyle = inks.ink;
        context.fillText(name, x + 14, y);
    }
    const NAMES = { mip_pt: "mipPt", pt: "pT" };
    function paint_scale(context, screen, inks, scale) {
        const [width, height] = [Math.min(140, screen.width - 4 * MARGIN), 8];
        const [left, top] = [MARGIN, screen.height - MARGIN - 44];
        if (width < 60 || top < MARGIN) {
            return;
        }
        paint_ground(context, inks, left, top, width + 16, 44);
        context.font = `12px ${inks.font}`;
        context.textBaseline = "alphabetic";
        context.fillStyle = inks.ink;
        context.textAlign = "left";
        const unit = scale.unit == "" ? "" : ` [${scale.unit}]`;
        context.fillText(`sum of ${NAMES[scale.column] ?? scale.column}${unit}`, left + 8, top + 13, width);
        for (let i = 0; i < scale.used; i++) {
            const x = left + 8 + width * i / scale.used;
            context.fillStyle = scale.palette[i];
            context.fillRect(x, top + 18, width / scale.used + 0.5, height);
        }
        context.fillStyle = inks.ink;
        context.fillText(compact(scale.low), left + 8, top + 39);
        context.textAlign = "right";
        context.fillText(compact(scale.high), left + 8 + width, top + 39);
    }
    function compact(value) {
        return `${Number(value.toPrecision(3))}`;
    }
},
"1ab1de3538": /* panes/events/marker_styles.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.is_cells = is_cells;
    exports.styles = styles;
    exports.is_open = is_open;
    exports.trace_symbol = trace_symbol;
    // Okabe and Ito's colours, those first that stand out best from each ground.
    const ON_LIGHT = ["#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];
    const ON_DARK = ["#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#d55e00", "#f0e442"];
    const SYMBOLS = {
        particles: ["cross", "plus", "star", "square"],
        clusters: ["diamond", "circle", "nabla"],
        vertices: ["triangle"],
        hits: ["dot"],
        tracks: ["line"],
        jets: ["cone"],
        met: ["arrow"],
    };
    function is_cells({ kind }) {
        return kind == "cells";
    }
    // By the order of the collections, so that hiding one leaves the others as they are.
    function styles(collections, dark) {
        const colors = dark ? ON_DARK : ON_LIGHT;
        const seen = new Map();
        const others = collections.filter((each) => !is_cells(each));
        return new Map(others.map(({ name, kind }, i) => {
            const symbols = SYMBOLS[kind] ?? ["circle"];
            const before = seen.get(kind) ?? 0;
            seen.set(kind, before + 1);
            return [name, { symbol: symbols[before % symbols.length], color: colors[i % colors.length] }];
        }));
    }
    // Symbols that are drawn as lines, so that what they stand on remains in sight.
    function is_open(symbol) {
        return ["cross", "plus", "diamond", "circle", "nabla", "line", "arrow"].includes(symbol);
    }
    const STAR = Array.from({ length: 10 }, (_, i) => [i % 2 == 0 ? 1.2 : 0.5, Math.PI * (i / 5 - 0.5)]);
    function corners(context, x, y, points) {
        points.forEach(([dx, dy], i) => i == 0 ? context.moveTo(x + dx, y + dy) : context.lineTo(x + dx, y + dy));
        context.closePath();
    }
    // Adds a symbol of radius r (CSS pixels) to a path; "line", "cone" and "arrow" stand for themselves in a legend only.
    function trace_symbol(context, symbol, x, y, r) {
        switch (symbol) {
            case "cross":
            case "plus": { // four arms around what is in the middle
                const [a, b] = symbol == "cross" ? [0.8 * r, 0.8 * r] : [1.1 * r, 0];
                for (const [dx, dy] of [[a, b], [-b, a], [-a, -b], [b, -a]]) {
                    context.moveTo(x + 0.4 * dx, y + 0.4 * dy);
                    context.lineTo(x + dx, y + dy);
                }
                break;
            }
            case "diamond": return corners(context, x, y, [[0, -r], [r, 0], [0, r], [-r, 0]]);
            case "triangle": return corners(context, x, y, [[0, -r], [0.9 * r, 0.7 * r], [-0.9 * r, 0.7 * r]]);
            case "nabla": return corners(context, x, y, [[0, r], [0.9 * r, -0.7 * r], [-0.9 * r, -0.7 * r]]);
            case "square": return context.rect(x - 0.8 * r, y - 0.8 * r, 1.6 * r, 1.6 * r);
            case "star": return corners(context, x, y, STAR.map(([d, t]) => [r * d * Math.cos(t), r * d * Math.sin(t)]));
            case "line": // a track seen from its side
                context.moveTo(x - r, y + 0.5 * r);
                return context.quadraticCurveTo(x, y - 0.2 * r, x + r, y - 0.6 * r);
            case "cone": return corners(context, x, y, [[-r, 0], [r, -0.7 * r], [r, 0.7 * r]]);
            case "arrow":
                context.moveTo(x - r, y);
                context.lineTo(x + r, y);
                context.moveTo(x + 0.4 * r, y - 0.5 * r);
                context.lineTo(x + r, y);
                return context.lineTo(x + 0.4 * r, y + 0.5 * r);
            default:
                context.moveTo(x + r, y);
                context.arc(x, y, r, 0, 2 * Math.PI);
        }
    }
},
"5acd263bf7": /* panes/events/modules.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.find_modules = find_modules;
    exports.paint_modules = paint_modules;
    const projections_1 = require("19e3baf4e0") /* ./projections */;
    const W = 16.64408; // cm, from flat to flat
    const SIDE = W / Math.sqrt(3);
    const HEXAGON = [[-W / 2, -SIDE / 2], [0, -SIDE], [W / 2, -SIDE / 2], [W / 2, SIDE / 2], [0, SIDE], [-W / 2, SIDE / 2]];
    const BOARD_HALF = Math.PI / 36; // a board with tiles is 10 degrees wide
    const MANY = 10000; // more than any of the numbers that make a key
    const CORNERS = 12; // of the outline of a wafer that is cut; some repeat
    const FINE = 10; // middles of wafers that are cut differently can be a centimetre from each other
    const LEGIBLE = 38; // CSS pixels across: less has no room for a label
    function hexagon(x, y) {
        return HEXAGON.map(([dx, dy]) => [x + dx, y + dy]);
    }
    function board(r_min, r_max, phi) {
        const arc = (r, sides) => sides.map((side) => [r * Math.cos(phi + side * BOARD_HALF), r * Math.sin(phi + side * BOARD_HALF)]);
        return [...arc(r_min, [-1, 0, 1]), ...arc(r_max, [1, 0, -1])];
    }
    // What is left of a wafer that is cut. `outline`: x and y of each corner.
    function cut(outline, row) {
        const at = (corner) => 2 * (row * CORNERS + corner);
        return Array.from({ length: CORNERS }, (_, i) => [outline[at(i)], outline[at(i) + 1]]);
    }
    // The modules of the shown layers; those behind each other once. Of boards with tiles those of the first layer that has
    // any: they are a little different in each.
    function find_modules(collection, sight) {
        return (0, projections_1.kept)(collection, `modules ${JSON.stringify(sight)}`, () => look_up(collection, sight));
    }
    function look_up(collection, { layers, endcap }) {
        const numbers = (name) => (0, projections_1.values)(collection, name);
        const [layer, zside, u, v] = [numbers("layer"), numbers("zside"), numbers("wafer_u"), numbers("wafer_v")];
        const [x, y] = [numbers("x"), numbers("y")];
        const [r_min, r_max, phi] = [numbers("r_min"), numbers("r_max"), numbers("phi")];
        const column = collection.columns.get("outline");
        const outline = column?.width == 2 * CORNERS ? column.values : null;
        const fine = outline != null ? FINE : 1;
        const found = new Map();
        let boards = null;
        for (let i = 0; i < collection.count; i++) {
            const inside = layers == null || layer == null || (layer[i] >= layers[0] && layer[i] <= layers[1]);
            if (!inside || (endcap != "both" && zside != null && (endcap == "plus") != zside[i] > 0)) {
                continue;
            }
            if (x != null && y != null) {
                const key = Math.round(x[i] * fine) * MANY + Math.round(y[i] * fine);
                if (!found.has(key)) {
                    const label = u != null && v != null ? `${u[i]}, ${v[i]}` : "";
                    found.set(key, { x: x[i], y: y[i], ring: outline != null ? cut(outline, i) : hexagon(x[i], y[i]), label });
                }
            }
            else if (r_min != null && r_max != null && phi != null && (boards ?? layer?.[i]) == layer?.[i]) {
                boards = layer?.[i] ?? null;
                const r = (r_min[i] + r_max[i]) / 2;
                const [at_x, at_y] = [r * Math.cos(phi[i]), r * Math.sin(phi[i])];
                const ring = board(r_min[i], r_max[i], phi[i]);
                const key = (Math.round(r_min[i]) * MANY + Math.round(r_max[i])) * MANY + Math.round(phi[i] * 100);
                found.set(key, { x: at_x, y: at_y, ring, label: "" });
            }
        }
        return [...found.values()];
    }
    function paint_modules(context, screen, inks, modules, { outlines, labels }) {
        const far = 3 * W * Math.abs(screen.ax);
        const seen = modules.filter(({ x, y }) => {
            const [sx, sy] = [screen.x(x), screen.y(y)];
            return sx > -far && sx < screen.width + far && sy > -far && sy < screen.height + far;
        });
        if (outlines) {
            context.beginPath();
            for (const { ring } of seen) {
                ring.forEach(([x, y], i) => context[i == 0 ? "moveTo" : "lineTo"](screen.x(x), screen.y(y)));
                context.closePath();
            }
            context.strokeStyle = inks.quiet;
            context.globalAlpha = 0.5;
            context.lineWidth = 0.75;
            context.stroke();
            context.globalAlpha = 1;
        }
        if (labels && W * Math.abs(screen.ax) >= LEGIBLE) {
            context.font = `11px ${inks.font}`;
            context.textAlign = "center";
            context.textBaseline = "middle";
            context.lineWidth = 3;
            context.strokeStyle = inks.surface;
            context.fillStyle = inks.ink;
            for (const { x, y, label } of seen) {
                context.strokeText(label, screen.x(x), screen.y(y));
                context.fillText(label, screen.x(x), screen.y(y));
            }
        }
    }
},
"19e3baf4e0": /* panes/events/projections.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.place = place;
    exports.pseudorapidity = pseudorapidity;
    exports.near = near;
    exports.project = project;
    exports.values = values;
    exports.kept = kept;
    exports.positions = positions;
    exports.directions = directions;
    exports.TURN = 2 * Math.PI;
    // x and y in the layer view, z and ρ, η and φ, R/z (negative in the -z endcap) and φ.
    function place(plane, x, y, z) {
        switch (plane) {
            case "xy": return [x, y];
            case "rhoz": return [z, Math.sqrt(x * x + y * y)];
            case "etaphi": return [pseudorapidity(x, y, z), Math.atan2(y, x)];
            case "bins": return [Math.sqrt(x * x + y * y) / z, Math.atan2(y, x)];
        }
    }
    function pseudorapidity(x, y, z) {
        const rho = Math.sqrt(x * x + y * y);
        return rho > 0 ? Math.asinh(z / rho) : NaN; // along the beam it has no end
    }
    // The angle that is nearest to another one, beyond ±π if need be: pieces across the cut stay together.
    function near(phi, other) {
        return phi - exports.TURN * Math.round((phi - other) / exports.TURN);
    }
    function project(plane, { x, y, z }) {
        const n = x.length;
        const points = { x: new Float32Array(n), y: new Float32Array(n) };
        for (let i = 0; i < n; i++) {
            [points.x[i], points.y[i]] = place(plane, x[i], y[i], z[i]);
        }
        return points;
    }
    function values(collection, name) {
        const column = collection.columns.get(name);
        return column != null && column.width == 1 ? column.values : null;
    }
    // What is derived from a collection once and lives as long as its event.
    function kept(collection, key, make) {
        if (!collection.cache.has(key)) {
            collection.cache.set(key, make());
        }
        return collection.cache.get(key);
    }
    // z of each row: its own, or that of its layer.
    function depths(collection, event) {
        const z = values(collection, "z");
        const layer = values(collection, "layer");
        if (z != null || layer == null || event.header.layers.length == 0) {
            return z;
        }
        const known = new Map(event.header.layers.map((each) => [each.layer, each.z]));
        const zside = values(collection, "zside");
        return Float32Array.from(layer, (number, i) => (known.get(number) ?? NaN) * (zside?.[i] ?? 1));
    }
    // Points in space, as far as a collection has them: from x, y, z, or from a direction and a depth.
    function positions(collection, event) {
        return kept(collection, "positions", () => {
            const x = values(collection, "x");
            const y = values(collection, "y");
            const z = depths(collection, event);
            if (x != null && y != null) {
                return { x, y, z: z ?? new Float32Array(x.length) };
            }
            const eta = values(collection, "eta");
            const phi = values(collection, "phi");
            if (eta == null || phi == null || z == null) {
                return null;
            }
            const rho = Float32Array.from(eta, (each, i) => Math.abs(z[i] / Math.sinh(each)));
            return {
                x: rho.map((each, i) => each * Math.cos(phi[i])),
                y: rho.map((each, i) => each * Math.sin(phi[i])),
                z,
            };
        });
    }
    // The last point of each path.
    function ends(collection) {
        const path = collection.columns.get("path");
        if (path == null) {
            return null;
        }
        const { values: numbers, width } = path;
        const end = (i) => {
            let at = (i + 1) * width - 3;
            while (at > i * width && isNaN(numbers[at])) {
                at -= 3;
            }
            return at;
        };
        const pick = (axis) => Float32Array.from({ length: collection.count }, (_, i) => numbers[end(i) + axis]);
        return { x: pick(0), y: pick(1), z: pick(2) };
    }
    // Directions as η and φ: named so in the file, or seen from the origin.
    function directions(collection, event) {
        return kept(collection, "directions", () => {
            const eta = values(collection, "eta");
            const phi = values(collection, "phi");
            if (eta != null && phi != null) {
                return { eta, phi };
            }
            const places = positions(collection, event) ?? ends(collection);
            if (places == null) {
                return null;
            }
            const points = project("etaphi", places);
            return { eta: points.x, phi: points.y };
        });
    }
},
"a4ba0b072f": /* panes/events/raster.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    const SMALLEST = 2; // device pixels to a side: less could not be seen
    class Raster {
        constructor(width, height) {
            this.xs = new Float64Array(16);
            this.ys = new Float64Array(16);
            this.image = new ImageData(Math.max(1, width), Math.max(1, height));
            this.pixels = new Uint32Array(this.image.data.buffer);
        }
        clear() {
            this.pixels.fill(0);
        }
        // `colors`: of each row, as four bytes in the order of ImageData. `grow`: CSS pixels that are added to each side.
        fill({ stride, corners }, rows, colors, screen, grow = 0) {
            const { ratio } = screen;
            const [ax, bx, ay, by] = [screen.ax * ratio, screen.bx * ratio, screen.ay * ratio, screen.by * ratio];
            const { width, height } = this.image;
            const { xs, ys } = this;
            for (let k = 0; k < rows.length; k++) {
                const row = rows[k];
                let at = 2 * stride * row;
                let left = Infinity, right = -Infinity, top = Infinity, bottom = -Infinity;
                for (let i = 0; i < stride; i++, at += 2) {
                    const x = ax * corners[at] + bx;
                    const y = ay * corners[at + 1] + by;
                    xs[i] = x;
                    ys[i] = y;
                    left = x < left ? x : left;
                    right = x > right ? x : right;
                    top = y < top ? y : top;
                    bottom = y > bottom ? y : bottom;
                }
                if (!(right >= 0 && left <= width && bottom >= 0 && top <= height)) {
                    continue; // outside, or nowhere
                }
                const more = grow * ratio;
                if (right - left < SMALLEST || bottom - top < SMALLEST) {
                    this.block(left, right, top, bottom, colors[row], more);
                    continue;
                }
                if (more != 0) {
                    for (let i = 0; i < stride; i++) {
                        xs[i] += more * (2 * (xs[i] - left) / (right - left) - 1);
                        ys[i] += more * (2 * (ys[i] - top) / (bottom - top) - 1);
                    }
                }
                const [first, last] = [Math.max(0, Math.ceil(top - more - 0.5)), Math.ceil(bottom + more - 0.5)];
                this.polygon(stride, first, Math.min(height, last), colors[row]);
            }
        }
        polygon(n, top, bottom, color) {
            const { xs, ys, pixels } = this;
            const { width } = this.image;
            for (let row = top; row < bottom; row++) {
                const y = row + 0.5;
                let left = Infinity, right = -Infinity;
                for (let i = 0, j = n - 1; i < n; j = i++) {
                    if ((ys[i] <= y) != (ys[j] <= y)) {
                        const x = xs[i] + (y - ys[i]) * (xs[j] - xs[i]) / (ys[j] - ys[i]);
                        left = x < left ? x : left;
                        right = x > right ? x : right;
                    }
                }
                const first = Math.max(0, Math.ceil(left - 0.5));
                const end = Math.min(width, Math.ceil(right - 0.5));
                for (let at = row * width + first; at < row * width + end; at++) {
                    pixels[at] = color;
                }
            }
        }
        block(left, right, top, bottom, color, more) {
            const { width, height } = this.image;
            const w = Math.max(SMALLEST, Math.round(right - left)) + 2 * Math.round(more);
            const h = Math.max(SMALLEST, Math.round(bottom - top)) + 2 * Math.round(more);
            const x = Math.round((left + right - w) / 2);
            const y = Math.round((top + bottom - h) / 2);
            for (let row = Math.max(0, y); row < Math.min(height, y + h); row++) {
                const end = row * width + Math.min(width, x + w);
                for (let at = row * width + Math.max(0, x); at < end; at++) {
                    this.pixels[at] = color;
                }
            }
        }
    }
    exports.Raster = Raster;
    Raster.__name__ = "Raster";
},
"a4f3640de0": /* panes/events/pointer.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    const cone_drawing_1 = require("9934ff1576") /* ./cone_drawing */;
    const tooltip_1 = require("a3081ff0b9") /* ./tooltip */;
    // Of things on top of each other, symbols and lines are meant rather than what lies below them.
    const BIG = ["jets"];
    class Pointer {
        constructor(view) {
            this.tooltip = new tooltip_1.Tooltip();
            this.at = null; // in the figure, CSS pixels; null while it is elsewhere
            this.modifiers = { shift: false, ctrl: false, alt: false };
            this.panning = false;
            this.tapped = null; // the last time
            this.view = view;
        }
        get el() {
            return this.tooltip.el;
        }
        connect(signal) {
            const listen = (name, listener) => {
                const plot = this.view.plot_model;
                plot.on_event(name, (event) => signal.aborted ? undefined : listener(event));
                plot.document?.event_manager.subscribed_models.add(plot);
            };
            listen("mousemove", ({ sx, sy }) => this.move(sx, sy));
            listen("mouseleave", () => this.leave());
            listen("tap", (event) => this.tap(event));
            listen("press", (event) => this.tap(event)); // a slow tap
            listen("doubletap", (event) => this.tap(event, true));
            listen("panstart", ({ modifiers }) => {
                this.modifiers = modifiers;
                this.panning = true;
                this.leave();
            });
            listen("pan", ({ modifiers }) => this.modifiers = modifiers);
            listen("panend", () => this.panning = false);
            listen("selectiongeometry", (event) => this.select(event));
        }
        // What lies below a place in the figure, the uppermost and nearest.
        find(sx, sy) {
            const { left, top, width, height } = this.view.plot_view.frame.bbox;
            const [x, y] = [sx - left, sy - top];
            if (x < 0 || y < 0 || x > width || y > height) {
                return null;
            }
            const screen = this.view.screen();
            const drawings = [...this.view.drawings].reverse();
            const big = (drawing) => BIG.includes(this.kind(drawing.name));
            for (const drawing of [...drawings.filter((each) => !big(each)), ...drawings.filter(big)]) {
                const spot = drawing.hit(x, y, screen);
                if (spot != null) {
                    return { drawing, row: spot.row };
                }
            }
            return null;
        }
        kind(name) {
            return this.view.model.data.collection(name)?.kind ?? "";
        }
        move(sx, sy) {
            if (this.panning) {
                return;
            }
            this.at = { sx, sy };
            const found = this.find(sx, sy);
            this.view.model.data.hover(found?.drawing.name ?? null, found?.row ?? -1);
            this.show(); // the sheet moves along
        }
        leave() {
            if (this.at != null) {
                this.at = null;
                this.view.model.data.hover(null, -1);
                this.show();
            }
        }
        // `again`: soon after another tap, which may have been meant for something else nearby.
        tap({ sx, sy, modifiers }, again = false) {
            const { data } = this.view.model;
            const found = this.find(sx, sy);
            const more = modifiers.shift || modifiers.ctrl;
            const same = again && found?.row == this.tapped?.row && found?.drawing.name == this.tapped?.drawing.name;
            this.tapped = found;
            if (same) {
                return;
            }
            if (found != null) {
                const { drawing, row } = found;
                data.mark(drawing.name, drawing.members?.(row) ?? [row], more ? "toggle" : "replace");
                this.at = { sx, sy };
                data.hover(drawing.name, row); // a finger cannot point at things otherwise
                this.show();
            }
            else if (!more) {
                data.clear_marks();
            }
        }
        select({ geometry, final }) {
            const area = final ? to_area(geometry) : null;
            if (area == null) {
                return;
            }
            const { data } = this.view.model;
            let how = this.how();
            let any = false;
            for (const drawing of this.view.drawings) {
                const rows = drawing.within(area);
                if (rows.length != 0) {
                    data.mark(drawing.name, rows, how);
                    how = how == "replace" ? "add" : how;
                    any = true;
                }
            }
            if (!any && how == "replace") {
                data.clear_marks();
            }
        }
        how() {
            const { shift, ctrl } = this.modifiers;
            const tool = this.view.plot_model.toolbar.gestures.pan.active;
            return ctrl ? "toggle" : shift || tool?.mode == "append" ? "add" : "replace";
        }
        // Show what is pointed at, in whichever figure the pointer is; the sheet is in that one.
        show() {
            const { data } = this.view.model;
            const { hovered } = data;
            const drawing = hovered == null ? null : this.view.drawings.find(({ name }) => name == hovered.name);
            const traces = drawing != null && drawing.rows.includes(hovered.row) ?
                drawing.trace(hovered.row, this.view.screen()) : [];
            if (hovered == null || traces.length == 0) {
                this.tooltip.hide();
                return;
            }
            this.tooltip.point_out(traces, this.view.plot_view.frame.bbox);
            const collection = data.collection(hovered.name);
            if (this.at != null && collection != null) {
                const lines = [...drawing.describe?.(hovered.row) ?? [], ...(0, tooltip_1.describe)(collection, hovered.row)];
                this.tooltip.say(`${hovered.name} ${hovered.row}`, lines, this.at.sx, this.at.sy);
            }
        }
    }
    exports.Pointer = Pointer;
    Pointer.__name__ = "Pointer";
    function to_area(geometry) {
        if (geometry.type == "rect") {
            const { x0, x1, y0, y1 } = geometry;
            const [left, right, low, high] = [Math.min(x0, x1), Math.max(x0, x1), Math.min(y0, y1), Math.max(y0, y1)];
            return (x, y) => x >= left && x <= right && y >= low && y <= high;
        }
        if (geometry.type == "poly") {
            const corners = Array.from(geometry.x, (x, i) => [x, geometry.y[i]]);
            return (x, y) => (0, cone_drawing_1.encloses)(corners, x, y);
        }
        return null; // a tap comes as such
    }
},
"9934ff1576": /* panes/events/cone_drawing.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.encloses = encloses;
    const anchors_1 = require("e033e7c014") /* ./anchors */;
    const drawing_1 = require("919480d738") /* ./drawing */;
    const projections_1 = require("19e3baf4e0") /* ./projections */;
    const RADII = [[/largeR|akt?10/i, 1.0], [/fat|ak8/i, 0.8]]; // of jets in η and φ, by their name
    const RADIUS = 0.4;
    const CORNERS = 48;
    /* Jets: a circle in η and φ, a wedge from the origin, or where a cone meets the layers. */
    class ConeDrawing {
        constructor(name, rows, style, collection, setting) {
            this.rings = new Map();
            this.name = name;
            this.rows = rows;
            this.style = style;
            this.setting = setting;
            const seen = (0, projections_1.directions)(collection, setting.event);
            const pt = (0, projections_1.values)(collection, "pt");
            const radius = RADII.find(([names]) => names.test(name))?.[1] ?? RADIUS;
            for (const row of seen != null ? rows : []) {
                const [eta, phi] = [seen.eta[row], (0, projections_1.near)(seen.phi[row], 0)];
                if (isFinite(eta + phi)) {
                    this.rings.set(row, ring(eta, phi, radius, (0, anchors_1.part)(pt?.[row], setting.reach.pt), setting));
                }
            }
        }
        paint(context, screen, _inks) {
            this.trace_all(context, screen, this.rows);
            context.fillStyle = this.style.color;
            context.globalAlpha = 0.12;
            context.fill();
            context.globalAlpha = 1;
            context.strokeStyle = this.style.color;
            context.lineWidth = 1.5;
            context.stroke();
        }
        paint_marks(context, screen, inks, marks) {
            this.trace_all(context, screen, (0, drawing_1.marked_rows)(this.rows, marks));
            context.lineJoin = "round";
            for (const [color, width] of [[inks.surface, 7], [inks.ink, 4.5], [this.style.color, 2]]) {
                context.strokeStyle = color;
                context.lineWidth = width;
                context.stroke();
            }
        }
        trace_all(context, screen, rows) {
            context.beginPath();
            for (const row of rows) {
                (0, drawing_1.add_traces)(context, this.trace(row, screen));
            }
        }
        // In planes with φ also a turn further to each side, as a circle may lie across the cut.
        trace(row, screen) {
            const corners = this.rings.get(row);
            if (corners == null) {
                return [];
            }
            const turns = ["etaphi", "bins"].includes(this.setting.plane) ? [0, -projections_1.TURN, projections_1.TURN] : [0];
            return turns.map((turn) => ({
                kind: "line", closed: true, points: corners.map(([x, y]) => [screen.x(x), screen.y(y + turn)]),
            }));
        }
        hit(sx, sy, screen) {
            for (const row of [...this.rows].reverse()) {
                if (this.trace(row, screen).some((trace) => trace.kind == "line" && encloses(trace.points, sx, sy))) {
                    return { row, distance: 0 };
                }
            }
            return null;
        }
        place(row) {
            const corners = this.rings.get(row) ?? [];
            const mean = (axis) => corners.reduce((sum, corner) => sum + corner[axis], 0) / corners.length;
            return [mean(0), mean(1)];
        }
        within(area) {
            return [...this.rows].filter((row) => area(...this.place(row)));
        }
    }
    exports.ConeDrawing = ConeDrawing;
    ConeDrawing.__name__ = "ConeDrawing";
    // The outline of a cone about a direction, in the plane's coordinates; `length` is a part of the whole.
    function ring(eta, phi, radius, length, { plane, reach, depth }) {
        const around = (rho) => Array.from({ length: CORNERS }, (_, i) => {
            const angle = projections_1.TURN * i / CORNERS;
            const sinh = Math.sinh(eta + radius * Math.cos(angle));
            return (0, anchors_1.on_plane)(plane, rho(sinh), sinh, phi + radius * Math.sin(angle));
        });
        const edges = [eta - radius, eta + radius].map(Math.sinh);
        if (plane == "etaphi" || plane == "bins") {
            return around(() => 1);
        }
        if (reach.layers != null && depth != null) {
            if (plane == "xy") {
                return around((sinh) => depth / Math.abs(sinh));
            }
            const [near_z, far_z] = reach.layers.map((z) => z * Math.sign(eta));
            const at = (z, sinh) => [z, Math.abs(z / sinh)];
            return [at(near_z, edges[0]), at(far_z, edges[0]), at(far_z, edges[1]), at(near_z, edges[1])];
        }
        const far = Array.from({ length: 9 }, (_, i) => {
            const side = radius * (i / 4 - 1);
            const sinh = Math.sinh(plane == "rhoz" ? eta + side : eta);
            return (0, anchors_1.on_plane)(plane, length * (0, anchors_1.exit)(sinh, reach), sinh, phi + side);
        });
        return [[0, 0], ...far];
    }
    function encloses(corners, x, y) {
        let inside = false;
        corners.forEach(([ax, ay], i) => {
            const [bx, by] = corners[(i + corners.length - 1) % corners.length];
            if ((ay > y) != (by > y) && x < ax + (y - ay) * (bx - ax) / (by - ay)) {
                inside = !inside;
            }
        });
        return inside;
    }
},
"e033e7c014": /* panes/events/anchors.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.part = part;
    exports.exit = exit;
    exports.on_plane = on_plane;
    exports.anchored = anchored;
    const projections_1 = require("19e3baf4e0") /* ./projections */;
    // The length of a direction by its transverse momentum, as a part of the longest one: small ones can still be seen.
    function part(pt, most) {
        return pt != null && most > 0 ? 0.25 + 0.75 * Math.sqrt(Math.max(0, Math.min(1, pt / most))) : 1;
    }
    // How far from the origin, transversely, a direction leaves the volume that the event fills.
    function exit(sinh_eta, { inner: { rho, z } }) {
        return Math.min(rho, z / Math.abs(sinh_eta));
    }
    function on_plane(plane, rho, sinh_eta, phi) {
        switch (plane) {
            case "xy": return [rho * Math.cos(phi), rho * Math.sin(phi)];
            case "rhoz": return [rho * sinh_eta, rho];
            case "etaphi": return [Math.asinh(sinh_eta), phi];
            case "bins": return [1 / sinh_eta, phi];
        }
    }
    function make(n, at) {
        const points = { x: new Float32Array(n), y: new Float32Array(n) };
        for (let i = 0; i < n; i++) {
            [points.x[i], points.y[i]] = at(i);
        }
        return points;
    }
    const NOWHERE = [NaN, NaN];
    function anchored(collection, setting) {
        const { event, plane, reach, depth } = setting;
        if (collection.kind == "vertices" && (plane == "etaphi" || plane == "bins")) {
            return null; // it has no direction
        }
        const places = (0, projections_1.positions)(collection, event);
        // A particle's x, y, z may be where it was made: what it shows is its direction.
        const directed = ["particles", "tracks"].includes(collection.kind) && collection.columns.has("eta");
        if (["hits", "vertices"].includes(collection.kind) || (places != null && reach.layers == null && !directed)) {
            return places != null ? { points: (0, projections_1.project)(plane, places), stems: null } : null;
        }
        const seen = (0, projections_1.directions)(collection, event);
        if (seen == null) {
            return null;
        }
        const { eta, phi } = seen;
        const n = collection.count;
        const at = (rho) => make(n, (i) => isFinite(eta[i]) ? on_plane(plane, rho(i), Math.sinh(eta[i]), phi[i]) : NOWHERE);
        if (plane == "etaphi" || plane == "bins") {
            return { points: at(() => 1), stems: null };
        }
        const at_depth = (z) => at((i) => z / Math.abs(Math.sinh(eta[i])));
        if (reach.layers != null && depth != null) {
            if (plane == "xy") {
                return { points: at_depth(depth), stems: null };
            }
            const points = places != null ? (0, projections_1.project)(plane, places) : at_depth(reach.layers[0]);
            return { points, stems: at_depth(reach.layers[1]) }; // the axis through the layers
        }
        const pt = (0, projections_1.values)(collection, "pt");
        return {
            points: at((i) => part(pt?.[i], reach.pt) * exit(Math.sinh(eta[i]), reach)),
            stems: make(n, () => [0, 0]),
        };
    }
},
"a3081ff0b9": /* panes/events/tooltip.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.describe = describe;
    // What is pointed at: its outline, and a small sheet that says what it is, above a figure's canvas.
    const drawing_1 = require("919480d738") /* ./drawing */;
    const SVG = "http://www.w3.org/2000/svg";
    const GAP = 14; // CSS pixels between the pointer and the sheet
    const MANY = 14; // lines
    const TILE = 4; // the value of `shape` for scintillator tiles
    const PLAIN = ["layer", "wafer_u", "wafer_v", "cell_u", "cell_v", "cluster"]; // said together in lines of their own
    const UNSAID = ["shape", "zside", "r_min", "r_max", "subdet", ...PLAIN];
    const NAMES = {
        mip_pt: "mipPt", eta: "η", phi: "φ", pt: "pT", pdg_id: "PDG id", id: "id",
    };
    const FIRST = ["energy", "mip_pt", "pt"];
    const LAST = ["x", "y", "z"];
    function text(value, whole) {
        return isNaN(value) ? "–" : whole ? `${value}` : `${Number(value.toPrecision(4))}`;
    }
    // The lines of the sheet for one row: what is measured, where it is, to what it belongs.
    function describe(collection, row) {
        const value = (name) => collection.columns.get(name)?.values[row];
        const known = [...collection.columns.values()].filter(({ name, width }) => width == 1 && !UNSAID.includes(name));
        const rank = (name) => FIRST.includes(name) ? FIRST.indexOf(name) - 100 : LAST.includes(name) ? 100 : 0;
        const columns = known.sort((a, b) => rank(a.name) - rank(b.name));
        const lines = columns.map(({ name, unit, values }) => {
            const whole = !(values instanceof Float32Array || values instanceof Float64Array);
            return [NAMES[name] ?? name, `${text(values[row], whole)}${unit == "" ? "" : ` ${unit}`}`];
        });
        const tile = value("shape") == TILE;
        const places = [];
        const [layer, u, v, cell_u, cell_v, cluster] = PLAIN.map(value);
        if (layer != null) {
            places.push(["layer", `${layer}`]);
        }
        if (u != null && v != null && !tile) {
            places.push(["wafer (u, v)", `(${u}, ${v})`]);
        }
        if (cell_u != null && cell_v != null) {
            places.push([tile ? "cell (ieta, iphi)" : "cell (u, v)", `(${cell_u}, ${cell_v})`]);
        }
        if (cluster != null) {
            places.push(["cluster", cluster == 0 ? "none" : `${cluster}`]);
        }
        const measured = columns.filter(({ name }) => FIRST.includes(name)).length;
        return [...lines.slice(0, measured), ...places, ...lines.slice(measured)].slice(0, MANY);
    }
    class Tooltip {
        constructor() {
            this.el = document.createElement("div");
            this.outline = document.createElementNS(SVG, "svg");
            this.halo = document.createElementNS(SVG, "path");
            this.line = document.createElementNS(SVG, "path");
            this.sheet = document.createElement("div");
            this.el.className = "lg-pointed";
            Object.assign(this.el.style, { position: "absolute", inset: "0", overflow: "hidden", pointerEvents: "none" });
            Object.assign(this.outline.style, { position: "absolute", overflow: "hidden", fill: "none" });
            Object.assign(this.halo.style, { stroke: "var(--lg-surface, #fff)", strokeWidth: "5", strokeLinejoin: "round" });
            Object.assign(this.line.style, { stroke: "var(--lg-ink, #000)", strokeWidth: "2.5", strokeLinejoin: "round" });
            Object.assign(this.sheet.style, {
                position: "absolute", boxSizing: "border-box", maxWidth: "100%", padding: "6px 8px", borderRadius: "4px",
                background: "var(--lg-surface, #fff)", color: "var(--lg-ink, #000)", border: "1px solid var(--lg-line, #ccc)",
                font: "12px/17px var(--lg-font, sans-serif)", fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap",
                boxShadow: "0 2px 8px rgb(0 0 0 / 25%)",
            });
            this.outline.append(this.halo, this.line);
            this.el.append(this.outline, this.sheet);
            this.hide();
        }
        hide() {
            this.el.style.display = "none";
        }
        // Over the frame, whose box is given, within the figure.
        point_out(traces, { left, top, width, height }) {
            const path = (0, drawing_1.write_traces)(traces);
            this.halo.setAttribute("d", path);
            this.line.setAttribute("d", path);
            const px = (value) => `${value}px`;
            Object.assign(this.outline.style, { left: px(left), top: px(top), width: px(width), height: px(height) });
            this.el.style.display = "";
            this.sheet.style.display = "none";
        }
        // At a place in the figure.
        say(title, lines, x, y) {
            const heading = document.createElement("div");
            heading.textContent = title;
            heading.style.fontWeight = "600";
            const table = document.createElement("div");
            Object.assign(table.style, { display: "grid", gridTemplateColumns: "auto auto", columnGap: "10px" });
            for (const [name, value] of lines) {
                const [term, said] = [document.createElement("span"), document.createElement("span")];
                term.textContent = name;
                term.style.color = "var(--lg-quiet, #666)";
                said.textContent = value;
                Object.assign(said.style, { textAlign: "right", overflow: "hidden", textOverflow: "ellipsis" });
                table.append(term, said);
            }
            this.sheet.replaceChildren(heading, table);
            Object.assign(this.sheet.style, { display: "", left: "0", top: "0" });
            const { offsetWidth: w, offsetHeight: h } = this.sheet;
            const { clientWidth: width, clientHeight: height } = this.el;
            const left = x + GAP + w <= width ? x + GAP : x - GAP - w;
            const top = y + GAP + h <= height ? y + GAP : y - GAP - h;
            this.sheet.style.left = `${Math.max(0, Math.min(width - w, left))}px`;
            this.sheet.style.top = `${Math.max(0, Math.min(height - h, top))}px`;
        }
    }
    exports.Tooltip = Tooltip;
    Tooltip.__name__ = "Tooltip";
},
"9ca1c1e4aa": /* panes/events/reach.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.largest = largest;
    exports.reach = reach;
    exports.first_range = first_range;
    const projections_1 = require("19e3baf4e0") /* ./projections */;
    const NOMINAL = { rho: 130, z: 300 }; // cm: as large as a tracker with its calorimeter, where a file has no lengths
    const HGCAL = { rho: 200, with_tiles: 270, z: [310, 525], eta: [1.4, 3.15], slope: [0.07, 0.59] };
    const DIRECTED = ["particles", "jets", "tracks", "met", "clusters"];
    function largest(numbers) {
        let most = 0;
        for (const each of numbers) {
            if (each > most && each < Infinity) {
                most = each;
            }
        }
        return most;
    }
    const known = new WeakMap();
    // Of all collections but the hidden ones.
    function reach(event, hidden) {
        if (event == null) {
            return { ...NOTHING, ...NOMINAL };
        }
        const made = known.get(event) ?? new Map();
        known.set(event, made);
        const key = JSON.stringify([...hidden].sort());
        const found = made.get(key) ?? measure(event, event.collections.filter(({ name }) => !hidden.includes(name)));
        made.set(key, found);
        return found;
    }
    const NOTHING = { inner: NOMINAL, rho: 0, z: 0, plus: false, minus: false, layers: null, pt: 0, eta: 0 };
    function measure(event, collections) {
        const found = { ...NOTHING };
        for (const collection of collections) {
            if (DIRECTED.includes(collection.kind)) {
                found.pt = Math.max(found.pt, largest((0, projections_1.values)(collection, "pt") ?? []));
                found.eta = Math.max(found.eta, largest(((0, projections_1.directions)(collection, event)?.eta ?? []).map(Math.abs)));
            }
            if (collection.kind != "vertices") {
                measure_lengths(collection, event, found);
            }
        }
        const depths = event.header.layers.map(({ z }) => Math.abs(z)).filter((z) => z > 0);
        if (depths.length != 0) {
            found.layers = [Math.min(...depths), Math.max(...depths)];
        }
        found.rho || (found.rho = NOMINAL.rho);
        found.z || (found.z = NOMINAL.z);
        const cells = collections.filter(({ kind }) => kind == "cells");
        if (cells.length != 0 && cells.length < collections.length) {
            const { rho, z } = measure(event, cells);
            found.inner = { rho, z };
        }
        else {
            found.inner = { rho: found.rho, z: found.z };
        }
        return found;
    }
    function measure_lengths(collection, event, found) {
        const path = collection.columns.get("path")?.values;
        const places = path == null ? (0, projections_1.positions)(collection, event) : null;
        const count = path != null ? path.length / 3 : places?.x.length ?? 0;
        for (let i = 0; i < count; i++) {
            const [x, y, z] = path != null ? [path[3 * i], path[3 * i + 1], path[3 * i + 2]] :
                [places.x[i], places.y[i], places.z[i]];
            const rho = Math.sqrt(x * x + y * y);
            if (rho < Infinity && Math.abs(z) < Infinity) {
                found.rho = Math.max(found.rho, rho);
                found.z = Math.max(found.z, Math.abs(z));
                found.plus || (found.plus = z > 0);
                found.minus || (found.minus = z < 0);
            }
        }
    }
    // One side only where the reader or the event has only one.
    function sides({ plus, minus }, endcap) {
        if (endcap != "both") {
            return [endcap == "minus", endcap == "plus"];
        }
        return plus || minus ? [minus, plus] : [true, true];
    }
    function both_ways(near, far, [minus, plus]) {
        return [minus ? -far : near, plus ? far : -near];
    }
    function first_range(plane, found, endcap) {
        const where = sides(found, endcap);
        const endcaps = found.layers != null;
        const rho = endcaps ? (found.rho > HGCAL.rho + 10 ? HGCAL.with_tiles : HGCAL.rho) : found.rho;
        const turn = { y0: -Math.PI, y1: Math.PI };
        switch (plane) {
            case "xy": return { x0: -rho, x1: rho, y0: -rho, y1: rho };
            case "rhoz": {
                const [x0, x1] = endcaps ? both_ways(...HGCAL.z, where) : [-found.z, found.z];
                return { x0, x1, y0: 0, y1: rho };
            }
            case "etaphi": {
                const far = Math.min(6, Math.max(2.5, Math.ceil(2 * found.eta) / 2));
                const [x0, x1] = endcaps ? both_ways(...HGCAL.eta, where) : [-far, far];
                return { x0, x1, ...turn };
            }
            case "bins": {
                const [x0, x1] = both_ways(...HGCAL.slope, where);
                return { x0, x1, ...turn };
            }
        }
    }
},
"e74fe925d0": /* panes/events/scene.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.make_scene = make_scene;
    // What one figure shows of an event: its drawings, made of what the data lets through.
    const anchors_1 = require("e033e7c014") /* ./anchors */;
    const arrow_drawing_1 = require("2c4446c5c9") /* ./arrow_drawing */;
    const bins_1 = require("2e15380002") /* ./bins */;
    const cell_drawing_1 = require("5e860a4bf0") /* ./cell_drawing */;
    const color_1 = require("fe174e4121") /* ./color */;
    const cone_drawing_1 = require("9934ff1576") /* ./cone_drawing */;
    const group_drawing_1 = require("ce8e611892") /* ./group_drawing */;
    const marker_styles_1 = require("1ab1de3538") /* ./marker_styles */;
    const modules_1 = require("5acd263bf7") /* ./modules */;
    const outlines_1 = require("ab061e096f") /* ./outlines */;
    const path_drawing_1 = require("7cd7320a51") /* ./path_drawing */;
    const projections_1 = require("19e3baf4e0") /* ./projections */;
    const reach_1 = require("9ca1c1e4aa") /* ./reach */;
    const symbol_drawing_1 = require("a1e003e31e") /* ./symbol_drawing */;
    const BOTTOM_UP = ["cells", "jets", "tracks", "hits", "clusters", "particles", "vertices", "met"];
    function make_scene(data, plane, dark) {
        const { event } = data;
        return event == null ? null : new Builder(data, event, plane, dark).build();
    }
    class Builder {
        constructor(data, event, plane, dark) {
            this.scale = null;
            this.data = data;
            this.event = event;
            this.plane = plane;
            const found = (0, reach_1.reach)(event, data.choice.hidden);
            this.setting = { event, plane, reach: found, depth: found.layers == null ? null : this.depth(found.layers[0]) };
            this.styles = (0, marker_styles_1.styles)(event.collections, dark);
        }
        // |z| to which directions are followed in the layer view: of the shown layer; of several, where their cells have their
        // energy in the mean, so that a marker lies on its shower.
        depth(first) {
            const { layers, sum } = this.data.choice;
            if (!sum && layers != null && layers[0] == layers[1]) {
                return Math.abs(this.event.header.layers.find(({ layer }) => layer == layers[0])?.z ?? first);
            }
            let [weights, moments] = [0, 0];
            for (const cells of this.event.collections.filter(marker_styles_1.is_cells)) {
                const z = (0, projections_1.positions)(cells, this.event)?.z;
                const energy = (0, projections_1.values)(cells, "energy");
                for (const row of z != null && energy != null ? this.data.shown(cells.name) : []) {
                    const [weight, moment] = [energy[row], energy[row] * Math.abs(z[row])];
                    weights += moment >= 0 && moment < Infinity ? weight : 0;
                    moments += moment >= 0 && moment < Infinity ? moment : 0;
                }
            }
            return weights > 0 ? moments / weights : first;
        }
        build() {
            const { event, data } = this;
            const ordered = BOTTOM_UP.flatMap((kind) => event.collections.filter((each) => each.kind == kind));
            const others = event.collections.filter((each) => !ordered.includes(each));
            const drawings = [...ordered, ...others].flatMap((each) => {
                const drawing = this.draw(each);
                return drawing != null && drawing.rows.length != 0 ? [drawing] : [];
            });
            const { outlines: wanted, labels, layers, sum, endcap } = data.choice;
            const sight = { layers: sum ? null : layers, endcap };
            const modules = this.plane == "xy" && (wanted || labels) ?
                data.module_collections.flatMap((each) => (0, modules_1.find_modules)(each, sight)) : [];
            const legend = new Map([...this.styles].filter(([name]) => drawings.some((each) => each.name == name)));
            return { event, reach: this.setting.reach, drawings, modules, legend, scale: this.scale };
        }
        draw(collection) {
            const rows = this.data.shown(collection.name);
            if (rows.length == 0) {
                return null;
            }
            const style = this.styles.get(collection.name);
            if (style == null || (0, marker_styles_1.is_cells)(collection)) {
                return this.plane == "bins" ? this.bins(collection, rows) :
                    this.plane == "xy" && this.data.choice.sum ? this.stacks(collection, rows) : this.cells(collection, rows);
            }
            const path = collection.columns.get("path");
            if (collection.kind == "jets") {
                return new cone_drawing_1.ConeDrawing(collection.name, rows, style, collection, this.setting);
            }
            else if (collection.kind == "met") {
                const slot = this.event.collections.filter(({ kind }) => kind == "met").indexOf(collection);
                return new arrow_drawing_1.ArrowDrawing(collection.name, rows, style, collection, this.setting, slot);
            }
            else if (path != null && (this.plane == "xy" || this.plane == "rhoz")) {
                const along = (axis) => path.values.filter((_, i) => i % 3 == axis);
                const points = (0, projections_1.project)(this.plane, { x: along(0), y: along(1), z: along(2) });
                return new path_drawing_1.PathDrawing(collection.name, rows, points, path.width / 3, style);
            }
            return this.symbols(collection, rows, style);
        }
        cells(collection, rows) {
            const made = (0, outlines_1.outlines)(collection, this.event, this.plane);
            if (made == null) {
                return null;
            }
            const indices = this.data.colors(collection.name);
            return new cell_drawing_1.CellDrawing(collection.name, by_color(rows, indices), made, to_bytes(indices, this.data.color_scale.palette));
        }
        bins(collection, rows) {
            const places = (0, projections_1.positions)(collection, this.event);
            if (places == null) {
                return null;
            }
            const column = this.summed(collection);
            const groups = (0, bins_1.bin_rows)(places, rows, (0, projections_1.values)(collection, column));
            const { slope, phi } = bins_1.BINS;
            const say = (group) => {
                const within = group % (slope.count * phi.count);
                const [i, j] = [Math.floor(within / phi.count), within % phi.count];
                const edges = ({ low, high, count }, k) => [k, k + 1].map((each) => (low + (high - low) * each / count).toFixed(3)).join(" to ");
                return [["R/|z|", edges(slope, i)], ["φ", `${edges(phi, j)} rad`], ...this.say_sum(collection, column, groups, group)];
            };
            return this.groups(collection, rows, column, groups, () => (0, bins_1.bin_outlines)(), say);
        }
        stacks(collection, rows) {
            const places = (0, projections_1.positions)(collection, this.event);
            const made = (0, outlines_1.outlines)(collection, this.event, this.plane);
            if (places == null || made == null) {
                return null;
            }
            const column = this.summed(collection);
            const groups = (0, bins_1.stack_rows)(places, (0, projections_1.values)(collection, "shape"), rows, (0, projections_1.values)(collection, column));
            const { stride } = made;
            return this.groups(collection, rows, column, groups, () => ({
                stride,
                x: Float32Array.from(groups.leading, (row) => made.x[row]),
                y: Float32Array.from(groups.leading, (row) => made.y[row]),
                corners: join(groups.leading, made.corners, 2 * stride),
            }), (group) => this.say_sum(collection, column, groups, group));
        }
        groups(collection, rows, column, groups, make_outlines, say) {
            const numbers = Float64Array.from(groups.sums, (sum, group) => groups.sizes[group] > 0 ? sum : NaN);
            const unit = collection.columns.get(column)?.unit ?? "";
            const added = {
                name: collection.name, kind: "cells", count: numbers.length, cache: new Map(),
                columns: new Map([[column, { name: column, unit, width: 1, values: numbers }]]),
            };
            const { data, event } = this;
            const options = { ...data.choice.options, color_by: column };
            const { palettes } = data;
            const known = palettes instanceof Map ? palettes.get(options.palette) : palettes[options.palette];
            this.scale = (0, color_1.make_scale)({ ...event, collections: [added] }, options, known ?? []);
            const indices = (0, color_1.index_rows)(event, added, this.scale);
            const filled = Uint32Array.from(groups.sums.keys()).filter((group) => groups.sizes[group] > 0);
            const colors = to_bytes(indices, this.scale.palette);
            return new group_drawing_1.GroupDrawing(collection.name, rows, by_color(filled, indices), make_outlines(), colors, groups, say);
        }
        // What is added up: the colours' column if that makes sense, else the energy.
        summed(collection) {
            const { color_by } = this.data.choice;
            const names = [color_by, "energy", "mip_pt", "pt"].filter((name) => (0, projections_1.values)(collection, name) != null);
            return names.find((name) => ["energy", "mip_pt", "pt", "et"].includes(name)) ?? "energy";
        }
        say_sum(collection, column, groups, group) {
            const unit = collection.columns.get(column)?.unit ?? "";
            const size = groups.sizes[group];
            return [["sum of", `${size} ${size == 1 ? "cell" : "cells"}`],
                [`sum, ${column}`, `${groups.sums[group].toPrecision(4)} ${unit}`]];
        }
        symbols(collection, rows, style) {
            const found = (0, anchors_1.anchored)(collection, this.setting);
            if (found == null) {
                return null;
            }
            const { name, kind } = collection;
            if (kind == "hits" || kind == "vertices") {
                const { color_scale } = this.data;
                const indices = kind == "hits" && collection.columns.has(color_scale.column) ? this.data.colors(name) : null;
                const color = (row) => indices[row] == color_1.NONE ? style.color : color_scale.palette[indices[row]];
                return new symbol_drawing_1.SymbolDrawing(name, rows, found, style, () => kind == "hits" ? 2 : 5, indices != null ? color : null);
            }
            if (kind == "tracks") {
                return new symbol_drawing_1.SymbolDrawing(name, rows, found, { ...style, symbol: "dot" }, () => 2);
            }
            const pt = (0, projections_1.values)(collection, "pt") ?? (0, projections_1.values)(collection, "energy");
            const most = (0, reach_1.largest)(pt ?? []);
            // Among many the weak ones are small: what is below them is to be seen.
            const [least, power] = rows.length > symbol_drawing_1.CROWD ? [2.5, 1] : [4, 0.5];
            const share = (row) => Math.max(0, pt[row] / most) || 0;
            const size = (row) => pt != null && most > 0 ? least + (9 - least) * share(row) ** power : 6;
            return new symbol_drawing_1.SymbolDrawing(name, rows, found, style, size);
        }
    }
    Builder.__name__ = "Builder";
    // Rows from low to high colours, so that the strongest end up on top; those without a colour at the bottom.
    function by_color(rows, indices) {
        const next = new Uint32Array(257);
        const slot = (row) => (indices[row] + 1) % 256;
        for (const row of rows) {
            next[slot(row) + 1]++;
        }
        for (let i = 0; i < 256; i++) {
            next[i + 1] += next[i];
        }
        const ordered = new Uint32Array(rows.length);
        for (const row of rows) {
            ordered[next[slot(row)]++] = row;
        }
        return ordered;
    }
    function to_bytes(indices, palette) {
        const bytes = Uint32Array.from(palette, cell_drawing_1.rgba);
        return Uint32Array.from(indices, (index) => bytes[index]);
    }
    function join(rows, numbers, width) {
        const joined = new Float32Array(rows.length * width);
        rows.forEach((row, i) => joined.set(numbers.subarray(row * width, (row + 1) * width), i * width));
        return joined;
    }
},
"2c4446c5c9": /* panes/events/arrow_drawing.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    const anchors_1 = require("e033e7c014") /* ./anchors */;
    const drawing_1 = require("919480d738") /* ./drawing */;
    const path_drawing_1 = require("7cd7320a51") /* ./path_drawing */;
    const projections_1 = require("19e3baf4e0") /* ./projections */;
    const HEAD = 9; // CSS pixels
    const LINE = 15; // of text
    /* Missing transverse energy: an arrow from the origin in the layer view, in planes with φ a line at its angle. It has no
     * place along the beam. */
    class ArrowDrawing {
        // `slot`: 0 for the first such collection, 1 for the next: they often point to the same side.
        constructor(name, rows, style, collection, { plane, reach }, slot) {
            this.ends = new Map();
            this.texts = new Map();
            this.name = name;
            this.rows = rows;
            this.style = style;
            this.slot = slot;
            this.flat = plane != "xy";
            const [pt, phi] = [(0, projections_1.values)(collection, "pt"), (0, projections_1.values)(collection, "phi")];
            for (const row of phi != null && plane != "rhoz" ? rows : []) {
                const length = 0.9 * (0, anchors_1.part)(pt?.[row], reach.pt) * (0, anchors_1.exit)(0, reach);
                const angle = (0, projections_1.near)(phi[row], 0);
                this.ends.set(row, this.flat ? [0, angle] : [length * Math.cos(angle), length * Math.sin(angle)]);
                this.texts.set(row, pt != null ? `${name} ${pt[row].toPrecision(3)} GeV` : name);
            }
        }
        paint(context, screen, inks) {
            context.setLineDash(this.flat ? [6, 4] : []);
            this.stroke(context, screen, this.rows, [[inks.surface, 5], [this.style.color, 2.5]]);
            context.setLineDash([]);
            context.font = `600 12px ${inks.font}`;
            context.textBaseline = "bottom";
            context.lineWidth = 3;
            for (const row of this.rows) {
                this.write(context, screen, inks, row);
            }
        }
        write(context, screen, inks, row) {
            const text = this.texts.get(row);
            const [x, y] = this.tip(row, screen);
            if (text == null || !isFinite(x + y)) {
                return;
            }
            const width = context.measureText(text).width;
            const left = this.flat ? screen.width - width - 8 : x + (x < screen.width / 2 ? -width - 4 : 4);
            const at = Math.max(4, Math.min(screen.width - width - 4, left));
            const above = Math.max(16, Math.min(screen.height - 4, y - 4 + LINE * this.slot));
            context.textAlign = "left";
            context.strokeStyle = inks.surface;
            context.strokeText(text, at, above);
            context.fillStyle = inks.ink;
            context.fillText(text, at, above);
        }
        paint_marks(context, screen, inks, marks) {
            const rows = (0, drawing_1.marked_rows)(this.rows, marks);
            this.stroke(context, screen, rows, [[inks.surface, 8], [inks.ink, 6], [this.style.color, 2.5]]);
        }
        stroke(context, screen, rows, styles) {
            context.beginPath();
            for (const row of rows) {
                (0, drawing_1.add_traces)(context, this.trace(row, screen));
            }
            for (const [color, width] of styles) {
                context.strokeStyle = color;
                context.lineWidth = width;
                context.stroke();
            }
        }
        tip(row, screen) {
            const [x, y] = this.place(row);
            return [screen.x(x), screen.y(y)];
        }
        trace(row, screen) {
            const [x, y] = this.tip(row, screen);
            if (!isFinite(x + y)) {
                return [];
            }
            if (this.flat) {
                return [{ kind: "line", closed: false, points: [[0, y], [screen.width, y]] }];
            }
            const [x0, y0] = [screen.x(0), screen.y(0)];
            const angle = Math.atan2(y - y0, x - x0);
            const barb = (turn) => [x - HEAD * Math.cos(angle + turn), y - HEAD * Math.sin(angle + turn)];
            return [
                { kind: "line", closed: false, points: [[x0, y0], [x, y]] },
                { kind: "line", closed: false, points: [barb(0.5), [x, y], barb(-0.5)] },
            ];
        }
        hit(sx, sy, screen) {
            for (const row of this.rows) {
                const [shaft] = this.trace(row, screen);
                if (shaft?.kind == "line") {
                    const distance = (0, path_drawing_1.to_segment)(sx, sy, ...shaft.points[0], ...shaft.points[1]);
                    if (distance < drawing_1.TOLERANCE) {
                        return { row, distance };
                    }
                }
            }
            return null;
        }
        place(row) {
            return this.ends.get(row) ?? [NaN, NaN];
        }
        within(area) {
            return this.flat ? [] : [...this.rows].filter((row) => area(...this.place(row)));
        }
    }
    exports.ArrowDrawing = ArrowDrawing;
    ArrowDrawing.__name__ = "ArrowDrawing";
},
"7cd7320a51": /* panes/events/path_drawing.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.to_segment = to_segment;
    const drawing_1 = require("919480d738") /* ./drawing */;
    const grid_1 = require("2b3a5e191f") /* ./grid */;
    /* Lines through many points: tracks. A line ends where its points are not numbers. */
    class PathDrawing {
        // `points`: `width` of them a row, row by row.
        constructor(name, rows, points, width, style) {
            this.grid = null;
            this.owners = new Uint32Array(); // by segment its row
            this.starts = new Uint32Array();
            this.name = name;
            this.rows = rows;
            this.points = points;
            this.width = width;
            this.style = style;
        }
        paint(context, screen, _inks) {
            this.stroke(context, screen, this.rows, this.style.color, 1.25);
        }
        paint_marks(context, screen, inks, marks) {
            const rows = (0, drawing_1.marked_rows)(this.rows, marks);
            this.stroke(context, screen, rows, inks.surface, 7);
            this.stroke(context, screen, rows, inks.ink, 4.5);
            this.stroke(context, screen, rows, this.style.color, 2);
        }
        stroke(context, screen, rows, color, width) {
            context.beginPath();
            for (const row of rows) {
                (0, drawing_1.add_traces)(context, this.trace(row, screen));
            }
            context.lineJoin = "round";
            context.strokeStyle = color;
            context.lineWidth = width;
            context.stroke();
        }
        count(row) {
            const start = row * this.width;
            let n = 0;
            while (n < this.width && isFinite(this.points.x[start + n] + this.points.y[start + n])) {
                n++;
            }
            return n;
        }
        trace(row, screen) {
            const start = row * this.width;
            const points = Array.from({ length: this.count(row) }, (_, i) => [screen.x(this.points.x[start + i]), screen.y(this.points.y[start + i])]);
            return [{ kind: "line", points, closed: false }];
        }
        segments() {
            const [starts, owners] = [[], []];
            for (const row of this.rows) {
                for (let i = 0; i + 1 < this.count(row); i++) {
                    starts.push(row * this.width + i);
                    owners.push(row);
                }
            }
            const { x, y } = this.points;
            const pick = (from, choose) => Float32Array.from(starts, (at) => choose(from[at], from[at + 1]));
            this.owners = Uint32Array.from(owners);
            this.starts = Uint32Array.from(starts);
            return new grid_1.Grid({ x0: pick(x, Math.min), y0: pick(y, Math.min), x1: pick(x, Math.max), y1: pick(y, Math.max) });
        }
        hit(sx, sy, screen) {
            this.grid ?? (this.grid = this.segments());
            const [x, y] = [(sx - screen.bx) / screen.ax, (sy - screen.by) / screen.ay];
            const [dx, dy] = [Math.abs(drawing_1.TOLERANCE / screen.ax), Math.abs(drawing_1.TOLERANCE / screen.ay)];
            let [best, least] = [-1, drawing_1.TOLERANCE];
            this.grid.near(x - dx, y - dy, x + dx, y + dy, (segment) => {
                const at = this.starts[segment];
                const away = to_segment(sx, sy, screen.x(this.points.x[at]), screen.y(this.points.y[at]), screen.x(this.points.x[at + 1]), screen.y(this.points.y[at + 1]));
                if (away < least) {
                    [best, least] = [this.owners[segment], away];
                }
            });
            return best >= 0 ? { row: best, distance: least } : null;
        }
        // The end of the line: where it points to.
        place(row) {
            const last = row * this.width + Math.max(0, this.count(row) - 1);
            return [this.points.x[last], this.points.y[last]];
        }
        within(area) {
            return [...this.rows].filter((row) => area(...this.place(row)));
        }
    }
    exports.PathDrawing = PathDrawing;
    PathDrawing.__name__ = "PathDrawing";
    function to_segment(x, y, ax, ay, bx, by) {
        const [dx, dy] = [bx - ax, by - ay];
        const along = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1);
        const t = Math.max(0, Math.min(1, along));
        return Math.hypot(x - ax - t * dx, y - ay - t * dy);
    }
},
"2e15380002": /* panes/events/bins.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.bin_rows = bin_rows;
    exports.bin_outlines = bin_outlines;
    exports.stack_rows = stack_rows;
    exports.BINS = { slope: { count: 42, low: 0.076, high: 0.58 }, phi: { count: 216, low: -Math.PI, high: Math.PI } };
    const SIDE = exports.BINS.slope.count * exports.BINS.phi.count;
    // The last bin holds its upper edge, as in numpy's histograms.
    function index(value, { count, low, high }) {
        return value >= low && value < high ? Math.floor((value - low) / (high - low) * count) : value == high ? count - 1 : -1;
    }
    // Groups are the bins of the -z endcap, then those of the +z one; in each R/z is the slower index.
    function bin_rows({ x, y, z }, rows, weights) {
        const of = new Int32Array(x.length).fill(-1);
        for (const row of rows) {
            const slope = index(Math.sqrt(x[row] * x[row] + y[row] * y[row]) / Math.abs(z[row]), exports.BINS.slope);
            const phi = index(Math.atan2(y[row], x[row]), exports.BINS.phi);
            if (slope >= 0 && phi >= 0) {
                of[row] = (z[row] > 0 ? SIDE : 0) + slope * exports.BINS.phi.count + phi;
            }
        }
        return add_up(of, rows, 2 * SIDE, weights);
    }
    function add_up(of, rows, count, weights) {
        const groups = { of, sums: new Float64Array(count), leading: new Uint32Array(count), sizes: new Uint32Array(count) };
        const most = new Float64Array(count).fill(-Infinity);
        for (const row of rows) {
            const group = of[row];
            if (group < 0) {
                continue;
            }
            const weight = weights == null ? 1 : weights[row];
            if (weight > most[group] || groups.sizes[group] == 0) {
                most[group] = weight;
                groups.leading[group] = row;
            }
            groups.sums[group] += isFinite(weight) ? weight : 0;
            groups.sizes[group]++;
        }
        return groups;
    }
    // The rectangles of all bins, with R/z negative in the -z endcap.
    function bin_outlines() {
        const made = {
            x: new Float32Array(2 * SIDE), y: new Float32Array(2 * SIDE), stride: 4, corners: new Float32Array(16 * SIDE),
        };
        const edge = ({ count, low, high }, i) => low + (high - low) * i / count;
        for (let group = 0; group < 2 * SIDE; group++) {
            const sign = group < SIDE ? -1 : 1;
            const [slope, phi] = [Math.floor(group % SIDE / exports.BINS.phi.count), group % exports.BINS.phi.count];
            const [x0, x1] = [sign * edge(exports.BINS.slope, slope), sign * edge(exports.BINS.slope, slope + 1)];
            const [y0, y1] = [edge(exports.BINS.phi, phi), edge(exports.BINS.phi, phi + 1)];
            made.x[group] = (x0 + x1) / 2;
            made.y[group] = (y0 + y1) / 2;
            made.corners.set([x0, y0, x1, y0, x1, y1, x0, y1], 8 * group);
        }
        return made;
    }
    const CLOSE = 0.1; // cm: cells nearer than this lie behind each other
    const PITCH = 0.5; // cm, of the grid in which they are looked for
    // Cells of one endcap with the same middle in x and y and the same shape.
    function stack_rows({ x, y, z }, shape, rows, weights) {
        const of = new Int32Array(x.length).fill(-1);
        const firsts = []; // by group its first row
        const buckets = new Map(); // by place the newest group
        const older = []; // by group the one before it in the same place
        const key = (i, j, row) => ((i + 4096) * 8192 + j + 4096) * 16 + (shape?.[row] ?? 0) * 2 + (z[row] > 0 ? 1 : 0);
        const find = (row) => {
            const [i0, i1] = [Math.floor((x[row] - CLOSE) / PITCH), Math.floor((x[row] + CLOSE) / PITCH)];
            const [j0, j1] = [Math.floor((y[row] - CLOSE) / PITCH), Math.floor((y[row] + CLOSE) / PITCH)];
            for (let i = i0; i <= i1; i++) {
                for (let j = j0; j <= j1; j++) {
                    for (let group = buckets.get(key(i, j, row)) ?? -1; group >= 0; group = older[group]) {
                        if (Math.abs(x[firsts[group]] - x[row]) < CLOSE && Math.abs(y[firsts[group]] - y[row]) < CLOSE) {
                            return group;
                        }
                    }
                }
            }
            return -1;
        };
        for (const row of rows) {
            if (!isFinite(x[row] + y[row])) {
                continue;
            }
            let group = find(row);
            if (group < 0) {
                group = firsts.length;
                firsts.push(row);
                const place = key(Math.floor(x[row] / PITCH), Math.floor(y[row] / PITCH), row);
                older.push(buckets.get(place) ?? -1);
                buckets.set(place, group);
            }
            of[row] = group;
        }
        return add_up(of, rows, firsts.length, weights);
    }
},
"ce8e611892": /* panes/events/group_drawing.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    const cell_drawing_1 = require("5e860a4bf0") /* ./cell_drawing */;
    /* Cells that are added up: those in a bin, or those behind each other. What is drawn is a group; towards the others, a
     * group is its leading cell, and marking it marks all of its cells. */
    class GroupDrawing {
        // `outlines`, `colors` and `order`: of groups.
        constructor(name, rows, order, outlines, colors, groups, say) {
            this.name = name;
            this.rows = rows;
            this.groups = groups;
            this.say = say;
            this.cells = new cell_drawing_1.CellDrawing(name, order, outlines, colors);
        }
        fill(raster, screen) {
            this.cells.fill(raster, screen);
        }
        paint(context, screen, inks) {
            this.cells.paint(context, screen, inks);
        }
        fill_marks(raster, screen, inks, marks) {
            this.cells.fill_marks(raster, screen, inks, this.of_groups(marks));
        }
        paint_marks(context, screen, inks, marks) {
            this.cells.paint_marks(context, screen, inks, this.of_groups(marks));
        }
        of_groups(marks) {
            const marked = new Uint8Array(this.groups.sums.length);
            for (const row of this.rows) {
                if (marks[row] == 1 && this.groups.of[row] >= 0) {
                    marked[this.groups.of[row]] = 1;
                }
            }
            return marked;
        }
        hit(sx, sy, screen) {
            const spot = this.cells.hit(sx, sy, screen);
            return spot != null ? { row: this.groups.leading[spot.row], distance: spot.distance } : null;
        }
        trace(row, screen) {
            const group = this.groups.of[row];
            return group >= 0 ? this.cells.trace(group, screen) : [];
        }
        place(row) {
            const group = this.groups.of[row];
            return group >= 0 ? this.cells.place(group) : [NaN, NaN];
        }
        within(area) {
            const inside = new Set(this.cells.within(area));
            return [...this.rows].filter((row) => inside.has(this.groups.of[row]));
        }
        members(row) {
            const group = this.groups.of[row];
            return this.rows.filter((other) => group >= 0 && this.groups.of[other] == group);
        }
        describe(row) {
            const group = this.groups.of[row];
            return group >= 0 ? this.say(group) : [];
        }
    }
    exports.GroupDrawing = GroupDrawing;
    GroupDrawing.__name__ = "GroupDrawing";
},
"ab061e096f": /* panes/events/outlines.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.outlines = outlines;
    exports.convex_hull = convex_hull;
    const projections_1 = require("19e3baf4e0") /* ./projections */;
    const SHAPE = { up_plus: 1, up_minus: 2, plus_minus: 3, tile: 4, corners: 5 };
    const D = 16.64408 / 8; // of a wafer's width from flat to flat, in cm
    const H = D / Math.sqrt(3);
    const TILE_HALF = 1.25 * Math.PI / 180;
    const RHOMBI = {
        [SHAPE.up_plus]: halves(D, H, 0, 2 * H),
        [SHAPE.up_minus]: halves(D, -H, 0, 2 * H),
        [SHAPE.plus_minus]: halves(D, H, D, -H),
    };
    function halves(ax, ay, bx, by) {
        return [(ax + bx) / 2, (ay + by) / 2, (ax - bx) / 2, (ay - by) / 2];
    }
    // By layer half of a cell's depth as it is drawn, in cm: so that layers with cells never touch.
    function half_depths(collection, event) {
        const used = new Set((0, projections_1.values)(collection, "layer") ?? []);
        const layers = event.header.layers.filter(({ layer }) => used.has(layer)).sort((a, b) => a.z - b.z);
        return new Map(layers.map(({ layer, z }, i) => {
            const gaps = [layers[i - 1], layers[i + 1]].flatMap((other) => other != null ? [Math.abs(other.z - z)] : []);
            return [layer, 0.4 * Math.min(3, ...gaps.filter((gap) => gap > 0))];
        }));
    }
    function outlines(collection, event, plane) {
        return (0, projections_1.kept)(collection, `outlines ${plane}`, () => {
            const places = (0, projections_1.positions)(collection, event);
            if (places == null) {
                return null;
            }
            const hull = collection.columns.get("corners");
            const stride = hull != null ? 8 : 4;
            const made = { ...(0, projections_1.project)(plane, places), stride, corners: new Float32Array(2 * stride * collection.count) };
            if (plane != "bins") {
                new Outliner(collection, event, plane, places, made).fill();
            }
            return made;
        });
    }
    class Outliner {
        constructor(collection, event, plane, places, made) {
            this.plane = plane;
            this.places = places;
            this.made = made;
            this.shape = (0, projections_1.values)(collection, "shape");
            this.r_min = (0, projections_1.values)(collection, "r_min");
            this.r_max = (0, projections_1.values)(collection, "r_max");
            this.layer = (0, projections_1.values)(collection, "layer");
            this.hulls = collection.columns.get("corners")?.values ?? null;
            this.depths = half_depths(collection, event);
        }
        fill() {
            const { shape, hulls, made } = this;
            const n = made.x.length;
            for (let i = 0; i < n; i++) {
                const code = shape != null ? shape[i] : hulls != null ? SHAPE.corners : 0;
                if (code == SHAPE.corners && hulls != null) {
                    this.hull(i);
                }
                else if (this.plane == "rhoz") {
                    this.standing(i, code);
                }
                else if (code == SHAPE.tile && this.r_min != null && this.r_max != null) {
                    this.tile(i, this.r_min[i], this.r_max[i]);
                }
                else if (code in RHOMBI) {
                    this.rhombus(i, RHOMBI[code]);
                }
                else {
                    this.rhombus(i, [0, 0, 0, 0]); // a point; how large it looks is the painter's matter
                }
            }
        }
        set(row, corner, x, y) {
            const { stride, corners } = this.made;
            const at = 2 * (row * stride + corner);
            corners[at] = x;
            corners[at + 1] = y;
            for (let i = corner + 1; corner == 3 && i < stride; i++) { // the rest of a longer row repeats the fourth
                corners[at + 2 * (i - 3)] = x;
                corners[at + 2 * (i - 3) + 1] = y;
            }
        }
        // A cell is small against its distance: towards η and φ its outline is mapped by their derivatives at its centre.
        rhombus(i, [sx, sy, dx, dy]) {
            const { x: px, y: py } = this.made;
            let [ax, ay, bx, by] = [sx, sy, dx, dy];
            if (this.plane == "etaphi") {
                const { x, y, z } = this.places;
                const rho2 = x[i] * x[i] + y[i] * y[i];
                const slope = -z[i] / (rho2 * Math.sqrt(rho2 + z[i] * z[i]));
                [ax, ay] = [slope * (x[i] * sx + y[i] * sy), (x[i] * sy - y[i] * sx) / rho2];
                [bx, by] = [slope * (x[i] * dx + y[i] * dy), (x[i] * dy - y[i] * dx) / rho2];
            }
            this.set(i, 0, px[i] - ax, py[i] - ay);
            this.set(i, 1, px[i] + bx, py[i] + by);
            this.set(i, 2, px[i] + ax, py[i] + ay);
            this.set(i, 3, px[i] - bx, py[i] - by);
        }
        tile(i, r_min, r_max) {
            const { x, y, z } = this.places;
            const phi = Math.atan2(y[i], x[i]);
            const sides = [[r_min, -1], [r_max, -1], [r_max, 1], [r_min, 1]];
            sides.forEach(([r, side], corner) => {
                const angle = phi + side * TILE_HALF;
                if (this.plane == "xy") {
                    this.set(i, corner, r * Math.cos(angle), r * Math.sin(angle));
                }
                else {
                    this.set(i, corner, Math.asinh(z[i] / r), angle);
                }
            });
        }
        standing(i, code) {
            const { x: z, y: rho } = this.made;
            const half = this.depths.get(this.layer?.[i] ?? -1) ?? (code == 0 ? 0 : 0.5);
            let [low, high] = [rho[i], rho[i]];
            if (code == SHAPE.tile && this.r_min != null && this.r_max != null) {
                [low, high] = [this.r_min[i], this.r_max[i]];
            }
            else if (code in RHOMBI) {
                const [sx, sy, dx, dy] = RHOMBI[code];
                const { x, y } = this.places;
                const reach = Math.max(Math.abs(x[i] * sx + y[i] * sy), Math.abs(x[i] * dx + y[i] * dy)) / rho[i];
                [low, high] = [rho[i] - reach, rho[i] + reach];
            }
            this.set(i, 0, z[i] - half, low);
            this.set(i, 1, z[i] + half, low);
            this.set(i, 2, z[i] + half, high);
            this.set(i, 3, z[i] - half, high);
        }
        hull(i) {
            const points = [];
            for (let at = 24 * i; at < 24 * (i + 1); at += 3) {
                const [x, y, z] = [this.hulls[at], this.hulls[at + 1], this.hulls[at + 2]];
                const [px, py] = (0, projections_1.place)(this.plane, x, y, z);
                if (isFinite(px) && isFinite(py)) {
                    points.push([px, this.plane == "etaphi" ? (0, projections_1.near)(py, this.made.y[i]) : py]);
                }
            }
            const around = convex_hull(points);
            for (let corner = 0; corner < 8; corner++) {
                const [x, y] = around[Math.min(corner, around.length - 1)] ?? [NaN, NaN];
                const at = 2 * (8 * i + corner);
                this.made.corners[at] = x;
                this.made.corners[at + 1] = y;
            }
        }
    }
    Outliner.__name__ = "Outliner";
    // The corners of the convex hull, in order, without points on its sides.
    function convex_hull(points) {
        const sorted = [...points].sort(([ax, ay], [bx, by]) => ax - bx || ay - by);
        const half = (path) => {
            const turns = [];
            for (const [x, y] of path) {
                while (turns.length >= 2) {
                    const [[ax, ay], [bx, by]] = turns.slice(-2);
                    if ((bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0) {
                        break;
                    }
                    turns.pop();
                }
                turns.push([x, y]);
            }
            return turns.slice(0, -1);
        };
        return sorted.length < 3 ? sorted : [...half(sorted), ...half(sorted.reverse())];
    }
},
"a1e003e31e": /* panes/events/symbol_drawing.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    const drawing_1 = require("919480d738") /* ./drawing */;
    const marker_styles_1 = require("1ab1de3538") /* ./marker_styles */;
    const MANY = 2000; // so many symbols are small squares
    exports.CROWD = 40; // among more than so many the weak ones are small, and lines are faint
    const RING = 4; // CSS pixels between a symbol and the ring that points at it
    /* Symbols at places: particles, clusters, hits, vertices; with a line that leads to each where there is one. */
    class SymbolDrawing {
        // `sizes`: by row the radius in CSS pixels. `colors`: by row a CSS colour, else the style's for all.
        constructor(name, rows, anchored, style, sizes, colors = null) {
            this.name = name;
            this.rows = rows;
            this.anchored = anchored;
            this.style = style;
            this.sizes = sizes;
            this.colors = colors;
        }
        paint(context, screen, inks) {
            this.paint_stems(context, screen, this.rows, 1);
            this.paint_symbols(context, screen, inks, this.rows);
        }
        paint_marks(context, screen, inks, marks) {
            const rows = (0, drawing_1.marked_rows)(this.rows, marks);
            this.paint_stems(context, screen, rows, 2.5);
            this.paint_symbols(context, screen, inks, rows);
            context.beginPath();
            for (const row of rows) {
                (0, drawing_1.add_traces)(context, this.trace(row, screen));
            }
            context.strokeStyle = inks.ink;
            context.lineWidth = 2;
            context.stroke();
        }
        paint_stems(context, screen, rows, width) {
            const { points, stems } = this.anchored;
            if (stems == null) {
                return;
            }
            context.beginPath();
            for (const row of rows) {
                if (isFinite(points.x[row] + stems.x[row])) {
                    context.moveTo(screen.x(stems.x[row]), screen.y(stems.y[row]));
                    context.lineTo(screen.x(points.x[row]), screen.y(points.y[row]));
                }
            }
            context.strokeStyle = this.style.color;
            context.lineWidth = width;
            context.globalAlpha = rows.length > exports.CROWD ? 0.25 : 1;
            context.stroke();
            context.globalAlpha = 1;
        }
        paint_symbols(context, screen, inks, rows) {
            const { symbol, color } = this.style;
            const crowded = rows.length > MANY;
            const seen = [...rows].filter((row) => this.in_sight(row, screen));
            if (crowded || symbol == "dot") {
                for (const row of seen) {
                    const [x, y, r] = [...this.spot(row, screen), crowded ? 1.5 : this.sizes(row)];
                    context.fillStyle = this.colors?.(row) ?? color;
                    context.fillRect(x - r, y - r, 2 * r, 2 * r);
                }
                return;
            }
            context.beginPath();
            for (const row of seen) {
                (0, marker_styles_1.trace_symbol)(context, symbol, ...this.spot(row, screen), this.sizes(row));
            }
            paint_path(context, this.style, inks);
        }
        in_sight(row, screen) {
            const [x, y] = this.spot(row, screen);
            return x > -20 && x < screen.width + 20 && y > -20 && y < screen.height + 20;
        }
        spot(row, screen) {
            const [x, y] = this.place(row);
            return [screen.x(x), screen.y(y)];
        }
        hit(sx, sy, screen) {
            let [best, least] = [-1, Infinity];
            for (const row of this.rows) {
                const [x, y] = this.spot(row, screen);
                const away = Math.hypot(x - sx, y - sy);
                if (away < least && away < this.sizes(row) + drawing_1.TOLERANCE / 2) {
                    [best, least] = [row, away];
                }
            }
            return best >= 0 ? { row: best, distance: least } : null;
        }
        trace(row, screen) {
            const [x, y] = this.spot(row, screen);
            return [{ kind: "circle", x, y, r: this.sizes(row) + RING }];
        }
        place(row) {
            return [this.anchored.points.x[row], this.anchored.points.y[row]];
        }
        within(area) {
            return [...this.rows].filter((row) => area(...this.place(row)));
        }
    }
    exports.SymbolDrawing = SymbolDrawing;
    SymbolDrawing.__name__ = "SymbolDrawing";
    // Strokes or fills the present path of symbols so that it stands out from whatever is below.
    function paint_path(context, { symbol, color }, inks) {
        context.lineJoin = "round";
        context.strokeStyle = inks.surface;
        context.lineWidth = (0, marker_styles_1.is_open)(symbol) ? 4.5 : 3;
        context.stroke();
        if ((0, marker_styles_1.is_open)(symbol)) {
            context.strokeStyle = color;
            context.lineWidth = 2.25;
            context.stroke();
        }
        else {
            context.fillStyle = color;
            context.fill();
        }
    }
},
"aeb61abf12": /* panes/events/screen.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    // From a plane's coordinates to places in a figure's frame, in CSS pixels from its left upper corner; axes are linear.
    class Screen {
        constructor(ax, bx, ay, by, width, height, ratio) {
            this.ax = ax;
            this.bx = bx;
            this.ay = ay;
            this.by = by;
            this.width = width;
            this.height = height;
            this.ratio = ratio;
        }
        x(x) {
            return this.ax * x + this.bx;
        }
        y(y) {
            return this.ay * y + this.by;
        }
        equals(other) {
            return other != null && this.ax == other.ax && this.bx == other.bx && this.ay == other.ay && this.by == other.by &&
                this.width == other.width && this.height == other.height && this.ratio == other.ratio;
        }
    }
    exports.Screen = Screen;
    Screen.__name__ = "Screen";
},
"ec9d55e745": /* panes/events/event_table.js */ function _(require, module, exports, __esModule, __esExport) {
    var _a;
    __esModule();
    const ui_element_1 = require("@bokehjs/models/ui/ui_element");
    const event_data_1 = require("dfacb1cd0f") /* ./event_data */;
    const table_rows_1 = require("6158449888") /* ./table_rows */;
    const table_style_1 = require("e06f80df22") /* ./table_style */;
    const ROW_PX = 24;
    const SPARE = 4; // rows above and below those in sight
    const MANY_ROWS = 200000; // a browser draws nothing that is higher than some million pixels
    function make(tag, cls = "") {
        const element = document.createElement(tag);
        element.className = cls;
        return element;
    }
    class EventTableView extends ui_element_1.UIElementView {
        constructor() {
            super(...arguments);
            this.bar = make("div", "bar");
            this.select = make("select");
            this.says = make("span", "says");
            this.clear = make("button");
            this.scroll = make("div", "scroll");
            this.table = make("table");
            this.columns_el = make("colgroup");
            this.head = make("tr");
            this.body = make("tbody");
            this.collection = null;
            this.columns = [];
            this.orders = new Map();
            this.among = null; // the rows that were marked elsewhere; null: no such choice
            this.listed = new Uint32Array();
            this.head_state = "";
            this.active = 0; // place in `listed` that the keys have reached
            this.marking = false; // the marks change because of a click in this table
            this.frame = null;
            this.stale = true; // `listed` is not up to date
        }
        connect_signals() {
            super.connect_signals();
            const { data } = this.model;
            const { event, shown, marks, hover } = data.changes;
            this.connect(event, () => this.start());
            this.connect(shown, () => this.list_soon());
            this.connect(marks, () => this.follow_marks());
            this.connect(hover, () => this.draw_soon());
            this.connect(data.choice.properties.table.change, () => this.start());
            const { hidden, wanted, aside } = data.choice.properties;
            for (const property of [hidden, wanted, aside]) {
                this.connect(property.change, () => this.fill_select());
            }
        }
        stylesheets() {
            return [...super.stylesheets(), table_style_1.TABLE_CSS];
        }
        render() {
            super.render();
            const { bar, select, says, clear, scroll, table, columns_el, head, body } = this;
            select.setAttribute("aria-label", "Collection in the table");
            select.onchange = () => this.model.data.choice.table = select.value;
            says.setAttribute("role", "status");
            clear.type = "button";
            clear.textContent = "Clear marks";
            clear.onclick = () => this.model.data.clear_marks();
            bar.replaceChildren(select, says, clear);
            const thead = make("thead");
            thead.append(head);
            table.setAttribute("role", "grid");
            table.replaceChildren(columns_el, thead, body);
            scroll.style.height = `${(this.model.lines + 1) * ROW_PX + 16}px`;
            scroll.replaceChildren(table);
            scroll.tabIndex = 0;
            scroll.onscroll = () => this.draw_soon();
            scroll.onkeydown = (event) => this.press(event);
            body.onclick = (event) => this.choose(this.place_of(event));
            body.onmousemove = (event) => this.point(this.place_of(event));
            body.onmouseleave = () => this.model.data.hover(null);
            this.shadow_el.append(bar, scroll);
            this.start();
        }
        remove() {
            if (this.frame != null) {
                cancelAnimationFrame(this.frame);
            }
            super.remove();
        }
        // Another event or collection.
        start() {
            const { data } = this.model;
            const before = this.collection?.name;
            this.collection = data.table_collection;
            this.columns = this.collection == null ? [] : (0, table_rows_1.table_columns)(this.collection);
            this.among = this.find_marked();
            this.fill_select();
            this.fill_head();
            this.list_soon();
            if (before != this.collection?.name) {
                this.scroll.scrollLeft = 0;
            }
            this.scroll.scrollTop = 0;
            this.active = 0;
        }
        fill_select() {
            const { event, choice } = this.model.data;
            const options = (event?.collections ?? []).map(({ name, count }) => {
                const hidden = choice.hides(name) ? ", hidden" : "";
                return new Option(`${name} (${count.toLocaleString("en")}${hidden})`, name);
            });
            this.select.replaceChildren(...options);
            this.select.value = this.collection?.name ?? "";
        }
        get order() {
            const { collection } = this;
            if (collection == null) {
                return null;
            }
            const chosen = this.orders.get(collection.name);
            return chosen != null && collection.columns.has(chosen.column) ? chosen : (0, table_rows_1.first_order)(collection);
        }
        fill_head() {
            const { order } = this;
            const state = JSON.stringify([this.collection?.name, this.columns.map(table_rows_1.heading), order]);
            if (state == this.head_state) {
                return;
            }
            this.head_state = state;
            this.columns_el.replaceChildren(...this.columns.map((column) => {
                const col = make("col");
                col.style.width = `${Math.max((0, table_rows_1.heading)(column).length + 4, 10)}ch`;
                return col;
            }));
            this.head.replaceChildren(...this.columns.map((column) => {
                const th = make("th");
                const button = make("button");
                button.type = "button";
                button.textContent = (0, table_rows_1.heading)(column);
                button.onclick = () => this.sort_by(column.name);
                const sorted = order?.column == column.name;
                th.setAttribute("aria-sort", !sorted ? "none" : order.falling ? "descending" : "ascending");
                th.scope = "col";
                th.append(button);
                return th;
            }));
            this.table.setAttribute("aria-label", this.collection == null ? "" : `Rows of ${this.collection.name}`);
        }
        sort_by(column) {
            if (this.collection != null) {
                const { order } = this;
                this.orders.set(this.collection.name, { column, falling: order?.column == column ? !order.falling : true });
                const at = this.columns.findIndex(({ name }) => name == column);
                this.fill_head();
                this.head.querySelectorAll("button")[at]?.focus({ preventScroll: true }); // it was made anew
                this.list_soon();
            }
        }
        find_marked() {
            if (this.collection == null) {
                return null;
            }
            const marked = this.model.data.marked(this.collection.name);
            const rows = [];
            for (let row = marked.indexOf(1); row >= 0; row = marked.indexOf(1, row + 1)) {
                rows.push(row);
            }
            return rows.length == 0 ? null : Uint32Array.from(rows);
        }
        // All rows of the collection in the order chosen; made once for each event and order.
        get ordered() {
            const { collection, order } = this;
            if (collection == null) {
                return new Uint32Array();
            }
            const key = `order ${order?.column} ${order?.falling}`;
            const rows = collection.cache.get(key) ?? (0, table_rows_1.sort_rows)(collection, order);
            collection.cache.set(key, rows);
            return rows;
        }
        // Marks that were set by a click here leave the list as it is, so that one can go on to the next row.
        follow_marks() {
            if (this.marking) {
                this.draw_soon();
            }
            else {
                this.among = this.find_marked();
                this.scroll.scrollTop = 0;
                this.active = 0;
                this.list_soon();
            }
        }
        list_soon() {
            this.stale = true;
            this.draw_soon();
        }
        draw_soon() {
            this.frame ?? (this.frame = requestAnimationFrame(() => {
                this.frame = null;
                if (this.stale) {
                    this.stale = false;
                    this.list();
                }
                this.draw();
            }));
        }
        list() {
            const { collection, among, model: { data } } = this;
            const shown = collection == null ? new Uint32Array() : data.shown(collection.name);
            this.listed = among == null ? (0, table_rows_1.keep_rows)(this.ordered, shown) : (0, table_rows_1.keep_rows)(this.ordered, shown, among);
            this.active = Math.max(0, Math.min(this.active, this.listed.length - 1));
            this.says.textContent = this.describe(shown.length);
            this.clear.hidden = !data.any_marked;
            this.table.setAttribute("aria-rowcount", `${this.listed.length + 1}`);
        }
        describe(shown) {
            const { collection, among, listed, model: { data } } = this;
            if (collection == null) {
                return data.event == null ? "No event." : "This event has no collections.";
            }
            const number = (count) => count.toLocaleString("en");
            const left_off = listed.length > MANY_ROWS ? `; the first ${number(MANY_ROWS)} are listed` : "";
            if (among == null) {
                return `${number(shown)} of ${number(collection.count)} shown${left_off}`;
            }
            const hidden = among.length - listed.length;
            return `${number(among.length)} marked${hidden == 0 ? "" : `, ${number(hidden)} of them not shown`}${left_off}`;
        }
        draw() {
            const { scroll, listed, body } = this;
            const count = Math.min(listed.length, MANY_ROWS);
            const lines = Math.ceil(scroll.clientHeight / ROW_PX) || this.model.lines;
            const first = Math.max(0, Math.min(Math.floor(scroll.scrollTop / ROW_PX), count - lines) - SPARE);
            const last = Math.min(count, first + lines + 2 * SPARE);
            const rows = [this.space(first)];
            for (let place = first; place < last; place++) {
                rows.push(this.draw_row(place));
            }
            rows.push(this.space(count - last));
            body.replaceChildren(...rows);
            this.clear.hidden = !this.model.data.any_marked;
        }
        // Stands for the rows that are out of sight.
        space(rows) {
            const row = make("tr", "space");
            row.setAttribute("aria-hidden", "true");
            row.style.height = `${rows * ROW_PX}px`;
            return row;
        }
        draw_row(place) {
            const { data } = this.model;
            const { name } = this.collection;
            const row = this.listed[place];
            const tr = make("tr");
            tr.dataset.place = `${place}`;
            tr.id = `row-${place}`;
            tr.setAttribute("aria-rowindex", `${place + 2}`);
            tr.setAttribute("aria-selected", `${data.marked(name)[row] == 1}`);
            tr.classList.toggle("hovered", data.hovered?.name == name && data.hovered.row == row);
            tr.classList.toggle("active", place == this.active);
            for (const { values } of this.columns) {
                const td = make("td");
                td.textContent = (0, table_rows_1.format)(values[row], !(values instanceof Float32Array || values instanceof Float64Array));
                tr.append(td);
            }
            return tr;
        }
        place_of(event) {
            const row = event.target instanceof Element ? event.target.closest("tr[data-place]") : null;
            return row == null ? null : Number(row.dataset.place);
        }
        choose(place) {
            if (this.collection != null && place != null && place < this.listed.length) {
                this.active = place;
                this.marking = true;
                this.model.data.reveal(this.collection.name, this.listed[place]);
                this.marking = false;
                this.draw_soon();
            }
        }
        point(place) {
            if (this.collection != null) {
                this.model.data.hover(place == null ? null : this.collection.name, place == null ? -1 : this.listed[place]);
            }
        }
        press(event) {
            if (event.target != this.scroll || event.ctrlKey || event.metaKey || event.altKey) {
                return;
            }
            if (event.key == "Enter" || event.key == " ") {
                event.preventDefault();
                this.choose(this.active);
                return;
            }
            const page = this.model.lines;
            const steps = {
                ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity,
            };
            if (event.key in steps) {
                event.preventDefault();
                event.stopPropagation(); // the arrows belong to the page elsewhere
                const last = Math.min(this.listed.length, MANY_ROWS) - 1;
                this.active = Math.max(0, Math.min(this.active + steps[event.key], last));
                const top = this.active * ROW_PX;
                const room = this.scroll.clientHeight - 2 * ROW_PX; // below the headings
                this.scroll.scrollTop = Math.max(top - room, Math.min(this.scroll.scrollTop, top));
                this.scroll.setAttribute("aria-activedescendant", `row-${this.active}`);
                this.draw_soon();
            }
        }
    }
    exports.EventTableView = EventTableView;
    EventTableView.__name__ = "EventTableView";
    /* A table of our own: only the rows in sight are in the page, the numbers stay in the event's own arrays, and sorting
     * takes all rows. */
    class EventTable extends ui_element_1.UIElement {
        constructor(attrs) {
            super(attrs);
        }
    }
    exports.EventTable = EventTable;
    _a = EventTable;
    EventTable.__name__ = "EventTable";
    EventTable.__module__ = "lorgnette.panes.events.event_table";
    (() => {
        _a.prototype.default_view = EventTableView;
        _a.define(({ Int, Ref }) => ({
            data: [Ref(event_data_1.EventData), () => new event_data_1.EventData()],
            lines: [Int, 10],
        }));
    })();
},
"6158449888": /* panes/events/table_rows.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.table_columns = table_columns;
    exports.first_order = first_order;
    exports.sort_rows = sort_rows;
    exports.keep_rows = keep_rows;
    exports.format = format;
    exports.heading = heading;
    // What a table of one collection shows: which columns, which rows in which order, and how a number reads.
    const FIRST = ["energy", "pt", "mip_pt", "mass", "eta", "phi", "layer", "cluster", "id"];
    const DRAWING = new Set(["shape", "r_min", "r_max"]); // of use to nobody but who draws
    const DIGITS = 5;
    const LAST = 2 ** 32 - 1;
    const ROOM = 2 ** 21; // rows, so that a row fits into a double behind a key
    function table_columns({ columns }) {
        const usable = [...columns.values()].filter(({ name, width }) => width == 1 && !DRAWING.has(name));
        const first = FIRST.flatMap((name) => usable.filter((column) => column.name == name));
        return [...first, ...usable.filter(({ name }) => !FIRST.includes(name))];
    }
    // The order that a physicist looks for first.
    function first_order({ columns }) {
        const column = ["energy", "pt", "mip_pt"].find((name) => columns.get(name)?.width == 1);
        return column == null ? null : { column, falling: true };
    }
    // Numbers from 0 to 2**32 - 1 in the same order as the values, and what is no number last; null where doubles have more.
    function make_keys(values, falling) {
        if (values instanceof Float64Array) {
            return null;
        }
        const keys = new Float64Array(values.length);
        if (values instanceof Float32Array) {
            const bits = new Int32Array(values.map((value) => value + 0).buffer); // -0 is 0
            for (let i = 0; i < keys.length; i++) {
                const rising = (bits[i] < 0 ? ~bits[i] : bits[i] ^ 0x80000000) >>> 0;
                keys[i] = values[i] != values[i] ? LAST : falling ? LAST - rising : rising;
            }
        }
        else {
            let [least, most] = [0, 0];
            for (const value of values) {
                least = value < least ? value : least;
                most = value > most ? value : most;
            }
            for (let i = 0; i < keys.length; i++) {
                keys[i] = falling ? most - values[i] : values[i] - least;
            }
        }
        return keys;
    }
    function compare_rows(values, falling) {
        const sign = falling ? -1 : 1;
        return (a, b) => {
            const [left, right] = [values[a], values[b]];
            if (left != left || right != right) {
                return left == left ? -1 : right == right ? 1 : a - b;
            }
            return left == right ? a - b : left < right ? -sign : sign;
        };
    }
    // All rows in order; those without a number come last. Rows with equal numbers stay in their order.
    function sort_rows(collection, order) {
        const rows = new Uint32Array(collection.count).map((_, row) => row);
        const values = order == null ? null : collection.columns.get(order.column)?.values;
        if (order == null || values == null) {
            return rows;
        }
        const keys = rows.length < ROOM ? make_keys(values, order.falling) : null;
        if (keys == null) {
            return rows.sort(compare_rows(values, order.falling));
        }
        // Key and row in one number: such an array is sorted ten times as fast as one with a function.
        const packed = keys.map((key, row) => key * ROOM + row).sort();
        return rows.map((_, place) => packed[place] % ROOM);
    }
    // Those of the ordered rows that are among the given ones.
    function keep_rows(ordered, ...wanted) {
        const hits = new Uint8Array(ordered.length);
        for (const rows of wanted) {
            for (const row of rows) {
                hits[row] += 1;
            }
        }
        return ordered.filter((row) => hits[row] == wanted.length);
    }
    function format(value, whole) {
        if (value != value) {
            return "–";
        }
        if (whole || !isFinite(value) || Number.isInteger(value) && Math.abs(value) < 1e6) {
            return `${value}`.replace("-", "−");
        }
        const size = Math.abs(value);
        const text = size < 1e-3 || size >= 1e6 ? value.toExponential(DIGITS - 2) : value.toPrecision(DIGITS);
        return text.replace("-", "−");
    }
    function heading({ name, unit }) {
        return unit == "" ? name : `${name} [${unit}]`;
    }
},
"e06f80df22": /* panes/events/table_style.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    // The look of the event table, on the page's own palette.
    exports.TABLE_CSS = `
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
`;
},
"e1cc345576": /* panes/events/local_sliders.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    const range_slider_1 = require("@bokehjs/models/widgets/sliders/range_slider");
    const slider_1 = require("@bokehjs/models/widgets/sliders/slider");
    /* Sliders whose value is no business of the server. */
    class LocalSlider extends slider_1.Slider {
        setv(changed, options) {
            super.setv(changed, { ...options, sync: false });
        }
    }
    exports.LocalSlider = LocalSlider;
    LocalSlider.__name__ = "LocalSlider";
    LocalSlider.__module__ = "lorgnette.panes.events.local_sliders";
    class LocalRangeSlider extends range_slider_1.RangeSlider {
        setv(changed, options) {
            super.setv(changed, { ...options, sync: false });
        }
    }
    exports.LocalRangeSlider = LocalRangeSlider;
    LocalRangeSlider.__name__ = "LocalRangeSlider";
    LocalRangeSlider.__module__ = "lorgnette.panes.events.local_sliders";
},
"e8ac629ebb": /* panes/frame_pane/frame_pane.js */ function _(require, module, exports, __esModule, __esExport) {
    var _a;
    __esModule();
    const ui_element_1 = require("@bokehjs/models/ui/ui_element");
    const kinds_1 = require("@bokehjs/core/kinds");
    const inks_1 = require("849749782a") /* ../events/inks */;
    const capture_1 = require("bbc21a79e2") /* ./capture */;
    const decoder_1 = require("6d9b67b0a5") /* ./decoder */;
    const figures_1 = require("be08192f9f") /* ./figures */;
    const geometry_1 = require("80f1f1a40b") /* ./geometry */;
    const hand_1 = require("20b8945405") /* ./hand */;
    const look_address_1 = require("e03aed95b4") /* ./look_address */;
    const packet_1 = require("217e066b4f") /* ./packet */;
    const painter_1 = require("a326ef0090") /* ./painter */;
    const outbox_1 = require("525487365f") /* ./outbox */;
    const pane_events_1 = require("e1830cd6c6") /* ./pane_events */;
    const parts_1 = require("4d8a40a4b2") /* ./parts */;
    const size_teller_1 = require("19af3f7dd3") /* ./size_teller */;
    const steer_1 = require("bb223db45f") /* ./steer */;
    const style_1 = require("5612359c99") /* ./style */;
    const toolbar_1 = require("4892d625e1") /* ./toolbar */;
    class FramePaneView extends ui_element_1.UIElementView {
        constructor() {
            super(...arguments);
            this.stop = new AbortController();
            this.stage = (0, parts_1.make)("div", "stage");
            this.middle = (0, parts_1.make)("div", "middle");
            this.notes = (0, parts_1.make)("div", "notes");
            this.lesson = (0, parts_1.make)("div", "empty");
            this.stale = new parts_1.Words("label stale");
            this.frozen_words = new parts_1.Words("label");
            this.notice = new parts_1.Words("note");
            this.problem = new parts_1.Words("note problem");
            this.painter = new painter_1.Painter();
            this.decoder = new decoder_1.Decoder((picture, packet) => this.take(picture, packet), (packet, error) => this.fail(error, packet));
            this.outbox = new outbox_1.Outbox((drawn, events) => this.model.trigger_event(new pane_events_1.PaneReport(drawn, events)));
            this.hand = new hand_1.Hand(this, () => this.settled_look(), (look) => this.show_look(look));
            this.capture = new capture_1.Capture(this, this.hand, (event) => this.tell(event), () => this.may_steer(), () => this.show_state(), () => this.reset());
            this.figures = new figures_1.Figures(() => this.model.figures, () => this.painter.shown);
            this.toolbar = new toolbar_1.Toolbar({
                fit: (fit) => this.show_look((0, geometry_1.first_look)(fit)),
                zoom_in: () => this.hand.zoom_in(),
                zoom_out: () => this.hand.zoom_out(),
                reset: () => this.reset(),
                tool: (tool) => this.choose_tool(tool),
                freeze: () => this.freeze(),
                save: () => void this.save(),
                full_screen: () => void (0, parts_1.toggle_full_screen)(this.el),
                figures: () => this.model.show_figures = !this.model.show_figures,
                take_control: () => {
                    this.canvas.focus();
                    this.model.trigger_event(new pane_events_1.TakeControl());
                },
            });
            this.sizes = new size_teller_1.SizeTeller(({ width, height, ratio }, is_new) => {
                this.model.trigger_event(new pane_events_1.PaneSize(width, height, ratio, (this.rect()?.width ?? 0) / ratio));
                if (is_new) {
                    this.outbox.put({ event: "resize", time_ms: (0, steer_1.now_ms)(), width, height, ratio });
                }
            });
            this.observer = new ResizeObserver((entries) => this.resize(entries[entries.length - 1]));
            this.look = (0, geometry_1.first_look)("fit");
            this.tool = "steer";
            this.frozen = false;
            this.newest = null; // came while frozen
            this.ground = "#000";
        }
        get canvas() {
            return this.painter.canvas;
        }
        initialize() {
            super.initialize();
            const { argument, fit } = this.model;
            this.address = new look_address_1.LookAddress(argument, fit, (look) => this.show_look(look), this.stop.signal);
            this.look = this.address.read() ?? (0, geometry_1.first_look)(this.model.fit);
            this.model.fit = this.look.fit;
            this.capture.connect(this.stop.signal);
            this.el.addEventListener("fullscreenchange", () => this.show_state(), { signal: this.stop.signal });
            const again = () => (0, size_teller_1.observe)(this.observer, this.stage); // what it misses: another ratio alone, in some browsers
            addEventListener("resize", again, { signal: this.stop.signal });
            (0, inks_1.on_theme)(() => this.read_ground(), this.stop.signal);
        }
        connect_signals() {
            super.connect_signals();
            const { frame, fit, steering, holder_text, program, stale, show_figures, empty_html, notice } = this.model.properties;
            this.on_change(frame, () => this.receive());
            this.on_change(fit, () => {
                if (this.look.fit != this.model.fit) {
                    this.show_look((0, geometry_1.first_look)(this.model.fit));
                }
            });
            this.on_change([steering, holder_text, program, stale, notice], () => this.show_state());
            this.on_change(show_figures, () => {
                this.figures.show(this.model.show_figures);
                this.show_state();
            });
            this.on_change(empty_html, () => this.show_empty());
        }
        stylesheets() {
            return [...super.stylesheets(), style_1.PANE_CSS];
        }
        render() {
            super.render();
            const { canvas, stage, middle, notes, lesson, toolbar, figures } = this;
            canvas.tabIndex = 0;
            canvas.setAttribute("role", "application"); // it has keys of its own
            middle.replaceChildren(this.stale.el);
            notes.replaceChildren(this.frozen_words.el, this.notice.el, this.problem.el);
            stage.replaceChildren(canvas, lesson, figures.el, middle, notes);
            this.shadow_el.append(toolbar.el, stage);
            figures.show(this.model.show_figures);
            (0, size_teller_1.observe)(this.observer, stage);
            this.show_empty();
            this.show_state();
            this.receive();
        }
        remove() {
            this.stop.abort();
            this.observer.disconnect();
            this.sizes.end();
            this.decoder.end();
            this.outbox.end();
            this.figures.end();
            this.painter.end();
            super.remove();
        }
        // Where the picture lies in the canvas, in device pixels.
        rect() {
            const { canvas, painter: { frame } } = this;
            return frame == null || canvas.width == 0 ? null : (0, geometry_1.place)(canvas, frame, this.settled_look());
        }
        frame() {
            return this.painter.frame;
        }
        at({ clientX, clientY }) {
            const { canvas } = this;
            const box = canvas.getBoundingClientRect();
            return {
                x: (clientX - box.left) * canvas.width / Math.max(box.width, 1),
                y: (clientY - box.top) * canvas.height / Math.max(box.height, 1),
            };
        }
        receive() {
            const { frame } = this.model;
            if (frame.byteLength == 0) {
                this.clear();
                return;
            }
            try {
                this.arrive((0, packet_1.decode)(frame));
            }
            catch (error) {
                this.fail(error);
            }
        }
        arrive(packet) {
            if (this.frozen) {
                this.newest = packet;
                this.outbox.acknowledge(packet.number);
            }
            else {
                this.decoder.take(packet);
            }
        }
        clear() {
            this.newest = null;
            this.decoder.drop();
            this.painter.end();
            this.say_problem("");
            this.show_empty();
            this.show_state();
        }
        take(picture, packet) {
            if (this.frozen) {
                picture.image.close();
                if (this.newest == null) { // otherwise one behind it is acknowledged already
                    this.newest = packet;
                    this.outbox.acknowledge(packet.number);
                }
                return;
            }
            const before = this.painter.frame;
            this.painter.take(picture, packet);
            this.draw();
            const now = performance.now();
            this.outbox.acknowledge(packet.number);
            this.figures.note(packet.age_ms + now - packet.came_ms, packet.jpeg.byteLength);
            this.say_problem("");
            const detail = { number: packet.number, time: performance.timeOrigin + now };
            this.el.dispatchEvent(new CustomEvent("lorgnette_drawn", { detail }));
            if (before?.width != packet.width || before.height != packet.height) {
                this.show_empty();
                this.show_state();
                this.sizes.soon();
            }
        }
        fail(error, packet) {
            const reason = error instanceof Error ? error.message : String(error);
            this.say_problem(`A picture could not be read: ${reason}. The one before it stays.`);
            if (packet != null) {
                this.outbox.acknowledge(packet.number);
            }
        }
        say_problem(text) {
            if (this.model.problem != text) {
                this.model.problem = text;
                if (text != "") {
                    console.warn(text);
                }
            }
            this.problem.say(text);
        }
        draw() {
            this.painter.draw(this.rect(), this.ground);
        }
        read_ground() {
            this.ground = getComputedStyle(this.stage).backgroundColor;
            this.draw();
        }
        // The look as the size of pane and frame allow it.
        settled_look() {
            const { frame } = this.painter;
            return frame == null ? this.look : (0, geometry_1.settled)(this.canvas, frame, this.look);
        }
        show_look(look) {
            this.look = look;
            this.model.fit = look.fit;
            this.address.write_soon(this.look);
            this.draw();
            this.show_state();
            this.sizes.soon();
        }
        reset() {
            this.show_look((0, geometry_1.first_look)(this.look.fit));
        }
        choose_tool(tool) {
            this.tool = tool;
            this.canvas.focus(); // what was chosen can begin
            this.show_state();
        }
        freeze() {
            this.frozen = !this.frozen;
            this.frozen_words.say(this.frozen ? `frozen at ${(0, parts_1.clock)()}` : "");
            if (!this.frozen && this.newest != null) {
                this.decoder.take(this.newest);
            }
            this.newest = null;
            this.show_state();
        }
        async save() {
            const blob = await this.painter.to_png();
            if (blob != null) {
                (0, parts_1.save_file)(blob, `${this.model.file_name.replace(/\.png$/i, "")}.png`);
            }
        }
        is_open() {
            return this.model.steering == "you" || this.model.steering == "free";
        }
        tell(event) {
            if (this.is_open()) { // nobody else has a say
                this.outbox.put(event);
            }
        }
        may_steer() {
            return this.is_open() && this.tool == "steer" && !this.frozen && this.painter.frame != null;
        }
        show_state() {
            this.capture.update();
            const { captured } = this.capture;
            const { painter: { frame }, canvas, look, model } = this;
            const percent = frame == null || canvas.width == 0 ? 0 : 100 * (0, geometry_1.scale_of)(canvas, frame, look);
            const [moves, open] = [!this.may_steer(), this.is_open() && !this.frozen];
            this.stage.classList.toggle("captured", captured);
            this.stage.classList.toggle("old", model.stale != "" && frame != null);
            this.stage.classList.toggle("grab", moves && frame != null);
            this.stage.classList.toggle("holds", captured || frame != null && moves && (0, geometry_1.is_larger)(canvas, frame, look));
            this.stale.say(model.stale);
            this.notice.say(model.notice);
            canvas.setAttribute("aria-label", `Picture of ${model.program}. ${this.words()}`);
            this.toolbar.show({
                fit: look.fit, percent, tool: open ? this.tool : "move", may_steer: open, frozen: this.frozen,
                figures: model.show_figures, full: document.fullscreenElement != null, mark: this.words(), captured,
                can_take: model.steering == "other",
            });
        }
        words() {
            const { steering, program, holder_text } = this.model;
            const { captured } = this.capture;
            return (0, parts_1.mark)({
                steering, program, holder_text, captured, shown: this.painter.frame != null, may_steer: this.may_steer(),
            });
        }
        show_empty() {
            const shown = this.painter.frame != null;
            this.lesson.innerHTML = shown ? "" : this.model.empty_html;
            this.lesson.hidden = shown;
            this.canvas.hidden = !shown;
        }
        resize(entry) {
            const { width, height } = entry.contentRect;
            this.painter.resize((0, size_teller_1.device_size)(entry));
            this.read_ground();
            this.show_state();
            this.sizes.set({ width, height, ratio: devicePixelRatio });
        }
    }
    exports.FramePaneView = FramePaneView;
    FramePaneView.__name__ = "FramePaneView";
    /* Draws the newest picture of a program and tells what is done in it. */
    class FramePane extends ui_element_1.UIElement {
        constructor(attrs) {
            super(attrs);
        }
    }
    exports.FramePane = FramePane;
    _a = FramePane;
    FramePane.__name__ = "FramePane";
    FramePane.__module__ = "lorgnette.panes.frame_pane.frame_pane";
    (() => {
        _a.prototype.default_view = FramePaneView;
        _a.define(({ Bool, Bytes, Dict, Float, Str }) => ({
            frame: [Bytes, () => new ArrayBuffer(0)],
            fit: [(0, kinds_1.Enum)("fit", "fill", "actual"), "fit"],
            steering: [(0, kinds_1.Enum)("you", "free", "other", "none"), "none"],
            holder_text: [Str, ""],
            program: [Str, "the program"],
            stale: [Str, ""],
            show_figures: [Bool, false],
            figures: [Dict(Float), {}],
            empty_html: [Str, ""],
            notice: [Str, ""],
            file_name: [Str, "frame"],
            argument: [Str, "view"],
            problem: [Str, ""],
        }));
    })();
},
"bbc21a79e2": /* panes/frame_pane/capture.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    const keyboard_1 = require("b1c37bb007") /* ./keyboard */;
    const steer_1 = require("bb223db45f") /* ./steer */;
    class Capture {
        /* `may_steer` says whether events are wanted at all; `changed` is called when the capture begins or ends. */
        constructor(stage, hand, put, may_steer, changed, reset) {
            this.captured = false;
            this.focused = false;
            this.last_pointer = null; // within the picture, null while it is elsewhere
            this.stage = stage;
            this.hand = hand;
            this.put = put;
            this.may_steer = may_steer;
            this.changed = changed;
            this.reset = reset;
            this.steer = new steer_1.Steer(stage, put);
            this.keyboard = new keyboard_1.Keyboard(put, () => this.stage.canvas.blur());
        }
        connect(signal) {
            const { canvas } = this.stage;
            const on = (name, listener) => canvas.addEventListener(name, listener, { signal, passive: false });
            on("focus", () => this.focus(true));
            on("blur", () => this.focus(false));
            on("pointerdown", (event) => this.down(event));
            on("pointermove", (event) => {
                this.last_pointer = event;
                this.captured ? this.steer.move(event) : this.hand.move(event);
            });
            on("pointerup", (event) => this.captured ? this.steer.up(event) : this.hand.up(event));
            on("pointercancel", (event) => this.captured ? this.steer.cancel(event) : this.hand.up(event));
            on("pointerenter", (event) => this.enter(event));
            on("pointerleave", (event) => this.leave(event));
            on("wheel", (event) => this.wheel(event));
            on("keydown", (event) => this.key(event));
            on("keyup", (event) => this.captured ? this.keyboard.up(event) : undefined);
            // What browsers do with buttons: menus, scrolling by the middle one, going back, pasting.
            for (const name of ["contextmenu", "auxclick", "mousedown", "mouseup", "dragstart"]) {
                on(name, (event) => this.captured ? event.preventDefault() : undefined);
            }
        }
        // Begin or end, after anything that matters has changed.
        update() {
            const captured = this.focused && this.may_steer();
            if (captured == this.captured) {
                return;
            }
            this.captured = captured;
            this.hand.let_go();
            this.steer.let_go();
            this.keyboard.let_go();
            this.put({ event: captured ? "focus" : "blur", time_ms: (0, steer_1.now_ms)() });
            if (captured && this.last_pointer != null && this.last_pointer.pointerType != "touch") {
                this.steer.enter(this.last_pointer);
            }
            this.changed();
        }
        focus(focused) {
            this.focused = focused;
            this.update();
        }
        down(event) {
            // A finger that is put down on a page may want to scroll it; the tap itself brings the focus.
            if (event.pointerType != "touch" && !this.focused) {
                this.last_pointer = event;
                this.stage.canvas.focus({ preventScroll: true });
            }
            if (this.captured) {
                this.steer.down(event);
            }
            else {
                this.hand.down(event);
            }
        }
        enter(event) {
            this.last_pointer = event;
            if (this.captured && event.pointerType != "touch") {
                this.steer.enter(event);
            }
        }
        leave(event) {
            this.last_pointer = null;
            if (this.captured) {
                this.steer.leave(event);
            }
        }
        // The page scrolls as always until the picture is meant.
        wheel(event) {
            if (this.captured) {
                this.steer.wheel(event);
            }
            else if (this.focused || event.ctrlKey) {
                this.hand.wheel(event);
            }
        }
        key(event) {
            if (this.captured) {
                this.keyboard.down(event);
            }
            else if (event.key == "Escape") {
                this.stage.canvas.blur();
            }
            else if (this.hand.key(event, this.reset)) {
                event.preventDefault();
                event.stopPropagation();
            }
        }
    }
    exports.Capture = Capture;
    Capture.__name__ = "Capture";
},
"b1c37bb007": /* panes/frame_pane/keyboard.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    const steer_1 = require("bb223db45f") /* ./steer */;
    const BROWSERS = ["F5", "F11", "F12"];
    const BROWSERS_WITH_CONTROL = ["l", "n", "r", "t", "w"];
    // Reloading, tabs and the address stay with the browser, which keeps most of them anyway.
    function is_browsers(event) {
        const control = event.ctrlKey || event.metaKey;
        return BROWSERS.includes(event.key) || control && BROWSERS_WITH_CONTROL.includes(event.key.toLowerCase());
    }
    class Keyboard {
        constructor(put, escape) {
            this.held = new Map(); // by the place on the keyboard what it types
            this.put = put;
            this.escape = escape;
        }
        // Nothing is pressed any more; the program is told so by "blur".
        let_go() {
            this.held.clear();
        }
        down(event) {
            if (event.isComposing || is_browsers(event)) {
                return;
            }
            event.preventDefault();
            event.stopPropagation();
            if (event.key == "Escape") {
                this.escape();
                return;
            }
            const { key, code, repeat } = event;
            this.held.set(code || key, key);
            this.tell("keydown", event, { key, code, ...(repeat ? { repeat } : {}) });
        }
        up(event) {
            event.stopPropagation();
            const place = event.code || event.key;
            if (this.held.delete(place)) { // of others the press went elsewhere
                event.preventDefault();
                this.tell("keyup", event, { key: event.key, code: event.code });
            }
            if (event.key == "Meta") { // some systems say nothing of keys that are released before it
                for (const [code, key] of this.held) {
                    this.tell("keyup", event, { key, code });
                }
                this.held.clear();
            }
        }
        tell(name, event, more) {
            this.put({ event: name, time_ms: (0, steer_1.time_ms)(event), ...more, ...(0, steer_1.modifiers_of)(event) });
        }
    }
    exports.Keyboard = Keyboard;
    Keyboard.__name__ = "Keyboard";
},
"bb223db45f": /* panes/frame_pane/steer.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.time_ms = time_ms;
    exports.now_ms = now_ms;
    exports.modifiers_of = modifiers_of;
    exports.hold = hold;
    // Mouse, pen, wheel and touch in the picture, told to the program. lorgnette/input.py documents names and fields.
    const fingers_1 = require("35baa20627") /* ./fingers */;
    const geometry_1 = require("80f1f1a40b") /* ./geometry */;
    const BITS = [1, 4, 2, 8, 16, 32]; // of `buttons`, by the number of the button
    const LINE_PX = 40; // of a wheel that counts lines
    // Milliseconds since 1970, by the browser's clock.
    function time_ms(event) {
        return Math.round((performance.timeOrigin + event.timeStamp) * 100) / 100;
    }
    function now_ms() {
        return time_ms({ timeStamp: performance.now() });
    }
    function modifiers_of(event) {
        const { shiftKey, ctrlKey, altKey, metaKey } = event;
        const names = Object.entries({ shift: shiftKey, ctrl: ctrlKey, alt: altKey, meta: metaKey })
            .filter(([, down]) => down).map(([name]) => name);
        return names.length == 0 ? {} : { modifiers: names };
    }
    function rounded(value, digits) {
        return Number(value.toFixed(digits));
    }
    // A drag goes on outside of the picture.
    function hold(canvas, event) {
        try {
            canvas.setPointerCapture(event.pointerId);
        }
        catch { } // it is up already
    }
    class Steer {
        constructor(stage, put) {
            this.fingers = new fingers_1.Fingers();
            this.finger = null; // the one that counts as a pressed left button
            this.buttons = 0; // that were pressed here
            this.last = { x: 0, y: 0 };
            this.stage = stage;
            this.put = put;
        }
        // Nothing is pressed any more; the program is told so by "blur".
        let_go() {
            this.buttons = 0;
            this.finger = null;
            this.fingers.clear();
        }
        down(event) {
            hold(this.stage.canvas, event);
            if (event.pointerType == "touch") {
                this.touch(event);
            }
            else {
                this.change_buttons(event);
            }
        }
        move(event) {
            if (event.pointerType == "touch") {
                this.drag(event);
            }
            else if (this.buttons != 0 && event.buttons != this.buttons) {
                this.change_buttons(event); // a further button makes no event of its own
            }
            else if (event.buttons == this.buttons) { // otherwise the drag began elsewhere
                this.tell("pointermove", event, { buttons: this.buttons });
            }
        }
        up(event) {
            if (event.pointerType == "touch") {
                this.lift(event);
            }
            else if (this.buttons != 0) {
                this.change_buttons(event);
            }
        }
        // The browser took the pointer away: what was pressed counts as released where it was last.
        cancel(event) {
            if (event.pointerType == "touch") {
                this.lift(event);
            }
            else {
                this.release(event, this.buttons);
            }
        }
        enter(event) {
            this.tell("pointerenter", event, { buttons: this.buttons });
        }
        leave(event) {
            if (this.buttons == 0 && event.pointerType != "touch") {
                this.tell("pointerleave", event, { buttons: 0 });
            }
        }
        wheel(event) {
            event.preventDefault();
            const { deltaMode, DOM_DELTA_LINE, DOM_DELTA_PAGE } = event;
            const page_px = this.stage.canvas.clientHeight;
            const unit = deltaMode == DOM_DELTA_LINE ? LINE_PX : deltaMode == DOM_DELTA_PAGE ? page_px : 1;
            const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
            this.tell("wheel", event, { dx: rounded(dx, 2), dy: rounded(dy, 2), buttons: this.buttons });
        }
        change_buttons(event) {
            const now = event.buttons;
            const pressed = now & ~this.buttons;
            this.release(event, this.buttons & ~now);
            BITS.forEach((bit, button) => {
                if ((pressed & bit) != 0) {
                    this.buttons |= bit;
                    this.tell("pointerdown", event, { button, buttons: this.buttons });
                }
            });
        }
        release(event, released) {
            BITS.forEach((bit, button) => {
                if ((released & bit) != 0) {
                    this.buttons &= ~bit;
                    this.tell("pointerup", event, { button, buttons: this.buttons });
                }
            });
        }
        touch(event) {
            this.fingers.down(event.pointerId, this.stage.at(event));
            if (this.fingers.count == 1) {
                this.finger = event.pointerId;
                this.buttons = 1;
                this.tell("pointerdown", event, { button: 0, buttons: 1 });
            }
            else if (this.fingers.middle != null && this.fingers.count == 2) {
                this.lift_finger(event, this.last);
                this.tell_pair(event, "start", 1, 0, { x: 0, y: 0 });
            }
        }
        drag(event) {
            const change = this.fingers.move(event.pointerId, this.stage.at(event));
            const rect = this.stage.rect();
            if (change != null && rect != null) {
                const { scale, rotation, moved } = change;
                this.tell_pair(event, "move", scale, rotation, { x: moved.x / rect.width, y: moved.y / rect.height });
            }
            else if (event.pointerId == this.finger) {
                this.tell("pointermove", event, { buttons: 1 });
            }
        }
        lift(event) {
            const middle = this.fingers.middle;
            if (this.fingers.up(event.pointerId)) {
                this.tell_pair(event, "end", 1, 0, { x: 0, y: 0 }, middle);
            }
            else if (event.pointerId == this.finger) {
                this.lift_finger(event, event.type == "pointercancel" ? this.last : this.stage.at(event));
            }
        }
        lift_finger(event, at) {
            if (this.finger != null) {
                this.finger = null;
                this.buttons = 0;
                this.tell("pointerup", event, { button: 0, buttons: 0 }, at);
            }
        }
        tell_pair(event, phase, scale, rotation, moved, at = this.fingers.middle) {
            const turned = { scale: rounded(scale, 6), rotation: rounded(rotation, 6) };
            this.tell("pinch", event, { phase, ...turned }, at);
            this.tell("pan", event, { phase, dx: rounded(moved.x, 6), dy: rounded(moved.y, 6) }, at);
        }
        tell(name, event, more, at) {
            const [rect, frame] = [this.stage.rect(), this.stage.frame()];
            if (rect == null || frame == null) {
                return;
            }
            const place = at ?? (event.type == "pointercancel" ? this.last : this.stage.at(event));
            this.last = place;
            const { x, y } = (0, geometry_1.to_picture)(rect, place);
            const { width, height } = frame;
            const pointer = event instanceof PointerEvent ? { pointer: event.pointerType } : {};
            this.put({
                event: name, time_ms: time_ms(event), x: rounded(x, 6), y: rounded(y, 6),
                px: rounded(x * width, 3), py: rounded(y * height, 3), width, height,
                ...more, ...modifiers_of(event), ...pointer,
            });
        }
    }
    exports.Steer = Steer;
    Steer.__name__ = "Steer";
},
"35baa20627": /* panes/frame_pane/fingers.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    const LEAST = 1; // fingers in one place have no direction
    class Fingers {
        constructor() {
            this.places = new Map();
            this.pair = null;
        }
        get count() {
            return this.places.size;
        }
        down(id, at) {
            this.places.set(id, at);
            if (this.places.size == 2) {
                const [a, b] = this.places.keys();
                this.pair = [a, b];
            }
        }
        // Null unless two fingers are at work and this is one of them.
        move(id, at) {
            if (!this.places.has(id)) {
                return null;
            }
            const before = this.ends();
            this.places.set(id, at);
            const now = this.ends();
            if (before == null || now == null || !this.pair.includes(id)) {
                return null;
            }
            const [from, to] = [middle_of(before), middle_of(now)];
            const turn = angle_of(now) - angle_of(before);
            return {
                middle: to,
                moved: { x: to.x - from.x, y: to.y - from.y },
                scale: distance_of(now) / distance_of(before),
                rotation: Math.atan2(Math.sin(turn), Math.cos(turn)),
            };
        }
        // Whether this ended the work of two fingers; those that stay do nothing until all are up.
        up(id) {
            const was_pair = this.pair?.includes(id) ?? false;
            this.places.delete(id);
            if (was_pair) {
                this.pair = null;
            }
            return was_pair;
        }
        clear() {
            this.places.clear();
            this.pair = null;
        }
        // Between two fingers, if there are two.
        get middle() {
            const ends = this.ends();
            return ends == null ? null : middle_of(ends);
        }
        ends() {
            return this.pair == null ? null : [this.places.get(this.pair[0]), this.places.get(this.pair[1])];
        }
    }
    exports.Fingers = Fingers;
    Fingers.__name__ = "Fingers";
    function middle_of([a, b]) {
        return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
    }
    function distance_of([a, b]) {
        return Math.max(Math.hypot(b.x - a.x, b.y - a.y), LEAST);
    }
    function angle_of([a, b]) {
        return Math.atan2(b.y - a.y, b.x - a.x);
    }
},
"80f1f1a40b": /* panes/frame_pane/geometry.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.first_look = first_look;
    exports.scale_of = scale_of;
    exports.place = place;
    exports.settled = settled;
    exports.to_picture = to_picture;
    exports.zoomed = zoomed;
    exports.moved = moved;
    exports.is_larger = is_larger;
    // Where the picture lies in the pane, as pure arithmetic. Lengths are device pixels, so that 1:1 is exact.
    exports.LEAST_ZOOM = 0.1;
    exports.MOST_ZOOM = 40;
    function first_look(fit) {
        return { fit, zoom: 1, x: 0.5, y: 0.5 };
    }
    function limited(value, least, most) {
        return Math.min(Math.max(value, least), most);
    }
    // Device pixels for one pixel of the frame.
    function scale_of(pane, frame, { fit, zoom }) {
        const [across, down] = [pane.width / frame.width, pane.height / frame.height];
        const base = fit == "actual" ? 1 : fit == "fit" ? Math.min(across, down) : Math.max(across, down);
        return base * zoom;
    }
    // Begins and ends on whole device pixels; events are reckoned with the very same rectangle.
    function place(pane, frame, look) {
        const scale = scale_of(pane, frame, look);
        const width = Math.max(Math.round(frame.width * scale), 1);
        const height = Math.max(Math.round(frame.height * scale), 1);
        const [x, y] = [Math.round(pane.width / 2 - look.x * width), Math.round(pane.height / 2 - look.y * height)];
        return { x, y, width, height };
    }
    // The nearest look without an empty border where there is picture for it; what is smaller than the pane is centred.
    function settled(pane, frame, look) {
        const zoom = limited(look.zoom, exports.LEAST_ZOOM, exports.MOST_ZOOM);
        const scale = scale_of(pane, frame, { ...look, zoom });
        const middle = (value, seen) => seen >= 1 ? 0.5 : limited(value, seen / 2, 1 - seen / 2);
        return {
            fit: look.fit, zoom,
            x: middle(look.x, pane.width / (frame.width * scale)),
            y: middle(look.y, pane.height / (frame.height * scale)),
        };
    }
    // 0..1 from the left and upper edge of the picture; outside of it less or more.
    function to_picture(rect, at) {
        return { x: (at.x - rect.x) / rect.width, y: (at.y - rect.y) / rect.height };
    }
    // Nearer or farther by a factor, around a place of the pane that keeps what it shows.
    function zoomed(pane, frame, look, factor, at) {
        const zoom = limited(look.zoom * factor, exports.LEAST_ZOOM, exports.MOST_ZOOM);
        const fixed = to_picture(place(pane, frame, look), at);
        const scale = scale_of(pane, frame, { ...look, zoom });
        return settled(pane, frame, {
            fit: look.fit, zoom,
            x: fixed.x + (pane.width / 2 - at.x) / (frame.width * scale),
            y: fixed.y + (pane.height / 2 - at.y) / (frame.height * scale),
        });
    }
    // The picture moved with the hand, by device pixels.
    function moved(pane, frame, look, by) {
        const scale = scale_of(pane, frame, look);
        return settled(pane, frame, {
            ...look, x: look.x - by.x / (frame.width * scale), y: look.y - by.y / (frame.height * scale),
        });
    }
    // Whether a drag could show anything else.
    function is_larger(pane, frame, look) {
        const { width, height } = place(pane, frame, look);
        return width > pane.width || height > pane.height;
    }
},
"6d9b67b0a5": /* panes/frame_pane/decoder.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    // The image decoder takes two thirds of the time, because no blob goes round by another process, but only pages of a
    // secure origin (localhost is one) have it, and it draws the colours of a JPEG a little coarser: not for a still.
    async function read({ jpeg, still }) {
        if (still || typeof ImageDecoder == "undefined") {
            const image = await createImageBitmap(new Blob([jpeg], { type: "image/jpeg" }));
            return { image, width: image.width, height: image.height };
        }
        const decoder = new ImageDecoder({ data: jpeg, type: "image/jpeg" });
        try {
            const { image } = await decoder.decode();
            return { image, width: image.displayWidth, height: image.displayHeight };
        }
        finally {
            decoder.close();
        }
    }
    const FRAME_MS = 250; // a page that the browser does not draw (hidden, or covered) goes on nevertheless
    class Decoder {
        /* `drawn` gets each picture and draws it at once; `failed` is told of bytes that are no picture. */
        constructor(drawn, failed) {
            this.waiting = null;
            this.busy = false;
            this.closed = false; // until the browser has put on the screen what was drawn last
            this.ended = false;
            this.turn = 0; // what was begun in another one is not wanted any more
            this.drawn = drawn;
            this.failed = failed;
        }
        take(packet) {
            this.waiting = packet;
            void this.work();
        }
        // Forget what waits or is being decoded.
        drop() {
            this.waiting = null;
            this.turn++;
        }
        end() {
            this.ended = true;
            this.drop();
        }
        async work() {
            const packet = this.waiting;
            if (packet == null || this.busy || this.closed || this.ended) {
                return;
            }
            this.waiting = null;
            this.busy = true;
            const { turn } = this;
            try {
                const picture = await read(packet);
                if (turn == this.turn) {
                    this.wait_for_screen();
                    this.drawn(picture, packet);
                }
                else {
                    picture.image.close();
                }
            }
            catch (error) {
                if (turn == this.turn) {
                    this.failed(packet, error);
                }
            }
            finally {
                this.busy = false;
            }
            void this.work();
        }
        // Without this a browser that draws slowly would be sent more than it can show.
        wait_for_screen() {
            this.closed = true;
            const open = () => {
                clearTimeout(timer);
                cancelAnimationFrame(frame);
                this.closed = false;
                void this.work();
            };
            const frame = requestAnimationFrame(open);
            const timer = setTimeout(open, FRAME_MS);
        }
    }
    exports.Decoder = Decoder;
    Decoder.__name__ = "Decoder";
},
"be08192f9f": /* panes/frame_pane/figures.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    const WINDOW_MS = 3000;
    const REFRESH_MS = 500;
    const MOST = 1000; // pictures that are remembered
    function size(bytes) {
        return bytes < 1e6 ? `${(bytes / 1e3).toPrecision(3)} kB` : `${(bytes / 1e6).toPrecision(3)} MB`;
    }
    function span(ms) {
        return ms < 1000 ? `${Math.round(ms)} ms` : ms < 60000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
    }
    function rate(kbit_per_s) {
        return kbit_per_s < 1000 ? `${Math.round(kbit_per_s)} kbit/s` : `${(kbit_per_s / 1000).toPrecision(3)} Mbit/s`;
    }
    class Figures {
        constructor(told, shown) {
            this.el = document.createElement("dl");
            this.drawn = [];
            this.told = told;
            this.shown = shown;
            this.el.className = "figures";
            this.el.hidden = true;
        }
        note(age_ms, bytes) {
            this.drawn.push({ at_ms: performance.now(), age_ms, bytes });
            if (this.drawn.length > MOST) {
                this.drawn = this.recent();
            }
        }
        show(visible) {
            this.el.hidden = !visible;
            clearInterval(this.timer);
            if (visible) {
                this.timer = setInterval(() => this.fill(), REFRESH_MS);
                this.fill();
            }
        }
        end() {
            clearInterval(this.timer);
        }
        recent() {
            const since = performance.now() - WINDOW_MS;
            const recent = this.drawn.filter(({ at_ms }) => at_ms >= since).slice(-MOST / 2);
            return recent.length == 0 ? this.drawn.slice(-1) : recent;
        }
        fill() {
            this.drawn = this.recent();
            const { told: get_told } = this;
            const told = get_told();
            const link = (name) => (told instanceof Map ? told.get(name) : told[name]) ?? null;
            const rows = [];
            const shown = this.shown();
            const last = this.drawn.at(-1);
            if (shown != null && last != null) {
                const now = performance.now();
                const lasting = this.drawn.filter(({ at_ms }) => now - at_ms < WINDOW_MS);
                const delay = last.age_ms + (link("rtt_ms") ?? 0) / 2; // the way here is in no clock of ours
                rows.push(["Drawn", `${(lasting.length / (WINDOW_MS / 1000)).toFixed(1)} frames/s`], ["Delay", span(delay)], ["Age", span(delay + now - last.at_ms)], ["Frame", `${shown.width} × ${shown.height}`], ["Sent", `${shown.sent_width} × ${shown.sent_height}, ${size(last.bytes)}${shown.still ? ", still" : ""}`], ["Received", rate(lasting.reduce((sum, { bytes }) => sum + bytes, 0) * 8 / WINDOW_MS)]);
            }
            const [rtt, kbit, published] = [link("rtt_ms"), link("kbit_per_s"), link("rate_hz")];
            if (kbit != null) {
                rows.push(["Link", rate(kbit)]);
            }
            if (rtt != null) {
                rows.push(["Round trip", span(rtt)]);
            }
            if (published != null) {
                rows.push(["Published", `${published.toFixed(1)} frames/s`]);
            }
            this.el.replaceChildren(...rows.flatMap(([name, value]) => {
                const [term, text] = [document.createElement("dt"), document.createElement("dd")];
                term.textContent = name;
                text.textContent = value;
                return [term, text];
            }));
        }
    }
    exports.Figures = Figures;
    Figures.__name__ = "Figures";
},
"20b8945405": /* panes/frame_pane/hand.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    // The picture moved and zoomed in its pane, by wheel, drag, two fingers and keys, while the program is not steered.
    const fingers_1 = require("35baa20627") /* ./fingers */;
    const geometry_1 = require("80f1f1a40b") /* ./geometry */;
    const steer_1 = require("bb223db45f") /* ./steer */;
    const WHEEL_FACTOR = 0.002; // of the logarithm of the zoom, for a pixel of the wheel
    const STEP = 1.25;
    const LINE_PX = 40;
    const ARROW_PX = 40;
    const ARROWS = {
        ArrowLeft: { x: ARROW_PX, y: 0 }, ArrowRight: { x: -ARROW_PX, y: 0 },
        ArrowUp: { x: 0, y: ARROW_PX }, ArrowDown: { x: 0, y: -ARROW_PX },
    };
    class Hand {
        constructor(stage, look, show) {
            this.fingers = new fingers_1.Fingers();
            this.dragging = null;
            this.last = { x: 0, y: 0 };
            this.stage = stage;
            this.look = look;
            this.show = show;
        }
        let_go() {
            this.dragging = null;
            this.fingers.clear();
        }
        down(event) {
            if (event.button != 0) {
                return;
            }
            const at = this.stage.at(event);
            (0, steer_1.hold)(this.stage.canvas, event);
            this.last = at;
            if (event.pointerType == "touch") {
                this.fingers.down(event.pointerId, at);
            }
            this.dragging = this.fingers.count > 1 ? null : event.pointerId;
        }
        move(event) {
            const at = this.stage.at(event);
            const change = this.fingers.move(event.pointerId, at);
            const frame = this.stage.frame();
            if (frame != null && change != null) {
                const pane = this.stage.canvas;
                const { middle, moved: by, scale } = change;
                const before = { x: middle.x - by.x, y: middle.y - by.y };
                this.show((0, geometry_1.moved)(pane, frame, (0, geometry_1.zoomed)(pane, frame, this.look(), scale, before), by));
            }
            else if (event.pointerId == this.dragging) {
                this.shift({ x: at.x - this.last.x, y: at.y - this.last.y });
                this.last = at;
            }
        }
        up(event) {
            this.fingers.up(event.pointerId);
            if (event.pointerId == this.dragging) {
                this.dragging = null;
            }
        }
        wheel(event) {
            event.preventDefault();
            const unit = event.deltaMode == 0 ? 1 : event.deltaMode == 1 ? LINE_PX : this.stage.canvas.clientHeight;
            this.zoom(Math.exp(-event.deltaY * unit * WHEEL_FACTOR), this.stage.at(event));
        }
        // Whether it was one of the keys that move the picture.
        key(event, reset) {
            if (event.ctrlKey || event.metaKey || event.altKey) {
                return false;
            }
            const by = ARROWS[event.key];
            if (by != null) {
                this.shift({ x: by.x * devicePixelRatio, y: by.y * devicePixelRatio });
            }
            else if (event.key == "+" || event.key == "=") {
                this.zoom(STEP);
            }
            else if (event.key == "-") {
                this.zoom(1 / STEP);
            }
            else if (event.key == "0") {
                reset();
            }
            else {
                return false;
            }
            return true;
        }
        zoom_in() {
            this.zoom(STEP);
        }
        zoom_out() {
            this.zoom(1 / STEP);
        }
        zoom(factor, at) {
            const frame = this.stage.frame();
            if (frame != null) {
                const pane = this.stage.canvas;
                this.show((0, geometry_1.zoomed)(pane, frame, this.look(), factor, at ?? { x: pane.width / 2, y: pane.height / 2 }));
            }
        }
        shift(by) {
            const frame = this.stage.frame();
            if (frame != null) {
                this.show((0, geometry_1.moved)(this.stage.canvas, frame, this.look(), by));
            }
        }
    }
    exports.Hand = Hand;
    Hand.__name__ = "Hand";
},
"e03aed95b4": /* panes/frame_pane/look_address.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.write_look = write_look;
    exports.read_look = read_look;
    // Fit, zoom and place of the picture in the page's address: `fill`, or `fit_2.5_0.31_0.7`.
    const geometry_1 = require("80f1f1a40b") /* ./geometry */;
    // Browsers allow about a hundred changes of the address in half a minute; a wheel makes more.
    const WRITE_MS = 400;
    function write_look({ fit, zoom, x, y }) {
        return zoom == 1 && x == 0.5 && y == 0.5 ? fit : [fit, ...[zoom, x, y].map((value) => +value.toFixed(4))].join("_");
    }
    // Null of what is nothing of the kind.
    function read_look(text) {
        const [fit, ...numbers] = text?.split("_") ?? [];
        if (!["fit", "fill", "actual"].includes(fit)) {
            return null;
        }
        if (numbers.length == 0) {
            return (0, geometry_1.first_look)(fit);
        }
        const [zoom, x, y] = numbers.map(Number);
        const is_part = (value) => value >= 0 && value <= 1;
        const is_sound = numbers.length == 3 && zoom >= geometry_1.LEAST_ZOOM && zoom <= geometry_1.MOST_ZOOM;
        return is_sound && is_part(x) && is_part(y) ? { fit: fit, zoom, x, y } : null;
    }
    class LookAddress {
        constructor(name, usual, followed, signal) {
            this.text = ""; // what is to be written
            this.name = name;
            this.usual = usual;
            if (name != "") {
                addEventListener("popstate", () => {
                    clearTimeout(this.timer);
                    this.timer = undefined;
                    followed(this.read() ?? (0, geometry_1.first_look)(usual));
                }, { signal });
                addEventListener("pagehide", () => this.write(), { signal });
                signal.addEventListener("abort", () => clearTimeout(this.timer));
            }
        }
        read() {
            return this.name == "" ? null : read_look(new URLSearchParams(location.search).get(this.name));
        }
        write_soon(look) {
            this.text = write_look(look);
            if (this.name != "") {
                this.timer ?? (this.timer = setTimeout(() => this.write(), WRITE_MS));
            }
        }
        write() {
            if (this.timer == null) {
                return;
            }
            clearTimeout(this.timer);
            this.timer = undefined;
            const query = new URLSearchParams(location.search);
            const text = this.text == this.usual ? null : this.text;
            if (query.get(this.name) == text) {
                return;
            }
            if (text == null) {
                query.delete(this.name);
            }
            else {
                query.set(this.name, text);
            }
            const rest = query.toString();
            history.replaceState(history.state, "", `${location.pathname}${rest == "" ? "" : `?${rest}`}${location.hash}`);
        }
    }
    exports.LookAddress = LookAddress;
    LookAddress.__name__ = "LookAddress";
},
"217e066b4f": /* panes/frame_pane/packet.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.decode = decode;
    // A picture as it comes: a header of 32 bytes and a JPEG. The server's half, with the layout, is in packet.py.
    const MAGIC = 0x5246474c; // "LGFR", little-endian
    const VERSION = 1;
    const STILL = 1;
    const HEADER_BYTES = 32;
    class PacketError extends Error {
    }
    exports.PacketError = PacketError;
    PacketError.__name__ = "PacketError";
    function decode(buffer) {
        if (buffer.byteLength <= HEADER_BYTES) {
            throw new PacketError(`it has ${buffer.byteLength} bytes, which is no more than its header`);
        }
        const view = new DataView(buffer);
        const version = view.getUint16(4, true);
        if (view.getUint32(0, true) != MAGIC || version != VERSION) {
            throw new PacketError("it begins like something else; load the page anew if the server was updated");
        }
        const number = Number(view.getBigUint64(8, true));
        const [width, height] = [view.getUint32(24, true), view.getUint32(28, true)];
        if (number == 0 || width == 0 || height == 0) {
            throw new PacketError(`its number is ${number}, its size ${width} × ${height} pixels`);
        }
        return {
            number, width, height,
            age_ms: view.getFloat64(16, true),
            came_ms: performance.now(),
            still: (view.getUint16(6, true) & STILL) != 0,
            jpeg: new Uint8Array(buffer, HEADER_BYTES),
        };
    }
},
"a326ef0090": /* panes/frame_pane/painter.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    const CLEAR_SCALE = 4; // from so many device pixels for one of the picture on, single pixels are meant to be seen
    class Painter {
        constructor() {
            this.canvas = document.createElement("canvas");
            this.context = this.canvas.getContext("2d", { alpha: false });
            this.picture = null;
            this.packet = null; // of what is shown
        }
        // Of the frame as it was published; null before the first picture.
        get frame() {
            return this.packet;
        }
        get shown() {
            const { picture, packet } = this;
            if (picture == null || packet == null) {
                return null;
            }
            const { width, height, still } = packet;
            return { width, height, sent_width: picture.width, sent_height: picture.height, still };
        }
        take(picture, packet) {
            this.picture?.image.close();
            this.picture = picture;
            this.packet = packet;
        }
        resize({ width, height }) {
            if (this.canvas.width != width || this.canvas.height != height) {
                this.canvas.width = width;
                this.canvas.height = height;
            }
        }
        draw(rect, ground) {
            const { canvas, context, picture } = this;
            const covered = rect != null && rect.x <= 0 && rect.y <= 0 &&
                rect.x + rect.width >= canvas.width && rect.y + rect.height >= canvas.height;
            if (picture == null || !covered) {
                context.fillStyle = ground;
                context.fillRect(0, 0, canvas.width, canvas.height);
            }
            if (picture != null && rect != null) {
                const scale = rect.width / picture.width;
                context.imageSmoothingEnabled = scale != 1 && scale < CLEAR_SCALE;
                context.drawImage(picture.image, rect.x, rect.y, rect.width, rect.height);
            }
        }
        // The picture at the size at which it was published, as a PNG file.
        async to_png() {
            const { picture, packet } = this;
            if (picture == null || packet == null) {
                return null;
            }
            const canvas = new OffscreenCanvas(packet.width, packet.height);
            canvas.getContext("2d", { alpha: false }).drawImage(picture.image, 0, 0, packet.width, packet.height);
            return canvas.convertToBlob({ type: "image/png" });
        }
        end() {
            this.picture?.image.close();
            this.picture = null;
            this.packet = null;
        }
    }
    exports.Painter = Painter;
    Painter.__name__ = "Painter";
},
"525487365f": /* panes/frame_pane/outbox.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    // What goes to the server: acknowledgements and events, in order, in as few messages as may be.
    const MERGED = ["pointermove", "wheel", "pinch", "pan"]; // of these only one waits
    class Outbox {
        constructor(send) {
            this.drawn = 0;
            this.ready = [];
            this.waiting = new Map();
            this.leaving = false;
            this.frame = null;
            this.send = send;
        }
        // All pictures up to this one are drawn, or will not be.
        acknowledge(number) {
            this.drawn = number;
            this.flush_soon();
        }
        /* Moves and the like wait for the next animation frame, and the newest takes the place of the one before (of wheels
         * and of two fingers the sum does). All else leaves at once, behind what waits. */
        put(event) {
            if (!MERGED.includes(event.event) || "phase" in event && event.phase != "move") {
                this.move_on();
                this.ready.push(event);
                this.flush_soon();
                return;
            }
            const before = this.waiting.get(event.event);
            if (before != null && !are_alike(before, event)) {
                this.move_on();
                this.flush_soon();
            }
            this.waiting.set(event.event, merged(this.waiting.get(event.event), event));
            this.frame ?? (this.frame = requestAnimationFrame(() => {
                this.frame = null;
                this.flush();
            }));
        }
        end() {
            if (this.frame != null) {
                cancelAnimationFrame(this.frame);
            }
        }
        move_on() {
            this.ready.push(...this.waiting.values());
            this.waiting.clear();
        }
        // At the end of the present task: what the same moment brings goes into one message.
        flush_soon() {
            if (!this.leaving) {
                this.leaving = true;
                queueMicrotask(() => this.flush());
            }
        }
        flush() {
            this.leaving = false;
            this.move_on();
            if (this.drawn != 0 || this.ready.length != 0) {
                const drawn = this.drawn;
                this.drawn = 0;
                this.send(drawn, this.ready.splice(0));
            }
        }
    }
    exports.Outbox = Outbox;
    Outbox.__name__ = "Outbox";
    // With other buttons or modifiers it means something else.
    function are_alike(a, b) {
        return a.buttons == b.buttons && a.pointer == b.pointer && String(a.modifiers) == String(b.modifiers);
    }
    function merged(before, event) {
        const sum = (name) => before?.[name] + event[name];
        if (before == null || event.event == "pointermove") {
            return event;
        }
        if (event.event == "pinch") {
            return { ...event, scale: before.scale * event.scale, rotation: sum("rotation") };
        }
        return { ...event, dx: sum("dx"), dy: sum("dy") };
    }
},
"e1830cd6c6": /* panes/frame_pane/pane_events.js */ function _(require, module, exports, __esModule, __esExport) {
    var _a, _b, _c;
    __esModule();
    // What the pane says to the server.
    const bokeh_events_1 = require("@bokehjs/core/bokeh_events");
    class PaneReport extends bokeh_events_1.ModelEvent {
        constructor(drawn, events) {
            super();
            this.drawn = drawn;
            this.events = events;
        }
        get event_values() {
            return { ...super.event_values, drawn: this.drawn, events: this.events };
        }
    }
    exports.PaneReport = PaneReport;
    _a = PaneReport;
    PaneReport.__name__ = "PaneReport";
    (() => {
        _a.prototype.event_name = "lorgnette_pane_report";
    })();
    class TakeControl extends bokeh_events_1.ModelEvent {
    }
    exports.TakeControl = TakeControl;
    _b = TakeControl;
    TakeControl.__name__ = "TakeControl";
    (() => {
        _b.prototype.event_name = "lorgnette_take_control";
    })();
    class PaneSize extends bokeh_events_1.ModelEvent {
        constructor(width, height, ratio, drawn_width) {
            super();
            this.width = width;
            this.height = height;
            this.ratio = ratio;
            this.drawn_width = drawn_width;
        }
        get event_values() {
            const { width, height, ratio, drawn_width } = this;
            return { ...super.event_values, width, height, ratio, drawn_width };
        }
    }
    exports.PaneSize = PaneSize;
    _c = PaneSize;
    PaneSize.__name__ = "PaneSize";
    (() => {
        _c.prototype.event_name = "lorgnette_pane_size";
    })();
},
"4d8a40a4b2": /* panes/frame_pane/parts.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.make = make;
    exports.mark = mark;
    exports.clock = clock;
    exports.save_file = save_file;
    exports.toggle_full_screen = toggle_full_screen;
    // What lies over the picture: words, notices, and what is there before the first one.
    function make(tag, cls = "") {
        const element = document.createElement(tag);
        element.className = cls;
        return element;
    }
    // A line of text that is there only while it says something.
    class Words {
        constructor(cls) {
            this.said = "";
            this.el = make("div", cls);
            this.el.setAttribute("role", "status");
            this.el.hidden = true;
        }
        say(text) {
            if (this.said != text) { // called for each picture, and seldom with anything new
                this.said = text;
                this.el.textContent = text;
                this.el.hidden = text == "";
            }
        }
    }
    exports.Words = Words;
    Words.__name__ = "Words";
    // Who steers, and how to begin or end.
    function mark({ steering, program, holder_text, shown, may_steer, captured }) {
        const who = holder_text == "" ? "" : ` ${holder_text}.`;
        if (captured) {
            return `Steering ${program}. Esc lets go.${who}`;
        }
        if (!shown) {
            return who.trim();
        }
        if (steering == "other") {
            return who.trim() || "Another viewer steers.";
        }
        if (steering == "none") {
            return `View only.${who}`;
        }
        return may_steer ? `Click the picture to steer ${program}.${who}` : `Drag and wheel move the picture.${who}`;
    }
    function clock() {
        return new Date().toLocaleTimeString("en-GB"); // as the server writes it
    }
    function save_file(blob, name) {
        const address = URL.createObjectURL(blob);
        const link = make("a");
        link.href = address;
        link.download = name;
        link.click();
        // Not at once: some browsers begin to read only after the event.
        setTimeout(() => URL.revokeObjectURL(address), 60000);
    }
    async function toggle_full_screen(element) {
        try {
            await (document.fullscreenElement == null ? element.requestFullscreen() : document.exitFullscreen());
        }
        catch (error) {
            console.warn(`The browser does not show the picture on the full screen: ${error}`);
        }
    }
},
"19af3f7dd3": /* panes/frame_pane/size_teller.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.observe = observe;
    exports.device_size = device_size;
    const STAYS_MS = 150;
    class SizeTeller {
        /* Called when the pane has another size (`is_new`), or what is drawn in it. */
        constructor(tell_page) {
            this.size = { width: 0, height: 0, ratio: 1 };
            this.told = this.size;
            this.tell_page = tell_page;
        }
        set(size) {
            const is_first = this.size.width == 0;
            this.size = size;
            if (is_first) {
                this.tell();
            }
            else {
                this.soon();
            }
        }
        // Something about it has changed.
        soon() {
            clearTimeout(this.timer);
            this.timer = setTimeout(() => this.tell(), STAYS_MS);
        }
        end() {
            clearTimeout(this.timer);
        }
        tell() {
            const { width, height, ratio } = this.size;
            if (width == 0 || height == 0) {
                return;
            }
            const { told } = this;
            this.told = this.size;
            this.tell_page(this.size, width != told.width || height != told.height || ratio != told.ratio);
        }
    }
    exports.SizeTeller = SizeTeller;
    SizeTeller.__name__ = "SizeTeller";
    function observe(observer, element) {
        observer.disconnect();
        try {
            observer.observe(element, { box: "device-pixel-content-box" }); // calls also when only the ratio has changed
        }
        catch {
            observer.observe(element); // not all browsers know that
        }
    }
    // The content of an element in device pixels: exactly, where the browser tells.
    function device_size({ contentRect, devicePixelContentBoxSize }) {
        const reckoned = {
            width: Math.round(contentRect.width * devicePixelRatio),
            height: Math.round(contentRect.height * devicePixelRatio),
        };
        const told = devicePixelContentBoxSize?.[0];
        const is_sound = told != null && Math.abs(told.inlineSize - reckoned.width) <= 1 &&
            Math.abs(told.blockSize - reckoned.height) <= 1; // it knows nothing of a screen that is only pretended
        return is_sound ? { width: told.inlineSize, height: told.blockSize } : reckoned;
    }
},
"5612359c99": /* panes/frame_pane/style.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    // The look of the pane, on the page's own palette; with colours of its own where there is none.
    exports.PANE_CSS = `
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
`;
},
"4892d625e1": /* panes/frame_pane/toolbar.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    const ICONS = {
        steer: "M4 2l8.5 5-3.9 1 2.2 4.4-1.7.9-2.2-4.4L4 11.6z",
        move: "M8 1.5v13M1.5 8h13M6 3.5l2-2 2 2M6 12.5l2 2 2-2M3.5 6l-2 2 2 2M12.5 6l2 2-2 2",
        freeze: "M5.5 3v10M10.5 3v10",
        save: "M8 2v8.5M4.5 7L8 10.5 11.5 7M2.5 13.5h11",
        full: "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4",
        figures: "M1.5 14h13M4 11.5V8M8 11.5V3M12 11.5V6",
    };
    const SVG = "http://www.w3.org/2000/svg";
    function icon(path) {
        const svg = document.createElementNS(SVG, "svg");
        svg.setAttribute("viewBox", "0 0 16 16");
        svg.setAttribute("aria-hidden", "true");
        const line = document.createElementNS(SVG, "path");
        line.setAttribute("d", path);
        svg.append(line);
        return svg;
    }
    function button(name, title, face, action) {
        const element = document.createElement("button");
        element.type = "button";
        element.dataset.does = name;
        element.title = title;
        if (typeof face != "string") {
            element.setAttribute("aria-label", title);
        }
        element.append(face);
        element.onclick = action;
        return element;
    }
    function group(label, ...children) {
        const element = document.createElement("span");
        element.className = "group";
        element.setAttribute("role", "group");
        element.setAttribute("aria-label", label);
        element.append(...children);
        return element;
    }
    class Toolbar {
        constructor(actions) {
            this.el = document.createElement("div");
            this.mark = document.createElement("span");
            this.who = document.createElement("span");
            this.shown = "";
            const fit = (name, text, title) => button(name, title, text, () => actions.fit(name));
            this.fits = {
                fit: fit("fit", "Fit", "All of the picture"),
                fill: fit("fill", "Fill", "No empty borders"),
                actual: fit("actual", "1:1", "One pixel of the frame on one of the screen"),
            };
            this.reset = button("reset", "Pixels of the screen for one of the frame; press to undo the zoom", "", actions.reset);
            const tool = (name, title) => button(name, title, icon(ICONS[name]), () => actions.tool(name));
            this.tools = {
                steer: tool("steer", "Steer the program in the picture"),
                move: tool("move", "Move and zoom the picture: drag, wheel, arrows, + and −"),
            };
            this.freeze = button("freeze", "Freeze the picture", icon(ICONS.freeze), actions.freeze);
            this.full = button("full", "Full screen", icon(ICONS.full), actions.full_screen);
            this.figures = button("figures", "Figures: rate, age, sizes, link", icon(ICONS.figures), actions.figures);
            this.take = button("take", "Steer instead of who does now", "Take control", actions.take_control);
            this.mark.className = "mark";
            this.mark.setAttribute("role", "status");
            this.who.className = "who";
            this.who.append(this.mark, this.take);
            this.el.className = "bar";
            this.el.setAttribute("role", "toolbar");
            this.el.setAttribute("aria-label", "Picture");
            this.full.hidden = !document.fullscreenEnabled;
            const save = button("save", "Save the picture as PNG, at the size of the frame", icon(ICONS.save), actions.save);
            this.el.append(group("Size", ...Object.values(this.fits)), group("Zoom", button("out", "Zoom out", "−", actions.zoom_out), this.reset, button("in", "Zoom in", "+", actions.zoom_in)), group("Drag and wheel", ...Object.values(this.tools)), group("Picture", this.freeze, save, this.full, this.figures), this.who);
        }
        show(state) {
            const text = JSON.stringify(state);
            if (text == this.shown) {
                return;
            }
            this.shown = text;
            const press = (element, on) => element.setAttribute("aria-pressed", `${on}`);
            for (const [fit, element] of Object.entries(this.fits)) {
                press(element, fit == state.fit);
            }
            for (const [tool, element] of Object.entries(this.tools)) {
                press(element, tool == state.tool);
            }
            this.tools.steer.disabled = !state.may_steer;
            press(this.freeze, state.frozen);
            press(this.full, state.full);
            press(this.figures, state.figures);
            this.reset.textContent = state.percent == 0 ? "–" : `${Math.round(state.percent)} %`;
            this.take.hidden = !state.can_take;
            this.mark.classList.toggle("on", state.captured);
            if (this.mark.textContent != state.mark) {
                this.mark.textContent = state.mark;
                this.mark.title = state.mark;
            }
        }
    }
    exports.Toolbar = Toolbar;
    Toolbar.__name__ = "Toolbar";
},
"1cba740a94": /* panes/image/catalogue_renderer.js */ function _(require, module, exports, __esModule, __esExport) {
    var _a, _b, _c;
    __esModule();
    const bokeh_events_1 = require("@bokehjs/core/bokeh_events");
    const kinds_1 = require("@bokehjs/core/kinds");
    const color_1 = require("@bokehjs/core/util/color");
    const renderer_1 = require("@bokehjs/models/renderers/renderer");
    const tooltip_1 = require("a3081ff0b9") /* ../events/tooltip */;
    const catalogue_bins_1 = require("8e97dae971") /* ./catalogue_bins */;
    const catalogue_drawing_1 = require("e1100b114b") /* ./catalogue_drawing */;
    const FEW = 3000; // markers in view at the most; more of them are dots
    const REACH = 9; // CSS pixels from the pointer to what it points at
    const TELL_MS = 100;
    const CHOSEN = 4; // CSS pixels by which a selected one is larger
    class CatalogueHover extends bokeh_events_1.ModelEvent {
        constructor(index) {
            super();
            this.index = index;
        }
        get event_values() {
            return { ...super.event_values, index: this.index };
        }
    }
    exports.CatalogueHover = CatalogueHover;
    _a = CatalogueHover;
    CatalogueHover.__name__ = "CatalogueHover";
    (() => {
        _a.prototype.event_name = "lorgnette_catalogue_hover";
    })();
    class CataloguePick extends bokeh_events_1.ModelEvent {
        constructor(index) {
            super();
            this.index = index;
        }
        get event_values() {
            return { ...super.event_values, index: this.index };
        }
    }
    exports.CataloguePick = CataloguePick;
    _b = CataloguePick;
    CataloguePick.__name__ = "CataloguePick";
    (() => {
        _b.prototype.event_name = "lorgnette_catalogue_pick";
    })();
    class CatalogueRendererView extends renderer_1.RendererView {
        constructor() {
            super(...arguments);
            this.tooltip = new tooltip_1.Tooltip();
            this.stop = new AbortController();
            this.stamps = new catalogue_drawing_1.Stamps(1.5);
            this.chosen_stamps = new catalogue_drawing_1.Stamps(2.5);
            this.dots = new catalogue_drawing_1.Dots();
            this.bins = null;
            this.pointer = null;
            this.dragging = false;
            this.tapped = -1; // the last time
            this.told = -1; // what the server knows to be pointed at
            this.hovered = -1;
            this.drawn = ""; // how the last picture was made
        }
        connect_signals() {
            super.connect_signals();
            const { places, origin, marker, size, color, selected, about, visible } = this.model.properties;
            this.on_change([places, origin], () => {
                this.bins = null;
                this.point(-1);
                this.request_paint();
            });
            this.on_change([marker, size, color, selected], () => this.request_paint());
            this.on_change([about], () => this.show_tooltip());
            this.on_change([visible], () => this.point(-1));
            const listen = (name, listener) => {
                const plot = this.plot_model;
                plot.on_event(name, (event) => this.stop.signal.aborted ? undefined : listener(event));
                plot.document?.event_manager.subscribed_models.add(plot);
            };
            listen("mousemove", ({ sx, sy }) => this.move(sx, sy));
            listen("mouseleave", () => {
                this.pointer = null;
                this.point(-1);
            });
            listen("panstart", () => {
                this.dragging = true;
                this.point(-1);
            });
            listen("panend", () => this.dragging = false);
            listen("tap", (event) => this.tap(event));
            listen("press", (event) => this.tap(event)); // a slow tap
            listen("doubletap", (event) => this.tap(event, true));
        }
        render() {
            super.render();
            this.canvas.overlays_el.append(this.tooltip.el);
        }
        remove() {
            this.stop.abort();
            clearTimeout(this.timer);
            this.tooltip.el.remove();
            super.remove();
        }
        // Of where a source is in the figure, CSS pixels; null if it is nowhere.
        place_of(index) {
            const { all_x, all_y } = this.current();
            const { ax, bx, ay, by } = this.mapping();
            const { left, top } = this.plot_view.frame.bbox;
            const [sx, sy] = [all_x[index] * ax + bx + left, all_y[index] * ay + by + top];
            return isFinite(sx + sy) ? [sx, sy] : null;
        }
        _paint(context) {
            const bins = this.current();
            const { left, top, width, height } = this.plot_view.frame.bbox;
            const { marker, size, color } = this.model;
            const mapping = this.mapping();
            const runs = bins.within(this.in_view(mapping, width, height, size));
            const many = runs.reduce((sum, [from, to]) => sum + to - from, 0);
            context.save();
            context.translate(left, top);
            if (many > FEW) {
                const [red, green, blue] = (0, color_1.color2rgba)(color);
                this.dots.paint(context, bins, runs, mapping, { width, height }, [red, green, blue]);
                this.drawn = "dots";
            }
            else {
                const put = this.stamps.put(context, marker, size, (0, color_1.color2css)(color), this.canvas.pixel_ratio);
                for (const [from, to] of runs) {
                    for (let place = from; place < to; place++) {
                        put(bins.x[place] * mapping.ax + mapping.bx, bins.y[place] * mapping.ay + mapping.by);
                    }
                }
                this.drawn = "markers";
            }
            this.paint_selected(context, bins, mapping);
            context.restore();
            this.show_tooltip();
        }
        paint_selected(context, { all_x, all_y }, { ax, bx, ay, by }) {
            const { selected, marker, size } = this.model;
            const put = this.chosen_stamps.put(context, marker, size + CHOSEN, "#ffffff", this.canvas.pixel_ratio);
            for (const index of selected) {
                const [sx, sy] = [all_x[index] * ax + bx, all_y[index] * ay + by];
                if (isFinite(sx + sy)) {
                    put(sx, sy);
                }
            }
        }
        current() {
            if (this.bins == null) {
                const { places } = this.model;
                const count = Math.floor(places.byteLength / 8);
                this.bins = new catalogue_bins_1.Bins(new Float32Array(places, 0, count), new Float32Array(places, 4 * count, count));
            }
            return this.bins;
        }
        // From what `places` holds to the frame's own pixels.
        mapping() {
            const { x_scale, y_scale } = this.coordinates;
            const { left, top } = this.plot_view.frame.bbox;
            const [ox, oy] = this.model.origin;
            const line = ({ source_range: { start, end }, compute }, scale) => {
                const a = (compute.call(scale, end) - compute.call(scale, start)) / (end - start);
                return [a, compute.call(scale, start) - a * start];
            };
            const [ax, bx] = line(x_scale, x_scale);
            const [ay, by] = line(y_scale, y_scale);
            return { ax, bx: bx + ax * ox - left, ay, by: by + ay * oy - top };
        }
        in_view({ ax, bx, ay, by }, width, height, margin) {
            const xs = [(-margin - bx) / ax, (width + margin - bx) / ax];
            const ys = [(-margin - by) / ay, (height + margin - by) / ay];
            return { x0: Math.min(...xs), x1: Math.max(...xs), y0: Math.min(...ys), y1: Math.max(...ys) };
        }
        find(sx, sy) {
            const { frame } = this.plot_view;
            if (!this.model.visible || !frame.bbox.contains(sx, sy)) {
                return -1;
            }
            const { ax, bx, ay, by } = this.mapping();
            const { left, top } = frame.bbox;
            const reach = Math.max(REACH, this.model.size / 2 + 2);
            const [x, y] = [(sx - left - bx) / ax, (sy - top - by) / ay];
            return this.current().nearest(x, y, reach / Math.abs(ax), reach / Math.abs(ay));
        }
        move(sx, sy) {
            if (!this.dragging) {
                this.pointer = { sx, sy };
                this.point(this.find(sx, sy));
            }
        }
        // `again`: soon after another tap, which may have been meant for something else nearby.
        tap({ sx, sy, modifiers }, again = false) {
            const { selected, visible } = this.model;
            if (!visible || this.plot_model.toolbar.gestures.tap.active != null) {
                return; // the tap is for a tool
            }
            const found = this.find(sx, sy);
            const same = again && found == this.tapped;
            this.tapped = found;
            const more = modifiers.shift || modifiers.ctrl;
            if (same || found < 0 && (more || selected.length == 0)) {
                return;
            }
            const others = selected.filter((each) => each != found);
            const before = selected.includes(found);
            this.model.selected = found < 0 ? [] : more ? (before ? others : [...selected, found]) :
                before && others.length == 0 ? [] : [found];
            this.model.trigger_event(new CataloguePick(found));
            this.pointer = { sx, sy };
            this.point(found); // a finger cannot point at things otherwise
        }
        point(index) {
            if (index != this.hovered) {
                this.hovered = index;
                this.timer ?? (this.timer = setTimeout(() => this.tell(), TELL_MS));
            }
            this.show_tooltip();
        }
        tell() {
            this.timer = undefined;
            if (this.told != this.hovered) {
                this.told = this.hovered;
                this.model.trigger_event(new CatalogueHover(this.hovered));
            }
        }
        show_tooltip() {
            const { hovered, tooltip, pointer, model: { size, about } } = this;
            const place = hovered < 0 ? null : this.place_of(hovered);
            const { left, top } = this.plot_view.frame.bbox;
            if (place == null) {
                tooltip.hide();
                return;
            }
            const r = (size + CHOSEN) / 2;
            tooltip.point_out([{ kind: "circle", x: place[0] - left, y: place[1] - top, r }], this.plot_view.frame.bbox);
            const { index, title, lines } = (about instanceof Map ? Object.fromEntries(about) : about);
            if (index == hovered && pointer != null) {
                tooltip.say(title ?? "", lines ?? [], pointer.sx, pointer.sy);
            }
        }
    }
    exports.CatalogueRendererView = CatalogueRendererView;
    CatalogueRendererView.__name__ = "CatalogueRendererView";
    /* Many places in an image. */
    class CatalogueRenderer extends renderer_1.Renderer {
        constructor(attrs) {
            super(attrs);
        }
    }
    exports.CatalogueRenderer = CatalogueRenderer;
    _c = CatalogueRenderer;
    CatalogueRenderer.__name__ = "CatalogueRenderer";
    CatalogueRenderer.__module__ = "lorgnette.panes.image.catalogue_renderer";
    (() => {
        _c.prototype.default_view = CatalogueRendererView;
        _c.define(({ Bytes, Color, Dict, Float, Int, List, Tuple, Unknown }) => ({
            places: [Bytes, () => new ArrayBuffer(0)],
            origin: [Tuple(Float, Float), [0, 0]],
            marker: [(0, kinds_1.Enum)("circle", "square", "cross", "diamond"), "circle"],
            size: [Float, 11],
            color: [Color, "#ffd400"],
            selected: [List(Int), []],
            about: [Dict(Unknown), {}],
        }));
        _c.override({
            level: "glyph",
        });
    })();
},
"8e97dae971": /* panes/image/catalogue_bins.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    // Places of a catalogue, sorted into the squares of a coarse grid, so that those in view or near the pointer are found
    // without looking at all.
    const A_BIN = 16; // places in one, about
    const MOST = 512; // bins to a side
    class Bins {
        constructor(all_x, all_y) {
            this.all_x = all_x;
            this.all_y = all_y;
            const total = all_x.length;
            let [left, right, low, high, count] = [Infinity, -Infinity, Infinity, -Infinity, 0];
            for (let i = 0; i < total; i++) {
                const [x, y] = [all_x[i], all_y[i]];
                if (x - x == 0 && y - y == 0) { // neither is NaN or infinite
                    left = Math.min(left, x);
                    right = Math.max(right, x);
                    low = Math.min(low, y);
                    high = Math.max(high, y);
                    count++;
                }
            }
            this.count = count;
            this.side = Math.max(1, Math.min(MOST, Math.round(Math.sqrt(count / A_BIN))));
            this.left = left;
            this.low = low;
            this.width = Math.max(right - left, 1e-6) / this.side;
            this.height = Math.max(high - low, 1e-6) / this.side;
            this.start = new Uint32Array(this.side ** 2 + 1);
            this.x = new Float32Array(count);
            this.y = new Float32Array(count);
            this.index = new Uint32Array(count);
            this.sort();
        }
        sort() {
            const { all_x, all_y, start, side } = this;
            const bins = new Int32Array(all_x.length);
            for (let i = 0; i < bins.length; i++) {
                const [x, y] = [all_x[i], all_y[i]];
                bins[i] = x - x == 0 && y - y == 0 ? this.row(y) * side + this.column(x) : -1;
                if (bins[i] >= 0) {
                    start[bins[i] + 1]++;
                }
            }
            for (let bin = 0; bin < side ** 2; bin++) {
                start[bin + 1] += start[bin];
            }
            const next = start.slice();
            for (let i = 0; i < bins.length; i++) {
                if (bins[i] >= 0) {
                    const place = next[bins[i]]++;
                    this.x[place] = all_x[i];
                    this.y[place] = all_y[i];
                    this.index[place] = i;
                }
            }
        }
        column(x) {
            return Math.max(0, Math.min(this.side - 1, Math.floor((x - this.left) / this.width)));
        }
        row(y) {
            return Math.max(0, Math.min(this.side - 1, Math.floor((y - this.low) / this.height)));
        }
        // First and one behind the last of places one after another, together all in the rectangle and some beside it.
        within({ x0, y0, x1, y1 }) {
            const { side, start, left, low, width, height } = this;
            if (this.count == 0 || x1 < left || y1 < low || x0 > left + side * width || y0 > low + side * height) {
                return [];
            }
            const [first, last] = [this.column(x0), this.column(x1)];
            const runs = [];
            for (let row = this.row(y0); row <= this.row(y1); row++) {
                const [from, to] = [start[row * side + first], start[row * side + last + 1]];
                if (from < to) {
                    runs.push([from, to]);
                }
            }
            return runs;
        }
        // The number in the catalogue of the place nearest to a point, at most `reach` away; -1: there is none.
        nearest(x, y, reach_x, reach_y) {
            let [best, least] = [-1, 1];
            for (const [from, to] of this.within({ x0: x - reach_x, y0: y - reach_y, x1: x + reach_x, y1: y + reach_y })) {
                for (let place = from; place < to; place++) {
                    const distance = ((this.x[place] - x) / reach_x) ** 2 + ((this.y[place] - y) / reach_y) ** 2;
                    if (distance <= least) {
                        least = distance;
                        best = this.index[place];
                    }
                }
            }
            return best;
        }
    }
    exports.Bins = Bins;
    Bins.__name__ = "Bins";
},
"e1100b114b": /* panes/image/catalogue_drawing.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    const CELL = 2; // CSS pixels to a side of a dot
    const FREE = 0.15; // part of the cells that dots may fill before they grow fainter, so that the image is still seen
    const [FAINTEST, FAINT, STRONG, SHADOW] = [40, 150, 235, 110]; // opacities of dots, of 255
    const EDGE = 0.65; // opacity of the dark edges of markers
    function trace(path, marker, x, y, r) {
        if (marker == "circle") {
            path.moveTo(x + r, y);
            path.arc(x, y, r, 0, 2 * Math.PI);
        }
        else if (marker == "square") {
            path.rect(x - r, y - r, 2 * r, 2 * r);
        }
        else if (marker == "diamond") {
            path.moveTo(x, y - r);
            path.lineTo(x + r, y);
            path.lineTo(x, y + r);
            path.lineTo(x - r, y);
            path.closePath();
        }
        else {
            path.moveTo(x - r, y);
            path.lineTo(x + r, y);
            path.moveTo(x, y - r);
            path.lineTo(x, y + r);
        }
    }
    // A marker as a small picture, which is far quicker to put down a thousand times than to draw.
    function stamp(marker, size, color, ratio, thick) {
        const side = Math.ceil(size + 2 * thick + 5);
        const canvas = document.createElement("canvas");
        canvas.width = canvas.height = Math.ceil(side * ratio);
        const context = canvas.getContext("2d");
        context.scale(ratio, ratio);
        for (const [ink, width] of [[`rgb(0 0 0 / ${EDGE})`, thick + 2.5], [color, thick]]) {
            context.beginPath();
            trace(context, marker, side / 2, side / 2, size / 2);
            context.strokeStyle = ink;
            context.lineWidth = width;
            context.stroke();
        }
        return canvas;
    }
    class Stamps {
        constructor(thick) {
            this.key = "";
            this.canvas = null;
            this.thick = thick;
        }
        put(context, marker, size, color, ratio) {
            const key = `${marker} ${size} ${color} ${ratio}`;
            if (this.key != key || this.canvas == null) {
                this.key = key;
                this.canvas = stamp(marker, size, color, ratio, this.thick);
            }
            const { canvas } = this;
            const side = canvas.width / ratio;
            return (x, y) => context.drawImage(canvas, x - side / 2, y - side / 2, side, side);
        }
    }
    exports.Stamps = Stamps;
    Stamps.__name__ = "Stamps";
    /* The dots of all places in view, in one picture of two CSS pixels to a side. */
    class Dots {
        constructor() {
            this.canvas = document.createElement("canvas");
            this.counts = new Uint16Array(0);
            this.picture = null;
        }
        paint(context, bins, runs, mapping, size, color) {
            const [columns, rows] = [Math.ceil(size.width / CELL), Math.ceil(size.height / CELL)];
            if (columns < 1 || rows < 1) {
                return;
            }
            const drawing = this.canvas.getContext("2d");
            if (this.picture?.width != columns || this.picture.height != rows) {
                this.canvas.width = columns;
                this.canvas.height = rows;
                this.counts = new Uint16Array(columns * rows);
                this.picture = drawing.createImageData(columns, rows);
            }
            this.count(bins, runs, mapping, columns, rows);
            this.color(new Uint32Array(this.picture.data.buffer), columns, color);
            drawing.putImageData(this.picture, 0, 0);
            context.imageSmoothingEnabled = false;
            context.drawImage(this.canvas, 0, 0, columns * CELL, rows * CELL);
            context.imageSmoothingEnabled = true;
        }
        count({ x, y }, runs, mapping, columns, rows) {
            const { counts } = this;
            counts.fill(0);
            const [ax, bx, ay, by] = [mapping.ax, mapping.bx, mapping.ay, mapping.by].map((value) => value / CELL);
            for (const [from, to] of runs) {
                for (let place = from; place < to; place++) {
                    const column = Math.floor(x[place] * ax + bx);
                    const row = Math.floor(y[place] * ay + by);
                    if (column >= 0 && row >= 0 && column < columns && row < rows) {
                        counts[row * columns + column]++;
                    }
                }
            }
        }
        // A dot throws a shadow to its right and below, so that it is seen on bright ground as well.
        color(pixels, columns, [red, green, blue]) {
            const { counts } = this;
            const ink = blue << 16 | green << 8 | red;
            let [filled, most] = [0, 2];
            for (let i = 0; i < counts.length; i++) {
                filled += counts[i] != 0 ? 1 : 0;
                most = counts[i] > most ? counts[i] : most;
            }
            const clear = Math.min(1, FREE * counts.length / Math.max(filled, 1));
            const least = FAINTEST + (FAINT - FAINTEST) * clear;
            const growth = (STRONG - least) / Math.log2(most);
            const shadow = SHADOW * clear ** 2 << 24;
            pixels.fill(0);
            for (let i = 0; i < counts.length; i++) {
                const count = counts[i];
                if (count != 0) {
                    pixels[i] = least + growth * Math.log2(count) << 24 | ink;
                    if (i + columns < counts.length && counts[i + columns] == 0) {
                        pixels[i + columns] = shadow;
                    }
                    if (i + 1 < counts.length && (i + 1) % columns != 0 && counts[i + 1] == 0) {
                        pixels[i + 1] = shadow;
                    }
                }
            }
        }
    }
    exports.Dots = Dots;
    Dots.__name__ = "Dots";
},
"49c8c52477": /* panes/image/display_panel.js */ function _(require, module, exports, __esModule, __esExport) {
    var _a;
    __esModule();
    const ui_element_1 = require("@bokehjs/models/ui/ui_element");
    const inks_1 = require("849749782a") /* ../events/inks */;
    const display_text_1 = require("6388782318") /* ./display_text */;
    const image_display_1 = require("7ccd9c5ea9") /* ./image_display */;
    const limits_field_1 = require("cda6414911") /* ./limits_field */;
    const mapping_1 = require("7540fb9e5d") /* ./mapping */;
    const palette_list_1 = require("cecc858299") /* ./palette_list */;
    const panel_parts_1 = require("d11e0dc51c") /* ./panel_parts */;
    const panel_style_1 = require("7ae030f790") /* ./panel_style */;
    const STRETCHES = [
        ["linear", "Linear"], ["log", "Logarithmic"], ["asinh", "Asinh"], ["sqrt", "Square root"], ["gamma", "Gamma"],
        ["histogram", "Equalised"],
    ];
    const LIMITS = [
        ["minmax", "All values"], ["99.9", "99.9 %"], ["99.5", "99.5 %"], ["99", "99 %"], ["98", "98 %"], ["95", "95 %"],
        ["90", "90 %"], ["zscale", "zscale"], ["mad", "Around median"], ["manual", "Manual"],
    ];
    const TITLES = ["Red:", "Green:", "Blue:"];
    const INKS = ["#d55e5e", "#3f9c5a", "#5b85d6"]; // of bars: seen on light and on dark
    const MISSING = "#d55e00"; // what pixels without a value are at first, if they have a colour
    class DisplayPanelView extends ui_element_1.UIElementView {
        constructor() {
            super(...arguments);
            this.stop = new AbortController();
            this.panel = (0, panel_parts_1.make)("div", "panel");
            this.lesson = (0, panel_parts_1.make)("div", "lesson", "Nothing is shown yet.");
            this.fields_el = (0, panel_parts_1.make)("div", "panel");
            this.marks = (0, panel_parts_1.make)("div", "marks");
            this.missing = (0, panel_parts_1.make)("span", "missing");
            this.missing_color = (0, panel_parts_1.make)("input");
            this.again = (0, panel_parts_1.make)("button", "again", "Set all back");
            this.fields = [];
        }
        initialize() {
            super.initialize();
            const { display } = this.model;
            this.stretch = new panel_parts_1.Select("Stretch", STRETCHES, (value) => display.setv({ stretch: value }));
            this.limits = new panel_parts_1.Select("Limits", LIMITS, (value) => display.setv({ limits: value }));
            const slider = (name, scale) => new panel_parts_1.Slider(`${name[0].toUpperCase()}${name.slice(1)}`, scale, (value) => display.setv({ [name]: value }));
            this.sliders = {
                brightness: slider("brightness", (0, panel_parts_1.even)(-1, 1, 0)),
                contrast: slider("contrast", (0, panel_parts_1.by_factors)(0.1, 10, 1)),
                gamma: slider("gamma", (0, panel_parts_1.by_factors)(0.2, 5, 1)),
                saturation: slider("saturation", (0, panel_parts_1.even)(0, 3, 1)),
            };
            this.palettes = new palette_list_1.PaletteList(display);
            this.invert = new panel_parts_1.Check("Invert", (invert) => display.setv({ invert }));
            this.missing_color.type = "color";
            this.missing_color.value = MISSING;
            this.missing_color.setAttribute("aria-label", "Colour of pixels without a value");
            this.missing_color.oninput = () => display.setv({ nan_color: this.missing_color.value });
            this.missing_check = new panel_parts_1.Check("Colour for NaN", (on) => display.setv({ nan_color: on ? this.missing_color.value : display_text_1.DEFAULTS.nan_color }));
            this.again.type = "button";
            this.again.onclick = () => display.reset();
        }
        connect_signals() {
            super.connect_signals();
            this.connect(this.model.display.change, () => this.show());
            (0, inks_1.on_theme)(() => this.show(), this.stop.signal);
        }
        stylesheets() {
            return [...super.stylesheets(), panel_style_1.PANEL_CSS];
        }
        render() {
            super.render();
            const { panel, fields_el, marks, missing, again, lesson, stretch, limits, sliders, palettes } = this;
            const row = (0, panel_parts_1.make)("div", "row");
            row.append(stretch.el, limits.el);
            missing.replaceChildren(this.missing_check.el, this.missing_color);
            marks.replaceChildren(this.invert.el, missing);
            const sliders_el = (0, panel_parts_1.make)("div");
            sliders_el.append(...Object.values(sliders).map(({ el }) => el));
            panel.replaceChildren(row, fields_el, sliders_el, palettes.el, marks, again);
            this.shadow_el.append(lesson, panel);
            this.show();
        }
        remove() {
            this.stop.abort();
            this.fields.forEach((field) => field.end());
            super.remove();
        }
        show() {
            const { display } = this.model;
            const { sliders, palettes, invert, missing_color } = this;
            const infos = display.layer_infos();
            const is_color = infos.length > 1;
            this.panel.hidden = infos.length == 0;
            this.lesson.hidden = infos.length != 0;
            this.stretch.show(display.stretch);
            this.limits.show(display.limits);
            sliders.brightness.show(display.brightness);
            sliders.contrast.show(display.contrast);
            sliders.gamma.show(display.gamma);
            sliders.saturation.show(display.saturation);
            sliders.gamma.el.hidden = !(is_color || display.stretch == "gamma");
            sliders.saturation.el.hidden = !is_color;
            palettes.el.hidden = is_color;
            invert.el.hidden = is_color;
            palettes.show();
            invert.show(display.invert);
            const has_color = !/^(#[0-9a-f]{6}00)?$/i.test(display.nan_color);
            this.missing_check.show(has_color);
            missing_color.disabled = !has_color;
            if (has_color) {
                missing_color.value = display.nan_color.slice(0, 7);
            }
            this.again.disabled = is_usual(display);
            this.show_fields();
        }
        show_fields() {
            const { display } = this.model;
            const infos = display.layer_infos();
            while (this.fields.length > infos.length) {
                const field = this.fields.pop();
                field.end();
                field.el.remove();
            }
            while (this.fields.length < infos.length) {
                const layer = this.fields.length;
                const field = new limits_field_1.LimitsField((limits) => this.set_limits(layer, limits));
                this.fields.push(field);
                this.fields_el.append(field.el);
            }
            const ranges = display.ranges();
            const colors = this.colorings();
            infos.forEach((info, layer) => {
                const shown = { info, limits: ranges[layer], colors: colors[layer], ink: "", title: "" };
                const more = infos.length > 1 ? { ink: INKS[layer], title: TITLES[layer] } : {};
                this.fields[layer].show({ ...shown, ...more });
            });
        }
        // By layer what becomes of a value.
        colorings() {
            const { display } = this.model;
            const palette = display.colors();
            const shade = (t) => Math.floor(255 * t + 0.5);
            return display.mappings().map((mapping, layer) => {
                const brightness = (0, mapping_1.brightness_of)(mapping);
                if (display.is_color) {
                    const gamma = display.stretch == "gamma" ? 1 : display.gamma;
                    return (value) => {
                        const part = shade(brightness(value) ** (1 / gamma));
                        return [layer == 0 ? part : 0, layer == 1 ? part : 0, layer == 2 ? part : 0];
                    };
                }
                return (value) => {
                    const level = shade(brightness(value));
                    const at = 3 * (display.invert ? 255 - level : level);
                    return [palette[at], palette[at + 1], palette[at + 2]];
                };
            });
        }
        set_limits(layer, limits) {
            const { display } = this.model;
            const ranges = display.ranges();
            ranges[layer] = limits;
            display.setv({ limits: "manual", low: ranges.map(([low]) => low), high: ranges.map(([, high]) => high) });
        }
    }
    exports.DisplayPanelView = DisplayPanelView;
    DisplayPanelView.__name__ = "DisplayPanelView";
    // Whether there is nothing to set back.
    function is_usual(display) {
        const { options } = display;
        const names = ["stretch", "limits", "gamma", "brightness", "contrast", "palette", "invert", "nan_color", "saturation"];
        return names.every((name) => options[name] == display_text_1.DEFAULTS[name]);
    }
    /* The controls for how an image is shown. */
    class DisplayPanel extends ui_element_1.UIElement {
        constructor(attrs) {
            super(attrs);
        }
    }
    exports.DisplayPanel = DisplayPanel;
    _a = DisplayPanel;
    DisplayPanel.__name__ = "DisplayPanel";
    DisplayPanel.__module__ = "lorgnette.panes.image.display_panel";
    (() => {
        _a.prototype.default_view = DisplayPanelView;
        _a.define(({ Ref }) => ({
            display: [Ref(image_display_1.ImageDisplay)],
        }));
    })();
},
"6388782318": /* panes/image/display_text.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.write = write;
    exports.read = read;
    exports.STRETCHES = ["linear", "log", "asinh", "sqrt", "gamma", "histogram"];
    exports.LIMIT_MODES = [
        "minmax", "99.9", "99.5", "99", "98", "95", "90", "zscale", "mad", "manual",
    ];
    exports.DEFAULTS = {
        stretch: "linear", limits: "99.5", low: [], high: [], gamma: 1, brightness: 0, contrast: 1, palette: "grey",
        invert: false, nan_color: "#00000000", saturation: 1,
    };
    const number = (value) => `${+value.toPrecision(6)}`;
    function write_limits({ limits, low, high }) {
        return limits == "manual" ? low.map((each, k) => `${each},${high[k]}`).join(";") : limits;
    }
    // By argument its text, null where it does not belong into the address.
    function write(options) {
        const unless = (value, usual, text) => value == usual ? null : text;
        const { stretch, gamma, brightness, contrast, palette, invert, nan_color, saturation } = options;
        return {
            stretch: unless(stretch, exports.DEFAULTS.stretch, stretch),
            limits: unless(options.limits, exports.DEFAULTS.limits, write_limits(options)),
            gamma: unless(gamma, exports.DEFAULTS.gamma, number(gamma)),
            brightness: unless(brightness, exports.DEFAULTS.brightness, number(brightness)),
            contrast: unless(contrast, exports.DEFAULTS.contrast, number(contrast)),
            palette: unless(palette, exports.DEFAULTS.palette, palette),
            invert: unless(invert, exports.DEFAULTS.invert, "1"),
            nan: unless(nan_color, exports.DEFAULTS.nan_color, nan_color.replace("#", "")),
            saturation: unless(saturation, exports.DEFAULTS.saturation, number(saturation)),
        };
    }
    function read_limits(text) {
        if (exports.LIMIT_MODES.includes(text) && text != "manual") {
            return { limits: text, low: [], high: [] };
        }
        const pairs = text.split(";").map((pair) => pair.split(",").map(Number).sort((a, b) => a - b));
        const sound = pairs.length <= 3 && pairs.every((pair) => pair.length == 2 && isFinite(pair[0] + pair[1]) && pair[0] < pair[1]);
        return sound ? { limits: "manual", low: pairs.map(([low]) => low), high: pairs.map(([, high]) => high) } :
            { limits: exports.DEFAULTS.limits, low: [], high: [] };
    }
    // What cannot be read is as if it were not there: the server has told about it.
    function read(query) {
        const text = (name) => query.get(name) ?? "";
        const within = (name, least, most, usual) => {
            const value = text(name) == "" ? NaN : Number(text(name));
            return value >= least && value <= most ? value : usual;
        };
        const stretch = text("stretch");
        const palette = text("palette");
        return {
            stretch: exports.STRETCHES.includes(stretch) ? stretch : exports.DEFAULTS.stretch,
            ...read_limits(text("limits") == "" ? exports.DEFAULTS.limits : text("limits")),
            gamma: within("gamma", 0.05, 20, exports.DEFAULTS.gamma),
            brightness: within("brightness", -1, 1, exports.DEFAULTS.brightness),
            contrast: within("contrast", 0, 10, exports.DEFAULTS.contrast),
            palette: /^[\w-]{1,40}$/.test(palette) ? palette : exports.DEFAULTS.palette,
            invert: text("invert") == "1",
            nan_color: /^[0-9a-f]{6}([0-9a-f]{2})?$/i.test(text("nan")) ? `#${text("nan").toLowerCase()}` : exports.DEFAULTS.nan_color,
            saturation: within("saturation", 0, 10, exports.DEFAULTS.saturation),
        };
    }
},
"7ccd9c5ea9": /* panes/image/image_display.js */ function _(require, module, exports, __esModule, __esExport) {
    var _a;
    __esModule();
    const model_1 = require("@bokehjs/model");
    const kinds_1 = require("@bokehjs/core/kinds");
    const address_1 = require("8e81ff7409") /* ./address */;
    const display_text_1 = require("6388782318") /* ./display_text */;
    const layer_info_1 = require("cedd756b76") /* ./layer_info */;
    const COLORS = 256; // of a palette
    /* How the values of an image become colours. It lives in the browser and in the address: whoever changes it in the page,
     * nothing goes to the server. `change` is emitted once for all properties that are set together. */
    class ImageDisplay extends model_1.Model {
        constructor(attrs) {
            super(attrs);
        }
        initialize() {
            super.initialize();
            this.infos = null;
            this.address = new address_1.Address(() => (0, display_text_1.write)(this.options), (query) => this.setv((0, display_text_1.read)(query)));
            this.address.write_soon(); // what the page starts with may differ from what an address without arguments means
        }
        connect_signals() {
            super.connect_signals();
            this.connect(this.change, () => this.address.write_soon());
            // Connected first, so that whoever asks because of the change gets the new ones.
            this.connect(this.properties.forget.change, () => this.setv({ limits: display_text_1.DEFAULTS.limits, low: [], high: [] }));
        }
        destroy() {
            this.address.end();
            super.destroy();
        }
        setv(changed, options) {
            if ("layers" in changed) {
                this.infos = null;
            }
            super.setv(changed, { ...options, sync: false });
        }
        // As in an address without arguments.
        reset() {
            this.setv((0, display_text_1.read)(new URLSearchParams()));
        }
        // What is known of each layer, one or three.
        layer_infos() {
            return this.infos ?? (this.infos = this.layers.map(layer_info_1.read_layer));
        }
        get is_color() {
            return this.layers.length > 1;
        }
        // By layer the limits in effect, low before high.
        ranges() {
            return this.layer_infos().map(({ limits }, k) => {
                const [low, high] = [this.low[k], this.high[k]];
                return this.limits == "manual" && isFinite(low) && isFinite(high) && low < high ? [low, high] :
                    limits.get(this.limits) ?? limits.get(display_text_1.DEFAULTS.limits) ?? [0, 1];
            });
        }
        // How each layer becomes brightness.
        mappings() {
            const { stretch, gamma, brightness, contrast } = this;
            const infos = this.layer_infos();
            return this.ranges().map(([low, high], k) => ({ stretch, low, high, gamma, brightness, contrast, quantiles: infos[k].quantiles }));
        }
        // 256 times red, green, blue: the palette in use, grey if it is not known.
        colors() {
            return this.colors_of(this.palette);
        }
        colors_of(name) {
            const k = this.palette_names.indexOf(name);
            const size = 3 * COLORS;
            return k >= 0 && this.palettes.byteLength >= (k + 1) * size ? new Uint8Array(this.palettes, k * size, size) :
                Uint8Array.from({ length: size }, (_, i) => Math.floor(i / 3));
        }
        // All that the reader chooses, as plain values.
        get options() {
            const { stretch, limits, low, high, gamma, brightness, contrast, palette, invert, nan_color, saturation } = this;
            return {
                stretch, limits, low: [...low], high: [...high], gamma, brightness, contrast, palette, invert, nan_color,
                saturation,
            };
        }
    }
    exports.ImageDisplay = ImageDisplay;
    _a = ImageDisplay;
    ImageDisplay.__name__ = "ImageDisplay";
    ImageDisplay.__module__ = "lorgnette.panes.image.image_display";
    (() => {
        _a.define(({ Any, Bool, Bytes, Float, Int, List, Str }) => ({
            stretch: [(0, kinds_1.Enum)("linear", "log", "asinh", "sqrt", "gamma", "histogram"), display_text_1.DEFAULTS.stretch],
            limits: [(0, kinds_1.Enum)("minmax", "99.9", "99.5", "99", "98", "95", "90", "zscale", "mad", "manual"),
                display_text_1.DEFAULTS.limits],
            low: [List(Float), () => []],
            high: [List(Float), () => []],
            gamma: [Float, display_text_1.DEFAULTS.gamma],
            brightness: [Float, display_text_1.DEFAULTS.brightness],
            contrast: [Float, display_text_1.DEFAULTS.contrast],
            palette: [Str, display_text_1.DEFAULTS.palette],
            invert: [Bool, display_text_1.DEFAULTS.invert],
            nan_color: [Str, display_text_1.DEFAULTS.nan_color],
            saturation: [Float, display_text_1.DEFAULTS.saturation],
            layers: [List(Any), () => []],
            palette_names: [List(Str), () => []],
            palettes: [Bytes, () => new ArrayBuffer(0)],
            forget: [Int, 0],
        }));
    })();
},
"8e81ff7409": /* panes/image/address.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    // Keeps something of the browser's in the page's address, and reads it from there after back and forward.
    // Browsers allow about a hundred changes of the address in half a minute; a dragged slider makes more.
    const WRITE_MS = 400;
    class Address {
        /* `texts` tells what is to be in the address, `follow` is called when another address is gone to. */
        constructor(texts, follow) {
            this.stop = new AbortController();
            this.texts = texts;
            this.follow = follow;
            const { signal } = this.stop;
            addEventListener("popstate", () => {
                this.forget(); // what waits belongs to the entry that was left
                this.follow(this.query);
            }, { signal });
            addEventListener("pagehide", () => this.write(), { signal });
        }
        get query() {
            return new URLSearchParams(location.search);
        }
        write_soon() {
            this.timer ?? (this.timer = setTimeout(() => this.write(), WRITE_MS));
        }
        end() {
            this.forget();
            this.stop.abort();
        }
        forget() {
            clearTimeout(this.timer);
            this.timer = undefined;
        }
        write() {
            if (this.timer == null) {
                return;
            }
            this.forget();
            const { query } = this;
            let changed = false;
            for (const [name, text] of Object.entries(this.texts())) {
                changed || (changed = query.get(name) != text);
                if (text == null) {
                    query.delete(name);
                }
                else {
                    query.set(name, text);
                }
            }
            if (changed) {
                const text = query.toString();
                history.replaceState(history.state, "", `${location.pathname}${text == "" ? "" : `?${text}`}${location.hash}`);
            }
        }
    }
    exports.Address = Address;
    Address.__name__ = "Address";
},
"cedd756b76": /* panes/image/layer_info.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.read_layer = read_layer;
    // What the server tells about each layer of an image (`layer` in image_display.py).
    // From the server a dictionary comes as a Map, from the page's own scripts perhaps as an object.
    function entries(said) {
        return said instanceof Map ? said : new Map(typeof said == "object" && said != null ? Object.entries(said) : []);
    }
    function numbers(values, least) {
        const array = values != null && typeof values == "object" ? Float64Array.from(values) : null;
        return array != null && array.length >= least ? array : Float64Array.from({ length: least }, (_, k) => k);
    }
    function read_layer(said) {
        const layer = entries(said);
        const limits = new Map();
        for (const [mode, ends] of entries(layer.get("limits"))) {
            const [low, high] = ends;
            if (isFinite(low) && isFinite(high) && low < high) {
                limits.set(mode, [low, high]);
            }
        }
        return {
            name: String(layer.get("name") ?? ""),
            unit: String(layer.get("unit") ?? ""),
            exact: layer.get("exact") !== false,
            limits,
            quantiles: numbers(layer.get("quantiles"), 2),
            counts: numbers(layer.get("counts"), 1),
            edges: numbers(layer.get("edges"), 2),
        };
    }
},
"cda6414911": /* panes/image/limits_field.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    // The limits of one layer: its histogram with two limits that can be dragged, what they make of the values, and a field
    // for each of them.
    const histogram_1 = require("a2d3ccb39b") /* ./histogram */;
    const panel_parts_1 = require("d11e0dc51c") /* ./panel_parts */;
    const HEIGHT = 60; // of the histogram in CSS pixels
    const STRIP = 8; // of the colours below it
    const NEAR = 10; // CSS pixels within which a limit is taken
    const LEAST_PART = 1e-4; // of what is seen: how near the limits may come to each other
    class LimitsField {
        constructor(changed) {
            this.el = (0, panel_parts_1.make)("div", "limits");
            this.head = (0, panel_parts_1.make)("div", "head");
            this.stage = (0, panel_parts_1.make)("div", "stage");
            this.canvas = (0, panel_parts_1.make)("canvas");
            this.handles = { low: (0, panel_parts_1.make)("div", "handle low"), high: (0, panel_parts_1.make)("div", "handle high") };
            this.fields = { low: (0, panel_parts_1.make)("input"), high: (0, panel_parts_1.make)("input") };
            this.observer = new ResizeObserver(() => this.draw_soon());
            this.frame = null;
            this.shown = null;
            this.range = null; // what is seen of the histogram; null: to be found
            this.zoomed = false; // by the reader
            this.drag = null;
            this.typing = null; // the field that is not to be written into
            this.changed = changed;
            const { stage, canvas, handles, fields } = this;
            canvas.setAttribute("aria-hidden", "true");
            stage.append(canvas, handles.low, handles.high);
            const ends = (0, panel_parts_1.make)("div", "ends");
            for (const end of ["low", "high"]) {
                const [handle, field] = [handles[end], fields[end]];
                handle.tabIndex = 0;
                handle.setAttribute("role", "slider");
                handle.onkeydown = (event) => this.press(event, end);
                Object.assign(field, { type: "text", inputMode: "decimal", spellcheck: false, autocomplete: "off" });
                field.oninput = () => this.typing = end;
                field.onchange = () => this.enter(end);
                field.onkeydown = (event) => {
                    if (event.key == "Escape") {
                        this.write(end);
                        field.blur();
                    }
                };
                field.onblur = () => this.write(end);
            }
            ends.append(fields.low, (0, panel_parts_1.make)("span", "to", "to"), fields.high);
            this.el.append(this.head, stage, ends);
            this.listen();
            this.observer.observe(stage);
        }
        end() {
            this.observer.disconnect();
            if (this.frame != null) {
                cancelAnimationFrame(this.frame);
            }
        }
        show(shown) {
            const { info, limits: [low, high] } = shown;
            const before = this.shown;
            this.shown = shown;
            if (this.drag == null && before?.info != info && (before == null || before.info.name != info.name || !this.zoomed)) {
                this.range = null;
                this.zoomed = false;
            }
            // Limits that were chosen from the list come into sight; dragged ones are there.
            const [left, right] = this.range ?? [Infinity, -Infinity];
            if (this.drag == null && !(this.zoomed && low < right && high > left) &&
                (low < left || high > right || high - low < (right - left) / 8 || this.range == null)) {
                this.range = (0, histogram_1.first_range)(info, shown.limits);
            }
            const name = [shown.title, info.name].filter((text) => text != "").join(" ");
            const unit = info.unit == "" ? "" : ` [${info.unit}]`;
            const about = `${unit}${info.exact ? "" : " from a sample"}`;
            this.head.replaceChildren((0, panel_parts_1.make)("b", "", name), about);
            this.head.hidden = name == "" && about == "";
            for (const [end, word, value] of [["low", "Dark end", low], ["high", "Bright end", high]]) {
                const text = (0, histogram_1.write_value)(value, shown.limits);
                const label = name == "" ? word : `${word} of ${name}`;
                this.handles[end].setAttribute("aria-label", label);
                const [least, most] = (0, histogram_1.reach)(info);
                this.handles[end].setAttribute("aria-valuemin", `${least}`);
                this.handles[end].setAttribute("aria-valuemax", `${most}`);
                this.handles[end].setAttribute("aria-valuenow", `${value}`);
                this.handles[end].setAttribute("aria-valuetext", text);
                this.fields[end].setAttribute("aria-label", label);
                if (this.typing != end) {
                    this.fields[end].value = text;
                }
            }
            this.draw_soon();
        }
        write(end) {
            this.typing = null;
            if (this.shown != null) {
                this.fields[end].value = (0, histogram_1.write_value)(this.shown.limits[end == "low" ? 0 : 1], this.shown.limits);
                this.fields[end].removeAttribute("aria-invalid");
            }
        }
        enter(end) {
            const value = (0, histogram_1.read_value)(this.fields[end].value);
            const [low, high] = this.shown?.limits ?? [0, 1];
            const limits = end == "low" ? [value, high] : [low, value];
            const sound = isFinite(value) && limits[0] < limits[1];
            this.fields[end].setAttribute("aria-invalid", `${!sound}`);
            if (sound) {
                this.typing = null;
                this.changed(limits);
            }
        }
        listen() {
            const { stage } = this;
            stage.onpointerdown = (event) => {
                if (event.button == 0 && this.shown != null) {
                    stage.setPointerCapture(event.pointerId);
                    this.start(event);
                }
            };
            stage.onpointermove = (event) => {
                if (this.drag != null) {
                    this.move(event);
                }
                else {
                    stage.style.cursor = this.what(event) == "both" ? "grab" : "ew-resize";
                }
            };
            stage.onpointerup = stage.onpointercancel = () => this.drag = null;
            stage.ondblclick = () => {
                this.zoomed = false;
                this.range = this.shown == null ? null : (0, histogram_1.first_range)(this.shown.info, this.shown.limits);
                this.draw_soon();
            };
            stage.addEventListener("wheel", (event) => {
                event.preventDefault();
                this.zoom(this.value_at(event.clientX), Math.exp(Math.max(-0.5, Math.min(0.5, event.deltaY / 300))));
            }, { passive: false });
        }
        // Around a value, which stays where it is.
        zoom(around, factor) {
            const [left, right] = this.range ?? [0, 1];
            const [least, most] = this.shown == null ? [0, 1] : (0, histogram_1.reach)(this.shown.info);
            const span = (right - left) * factor;
            if (span > 4 * (most - least) || !(span > 1e-12 * Math.max(Math.abs(around), 1e-30))) {
                return;
            }
            this.zoomed = true;
            this.range = [around - (around - left) * factor, around + (right - around) * factor];
            this.draw_soon();
        }
        start(event) {
            const what = this.what(event);
            const from = [...this.shown.limits];
            if (what != "both") {
                this.handles[what].focus({ preventScroll: true });
            }
            this.drag = { what, at: this.value_at(event.clientX), from };
            this.move(event);
        }
        // Which limit a place means: the near one, both between them, the nearer one outside.
        what({ clientX }) {
            const [low, high] = this.shown?.limits ?? [0, 1];
            const { left } = this.stage.getBoundingClientRect();
            const x = clientX - left;
            const [a, b] = [Math.abs(x - this.place(low)), Math.abs(x - this.place(high))];
            const between = x > this.place(low) && x < this.place(high);
            return Math.min(a, b) > NEAR && between ? "both" : a < b || a == b && x < this.place(low) ? "low" : "high";
        }
        move(event) {
            const { what, at, from: [low, high] } = this.drag;
            const [left, right] = this.range;
            const value = this.value_at(event.clientX);
            const least = LEAST_PART * (right - left);
            if (what == "both") {
                this.changed([low + value - at, high + value - at]);
            }
            else if (what == "low") {
                this.changed([Math.min(value, high - least), high]);
            }
            else {
                this.changed([low, Math.max(value, low + least)]);
            }
        }
        press(event, end) {
            if (this.shown == null || this.range == null || event.ctrlKey || event.metaKey || event.altKey) {
                return;
            }
            const [left, right] = this.range;
            const [low, high] = this.shown.limits;
            const step = (right - left) * (event.shiftKey ? 0.1 : 0.01);
            const value = end == "low" ? low : high;
            const [least, most] = (0, histogram_1.reach)(this.shown.info);
            const to = {
                ArrowLeft: value - step, ArrowDown: value - step, ArrowRight: value + step, ArrowUp: value + step,
                PageDown: value - 10 * step, PageUp: value + 10 * step, Home: least, End: most,
            };
            if (event.key in to) {
                const limits = end == "low" ? [to[event.key], high] : [low, to[event.key]];
                if (limits[0] < limits[1]) {
                    this.changed(limits);
                }
            }
            else if (event.key == "+" || event.key == "-") {
                this.zoom(value, event.key == "+" ? 1 / 1.5 : 1.5);
            }
            else {
                return;
            }
            event.preventDefault();
            event.stopPropagation();
        }
        place(value) {
            const [left, right] = this.range ?? [0, 1];
            return (value - left) / (right - left) * this.stage.clientWidth;
        }
        value_at(client_x) {
            const [left, right] = this.range ?? [0, 1];
            const box = this.stage.getBoundingClientRect();
            return left + (right - left) * (client_x - box.left) / Math.max(box.width, 1);
        }
        draw_soon() {
            this.frame ?? (this.frame = requestAnimationFrame(() => {
                this.frame = null;
                this.draw();
            }));
        }
        draw() {
            const { canvas, stage, shown, range, handles } = this;
            const width = stage.clientWidth;
            if (shown == null || range == null || width == 0) {
                return;
            }
            const ratio = devicePixelRatio;
            canvas.width = Math.round(width * ratio);
            canvas.height = Math.round((HEIGHT + STRIP) * ratio);
            const context = canvas.getContext("2d");
            context.scale(ratio, ratio);
            const { limits, info } = shown;
            const [a, b] = limits.map((limit) => Math.max(-4, Math.min(width + 4, this.place(limit))));
            for (const [end, at] of [["low", a], ["high", b]]) {
                handles[end].style.left = `${at}px`;
            }
            const style = getComputedStyle(stage);
            context.fillStyle = style.getPropertyValue("background-color");
            context.fillRect(a, 0, b - a, HEIGHT);
            context.fillStyle = shown.ink == "" ? style.color : shown.ink;
            const columns = (0, histogram_1.heights)(info, range, Math.round(width));
            columns.forEach((height, x) => {
                const inside = x + 0.5 >= a && x + 0.5 <= b;
                context.globalAlpha = inside ? 1 : 0.45;
                context.fillRect(x, HEIGHT - height * (HEIGHT - 4), 1.02, height * (HEIGHT - 4));
            });
            context.globalAlpha = 1;
            this.draw_strip(context, columns.length);
        }
        draw_strip(context, columns) {
            const [left, right] = this.range;
            const { colors } = this.shown;
            for (let x = 0; x < columns; x++) {
                const [red, green, blue] = colors(left + (right - left) * (x + 0.5) / columns);
                context.fillStyle = `rgb(${red} ${green} ${blue})`;
                context.fillRect(x, HEIGHT, 1.02, STRIP);
            }
        }
    }
    exports.LimitsField = LimitsField;
    LimitsField.__name__ = "LimitsField";
},
"a2d3ccb39b": /* panes/image/histogram.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.heights = heights;
    exports.reach = reach;
    exports.first_range = first_range;
    exports.write_value = write_value;
    exports.read_value = read_value;
    const mapping_1 = require("7540fb9e5d") /* ./mapping */;
    const DECADES = 4; // of the heights that can be told apart
    const SPARE = 0.15; // of the limits, beyond them on either side
    // What part of all pixels lies below each of some values, by the counts; straight lines between the edges.
    function parts_by_counts({ counts, edges }, values) {
        const total = counts.reduce((sum, count) => sum + count, 0);
        const parts = new Float64Array(values.length);
        let [bin, below] = [0, 0];
        for (let k = 0; k < values.length; k++) {
            const value = values[k];
            while (bin < counts.length && edges[bin + 1] <= value) {
                below += counts[bin++];
            }
            const inside = bin < counts.length && value > edges[bin] ?
                counts[bin] * (value - edges[bin]) / (edges[bin + 1] - edges[bin]) : 0;
            parts[k] = total == 0 ? 0 : (below + inside) / total;
        }
        return parts;
    }
    // The width of the bin in which a value lies; 0 outside of all.
    function bin_width({ edges }, value) {
        let [low, high] = [0, edges.length - 1];
        if (!(value >= edges[low]) || value > edges[high]) {
            return 0;
        }
        while (high - low > 1) {
            const middle = (low + high) >> 1;
            if (edges[middle] <= value) {
                low = middle;
            }
            else {
                high = middle;
            }
        }
        return edges[high] - edges[low];
    }
    /* The heights, 0 to 1 and logarithmic, of so many columns that share a range. */
    function heights(info, [low, high], columns) {
        const values = Float64Array.from({ length: columns + 1 }, (_, k) => low + (high - low) * k / columns);
        const by_counts = parts_by_counts(info, values);
        const step = (high - low) / columns;
        const masses = Float64Array.from({ length: columns }, (_, k) => {
            const coarse = bin_width(info, (values[k] + values[k + 1]) / 2) > step;
            return Math.max(0, coarse ? (0, mapping_1.part_below)(info.quantiles, values[k + 1]) - (0, mapping_1.part_below)(info.quantiles, values[k]) :
                by_counts[k + 1] - by_counts[k]);
        });
        const most = masses.reduce((a, b) => Math.max(a, b), 0);
        const steps = 10 ** DECADES;
        return most == 0 ? masses : masses.map((mass) => Math.log10(1 + steps * mass / most) / Math.log10(1 + steps));
    }
    // Least and greatest value of all.
    function reach({ limits, quantiles }) {
        const [low, high] = limits.get("minmax") ?? [quantiles[0], quantiles[quantiles.length - 1]];
        return low < high ? [low, high] : [low - 0.5, low + 0.5];
    }
    // What is to be seen of the histogram: the limits, nearly all pixels, and a little more.
    function first_range(info, [low, high]) {
        const [most_low, most_high] = info.limits.get("99.5") ?? reach(info);
        const [a, b] = [Math.min(low, most_low), Math.max(high, most_high)];
        const spare = SPARE * (b - a);
        return [a - spare, b + spare];
    }
    // With as many digits as the range makes sense of.
    function write_value(value, [low, high]) {
        if (value == 0) {
            return "0";
        }
        const size = Math.abs(value);
        const step = (high - low) / 1000;
        const figures = Math.max(2, Math.min(15, Math.ceil(Math.log10(size / step)) + 1));
        if (!isFinite(figures)) {
            return `${value}`;
        }
        if (size >= 1e6 || size < 1e-3) {
            return value.toExponential(figures - 1).replace(/\.?0+e/, "e").replace("e+", "e");
        }
        return `${+value.toPrecision(figures)}`;
    }
    // NaN of what is no number.
    function read_value(text) {
        const plain = text.trim().replace(/[\u2212\u2013]/, "-").replace(",", ".");
        return plain == "" ? NaN : Number(plain);
    }
},
"7540fb9e5d": /* panes/image/mapping.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.clip = clip;
    exports.part_below = part_below;
    exports.brightness_of = brightness_of;
    exports.value_of = value_of;
    exports.decoded = decoded;
    exports.same_code = same_code;
    exports.same_mapping = same_mapping;
    exports.CODES = 65536;
    const MIDDLE = 32768;
    const LOG_SPAN = Math.log10(1001);
    const ASINH_SPAN = Math.asinh(10);
    function clip(value) {
        return value > 0 ? value < 1 ? value : 1 : 0; // NaN: 0
    }
    /* The part of all values up to this one, along straight lines through the quantiles. Where several are the same, the
     * part of the last of them counts. */
    function part_below(quantiles, value) {
        const last = quantiles.length - 1;
        if (!(value >= quantiles[0])) {
            return 0;
        }
        if (value >= quantiles[last]) {
            return 1;
        }
        let [low, high] = [0, last]; // quantiles[low] <= value < quantiles[high]
        while (high - low > 1) {
            const middle = (low + high) >> 1;
            if (quantiles[middle] <= value) {
                low = middle;
            }
            else {
                high = middle;
            }
        }
        return (low + (value - quantiles[low]) / (quantiles[high] - quantiles[low])) / last;
    }
    function quantile(quantiles, part) {
        const last = quantiles.length - 1;
        const at = clip(part) * last;
        const k = Math.min(Math.floor(at), last - 1);
        return quantiles[k] + (at - k) * (quantiles[k + 1] - quantiles[k]);
    }
    function stretched({ stretch, gamma }) {
        switch (stretch) {
            case "log": return (t) => Math.log10(1 + 1000 * t) / LOG_SPAN;
            case "asinh": return (t) => Math.asinh(10 * t) / ASINH_SPAN;
            case "sqrt": return Math.sqrt;
            case "gamma": return (t) => t ** (1 / gamma);
            default: return (t) => t;
        }
    }
    function unstretched({ stretch, gamma }) {
        switch (stretch) {
            case "log": return (t) => (10 ** (t * LOG_SPAN) - 1) / 1000;
            case "asinh": return (t) => Math.sinh(t * ASINH_SPAN) / 10;
            case "sqrt": return (t) => t * t;
            case "gamma": return (t) => t ** gamma;
            default: return (t) => t;
        }
    }
    // From values to 0..1, infinities to the ends; NaN becomes 0.
    function brightness_of(mapping) {
        const { stretch, low, high, brightness, contrast, quantiles } = mapping;
        const adjusted = (t) => clip((t - 0.5) * contrast + 0.5 + brightness);
        const [dark, bright] = [adjusted(0), adjusted(1)];
        let between;
        if (stretch == "histogram") {
            const [first, last] = [part_below(quantiles, low), part_below(quantiles, high)];
            const span = last > first ? last - first : 1;
            between = (value) => adjusted(clip((part_below(quantiles, value) - first) / span));
        }
        else {
            const bend = stretched(mapping);
            const span = high - low;
            between = (value) => adjusted(bend(clip((value - low) / span)));
        }
        return (value) => value >= high ? bright : value > low ? between(value) : value <= low ? dark : 0;
    }
    // A value that has this brightness; where several have, one of them.
    function value_of(mapping) {
        const { stretch, low, high, brightness, contrast, quantiles } = mapping;
        const plain = (t) => contrast == 0 ? 0.5 : clip((t - 0.5 - brightness) / contrast + 0.5);
        if (stretch == "histogram") {
            const [first, last] = [part_below(quantiles, low), part_below(quantiles, high)];
            return (t) => Math.min(Math.max(quantile(quantiles, first + plain(t) * (last - first)), low), high);
        }
        const unbend = unstretched(mapping);
        return (t) => low + unbend(plain(t)) * (high - low);
    }
    // The value of each code, of which 0 is NaN.
    function decoded({ kind, offset, scale, softening }) {
        const values = new Float64Array(exports.CODES);
        for (let code = 1; code < exports.CODES; code++) {
            values[code] = kind == "linear" ?
                offset + scale * (code - 1) : offset + softening * Math.sinh(scale * (code - MIDDLE));
        }
        values[0] = NaN;
        if (kind == "asinh") {
            values[1] = -Infinity;
            values[exports.CODES - 1] = Infinity;
        }
        return values;
    }
    function same_code(a, b) {
        return a.kind == b.kind && a.offset == b.offset && a.scale == b.scale && a.softening == b.softening;
    }
    function same_mapping(a, b) {
        return a.stretch == b.stretch && a.low == b.low && a.high == b.high && a.gamma == b.gamma &&
            a.brightness == b.brightness && a.contrast == b.contrast && a.quantiles == b.quantiles;
    }
},
"d11e0dc51c": /* panes/image/panel_parts.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.make = make;
    exports.even = even;
    exports.by_factors = by_factors;
    // Rows of the panel: native form elements with their labels.
    const STEPS = 200; // of a slider
    function make(tag, cls = "", text = "") {
        const element = document.createElement(tag);
        element.className = cls;
        element.textContent = text;
        return element;
    }
    /* A labelled list to choose from. */
    class Select {
        constructor(label, options, chosen) {
            this.el = make("label", "choice");
            this.select = make("select");
            this.options = options;
            this.select.append(...options.map(([value, text]) => new Option(text, value)));
            this.select.onchange = () => chosen(this.select.value);
            this.el.append(make("span", "", label), this.select);
        }
        show(value) {
            // "Manual" comes from dragging only: it is in the list while it is so.
            for (const [k, [name]] of this.options.entries()) {
                this.select.options[k].hidden = name == "manual" && value != name;
            }
            this.select.value = value;
        }
    }
    exports.Select = Select;
    Select.__name__ = "Select";
    function even(least, most, usual) {
        return { least, most, usual, to: (value) => value, from: (at) => at };
    }
    // Twice as much and half as much are as far from each other as from once.
    function by_factors(least, most, usual) {
        return { least: Math.log(least), most: Math.log(most), usual, to: Math.log, from: Math.exp };
    }
    /* A slider with its value, and a button that sets it back. */
    class Slider {
        constructor(label, scale, changed) {
            this.el = make("div", "slider");
            this.input = make("input");
            this.output = make("output");
            this.reset = make("button", "reset", "↺");
            this.scale = scale;
            const { least, most, usual, to, from } = scale;
            const { input, output, reset } = this;
            Object.assign(input, { type: "range", min: `${least}`, max: `${most}`, step: `${(most - least) / STEPS}` });
            input.setAttribute("aria-label", label);
            input.oninput = () => {
                const value = from(Number(input.value));
                // The usual value may lie between two steps.
                const near = Math.abs(Number(input.value) - to(usual)) < 0.6 * (most - least) / STEPS;
                changed(near ? usual : Number(value.toPrecision(3)));
            };
            reset.type = "button";
            reset.title = `Set back to ${usual}`;
            reset.setAttribute("aria-label", `${label}: set back to ${usual}`);
            reset.onclick = () => {
                changed(usual);
                input.focus();
            };
            this.el.append(make("span", "", label), input, output, reset);
        }
        show(value) {
            const { input, output, reset, scale: { least, to, usual } } = this;
            const at = to(value);
            input.value = `${isFinite(at) ? at : least}`;
            output.textContent = value.toFixed(2);
            input.setAttribute("aria-valuetext", output.textContent);
            reset.classList.toggle("idle", value == usual);
            reset.disabled = value == usual;
        }
    }
    exports.Slider = Slider;
    Slider.__name__ = "Slider";
    /* A box to tick. */
    class Check {
        constructor(label, changed) {
            this.el = make("label", "check");
            this.input = make("input");
            this.input.type = "checkbox";
            this.input.onchange = () => changed(this.input.checked);
            this.el.append(this.input, make("span", "", label));
        }
        show(on) {
            this.input.checked = on;
        }
    }
    exports.Check = Check;
    Check.__name__ = "Check";
},
"cecc858299": /* panes/image/palette_list.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.swatch = swatch;
    const panel_parts_1 = require("d11e0dc51c") /* ./panel_parts */;
    const STOPS = 24;
    function swatch(colors, invert) {
        const stops = Array.from({ length: STOPS }, (_, k) => {
            const level = Math.round((invert ? STOPS - 1 - k : k) * 255 / (STOPS - 1));
            return `rgb(${colors[3 * level]} ${colors[3 * level + 1]} ${colors[3 * level + 2]})`;
        });
        return `linear-gradient(to right, ${stops.join(", ")})`;
    }
    class PaletteList {
        constructor(display) {
            this.el = (0, panel_parts_1.make)("details", "palettes");
            this.name = (0, panel_parts_1.make)("span", "name");
            this.strip = (0, panel_parts_1.make)("i", "swatch");
            this.list = (0, panel_parts_1.make)("div", "list");
            this.made_of = "";
            this.display = display;
            const summary = (0, panel_parts_1.make)("summary");
            summary.append((0, panel_parts_1.make)("span", "term", "Palette"), this.name, this.strip);
            this.list.setAttribute("role", "radiogroup");
            this.list.setAttribute("aria-label", "Palette");
            this.el.append(summary, this.list);
            this.el.onkeydown = (event) => {
                if (event.key == "Escape" && this.el.open) {
                    event.stopPropagation();
                    this.el.open = false;
                    summary.focus();
                }
            };
            this.el.ontoggle = () => this.list.querySelector("input:checked")?.focus();
        }
        show() {
            const { display } = this;
            const { palette, palette_names, invert } = display;
            const key = `${palette_names.join()} ${display.palettes.byteLength}`;
            if (this.made_of != key) {
                this.made_of = key;
                this.list.replaceChildren(...palette_names.map((name) => this.make_choice(name)));
            }
            this.name.textContent = palette;
            this.strip.style.background = swatch(display.colors(), invert);
            for (const choice of this.list.children) {
                const input = choice.querySelector("input");
                input.checked = input.value == palette;
                choice.querySelector("i").style.background = swatch(display.colors_of(input.value), invert);
            }
        }
        make_choice(name) {
            const label = (0, panel_parts_1.make)("label");
            const input = (0, panel_parts_1.make)("input");
            input.type = "radio";
            input.name = "palette";
            input.value = name;
            input.onchange = () => this.display.setv({ palette: name });
            label.append(input, (0, panel_parts_1.make)("span", "", name), (0, panel_parts_1.make)("i", "swatch"));
            return label;
        }
    }
    exports.PaletteList = PaletteList;
    PaletteList.__name__ = "PaletteList";
},
"7ae030f790": /* panes/image/panel_style.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    // The look of the panel, on the page's own palette.
    exports.PANEL_CSS = `
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
`;
},
"bec1f16ab1": /* panes/image/image_renderer.js */ function _(require, module, exports, __esModule, __esExport) {
    var _a;
    __esModule();
    const signaling_1 = require("@bokehjs/core/signaling");
    const renderer_1 = require("@bokehjs/models/renderers/renderer");
    const image_display_1 = require("7ccd9c5ea9") /* ./image_display */;
    const image_renderer_view_1 = require("23ac626dc8") /* ./image_renderer_view */;
    const incoming_1 = require("9ebb583088") /* ./incoming */;
    const lie_1 = require("e7176dfbe2") /* ./lie */;
    const paints_1 = require("6bebd4932f") /* ./paints */;
    /* A huge image in a figure. The page's scripts may call `fit`, `zoom_to` and `look_at`, and listen to `moved`. */
    class ImageRenderer extends renderer_1.Renderer {
        constructor(attrs) {
            super(attrs);
        }
        initialize() {
            super.initialize();
            this.arrived = new signaling_1.Signal(this, "arrived");
            this.ready = new signaling_1.Signal(this, "ready");
            this.looked = new signaling_1.Signal(this, "looked");
            this.moved = new signaling_1.Signal0(this, "moved");
            this.incoming = new incoming_1.Incoming({
                version: () => this.version,
                arrived: (number) => this.arrived.emit(number),
                ready: (ask) => {
                    this.problem = "";
                    this.ready.emit(ask);
                },
                failed: (error) => this.fail(error),
            });
            this.pointed = null;
            this.pointer_number = 0;
            this.paints = new paints_1.Paints();
            this.colors_stale = true;
        }
        connect_signals() {
            super.connect_signals();
            this.connect(this.properties.packet.change, () => this.take_packet());
            this.take_packet();
        }
        get shape() {
            if (this.grid == null) {
                return null;
            }
            const [width, height, first, bottom_up] = this.grid;
            return { width, height, first, bottom_up };
        }
        // So that all is seen.
        fit() {
            this.looked.emit({ zoom: 0 });
        }
        // CSS pixels for one of the image, around the middle.
        zoom_to(zoom) {
            this.looked.emit({ zoom });
        }
        look_at(x, y, zoom) {
            this.looked.emit({ x, y, ...(zoom == null ? {} : { zoom }) });
        }
        // By layer what is known of the value at a place, from the finest blocks that are held; null: nothing.
        value_at(x, y) {
            const { shape } = this;
            if (shape == null) {
                return null;
            }
            const [column, row] = [Math.floor((0, lie_1.column_edge)(shape, x)), Math.floor((0, lie_1.row_edge)(shape, y))];
            const found = this.display.layers.map((_, layer) => this.incoming.store.look(layer, column, row, this.levels));
            if (found.length == 0 || found.some((each) => each == null)) {
                return null;
            }
            return {
                level: Math.max(...found.map((each) => each.level)),
                values: found.map((each) => this.paints.value(each.code, each.value)),
            };
        }
        // Whether there is a pixel.
        point(x, y) {
            const shape = this.shape;
            const [column, row] = [Math.floor((0, lie_1.column_edge)(shape, x)), Math.floor((0, lie_1.row_edge)(shape, y))];
            if (column < 0 || row < 0 || column >= shape.width || row >= shape.height) {
                return false;
            }
            const { level, values } = this.value_at(x, y) ?? { level: 0, values: [] };
            this.pointed = { x, y, number: ++this.pointer_number, column, row, level, values };
            this.moved.emit();
            return true;
        }
        leave() {
            this.pointed = null;
            this.pointer_number++;
            this.moved.emit();
        }
        start_anew() {
            this.problem = "";
            this.incoming.clear();
        }
        repaint_colors() {
            this.colors_stale = true;
            this.incoming.previews.forget();
        }
        get holdings() {
            if (this.colors_stale) {
                this.colors_stale = false;
                this.paints.set(this.display);
            }
            const { incoming: { store, previews }, paints } = this;
            return { layers: Math.max(1, this.display.layers.length), store, previews, paints };
        }
        said_display() {
            const { limits: _, ...options } = this.display.options;
            const ranges = this.display.ranges();
            return { ...options, low: ranges.map(([low]) => low), high: ranges.map(([, high]) => high) };
        }
        // What the server wants to be looked at.
        target() {
            const { go } = this;
            const { x, y, zoom } = (go instanceof Map ? Object.fromEntries(go) : go);
            return { ...(x == null ? {} : { x }), ...(y == null ? {} : { y }), ...(zoom == null ? {} : { zoom }) };
        }
        take_packet() {
            if (this.packet.byteLength != 0) {
                this.incoming.take(this.packet);
            }
        }
        fail(error) {
            const reason = error instanceof Error ? error.message : String(error);
            this.problem = `A piece of the image could not be read: ${reason}.`;
            console.warn(this.problem);
        }
    }
    exports.ImageRenderer = ImageRenderer;
    _a = ImageRenderer;
    ImageRenderer.__name__ = "ImageRenderer";
    ImageRenderer.__module__ = "lorgnette.panes.image.image_renderer";
    (() => {
        _a.prototype.default_view = image_renderer_view_1.ImageRendererView;
        _a.define(({ Bool, Bytes, Dict, Float, Int, Nullable, Ref, Str, Tuple }) => ({
            display: [Ref(image_display_1.ImageDisplay)],
            grid: [Nullable(Tuple(Int, Int, Int, Bool)), null],
            levels: [Int, 1],
            version: [Str, ""],
            packet: [Bytes, () => new ArrayBuffer(0)],
            go: [Dict(Float), () => ({})],
            progress: [Float, 1],
            notice: [Str, ""],
            problem: [Str, ""],
        }));
        _a.override({
            level: "image",
        });
    })();
},
"23ac626dc8": /* panes/image/image_renderer_view.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    const renderer_1 = require("@bokehjs/models/renderers/renderer");
    const screen_1 = require("aeb61abf12") /* ../events/screen */;
    const asker_1 = require("3324eb4dc4") /* ./asker */;
    const camera_1 = require("bed5142a19") /* ./camera */;
    const foot_1 = require("e3f6cfda70") /* ./foot */;
    const image_events_1 = require("159875e1fd") /* ./image_events */;
    const image_pointer_1 = require("5386666d35") /* ./image_pointer */;
    const lie_1 = require("e7176dfbe2") /* ./lie */;
    const stage_1 = require("8b31968933") /* ./stage */;
    class ImageRendererView extends renderer_1.RendererView {
        constructor() {
            super(...arguments);
            this.stop = new AbortController();
            this.stage = new stage_1.Stage();
            this.foot = new foot_1.Foot();
            this.camera = new camera_1.Camera({
                ranges: () => [this.coordinates.x_source, this.coordinates.y_source],
                frame: () => this.plot_view.frame.bbox,
                ratio: () => this.canvas.pixel_ratio,
                grid: () => this.model.shape,
            });
            this.teller = new image_pointer_1.Teller(([x, y]) => this.model.trigger_event(new image_events_1.ImagePointer(x, y, this.model.pointer_number)));
            this.waiting = false; // for both ranges to be set
            // For tests and benchmarks: when what was drawn, by the page's clock.
            this.painted_ms = 0;
            this.preview_drawn = null;
            this.preview_ready = 0; // number of the question
        }
        initialize() {
            super.initialize();
            this.asker = new asker_1.Asker({
                lie: () => this.lie(),
                corners: () => this.corners(),
                version: () => this.model.version,
                layers: () => this.model.display.layers.length,
                store: this.model.incoming.store,
                display: () => this.model.said_display(),
                ask: (question) => {
                    this.model.incoming.note(question.number, this.model.display.mappings());
                    this.model.trigger_event(new image_events_1.ImageAsk(question));
                },
                seen: (number) => this.model.trigger_event(new image_events_1.ImageSeen(number)),
            });
        }
        connect_signals() {
            super.connect_signals();
            const { display, arrived, ready, looked, properties } = this.model;
            const { grid, levels, version, go, progress, notice } = properties;
            this.connect(display.change, () => {
                this.model.repaint_colors();
                this.stage.forget();
                this.request_paint();
                this.asker.look(); // with other layers
            });
            this.connect(arrived, (number) => this.asker.acknowledge(number));
            this.connect(ready, (ask) => this.take(ask));
            this.connect(looked, (look) => this.camera.go(look));
            this.on_change(version, () => this.start_anew(true));
            this.on_change([grid, levels], () => this.start_anew(false));
            this.on_change(go, () => this.camera.go(this.model.target()));
            this.on_change([progress, notice], () => this.show_foot());
            for (const range of [this.coordinates.x_source, this.coordinates.y_source]) {
                this.connect(range.change, () => this.take_ranges());
            }
            (0, image_pointer_1.listen)(this.plot_view, {
                point: (sx, sy) => this.point(sx, sy),
                leave: () => this.leave(),
                reset: () => this.camera.fit(),
            }, this.stop.signal);
        }
        render() {
            super.render();
            this.canvas.overlays_el.append(this.foot.el);
            this.show_foot();
        }
        remove() {
            this.stop.abort();
            this.asker.end();
            this.camera.end();
            this.teller.end();
            this.foot.el.remove();
            super.remove();
        }
        // Whose blocks are drawn, and how many of those that are seen are not held; -1 before the first picture.
        get level_drawn() {
            return this.stage.level;
        }
        get missing_count() {
            return this.asker.missing_count;
        }
        // Whether all that is seen was drawn from blocks of the right level.
        get is_sharp() {
            return this.stage.complete && this.lie()?.level == this.stage.level;
        }
        get asked() {
            return this.asker.number;
        }
        // How the image lies in the frame; null while there is none, or no place for it.
        lie() {
            const { shape, levels } = this.model;
            const lie = shape != null ? new lie_1.Lie(shape, levels, this.screen()) : null;
            return lie?.is_sound ? lie : null;
        }
        // How the figure's frame maps the image's coordinates.
        screen() {
            const { left, top, width, height } = this.plot_view.frame.bbox;
            const { x_scale, y_scale } = this.coordinates;
            const [x0, x1] = [x_scale.source_range.start, x_scale.source_range.end];
            const [y0, y1] = [y_scale.source_range.start, y_scale.source_range.end];
            const ax = (x_scale.compute(x1) - x_scale.compute(x0)) / (x1 - x0);
            const ay = (y_scale.compute(y1) - y_scale.compute(y0)) / (y1 - y0);
            const [bx, by] = [x_scale.compute(x0) - ax * x0 - left, y_scale.compute(y0) - ay * y0 - top];
            return new screen_1.Screen(ax, bx, ay, by, width, height, this.canvas.pixel_ratio);
        }
        corners() {
            const { x_source, y_source } = this.coordinates;
            return { x0: x_source.start, y0: y_source.start, x1: x_source.end, y1: y_source.end };
        }
        _paint(context) {
            this.camera.settle();
            this.foot.lay(this.plot_view.frame.bbox);
            const lie = this.lie();
            if (lie == null) {
                return;
            }
            this.asker.look();
            this.stage.paint(lie, this.model.holdings);
            this.show(context, lie);
            this.painted_ms = performance.now();
            if (this.preview_ready != 0) {
                this.preview_drawn = { ask: this.preview_ready, ms: this.painted_ms };
                this.preview_ready = 0;
            }
        }
        // On whole pixels of the screen: Bokeh's canvas is moved by half a pixel, for the sake of thin lines.
        show(context, lie) {
            const { left, top } = this.plot_view.frame.bbox;
            const { canvas } = this.stage;
            const scale = context.getTransform().a;
            const part = scale / lie.screen.ratio;
            context.save();
            context.setTransform(1, 0, 0, 1, Math.round(left * scale), Math.round(top * scale));
            context.drawImage(canvas, 0, 0, canvas.width * part, canvas.height * part);
            context.restore();
        }
        take(ask) {
            if (ask != 0) {
                this.preview_ready = ask;
                this.stage.drop_snapshot();
            }
            this.stage.refresh();
            this.asker.look();
            this.request_paint();
        }
        start_anew(same_place) {
            this.model.start_anew();
            this.stage.clear(same_place);
            this.camera.settle();
            this.asker.look();
            this.request_paint();
        }
        // A tool sets both ranges, one after the other.
        take_ranges() {
            if (!this.waiting) {
                this.waiting = true;
                queueMicrotask(() => {
                    this.waiting = false;
                    if (!this.stop.signal.aborted) {
                        this.camera.take();
                        this.asker.look();
                    }
                });
            }
        }
        point(sx, sy) {
            const { left, top, width, height } = this.plot_view.frame.bbox;
            const { shape } = this.model;
            const inside = sx >= left && sy >= top && sx < left + width && sy < top + height;
            const [x, y] = [this.coordinates.x_scale.invert(sx), this.coordinates.y_scale.invert(sy)];
            if (shape != null && inside && this.model.point(x, y)) {
                this.teller.put([x, y]);
            }
            else {
                this.leave();
            }
        }
        leave() {
            if (this.model.pointed != null) {
                this.model.leave();
                this.teller.put([null, null]);
            }
        }
        show_foot() {
            this.foot.show(this.model.notice, this.model.progress);
        }
    }
    exports.ImageRendererView = ImageRendererView;
    ImageRendererView.__name__ = "ImageRendererView";
},
"3324eb4dc4": /* panes/image/asker.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    const block_store_1 = require("bf59b09c48") /* ./block_store */;
    const lie_1 = require("e7176dfbe2") /* ./lie */;
    const GAP_MS = 50; // between two questions
    const SEEN_MS = 8; // in which acknowledgements are put together
    const PATIENCE_MS = 3000; // after which is asked again; then twice as long
    const MOST_PATIENCE_MS = 30000;
    const MOST_MISSING = 512; // blocks in one question
    class Asker {
        constructor(desk) {
            this.number = 0; // of the newest question
            this.missing_count = 0; // blocks that are seen and not held, when it was last looked
            this.view = ""; // what the newest question was about
            this.asked = new Set();
            this.seen = 0;
            this.last_ms = -Infinity;
            this.patience_ms = PATIENCE_MS;
            this.desk = desk;
        }
        end() {
            for (const timer of [this.turn, this.saying, this.doubt]) {
                clearTimeout(timer);
            }
        }
        // A packet has come; what is in it may not be ready yet.
        acknowledge(number) {
            this.seen = Math.max(this.seen, number);
            this.patience_ms = PATIENCE_MS;
            this.saying ?? (this.saying = setTimeout(() => {
                this.saying = undefined;
                this.desk.seen(this.seen);
            }, SEEN_MS));
        }
        // Ask if there is something to ask: the view is another one, or the newest question is answered and not enough.
        look() {
            const lie = this.desk.lie();
            if (lie == null || this.desk.version() == "" || this.desk.layers() == 0) {
                return;
            }
            const missing = this.find(lie);
            this.missing_count = missing.count;
            const other = this.key(lie) != this.view;
            if (!other && (missing.count == 0 || [...missing.of].some((key) => this.asked.has(key)))) {
                return; // nothing new, or it is still on its way
            }
            const wait = this.last_ms + GAP_MS - performance.now();
            if (wait > 0) {
                this.turn ?? (this.turn = setTimeout(() => {
                    this.turn = undefined;
                    this.look();
                }, wait));
            }
            else {
                this.ask(lie, missing, other);
            }
        }
        key({ screen: { ax, bx, ay, by, width, height, ratio }, level }) {
            return [ax, bx, ay, by, width, height, ratio, level, this.desk.version()].join();
        }
        find(lie) {
            const { store } = this.desk;
            const missing = { flat: [], count: 0, of: new Set() };
            const { level } = lie;
            const window = lie.window(level);
            const layers = this.desk.layers();
            for (const [column, row] of window == null ? [] : (0, lie_1.from_middle)(window, lie.seen)) {
                for (let layer = 0; layer < layers; layer++) {
                    if (!store.has(layer, level, column, row)) {
                        missing.count++;
                        if (missing.count <= MOST_MISSING) {
                            missing.flat.push(layer, level, column, row);
                            missing.of.add((0, block_store_1.key_of)(layer, level, column, row));
                        }
                    }
                }
            }
            return missing;
        }
        ask(lie, missing, preview) {
            this.last_ms = performance.now();
            this.view = this.key(lie);
            this.asked = missing.of;
            this.number++;
            const { width, height, level, screen: { ax } } = lie;
            this.desk.ask({
                number: this.number, version: this.desk.version(), ...this.desk.corners(), width, height, zoom: ax, level,
                missing: missing.flat, preview: preview && missing.count != 0, display: this.desk.display(), seen: this.seen,
            });
            clearTimeout(this.doubt);
            if (missing.count != 0) {
                this.doubt = setTimeout(() => this.ask_again(), this.patience_ms);
            }
        }
        // Something is lost, or takes long.
        ask_again() {
            this.patience_ms = Math.min(2 * this.patience_ms, MOST_PATIENCE_MS);
            this.asked = new Set();
            this.look();
        }
    }
    exports.Asker = Asker;
    Asker.__name__ = "Asker";
},
"bf59b09c48": /* panes/image/block_store.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.key_of = key_of;
    // The blocks of codes that the page holds: the least recently drawn go first.
    const packet_1 = require("015a1a550c") /* ./packet */;
    const MOST_BYTES = 64 << 20; // of codes
    function key_of(layer, level, column, row) {
        return `${layer}/${level}/${column}/${row}`;
    }
    class BlockStore {
        constructor() {
            this.blocks = new Map(); // the least recently used first
            this.bytes = 0;
            this.levels = new Map(); // how many of each
        }
        get size() {
            return this.blocks.size;
        }
        put({ layer, level, column, row, width, height, code }, codes) {
            const key = key_of(layer, level, column, row);
            this.remove(key);
            const has_gaps = codes.includes(0);
            this.blocks.set(key, { layer, level, column, row, width, height, code, codes, has_gaps });
            this.bytes += codes.byteLength;
            this.levels.set(level, (this.levels.get(level) ?? 0) + 1);
            for (const oldest of this.blocks.keys()) {
                if (this.bytes <= MOST_BYTES) {
                    break;
                }
                this.remove(oldest);
            }
        }
        has(layer, level, column, row) {
            return this.blocks.has(key_of(layer, level, column, row));
        }
        // For drawing: it is kept longer than what is not drawn.
        use(layer, level, column, row) {
            const key = key_of(layer, level, column, row);
            const block = this.blocks.get(key);
            if (block != null) {
                this.blocks.delete(key);
                this.blocks.set(key, block);
            }
            return block ?? null;
        }
        has_level(level) {
            return (this.levels.get(level) ?? 0) > 0;
        }
        /* The code at a pixel of level 0 (whole column and row), of the finest level that is there. */
        look(layer, column, row, levels) {
            for (let level = 0; level < levels; level++) {
                const [x, y] = [column >> level, row >> level];
                const block = this.blocks.get(key_of(layer, level, Math.floor(x / packet_1.BLOCK), Math.floor(y / packet_1.BLOCK)));
                if (block != null) {
                    const value = block.codes[(y % packet_1.BLOCK) * block.width + x % packet_1.BLOCK];
                    return { code: block.code, value, level };
                }
            }
            return null;
        }
        clear() {
            this.blocks.clear();
            this.levels.clear();
            this.bytes = 0;
        }
        remove(key) {
            const block = this.blocks.get(key);
            if (block != null) {
                this.blocks.delete(key);
                this.bytes -= block.codes.byteLength;
                this.levels.set(block.level, this.levels.get(block.level) - 1);
            }
        }
    }
    exports.BlockStore = BlockStore;
    BlockStore.__name__ = "BlockStore";
},
"015a1a550c": /* panes/image/packet.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.decode = decode;
    // Pieces of an image as they come: blocks of codes, or a preview. The server's half, with the layout, is in packet.py.
    const MAGIC = 0x4d49474c; // "LGIM", little-endian
    const VERSION = 1;
    const BLOCKS = 1;
    const PREVIEW = 2;
    const HEADER_BYTES = 24;
    const PIECE_BYTES = 48;
    const PICTURE_BYTES = 48;
    const MOST_PIECES = 4096;
    const MOST_LAYERS = 3;
    const IS_COLOR = 1;
    exports.BLOCK = 128; // pixels of a level to a side
    class PacketError extends Error {
    }
    exports.PacketError = PacketError;
    PacketError.__name__ = "PacketError";
    const up = (length) => Math.ceil(length / 8) * 8;
    function part(buffer, start, length) {
        if (start + length > buffer.byteLength) {
            throw new PacketError(`it has ${buffer.byteLength} bytes and should have ${start + length}`);
        }
        return new Uint8Array(buffer, start, length);
    }
    function read_piece(view, at) {
        const [layer, level, kind] = [view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2)];
        const [width, height] = [view.getUint16(at + 4, true), view.getUint16(at + 6, true)];
        if (kind > 1 || layer >= MOST_LAYERS || width == 0 || height == 0 || width > exports.BLOCK || height > exports.BLOCK) {
            throw new PacketError(`a block of kind ${kind} has ${width} × ${height} pixels of layer ${layer}`);
        }
        return {
            layer, level, width, height,
            column: view.getUint32(at + 8, true),
            row: view.getUint32(at + 12, true),
            size: view.getUint32(at + 16, true),
            code: {
                kind: kind == 0 ? "linear" : "asinh",
                offset: view.getFloat64(at + 24, true),
                scale: view.getFloat64(at + 32, true),
                softening: view.getFloat64(at + 40, true),
            },
        };
    }
    function read_blocks(buffer, start, count, head) {
        if (count == 0 || count > MOST_PIECES) {
            throw new PacketError(`it says that it holds ${count} blocks`);
        }
        part(buffer, start, count * PIECE_BYTES);
        const view = new DataView(buffer);
        let at = start + count * PIECE_BYTES;
        const pieces = Array.from({ length: count }, (_, k) => {
            const { size, ...piece } = read_piece(view, start + k * PIECE_BYTES);
            const data = part(buffer, at, size);
            at += up(size);
            return { ...piece, data };
        });
        return { ...head, pieces };
    }
    function read_preview(buffer, start, head) {
        part(buffer, start, PICTURE_BYTES);
        const view = new DataView(buffer);
        const edge = (k) => view.getFloat64(start + 8 + 8 * k, true);
        const area = { left: edge(0), top: edge(1), right: edge(2), bottom: edge(3) };
        if (!(isFinite(area.left + area.top) && area.right > area.left && area.bottom > area.top)) {
            throw new PacketError("its preview shows no part of an image");
        }
        return {
            ...head, area,
            ask: Number(view.getBigUint64(start, true)),
            is_color: (view.getUint32(start + 44, true) & IS_COLOR) != 0,
            jpeg: part(buffer, start + PICTURE_BYTES, view.getUint32(start + 40, true)),
        };
    }
    // Raises `PacketError`. The data lie on `buffer`, which must not be changed afterwards.
    function decode(buffer) {
        const bytes = part(buffer, 0, HEADER_BYTES);
        const view = new DataView(buffer);
        const kind = bytes[5];
        if (view.getUint32(0, true) != MAGIC || bytes[4] != VERSION || kind != BLOCKS && kind != PREVIEW) {
            throw new PacketError("it begins like something else; load the page anew if the server was updated");
        }
        const length = view.getUint16(6, true);
        const version = new TextDecoder().decode(part(buffer, HEADER_BYTES, length));
        const head = { number: Number(view.getBigUint64(8, true)), version };
        const start = HEADER_BYTES + up(length);
        return kind == PREVIEW ? read_preview(buffer, start, head) :
            read_blocks(buffer, start, view.getUint32(16, true), head);
    }
},
"e7176dfbe2": /* panes/image/lie.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.column_edge = column_edge;
    exports.row_edge = row_edge;
    exports.same_window = same_window;
    exports.from_middle = from_middle;
    const packet_1 = require("015a1a550c") /* ./packet */;
    // Of an edge left of (above) each column (row): whole numbers are edges, the first pixel lies between 0 and 1.
    function column_edge(grid, x) {
        return x - grid.first + 0.5;
    }
    function row_edge(grid, y) {
        return grid.bottom_up ? grid.height - 0.5 - (y - grid.first) : y - grid.first + 0.5;
    }
    const limited = (value, least, most) => Math.min(Math.max(value, least), most);
    class Lie {
        constructor(grid, levels, screen) {
            this.grid = grid;
            this.levels = levels;
            this.screen = screen;
            const { ax, ay, ratio } = screen;
            const { width, height, first, bottom_up } = grid;
            this.px = ax * ratio;
            this.py = (bottom_up ? -ay : ay) * ratio;
            this.left = screen.x(first - 0.5) * ratio;
            this.top = screen.y(bottom_up ? first + height - 0.5 : first - 0.5) * ratio;
            this.width = Math.ceil(screen.width * ratio);
            this.height = Math.ceil(screen.height * ratio);
            this.level = limited(Math.round(-Math.log2(Math.min(this.px, this.py))), 0, levels - 1);
            const seen = {
                left: limited(-this.left / this.px, 0, width), right: limited((this.width - this.left) / this.px, 0, width),
                top: limited(-this.top / this.py, 0, height), bottom: limited((this.height - this.top) / this.py, 0, height),
            };
            this.seen = seen.left < seen.right && seen.top < seen.bottom ? seen : null;
        }
        // Whether there is anything to reckon with: square or not, but neither mirrored nor infinite.
        get is_sound() {
            return this.px > 0 && this.py > 0 && isFinite(this.px + this.py + this.left + this.top) && this.width > 0 &&
                this.height > 0 && this.width <= 16384 && this.height <= 16384;
        }
        x(column) {
            return this.left + this.px * column;
        }
        y(row) {
            return this.top + this.py * row;
        }
        // The blocks of a level that are seen.
        window(level) {
            if (this.seen == null) {
                return null;
            }
            const { left, top, right, bottom } = this.seen;
            const side = packet_1.BLOCK * 2 ** level;
            return {
                level, left: Math.floor(left / side), top: Math.floor(top / side), right: Math.ceil(right / side),
                bottom: Math.ceil(bottom / side),
            };
        }
    }
    exports.Lie = Lie;
    Lie.__name__ = "Lie";
    function same_window(a, b) {
        return a.level == b.level && a.left == b.left && a.top == b.top && a.right == b.right && a.bottom == b.bottom;
    }
    // All blocks of a window, those nearest to the middle of what is seen first.
    function from_middle({ level, left, top, right, bottom }, seen) {
        const places = [];
        const side = 2 * packet_1.BLOCK * 2 ** level;
        const [x, y] = [(seen.left + seen.right) / side - 0.5, (seen.top + seen.bottom) / side - 0.5];
        for (let row = top; row < bottom; row++) {
            for (let column = left; column < right; column++) {
                places.push([column, row, (column - x) ** 2 + (row - y) ** 2]);
            }
        }
        return places.sort((a, b) => a[2] - b[2]).map(([column, row]) => [column, row]);
    }
},
"bed5142a19": /* panes/image/camera.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    const address_1 = require("8e81ff7409") /* ./address */;
    exports.MOST_ZOOM = 128;
    const FURTHEST = 8; // how much smaller than the frame an image can become
    const SQUARE = 1e-6;
    class Camera {
        constructor(stand) {
            this.address = new address_1.Address(() => this.texts(), (query) => this.follow(query));
            this.look = null; // as it was asked for; null: nothing was shown yet
            this.placed = null; // as the ranges are: on whole pixels of the screen where that can be
            this.is_fit = false;
            this.size = { width: 0, height: 0 };
            this.grid = null;
            this.limits_for = "";
            this.stand = stand;
        }
        end() {
            this.address.end();
        }
        // Before a painting: the frame may have another size, the image too.
        settle() {
            const [grid, size] = [this.stand.grid(), this.stand.frame()];
            if (grid == null || !(size.width > 0 && size.height > 0)) {
                return;
            }
            const other = this.grid?.width != grid.width || this.grid.height != grid.height;
            const moved = !other && (this.grid.first != grid.first || this.grid.bottom_up != grid.bottom_up);
            const first = this.look == null;
            const resized = size.width != this.size.width || size.height != this.size.height;
            this.grid = grid;
            this.size = size;
            if (first) {
                this.follow(this.address.query);
            }
            else if (other || moved || resized && this.is_fit) {
                this.fit();
            }
            else if (resized) {
                this.put(this.look);
            }
        }
        // The ranges are other ones: by a tool, or by `put`.
        take() {
            const [x, y] = this.stand.ranges();
            const { width, height } = this.size;
            if (this.look == null || width == 0) {
                return;
            }
            const [across, down] = [width / Math.abs(x.end - x.start), height / Math.abs(y.end - y.start)];
            const look = { x: (x.start + x.end) / 2, y: (y.start + y.end) / 2, zoom: Math.min(across, down) };
            if (!isFinite(look.x + look.y + look.zoom) || this.placed != null && same(look, this.placed)) {
                return;
            }
            this.is_fit = false;
            if (Math.abs(across / down - 1) > SQUARE) {
                this.put(look);
            }
            else {
                this.look = look;
                this.placed = look;
                this.address.write_soon();
            }
        }
        // So that all of the image is seen.
        fit() {
            const { grid } = this;
            if (grid != null) {
                this.put({ x: grid.first + (grid.width - 1) / 2, y: grid.first + (grid.height - 1) / 2, zoom: this.fit_zoom() });
                this.is_fit = true;
                this.address.write_soon();
            }
        }
        // What is left out stays; zoom 0: so that all is seen.
        go({ x, y, zoom }) {
            if (zoom != null && !(zoom > 0)) {
                this.fit();
            }
            else if (this.look != null) {
                this.is_fit = false;
                this.put({ x: x ?? this.look.x, y: y ?? this.look.y, zoom: zoom ?? this.look.zoom });
                this.address.write_soon();
            }
        }
        fit_zoom() {
            const { grid, size } = this;
            return Math.min(size.width / grid.width, size.height / grid.height, exports.MOST_ZOOM);
        }
        put(look) {
            const { width, height } = this.size;
            const least = Math.min(this.fit_zoom(), 1) / FURTHEST;
            const zoom = Math.min(Math.max(look.zoom, least), exports.MOST_ZOOM);
            this.look = { ...look, zoom };
            const { x, y } = this.snapped(this.look);
            this.placed = { x, y, zoom };
            const [half, up] = [width / 2 / zoom, (this.grid.bottom_up ? height : -height) / 2 / zoom];
            const [x_range, y_range] = this.stand.ranges();
            const limits = `${width} ${height} ${least}`;
            if (limits != this.limits_for) {
                this.limits_for = limits;
                const slack = 1 + 1e-9;
                x_range.setv({ min_interval: width / exports.MOST_ZOOM / slack, max_interval: width / least * slack });
                y_range.setv({ min_interval: height / exports.MOST_ZOOM / slack, max_interval: height / least * slack });
            }
            x_range.setv({ start: x - half, end: x + half });
            y_range.setv({ start: y - up, end: y + up });
        }
        // Where a pixel of the image is a whole number of the screen's or the other way round, it begins with one of those.
        snapped({ x, y, zoom }) {
            const ratio = this.stand.ratio();
            const scale = zoom * ratio;
            const whole = scale >= 1 ? scale : 1 / scale;
            if (Math.abs(whole - Math.round(whole)) > 1e-9) {
                return { x, y };
            }
            const { first, bottom_up, height } = this.grid;
            const near = (middle, edge, length) => {
                const at = length * ratio / 2 - (middle - edge) * scale;
                return middle + (at - Math.round(at)) / scale;
            };
            const [top, down] = [bottom_up ? first + height - 0.5 : first - 0.5, bottom_up ? -1 : 1];
            return { x: near(x, first - 0.5, this.size.width), y: down * near(down * y, down * top, this.size.height) };
        }
        // Whether something of the image can be seen from there, however far it is zoomed out.
        is_near(x, y) {
            const { width, height, first } = this.grid;
            const reach = FURTHEST * Math.max(width, height);
            return Math.abs(x - first) <= reach && Math.abs(y - first) <= reach;
        }
        texts() {
            if (this.look == null || this.is_fit) {
                return { x: null, y: null, zoom: null };
            }
            const { x, y, zoom } = this.look;
            const digits = Math.min(Math.max(Math.ceil(Math.log10(zoom)) + 1, 0), 5);
            return { x: `${+x.toFixed(digits)}`, y: `${+y.toFixed(digits)}`, zoom: `${+zoom.toPrecision(6)}` };
        }
        follow(query) {
            const [x, y, zoom] = ["x", "y", "zoom"].map((name) => query.has(name) ? Number(query.get(name)) : NaN);
            this.look ?? (this.look = { x: 0, y: 0, zoom: 1 });
            if (this.is_near(x, y) && zoom > 0) {
                this.go({ x, y, zoom });
            }
            else {
                this.fit();
            }
        }
    }
    exports.Camera = Camera;
    Camera.__name__ = "Camera";
    function same(a, b) {
        const near = (one, other) => Math.abs(one - other) * b.zoom < 1e-4;
        return near(a.x, b.x) && near(a.y, b.y) && Math.abs(a.zoom / b.zoom - 1) < 1e-9;
    }
},
"e3f6cfda70": /* panes/image/foot.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    const STYLE = `position: absolute; box-sizing: border-box; pointer-events: none; overflow: hidden; padding: 2px 8px;
  font: 12px/20px var(--lg-font, sans-serif); color: var(--lg-ink, #1d2229); background: var(--lg-surface, #ffffff);
  border-radius: 4px; opacity: 0.92; text-overflow: ellipsis; white-space: nowrap;`;
    const BAR_STYLE = `position: absolute; left: 0; bottom: 0; height: 2px; background: var(--lg-accent, #0b62b8);`;
    const GAP = 8;
    class Foot {
        constructor() {
            this.el = document.createElement("div");
            this.words = document.createElement("span");
            this.bar = document.createElement("div");
            this.place = "";
            this.el.style.cssText = STYLE;
            this.bar.style.cssText = BAR_STYLE;
            this.el.setAttribute("role", "status");
            this.el.append(this.words, this.bar);
            this.el.style.display = "none";
        }
        show(notice, progress) {
            const making = progress < 1;
            const text = notice == "" && making ? `The smaller sizes are being made: ${Math.floor(100 * progress)} %` : notice;
            if (this.words.textContent != text) {
                this.words.textContent = text;
            }
            this.el.style.display = text == "" ? "none" : "block";
            this.bar.style.width = making ? `${(100 * progress).toFixed(1)}%` : "0";
        }
        lay({ left, bottom, width }) {
            const place = `${left} ${bottom} ${width}`;
            if (place != this.place) {
                this.place = place;
                Object.assign(this.el.style, {
                    left: `${left + GAP}px`, top: `${bottom - GAP - 24}px`, maxWidth: `${Math.max(0, width - 2 * GAP)}px`,
                });
            }
        }
    }
    exports.Foot = Foot;
    Foot.__name__ = "Foot";
},
"159875e1fd": /* panes/image/image_events.js */ function _(require, module, exports, __esModule, __esExport) {
    var _a, _b, _c;
    __esModule();
    // What the renderer says to the server.
    const bokeh_events_1 = require("@bokehjs/core/bokeh_events");
    class ImageAsk extends bokeh_events_1.ModelEvent {
        constructor(question) {
            super();
            this.question = question;
        }
        get event_values() {
            return { ...super.event_values, ...this.question };
        }
    }
    exports.ImageAsk = ImageAsk;
    _a = ImageAsk;
    ImageAsk.__name__ = "ImageAsk";
    (() => {
        _a.prototype.event_name = "lorgnette_image_ask";
    })();
    class ImageSeen extends bokeh_events_1.ModelEvent {
        constructor(seen) {
            super();
            this.seen = seen;
        }
        get event_values() {
            return { ...super.event_values, seen: this.seen };
        }
    }
    exports.ImageSeen = ImageSeen;
    _b = ImageSeen;
    ImageSeen.__name__ = "ImageSeen";
    (() => {
        _b.prototype.event_name = "lorgnette_image_seen";
    })();
    class ImagePointer extends bokeh_events_1.ModelEvent {
        constructor(x, y, number) {
            super();
            this.x = x;
            this.y = y;
            this.number = number;
        }
        get event_values() {
            const { x, y, number } = this;
            return { ...super.event_values, x, y, number };
        }
    }
    exports.ImagePointer = ImagePointer;
    _c = ImagePointer;
    ImagePointer.__name__ = "ImagePointer";
    (() => {
        _c.prototype.event_name = "lorgnette_image_pointer";
    })();
},
"5386666d35": /* panes/image/image_pointer.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.listen = listen;
    const GAP_MS = 50;
    function listen(plot_view, told, signal) {
        const plot = plot_view.model;
        const on = (name, listener) => {
            plot.on_event(name, (event) => signal.aborted ? undefined : listener(event));
            plot.document?.event_manager.subscribed_models.add(plot);
        };
        on("mousemove", ({ sx, sy }) => told.point(sx, sy));
        on("tap", ({ sx, sy }) => told.point(sx, sy)); // a finger only taps
        on("mouseleave", () => told.leave());
        on("reset", () => told.reset());
    }
    // The newest of many, not more often than the server wants to hear.
    class Teller {
        constructor(tell) {
            this.waiting = null;
            this.tell = tell;
        }
        put(value) {
            this.waiting = { value };
            if (this.timer == null) {
                this.flush();
            }
        }
        end() {
            clearTimeout(this.timer);
        }
        flush() {
            this.timer = undefined;
            if (this.waiting != null) {
                const { value } = this.waiting;
                this.waiting = null;
                this.timer = setTimeout(() => this.flush(), GAP_MS);
                this.tell(value);
            }
        }
    }
    exports.Teller = Teller;
    Teller.__name__ = "Teller";
},
"8b31968933": /* panes/image/stage.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    const sheet_1 = require("57bd54f50e") /* ./sheet */;
    const MANY_PIXELS = 4 << 20; // of a sheet that is finer than the screen
    class Stage {
        constructor() {
            this.canvas = document.createElement("canvas");
            this.context = this.canvas.getContext("2d");
            this.sheets = new Map();
            this.snapshot = null;
            this.lie = null; // for which it was painted
            this.stale = true;
            this.level = -1; // whose blocks were drawn last
            this.blocks = 0; // how many of them
            this.complete = false; // whether nothing else can be seen
        }
        // Something has come.
        refresh() {
            this.stale = true;
        }
        // The colours are other ones.
        forget() {
            this.stale = true;
            this.sheets.forEach((sheet) => sheet.forget());
        }
        // Another image, or another one of the same size: then what is seen stays until there is something in its place.
        clear(keep) {
            const { lie, canvas } = this;
            if (!keep) {
                this.snapshot = null;
            }
            else if (lie?.seen != null && this.level >= 0) {
                const copy = document.createElement("canvas");
                copy.width = canvas.width;
                copy.height = canvas.height;
                copy.getContext("2d").drawImage(canvas, 0, 0);
                const [left, top] = [-lie.left / lie.px, -lie.top / lie.py];
                this.snapshot = {
                    area: { left, top, right: left + canvas.width / lie.px, bottom: top + canvas.height / lie.py }, canvas: copy,
                };
            }
            this.sheets.clear();
            this.level = -1;
            this.stale = true;
        }
        // There is something of what is to be seen now.
        drop_snapshot() {
            this.snapshot = null;
        }
        paint(lie, holdings) {
            const { canvas, context } = this;
            const same = this.lie != null && this.lie.levels == lie.levels && this.lie.screen.equals(lie.screen);
            if (same && !this.stale) {
                return;
            }
            this.lie = lie;
            this.stale = false;
            if (canvas.width != lie.width || canvas.height != lie.height) {
                canvas.width = lie.width;
                canvas.height = lie.height;
            }
            else {
                context.clearRect(0, 0, canvas.width, canvas.height);
            }
            context.save();
            context.beginPath();
            const [left, top] = [lie.x(0), lie.y(0)];
            // Of an image of few rows or columns, at least a line is seen.
            const [width, height] = [lie.x(lie.grid.width) - left, lie.y(lie.grid.height) - top];
            context.rect(left, top, Math.max(1, width), Math.max(1, height));
            context.clip(); // the last pixels of a level reach beyond the image
            this.draw_all(lie, holdings);
            context.restore();
        }
        draw_all(lie, holdings) {
            const sheet = this.filled(lie, lie.level, holdings);
            this.level = lie.level;
            this.blocks = sheet?.count ?? 0;
            this.complete = sheet?.complete ?? lie.seen == null;
            const used = new Set([lie.level]);
            if (this.complete) {
                this.snapshot = null;
            }
            else {
                this.draw_below(lie, holdings, used);
            }
            sheet?.draw(this.context, lie, !this.complete);
            for (const level of this.sheets.keys()) {
                if (!used.has(level)) {
                    this.sheets.delete(level);
                }
            }
        }
        draw_below(lie, holdings, used) {
            const { context, snapshot } = this;
            if (snapshot != null) {
                const { area: { left, top, right, bottom }, canvas } = snapshot;
                context.drawImage(canvas, lie.x(left), lie.y(top), lie.px * (right - left), lie.py * (bottom - top));
            }
            const { previews, paints, store } = holdings;
            const parts = previews.scales.map((scale, k) => ({ scale, draw: () => previews.draw(context, lie, k, paints) }));
            for (let level = Math.max(0, lie.level - 1); level < lie.levels; level++) {
                const size = 2 ** level;
                const too_many = level < lie.level && lie.width * lie.height / (lie.px * lie.py * size * size) > MANY_PIXELS;
                if (level != lie.level && store.has_level(level) && !too_many) {
                    used.add(level);
                    parts.push({ scale: size, draw: () => this.filled(lie, level, holdings)?.draw(context, lie, true) });
                }
            }
            parts.sort((a, b) => b.scale - a.scale).forEach(({ draw }) => draw());
        }
        filled(lie, level, { layers, store, paints }) {
            const window = lie.window(level);
            if (window == null) {
                return null;
            }
            let sheet = this.sheets.get(level);
            if (sheet == null) {
                sheet = new sheet_1.Sheet();
                this.sheets.set(level, sheet);
            }
            sheet.fill(window, layers, store, paints);
            return sheet;
        }
    }
    exports.Stage = Stage;
    Stage.__name__ = "Stage";
},
"57bd54f50e": /* panes/image/sheet.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    // The blocks of one level that are seen, side by side on one canvas: so that they have no seams when it is drawn smaller.
    const lie_1 = require("e7176dfbe2") /* ./lie */;
    const packet_1 = require("015a1a550c") /* ./packet */;
    const CRISP = 2; // from more device pixels for one of the level on, single pixels are meant to be seen
    const AROUND = 2; // pixels more than are seen, so that smoothing does not see the end
    class Sheet {
        constructor() {
            this.canvas = document.createElement("canvas");
            this.spare = document.createElement("canvas");
            this.image = new ImageData(packet_1.BLOCK, packet_1.BLOCK);
            this.pixels = new Uint32Array(this.image.data.buffer);
            this.painted = new Map();
            this.window = null;
        }
        // How many blocks are on it, and whether all are that should be.
        get count() {
            return this.painted.size;
        }
        get complete() {
            const { window } = this;
            return window != null && this.painted.size == (window.right - window.left) * (window.bottom - window.top);
        }
        // The colours are other ones.
        forget() {
            this.window = null;
        }
        // Put all blocks of a window on it that are there and not yet painted.
        fill(window, layers, store, paints) {
            if (this.window == null || !(0, lie_1.same_window)(window, this.window)) {
                this.move(window);
            }
            for (let row = window.top; row < window.bottom; row++) {
                for (let column = window.left; column < window.right; column++) {
                    this.put(window, column, row, layers, store, paints);
                }
            }
        }
        // What lies in the old window and in the new one needs not be painted again.
        move(window) {
            const [before, old] = [this.window, this.canvas];
            this.canvas = this.spare;
            this.spare = old;
            this.canvas.width = packet_1.BLOCK * (window.right - window.left); // empties it
            this.canvas.height = packet_1.BLOCK * (window.bottom - window.top);
            this.window = window;
            if (before == null) {
                this.painted.clear();
                return;
            }
            this.canvas.getContext("2d").drawImage(old, packet_1.BLOCK * (before.left - window.left), packet_1.BLOCK * (before.top - window.top));
            for (const [key, [{ column, row }]] of this.painted) {
                if (column < window.left || column >= window.right || row < window.top || row >= window.bottom) {
                    this.painted.delete(key);
                }
            }
        }
        put(window, column, row, layers, store, paints) {
            const blocks = [];
            for (let layer = 0; layer < layers; layer++) {
                const block = store.use(layer, window.level, column, row);
                if (block == null) {
                    return;
                }
                blocks.push(block);
            }
            const key = `${column}/${row}`;
            const before = this.painted.get(key);
            const [{ width, height }] = blocks;
            if (before?.every((block, k) => block == blocks[k]) || blocks.some((each) => each.width != width || each.height != height)) {
                return;
            }
            const whole = width == packet_1.BLOCK && height == packet_1.BLOCK;
            const image = whole ? this.image : new ImageData(width, height);
            paints.paint(blocks, whole ? this.pixels : new Uint32Array(image.data.buffer));
            this.canvas.getContext("2d").putImageData(image, packet_1.BLOCK * (column - window.left), packet_1.BLOCK * (row - window.top));
            this.painted.set(key, blocks);
        }
        draw(context, lie, above_others) {
            const { window } = this;
            if (window == null || lie.seen == null || this.painted.size == 0) {
                return;
            }
            const size = 2 ** window.level;
            if (above_others) {
                this.clear_gaps(context, lie, size);
            }
            const [across, down] = [packet_1.BLOCK * window.left, packet_1.BLOCK * window.top];
            const { seen } = lie;
            const left = Math.max(Math.floor(seen.left / size) - AROUND, across);
            const top = Math.max(Math.floor(seen.top / size) - AROUND, down);
            const right = Math.min(Math.ceil(seen.right / size) + AROUND, packet_1.BLOCK * window.right, Math.ceil(lie.grid.width / size));
            const bottom = Math.min(Math.ceil(seen.bottom / size) + AROUND, packet_1.BLOCK * window.bottom, Math.ceil(lie.grid.height / size));
            const [x, y] = [lie.x(left * size), lie.y(top * size)];
            context.imageSmoothingEnabled = size * Math.max(lie.px, lie.py) <= CRISP && !is_whole(lie, size);
            context.drawImage(this.canvas, left - across, top - down, right - left, bottom - top, x, y, Math.max(1, lie.x(right * size) - x), Math.max(1, lie.y(bottom * size) - y));
        }
        // Where a block has pixels without a value, nothing of what was drawn before may show through.
        clear_gaps(context, lie, size) {
            for (const blocks of this.painted.values()) {
                const [{ column, row, width, height }] = blocks;
                if (blocks.some(({ has_gaps }) => has_gaps)) {
                    const [left, right] = [packet_1.BLOCK * column, packet_1.BLOCK * column + width].map((at) => Math.round(lie.x(at * size)));
                    const [top, bottom] = [packet_1.BLOCK * row, packet_1.BLOCK * row + height].map((at) => Math.round(lie.y(at * size)));
                    context.clearRect(left, top, right - left, bottom - top);
                }
            }
        }
    }
    exports.Sheet = Sheet;
    Sheet.__name__ = "Sheet";
    // Whether each pixel of a level is exactly one of the screen.
    function is_whole({ px, py, left, top }, size) {
        const near = (value) => Math.abs(value - Math.round(value)) < 1e-3;
        return Math.abs(px * size - 1) < 1e-6 && Math.abs(py * size - 1) < 1e-6 && near(left) && near(top);
    }
},
"9ebb583088": /* panes/image/incoming.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    // What the page holds of an image: takes packets, and tells when something in them is ready to be drawn.
    const block_store_1 = require("bf59b09c48") /* ./block_store */;
    const inflate_1 = require("49936e4dfb") /* ./inflate */;
    const packet_1 = require("015a1a550c") /* ./packet */;
    const previews_1 = require("5f04a1b494") /* ./previews */;
    const MANY_ASKS = 64; // of which is known how their previews are made
    class Incoming {
        constructor(told) {
            this.store = new block_store_1.BlockStore();
            this.previews = new previews_1.Previews();
            this.made = new Map(); // by question
            this.newest = 0; // question with a preview
            this.reading = Promise.resolve(); // of the newest preview
            this.told = told;
        }
        note(ask, mappings) {
            this.made.set(ask, mappings);
            if (this.made.size > MANY_ASKS) {
                this.made.delete(this.made.keys().next().value);
            }
        }
        clear() {
            this.store.clear();
            this.previews.clear();
        }
        take(buffer) {
            try {
                const packet = (0, packet_1.decode)(buffer);
                this.told.arrived(packet.number);
                if (packet.version == this.told.version()) {
                    if ("pieces" in packet) {
                        void this.take_blocks(packet).catch(this.told.failed);
                    }
                    else {
                        this.reading = this.take_preview(packet).catch(this.told.failed);
                    }
                }
            }
            catch (error) {
                this.told.failed(error);
            }
        }
        async take_blocks({ pieces, version }) {
            await this.reading; // what is seen first must not wait for what comes behind it
            const codes = await Promise.all(pieces.map(inflate_1.unpack));
            if (version == this.told.version()) {
                pieces.forEach((piece, k) => this.store.put(piece, codes[k]));
                this.told.ready(0);
            }
        }
        async take_preview(preview) {
            const add = await this.previews.read(preview, preview.is_color ? null : this.made.get(preview.ask)?.[0] ?? null);
            if (preview.version == this.told.version() && preview.ask >= this.newest) {
                this.newest = preview.ask;
                add();
                this.told.ready(preview.ask);
            }
        }
    }
    exports.Incoming = Incoming;
    Incoming.__name__ = "Incoming";
},
"49936e4dfb": /* panes/image/inflate.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.unpack = unpack;
    // The codes of a block out of the bytes in which they came; `data_sources/images/codec.py` tells how they are made.
    const packet_1 = require("015a1a550c") /* ./packet */;
    const MIDDLE = 32768;
    const SHIFT = 128;
    async function inflate(bytes, size) {
        const stream = new DecompressionStream("deflate");
        const writer = stream.writable.getWriter();
        // What goes wrong here is told by the reader, too.
        writer.write(bytes).catch(() => null);
        writer.close().catch(() => null);
        const reader = stream.readable.getReader();
        const result = new Uint8Array(size);
        let filled = 0;
        for (;;) {
            const { done, value } = await reader.read();
            if (done) {
                break;
            }
            if (filled + value.length > size) {
                void reader.cancel();
                throw new packet_1.PacketError(`a block unpacks to more than ${size} bytes`);
            }
            result.set(value, filled);
            filled += value.length;
        }
        if (filled != size) {
            throw new packet_1.PacketError(`a block unpacks to ${filled} bytes and not to ${size}`);
        }
        return result;
    }
    // Each code was written as what it adds to the one at its left; the first of a row to the one above it.
    function add_up(planes, width, height) {
        const count = width * height;
        const codes = new Uint16Array(count);
        let first = MIDDLE;
        for (let row = 0, k = 0; row < height; row++) {
            let left = first;
            for (const end = k + width; k < end; k++) {
                left = (left + planes[k] + (planes[count + k] << 8) - SHIFT) & 0xffff;
                codes[k] = left;
            }
            first = codes[k - width];
        }
        return codes;
    }
    async function unpack({ data, width, height }) {
        return add_up(await inflate(data, 2 * width * height), width, height);
    }
},
"5f04a1b494": /* panes/image/previews.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    const MOST = 4;
    const CRISP = 2;
    function size({ left, top, right, bottom }) {
        return (right - left) * (bottom - top);
    }
    class Previews {
        constructor() {
            this.pictures = []; // the newest last
        }
        get scales() {
            return this.pictures.map(({ scale }) => scale);
        }
        /* `made`: how the one layer became grey, null if that is not known any more. */
        async read({ jpeg, area, is_color }, made) {
            const image = await createImageBitmap(new Blob([jpeg], { type: "image/jpeg" }), { colorSpaceConversion: "none" });
            const canvas = document.createElement("canvas");
            canvas.width = image.width;
            canvas.height = image.height;
            const context = canvas.getContext("2d", { willReadFrequently: !is_color });
            context.drawImage(image, 0, 0);
            image.close();
            let greys = null;
            if (!is_color) {
                const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
                greys = new Uint8Array(data.length / 4);
                for (let k = 0; k < greys.length; k++) {
                    greys[k] = data[4 * k];
                }
            }
            const scale = (area.right - area.left) / canvas.width;
            return () => this.add({ area, scale, greys, made, canvas, stale: greys != null });
        }
        // The colours are other ones.
        forget() {
            for (const picture of this.pictures) {
                picture.stale = picture.greys != null;
            }
        }
        clear() {
            this.pictures.length = 0;
        }
        draw(context, lie, k, paints) {
            const picture = this.pictures[k];
            const { area, canvas } = picture;
            if (picture.stale) {
                this.paint(picture, paints);
            }
            const [x, y] = [lie.x(area.left), lie.y(area.top)];
            context.imageSmoothingEnabled = lie.px * picture.scale <= CRISP;
            context.drawImage(canvas, x, y, Math.max(1, lie.x(area.right) - x), Math.max(1, lie.y(area.bottom) - y));
        }
        add(picture) {
            this.pictures.push(picture);
            if (this.pictures.length > MOST) {
                // The one that shows most serves wherever the reader goes.
                const widest = this.pictures.reduce((a, b) => size(b.area) >= size(a.area) ? b : a);
                this.pictures.splice(this.pictures[0] == widest ? 1 : 0, 1);
            }
        }
        paint(picture, paints) {
            const { canvas, greys, made } = picture;
            const table = paints.for_preview(made);
            const image = new ImageData(canvas.width, canvas.height);
            const pixels = new Uint32Array(image.data.buffer);
            for (let k = 0; k < pixels.length; k++) {
                pixels[k] = table[greys[k]];
            }
            canvas.getContext("2d").putImageData(image, 0, 0);
            picture.stale = false;
        }
    }
    exports.Previews = Previews;
    Previews.__name__ = "Previews";
},
"6bebd4932f": /* panes/image/paints.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.pack_color = pack_color;
    // From codes to colours: tables of 65,536 entries for the display as it is, made when a block is first painted with them.
    const mapping_1 = require("7540fb9e5d") /* ./mapping */;
    const FEW = 12; // decoded codes that are kept: 512 kB each
    const OPAQUE = 0xff000000;
    const [RED, GREEN, BLUE] = [0.2126, 0.7152, 0.0722];
    function shade(t) {
        return Math.floor(255 * t + 0.5);
    }
    // "#rrggbb" or "#rrggbbaa" as four bytes in the order of ImageData; nothing of what is no colour.
    function pack_color(text) {
        const found = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})?$/i.exec(text);
        if (found == null) {
            return 0;
        }
        const [red, green, blue, alpha] = found.slice(1).map((each) => parseInt(each ?? "ff", 16));
        return (alpha << 24 | blue << 16 | green << 8 | red) >>> 0;
    }
    // Of decoded codes, whatever the display.
    class Values {
        constructor() {
            this.kept = [];
        }
        of(code) {
            const k = this.kept.findIndex((each) => (0, mapping_1.same_code)(each.code, code));
            const found = k >= 0 ? this.kept.splice(k, 1)[0] : { code, values: (0, mapping_1.decoded)(code) };
            this.kept.unshift(found);
            this.kept.length = Math.min(this.kept.length, FEW);
            return found.values;
        }
    }
    Values.__name__ = "Values";
    class Paints {
        constructor() {
            this.values = new Values();
            this.mappings = [];
            this.nothing = 0;
            this.saturation = 1;
            this.gamma = 1; // that is applied after the stretch
            this.palette = new Uint32Array(256);
            this.tables = [];
            this.shades = [];
        }
        // Take up another display.
        set(display) {
            this.mappings = display.mappings();
            this.nothing = pack_color(display.nan_color);
            this.saturation = display.saturation;
            this.gamma = display.stretch == "gamma" ? 1 : display.gamma;
            const colors = display.colors();
            this.palette = Uint32Array.from({ length: 256 }, (_, k) => {
                const at = 3 * (display.invert ? 255 - k : k);
                return (OPAQUE | colors[at + 2] << 16 | colors[at + 1] << 8 | colors[at]) >>> 0;
            });
            this.tables = [];
            this.shades = [];
        }
        value(code, index) {
            return this.values.of(code)[index];
        }
        // Colours of the grey levels of a preview that was made with another mapping.
        for_preview(made) {
            const [now] = this.mappings;
            if (now == null || made == null || (0, mapping_1.same_mapping)(made, now)) {
                return this.palette;
            }
            const [value, brightness] = [(0, mapping_1.value_of)(made), (0, mapping_1.brightness_of)(now)];
            return Uint32Array.from({ length: 256 }, (_, k) => this.palette[shade(brightness(value(k / 255)))]);
        }
        // One block of each layer, all of the same place, into pixels of a picture.
        paint(blocks, pixels) {
            if (blocks.length == 1) {
                const [{ codes, code }] = blocks;
                const table = this.colors(code);
                for (let k = 0; k < codes.length; k++) {
                    pixels[k] = table[codes[k]];
                }
            }
            else if (this.saturation == 1) {
                this.mix(blocks, pixels);
            }
            else {
                this.mix_saturated(blocks, pixels);
            }
        }
        mix([red, green, blue], pixels) {
            const [reds, greens, blues] = [red, green, blue].map(({ code }, layer) => this.component(layer, code));
            const { nothing } = this;
            const [r, g, b] = [red.codes, green.codes, blue.codes];
            for (let k = 0; k < r.length; k++) {
                pixels[k] = (r[k] | g[k] | b[k]) == 0 ? nothing : reds[r[k]] | greens[g[k]] | blues[b[k]];
            }
        }
        mix_saturated([red, green, blue], pixels) {
            const [reds, greens, blues] = [red, green, blue].map(({ code }, layer) => this.parts(layer, code));
            const { nothing, saturation } = this;
            const [r, g, b] = [red.codes, green.codes, blue.codes];
            for (let k = 0; k < r.length; k++) {
                if ((r[k] | g[k] | b[k]) == 0) {
                    pixels[k] = nothing;
                    continue;
                }
                const [x, y, z] = [reds[r[k]], greens[g[k]], blues[b[k]]];
                const grey = RED * x + GREEN * y + BLUE * z;
                const around = (part) => shade((0, mapping_1.clip)(grey + saturation * (part - grey)));
                pixels[k] = OPAQUE | around(z) << 16 | around(y) << 8 | around(x);
            }
        }
        colors(code) {
            return kept(this.tables, 0, code, () => {
                const { palette } = this;
                const parts = this.fresh(0, code);
                const table = new Uint32Array(mapping_1.CODES);
                for (let k = 1; k < mapping_1.CODES; k++) {
                    table[k] = palette[shade(parts[k])];
                }
                table[0] = this.nothing;
                return table;
            });
        }
        component(layer, code) {
            return kept(this.tables, layer, code, () => {
                const parts = this.parts(layer, code);
                const table = new Uint32Array(mapping_1.CODES);
                for (let k = 0; k < mapping_1.CODES; k++) {
                    table[k] = OPAQUE | shade(parts[k]) << 8 * layer;
                }
                return table;
            });
        }
        // Brightness in 0..1 of each code of a layer in colour; what has no value counts as dark.
        parts(layer, code) {
            return kept(this.shades, layer, code, () => {
                const parts = this.fresh(layer, code);
                return this.gamma == 1 ? parts : parts.map((t) => t ** (1 / this.gamma));
            });
        }
        fresh(layer, code) {
            const mapping = this.mappings[layer];
            const parts = new Float32Array(mapping_1.CODES);
            if (mapping != null) {
                const brightness = (0, mapping_1.brightness_of)(mapping);
                const values = this.values.of(code);
                for (let k = 1; k < mapping_1.CODES; k++) {
                    parts[k] = brightness(values[k]);
                }
            }
            return parts;
        }
    }
    exports.Paints = Paints;
    Paints.__name__ = "Paints";
    function kept(list, layer, code, make) {
        let found = list.find((each) => each.layer == layer && (0, mapping_1.same_code)(each.code, code));
        if (found == null) {
            found = { layer, code, table: make() };
            list.push(found);
            list.splice(0, Math.max(0, list.length - 3 * FEW));
        }
        return found.table;
    }
},
"d2a3d6ab6d": /* panes/image/measure_tool.js */ function _(require, module, exports, __esModule, __esExport) {
    var _a, _b, _c;
    __esModule();
    const bokeh_events_1 = require("@bokehjs/core/bokeh_events");
    const kinds_1 = require("@bokehjs/core/kinds");
    const color_1 = require("@bokehjs/core/util/color");
    const renderer_1 = require("@bokehjs/models/renderers/renderer");
    const gesture_tool_1 = require("@bokehjs/models/tools/gestures/gesture_tool");
    const measure_shape_1 = require("848c77131c") /* ./measure_shape */;
    const LEAST = 3; // CSS pixels: what is shorter was no drag
    const TELL_MS = 200; // between two words to the server while a key is held down
    const ICONS = {
        line: "<path d='M4 16 16 4'/><path d='m2.5 14.5 3 3m9-15 3 3'/>",
        box: "<path d='M3 5h14v10H3z'/>",
        circle: "<circle cx='10' cy='10' r='7'/><path d='M10 10h7'/>",
        point: "<path d='M10 2v5m0 6v5M2 10h5m6 0h5'/>",
    };
    const TITLES = {
        line: "Profile along a line", box: "Statistics of a box", circle: "Statistics of a circle", point: "Mark a point",
    };
    const ORDERS = { line: 40, box: 41, circle: 42, point: 43 };
    class Measured extends bokeh_events_1.ModelEvent {
        constructor(shape, place) {
            super();
            this.shape = shape;
            this.place = place;
        }
        get event_values() {
            const [x0, y0, x1, y1] = this.place;
            return { ...super.event_values, shape: this.shape, x0, y0, x1, y1 };
        }
    }
    exports.Measured = Measured;
    _a = Measured;
    Measured.__name__ = "Measured";
    (() => {
        _a.prototype.event_name = "lorgnette_measured";
    })();
    class MeasureMarkView extends renderer_1.RendererView {
        connect_signals() {
            super.connect_signals();
            this.connect(this.model.change, () => this.request_paint());
        }
        get needs_clip() {
            return true;
        }
        get figure() {
            const { place, shape } = this.model;
            if (place == null) {
                return null;
            }
            const { x_scale, y_scale } = this.coordinates;
            const at = (x, y) => [x_scale.compute(x), y_scale.compute(y)];
            return new measure_shape_1.Figure(shape, at(place[0], place[1]), at(place[2], place[3]));
        }
        _paint(context) {
            const { figure, model: { place, shape, color, active, pixel_size, unit } } = this;
            if (figure != null) {
                figure.paint(context, (0, color_1.color2css)(color), active);
                figure.write(context, (0, measure_shape_1.describe)(shape, place, { size: pixel_size, name: unit }), this.plot_view.frame.bbox);
            }
        }
    }
    exports.MeasureMarkView = MeasureMarkView;
    MeasureMarkView.__name__ = "MeasureMarkView";
    /* What a tool has drawn. It is in the browser only; the snapshot of a figure has it. */
    class MeasureMark extends renderer_1.Renderer {
        constructor(attrs) {
            super(attrs);
        }
    }
    _b = MeasureMark;
    MeasureMark.__name__ = "MeasureMark";
    MeasureMark.__module__ = "lorgnette.panes.image.measure_tool";
    (() => {
        _b.prototype.default_view = MeasureMarkView;
        _b.define(({ Bool, Color, Float, Nullable, Str, Tuple }) => ({
            shape: [(0, kinds_1.Enum)("line", "box", "circle", "point"), "line"],
            place: [Nullable(Tuple(Float, Float, Float, Float)), null],
            active: [Bool, false],
            color: [Color, "#ffd400"],
            pixel_size: [Nullable(Float), null],
            unit: [Str, "arcsec"],
        }));
        _b.override({
            level: "overlay",
        });
    })();
    class MeasureToolView extends gesture_tool_1.GestureToolView {
        constructor() {
            super(...arguments);
            this.mark = new MeasureMark({ syncable: false });
            this.drag = null;
        }
        get overlays() {
            return [...super.overlays, this.mark];
        }
        initialize() {
            super.initialize();
            this.show();
        }
        connect_signals() {
            super.connect_signals();
            this.connect(this.model.change, () => this.show());
        }
        remove() {
            clearTimeout(this.timer);
            super.remove();
        }
        deactivate() {
            this.cancel();
        }
        _pan_start({ sx, sy }) {
            const { frame, canvas_view, renderer_views } = this.plot_view;
            if (this.model.shape == "point" || !frame.bbox.contains(sx, sy)) {
                return false;
            }
            canvas_view.events_el.focus({ preventScroll: true }); // for the keys
            const at = this.invert(sx, sy);
            const before = this.model.place;
            const view = renderer_views.get(this.mark);
            const grip = view?.figure?.grip([sx, sy]) ?? null;
            this.drag = { grip: grip ?? 1, start: at, from: grip == null ? [...at, ...at] : before, before };
            return true;
        }
        _pan({ sx, sy, modifiers }) {
            if (this.drag == null) {
                return false;
            }
            this.mark.place = this.dragged(this.drag, this.invert(sx, sy), modifiers.shift);
            return true;
        }
        _pan_end({ sx, sy, modifiers }) {
            const { drag } = this;
            if (drag == null) {
                return false;
            }
            this.drag = null;
            const place = this.dragged(drag, this.invert(sx, sy), modifiers.shift);
            const { x_scale, y_scale } = this.plot_view.frame;
            const length = Math.hypot(x_scale.compute(place[2]) - x_scale.compute(place[0]), y_scale.compute(place[3]) - y_scale.compute(place[1]));
            if (length < LEAST) {
                this.show();
            }
            else {
                this.take(place);
            }
            return true;
        }
        _tap({ sx, sy }) {
            if (this.model.shape != "point" || !this.plot_view.frame.bbox.contains(sx, sy)) {
                return false;
            }
            this.plot_view.canvas_view.events_el.focus({ preventScroll: true });
            const at = this.invert(sx, sy);
            this.take([...at, ...at]);
            return true;
        }
        _press(event) {
            return this._tap(event);
        }
        _keydown({ key, modifiers, native }) {
            if (!this.model.active || modifiers.ctrl || modifiers.alt || native.defaultPrevented) {
                return;
            }
            const step = this.step(key);
            if (key == "Escape" && (this.drag != null || this.model.place != null)) {
                this.drag != null ? this.cancel() : this.model.place = null;
            }
            else if (key == "Enter" && this.model.place == null) {
                this.take(this.first_place());
            }
            else if (step != null && this.model.place != null && this.drag == null) {
                this.nudge(step, modifiers.shift && this.model.shape != "point");
            }
            else {
                return;
            }
            native.preventDefault();
            native.stopPropagation(); // these keys may mean something else to the page
        }
        show() {
            const { shape, place, active, color, pixel_size, unit } = this.model;
            if (this.drag == null) {
                this.mark.setv({ shape, place, active, color, pixel_size, unit });
            }
        }
        invert(sx, sy) {
            const { x_scale, y_scale } = this.plot_view.frame;
            return [x_scale.invert(sx), y_scale.invert(sy)];
        }
        dragged({ grip, start, from }, at, shift) {
            const [x0, y0, x1, y1] = from;
            if (grip == -1) {
                const [dx, dy] = [at[0] - start[0], at[1] - start[1]];
                return [x0 + dx, y0 + dy, x1 + dx, y1 + dy];
            }
            // The corner across stays; the handles 2 and 3 of a box are (x1, y0) and (x0, y1).
            const fixed = grip == 0 ? [x1, y1] : grip == 1 ? [x0, y0] : grip == 2 ? [x0, y1] : [x1, y0];
            const moved = shift ? (0, measure_shape_1.constrained)(this.model.shape, fixed, at) : at;
            return grip == 0 ? [...moved, ...fixed] : [...fixed, ...moved];
        }
        cancel() {
            this.drag = null;
            this.show();
        }
        // For those without a mouse: in the middle of the view.
        first_place() {
            const { left, right, top, bottom } = this.plot_view.frame.bbox;
            const [x, y] = [(left + right) / 2, (top + bottom) / 2];
            const reach = Math.min(right - left, bottom - top) / 8;
            const { shape } = this.model;
            const a = this.invert(shape == "circle" || shape == "point" ? x : x - reach, shape == "box" ? y + reach : y);
            const b = this.invert(shape == "point" ? x : x + reach, shape == "box" ? y - reach : y);
            return [...a, ...b];
        }
        // One pixel of the image, or of the screen if that is more.
        step(key) {
            const { x_scale, y_scale } = this.plot_view.frame;
            const x = Math.max(1, Math.abs(x_scale.invert(1) - x_scale.invert(0)));
            const up = y_scale.invert(0) - y_scale.invert(1);
            const y = Math.max(1, Math.abs(up)) * Math.sign(up);
            const steps = {
                ArrowLeft: [-x, 0], ArrowRight: [x, 0], ArrowUp: [0, y], ArrowDown: [0, -y],
            };
            return steps[key] ?? null;
        }
        nudge([dx, dy], second_only) {
            const [x0, y0, x1, y1] = this.mark.place;
            this.mark.place = second_only ? [x0, y0, x1 + dx, y1 + dy] : [x0 + dx, y0 + dy, x1 + dx, y1 + dy];
            this.timer ?? (this.timer = setTimeout(() => {
                this.timer = undefined;
                if (this.mark.place != null && this.drag == null) {
                    this.take(this.mark.place);
                }
            }, TELL_MS));
        }
        take(place) {
            clearTimeout(this.timer);
            this.timer = undefined;
            const { model } = this;
            model.place = (0, measure_shape_1.settled)(model.shape, place);
            this.show();
            model.trigger_event(new Measured(model.shape, model.place));
        }
    }
    exports.MeasureToolView = MeasureToolView;
    MeasureToolView.__name__ = "MeasureToolView";
    /* Draws one line, box, circle or point. */
    class MeasureTool extends gesture_tool_1.GestureTool {
        constructor(attrs) {
            super(attrs);
            this.tool_name = "Measure";
        }
        get event_type() {
            return this.shape == "point" ? "tap" : "pan";
        }
        get default_order() {
            return ORDERS[this.shape];
        }
        get tooltip() {
            return this.description ?? TITLES[this.shape];
        }
        // A grey that is seen on light and on dark.
        get computed_icon() {
            const attributes = "fill='none' stroke='rgb(125,134,145)' stroke-width='2' stroke-linecap='round' " +
                "stroke-linejoin='round'";
            const picture = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 20 20' ${attributes}>${ICONS[this.shape]}</svg>`;
            return super.computed_icon ?? `data:image/svg+xml;utf8,${picture}`;
        }
    }
    exports.MeasureTool = MeasureTool;
    _c = MeasureTool;
    MeasureTool.__name__ = "MeasureTool";
    MeasureTool.__module__ = "lorgnette.panes.image.measure_tool";
    (() => {
        _c.prototype.default_view = MeasureToolView;
        _c.define(({ Color, Float, Nullable, Str, Tuple }) => ({
            shape: [(0, kinds_1.Enum)("line", "box", "circle", "point"), "line"],
            place: [Nullable(Tuple(Float, Float, Float, Float)), null],
            pixel_size: [Nullable(Float), null],
            unit: [Str, "arcsec"],
            color: [Color, "#ffd400"],
        }));
    })();
},
"848c77131c": /* panes/image/measure_shape.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.constrained = constrained;
    exports.settled = settled;
    exports.write_size = write_size;
    exports.describe = describe;
    const HANDLE = 3.5; // half a side, CSS pixels
    const REACH = 9; // how far beside a handle still takes it
    const ARM = 9; // of the cross of a point
    // With shift: a square, or one of eight directions.
    function constrained(shape, [x0, y0], [x1, y1]) {
        const [dx, dy] = [x1 - x0, y1 - y0];
        if (shape == "box") {
            const side = Math.max(Math.abs(dx), Math.abs(dy));
            return [x0 + (dx < 0 ? -side : side), y0 + (dy < 0 ? -side : side)];
        }
        if (shape == "line") {
            const angle = Math.round(Math.atan2(dy, dx) / (Math.PI / 4)) * Math.PI / 4;
            const along = dx * Math.cos(angle) + dy * Math.sin(angle);
            return [x0 + along * Math.cos(angle), y0 + along * Math.sin(angle)];
        }
        return [x1, y1];
    }
    // As it is told to others: a hundredth of a pixel is more than anybody can point at.
    function settled(shape, [x0, y0, x1, y1]) {
        const place = shape == "box" ? [Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1)] :
            [x0, y0, x1, y1];
        return place.map((value) => Math.round(value * 100) / 100);
    }
    function digits(value) {
        const size = Math.abs(value);
        return value.toFixed(size >= 100 ? 1 : size >= 1 ? 2 : 3);
    }
    // 0.25″, 1.50′, 2.00°; of other units the number and its name.
    function write_size(value, unit) {
        if (unit != "arcsec") {
            return `${digits(value)} ${unit}`;
        }
        return value < 60 ? `${digits(value)}″` : value < 3600 ? `${digits(value / 60)}′` : `${digits(value / 3600)}°`;
    }
    function lengths([x0, y0, x1, y1], shape) {
        return shape == "box" ? [Math.abs(x1 - x0), Math.abs(y1 - y0)] : [Math.hypot(x1 - x0, y1 - y0)];
    }
    // What is written beside the shape.
    function describe(shape, place, unit) {
        if (shape == "point") {
            return "";
        }
        const sizes = lengths(place, shape);
        const before = shape == "circle" ? "r = " : "";
        const pixels = `${before}${sizes.map((size) => size.toFixed(1)).join(" × ")} px`;
        return unit.size == null ? pixels :
            `${pixels}, ${sizes.map((size) => write_size(size * unit.size, unit.name)).join(" × ")}`;
    }
    /* A shape in CSS pixels of the figure. */
    class Figure {
        constructor(shape, a, b) {
            this.shape = shape;
            this.a = a;
            this.b = b;
        }
        // Where the handles are: 0 and 1 are the two points of the place, 2 and 3 the other corners of a box.
        get handles() {
            const { shape, a, b } = this;
            return shape == "point" ? [] : shape == "box" ? [a, b, [b[0], a[1]], [a[0], b[1]]] : [a, b];
        }
        // The handle that is meant by a place, -1 for the shape as a whole, null if nothing of it is.
        grip([x, y]) {
            const near = this.handles.findIndex((handle) => Math.hypot(handle[0] - x, handle[1] - y) <= REACH);
            const { shape } = this;
            if (near >= 0) {
                return shape == "circle" && near == 0 ? -1 : near;
            }
            return this.is_on(x, y) ? -1 : null;
        }
        is_on(x, y) {
            const { shape, a, b } = this;
            if (shape == "circle") {
                return Math.abs(Math.hypot(x - a[0], y - a[1]) - Math.hypot(b[0] - a[0], b[1] - a[1])) <= REACH;
            }
            if (shape == "box") {
                const [left, right, top, bottom] = [Math.min(a[0], b[0]), Math.max(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[1], b[1])];
                const inside = (by) => x > left - by && x < right + by && y > top - by && y < bottom + by;
                return inside(REACH) && !inside(-REACH); // within it another one may be drawn
            }
            const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
            const along = Math.max(0, Math.min(1, ((x - a[0]) * dx + (y - a[1]) * dy) / Math.max(dx * dx + dy * dy, 1e-9)));
            return Math.hypot(a[0] + along * dx - x, a[1] + along * dy - y) <= REACH;
        }
        // Light lines with dark edges can be seen on any picture.
        paint(context, color, active) {
            context.lineJoin = "round";
            context.lineCap = "round";
            for (const [ink, more] of [["rgb(0 0 0 / 65%)", 3], [color, 0]]) {
                context.strokeStyle = ink;
                context.fillStyle = ink;
                context.lineWidth = 1.5 + more;
                context.beginPath();
                this.trace(context);
                context.stroke();
                for (const [x, y] of active ? this.handles : []) {
                    const half = HANDLE + more / 2 - 0.5;
                    context.fillRect(x - half, y - half, 2 * half, 2 * half);
                }
            }
        }
        trace(context) {
            const { shape, a, b } = this;
            if (shape == "box") {
                context.rect(a[0], a[1], b[0] - a[0], b[1] - a[1]);
            }
            else if (shape == "circle") {
                context.arc(a[0], a[1], Math.hypot(b[0] - a[0], b[1] - a[1]), 0, 2 * Math.PI);
            }
            else if (shape == "line") {
                context.moveTo(...a);
                context.lineTo(...b);
            }
            else {
                for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) { // open in the middle, so that the pixel is seen
                    context.moveTo(a[0] + 3 * dx, a[1] + 3 * dy);
                    context.lineTo(a[0] + ARM * dx, a[1] + ARM * dy);
                }
            }
        }
        // Its words stand beside the second point, or above a box, within a frame.
        write(context, text, frame) {
            if (text == "") {
                return;
            }
            context.font = "12px system-ui, sans-serif";
            context.textBaseline = "middle";
            const width = context.measureText(text).width + 8;
            const { shape, a, b: [x, y] } = this;
            const [beside_x, beside_y] = shape == "box" ? [Math.max(a[0], x) - width, Math.min(a[1], y) - 14] :
                [x + 10 + width <= frame.right ? x + 10 : x - 10 - width, y];
            const left = Math.max(frame.left, Math.min(frame.right - width, beside_x));
            const middle = Math.max(frame.top + 10, Math.min(frame.bottom - 10, beside_y));
            context.fillStyle = "rgb(0 0 0 / 72%)";
            context.fillRect(left, middle - 9, width, 18);
            context.fillStyle = "#ffffff";
            context.fillText(text, left + 4, middle + 0.5);
        }
    }
    exports.Figure = Figure;
    Figure.__name__ = "Figure";
},
"af58c2068b": /* panes/image/mini_map.js */ function _(require, module, exports, __esModule, __esExport) {
    var _a;
    __esModule();
    const ui_element_1 = require("@bokehjs/models/ui/ui_element");
    const range1d_1 = require("@bokehjs/models/ranges/range1d");
    const image_renderer_1 = require("bec1f16ab1") /* ./image_renderer */;
    const lie_1 = require("e7176dfbe2") /* ./lie */;
    const LEAST = 16; // CSS pixels of the shorter side
    const SMALL = 8; // CSS pixels: a smaller view is shown by a frame of this size
    const FACTOR = 1.5; // of one press of plus
    const PART = 0.25; // of the view, by one press of an arrow
    const DIM = 0.45; // what is out of view
    const CSS = `
:host { display: block; box-sizing: border-box; min-width: 0; max-width: 100%; }
[hidden] { display: none; }
canvas { display: block; max-width: 100%; outline: 1px solid var(--lg-line, #d8dce2);
  background: var(--lg-ground, #f5f6f8); cursor: crosshair; touch-action: none; user-select: none; -webkit-user-select: none; }
canvas.inside { cursor: grab; }
canvas.held { cursor: grabbing; }
canvas:focus-visible { outline: 2px solid var(--lg-accent, #0b5fad); outline-offset: 1px; }
`;
    class MiniMapView extends ui_element_1.UIElementView {
        constructor() {
            super(...arguments);
            this.canvas = document.createElement("canvas");
            this.colored = document.createElement("canvas"); // the thumbnail as the image is shown
            this.decoded = null;
            this.colored_as = "";
            this.frame = null;
            this.held = null; // where in the view it was taken, in pixels of the image
            this.number = 0; // of the newest thumbnail
        }
        connect_signals() {
            super.connect_signals();
            const { renderer, x_range, y_range, properties } = this.model;
            this.on_change([properties.thumbnail], () => void this.decode());
            this.on_change([properties.size], () => this.draw_soon());
            for (const changed of [x_range.change, y_range.change, renderer.properties.grid.change, renderer.display.change]) {
                this.connect(changed, () => this.draw_soon());
            }
        }
        stylesheets() {
            return [...super.stylesheets(), CSS];
        }
        render() {
            super.render();
            const { canvas } = this;
            canvas.tabIndex = 0;
            canvas.setAttribute("role", "application"); // it has keys of its own
            canvas.setAttribute("aria-label", "All of the image. Arrows move the view, plus and minus zoom, Home shows all.");
            canvas.onpointerdown = (event) => this.down(event);
            canvas.onpointermove = (event) => this.move(event);
            canvas.onpointerup = canvas.onpointercancel = () => this.let_go();
            canvas.onkeydown = (event) => this.press(event);
            canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
            this.shadow_el.append(canvas);
            void this.decode();
            this.draw_soon();
        }
        remove() {
            if (this.frame != null) {
                cancelAnimationFrame(this.frame);
            }
            this.decoded?.close();
            super.remove();
        }
        // What the figure shows; its upper edge is the end of its y range, whichever way that goes.
        get seen() {
            const { x_range, y_range, renderer: { shape } } = this.model;
            if (shape == null) {
                return null;
            }
            const view = {
                left: (0, lie_1.column_edge)(shape, x_range.start), right: (0, lie_1.column_edge)(shape, x_range.end),
                top: (0, lie_1.row_edge)(shape, y_range.end), bottom: (0, lie_1.row_edge)(shape, y_range.start),
            };
            return isFinite(view.left + view.right + view.top + view.bottom) && view.left < view.right ? view : null;
        }
        // Width and height in CSS pixels.
        extent({ width, height }) {
            const { size } = this.model;
            const scale = size / Math.max(width, height, 1);
            return [Math.max(LEAST, Math.round(width * scale)), Math.max(LEAST, Math.round(height * scale))];
        }
        async decode() {
            const number = ++this.number;
            const { thumbnail } = this.model;
            try {
                const decoded = thumbnail.byteLength == 0 ? null :
                    await createImageBitmap(new Blob([thumbnail], { type: "image/jpeg" }));
                if (number == this.number) {
                    this.decoded?.close();
                    this.decoded = decoded;
                    this.colored_as = "";
                    this.draw_soon();
                }
            }
            catch (error) {
                console.warn(`The small image cannot be read: ${error}`);
            }
        }
        // Grey goes through the palette, colours stay.
        color() {
            const { decoded, colored, model: { renderer: { display } } } = this;
            const key = display.is_color ? "colours" : `${display.palette} ${display.invert} ${display.palettes.byteLength}`;
            if (decoded == null || this.colored_as == key) {
                return;
            }
            this.colored_as = key;
            colored.width = decoded.width;
            colored.height = decoded.height;
            const context = colored.getContext("2d", { willReadFrequently: true });
            context.drawImage(decoded, 0, 0);
            if (!display.is_color) {
                const palette = display.colors();
                const image = context.getImageData(0, 0, decoded.width, decoded.height);
                const { data } = image;
                for (let k = 0; k < data.length; k += 4) {
                    const at = 3 * (display.invert ? 255 - data[k + 1] : data[k + 1]);
                    data[k] = palette[at];
                    data[k + 1] = palette[at + 1];
                    data[k + 2] = palette[at + 2];
                }
                context.putImageData(image, 0, 0);
            }
        }
        draw_soon() {
            this.frame ?? (this.frame = requestAnimationFrame(() => {
                this.frame = null;
                this.draw();
            }));
        }
        draw() {
            const { canvas, model: { renderer: { shape } } } = this;
            canvas.hidden = shape == null;
            if (shape == null) {
                return;
            }
            const [width, height] = this.extent(shape);
            const ratio = devicePixelRatio;
            canvas.width = Math.round(width * ratio);
            canvas.height = Math.round(height * ratio);
            canvas.style.width = `${width}px`;
            canvas.style.aspectRatio = `${width} / ${height}`;
            const context = canvas.getContext("2d");
            context.scale(ratio, ratio);
            if (this.decoded != null) {
                this.color();
                context.imageSmoothingQuality = "high";
                context.drawImage(this.colored, 0, 0, width, height);
            }
            this.draw_view(context, shape, width, height);
        }
        draw_view(context, shape, width, height) {
            const { seen } = this;
            if (seen == null) {
                return;
            }
            const [across, down] = [width / shape.width, height / shape.height];
            let [left, right, top, bottom] = [seen.left * across, seen.right * across, seen.top * down, seen.bottom * down];
            if (left < 0.5 && top < 0.5 && right > width - 0.5 && bottom > height - 0.5) {
                return; // all is seen
            }
            context.beginPath();
            context.rect(0, 0, width, height);
            context.rect(left, top, right - left, bottom - top);
            context.fillStyle = `rgb(0 0 0 / ${DIM})`;
            context.fill("evenodd");
            const grow = (low, high) => Math.max(0, SMALL - (high - low)) / 2;
            const [more_x, more_y] = [grow(left, right), grow(top, bottom)];
            left = Math.max(left - more_x, 1);
            right = Math.min(right + more_x, width - 1);
            top = Math.max(top - more_y, 1);
            bottom = Math.min(bottom + more_y, height - 1);
            for (const [ink, thick] of [["#000000", 3], ["#ffd400", 1.5]]) {
                context.strokeStyle = ink;
                context.lineWidth = thick;
                context.strokeRect(left, top, Math.max(right - left, 0), Math.max(bottom - top, 0));
            }
        }
        // A place of the pointer, in pixels of the image from its upper left corner.
        at({ clientX, clientY }) {
            const { width, height } = this.model.renderer.shape;
            const box = this.canvas.getBoundingClientRect();
            return {
                x: (clientX - box.left) / Math.max(box.width, 1) * width,
                y: (clientY - box.top) / Math.max(box.height, 1) * height,
            };
        }
        is_inside({ x, y }) {
            const { seen } = this;
            return seen != null && x >= seen.left && x <= seen.right && y >= seen.top && y <= seen.bottom;
        }
        down(event) {
            const { seen, canvas } = this;
            if (event.button != 0 || seen == null) {
                return;
            }
            canvas.setPointerCapture(event.pointerId);
            const at = this.at(event);
            const middle = { x: (seen.left + seen.right) / 2, y: (seen.top + seen.bottom) / 2 };
            this.held = this.is_inside(at) ? { x: at.x - middle.x, y: at.y - middle.y } : { x: 0, y: 0 };
            canvas.classList.add("held");
            this.center(at.x - this.held.x, at.y - this.held.y);
        }
        move(event) {
            if (this.model.renderer.shape == null) {
                return;
            }
            const at = this.at(event);
            if (this.held != null) {
                this.center(at.x - this.held.x, at.y - this.held.y);
            }
            else {
                this.canvas.classList.toggle("inside", this.is_inside(at));
            }
        }
        let_go() {
            this.held = null;
            this.canvas.classList.remove("held");
        }
        wheel(event) {
            const { seen } = this;
            event.preventDefault();
            if (seen != null) {
                const steps = event.deltaY * (event.deltaMode == 0 ? 1 : event.deltaMode == 1 ? 20 : 200);
                this.zoom(seen, Math.exp(Math.max(-0.7, Math.min(0.7, steps / 400))), this.at(event));
            }
        }
        press(event) {
            const { seen } = this;
            if (seen == null || event.ctrlKey || event.metaKey || event.altKey) {
                return;
            }
            const [x, y] = [(seen.left + seen.right) / 2, (seen.top + seen.bottom) / 2];
            const [step_x, step_y] = [PART * (seen.right - seen.left), PART * (seen.bottom - seen.top)];
            const steps = {
                ArrowLeft: () => this.center(x - step_x, y), ArrowRight: () => this.center(x + step_x, y),
                ArrowUp: () => this.center(x, y - step_y), ArrowDown: () => this.center(x, y + step_y),
                "+": () => this.zoom(seen, 1 / FACTOR, { x, y }), "=": () => this.zoom(seen, 1 / FACTOR, { x, y }),
                "-": () => this.zoom(seen, FACTOR, { x, y }), Home: () => this.model.renderer.fit(),
            };
            if (event.key in steps) {
                event.preventDefault();
                event.stopPropagation(); // these keys may mean something else to the page
                steps[event.key]();
            }
        }
        center(x, y) {
            const { width, height } = this.model.renderer.shape;
            const { left, right, top, bottom } = this.seen;
            const dx = Math.max(0, Math.min(width, x)) - (left + right) / 2;
            const dy = Math.max(0, Math.min(height, y)) - (top + bottom) / 2;
            this.look({ left: left + dx, right: right + dx, top: top + dy, bottom: bottom + dy });
        }
        zoom({ left, right, top, bottom }, factor, { x, y }) {
            this.look({
                left: x - (x - left) * factor, right: x + (right - x) * factor,
                top: y - (y - top) * factor, bottom: y + (bottom - y) * factor,
            });
        }
        look({ left, right, top, bottom }) {
            const { x_range, y_range, renderer } = this.model;
            const { first, height, bottom_up } = renderer.shape;
            const y = (edge) => bottom_up ? height - 0.5 - edge + first : edge - 0.5 + first;
            x_range.setv({ start: left + first - 0.5, end: right + first - 0.5 });
            y_range.setv({ start: y(bottom), end: y(top) });
        }
    }
    exports.MiniMapView = MiniMapView;
    MiniMapView.__name__ = "MiniMapView";
    /* All of an image in small, with what is in view. */
    class MiniMap extends ui_element_1.UIElement {
        constructor(attrs) {
            super(attrs);
        }
    }
    exports.MiniMap = MiniMap;
    _a = MiniMap;
    MiniMap.__name__ = "MiniMap";
    MiniMap.__module__ = "lorgnette.panes.image.mini_map";
    (() => {
        _a.prototype.default_view = MiniMapView;
        _a.define(({ Bytes, Int, Ref }) => ({
            renderer: [Ref(image_renderer_1.ImageRenderer)],
            x_range: [Ref(range1d_1.Range1d)],
            y_range: [Ref(range1d_1.Range1d)],
            thumbnail: [Bytes, () => new ArrayBuffer(0)],
            size: [Int, 160],
        }));
    })();
},
"e3effabedd": /* panes/image/pixel_readout.js */ function _(require, module, exports, __esModule, __esExport) {
    var _a;
    __esModule();
    const ui_element_1 = require("@bokehjs/models/ui/ui_element");
    const image_renderer_1 = require("bec1f16ab1") /* ./image_renderer */;
    const panel_parts_1 = require("d11e0dc51c") /* ./panel_parts */;
    const REMEMBERED = 256; // numbers of places that the server may still answer
    const COPIED_MS = 1200;
    const NOTHING = "–";
    const CSS = `
:host { display: block; min-width: 0; width: 100%; color: var(--lg-ink); font: 14px/20px var(--lg-font);
  font-variant-numeric: tabular-nums; }
button { position: relative; display: block; box-sizing: border-box; width: 100%; min-width: 0; padding: 4px 8px;
  border: 1px solid var(--lg-line); border-radius: 4px; background: var(--lg-surface); color: inherit; font: inherit;
  text-align: left; cursor: copy; }
button:hover { border-color: var(--lg-quiet); }
:focus-visible { outline: 2px solid var(--lg-accent); outline-offset: 1px; }
.lines { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0 12px; }
.term { max-width: 96px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: var(--lg-quiet); }
.said { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.said.old { color: var(--lg-quiet); }
.done { position: absolute; top: 4px; right: 8px; padding: 0 6px; border-radius: 4px; background: var(--lg-ground);
  color: var(--lg-good); opacity: 0; transition: opacity 0.2s; pointer-events: none; }
.done.on { opacity: 1; }
`;
    // Five digits: enough to see what changes; the server tells all of them.
    function roughly(value, unit) {
        if (isNaN(value)) {
            return "no value";
        }
        const size = Math.abs(value);
        const text = !isFinite(value) ? (value > 0 ? "∞" : "−∞") : size != 0 && (size >= 1e6 || size < 1e-3) ?
            value.toExponential(3).replace("e+", "e") : `${Number(value.toPrecision(5))}`;
        return `≈ ${text}${unit == "" ? "" : ` ${unit}`}`;
    }
    class PixelReadoutView extends ui_element_1.UIElementView {
        constructor() {
            super(...arguments);
            this.button = (0, panel_parts_1.make)("button");
            this.grid = (0, panel_parts_1.make)("div", "lines");
            this.done = (0, panel_parts_1.make)("span", "done");
            this.lines = [];
            this.made_of = "";
            this.pixels = new Map(); // by number of the place what pixel that was
            this.current = ""; // the pixel that is shown
        }
        connect_signals() {
            super.connect_signals();
            const { renderer, properties } = this.model;
            this.connect(renderer.moved, () => this.point());
            this.on_change([properties.answer], () => this.show());
            this.on_change([properties.world_names], () => this.show());
            this.connect(renderer.display.properties.layers.change, () => this.show());
            this.connect(renderer.properties.version.change, () => {
                this.pixels.clear(); // what was there is something else now
                this.current = "";
                this.show();
            });
        }
        stylesheets() {
            return [...super.stylesheets(), CSS];
        }
        render() {
            super.render();
            const { button, grid, done } = this;
            button.type = "button";
            button.title = "Click to copy";
            button.setAttribute("aria-label", "Place and value under the pointer; press to copy");
            button.onclick = () => void this.copy();
            done.setAttribute("role", "status");
            button.replaceChildren(grid, done);
            this.shadow_el.append(button);
            this.show();
        }
        remove() {
            clearTimeout(this.timer);
            super.remove();
        }
        // All lines as text.
        get text() {
            return this.lines.map(({ term, said }) => `${term.textContent} ${said.textContent}`).join("\n");
        }
        point() {
            const { pointed } = this.model.renderer;
            if (pointed == null) {
                return; // what was pointed at last stays, so that one can come here and copy it
            }
            this.current = `${pointed.column},${pointed.row}`;
            this.pixels.set(pointed.number, this.current);
            if (this.pixels.size > REMEMBERED) {
                this.pixels.delete(this.pixels.keys().next().value);
            }
            this.show();
        }
        get answer() {
            const { answer } = this.model;
            return (answer instanceof Map ? Object.fromEntries(answer) : answer);
        }
        show() {
            this.prepare();
            const { world_names, renderer: { display, pointed } } = this.model;
            const infos = display.layer_infos();
            const { number, world, values, problem } = this.answer;
            const fresh = number != null && this.current != "" && this.pixels.get(number) == this.current;
            if (pointed != null) {
                this.say(0, `${pointed.x.toFixed(1)}, ${pointed.y.toFixed(1)}`);
            }
            else if (this.current == "") {
                this.say(0, NOTHING);
            }
            infos.forEach(({ unit }, layer) => {
                const exact = fresh ? problem ?? values?.[layer] : null;
                if (exact != null) {
                    this.say(1 + layer, exact);
                }
                else if (pointed != null) {
                    const value = pointed.values[layer];
                    this.say(1 + layer, value == null ? "…" : roughly(value, unit));
                }
                else if (this.current == "") {
                    this.say(1 + layer, NOTHING);
                }
            });
            world_names.forEach((_, k) => {
                const text = this.current == "" ? null : world?.[k];
                this.say(1 + infos.length + k, text ?? NOTHING, text != null && !fresh);
            });
        }
        // The lines that there are depend on the image, not on the place.
        prepare() {
            const { world_names, renderer: { display } } = this.model;
            const infos = display.layer_infos();
            const names = ["x, y", ...infos.map(({ name }) => infos.length == 1 ? "value" : name), ...world_names];
            const key = JSON.stringify(names);
            if (this.made_of == key) {
                return;
            }
            this.made_of = key;
            this.lines = names.map((name) => ({ term: (0, panel_parts_1.make)("span", "term", name), said: (0, panel_parts_1.make)("span", "said", NOTHING) }));
            this.grid.replaceChildren(...this.lines.flatMap(({ term, said }) => [term, said]));
        }
        say(line, text, old = false) {
            const { said } = this.lines[line];
            if (said.textContent != text) {
                said.textContent = text;
                said.title = text.length > 24 ? text : "";
            }
            said.classList.toggle("old", old);
        }
        async copy() {
            const copied = await copy_text(this.text);
            this.done.textContent = copied ? "copied" : "the browser does not allow it";
            this.done.classList.add("on");
            clearTimeout(this.timer);
            this.timer = setTimeout(() => this.done.classList.remove("on"), COPIED_MS);
        }
    }
    exports.PixelReadoutView = PixelReadoutView;
    PixelReadoutView.__name__ = "PixelReadoutView";
    // Pages that come without encryption from another machine have no clipboard, but may copy what is marked.
    async function copy_text(text) {
        try {
            await navigator.clipboard.writeText(text);
            return true;
        }
        catch {
            const field = document.createElement("textarea");
            field.value = text;
            field.style.position = "fixed";
            field.style.opacity = "0";
            const focused = document.activeElement;
            document.body.append(field);
            field.select();
            const copied = document.execCommand("copy");
            field.remove();
            if (focused instanceof HTMLElement) {
                focused.focus();
            }
            return copied;
        }
    }
    /* Where the pointer is in an image, and what is there. */
    class PixelReadout extends ui_element_1.UIElement {
        constructor(attrs) {
            super(attrs);
        }
    }
    exports.PixelReadout = PixelReadout;
    _a = PixelReadout;
    PixelReadout.__name__ = "PixelReadout";
    PixelReadout.__module__ = "lorgnette.panes.image.pixel_readout";
    (() => {
        _a.prototype.default_view = PixelReadoutView;
        _a.define(({ Dict, List, Ref, Str, Unknown }) => ({
            renderer: [Ref(image_renderer_1.ImageRenderer)],
            world_names: [List(Str), []],
            answer: [Dict(Unknown), {}],
        }));
    })();
},
"6abe1c9288": /* panes/live_markup.js */ function _(require, module, exports, __esModule, __esExport) {
    var _a;
    __esModule();
    const ui_element_1 = require("@bokehjs/models/ui/ui_element");
    const column_data_source_1 = require("@bokehjs/models/sources/column_data_source");
    class LiveMarkupView extends ui_element_1.UIElementView {
        constructor() {
            super(...arguments);
            this.body = document.createElement("div");
            this.kept = new Map();
            this.places = new Map();
            // What each place shows, so that an unchanged one is never touched.
            this.shown = new WeakMap();
        }
        connect_signals() {
            super.connect_signals();
            const { markup, filter } = this.model.properties;
            this.on_change(markup, () => this.lay_out());
            this.on_change(filter, () => this.sift());
            const { source } = this.model;
            this.connect(source.properties.data.change, () => this.fill());
            this.connect(source.patching, () => this.fill());
            this.connect(source.streaming, () => this.fill());
        }
        render() {
            super.render();
            this.shadow_el.append(this.body);
            this.lay_out();
        }
        // Elements whose markup is as it was stay the same elements: what is focused, pointed at or loaded stays so.
        lay_out() {
            const focused = this.shadow_el.activeElement; // before it is moved, which takes the focus from it
            const template = document.createElement("template");
            template.innerHTML = this.model.markup;
            const kept = new Map();
            for (const element of template.content.querySelectorAll("[data-key]")) {
                const key = element.getAttribute("data-key");
                const markup = element.outerHTML;
                const before = this.kept.get(key);
                if (before != null && before.markup == markup) {
                    element.replaceWith(before.element);
                    kept.set(key, before);
                }
                else {
                    kept.set(key, { markup, element });
                }
            }
            this.kept = kept;
            this.body.replaceChildren(template.content);
            if (focused instanceof HTMLElement && focused.isConnected) {
                focused.focus({ preventScroll: true });
            }
            this.places = new Map();
            for (const place of this.body.querySelectorAll("[data-part]")) {
                this.places.set(place.getAttribute("data-part"), place);
            }
            this.fill();
            this.sift();
        }
        fill() {
            const parts = this.model.source.get("part");
            const texts = this.model.source.get("html");
            for (let i = 0; i < parts.length; i++) {
                const place = this.places.get(parts[i]);
                if (place != null && this.shown.get(place) !== texts[i]) {
                    place.innerHTML = texts[i];
                    this.shown.set(place, texts[i]);
                }
            }
        }
        sift() {
            const words = this.model.filter.toLowerCase().split(/\s+/);
            let found = false;
            for (const element of this.body.querySelectorAll("[data-search]")) {
                const text = element.getAttribute("data-search");
                element.hidden = !words.every((word) => text.includes(word));
                found || (found = !element.hidden);
            }
            for (const group of this.body.querySelectorAll("[data-group]")) {
                group.hidden = group.querySelector("[data-search]:not([hidden])") == null;
            }
            for (const none of this.body.querySelectorAll("[data-none]")) {
                none.hidden = found;
            }
        }
    }
    exports.LiveMarkupView = LiveMarkupView;
    LiveMarkupView.__name__ = "LiveMarkupView";
    class LiveMarkup extends ui_element_1.UIElement {
        constructor(attrs) {
            super(attrs);
        }
    }
    exports.LiveMarkup = LiveMarkup;
    _a = LiveMarkup;
    LiveMarkup.__name__ = "LiveMarkup";
    LiveMarkup.__module__ = "lorgnette.panes.live_markup";
    (() => {
        _a.prototype.default_view = LiveMarkupView;
        _a.define(({ Str, Ref }) => ({
            markup: [Str, ""],
            source: [Ref(column_data_source_1.ColumnDataSource), () => new column_data_source_1.ColumnDataSource({ data: new Map([["part", []], ["html", []]]) })],
            filter: [Str, ""],
        }));
    })();
},
"10fe5a3d9b": /* panes/page_state.js */ function _(require, module, exports, __esModule, __esExport) {
    var _a, _b;
    __esModule();
    const model_1 = require("@bokehjs/model");
    const view_1 = require("@bokehjs/core/view");
    const bokeh_events_1 = require("@bokehjs/core/bokeh_events");
    const kinds_1 = require("@bokehjs/core/kinds");
    const keys_1 = require("7f2a3a8cd3") /* ./keys */;
    const link_1 = require("aeb2cd05b3") /* ./link */;
    const theme_1 = require("4413e82649") /* ./theme */;
    const Theme = (0, kinds_1.Enum)("auto", "light", "dark");
    // What a link to another dashboard takes along, so that it shows the same thing.
    const SHARED = ["stream", "channel", "source", "event", "image"];
    class KeyPress extends bokeh_events_1.ModelEvent {
        constructor(key) {
            super();
            this.key = key;
        }
        get event_values() {
            return { ...super.event_values, key: this.key };
        }
    }
    exports.KeyPress = KeyPress;
    _a = KeyPress;
    KeyPress.__name__ = "KeyPress";
    (() => {
        _a.prototype.event_name = "lorgnette_key";
    })();
    /* A view, although nothing is drawn: views are built after the session listens to changes, so that what the browser
     * says at the start does arrive at the server. */
    class PageStateView extends view_1.View {
        constructor() {
            super(...arguments);
            this.stop = new AbortController();
            this.system_dark = matchMedia("(prefers-color-scheme: dark)");
            this.switch_el = document.querySelector("#lg-theme");
            // Arguments that belong to the page: declared, or set at some time by the server.
            this.own = new Set();
        }
        initialize() {
            super.initialize();
            for (const controls of document.querySelectorAll("details.lg-controls")) {
                controls.open = matchMedia("(min-width: 800px)").matches; // beside the drawings; above them it waits folded
            }
            this.model.theme = (0, theme_1.remembered)() ?? this.model.theme;
            this.show_theme();
            this.show_visibility();
            this.model.url = { ...this.read_address(), ...this.dict_url() };
            this.write_address("replaceState");
        }
        connect_signals() {
            super.connect_signals();
            const { theme, arguments: names, url } = this.model.properties;
            this.on_change(theme, () => {
                (0, theme_1.remember)(this.model.theme);
                this.show_theme();
            });
            this.on_change(names, () => this.follow_address());
            this.on_change(url, () => this.write_address("pushState"));
            const { signal } = this.stop;
            this.system_dark.addEventListener("change", () => this.show_theme(), { signal });
            document.addEventListener("visibilitychange", () => this.show_visibility(), { signal });
            addEventListener("popstate", () => this.follow_address(), { signal });
            (0, theme_1.on_choice_elsewhere)((choice) => this.model.theme = choice, signal);
            this.switch_el?.addEventListener("change", () => this.model.theme = this.switch_el.value, { signal });
            (0, keys_1.listen)(() => this.model.keys, (key) => this.press(key), signal);
            const link = new link_1.Link(show_connection, signal);
            this.model.document?.on_event("connection_lost", () => link.lost());
            this.finish();
        }
        remove() {
            this.stop.abort();
            super.remove();
        }
        press(key) {
            if (this.model.local_keys.includes(key)) {
                document.dispatchEvent(new CustomEvent(keys_1.LOCAL_KEY, { detail: key }));
            }
            else {
                this.model.trigger_event(new KeyPress(key));
            }
        }
        show_theme() {
            const { theme } = this.model;
            const dark = theme == "auto" ? this.system_dark.matches : theme == "dark";
            document.documentElement.dataset.theme = dark ? "dark" : "light";
            this.model.dark = dark;
            if (this.switch_el != null) {
                this.switch_el.value = theme;
            }
        }
        show_visibility() {
            this.model.visible = document.visibilityState == "visible";
        }
        // What the model says, as a plain object: from the server it comes as a Map.
        dict_url() {
            const { url } = this.model;
            return url instanceof Map ? Object.fromEntries(url) : { ...url };
        }
        read_address() {
            const query = new URLSearchParams(location.search);
            const names = [...new Set([...this.model.arguments, ...this.model.local, ...this.own])];
            return Object.fromEntries(names.filter((name) => query.has(name)).map((name) => [name, query.get(name)]));
        }
        // Bokeh compares old and new value: nothing is sent when the address says what the model says already.
        follow_address() {
            this.model.url = this.read_address();
        }
        write_address(how) {
            const url = this.dict_url();
            for (const name of [...this.model.arguments, ...Object.keys(url)]) {
                this.own.add(name);
            }
            // What the server knows of these is as old as the page; their own models write them.
            this.model.local.forEach((name) => this.own.delete(name));
            const query = new URLSearchParams(location.search);
            const changed = [];
            for (const name of this.own) {
                const value = name in url ? url[name] : null;
                if (query.get(name) != value) {
                    if (value == null) {
                        query.delete(name);
                    }
                    else {
                        query.set(name, value);
                    }
                    changed.push(name);
                }
            }
            // Relative links begin at the last slash, which a page's own address must not end with.
            const path = location.pathname.replace(/(.)\/+$/, "$1");
            // An unchanged address makes no entry: so following the browser's back and forward ends here.
            if (changed.length != 0 || path != location.pathname) {
                const quiet = changed.every((name) => this.model.quiet.includes(name));
                const text = query.toString();
                const address = `${path}${text == "" ? "" : `?${text}`}${location.hash}`;
                history[quiet ? "replaceState" : how](history.state, "", address);
            }
            this.write_links(query);
        }
        write_links(query) {
            const shared = new URLSearchParams(SHARED.flatMap((name) => query.has(name) ? [[name, query.get(name)]] : []));
            const text = shared.toString();
            for (const link of document.querySelectorAll("a[data-lg-app]")) {
                link.href = `${link.dataset.lgApp}${text == "" ? "" : `?${text}`}`;
            }
        }
    }
    exports.PageStateView = PageStateView;
    PageStateView.__name__ = "PageStateView";
    function show_connection(text) {
        const bar = document.querySelector("#lg-connection");
        if (bar != null) {
            bar.textContent = text ?? "";
            bar.hidden = text == null;
        }
        document.documentElement.toggleAttribute("data-cut", text != null); // what is shown may be old, and looks so
    }
    class PageState extends model_1.Model {
        constructor(attrs) {
            super(attrs);
        }
    }
    exports.PageState = PageState;
    _b = PageState;
    PageState.__name__ = "PageState";
    PageState.__module__ = "lorgnette.panes.page_state";
    (() => {
        _b.prototype.default_view = PageStateView;
        _b.define(({ Bool, Str, List, Dict }) => ({
            visible: [Bool, true],
            dark: [Bool, false],
            theme: [Theme, "auto"],
            arguments: [List(Str), []],
            quiet: [List(Str), []],
            local: [List(Str), []],
            url: [Dict(Str), {}],
            keys: [Dict(Str), {}],
            local_keys: [List(Str), []],
        }));
    })();
},
"7f2a3a8cd3": /* panes/keys.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.listen = listen;
    // Keys of a page: "?" opens a dialog that lists them, the others go to whoever asked for them.
    /* What the page's own scripts hear on the document when one of the keys is pressed that are theirs. */
    exports.LOCAL_KEY = "lorgnette_key";
    const NAMES = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", " ": "Space" };
    function is_typing(event) {
        const target = event.composedPath()[0]; // the real one, within whatever shadow
        if (target instanceof HTMLInputElement && ["checkbox", "button"].includes(target.type)) {
            return event.key == " " || event.key == "Enter";
        }
        return target instanceof HTMLElement &&
            (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));
    }
    function element(tag, text) {
        const result = document.createElement(tag);
        result.textContent = text;
        return result;
    }
    function listen(keys, pressed, signal) {
        const dialog = document.querySelector("#lg-help");
        const open = () => {
            const list = dialog?.querySelector("dl");
            if (dialog == null || list == null || dialog.open) {
                return;
            }
            const known = keys();
            const own = known instanceof Map ? [...known] : Object.entries(known);
            const rows = [...own, ["?", "show this list"], ["Esc", "close this list"]];
            list.replaceChildren(...rows.flatMap(([key, text]) => {
                const term = document.createElement("dt");
                term.append(element("kbd", NAMES[key] ?? key));
                return [term, element("dd", text)];
            }));
            dialog.showModal();
        };
        document.querySelector("#lg-help-button")?.addEventListener("click", open, { signal });
        dialog?.addEventListener("click", (event) => {
            if (event.target == dialog) { // its ground, not what lies on it
                dialog.close();
            }
        }, { signal });
        addEventListener("keydown", (event) => {
            if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || is_typing(event)) {
                return;
            }
            const known = keys();
            if (event.key == "?") {
                open();
            }
            else if (dialog?.open !== true && (known instanceof Map ? known.has(event.key) : event.key in known)) {
                event.preventDefault();
                pressed(event.key);
            }
        }, { signal });
    }
},
"aeb2cd05b3": /* panes/link.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    // The way to the server: noticing that it is cut, saying so, and loading the page anew as soon as it is there again.
    // Bokeh's own reconnect fails for documents with binary data. The view's state is in the address, so nothing is lost.
    const CHECK_MS = 5000; // between two looks at a connection that seems well
    const ANSWER_MS = 4000; // the server may take so long to answer one
    const RETRY_MS = 1000; // between two attempts while it is cut
    const HIDDEN_MS = 10000; // and while nobody looks
    const CUT_MS = 12000; // after so long a silence the socket is not trusted any more
    const SPREAD_MS = 500; // so that many pages do not come back in the same moment
    const RELOADS = "lorgnette-reloads";
    const MANY_RELOADS = 3; // within so many seconds ...
    const RELOADS_S = 30;
    class Link {
        constructor(show, signal) {
            this.lost_at = null;
            this.heard_at = Date.now();
            this.timer = null;
            this.ended = false;
            this.show = show;
            signal.addEventListener("abort", () => this.end());
            // A page that is being left loses its connection in the ordinary course of things.
            addEventListener("pagehide", () => this.end(), { signal });
            addEventListener("pageshow", (event) => {
                if (event.persisted) {
                    location.reload();
                }
            });
            addEventListener("online", () => this.look_soon(0), { signal });
            addEventListener("offline", () => this.look_soon(0), { signal });
            document.addEventListener("visibilitychange", () => this.look_soon(0), { signal });
            this.look_soon(CHECK_MS);
        }
        // The websocket has told its end.
        lost() {
            if (this.lost_at == null && !this.ended) {
                this.lost_at = Date.now();
                this.show("The connection to the server is lost. Trying again ...");
                this.look_soon(Math.random() * SPREAD_MS);
            }
        }
        end() {
            this.ended = true;
            if (this.timer != null) {
                clearTimeout(this.timer);
            }
            this.show(null);
        }
        look_soon(delay_ms) {
            if (!this.ended) {
                if (this.timer != null) {
                    clearTimeout(this.timer);
                }
                this.timer = setTimeout(() => void this.look(), delay_ms);
            }
        }
        async look() {
            // A tab that nobody sees asks nothing while all is well, and seldom otherwise.
            if (document.visibilityState != "visible" && this.lost_at == null) {
                this.heard_at = Date.now();
                return;
            }
            const answer = await this.ask();
            if (this.ended) {
                return;
            }
            const silence = Date.now() - this.heard_at;
            if (this.lost_at != null) {
                this.try_to_return(answer);
            }
            else if (answer == "silent") {
                this.show(`The server has not answered for ${Math.round(silence / 1000)} s. What is shown may be old.`);
                this.look_soon(RETRY_MS);
            }
            else if (silence > CUT_MS) {
                this.reload();
            }
            else {
                this.heard_at = Date.now();
                this.show(answer == "missing" ? "The server does not offer this page any more." : null);
                this.look_soon(CHECK_MS);
            }
        }
        try_to_return(answer) {
            if (answer == "well" || answer == "refused") { // refused: it wants a login, which the reload leads to
                this.reload();
                return;
            }
            const seconds = Math.round((Date.now() - this.lost_at) / 1000);
            this.show(answer == "missing"
                ? "The server is back, but does not offer this page any more."
                : `The connection to the server has been lost for ${seconds} s. Trying again ...`);
            this.look_soon(document.visibilityState == "visible" ? RETRY_MS : HIDDEN_MS);
        }
        // APP/metadata answers without making a session.
        async ask() {
            const place = `${location.pathname.replace(/\/+$/, "")}/metadata`;
            try {
                const options = { cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(ANSWER_MS) };
                const { status, type } = await fetch(place, options);
                if (status == 200) {
                    return "well";
                }
                if (type == "opaqueredirect" || status == 401 || status == 403) {
                    return "refused";
                }
                return status == 404 ? "missing" : "silent";
            }
            catch {
                return "silent";
            }
        }
        // Where each reload ends in another loss, something else is wrong: then seldom.
        reload() {
            const now = Date.now();
            let recent = [];
            try {
                const known = JSON.parse(sessionStorage.getItem(RELOADS) ?? "[]");
                recent = Array.isArray(known) ? known.filter((time) => now - time < RELOADS_S * 1000) : [];
            }
            catch { }
            if (recent.length >= MANY_RELOADS) {
                this.show("The server answers, but the page cannot keep its connection. Trying again ...");
                this.look_soon(HIDDEN_MS);
            }
            if (recent.length < MANY_RELOADS || now - Math.max(...recent) >= HIDDEN_MS) {
                try {
                    sessionStorage.setItem(RELOADS, JSON.stringify([...recent, now].slice(-2 * MANY_RELOADS)));
                }
                catch { }
                this.ended = true;
                location.reload();
            }
        }
    }
    exports.Link = Link;
    Link.__name__ = "Link";
},
"4413e82649": /* panes/theme.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.remembered = remembered;
    exports.remember = remember;
    exports.on_choice_elsewhere = on_choice_elsewhere;
    // The reader's choice of colours: remembered for all pages of this server, followed by all of its open tabs.
    const KEY = "lorgnette-theme";
    function is_choice(text) {
        return text == "auto" || text == "light" || text == "dark";
    }
    // The storage may be forbidden (private windows, embedded pages): then a choice lasts as long as the page.
    function remembered() {
        try {
            const choice = localStorage.getItem(KEY);
            return is_choice(choice) ? choice : null;
        }
        catch {
            return null;
        }
    }
    function remember(choice) {
        try {
            localStorage.setItem(KEY, choice);
        }
        catch { }
    }
    function on_choice_elsewhere(callback, signal) {
        addEventListener("storage", (event) => {
            if (event.key == KEY) {
                callback(remembered() ?? "auto");
            }
        }, { signal });
    }
},
}, "c1885ea6af", {"index":"c1885ea6af","panes/download":"3872ca849d","panes/events/color_scale":"5d3e9fc960","panes/events/event_data":"dfacb1cd0f","panes/events/color":"fe174e4121","panes/events/cuts":"22f32d0c8c","panes/events/event_choice":"22294c2d8f","panes/events/choice_text":"3b48194621","panes/events/packet":"9b7bfbeffa","panes/events/select_rows":"6cc7412d52","panes/events/event_projection":"62eb5dccdd","panes/events/inks":"849749782a","panes/events/painter":"40267db386","panes/events/cell_drawing":"5e860a4bf0","panes/events/drawing":"919480d738","panes/events/grid":"2b3a5e191f","panes/events/legend":"133727c86b","panes/events/marker_styles":"1ab1de3538","panes/events/modules":"5acd263bf7","panes/events/projections":"19e3baf4e0","panes/events/raster":"a4ba0b072f","panes/events/pointer":"a4f3640de0","panes/events/cone_drawing":"9934ff1576","panes/events/anchors":"e033e7c014","panes/events/tooltip":"a3081ff0b9","panes/events/reach":"9ca1c1e4aa","panes/events/scene":"e74fe925d0","panes/events/arrow_drawing":"2c4446c5c9","panes/events/path_drawing":"7cd7320a51","panes/events/bins":"2e15380002","panes/events/group_drawing":"ce8e611892","panes/events/outlines":"ab061e096f","panes/events/symbol_drawing":"a1e003e31e","panes/events/screen":"aeb61abf12","panes/events/event_table":"ec9d55e745","panes/events/table_rows":"6158449888","panes/events/table_style":"e06f80df22","panes/events/local_sliders":"e1cc345576","panes/frame_pane/frame_pane":"e8ac629ebb","panes/frame_pane/capture":"bbc21a79e2","panes/frame_pane/keyboard":"b1c37bb007","panes/frame_pane/steer":"bb223db45f","panes/frame_pane/fingers":"35baa20627","panes/frame_pane/geometry":"80f1f1a40b","panes/frame_pane/decoder":"6d9b67b0a5","panes/frame_pane/figures":"be08192f9f","panes/frame_pane/hand":"20b8945405","panes/frame_pane/look_address":"e03aed95b4","panes/frame_pane/packet":"217e066b4f","panes/frame_pane/painter":"a326ef0090","panes/frame_pane/outbox":"525487365f","panes/frame_pane/pane_events":"e1830cd6c6","panes/frame_pane/parts":"4d8a40a4b2","panes/frame_pane/size_teller":"19af3f7dd3","panes/frame_pane/style":"5612359c99","panes/frame_pane/toolbar":"4892d625e1","panes/image/catalogue_renderer":"1cba740a94","panes/image/catalogue_bins":"8e97dae971","panes/image/catalogue_drawing":"e1100b114b","panes/image/display_panel":"49c8c52477","panes/image/display_text":"6388782318","panes/image/image_display":"7ccd9c5ea9","panes/image/address":"8e81ff7409","panes/image/layer_info":"cedd756b76","panes/image/limits_field":"cda6414911","panes/image/histogram":"a2d3ccb39b","panes/image/mapping":"7540fb9e5d","panes/image/panel_parts":"d11e0dc51c","panes/image/palette_list":"cecc858299","panes/image/panel_style":"7ae030f790","panes/image/image_renderer":"bec1f16ab1","panes/image/image_renderer_view":"23ac626dc8","panes/image/asker":"3324eb4dc4","panes/image/block_store":"bf59b09c48","panes/image/packet":"015a1a550c","panes/image/lie":"e7176dfbe2","panes/image/camera":"bed5142a19","panes/image/foot":"e3f6cfda70","panes/image/image_events":"159875e1fd","panes/image/image_pointer":"5386666d35","panes/image/stage":"8b31968933","panes/image/sheet":"57bd54f50e","panes/image/incoming":"9ebb583088","panes/image/inflate":"49936e4dfb","panes/image/previews":"5f04a1b494","panes/image/paints":"6bebd4932f","panes/image/measure_tool":"d2a3d6ab6d","panes/image/measure_shape":"848c77131c","panes/image/mini_map":"af58c2068b","panes/image/pixel_readout":"e3effabedd","panes/live_markup":"6abe1c9288","panes/page_state":"10fe5a3d9b","panes/keys":"7f2a3a8cd3","panes/link":"aeb2cd05b3","panes/theme":"4413e82649"}, {});});
//# sourceMappingURL=lorgnette.js.map
