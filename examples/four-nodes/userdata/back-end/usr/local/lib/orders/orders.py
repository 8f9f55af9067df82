"""The orders, as JSON: GET /orders lists them, POST /orders adds one."""

import json
import os
from contextlib import closing
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pymysql

LONGEST = 200
LARGEST_BODY = 16_384


class Orders(BaseHTTPRequestHandler):
    timeout = 10

    def do_GET(self):
        self.answer(self.listed)

    def do_POST(self):
        self.answer(self.added)

    def answer(self, work):
        status, content = HTTPStatus.NOT_FOUND, None
        if self.path == "/orders":
            try:
                status, content = work()
            except pymysql.MySQLError as error:
                self.log_error("%s", error)
                status = HTTPStatus.SERVICE_UNAVAILABLE
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def listed(self):
        found = ask("SELECT id, what FROM orders ORDER BY id DESC LIMIT 100")
        return HTTPStatus.OK, [{"id": number, "what": what} for number, what in found]

    def added(self):
        try:
            length = int(self.headers.get("Content-Length", 0))
            what = json.loads(self.rfile.read(min(length, LARGEST_BODY)))["what"]
        except (ValueError, KeyError, TypeError):
            what = None
        if not isinstance(what, str) or not 0 < len(what) <= LONGEST:
            return HTTPStatus.BAD_REQUEST, None
        ask("INSERT INTO orders (what) VALUES (%s)", what)
        return HTTPStatus.CREATED, None


def ask(statement, *values):
    connection = pymysql.connect(
        host=os.environ["DATABASE_HOST"],
        user="orders",
        password=os.environ["DATABASE_PASSWORD"],
        database="orders",
        charset="utf8mb4",
        autocommit=True,
        connect_timeout=5,
    )
    with closing(connection), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


ThreadingHTTPServer((os.environ["LISTEN"], 8080), Orders).serve_forever()
