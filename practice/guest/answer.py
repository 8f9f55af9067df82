"""Answers one call of a guest, whose connection is the standard input: `answer.py FOLDER`. A program of its own."""

import socket
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler
from typing import Any


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


if __name__ == "__main__":
    with socket.socket(fileno=0) as call:
        partial(_Quiet, directory=sys.argv[1])(call, ("guest", 0), None)  # type: ignore[arg-type]
