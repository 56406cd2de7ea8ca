"""Renew docs/cli-reference.md from the commands themselves.

    python scripts/make_cli_reference.py [--check]

`--check` writes nothing and exits 1 where it would.
"""

import argparse
import enum
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from typer.main import get_command

sys.path.insert(0, str(Path(__file__).parents[1]))

from app.cli.main import app

FILE = Path(__file__).parents[1] / "docs" / "cli-reference.md"
NAMES = {int: "N", float: "NUMBER", Path: "PATH"}
HEAD = """# Reference of the command line

Every command with its arguments and options, as `--help` tells them. Made by
`python scripts/make_cli_reference.py`; a test sees to it that it is up to date. [The command line](cli.md) explains
formats, reports and exit codes.
"""


def reference() -> str:
    root = get_command(app)
    return HEAD + "".join(_section(path, command) for path, command in leaves(root))


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    inner = getattr(command, "commands", {})
    if path and (not inner or getattr(command, "invoke_without_command", False)):
        yield path, command
    for name, each in inner.items():
        yield from leaves(each, (*path, name))


def _section(path: tuple[str, ...], command: Any) -> str:
    name = " ".join(("dragoman", *path))
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [each for each in command.params if each.param_type_name == "option" and not each.hidden]
    needed = "".join(f" {each.opts[0]} {_value(each)}" for each in options if each.required)
    named = "".join(f" {_value(each)}" for each in arguments)
    parts = [
        f"\n## `{name}`\n\n```\n{name}{named}{needed}{' [OPTION]...' if len(options) > 1 else ''}\n```\n",
        _paragraphs(command.help),
        _list("Arguments", [f"- `{_value(each)}`{_told(each)}" for each in arguments]),
        _list("Options", [_option(each) for each in options]),
        _examples(command.epilog),
    ]
    return "".join(parts)


def _paragraphs(text: str | None) -> str:
    found = inspect.cleandoc(text or "").split("\n\n")
    return "".join(f"\n{' '.join(each.split())}\n" for each in found if each.strip())


def _list(title: str, lines: list[str]) -> str:
    return f"\n{title}:\n\n" + "".join(f"{line}\n" for line in lines) if lines else ""


def _option(option: Any) -> str:
    names = ", ".join(f"`{each}`" for each in (*option.opts, *option.secondary_opts))
    value = "" if option.is_flag else f" `{_value(option)}`"
    return f"- {names}{value}{_told(option)}"


def _value(parameter: Any) -> str:
    if parameter.metavar:
        return str(parameter.metavar)
    kind = parameter.type_descriptor.annotation
    if get_origin(kind) is not Literal:
        kind = (get_args(kind) or (kind,))[0]
    if get_origin(kind) is Literal:
        return "|".join(get_args(kind))
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return "|".join(str(each.value) for each in kind)
    return NAMES.get(kind, "TEXT")


def _told(parameter: Any) -> str:
    said = " ".join((getattr(parameter, "help", None) or "").split())
    default = _default(parameter)
    more = [said] if said else []
    if parameter.required and parameter.param_type_name == "option":
        more.append("Required.")
    if default and "efault" not in said:
        more.append(f"Default: `{default}`.")
    return f": {' '.join(more)}" if more else ""


def _default(parameter: Any) -> str:
    value = parameter.default
    if value is None or callable(value) or isinstance(value, bool | tuple | list):
        return ""
    return str(getattr(value, "value", value))


def _examples(epilog: str | None) -> str:
    lines = (epilog or "").partition("Examples:\n")[2].splitlines()
    shown = "\n".join(line.strip() for line in lines if line.strip())
    return f"\n```sh\n{shown}\n```\n" if shown else ""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true")
    found = reference()
    if parser.parse_args().check:
        return int(not FILE.exists() or FILE.read_text(encoding="utf-8") != found)
    FILE.write_text(found, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
