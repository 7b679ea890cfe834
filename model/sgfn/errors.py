"""Errors a user can mend, and the door that prints them as one line."""

import sys
from collections.abc import Callable


class UserError(Exception):
    """Bad input: a missing folder, a class list that does not match, a loss that left the numbers."""


def run(main: Callable[[], None]) -> None:
    """Runs a command; a UserError becomes one line on stderr and exit status 2, Ctrl-C a word and 130."""
    try:
        main()
    except KeyboardInterrupt:
        print("sgfn: interrupted", file=sys.stderr)
        raise SystemExit(130) from None
    except UserError as error:
        print(f"sgfn: {error}", file=sys.stderr)
        raise SystemExit(2) from None
