"""Every supported interpreter and processor, every way to start a process, nothing started behind the back."""

import ast
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from .helpers import ROOT, Child, files

SCRIPT = str(Path(__file__).with_name("children.py"))
VERSIONS = ["3.10", "3.11", "3.12", "3.13", "3.14"]
MAPPED = ROOT / "lorgnette" / "transport" / "mapped"


def find_interpreter(version):
    """Return an interpreter of this version that has numpy; LORGNETTE_TEST_PYTHONS may name further ones."""
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    told = [path for path in os.environ.get("LORGNETTE_TEST_PYTHONS", "").split(os.pathsep) if path]
    pyenv = sorted(Path("~/.pyenv/versions").expanduser().glob(f"{version}*/bin/python"))
    test = f"import sys, numpy; assert sys.version_info[:2] == {tuple(map(int, version.split('.')))}"
    for command in [*told, f"python{version}", *pyenv]:
        try:
            if subprocess.run([command, "-c", test], capture_output=True, timeout=60, check=False).returncode == 0:
                return command
        except OSError:
            continue
    return None


@pytest.mark.parametrize("version", VERSIONS)
def test_a_conversation_under_every_interpreter(folder, version):  # number 21
    python = find_interpreter(version)
    if python is None:
        pytest.skip(f"there is no Python {version} with numpy here (LORGNETTE_TEST_PYTHONS may name one)")
    child = Child([python, "-W", "error", SCRIPT, "converse", folder])
    try:
        assert child.hear(60) == "good"
        assert child.wait() == 0
        assert child.errors == ""
    finally:
        child.end()


@pytest.mark.parametrize("version", VERSIONS)
def test_interpreters_understand_each_other(folder, version):  # number 21: stress across versions, with checksum
    python = find_interpreter(version)
    if python is None or python == sys.executable:
        pytest.skip(f"there is no other Python {version} with numpy here (LORGNETTE_TEST_PYTHONS may name one)")
    writer = Child([python, SCRIPT, "write_frames", folder, json.dumps({"words": 512, "checksum": True})])
    try:
        assert writer.hear() == "ready"
        options = json.dumps({"words": 512, "reads": 10_000, "seconds": 10})
        reader = Child([sys.executable, SCRIPT, "read_frames", folder, options])
        try:
            counted = reader.hear(60)
            assert counted["reads"] > 100
            assert counted["torn"] == 0
        finally:
            reader.end()
    finally:
        writer.end()


@pytest.mark.skipif(platform.machine() not in ("aarch64", "arm64"), reason="for processors that reorder stores")
@pytest.mark.parametrize("words", [512, 345_600])
def test_processors_that_reorder_stores(folder, words):  # number 21: aarch64, Linux and macOS
    writer = Child([sys.executable, SCRIPT, "write_frames", folder, json.dumps({"words": words, "checksum": True})])
    try:
        assert writer.hear() == "ready"
        options = json.dumps({"words": words, "reads": 200_000, "seconds": 20})
        reader = Child([sys.executable, SCRIPT, "read_frames", folder, options])
        try:
            assert reader.hear(90)["torn"] == 0
        finally:
            reader.end()
    finally:
        writer.end()


@pytest.mark.skipif(sys.platform != "darwin", reason="for macOS, whose lock structure is laid out otherwise")
def test_macos_tells_the_living_from_the_dead(child, backend):  # number 21: macOS
    process = child('p = lorgnette.Publisher("stream", backend=backend); say(1); hear()')
    process.hear()
    reader = backend.attach("stream")
    assert reader.alive()
    process.kill()
    assert not reader.alive()


START = """
import multiprocessing, sys
import numpy as np
import lorgnette
from lorgnette.transport import MappedBackend

def produce(folder, number, ready, done):
    with lorgnette.Publisher(f"worker-{number}", backend=MappedBackend(folder)) as publisher:
        publisher.frame(np.full((2, 2), number, np.uint8))
        publisher.log(n=number)
        ready.release()
        done.wait(60)

if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    folder = sys.argv[2]
    backend = MappedBackend(folder)
    mine = lorgnette.Publisher("parent", backend=backend)
    mine.log(n=-1)
    ready, done = context.Semaphore(0), context.Event()
    workers = [context.Process(target=produce, args=(folder, number, ready, done)) for number in range(3)]
    for worker in workers:
        worker.start()
    for _ in workers:
        assert ready.acquire(timeout=60)
    names = [stream.name for stream in lorgnette.list_streams(backend)]
    assert names == ["parent", "worker-0", "worker-1", "worker-2"], names
    for number in range(3):
        subscriber = lorgnette.Subscriber(f"worker-{number}", backend=backend)
        assert (subscriber.frame() == number).all()
        assert subscriber.records()["n"].tolist() == [number]
        assert subscriber.status == "live"
    done.set()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    assert [stream.name for stream in lorgnette.list_streams(backend)] == ["parent"]
    mine.log(n=-2)
    mine.close()
"""


