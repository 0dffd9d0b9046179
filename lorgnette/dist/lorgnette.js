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
"6a876b5533": /* index.js */ function _(require, module, exports, __esModule, __esExport) {
    __esModule();
    // Every model of the extension. Only models are exported: other names would land among Bokeh's own.
    const base_1 = require("@bokehjs/base");
    const page_state_1 = require("453a256881") /* ./panes/page_state */;
    __esExport("PageState", page_state_1.PageState);
    (0, base_1.register_models)({ PageState: page_state_1.PageState });
},
"453a256881": /* panes/page_state.js */ function _(require, module, exports, __esModule, __esExport) {
    var _a;
    __esModule();
    const model_1 = require("@bokehjs/model");
    const view_1 = require("@bokehjs/core/view");
    const kinds_1 = require("@bokehjs/core/kinds");
    const Theme = (0, kinds_1.Enum)("auto", "light", "dark");
    const THEME_KEY = "lorgnette-theme";
    // The storage may be forbidden (private windows, embedded pages): then a choice lasts as long as the page.
    function remembered() {
        try {
            const theme = localStorage.getItem(THEME_KEY);
            return theme != null && Theme.valid(theme) ? theme : null;
        }
        catch {
            return null;
        }
    }
    function remember(theme) {
        try {
            localStorage.setItem(THEME_KEY, theme);
        }
        catch { }
    }
    /* A view, although nothing is drawn: views are built after the session listens to changes, so that what the browser
     * says at the start does arrive at the server. */
    class PageStateView extends view_1.View {
        constructor() {
            super(...arguments);
            this.stop = new AbortController();
            this.system_dark = matchMedia("(prefers-color-scheme: dark)");
            // Arguments that belong to the page: declared, or set at some time by the server.
            this.own = new Set();
        }
        initialize() {
            super.initialize();
            this.model.theme = remembered() ?? this.model.theme;
            this.show_theme();
            this.show_visibility();
            this.model.url = { ...this.read_address(), ...this.dict_url() };
            this.write_address("replaceState");
        }
        connect_signals() {
            super.connect_signals();
            const { theme, arguments: names, url } = this.model.properties;
            this.on_change(theme, () => {
                remember(this.model.theme);
                this.show_theme();
            });
            this.on_change(names, () => this.follow_address());
            this.on_change(url, () => this.write_address("pushState"));
            const { signal } = this.stop;
            this.system_dark.addEventListener("change", () => this.show_theme(), { signal });
            document.addEventListener("visibilitychange", () => this.show_visibility(), { signal });
            addEventListener("popstate", () => this.follow_address(), { signal });
            addEventListener("storage", (event) => {
                if (event.key == THEME_KEY) {
                    this.model.theme = remembered() ?? "auto";
                }
            }, { signal });
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
            let changed = false;
            for (const name of this.own) {
                const value = name in url ? url[name] : null;
                if (query.get(name) != value) {
                    if (value == null) {
                        query.delete(name);
                    }
                    else {
                        query.set(name, value);
                    }
                    changed = true;
                }
            }
            // An unchanged address makes no entry: so following the browser's back and forward ends here.
            if (changed) {
                const text = query.toString();
                const address = `${location.pathname}${text == "" ? "" : `?${text}`}${location.hash}`;
                history[how](history.state, "", address);
            }
        }
    }
    exports.PageStateView = PageStateView;
    PageStateView.__name__ = "PageStateView";
    class PageState extends model_1.Model {
        constructor(attrs) {
            super(attrs);
        }
    }
    exports.PageState = PageState;
    _a = PageState;
    PageState.__name__ = "PageState";
    PageState.__module__ = "lorgnette.panes.page_state";
    (() => {
        _a.prototype.default_view = PageStateView;
        _a.define(({ Bool, Str, List, Dict }) => ({
            visible: [Bool, true],
            dark: [Bool, false],
            theme: [Theme, "auto"],
            arguments: [List(Str), []],
            url: [Dict(Str), {}],
        }));
    })();
},
}, "6a876b5533", {"index":"6a876b5533","panes/page_state":"453a256881"}, {});});
//# sourceMappingURL=lorgnette.js.map
