"""The launcher and ./app.sh, as processes."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import browser
import psutil
import pytest
from web_tools import LORGNETTE, TOKEN, ask, bearer, environment, handshake, lorgnette_serve

from lorgnette.serve import launcher
from lorgnette.serve.launcher import UnknownDashboardError, find_dashboards

ROOT = browser.ROOT
needs_overview = pytest.mark.skipif(
    not (ROOT / "dashboards/overview/main.py").is_file(), reason="the overview does not exist yet"
)


@pytest.fixture
def probe(tmp_path):
    return browser.write_probe(tmp_path)


def run(*arguments, cwd):
    """`lorgnette serve ARGUMENTS` to its end, for those that do not make sense."""
    command = [*LORGNETTE, "serve", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=environment(), capture_output=True, text=True, timeout=60, check=False)


# --- what is served -------------------------------------------------------------------------------------------------


@pytest.fixture
def known(monkeypatch, tmp_path):
    monkeypatch.setattr(launcher, "dashboards", lambda: [tmp_path / "event_display", tmp_path / "overview"])
    return tmp_path


def test_all_dashboards_are_served_unless_some_are_named(known):
    assert find_dashboards([]) == [str(known / "event_display"), str(known / "overview")]
    assert find_dashboards(["overview"]) == [str(known / "overview")]


def test_a_path_is_served_as_it_is(known):
    (known / "main.py").touch()
    assert find_dashboards(["overview", str(known)]) == [str(known / "overview"), str(known)]


@pytest.mark.parametrize(("name", "hint"), [("overvew", "Did you mean overview?"), ("zzz", "no file named zzz. Dash")])
def test_a_wrong_name_is_answered_with_the_right_ones(known, name, hint):
    with pytest.raises(UnknownDashboardError, match=re.escape(hint)) as caught:
        find_dashboards([name])
    assert "event_display, overview" in str(caught.value)


@pytest.mark.parametrize("port", ["99999", "-1"])
def test_a_port_that_cannot_be_ends_the_command_with_a_sentence(tmp_path, port):
    result = run(f"--port={port}", cwd=tmp_path)
    assert (result.returncode, result.stderr.count("\n")) == (2, 1)
    assert f"There is no port {port}." in result.stderr


def test_what_is_no_app_ends_the_command_with_a_sentence(tmp_path):
    (tmp_path / "text.txt").write_text("", encoding="utf-8")
    for name in ("text.txt", str(tmp_path)):
        result = run(name, cwd=tmp_path)
        assert (result.returncode, result.stderr.count("\n")) == (2, 1)
        assert f"{name} is no Bokeh app." in result.stderr


def test_a_wrong_name_ends_the_command_with_a_sentence(tmp_path):
    result = run("no_such_dashboard", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr.startswith("lorgnette serve: There is no dashboard")
    assert "Traceback" not in result.stderr


def test_a_missing_configuration_file_ends_the_command_with_a_sentence(tmp_path, probe):
    result = run(probe, "--config", "nowhere.yaml", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr == f"lorgnette serve: There is no configuration file {tmp_path / 'nowhere.yaml'}.\n"


def test_every_option_of_bokeh_is_there(tmp_path):
    text = run("--help", cwd=tmp_path).stdout
    for option in (
        "--allow-websocket-origin",
        "--prefix",
        "--num-procs",
        "--dev",
        "--config",
        "--demo",
        "--auth",
        "--no-browser",
    ):
        assert option in text


# --- a running server -----------------------------------------------------------------------------------------------


def test_it_says_where_the_pages_are_and_ends_on_sigterm(tmp_path, probe):
    with lorgnette_serve(tmp_path, probe) as server:
        assert re.fullmatch(
            f"Lorgnette serves probe at {server.url()}\n"
            "The token is that of LORGNETTE_TOKEN.\n"
            f"From another machine, run there first: ssh -N -L {server.port}:localhost:{server.port} \\S+@\\S+\n"
            "Ctrl-C ends it.\n",
            server.output(),
        )
        assert server.terminate() == 0


def test_a_pattern_of_file_names(tmp_path, probe):
    with lorgnette_serve(tmp_path, "--glob", f"{probe.parent}/pro*") as server:
        assert ask(server, "/probe", bearer()).status == 200


def test_several_processes_know_the_same_token(tmp_path, probe):
    state = {"LORGNETTE_TOKEN": "", "XDG_STATE_HOME": str(tmp_path / "state")}
    with lorgnette_serve(tmp_path, probe, "--num-procs", "2", **state) as server:
        browser.wait_for(lambda: "Ctrl-C" in server.output(), "the first speaks")
        children = psutil.Process(server.process.pid).children()
        (file,) = re.findall(r"file with the token: (\S+)", server.output())
        token = Path(file).read_text(encoding="utf-8").strip().partition("token=")[2]
        assert {ask(server, "/probe/metadata", bearer(token)).status for _ in range(20)} == {200}
        assert server.output().count("Lorgnette serves") == 1
        for child in children:  # Bokeh's parent does not hand the signal on
            child.terminate()
        browser.wait_for(lambda: all(map(gone, children)), "they have ended", 5)
    assert not Path(file).exists()


def test_a_terminated_server_ends_while_it_starts(tmp_path, probe):
    """Until the server listens the launcher's own handler is in place."""
    code = (
        "import os, signal, sys; import lorgnette.serve as s\n"
        "s.find = s.dashboards; s.dashboards = lambda: os.kill(os.getpid(), signal.SIGTERM) or s.find()\n"
        "sys.exit(s.main(sys.argv[1:]))"
    )
    result = subprocess.run([sys.executable, "-c", code, str(probe)], cwd=tmp_path, env=environment(), check=False)
    assert result.returncode == 0


