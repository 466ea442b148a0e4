"""Who may talk to the console: other sites and other users of the machine may not."""

import socket
from pathlib import Path

import pytest

FOREIGN = "http://evil.example"


def refused(answer, status=403):
    return answer.status == status and answer.json["error"] in {"ForbiddenException", "NotSignedInException"}


def test_the_address_that_is_printed_lets_in_and_gives_a_cookie_for_this_site_alone(console):
    entered = console.send("GET", f"/?token={console.token}", headers={"Cookie": None})
    assert entered.status == 200
    cookie, *attributes = [part.strip().lower() for part in entered.headers["Set-Cookie"].split(";")]
    assert cookie.startswith(f"ledger-console-{console.port}=")
    assert {"httponly", "samesite=strict", "path=/"} <= set(attributes)
    assert console.token not in cookie
    assert console.token.encode() not in entered.body


@pytest.mark.parametrize("cookie", [None, "ledger-console=x", "other=1"])
def test_without_the_cookie_the_page_says_how_to_sign_in_and_the_api_answers_nothing(console, cookie):
    page = console.send("GET", "/", headers={"Cookie": cookie})
    assert page.status == 401
    assert b"Open the address that the console printed" in page.body
    assert refused(console.send("GET", "/api/ledgers", headers={"Cookie": cookie}), 401)
    posted = console.send("POST", "/api/ledgers/captable1/digest", {}, headers={"Cookie": cookie})
    assert refused(posted, 401)


@pytest.mark.parametrize("session", ["", "x", "0" * 43, "é"])
def test_another_value_of_the_cookie_is_none(console, session):
    forged = f"{console.cookie.partition('=')[0]}={session}"
    assert console.send("GET", "/api/ledgers", headers={"Cookie": forged}).status == 401


@pytest.mark.parametrize("token", ["", "x", "%00", "%C3%A9", "x" * 5000])
def test_another_token_does_not_let_in(console, token):
    answer = console.send("GET", f"/?token={token}", headers={"Cookie": None})
    assert answer.status == 401
    assert "Set-Cookie" not in answer.headers


def test_the_token_lets_in_at_the_front_door_only(console):
    for path in ("/api/ledgers", "/static/", "/index.html"):
        answer = console.send("GET", f"{path}?token={console.token}", headers={"Cookie": None})
        assert answer.status in {401, 404}
        assert "Set-Cookie" not in answer.headers
    assert console.send("POST", f"/?token={console.token}", {}, headers={"Cookie": None}).status == 401


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "[::1]:{port}"])
def test_a_name_that_only_leads_to_this_machine_is_refused_even_with_cookie_and_token(console, host):
    host = host.format(port=console.port)
    for path in ("/", "/api/ledgers", "/static/icon.svg", f"/?token={console.token}"):
        assert refused(console.send("GET", path, headers={"Host": host})), path


def test_localhost_is_the_same_console(console):
    headers = {"Host": f"localhost:{console.port}", "Origin": f"http://localhost:{console.port}"}
    assert console.send("GET", "/api/ledgers", headers=headers).status == 200


@pytest.mark.parametrize(
    "origin", [FOREIGN, "null", "http://127.0.0.1", "https://127.0.0.1:{port}", "http://localhost:{port}"]
)
def test_a_request_from_another_site_is_refused(console, origin):
    origin = origin.format(port=console.port)
    assert refused(console.send("POST", "/api/ledgers/captable1/digest", {}, headers={"Origin": origin}))
    assert refused(console.send("GET", "/api/ledgers", headers={"Origin": origin}))


def test_a_request_from_the_console_itself_is_answered(console):
    headers = {"Origin": f"http://{console.host}", "Sec-Fetch-Site": "same-origin"}
    assert console.send("POST", "/api/ledgers/captable1/digest", {}, headers=headers).status == 200
    assert console.send("GET", "/", headers={"Sec-Fetch-Site": "none"}).status == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_a_page_of_another_site_loads_or_leads_to_is_refused(console, site):
    for path in ("/", "/api/ledgers", "/static/js/main.js"):
        assert refused(console.send("GET", path, headers={"Sec-Fetch-Site": site})), path


def test_a_link_with_the_token_works_from_anywhere(console):
    entered = console.send("GET", f"/?token={console.token}", headers={"Sec-Fetch-Site": "cross-site", "Cookie": None})
    assert entered.status == 200
    assert "Set-Cookie" in entered.headers
    # A page that is framed or loaded as a script gains nothing by it.
    assert entered.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "media_type", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp"]
)
def test_what_a_form_of_another_site_could_send_is_refused(console, media_type):
    answer = console.send("POST", "/api/ledgers/captable1/digest", b"{}", headers={"Content-Type": media_type})
    assert refused(answer)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_not_there(console, method):
    headers = {"Content-Type": "application/json"}
    answer = console.send(method, "/api/ledgers", b"{}", headers=headers)
    assert answer.status == 405
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    ("path", "cookie"),
    [("/", True), ("/", False), ("/?token=x", False), ("/static/js/main.js", True), ("/static/none", True),
     ("/api/ledgers", True), ("/api/ledgers", False), ("/api/none", True)],
)  # fmt: skip
def test_every_answer_forbids_foreign_content_and_being_framed(console, path, cookie):
    answer = console.send("GET", path, headers={} if cookie else {"Cookie": None})
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "img-src", "connect-src", "form-action")} == {"'self'"}
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Server" not in answer.headers


def test_answers_with_data_are_not_kept_by_the_browser(console):
    for path in ("/", "/api/ledgers"):
        assert console.send("GET", path).headers["Cache-Control"] == "no-store"


def test_it_listens_on_one_loopback_address_only(console):
    for address in ("127.0.0.2", "::1"):
        with pytest.raises((ConnectionRefusedError, socket.gaierror, OSError)):
            socket.create_connection((address, console.port), timeout=5).close()


def test_no_argument_of_the_process_has_the_token(console):
    arguments = Path(f"/proc/{console.process.pid}/cmdline")
    if not arguments.exists():
        pytest.skip("there is no /proc on this system")
    assert console.token.encode() not in arguments.read_bytes()
