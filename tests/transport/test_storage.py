"""The directory and its file system: full, foreign, linked, too open, damaged. Clear messages, never a crash."""

import contextlib
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

import lorgnette
from lorgnette.transport import MappedBackend, errors
from lorgnette.transport.mapped import directory

from .helpers import ROOT, files, private_directory

ROOT_ONLY = pytest.mark.skipif(
    not sys.platform.startswith("linux") or os.geteuid() != 0,
    reason="only root can mount file systems and change users",
)
NOBODY = 65534


@pytest.fixture
def small():
    """Return a function that mounts a tmpfs of its own and returns its path."""
    mounted = []

    def mount(**options):
        path = private_directory()
        told = ",".join(f"{name}={value}" for name, value in {"mode": "0700", **options}.items())
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", told, "tmpfs", path], capture_output=True, check=False)
        if done.returncode:
            shutil.rmtree(path)
            pytest.skip(f"no tmpfs can be mounted here: {done.stderr.decode().strip()}")
        mounted.append(path)
        return path

    yield mount
    for path in mounted:
        subprocess.run(["umount", "-l", path], check=True)
        path.rmdir()


def fill(path, leave=0):
    """Write a file that takes all but `leave` bytes of a file system."""
    ballast = os.open(path / "ballast", os.O_WRONLY | os.O_CREAT)
    with contextlib.suppress(OSError):
        while True:
            os.write(ballast, bytes(4096))
    os.ftruncate(ballast, os.fstat(ballast).st_size - leave)
    os.close(ballast)


@ROOT_ONLY
def test_a_frame_without_room_is_an_exception_and_the_stream_goes_on(small):  # number 9
    path = small(size="8m")
    backend = MappedBackend(path)
    with lorgnette.Publisher("stream", backend=backend) as publisher:
        subscriber = lorgnette.Subscriber("stream", backend=backend)
        publisher.frame(np.ones((100, 100), np.uint8))
        with pytest.raises(errors.StorageFullError, match=rf"room.*MB in {path}.*--shm-size.*LORGNETTE_RUNTIME_DIR"):
            publisher.frame(np.zeros((4000, 4000), np.uint8))
        assert subscriber.frame().sum() == 10_000
        assert publisher.frame(np.full((100, 100), 2, np.uint8)) == 2
        assert (subscriber.frame() == 2).all()
        with pytest.raises(errors.StorageFullError):
            publisher.records("perf", [("a", "f8")], capacity=1 << 20)
        with pytest.raises(errors.StorageFullError):
            publisher.state["big"] = np.zeros(2_000_000)
        publisher.log(a=1)
        assert subscriber.records()["a"].tolist() == [1]
        assert not [file for file in files(path) if ".tmp" in file]
    assert files(path) == []


@ROOT_ONLY
def test_little_room_means_fewer_slots(small):  # number 9
    path = small(size="8m")
    backend = MappedBackend(path)
    with lorgnette.Publisher("stream", backend=backend) as publisher:
        subscriber = lorgnette.Subscriber("stream", backend=backend)
        for value in range(5):
            publisher.frame(np.full((1500, 1500), value, np.uint8))  # four slots would take 9 MB
            assert (subscriber.frame() == value).all()
        assert publisher.frame(np.full((1500, 1500), 9, np.uint8)) == 6


@ROOT_ONLY
@pytest.mark.parametrize("leave", [0, 4096, 8192, 65_536, 200_000, 1_000_000])
def test_a_stream_without_room_does_not_start_and_keeps_no_name(small, leave):  # number 9
    path = small(size="4m")
    backend = MappedBackend(path)
    fill(path, leave)
    for _ in range(2):
        with pytest.raises(errors.StorageFullError, match="room"):
            lorgnette.Publisher("stream", backend=backend)
        assert files(path) == ["ballast"]
    (path / "ballast").unlink()
    lorgnette.Publisher("stream", backend=backend).close()


