"""The command line: a parser that speaks by the docstring of its file."""

from argparse import ArgumentParser


def command(module: str, text: str) -> ArgumentParser:
    """A parser for `python -m sgfn.NAME`; text: the docstring, which begins with `Command: `."""
    words = text.removeprefix("Command: ")
    return ArgumentParser(prog=f"python -m sgfn.{module}", description=words[0].upper() + words[1:])
