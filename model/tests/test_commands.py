"""Bad input on the command line: one line that says what is wrong, no stack trace."""

import importlib
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from sgfn import errors
from sgfn.errors import UserError

MODEL = Path(__file__).parents[1]

TRUNK = ["--data", "nowhere", "--weights", "w.onnx", "--vectors", "v.npy", "--checkpoint", "c.pt"]


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *arguments], cwd=cwd, capture_output=True, text=True)


def commands() -> list[str]:
    return sorted(file.stem for file in (MODEL / "sgfn").glob("*.py") if "run(main)" in file.read_text())


@pytest.mark.parametrize("command", commands())
def test_help_says_what_the_command_and_every_option_do(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = importlib.import_module(f"sgfn.{command}")
    monkeypatch.setattr(sys, "argv", [command, "--help"])
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as ended:
        module.main()
    text = capsys.readouterr().out
    assert ended.value.code == 0 and f"usage: python -m sgfn.{command} " in text
    assert module.__doc__.split()[2:5] == text.partition("\n\n")[2].split()[1:4]
    assert max(map(len, text.splitlines())) <= 80
    options = text.partition("options:")[2]
    bare = re.findall(r"^  (--[a-z-]+(?: [A-Z|]+)?)$(?!\n {8})", options, re.M)
    assert not bare, f"without a word of help: {bare}"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["sgfn.train", *TRUNK],
            "sgfn: data folder 'nowhere' holds no labels.csv, no annotations/instances_*.json (COCO) and no "
            "Annotations/ with ImageSets/Main/ (VOC)\n",
        ),
        (["sgfn.evaluate", "--data", "nowhere", "--package", "p"], "sgfn: package 'p' holds no manifest.json\n"),
    ],
)
def test_a_missing_folder_is_one_line(arguments: list[str], message: str, tmp_path: Path) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", message)


def test_ctrl_c_is_a_word_and_its_own_exit_status(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as ended:
        errors.run(interrupted)
    assert ended.value.code == 130 and capsys.readouterr().err == "sgfn: interrupted\n"


def documented() -> list[str]:
    """The commands of this package that the documents show, with their variables filled in."""
    documents = (MODEL / "README.md", MODEL / "sgfn-nano-coco80/README.md")
    lines = [line.partition(" #")[0].strip() for file in documents for line in file.read_text().splitlines()]
    values = dict(re.findall(r"^(\w+)=\(?([^()\n]+)\)?$", "\n".join(lines), re.M))
    variable = r'\$(\w+)|"\$\{(\w+)\[@\]\}"'
    filled = [re.sub(variable, lambda name: values.get(name[1] or name[2], name[0]), line) for line in lines]
    return sorted({line for line in filled if line.startswith("model/.venv/bin/python -m sgfn.")})


@pytest.mark.parametrize("command", [command for command in documented() if "sgfn.rehearse" not in command])
def test_a_documented_command_is_understood(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, module, *arguments = shlex.split(command)
    monkeypatch.chdir(tmp_path)  # where nothing is, so that it ends at its first file
    monkeypatch.setattr(sys, "argv", [module, *arguments])
    with pytest.raises(UserError, match=r"exist|holds no"):
        importlib.import_module(module).main()


def test_documents_show_commands() -> None:
    shown = {shlex.split(command)[2] for command in documented()} | {"sgfn.prelude"}  # which the table of files tells
    assert shown == {f"sgfn.{name}" for name in commands()}