@ROOT_ONLY
@pytest.mark.parametrize("inodes", [2, 3, 4, 5, 6])
def test_a_file_system_without_free_entries(small, inodes):  # number 9
    path = small(size="8m", nr_inodes=inodes)
    backend = MappedBackend(path)
    try:
        publisher = lorgnette.Publisher("stream", backend=backend)
    except errors.StorageFullError:
        assert files(path) == []
        return
    with publisher:
        for number in range(6):
            with contextlib.suppress(errors.StorageFullError):
                publisher.frames(f"c{number}").publish(np.zeros(3))
    assert files(path) == []


@ROOT_ONLY
def test_what_finds_no_room_in_memory_spills_to_the_disk(small, tmp_path, monkeypatch):
    memory, disk = small(size="4m"), tmp_path / "disk"
    monkeypatch.delenv(directory.VARIABLE, raising=False)
    monkeypatch.setattr(directory, "default_directory", lambda: str(memory))
    monkeypatch.setattr(directory, "spill_directory", lambda: str(disk))
    with lorgnette.Publisher("stream") as publisher:
        subscriber = lorgnette.Subscriber("stream")
        publisher.frame(np.ones((10, 10), np.uint8))
        with pytest.warns(RuntimeWarning, match="no room for .* MB.*slower.*--shm-size"):
            publisher.frame(np.full((3000, 3000), 2, np.uint8))
        assert (subscriber.frame() == 2).all()
        assert subscriber.frame() is None
        publisher.frame(np.full((3000, 3000), 3, np.uint8))
        assert (subscriber.frame() == 3).all()
        (spilled,) = files(disk)
        assert spilled.startswith("stream.0.")
        assert disk.stat().st_mode & 0o777 == 0o700
    assert files(disk) == files(memory) == []


@ROOT_ONLY
def test_what_a_killed_publisher_spilled_is_removed_whenever_the_sweeper_is_killed(small, tmp_path, monkeypatch, child):
    memory, disk = small(size="4m"), tmp_path / "disk"
    from lorgnette.transport.mapped import memory as module

    monkeypatch.delenv(directory.VARIABLE, raising=False)
    monkeypatch.setattr(directory, "default_directory", lambda: str(memory))
    monkeypatch.setattr(directory, "spill_directory", lambda: str(disk))
    unlink = module.unlink_quietly
    for steps in range(6):
        process = child(
            f"""
            import warnings
            from lorgnette.transport.mapped import directory
            warnings.simplefilter("ignore")
            os.environ.pop(directory.VARIABLE, None)
            directory.default_directory = lambda: {str(memory)!r}
            directory.spill_directory = lambda: {str(disk)!r}
            publisher = lorgnette.Publisher("stream")
            publisher.frame(np.zeros((3000, 3000), np.uint8))
            publisher.log(a=1)
            say(1)
            hear()
            """
        )
        process.hear()
        process.kill()
        assert files(disk)
        left = [steps]

        def unlink_until_killed(path, left=left):
            if not left[0]:
                raise KeyboardInterrupt
            left[0] -= 1
            unlink(path)

        monkeypatch.setattr(module, "unlink_quietly", unlink_until_killed)
        with contextlib.suppress(KeyboardInterrupt):
            MappedBackend().sweep()
        monkeypatch.setattr(module, "unlink_quietly", unlink)
        MappedBackend().sweep()
        assert (files(memory), files(disk)) == ([], []), f"killed after {steps} removals"


def uses(backend):
    return [
        lambda: lorgnette.Publisher("stream", backend=backend),
        lambda: lorgnette.list_streams(backend),
        lambda: backend.attach("stream"),
        backend.names,
        backend.sweep,
    ]


def refused(path, message):
    backend = MappedBackend(path)
    for use in uses(backend):
        with pytest.raises(errors.RuntimeDirectoryError, match=message):
            use()
    subscriber = lorgnette.Subscriber("stream", backend=backend)
    assert subscriber.status == "waiting"
    assert str(path) in subscriber.problem
    with pytest.raises(errors.TransportError, match=message):
        subscriber.frame()


