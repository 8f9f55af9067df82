"""Hands out passwords over HTTP: vault.py PASSWORDS FOLDER.

PASSWORDS says which address may read which; who asks is known by his address, which port security lets nobody else use.
FOLDER holds them, a file each. One that is not there yet is made.
"""

import json
import secrets
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ALLOWED = json.loads(Path(sys.argv[1]).read_text())
FOLDER = Path(sys.argv[2])


class Vault(BaseHTTPRequestHandler):
    timeout = 10

    def do_GET(self):
        name = self.path.removeprefix("/")
        if name not in ALLOWED.get(self.client_address[0], ()):
            self.send_error(HTTPStatus.FORBIDDEN)
            return
        self.send_response(HTTPStatus.OK)
        self.end_headers()
        self.wfile.write((FOLDER / name).read_bytes())


for name in {name for names in ALLOWED.values() for name in names}:
    path = FOLDER / name
    path.parent.mkdir(exist_ok=True)
    if not path.exists():
        path.with_suffix(".new").write_text(secrets.token_urlsafe(24))
        path.with_suffix(".new").rename(path)

ThreadingHTTPServer(("", 8200), Vault).serve_forever()
