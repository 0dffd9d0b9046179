"""What is told when the server is up: on a terminal, in a log, and to a browser."""

import os
import pty
import re
import stat
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import browser
import pytest
from web_tools import TOKEN, ask, bearer, environment, lorgnette_serve

from lorgnette.serve import announcement
from lorgnette.serve.announcement import has_display, tunnel

# Wherever the tests run, this server believes that it is in no container.
CODE = """
import sys
from lorgnette.serve import announcement, main
announcement.CONTAINERS = ()
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def probe(tmp_path):
    return browser.write_probe(tmp_path)


@contextmanager
def on_a_terminal(directory, *arguments, **variables):
    """A server whose standard output is a terminal: its process, and a function that gives what it has printed."""
    port, (ours, theirs) = browser.free_port(), pty.openpty()
    command = [sys.executable, "-c", CODE, *map(str, arguments), "--port", str(port)]
    state = {"LORGNETTE_TOKEN": "", "XDG_STATE_HOME": str(directory / "state")}
    env = environment(**{**state, **variables})
    errors = directory / "errors.log"
    with errors.open("wb") as stderr:
        process = subprocess.Popen(command, cwd=directory, env=env, stdin=theirs, stdout=theirs, stderr=stderr)
    os.close(theirs)
    os.set_blocking(ours, False)
    printed = b""

    def output():
        nonlocal printed
        try:
            while part := os.read(ours, 4096):
                printed += part
        except (BlockingIOError, OSError):
            pass
        return printed.decode().replace("\r\n", "\n")

    server = browser.Server(process, port, errors)
    try:
        browser.wait_for(lambda: server.answers("healthz") and "Ctrl-C" in output(), "it is up")
        yield server, output
    finally:
        browser.end(process)
        os.close(ours)


def runtime_files():
    return sorted(path.name for path in Path(os.environ["LORGNETTE_RUNTIME_DIR"]).iterdir() if "serve" in path.name)


def test_on_a_terminal_the_address_has_the_token(tmp_path, probe):
    with on_a_terminal(tmp_path, probe) as (server, output):
        first, second, third = output().splitlines()
        (token,) = re.findall(rf"^Lorgnette serves probe at {server.url()}\?token=(\S+)$", first)
        assert second == f"From another machine, run there first: {tunnel('localhost', server.port)}"
        assert third == "Ctrl-C ends it."
        assert ask(server, "/probe", bearer(token)).status == 200
        assert runtime_files() == [], "nothing has to be written down"
        assert server.output() == ""


def test_in_a_log_the_token_stays_out_and_only_we_can_read_the_file(tmp_path, probe):
    state = {"LORGNETTE_TOKEN": "", "XDG_STATE_HOME": str(tmp_path / "state")}
    with lorgnette_serve(tmp_path, probe, **state) as server:
        (name,) = re.findall(r"^Only you can read the file with the token: (\S+)$", server.output(), re.MULTILINE)
        file = Path(name)
        assert file.parent == Path(os.environ["LORGNETTE_RUNTIME_DIR"])
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        address, _, token = file.read_text(encoding="utf-8").strip().partition("?token=")
        assert address == server.url()
        assert token not in server.output()
        assert ask(server, "/probe", bearer(token)).status == 200
        (kept,) = (tmp_path / "state" / "lorgnette").iterdir()
        assert kept.name == f"serve-{server.port}.json"
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert server.terminate() == 0
    assert not file.exists(), "it is gone with the server"
    assert kept.exists(), "for the next one at this port"


def test_a_fixed_token_is_shown_nowhere_and_kept_nowhere(tmp_path, probe):
    with on_a_terminal(tmp_path, probe, LORGNETTE_TOKEN=TOKEN) as (server, output):
        assert "The token is that of LORGNETTE_TOKEN." in output()
        assert TOKEN not in output() + server.output()
    assert runtime_files() == []
    assert not (tmp_path / "state").exists()


def test_where_the_home_cannot_be_written_the_token_is_kept_beside_the_streams(tmp_path, probe):
    (tmp_path / "file").touch()
    run = tmp_path / "run"
    more = {"LORGNETTE_TOKEN": "", "XDG_STATE_HOME": str(tmp_path / "file" / "state")}
    with lorgnette_serve(tmp_path, probe, LORGNETTE_RUNTIME_DIR=str(run), **more) as server:
        assert (run / f"serve-{server.port}.json").exists(), "the runtime directory is the second choice"


def test_a_token_file_that_others_can_read_stops_the_server(tmp_path, probe):
    directory = tmp_path / "state" / "lorgnette"
    directory.mkdir(parents=True, mode=0o700)
    file = directory / "serve-5999.json"
    file.touch(0o644)
    env = environment(LORGNETTE_TOKEN="", XDG_STATE_HOME=str(tmp_path / "state"))
    command = [sys.executable, "-m", "lorgnette", "serve", str(probe), "--port", "5999"]
    result = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 2
    assert result.stderr.startswith(f"lorgnette serve: {file} has mode 0644")


@pytest.mark.parametrize("token", ["short", "ä" * 20])
def test_a_fixed_token_that_will_not_do_stops_the_server(tmp_path, probe, token):
    command = [sys.executable, "-m", "lorgnette", "serve", str(probe)]
    env = environment(LORGNETTE_TOKEN=token)
    result = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 2
    assert "LORGNETTE_TOKEN" in result.stderr
    assert token not in result.stderr


def test_the_configuration_that_is_shown_has_no_token(tmp_path):
    command = [sys.executable, "-m", "lorgnette", "config"]
    result = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True, cwd=tmp_path)
    assert "serve.auth" in result.stdout
    assert TOKEN not in result.stdout + result.stderr


# --- a browser is opened --------------------------------------------------------------------------------------------


@pytest.fixture
def stand_in(tmp_path):
    """Instead of a browser: notes what it is given, and what is in the file."""
    noted = tmp_path / "noted"
    program = tmp_path / "browser"
    program.write_text(
        f"#!{sys.executable}\nimport sys, os, stat, urllib.parse as u\npath = u.urlsplit(sys.argv[1]).path\n"
        f"mode = oct(stat.S_IMODE(os.stat(path).st_mode))\n"
        f'open({str(noted)!r}, "a").write(" ".join(sys.argv[1:]) + "\\n" + mode + " " + open(path).read() + "\\n")\n',
        encoding="utf-8",
    )
    program.chmod(0o755)
    return program, noted


def is_whole(noted):
    return noted.exists() and "</a>" in noted.read_text(encoding="utf-8")


def test_the_browser_gets_the_token_through_a_file(tmp_path, probe, stand_in):
    program, noted = stand_in
    with on_a_terminal(tmp_path, probe, BROWSER=str(program), DISPLAY=":7") as (server, output):
        browser.wait_for(lambda: is_whole(noted), "the browser is opened")
        arguments, _, content = noted.read_text(encoding="utf-8").partition("\n")
        (token,) = re.findall(r"\?token=(\S+)", output())
        assert token not in arguments, "everybody sees the arguments of a process"
        assert content.startswith("0o600 <!DOCTYPE html>")
        assert f'content="0; url={server.url()}?token={token}"' in content
        assert server.terminate() == 0
    assert runtime_files() == []


@pytest.mark.parametrize("why_not", ["no display", "option", "setting"])
def test_no_browser_is_opened(tmp_path, probe, stand_in, why_not):
    program, noted = stand_in
    variables = {"BROWSER": str(program), "DISPLAY": "" if why_not == "no display" else ":7"}
    arguments = ["--no-browser"] if why_not == "option" else []
    variables |= {"LORGNETTE_SERVE_OPEN_BROWSER": "false"} if why_not == "setting" else {}
    with on_a_terminal(tmp_path, probe, *arguments, **variables) as (server, _):
        assert server.terminate() == 0
    assert not noted.exists()
    assert runtime_files() == []


def test_show_opens_each_dashboard_also_without_a_terminal(tmp_path, probe, stand_in):
    program, noted = stand_in
    with lorgnette_serve(tmp_path, probe, "--show", BROWSER=str(program)) as server:
        browser.wait_for(lambda: is_whole(noted), "the browser is opened")
        assert f"url={server.url('probe')}?token={TOKEN}" in noted.read_text(encoding="utf-8")


def test_where_there_is_a_display(monkeypatch):
    monkeypatch.setattr(announcement, "CONTAINERS", ())
    assert has_display({"DISPLAY": ":0"}, platform="linux")
    assert has_display({"WAYLAND_DISPLAY": "wayland-0", "SSH_CONNECTION": "x"}, platform="linux")
    assert not has_display({}, platform="linux")
    assert not has_display({"SSH_CONNECTION": "x"}, platform="linux")
    assert has_display({}, platform="darwin")
    assert not has_display({"SSH_CONNECTION": "x"}, platform="darwin")
    assert not has_display({"DISPLAY": ":0", "STI_SCRIPTS_PATH": "/usr/libexec/s2i"}, platform="linux")
    monkeypatch.setattr(announcement, "CONTAINERS", ("/",))
    assert not has_display({"DISPLAY": ":0"}, platform="linux")


def test_the_tunnel(monkeypatch):
    monkeypatch.setattr(announcement.socket, "gethostname", lambda: "node7")
    monkeypatch.setattr(announcement.getpass, "getuser", lambda: "ada")
    assert tunnel("localhost", 5006) == "ssh -N -L 5006:localhost:5006 ada@node7"
    assert tunnel("::1", 5006) == "ssh -N -L 5006:[::1]:5006 ada@node7"

    def nobody():
        raise OSError

    monkeypatch.setattr(announcement.getpass, "getuser", nobody)
    assert tunnel("localhost", 5006).endswith(f" {os.getuid()}@node7")


def test_a_socket_instead_of_a_port(tmp_path, probe):
    path = tmp_path / "s.sock"
    command = [sys.executable, "-m", "lorgnette", "serve", str(probe), "--unix-socket", str(path)]
    env = environment(LORGNETTE_TOKEN="", XDG_STATE_HOME=str(tmp_path / "state"))
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=env, stdout=output, stderr=subprocess.STDOUT)
    try:
        browser.wait_for(lambda: "Ctrl-C" in log.read_text(encoding="utf-8"), "it is up")
        assert f"Lorgnette serves probe at {path}\n" in log.read_text(encoding="utf-8")
        (file,) = re.findall(r"token: (\S+)", log.read_text(encoding="utf-8"))
        assert Path(file).read_text(encoding="utf-8").startswith(f"{path} ?token=")
        process.terminate()
        assert process.wait(5) == 0
    finally:
        browser.end(process)
