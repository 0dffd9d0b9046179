"""The `lorgnette` command: what a newcomer is told, what each subcommand is given, and that no error is a traceback."""

import importlib
import os
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest
import yaml

import lorgnette
from lorgnette import cli, config, demo
from lorgnette.home import find_home

EXTRA = ("bokeh", "pandas", "platformdirs", "psutil", "pyarrow", "pydantic", "tornado", "yaml")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """An empty working directory, a user without configuration, no variables."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(config.platformdirs, "user_config_path", lambda _name: tmp_path / "user")
    for name in list(os.environ):
        if name.startswith(config.PREFIX):
            monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def run(capsys):
    """Run a command line; returns (status, stdout, stderr)."""

    def call(*argv):
        status = cli.main(argv)
        return (status, *capsys.readouterr())

    return call


@pytest.fixture
def stub(monkeypatch):
    """Put a stand-in at the place of a module of the package."""

    def put(name, **contents):
        module = SimpleNamespace(**contents)
        monkeypatch.setitem(sys.modules, f"lorgnette.{name}", module)
        monkeypatch.setattr(lorgnette, name, module, raising=False)

    return put


def process(code, **options):
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, cwd=find_home(), capture_output=True, text=True, timeout=60, check=False, **options)


# Help


@pytest.mark.parametrize("argv", [[], ["--help"], ["-h"], ["--"], ["--", "clean"]])
def test_help_says_what_it_is_what_to_try_and_what_there_is(run, argv):
    status, out, err = run(*argv)
    assert (status, err) == (0, "")
    for text in ("lets you look into running programs", "Try first:", "lorgnette serve  "):
        assert text in out
    for name, line in cli.COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(line)}$", out, re.MULTILINE)
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize("name", ["streams", "clean", "config", "demo", "generate"])
def test_every_subcommand_explains_itself(run, name):
    status, out, _ = run(name, "--help")
    assert status == 0
    assert f"usage: lorgnette {name}" in out
    assert cli.COMMANDS[name][1:] in " ".join(out.split())


def test_version(run):
    assert run("--version") == (0, f"lorgnette {lorgnette.__version__}\n", "")


@pytest.mark.parametrize(("word", "hint"), [("strems", "Did you mean streams?"), ("zzz", "There are serve, open, ")])
def test_an_unknown_command_names_the_nearest(run, word, hint):
    status, out, err = run(word)
    assert (status, out) == (2, "")
    assert err.startswith(f"lorgnette: there is no command {word}. {hint}")


@pytest.mark.parametrize(
    "argv", [["--colour"], ["clean", "--all"], ["streams", "--watch", "0"], ["streams", "--watch", "x"]]
)
def test_wrong_options_are_usage_errors(run, argv):
    status, out, err = run(*argv)
    assert (status, out) == (2, "")
    assert err.startswith("usage: ")


# Subcommands


@pytest.mark.parametrize("argv", [[], ["--help"], ["a.root", "--port", "5010"]])
def test_open_gets_all_its_arguments_and_gives_its_status(run, stub, argv):
    seen = []
    stub("serve", open_files=lambda given: seen.append(given) or 7)
    assert run("open", *argv)[0] == 7
    assert seen == [argv]


@pytest.mark.parametrize("argv", [[], ["--help"], ["--port", "5010", "overview", "--", "x"]])
def test_serve_gets_all_its_arguments_and_gives_its_status(run, stub, argv):
    seen = []
    stub("serve", main=lambda given: seen.append(given) or 7)
    assert run("serve", *argv)[0] == 7
    assert seen == [argv]


@pytest.mark.parametrize(
    ("argv", "watch", "as_json"),
    [([], None, False), (["--watch"], 1.0, False), (["--watch", "2.5"], 2.5, False), (["--json"], None, True)],
)
def test_streams_is_given_its_options(run, stub, argv, watch, as_json):
    seen = []
    stub("streams_cli", streams=lambda options: seen.append(options) or 3, clean=None)
    assert run("streams", *argv)[0] == 3
    assert (seen[0].watch, seen[0].json) == (watch, as_json)


def test_clean(run, stub):
    stub("streams_cli", clean=lambda options: print(options.command) or 0, streams=None)
    assert run("clean") == (0, "clean\n", "")


@pytest.mark.parametrize(
    ("argv", "names"), [([], ["system", "renderer"]), (["renderer"], ["renderer"]), (["system"], ["system"])]
)
def test_demo_runs_what_was_asked_for(run, monkeypatch, argv, names):
    seen = []
    monkeypatch.setattr(demo, "run", lambda given: seen.append(list(given)) or 1)
    assert run("demo", *argv)[0] == 1
    assert seen == [names]


def test_demo_of_something_unknown(run):
    sentence = "lorgnette: there is no demonstration rendrer. There are system and renderer.\n"
    assert run("demo", "system", "rendrer") == (2, "", sentence)


def test_config_shows_every_value_and_where_it_came_from(run, elsewhere, monkeypatch):
    (elsewhere / "config.yaml").write_text("page:\n  theme: dark\n")
    monkeypatch.setenv("LORGNETTE_SERVE_PORT", "5010")
    status, out, err = run("config")
    first, empty, *lines = out.splitlines()
    assert (status, err, empty) == (0, "", "")
    assert first == f"configuration file: {elsewhere / 'config.yaml'}"
    assert [line.split()[0] for line in lines] == list(config.keys())
    shown = {line.split()[0]: line.split()[1:] for line in lines}
    assert shown["page.theme"] == ["dark", "config.yaml:2"]
    assert shown["serve.port"] == ["5010", "LORGNETTE_SERVE_PORT"]
    assert shown["runtime_dir"] == ["null", "default"]
    starts = {[match.start() for match in re.finditer(r"\S+", line)][2] for line in lines}
    assert len(starts) == 1, "the third column is not aligned"


def test_config_shows_what_has_names_of_its_own_in_lines_below(run, elsewhere):
    (elsewhere / "config.yaml").write_text(
        "events:\n  sources:\n    a: {files: /x/*.root, pileup: 200}\n    b: {files: /y}\n"
    )
    status, out, _ = run("config")
    assert status == 0
    shown = re.search(r"^events\.sources +\(below\) +config\.yaml:2\n((?:  .*\n)+)(?=images)", out, re.MULTILINE)[1]
    assert yaml.safe_load(shown) == {"a": {"files": ["/x/*.root"], "pileup": 200}, "b": {"files": ["/y"]}}


def test_config_of_a_named_file(run, elsewhere):
    (elsewhere / "mine.yaml").write_text("demo: false")
    status, out, _ = run("config", "--config", "mine.yaml")
    assert status == 0
    assert re.search(r"^demo +false +mine.yaml:1$", out, re.MULTILINE)


@pytest.mark.parametrize(
    ("text", "reason"),
    [("serve: {prt: 1}", "did you mean serve.port?"), ("a: [", "this is not YAML"), (None, "cannot be read")],
)
def test_a_wrong_configuration_is_explained_without_a_traceback(run, elsewhere, text, reason):
    if text is not None:
        (elsewhere / "mine.yaml").write_text(text)
    status, out, err = run("config", "--config", "mine.yaml")
    assert (status, out) == (2, "")
    assert err.startswith(f"lorgnette: the configuration cannot be used.\n{elsewhere / 'mine.yaml'}")
    assert reason in err


def test_a_wrong_configuration_found_by_serve_is_explained_too(run, stub, monkeypatch):
    monkeypatch.setenv("LORGNETTE_SERVE_PORT", "x")
    stub("serve", main=lambda _: config.load().serve.port)
    status, _, err = run("serve")
    assert status == 2
    assert "LORGNETTE_SERVE_PORT: serve.port is 'x'" in err


def test_write_saves_the_values_in_effect_for_the_user(run, elsewhere, monkeypatch):
    monkeypatch.setenv("LORGNETTE_SERVE_PORT", "5010")
    file = elsewhere / "user" / "config.yaml"
    assert run("config", "--write") == (0, f"Saved to {file}.\n", "")
    text = file.read_text()
    serve = yaml.safe_load(text)["serve"]
    assert (serve["address"], serve["port"]) == ("localhost", 5010)
    assert text.count("#") > len(config.keys())
    monkeypatch.delenv("LORGNETTE_SERVE_PORT")
    assert config.load().serve.port == 5010
    assert [path.name for path in file.parent.iterdir()] == ["config.yaml"], "a draft was left"


def test_write_replaces_a_file_only_when_forced(run, elsewhere):
    file = elsewhere / "mine.yaml"
    file.write_text("demo: false")
    status, out, err = run("config", "--write", "mine.yaml")
    assert (status, out) == (2, "")
    assert f"{file} exists. Add --force" in err
    assert file.read_text() == "demo: false"
    status, out, _ = run("config", "--config", "mine.yaml", "--write", "mine.yaml", "--force")
    assert status == 0
    assert yaml.safe_load(file.read_text())["demo"] is False
    assert "is read, not the saved file. --config or LORGNETTE_CONFIG can name it." in out


def test_write_through_a_link_keeps_the_link(run, elsewhere):
    (elsewhere / "real.yaml").write_text("")
    (elsewhere / "link.yaml").symlink_to("real.yaml")
    assert run("config", "--write", "link.yaml", "--force")[0] == 0
    assert (elsewhere / "link.yaml").is_symlink()
    assert yaml.safe_load((elsewhere / "real.yaml").read_text())["demo"] is True


def test_write_where_nothing_can_be_written(run, elsewhere):
    (elsewhere / "file").write_text("")
    status, _, err = run("config", "--write", "file/config.yaml")
    assert status == 2
    assert f"{elsewhere / 'file' / 'config.yaml'} cannot be written (" in err
    (elsewhere / "directory").mkdir()
    status, _, err = run("config", "--write", "directory", "--force")
    assert status == 2
    assert [path.name for path in elsewhere.iterdir() if path.name.startswith(".")] == [], "a draft was left"


# Ends that are no errors of ours


def test_ctrl_c_ends_quietly(run, stub):
    def interrupted(_):
        raise KeyboardInterrupt

    stub("streams_cli", streams=interrupted, clean=None)
    assert run("streams") == (130, "", "")


def test_a_reader_who_leaves_ends_it_quietly():
    code = "import sys; from lorgnette.cli import main; sys.stdin.read(); sys.exit(main(['config']))"
    command = [sys.executable, "-W", "error", "-c", code]
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(command, cwd=find_home(), env=buffered, text=True, **pipes) as child:
        child.stdout.close()
        child.stdin.close()
        assert child.stderr.read() == ""
        assert child.wait(60) == 141


# With numpy alone


WITHOUT_EXTRA = f"import sys; sys.modules.update(dict.fromkeys({EXTRA})); from lorgnette.cli import main; "


@pytest.mark.parametrize(
    "argv", [["--help"], ["--version"], ["streams", "--help"], ["clean", "--help"], ["demo", "--help"]]
)
def test_what_works_with_numpy_alone(argv):
    done = process(WITHOUT_EXTRA + f"sys.exit(main({argv}))")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", ["serve", "open", "config"])
def test_what_needs_the_server_extra_says_so(command):
    done = process(WITHOUT_EXTRA + f"sys.exit(main(['{command}']))")
    assert (done.returncode, done.stdout) == (2, "")
    sentence = (
        rf'lorgnette: `lorgnette {command}` needs \w+, which is not installed: pip install "lorgnette\[server\]" .*'
    )
    assert re.fullmatch(sentence, done.stderr.rstrip("\n"))


def test_a_module_of_our_own_that_is_missing_is_no_missing_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "lorgnette.serve", None)
    with pytest.raises(ModuleNotFoundError):
        cli.main(["serve"])


def test_importing_the_command_imports_nothing_heavy():
    code = f"import sys, lorgnette.cli; print([name for name in {EXTRA} if name in sys.modules])"
    assert process(code).stdout.strip() == "[]"


def test_the_module_is_the_command():
    importlib.import_module("lorgnette.__main__")
    done = subprocess.run(
        [sys.executable, "-m", "lorgnette", "--version"], cwd=find_home(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, f"lorgnette {lorgnette.__version__}\n")