@pytest.mark.browser
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_both_names_of_this_machine_work(tmp_path, probe, open_tab, host):
    with lorgnette_serve(tmp_path, probe, "--log-level", "debug", prefix="deep/er") as server:
        page = open_tab(f"http://{host}:{server.port}/deep/er/probe?token={TOKEN}")
        page.wait_for_function("Bokeh.documents[0].get_model_by_name('says').text.includes('visible=True')")
        assert f"localhost:{server.port}/deep/er/\n" in server.output()
        (allowed,) = re.findall("These host origins can connect.*", server.output())
        assert f"{host}:{server.port}" in allowed, "also with a Tornado that does not look at the host itself"


def test_it_listens_on_this_machine_only(tmp_path, probe):
    with lorgnette_serve(tmp_path, probe) as server:
        listening = [c for c in psutil.Process(server.process.pid).net_connections() if c.status == psutil.CONN_LISTEN]
        assert {connection.laddr.ip for connection in listening} <= {"127.0.0.1", "::1"}


def test_a_taken_default_port_is_passed_over(monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setattr(launcher, "DEFAULT_PORT", port)
        assert launcher._first_free_port("localhost") > port
    assert launcher._first_free_port("localhost") == port


def test_a_taken_port_that_was_asked_for_is_an_error(tmp_path, probe):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = run(probe, "--port", taken.getsockname()[1], "--address", "127.0.0.1", cwd=tmp_path)
    assert result.returncode == 1
    assert "already in use" in result.stderr


def test_the_configuration_file_is_handed_on(tmp_path):
    app = tmp_path / "tell"
    app.mkdir()
    (app / "main.py").write_text(
        "import os\nfrom bokeh.io import curdoc\ncurdoc().title = os.environ['LORGNETTE_CONFIG']\n", encoding="utf-8"
    )
    (tmp_path / "mine.yaml").write_text("", encoding="utf-8")
    with lorgnette_serve(tmp_path, "tell", "--config", "mine.yaml") as server:
        page = ask(server, "/tell", bearer()).text
    assert f"<title>{tmp_path / 'mine.yaml'}</title>" in page


# --- the demonstration ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
@pytest.mark.slow
def test_the_demonstration_lives_and_dies_with_the_server(tmp_path, probe, how):
    with lorgnette_serve(tmp_path, probe, "--demo") as server:
        publishers = psutil.Process(server.process.pid).children()
        assert publishers
        streams = [*LORGNETTE, "streams"]
        browser.wait_for(
            lambda: b"live" in subprocess.run(streams, env=environment(), capture_output=True, check=False).stdout,
            "a stream is there",
        )
        server.process.send_signal(how)
        server.process.wait(5)
        browser.wait_for(lambda: all(map(gone, publishers)), "the publishers have ended, too", 5)
        assert "Traceback" not in server.output()


def gone(process):
    """Whether a process has ended (a zombie has: in a container nobody may have reaped it yet)."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


# --- app.sh ---------------------------------------------------------------------------------------------------------


def test_scripts_can_be_executed():
    for name in ("app.sh", "tests/run", ".ci/run"):
        text = (ROOT / name).read_bytes()
        assert text.startswith(b"#!/usr/bin/env bash\n")
        assert b"set -euo pipefail" in text
        assert b"\r" not in text
        assert os.access(ROOT / name, os.X_OK)


@pytest.fixture
def tools(tmp_path):
    """A PATH with nothing on it but what the script itself calls."""
    directory = tmp_path / "tools"
    directory.mkdir()
    for name in ("bash", "dirname"):
        (directory / name).symlink_to(shutil.which(name))
    return directory


@needs_overview
def test_app_sh_starts_with_the_active_python_from_anywhere(tmp_path, tools):
    path = f"{Path(sys.executable).parent}:{tools}"
    env = browser.bare_environment(PATH=path, LORGNETTE_DEMO="false", LORGNETTE_TOKEN=TOKEN)
    with browser.serve([str(ROOT / "app.sh"), "overview"], "healthz", tmp_path, env=env) as server:
        assert "Starting Lorgnette" in server.output()
        assert server.terminate() == 0


def test_in_a_source_to_image_container_app_sh_listens_where_the_router_asks(tmp_path, tools):
    """As a router would ask, by a name that nobody has told the server, and with https outside."""
    path = f"{Path(sys.executable).parent}:{tools}"
    home = tmp_path / "home"
    home.mkdir()
    env = {"PATH": path, "HOME": str(home), "PYTHONUNBUFFERED": "1", "STI_SCRIPTS_PATH": "/usr/libexec/s2i"}
    port = browser.free_port()
    env |= {"PORT": str(port), "LORGNETTE_DEMO": "false", "LORGNETTE_RUNTIME_DIR": str(tmp_path / "run")}
    log = tmp_path / "log"
    with log.open("wb") as output:
        command = [str(ROOT / "app.sh"), "overview"]
        process = subprocess.Popen(command, env=env, cwd=home, stdout=output, stderr=subprocess.STDOUT)
    server = browser.Server(process, port, log)
    try:
        browser.wait_for(lambda: server.answers("healthz"), "it listens at PORT")
        listening = [c for c in psutil.Process(process.pid).net_connections() if c.status == psutil.CONN_LISTEN]
        assert {connection.laddr.ip for connection in listening} == {"0.0.0.0"}  # noqa: S104
        (file,) = re.findall(r"file with the token: (\S+)", server.output())
        token = Path(file).read_text(encoding="utf-8").strip().partition("token=")[2]
        assert token
        assert token not in server.output()
        assert "ssh" not in server.output(), "there is no way to a pod by ssh"
        router = {"Host": "app.example.org", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
        answer = ask(server, f"/overview?token={token}", {**router, "Accept": "text/html"})
        assert (answer.status, answer.location) == (302, "/overview")
        assert "Secure" in answer.headers["Set-Cookie"]
        page = ask(server, "/overview", {**router, **answer.cookie})
        (session,) = re.findall(r'"token":"([\w.-]+)"', page.text)
        own = {**router, **answer.cookie, "Origin": "https://app.example.org"}
        for more in ({}, {"Sec-Fetch-Site": "same-origin"}):
            status, connection = handshake(server, "/overview/ws", session, {**own, **more})
            connection.close()
            assert " 101 " in status
        assert server.terminate() == 0
        assert not Path(file).exists()
    finally:
        browser.end(process)


@pytest.fixture
def copy(tmp_path):
    """app.sh where there is no virtual environment beside it."""
    directory = tmp_path / "copy"
    directory.mkdir()
    for name in ("app.sh", "pyproject.toml"):
        shutil.copy(ROOT / name, directory / name)
    return directory


def start(directory, tools, *arguments, **more):
    env = {"PATH": str(tools), **more}
    command = [str(directory / "app.sh"), *arguments]
    return subprocess.run(command, env=env, cwd="/", capture_output=True, text=True, check=False)


def test_app_sh_says_when_there_is_no_python(copy, tools):
    result = start(copy, tools)
    assert result.returncode == 1
    assert result.stderr == (
        "Lorgnette's server needs Python 3.11 or newer, and there is none on the PATH. Please install one.\n"
    )


def test_app_sh_installs_once_and_again_after_a_change(copy, tools):
    """The virtual environment's Python is a stand-in that notes what it is asked to do."""
    python = copy / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    script = f'#!/bin/sh\nif [ "$1" = -c ]; then exec {sys.executable} "$@"; fi\necho "$@" >>"{copy}/calls"\n'
    python.write_text(script, encoding="utf-8")
    python.chmod(0o755)

    def calls():
        text = (copy / "calls").read_text(encoding="utf-8")
        (copy / "calls").unlink()
        return ["install" if line.startswith("-m pip") else line for line in text.splitlines()]

    assert start(copy, tools, "--port", "1").returncode == 0
    assert calls() == ["install", "-m lorgnette serve --demo --port 1"]
    assert start(copy, tools).returncode == 0
    assert calls() == ["-m lorgnette serve --demo"]
    with (copy / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n# changed\n")
    assert start(copy, tools).returncode == 0
    assert calls() == ["install", "-m lorgnette serve --demo"]


# --- the configuration ----------------------------------------------------------------------------------------------


def test_the_configuration_is_obeyed_and_the_command_line_wins(tmp_path, probe):
    port = browser.free_port()
    folder = tmp_path / "streams"
    file = tmp_path / "mine.yaml"
    file.write_text(f"runtime_dir: {folder}\nserve:\n  port: {port}\n", encoding="utf-8")
    # An empty variable counts as not set; otherwise it would win over the file.
    with lorgnette_serve(tmp_path, probe, "--demo", "--config", file, LORGNETTE_RUNTIME_DIR="") as server:
        assert server.port != port, "the one of the command line is served"
        browser.wait_for((folder / "system.ctl").exists, "the demonstration publishes where the server looks")
    env = environment(LORGNETTE_DEMO="false", LORGNETTE_CONFIG=str(file))
    with subprocess.Popen([*LORGNETTE, "serve", str(probe), "--demo"], env=env, cwd=tmp_path) as process:
        try:
            server = browser.Server(process, port, tmp_path / "server-0.log")
            browser.wait_for(lambda: server.answers("healthz"), "it listens at the configured port")
            assert psutil.Process(process.pid).children() == []
        finally:
            browser.end(process)


def test_the_demonstration_stays_off_where_a_source_is_configured(tmp_path, probe):
    env = environment(LORGNETTE_STREAMS_EXPECTED="mine")
    command = [*LORGNETTE, "serve", str(probe), "--demo", "--auth", "none"]
    with browser.serve(command, "healthz", tmp_path, env=env) as server:
        assert psutil.Process(server.process.pid).children() == []


def test_a_wrong_configuration_ends_the_command_with_a_sentence(tmp_path, probe):
    file = tmp_path / "mine.yaml"
    file.write_text("serve:\n  prot: 5010\n", encoding="utf-8")
    result = run(probe, "--config", file, cwd=tmp_path)
    assert result.returncode == 2
    assert "did you mean serve.port" in result.stderr
    assert "Traceback" not in result.stderr