@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
def test_every_way_to_start_a_process(folder, tmp_path, method):  # number 13
    script = tmp_path / "program.py"
    script.write_text(START)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, script, method, folder],
        env=environment,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert files(folder) == []


def test_no_helper_process_or_thread_is_started(child):  # number 16
    process = child(
        """
        with lorgnette.Publisher("stream", backend=backend) as publisher:
            publisher.frame(np.zeros((5, 5), np.uint8))
            publisher.log(a=1)
            publisher.state["a"] = 1
            subscriber = lorgnette.Subscriber("stream", backend=backend)
            subscriber.frame(), subscriber.records(), subscriber.send({"a": 1})
            children = []
            if os.path.isdir("/proc/self/task"):
                for task in os.listdir("/proc/self/task"):
                    children += open(f"/proc/self/task/{task}/children").read().split()
            names = [name for name in sys.modules if name.startswith("multiprocessing.resource_tracker")]
            say([children, names, threading.active_count()])
        """
    )
    assert process.hear() == [[], [], 1]


def assigned_subscripts(tree):
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
            for target in targets:
                for part in ast.walk(target):
                    if isinstance(part, ast.Subscript):
                        yield node, part


def test_control_words_are_whole_native_words():  # number 14
    """Words are views cast to "Q" at aligned offsets, their numbers are whole, and no big-endian struct is near."""
    casts = stores = 0
    for path in MAPPED.glob("*.py"):
        source = path.read_text()
        for node in ast.walk(ast.parse(source)):
            where = f"{path.name}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                if node.func.attr == "cast":
                    assert [ast.literal_eval(argument) for argument in node.args] == ["Q"], where
                    casts += 1
                if node.func.attr in ("Struct", "pack_into", "pack", "unpack", "unpack_from"):
                    first = ast.unparse(node.args[0]) if node.args else ""
                    assert not set(">!") & set(first), f"{where}: a big-endian structure"
        for node, target in assigned_subscripts(ast.parse(source)):
            if "words" in ast.unparse(target.value):
                where = f"{path.name}:{node.lineno}"
                assert not isinstance(node, ast.AugAssign), f"{where}: read, change and write is not one store"
                assert not isinstance(target.slice, ast.Slice), f"{where}: a slice is not one store"
                stores += 1
    assert casts >= 1
    assert stores >= 15, "the scan does not find the stores any more"


def test_word_offsets_are_aligned_and_apart():  # number 14
    from lorgnette.transport.mapped import commands, control, frames, layout

    offsets = [layout.DESCRIPTORS_OFFSET, layout.DESCRIPTOR_BYTES, layout.DIRECTORY_OFFSET, layout.ENTRY_BYTES]
    offsets += [layout.HEADER_BYTES, layout.COMMAND_SLOT_BYTES, commands.SLOT_HEADER_BYTES, frames.SHAPE_OFFSET]
    offsets += [control.KIND_OFFSET, control.GENERATION_OFFSET, control.PLACE_OFFSET, frames.META_OFFSET]
    assert all(offset % 8 == 0 for offset in offsets)
    hot = [layout.BEAT_WORD, layout.HEAD_WORD, layout.RESERVE_WORD, layout.CONSUMED_WORD]
    assert len({word * 8 // 64 for word in hot}) == len(hot), "hot words share a cache line"
    assert frames.META_OFFSET + layout.META_BYTES <= layout.DESCRIPTOR_BYTES
    assert layout.DIRECTORY_OFFSET + layout.MAX_CHANNELS * layout.ENTRY_BYTES <= layout.CONTROL_BYTES
    assert layout.LEASES_WORD * 8 + layout.MAX_CHANNELS * 8 <= layout.HEADER_BYTES