@pytest.mark.parametrize("mode", [0o755, 0o777, 0o701, 0o750, 0o1777])
def test_a_directory_that_is_open_to_others_is_refused(tmp_path, mode):  # number 10
    path = tmp_path / "run"
    path.mkdir()
    path.chmod(mode)
    refused(path, rf"{path} has mode {mode:04o}.*0700.*LORGNETTE_RUNTIME_DIR")


def test_a_linked_directory_is_refused(tmp_path, folder):  # number 10
    path = tmp_path / "run"
    path.symlink_to(folder)
    refused(path, "is a link")
    path.unlink()
    path.symlink_to(tmp_path / "nowhere")
    refused(path, "is a link")


def test_a_file_is_no_directory(tmp_path):
    path = tmp_path / "run"
    path.write_text("")
    refused(path, "is not a directory")


@ROOT_ONLY
def test_a_directory_of_another_user_is_refused(tmp_path):  # number 10
    path = tmp_path / "run"
    path.mkdir(0o700)
    os.chown(path, NOBODY, NOBODY)
    refused(path, f"belongs to user {NOBODY}, not to you")


@ROOT_ONLY
def test_another_user_sees_nothing(folder, backend, publisher, child):  # number 10
    publisher.frame(np.zeros((4, 4), np.uint8))
    process = child(
        f"""
        path = folder + "/stream.ctl"
        os.chmod(folder, 0o700)
        modes = [oct(os.stat(os.path.join(folder, name)).st_mode & 0o777) for name in os.listdir(folder)]
        os.setgroups([])
        os.setgid({NOBODY})
        os.setuid({NOBODY})
        found = []
        for use in (lambda: os.listdir(folder), lambda: open(path, "rb")):
            try:
                use()
                found.append("seen")
            except PermissionError:
                found.append("refused")
        for use in (lambda: lorgnette.Publisher("x", backend=backend), lambda: lorgnette.list_streams(backend)):
            try:
                use()
                found.append("used")
            except errors.RuntimeDirectoryError as error:
                found.append("belongs to user 0" in str(error))
        say([sorted(set(modes)), found])
        """
    )
    assert process.hear() == [["0o600"], ["refused", "refused", True, True]]


@ROOT_ONLY
def test_a_file_of_another_user_is_not_read(folder, backend, publisher):  # number 10
    os.chown(folder / "stream.ctl", NOBODY, NOBODY)
    with pytest.raises(errors.CorruptStreamError, match=f"belongs to user {NOBODY}"):
        backend.attach("stream")
    assert "belongs to user" in lorgnette.list_streams(backend)[0].problem


def test_a_missing_directory_is_made_private_whatever_the_mask(tmp_path):
    path = tmp_path / "deep" / "run"
    old = os.umask(0)
    try:
        with lorgnette.Publisher("stream", backend=MappedBackend(path)) as publisher:
            publisher.log(a=1)
            assert path.stat().st_mode & 0o777 == 0o700
            assert {(path / file).stat().st_mode & 0o777 for file in files(path)} == {0o600}
    finally:
        os.umask(old)


def test_looking_makes_no_directory(tmp_path):
    backend = MappedBackend(tmp_path / "run")
    assert lorgnette.list_streams(backend) == []
    assert lorgnette.Subscriber("stream", backend=backend).status == "waiting"
    assert not (tmp_path / "run").exists()


@ROOT_ONLY
def test_a_user_without_any_writable_place_is_told(child):
    process = child(
        f"""
        os.setgid({NOBODY})
        os.setuid({NOBODY})
        try:
            lorgnette.Publisher("stream", backend=MappedBackend("/proc/nowhere/run"))
        except errors.RuntimeDirectoryError as error:
            say(str(error))
        """
    )
    assert "LORGNETTE_RUNTIME_DIR" in process.hear()


def test_the_environment_names_the_directory(tmp_path):
    environment = {**os.environ, "LORGNETTE_RUNTIME_DIR": str(tmp_path / "told"), "PYTHONPATH": str(ROOT)}
    code = "import lorgnette, os; p = lorgnette.Publisher('a'); print(os.listdir(os.environ['LORGNETTE_RUNTIME_DIR']))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert "a.lock" in done.stdout
    assert files(tmp_path / "told") == []
