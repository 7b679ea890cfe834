"""Bad input on the command line: one line that says what is wrong, no stack trace."""

import subprocess
import sys
from pathlib import Path

import pytest

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
