"""GET / counts a visit, and says which one it is and who counted; GET /health says that this server works."""

import os
import socket
from contextlib import closing
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pymysql


class Visits(BaseHTTPRequestHandler):
    timeout = 10

    def do_GET(self):
        status, text = HTTPStatus.NOT_FOUND, ""
        if self.path == "/health":
            # Not whether the database works: without it no server of the tier is better than another.
            status = HTTPStatus.OK
        elif self.path == "/":
            try:
                status, text = HTTPStatus.OK, f"Visit {counted()}, says {socket.gethostname()}.\n"
            except pymysql.MySQLError as error:
                self.log_error("%s", error)
                status = HTTPStatus.SERVICE_UNAVAILABLE
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def counted():
    connection = pymysql.connect(
        host=os.environ["DATABASE_HOST"],
        user="visits",
        password=os.environ["DATABASE_PASSWORD"],
        database="visits",
        autocommit=True,
        connect_timeout=5,
    )
    with closing(connection), connection.cursor() as cursor:
        cursor.execute("INSERT INTO visits () VALUES ()")
        cursor.execute("SELECT COUNT(*) FROM visits")
        (number,) = cursor.fetchone()
        return number


ThreadingHTTPServer(("", 8080), Visits).serve_forever()
