"""The `lorgnette` command. A subcommand imports what it needs when it runs; most need only numpy."""

from __future__ import annotations

import argparse
import difflib
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from lorgnette import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lorgnette.config import Settings

USAGE_ERROR = 2  # exit status, as argparse has it
INTERRUPTED = 130  # exit status, as shells have it: 128 + SIGINT
BROKEN_PIPE = 141  # 128 + SIGPIPE
WATCH_S = 1.0  # seconds between two lists of `streams --watch`

COMMANDS = {
    "serve": "show dashboards to browsers (takes the options of `bokeh serve`)",
    "open": "show images or events in files (takes the options of `serve`)",
    "streams": "list the programs that publish on this machine",
    "clean": "remove what killed programs left in shared memory, and caches",
    "generate": "make a file of events, or an image, to look at and to measure with",
    "demo": "run programs to look at: this machine's load, and a small renderer",
    "config": "show every setting and where its value came from, or save them",
}
_INTRODUCTION = """\
Lorgnette lets you look into running programs, recorded events and huge images
on this machine from a browser.

Try first:
  lorgnette serve      then open the address that it prints
  lorgnette open FILE  shows a FITS or TIFF image, or events in a ROOT file
  lorgnette streams    which programs can be looked at now
  lorgnette config     what can be set, and what is set

Commands:
"""
_END = "`lorgnette COMMAND --help` tells more about one command."


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line (`sys.argv` unless given) and return its exit status; no error ends in a traceback."""
    try:
        status = _run(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()  # here, so that a reader who has left is noticed here
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # `lorgnette streams | head -1`
        with suppress(OSError, ValueError):  # the interpreter flushes once more at its end: let it succeed
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    return status


def _run(args: list[str]) -> int:
    command = args[0] if args and args[0] != "--" else "--help"
    if command in {"serve", "open"}:  # before argparse, which would answer --help itself
        return _with_server_extra(command, lambda: _serve(command, args[1:]))
    if not command.startswith("-") and command not in COMMANDS:
        near = difflib.get_close_matches(command, COMMANDS, 1)
        hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(COMMANDS)}."
        return _refuse(f"there is no command {command}. {hint} `lorgnette --help` explains them.")
    try:
        options = _parser().parse_args([command, *args[1:]])
    except SystemExit as end:  # argparse has said all that there is to say
        return int(end.code or 0)
    if command in {"config", "generate"}:
        run = {"config": _config, "generate": _generate}[command]
        return _with_server_extra(command, lambda: run(options))
    if command == "demo":
        return _demo(options)
    from lorgnette import streams_cli  # noqa: PLC0415  (only these two need it)

    return int({"streams": streams_cli.streams, "clean": streams_cli.clean}[command](options))


def _parser() -> argparse.ArgumentParser:
    from lorgnette import generate_cli  # noqa: PLC0415  (standard library only)

    width = max(map(len, COMMANDS))
    lines = "".join(f"  {name:{width}}    {text}\n" for name, text in COMMANDS.items())
    raw = argparse.RawDescriptionHelpFormatter
    usage = "lorgnette COMMAND [OPTIONS]"
    parser = argparse.ArgumentParser("lorgnette", usage, _INTRODUCTION + lines, _END, formatter_class=raw)
    parser.add_argument("--version", action="version", version=f"lorgnette {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", help=argparse.SUPPRESS)
    added = {
        name: commands.add_parser(name, prog=f"lorgnette {name}", description=f"{text[0].upper()}{text[1:]}.")
        for name, text in COMMANDS.items()
    }
    streams, demo, config = added["streams"], added["demo"], added["config"]
    watch = "list again every so many seconds (default %(const)g) until interrupted"
    streams.add_argument("--watch", nargs="?", type=_seconds, const=WATCH_S, metavar="SECONDS", help=watch)
    streams.add_argument("--json", action="store_true", help="print JSON for other programs")
    cache = "also remove the reduced levels of images; they are made anew when an image is opened"
    added["clean"].add_argument("--cache", action="store_true", help=cache)
    which = "which of them, system or renderer (default: both)"
    demo.add_argument("programs", nargs="*", metavar="PROGRAM", help=which)
    config.add_argument("--config", type=Path, metavar="FILE", help="read this file instead of those found by place")
    save = "save these values, as commented YAML, as your own configuration file or as FILE"
    config.add_argument("--write", nargs="?", type=Path, const=False, metavar="FILE", help=save)
    config.add_argument("--force", action="store_true", help="let --write replace a file that exists")
    generate_cli.add_options(added["generate"])
    return parser


def _seconds(text: str) -> float:
    value = float(text)
    if not 0.05 <= value <= 3600:
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds from 0.05 to 3600")
    return value


def _refuse(reason: str) -> int:
    print(f"lorgnette: {reason}", file=sys.stderr)
    return USAGE_ERROR


def _with_server_extra(command: str, run: Callable[[], int]) -> int:
    """Run what needs packages beyond numpy; say how to install them, and what is wrong with the configuration."""
    try:
        from lorgnette.config import ConfigError  # noqa: PLC0415

        try:
            return run()
        except ConfigError as error:
            return _refuse(f"the configuration cannot be used.\n{error}")
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing in {"", "lorgnette", "data_sources"}:  # ours: a defect, which must not look like a missing extra
            raise
        python = " on Python 3.11 or newer" if sys.version_info < (3, 11) else ""
        install = f'pip install "lorgnette[server]"{python}'
        return _refuse(f"`lorgnette {command}` needs {missing}, which is not installed: {install} brings it.")


def _generate(options: argparse.Namespace) -> int:
    from lorgnette import generate_cli  # noqa: PLC0415

    return generate_cli.generate(options)


def _demo(options: argparse.Namespace) -> int:
    from lorgnette import demo  # noqa: PLC0415

    for name in options.programs:
        if name not in demo.PROGRAMS:
            return _refuse(f"there is no demonstration {name}. There are {' and '.join(demo.PROGRAMS)}.")
    return demo.run(options.programs or demo.PROGRAMS)


def _serve(command: str, args: list[str]) -> int:
    if command == "open":
        from lorgnette.serve import open_files as run  # noqa: PLC0415
    else:
        from lorgnette.serve import main as run  # noqa: PLC0415
    return run(args)


def _config(options: argparse.Namespace) -> int:
    from lorgnette import config  # noqa: PLC0415

    settings = config.load(options.config)
    if options.write is not None:
        return _write(settings, options)
    values = dict(config.flatten(settings.model_dump()))
    lines = {key: value for key, value in values.items() if value and isinstance(value, dict)}
    texts = {key: config.as_yaml(value) for key, value in values.items()} | dict.fromkeys(lines, "(below)")
    key_width, value_width = max(map(len, texts)), max(map(len, texts.values()))
    print(f"configuration file: {settings.file or 'none, all defaults are built in'}\n")
    for key, text in texts.items():
        print(f"{key:{key_width}}  {text:{value_width}}  {settings.origins[key]}")
        if key in lines:
            print(config.in_lines(lines[key], "  ").strip("\n"))
    return 0


def _write(settings: Settings, options: argparse.Namespace) -> int:
    """Save the values in effect, whole or not at all; a link to the file stays a link."""
    from lorgnette import config  # noqa: PLC0415

    file = (options.write or config.user_file()).expanduser().resolve()
    if file.exists() and not options.force:
        return _refuse(f"{file} exists. Add --force to replace it, or name another file behind --write.")
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(config.to_yaml(settings), encoding="utf-8")
        draft.replace(file)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        return _refuse(f"{file} cannot be written ({error.strerror}). Name another file behind --write.")
    print(f"Saved to {file}.")
    found = config.find_file(None, os.environ)
    if found is None or found.resolve() != file:
        print(f"From here {found} is read, not the saved file. --config or LORGNETTE_CONFIG can name it.")
    return 0
