"""The configuration: where it is found, what precedes what, and what people are told when it is wrong."""

import logging
import os
import re
from pathlib import Path
from typing import get_args

import pytest
import yaml

from lorgnette import config, config_schema
from lorgnette.home import find_home

ROOT = find_home()
PORT = "a whole number from 0 to 65535 (default 5006)"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """An empty working directory, no configuration of the user, no variables."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(config.platformdirs, "user_config_path", lambda _name: tmp_path / "user")
    monkeypatch.setattr(config, "find_home", lambda: tmp_path / "home")
    for name in list(os.environ):
        if name.startswith(config.PREFIX):
            monkeypatch.delenv(name)
    config.settings.cache_clear()
    yield tmp_path
    config.settings.cache_clear()


def write(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def problems(text="", environ=None, overrides=None, file=None):
    """What loading this text complains of, line by line; the file is called FILE."""
    file = file or write(Path.cwd() / "given" / "given.yaml", text)
    with pytest.raises(config.ConfigError) as error:
        config.load(file, environ or {}, overrides)
    return str(error.value).replace(str(file), "FILE").splitlines()


# What is kept in step with the schema


def test_config_yaml_is_the_schema_s_own_text():
    assert (ROOT / "config.yaml").read_text() == config.to_yaml(config.Settings()), (
        "after a change of the schema: python -m lorgnette.config yaml > config.yaml"
    )


def test_config_yaml_has_every_default_and_a_comment_above_each_key():
    text = (ROOT / "config.yaml").read_text()
    values = dict(config.flatten(yaml.safe_load(text)))
    assert {path: config.as_yaml(value) for path, value in values.items()} == {
        path: config.as_yaml(key.default) for path, key in config.keys().items()
    }
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if re.match(r" *\w+:", line):
            assert lines[number - 1].lstrip().startswith("# "), f"line {number + 1} has no comment: {line}"


def test_reference_page_is_the_schema_s_own_text():
    page = (ROOT / "docs" / "configuration.md").read_text()
    assert page == config.to_markdown(), "after a change: python -m lorgnette.config docs > docs/configuration.md"
    for path, key in config.keys().items():
        assert f"| `{path}`<br>`{key.variable}` |" in page
    for place in (
        "events.sources.NAME",
        "events.sources.NAME.identity",
        "events.sources.NAME.collections.NAME",
        "images.sources.NAME",
    ):
        assert f"### `{place}`\n" in page
    assert "| `files` | none: it is needed | a path, a pattern with *, " in page


def test_every_setting_is_described_bounded_and_has_its_own_variable():
    keys = config.keys()
    assert len({key.variable for key in keys.values()}) == len(keys)
    for path, key in keys.items():
        assert key.description.endswith("."), path
        if isinstance(key.default, int | float) and not isinstance(key.default, bool):
            assert " from " in key.allowed, f"{path} has no range"
    assert all(group.__doc__ for group in config.groups().values())


def test_the_defaults():
    settings = config.load(None, {})
    assert settings.runtime_dir is None
    assert (settings.log_level, settings.demo) == ("warning", True)
    assert (settings.serve.address, settings.serve.port) == ("localhost", 5006)
    assert (settings.serve.auth, settings.serve.open_browser) == ("token", True)
    assert (settings.serve.max_sessions, settings.serve.frame_ancestors) == (500, "self")
    assert (settings.page.refresh_ms, settings.page.max_points, settings.page.theme) == (500, 2000, "auto")
    view = settings.remote_view
    assert (view.steering, view.target_age_ms, view.still_after_ms, view.max_rate_hz) == ("one", 150, 300, 60)
    streams, history = settings.streams, settings.streams.history
    assert (streams.poll_interval_ms, streams.idle_after_s, streams.discovery_interval_s) == (20, 2, 1)
    assert (history.seconds, history.rows, history.megabytes, history.thinned_rows) == (3600, 360_000, 64, 4096)
    assert type(history.seconds) is float
    events = settings.events
    assert (events.roots, events.cache_megabytes, events.open_sources) == ((), 64, 16)
    assert events.sources == {}
    assert set(settings.origins.values()) == {"default"}
    assert settings.origins.keys() == config.keys().keys()
    assert settings.file is None


def test_settings_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        config.Settings().serve.port = 1


# What precedes what


def test_precedence_and_origins(elsewhere):
    file = write(
        elsewhere / "mine.yaml", "log_level: debug\nserve:\n  port: 1\npage:\n  refresh_ms: 60\n  theme: dark\n"
    )
    environ = {"LORGNETTE_SERVE_PORT": "2", "LORGNETTE_PAGE_REFRESH_MS": " 70 "}
    settings = config.load(file, environ, {"serve.port": 3, "serve.address": None})
    assert (settings.log_level, settings.serve.port, settings.page.refresh_ms) == ("debug", 3, 70)
    assert settings.page.theme == "dark"
    origins = settings.origins
    assert origins["log_level"] == "mine.yaml:1"
    assert origins["page.theme"] == "mine.yaml:6"
    assert origins["page.refresh_ms"] == "LORGNETTE_PAGE_REFRESH_MS"
    assert origins["serve.port"] == "command line"
    assert origins["serve.address"] == "default"
    assert settings.file == file


def test_which_file(elsewhere):
    files = [elsewhere / place for place in ("flag.yaml", "variable.yaml", "config.yaml")]
    files += [elsewhere / place / "config.yaml" for place in ("user", "home")]
    environ = {"LORGNETTE_CONFIG": str(files[1])}
    for number, file in reversed(list(enumerate(files))):
        write(file, f"serve: {{port: {number}}}")
        named = files[0] if number == 0 else None
        settings = config.load(named, environ if number <= 1 else {})
        assert (settings.serve.port, settings.file) == (number, file)


def test_a_home_tilde_and_an_empty_variable(elsewhere, monkeypatch):
    monkeypatch.setenv("HOME", str(elsewhere))
    write(elsewhere / "mine.yaml", "runtime_dir: ~/run")
    environ = {"LORGNETTE_CONFIG": "~/mine.yaml", "LORGNETTE_SERVE_PORT": ""}
    settings = config.load(None, environ)
    assert settings.runtime_dir == elsewhere / "run"
    assert settings.origins["serve.port"] == "default"


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "serve:\n", "streams:\n  history:\n", "null"])
def test_empty_files_and_groups_are_fine(elsewhere, text):
    assert config.load(write(elsewhere / "empty.yaml", text), {}).model_dump() == config.Settings().model_dump()


def test_an_anchor_serves_several_keys(elsewhere):
    text = "streams: {history: &h {rows: 200}}\npage: &p {theme: light}\n"
    settings = config.load(write(elsewhere / "a.yaml", text), {})
    assert (settings.streams.history.rows, settings.page.theme) == (200, "light")


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("demo", "no", False),
        ("demo", "1", True),
        ("streams.history.seconds", "1e3", 1000.0),
        ("page.theme", "dark", "dark"),
        ("serve.port", "0", 0),
        ("runtime_dir", "/run/x", Path("/run/x")),
        ("serve.frame_ancestors", "self https://*.example.org:8443", "self https://*.example.org:8443"),
    ],
)
def test_text_of_variables_and_options_becomes_values(path, text, value):
    for settings in (config.load(None, {config.keys()[path].variable: text}), config.load(None, {}, {path: text})):
        assert dict(config.flatten(settings.model_dump()))[path] == value


def test_settings_are_loaded_once_until_reloaded(monkeypatch):
    assert config.settings() is config.settings()
    monkeypatch.setenv("LORGNETTE_SERVE_PORT", "81")
    assert config.settings().serve.port == 5006
    assert config.reload().serve.port == 81
    assert config.settings().serve.port == 81


def test_what_to_yaml_writes_is_read_back(elsewhere):
    given = {
        "runtime_dir": "/a b/ü: #",
        "serve.port": 1,
        "streams.idle_after_s": 0.75,
        "demo": False,
        "serve.address": "::",
    }
    settings = config.load(None, {}, given)
    file = elsewhere / "saved.yaml"
    file.write_text(config.to_yaml(settings), encoding="utf-8")
    assert config.load(file, {}).model_dump() == settings.model_dump()


# Lists, and mappings with names of their own


def test_the_example_of_the_reference_page_is_a_configuration(elsewhere):
    texts = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "configuration.md").read_text(), re.DOTALL)
    commented = re.findall(r"# For instance:\n((?: *# .*\n)+)", (ROOT / "config.yaml").read_text())
    for text, comment in zip(texts, commented, strict=True):
        assert yaml.safe_load(re.sub(r"^ *#", "", comment, flags=re.MULTILINE)) == yaml.safe_load(text)
    images = config.load(write(elsewhere / "images.yaml", texts[1]), {})
    assert images.sources == ("m51", "cube")
    assert images.images.sources["m51"] == config_schema.ImageInput(file="/data/m51.fits", title="Whirlpool galaxy")
    assert (images.images.sources["cube"].part, images.images.sources["cube"].axis) == ("0", 3)
    text = texts[0]
    settings = config.load(write(elsewhere / "example.yaml", text), {})
    photons, testbeam = settings.events.sources.values()
    assert settings.sources == ("photons", "testbeam")
    assert (photons.files, photons.particle, photons.pileup) == (("/data/photons/*.root",), "photon", 0)
    assert photons.default_events == (3, 17)
    assert (photons.container, photons.geometry, photons.collections) == ("", None, {})
    assert testbeam.files == ("https://example.org/run-1.root", "/data/run-2.root")
    assert (testbeam.identity.event, testbeam.identity.run, testbeam.identity.lumi) == ("evt", "run", "")
    cells = testbeam.collections["cells"]
    assert (cells.kind, cells.columns["adc"], cells.factors["energy"], cells.units) == (
        "cells", "hit_adc", 0.001, {"adc": "counts"},
    )  # fmt: skip
    assert settings.origins["events.sources"] == "example.yaml:2"


def test_origins_are_written_as_browsers_write_them(elsewhere):
    def origins(text):
        return config.load(None, {"LORGNETTE_IMAGES_CORS_ORIGINS": text}).images.cors_origins

    assert origins("[https://example.org, 'http://localhost:8080']") == ("https://example.org", "http://localhost:8080")
    assert origins('"*"') == ("*",)
    for wrong in ("https://example.org/", "example.org", "https://Example.org", "https://a b"):
        with pytest.raises(config.ConfigError, match=r"an origin \(https://example\.org\)"):
            origins(wrong)


def test_the_kinds_of_collections_are_those_of_events():
    from data_sources.events.model import KINDS

    assert get_args(config_schema.EventKind) == KINDS


def test_a_mapping_in_a_variable_is_yaml(elsewhere):
    file = write(elsewhere / "mine.yaml", "events: {roots: /a, sources: {old: {files: old.root}}}")
    environ = {
        "LORGNETTE_EVENTS_SOURCES": "new:\n  files: ['~/a b.root', 'https://x/y?z=1']\n  pileup: 200\n",
        "LORGNETTE_EVENTS_ROOTS": "[/data, here]",
    }
    events = config.load(file, environ).events
    assert list(events.sources) == ["new"], "a later place replaces all of it"
    home = Path.home()
    assert events.sources["new"].files == (f"{home}/a b.root", "https://x/y?z=1")
    assert events.roots == (Path("/data"), elsewhere / "here")
    assert config.load(file, {}).events.roots == (Path("/a"),)
    assert config.load(file, {"LORGNETTE_EVENTS_ROOTS": "/with a space"}).events.roots == (Path("/with a space"),)
    assert config.load(None, {}, {"events.sources": {"x": {"files": "a"}}}).sources == ("x",)


def test_what_was_written_of_mappings_is_read_back(elsewhere):
    text = (ROOT / "docs" / "configuration.md").read_text().partition("```yaml\n")[2].partition("```")[0]
    settings = config.load(write(elsewhere / "a.yaml", f"{text}  roots: [/data, ~/more]\n"), {})
    written = config.to_yaml(settings)
    assert config.load(write(elsewhere / "b.yaml", written), {}).model_dump() == settings.model_dump()
    assert "container: ''" not in written, "defaults of a source are left out"
    assert "\n    photons:\n      files:\n" in written
    variable = config.as_yaml(settings.model_dump()["events"]["sources"])
    assert config.load(None, {"LORGNETTE_EVENTS_SOURCES": variable}).events.sources == settings.events.sources


def test_a_file_of_geometry_is_found_from_where_the_server_runs_and_written_back(elsewhere):
    text = "events: {sources: {a: {files: a.root, geometry_file: wafers.txt}, b: {files: b.root, geometry_file: ~/g}}}"
    settings = config.load(write(elsewhere / "a.yaml", text), {})
    sources = settings.events.sources
    assert (sources["a"].geometry_file, sources["b"].geometry_file) == (elsewhere / "wafers.txt", Path.home() / "g")
    again = config.load(write(elsewhere / "b.yaml", config.to_yaml(settings)), {})
    assert again.model_dump() == settings.model_dump()


def test_sources_may_share_lines_by_an_anchor(elsewhere):
    text = "events:\n  sources:\n    a: &a {files: a.root, particle: photon}\n    b: {<<: *a, files: b.root}\n"
    sources = config.load(write(elsewhere / "a.yaml", text), {}).events.sources
    assert (sources["b"].particle, sources["b"].files) == ("photon", (str(elsewhere / "b.root"),))


SOURCE = "events:\n  sources:\n    a:\n      files: a.root\n      "


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            f"{SOURCE}colections: {{}}",
            "FILE:5: events.sources.a.colections is not a setting of Lorgnette; did you mean events.sources.a.coll",
        ),
        (
            f"{SOURCE}collections:\n        c:\n          knd: cells",
            "FILE:6: events.sources.a.collections.c.kind is missing. It must be one of cells,",
        ),
        (
            f"{SOURCE}collections:\n        c: {{columns: {{x: 1}}, kind: cells}}",
            "FILE:6: events.sources.a.collections.c.columns.x is 1, but must be lines of the form column: branch",
        ),
        (
            f"{SOURCE}collections:\n        c:\n          kind: cell\n          columns: {{x: b}}",
            "FILE:7: events.sources.a.collections.c.kind is 'cell', but must be one of cells, ",
        ),
        (
            f"{SOURCE}collections:\n        c:\n          kind: met\n          columns: {{}}",
            "FILE:8: events.sources.a.collections.c.columns is {}, but must be lines of the form column: branch",
        ),
        (
            f"{SOURCE}collections: {{c: {{kind: met, columns: {{x: b}}, factors: {{x: much}}}}}}",
            "FILE:5: events.sources.a.collections.c.factors.x is 'much', but must be lines of the form column: num",
        ),
        (
            f"{SOURCE}collections: [c]",
            "FILE:5: events.sources.a.collections is ['c'], but must be names, and below each",
        ),
        (
            f"{SOURCE}collections: {{c: 5}}",
            "FILE:5: events.sources.a.collections.c is 5, but must hold indented lines w",
        ),
        (
            f"{SOURCE}pileup: many",
            "FILE:5: events.sources.a.pileup is 'many', but must be a whole number from 0 to 1000",
        ),
        (f"{SOURCE}geometry: V12", "FILE:5: events.sources.a.geometry is 'V12', but must be one of V11, V16 or null"),
        (f"{SOURCE}default_events: 3", "FILE:5: events.sources.a.default_events is 3, but must be a list of whole"),
        (
            f"{SOURCE}default_events: [x]",
            "FILE:5: events.sources.a.default_events.0 is 'x', but must be a list of whole",
        ),
        (
            f"{SOURCE}default_events: [-1]",
            "FILE:5: events.sources.a.default_events.0 is -1, but must be a list of whole",
        ),
        (
            f"{SOURCE}identity: evt",
            "FILE:5: events.sources.a.identity is 'evt', but must hold indented lines with: event",
        ),
        (f"{SOURCE}pileup: yes", "FILE:5: events.sources.a.pileup is true, but must be a whole number"),
        (f"{SOURCE}pileup: 1\n      pileup: 2", "FILE:6: events.sources.a.pileup is already set in FILE:5. Keep one"),
        (
            "events:\n  sources:\n    a:\n",
            "FILE:3: events.sources.a is null, but must hold indented lines with: files,",
        ),
        ("events:\n  sources:\n    a: {}\n", "FILE:3: events.sources.a.files is missing. It must be a path, a pattern"),
        ("events: {sources: {a: {files: []}}}", "FILE:1: events.sources.a.files is [], but must be a path, a pattern"),
        (
            "events: {sources: {a: {files: ' '}}}",
            "FILE:1: events.sources.a.files.0 is ' ', but must be a path, a pattern",
        ),
        ("events: {sources: {a: {files: 7}}}", "FILE:1: events.sources.a.files is 7, but must be a path, a pattern"),
        (
            "events: {sources: {a/b: {files: x}}}",
            "FILE:1: events.sources has the name 'a/b', but must be names of letters",
        ),
        ("events: {sources: {1: {files: x}}}", "FILE:1: events.sources has the name 1, but must be names of letters"),
        ("events: {sources: here}", "FILE:1: events.sources is 'here', but must be names of letters"),
        ("events: {source: {}}", "FILE:1: events.source is not a setting of Lorgnette; did you mean events.sources?"),
        ("events: {roots: 5}", "FILE:1: events.roots is 5, but must be a folder or a list of these (default [])"),
        ("events: {roots: [5]}", "FILE:1: events.roots.0 is 5, but must be a folder or a list of these (default [])"),
        ("events: {sources: {a: {files: *.root}}}", "FILE:1:32: this is not YAML ("),
    ],
)
def test_one_mistake_in_a_mapping(text, told):
    assert problems(text)[0].startswith(told)


def test_a_mapping_that_is_commented_out_is_empty(elsewhere):
    settings = config.load(write(elsewhere / "a.yaml", "events:\n  roots:\n  sources:\n#    a:\n"), {})
    assert (settings.events.roots, settings.events.sources) == ((), {})


def test_a_mistake_in_a_variable_names_its_line():
    variable = "LORGNETTE_EVENTS_SOURCES"
    assert problems(environ={variable: "{a: {files: b"})[0].startswith(f"{variable}:1:14: this is not YAML (")
    (told,) = problems(environ={variable: "a:\n  files: b\n  partcle: photon\n"})
    assert told.startswith(f"{variable}:3: events.sources.a.partcle is not a setting of Lorgnette; did you mean ")
    assert "events.sources.a.particle?" in told
    (told,) = problems(environ={variable: "just text"})
    assert told.startswith(f"{variable}: events.sources is 'just text', but must be names of letters")
    assert told.endswith("Correct or unset the variable.")


def test_the_token_is_no_setting(caplog):
    with caplog.at_level(logging.WARNING):
        settings = config.load(None, {"LORGNETTE_TOKEN": "not for others"})
    assert "not for others" not in repr(settings) + config.to_yaml(settings) + caplog.text
    assert caplog.messages == []
    assert problems("serve: {token: abc}")[0].startswith("FILE:1: serve.token is not a setting")


# What people are told


def test_all_problems_of_all_places_are_told_at_once():
    text = "log_level: loud\nstreams:\n  pol_interval_ms: 5\nport: 1\n"
    told = problems(text, {"LORGNETTE_SERVE_PORT": "x"}, {"page.theme": "pink"})
    unknown, correct = "is not a setting of Lorgnette", "Correct the line, or remove it to get the default."
    levels = "one of debug, info, warning, error (default warning)"
    assert told == [
        f"FILE:1: log_level is 'loud', but must be {levels}. {correct}",
        f"FILE:3: streams.pol_interval_ms {unknown}; did you mean streams.poll_interval_ms? Rename or remove it.",
        f"FILE:4: port {unknown}; did you mean serve.port? Rename or remove it.",
        f"LORGNETTE_SERVE_PORT: serve.port is 'x', but must be {PORT}. Correct or unset the variable.",
        "command line: page.theme is 'pink', but must be one of auto, light, dark (default auto). Correct the option.",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("serve: {port: 65536}", "FILE:1: serve.port is 65536, but must be a whole number from 0 to 65535"),
        ("serve: {port: 5.5}", "FILE:1: serve.port is 5.5, but must be a whole number"),
        ("serve: {port: yes}", "FILE:1: serve.port is true, but must be a whole number"),
        ("serve: {port: null}", "FILE:1: serve.port is null, but must be a whole number"),
        ("serve: {port: [1]}", "FILE:1: serve.port is [1], but must be a whole number"),
        ("serve: {address: 12}", "FILE:1: serve.address is 12, but must be text (default localhost)"),
        (
            "streams: {idle_after_s: .nan}",
            "FILE:1: streams.idle_after_s is .nan, but must be a number from 0.5 to 3600",
        ),
        (
            "streams: {idle_after_s: .inf}",
            "FILE:1: streams.idle_after_s is .inf, but must be a number from 0.5 to 3600",
        ),
        ("serve: {auth: password}", "FILE:1: serve.auth is 'password', but must be one of token, none"),
        (
            "serve: {frame_ancestors: '*; script-src *'}",
            "FILE:1: serve.frame_ancestors is '*; script-src *', but must be self, none, or ",
        ),
        ("streams: {expected: 'a B'}", "FILE:1: streams.expected is 'a B', but must be names separated by spaces"),
        ("serve: {frame_ancestors: ''}", "FILE:1: serve.frame_ancestors is '', but must be self, none, or"),
        ("runtime_dir: 5", "FILE:1: runtime_dir is 5, but must be a path or null (default null)"),
        ("demo: perhaps", "FILE:1: demo is 'perhaps', but must be true or false (default true)"),
        ("\n\nserve: here", "FILE:3: serve is 'here', but must hold indented lines with: address, port"),
        ("streams:\n  history: 3", "FILE:2: streams.history is 3, but must hold indented lines with: seconds, rows"),
        ("zzz: 1", "FILE:1: zzz is not a setting of Lorgnette; `python -m lorgnette.config` prints all"),
        ("1: 2", "FILE:1: 1 is not a setting of Lorgnette"),
        ("serve: {port: 1, port: 2}", "FILE:1: serve.port is already set in FILE:1"),
        ("demo: true\ndemo: false", "FILE:2: demo is already set in FILE:1. Keep one"),
        ("- a", "FILE:1: ['a'] is no setting. Write lines such as"),
        ("hello", "FILE:1: 'hello' is no setting"),
        ("serve:\n  port: 1\n address: x", "FILE:3:2: this is not YAML ("),
        ("serve: [1", "FILE:1:10: this is not YAML ("),
        ("serve: !!python/object:os.system x", "FILE:1:8: this is not YAML (could not determine a constructor"),
        ("a: 1\n---\nb: 1", "FILE:2:1: this is not YAML ("),
        ("demo: 2001-99-99", "FILE: this is not YAML (month must be in 1..12)"),
        ("serve: {port: !!int ''}", "FILE: this is not YAML ("),
        ("[" * 5000, "FILE: this is not YAML ("),
        ("\x01", "FILE: this is not YAML ("),
        ("streams: &a {history: *a}", "FILE:1: streams.history.history is not a setting of Lorgnette"),
    ],
)
def test_one_mistake(text, told):
    assert problems(text)[0].startswith(told)


def test_a_long_wrong_value_is_cut_short():
    assert "xxx... is no setting" in problems("x" * 1000)[0]


def test_bytes_that_are_not_text(elsewhere):
    (elsewhere / "b.yaml").write_bytes(b"\xff\xfe\xff")
    assert problems(file=elsewhere / "b.yaml")[0].startswith("FILE: this is not YAML ('utf-8' codec")


@pytest.mark.parametrize("named", [lambda file: (file, {}), lambda file: (None, {"LORGNETTE_CONFIG": str(file)})])
def test_a_named_file_that_is_missing_or_a_directory(elsewhere, named):
    for file, reason in ((elsewhere / "none.yaml", "No such file"), (elsewhere, "Is a directory")):
        with pytest.raises(
            config.ConfigError, match=f"{re.escape(str(file))}: the configuration file cannot be read .*{reason}"
        ):
            config.load(*named(file))


def test_a_file_that_may_not_be_read(elsewhere, monkeypatch):
    file = write(elsewhere / "config.yaml", "demo: no")
    monkeypatch.setattr(
        Path, "read_text", lambda *_, **__: (_ for _ in ()).throw(PermissionError(13, "Permission denied"))
    )
    assert problems(file=file)[0].startswith("FILE: the configuration file cannot be read (Permission denied)")


def test_a_config_yaml_of_another_program_is_suspected(elsewhere):
    write(elsewhere / "config.yaml", "learning_rate: 0.1")
    with pytest.raises(config.ConfigError, match="belongs to another program, name yours with --config"):
        config.load(None, {})
    assert not any("another program" in line for line in problems("learning_rate: 0.1"))


def test_an_unknown_variable_is_a_warning_with_the_nearest_name(caplog):
    environ = {
        "LORGNETTE_SERVE_PRT": "1",
        "LORGNETTE_QQ": "1",
        "LORGNETTE_CONFIG": "",
        "LORGNETTE_TEST_CHROMIUM": "chromium",
        "OTHER": "",
    }
    with caplog.at_level(logging.WARNING):
        config.load(None, environ)
    assert sorted(caplog.messages) == [
        "The environment variable LORGNETTE_QQ has no effect; `python -m lorgnette.config` prints all that there are.",
        "The environment variable LORGNETTE_SERVE_PRT has no effect; did you mean LORGNETTE_SERVE_PORT?",
    ]


def test_an_unknown_override_is_an_error():
    assert problems(overrides={"serve.prt": 1}) == [
        "command line: serve.prt is not a setting of Lorgnette; did you mean serve.port? Rename or remove it."
    ]


def test_the_nearest_name_is_sought_by_the_whole_before_the_last_part():
    known = ["serve.port", "tunnel.port", "page.theme"]
    assert "serve.port?" in config._suggest("serv.port", known)
    assert "page.theme?" in config._suggest("colours.themes", known)
