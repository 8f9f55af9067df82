"""The page: GET / greets, as /etc/page.env says."""

import os
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = f"<!doctype html><title>Page</title><p>{os.environ.get('GREETING', 'Hello')}\n".encode()


class Page(BaseHTTPRequestHandler):
    timeout = 10

    def do_GET(self):
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)


ThreadingHTTPServer(("", 80), Page).serve_forever()
