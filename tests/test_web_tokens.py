"""The token and the cookie's key: where they come from, and in which files they may lie."""

import os
import stat
from pathlib import Path

import pytest

from lorgnette.web import tokens
from lorgnette.web.tokens import SecretError

NAME = "serve-5006.json"


def keep(*directories):
    return tokens.keep(directories, NAME)


def test_they_are_made_once_and_then_kept(tmp_path):
    first, file = keep(tmp_path / "new" / "state")
    assert file == tmp_path / "new" / "state" / NAME
    assert keep(file.parent) == (first, file)
    assert len(first.token) >= 32, "192 bits"
    assert first.token != first.cookie_key
    assert tokens.throwaway() != first
    assert tokens.keep([file.parent], "serve-5007.json")[0] != first, "each port has its own"


def test_nobody_else_can_read_the_file(tmp_path):
    before = os.umask(0)
    try:
        _, file = keep(tmp_path / "state")
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [path.name for path in file.parent.iterdir()] == [NAME], "no draft is left"


def test_they_do_not_show_in_a_log(tmp_path):
    secrets, _ = keep(tmp_path / "state")
    assert secrets.token not in repr(secrets)
    assert secrets.cookie_key not in repr(secrets)


def test_a_home_that_cannot_be_written_is_passed_over(tmp_path):
    (tmp_path / "file").touch()
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    _, file = keep(tmp_path / "file" / "below", open_to_all, tmp_path / "mine")
    assert file.parent == tmp_path / "mine"
    secrets, file = keep(tmp_path / "file" / "below")
    assert file is None
    assert secrets.token


def test_an_unknown_home_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert keep(Path("~/state"))[1] is None
    assert list(tmp_path.iterdir()) == []


def test_a_directory_of_somebody_else_is_passed_over(tmp_path, monkeypatch):
    theirs = tmp_path / "theirs"
    theirs.mkdir(mode=0o700)
    monkeypatch.setattr(os, "getuid", lambda: theirs.stat().st_uid + 1)
    assert keep(theirs)[1] is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o622])
def test_a_file_that_others_may_read_is_refused(tmp_path, mode):
    _, file = keep(tmp_path / "state")
    file.chmod(mode)
    with pytest.raises(SecretError, match=f"mode {mode:04o}.*Remove it"):
        keep(file.parent)


def test_a_file_of_somebody_else_is_refused(tmp_path, monkeypatch):
    _, file = keep(tmp_path / "state")
    monkeypatch.setattr(os, "getuid", lambda: file.stat().st_uid + 1)
    with pytest.raises(SecretError, match="belongs to user"):
        tokens.read_private(file)


def test_a_link_or_a_pipe_is_refused(tmp_path):
    directory = tmp_path / "state"
    directory.mkdir(mode=0o700)
    (directory / NAME).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SecretError, match="is a link"):
        keep(directory)
    assert not (tmp_path / "elsewhere").exists()
    (directory / NAME).unlink()
    os.mkfifo(directory / NAME, 0o600)
    with pytest.raises(SecretError, match="not an ordinary file"):
        keep(directory)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"token": 5, "cookie_key": 6}', '{"token": "", "cookie_key": ""}', "["]
)
def test_a_file_with_something_else_is_refused(tmp_path, text):
    _, file = keep(tmp_path / "state")
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SecretError, match="Remove it"):
        keep(file.parent)


def test_of_two_that_start_at_once_one_wins(tmp_path):
    """The second finds the first one's file only when its own is written already."""
    first, file = keep(tmp_path / "state")
    tokens.write_private(file, "late", replace=False)
    assert keep(file.parent) == (first, file)


def test_a_fixed_token_needs_no_file():
    assert tokens.fixed({}) is None
    assert tokens.fixed({"LORGNETTE_TOKEN": " "}) is None
    one, same, other = (tokens.fixed({"LORGNETTE_TOKEN": text * 4}) for text in ("abcd", "abcd", "abce"))
    assert one.token == "abcd" * 4
    assert one.cookie_key == same.cookie_key, "replicas and restarts accept each other's cookies"
    assert one.cookie_key != other.cookie_key


@pytest.mark.parametrize(
    ("token", "reason"), [("short", "5 characters, and 16"), ("ü" * 20, "headers"), ("a b" * 9, "he")]
)
def test_a_fixed_token_that_will_not_do_is_refused(token, reason):
    with pytest.raises(SecretError, match=reason) as error:
        tokens.fixed({"LORGNETTE_TOKEN": token})
    assert token not in str(error.value)
