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
"ea90db0c2c": /* index.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    // Every model of the extension. Only models are exported: other names would land among Bokeh's own.
    const base_1 = require("@bokehjs/base");
    const download_1 = require("3872ca849d") /* ./panes/download */;
    __esExport("Download", download_1.Download);
    const live_markup_1 = require("6abe1c9288") /* ./panes/live_markup */;
    __esExport("LiveMarkup", live_markup_1.LiveMarkup);
    const page_state_1 = require("a79a6b46b0") /* ./panes/page_state */;
    __esExport("PageState", page_state_1.PageState);
    (0, base_1.register_models)({ Download: download_1.Download, LiveMarkup: live_markup_1.LiveMarkup, PageState: page_state_1.PageState });
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
"a79a6b46b0": /* panes/page_state.js */ function _(require, module, exports, __esModule, __esExport) {
    var _a, _b;
    __esModule();
    const model_1 = require("@bokehjs/model");
    const view_1 = require("@bokehjs/core/view");
    const bokeh_events_1 = require("@bokehjs/core/bokeh_events");
    const kinds_1 = require("@bokehjs/core/kinds");
    const keys_1 = require("0ea9f725cc") /* ./keys */;
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
            (0, keys_1.listen)(() => this.model.keys, (key) => this.model.trigger_event(new KeyPress(key)), signal);
            const link = new link_1.Link(show_connection, signal);
            this.model.document?.on_event("connection_lost", () => link.lost());
            this.finish();
        }
        remove() {
            this.stop.abort();
            super.remove();
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
            const names = [...new Set([...this.model.arguments, ...this.own])];
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
            url: [Dict(Str), {}],
            keys: [Dict(Str), {}],
        }));
    })();
},
"0ea9f725cc": /* panes/keys.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    exports.listen = listen;
    // Keys of a page: "?" opens a dialog that lists them, the others go to whoever asked for them.
    const NAMES = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", " ": "Space" };
    function is_typing(event) {
        const target = event.composedPath()[0]; // the real one, within whatever shadow
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
}, "ea90db0c2c", {"index":"ea90db0c2c","panes/download":"3872ca849d","panes/live_markup":"6abe1c9288","panes/page_state":"a79a6b46b0","panes/keys":"0ea9f725cc","panes/link":"aeb2cd05b3","panes/theme":"4413e82649"}, {});});
//# sourceMappingURL=lorgnette.js.map
