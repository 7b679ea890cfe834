"""Runs a command on a terminal: pty_run.py COLUMNS ROWS COMMAND...; what it shows goes to stdout, stdin is typed.

A line on descriptor 3, `COLUMNS ROWS`, changes the size; `ESC ] resized ; COLUMNS ; ROWS BEL` stands where it did, after
what was shown before.
"""

import fcntl
import os
import pty
import select
import struct
import sys
import termios


def set_size(terminal: int, columns: int, rows: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def read(source: int) -> bytes:
    try:
        return os.read(source, 65536)
    except OSError:  # Linux: the command has closed the terminal
        return b""


def resize(terminal: int, columns: int, rows: int) -> None:
    while select.select([terminal], [], [], 0)[0] and (data := read(terminal)):
        os.write(1, data)
    os.write(1, f"\x1b]resized;{columns};{rows}\x07".encode())
    set_size(terminal, columns, rows)


def main() -> int:
    columns, rows, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    child, terminal = pty.fork()
    if child == 0:
        set_size(0, columns, rows)
        os.close(3)
        os.execvp(command[0], command)
    sources = [terminal, 0, 3]
    while terminal in sources:
        for source in select.select(sources, [], [])[0]:
            data = read(source)
            if not data:
                sources.remove(source)
            elif source == terminal:
                os.write(1, data)
            elif source == 0:
                os.write(terminal, data)
            else:
                resize(terminal, *map(int, data.split()))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


sys.exit(main())
