"""Bad input on the command line: one line that says what is wrong, no stack trace."""

import importlib
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from sgfn.errors import UserError

MODEL = Path(__file__).parents[1]

TRUNK = ["--data", "nowhere", "--weights", "w.onnx", "--vectors", "v.npy", "--checkpoint", "c.pt"]


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *arguments], cwd=cwd, capture_output=True, text=True)


def test_help_is_printed(tmp_path: Path) -> None:
    done = run("sgfn.train", "--help", cwd=tmp_path)
    assert done.returncode == 0 and "--data" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sgfn.train", *TRUNK], "sgfn: label names 'nowhere/coco80.txt' do not exist\n"),
        (["sgfn.evaluate", "--data", "nowhere", "--package", "p"], "sgfn: package 'p' holds no manifest.json\n"),
    ],
)
def test_a_missing_folder_is_one_line(arguments: list[str], message: str, tmp_path: Path) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", message)


def documented() -> list[str]:
    """The commands of this package that the documents show, with their variables filled in."""
    documents = (MODEL / "README.md", MODEL / "sgfn-nano-coco80/README.md")
    lines = [line.partition(" #")[0].strip() for file in documents for line in file.read_text().splitlines()]
    values = dict(re.findall(r'^(\w+)="?([^"\n]+)"?$', "\n".join(lines), re.M))
    filled = [re.sub(r"\$(\w+)", lambda name: values.get(name[1], name[0]), line) for line in lines]
    return sorted({line for line in filled if line.startswith("model/.venv/bin/python -m sgfn.")})


@pytest.mark.parametrize("command", documented())
def test_a_documented_command_is_understood(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, module, *arguments = shlex.split(command)
    monkeypatch.chdir(tmp_path)  # where nothing is, so that it ends at its first file
    monkeypatch.setattr(sys, "argv", [module, *arguments])
    with pytest.raises(UserError, match=r"exist|holds no"):
        importlib.import_module(module).main()


def test_documents_show_commands() -> None:
    assert {shlex.split(command)[2] for command in documented()} == {
        f"sgfn.{name}" for name in ("evaluate", "inventions", "neighbours", "package", "share", "train")
    }
