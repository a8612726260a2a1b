"""The one outgoing client: public addresses only, no redirects, a limit on everything."""

import threading
from http import server

import pytest

from rapport.kit import http


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1", "192.168.1.1", "172.16.3.4", "169.254.169.254", "127.0.0.1", "0.0.0.0", "100.64.0.1", "::1",
        "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "224.0.0.1", "not an address", "",
    ],
)  # fmt: skip
def test_private_addresses_are_never_called(address):
    assert not http.may_call(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111"])
def test_public_addresses_may_be_called(address):
    assert http.may_call(address)


def test_loopback_is_open_for_those_who_ask_for_it():
    assert http.may_call("127.0.0.1", loopback=True)
    assert not http.may_call("10.0.0.1", loopback=True)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/x", "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "x"]
)
def test_a_line_outside_is_encrypted_or_there_is_none(url):
    with pytest.raises(http.Forbidden):
        http.Client().get(url, timeout=1)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_name_that_leads_inside_is_refused_when_the_line_is_made(host):
    with pytest.raises(http.Forbidden):
        http.Client().get(f"https://{host}:9/x", timeout=1)


@pytest.fixture
def other_side():
    """A server on loopback with a mind of its own."""

    class Line(server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/away":
                self.send_response(302)
                self.send_header("Location", "/here")
                self.end_headers()
            elif self.path == "/cut":
                self.connection.close()
            elif self.path == "/long":
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"x" * (http.LARGEST + 10))
            else:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"here")

        def log_message(self, *told):
            pass

    running = server.ThreadingHTTPServer(("127.0.0.1", 0), Line)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_address[1]}"
    running.shutdown()
    running.server_close()


def test_a_redirect_is_an_answer_and_is_not_followed(other_side):
    client = http.Client(loopback=True)
    assert client.get(f"{other_side}/away", timeout=2).status == 302
    client.hang_up()


@pytest.mark.parametrize("path", ["/cut", "/long"])
def test_an_answer_that_breaks_off_or_never_ends_leaves_nobody_knowing(other_side, path):
    client = http.Client(loopback=True)
    with pytest.raises(http.Broken):
        client.get(f"{other_side}{path}", timeout=2)
    client.hang_up()


def test_no_line_is_told_apart_from_a_broken_one():
    client = http.Client(loopback=True)
    with pytest.raises(http.Unreachable):
        client.get("http://127.0.0.1:9/", timeout=1)
