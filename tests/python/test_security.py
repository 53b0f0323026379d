"""Mount tokens and origins: who may connect, and who may not."""

import time

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.test import RequestFactory

from djust.exceptions import MountRefused
from djust.mounting import DjangoSite
from djust.security import check_claims, check_origin, issue_token, read_token
from tests.site.views import CounterView, FragmentView


def request_for(path="/counter/", user=None, host="testserver"):
    request = RequestFactory().get(path, headers={"host": host})
    request.user = user or AnonymousUser()
    return request


def member(**values):
    return User(pk=1, username="ada", **{"password": "a hash", **values})


def refusal(act, *arguments):
    with pytest.raises(MountRefused) as raised:
        act(*arguments)
    return raised.value.code


def test_a_token_says_what_the_page_was():
    claims = read_token(issue_token(CounterView, request_for("/counter/5/?word=%C3%A9&b=1")))
    assert claims.view == "tests.site.views.CounterView"
    assert claims.path == "/counter/5/"
    assert claims.query == "word=%C3%A9&b=1"
    assert claims.host == "testserver"
    assert claims.account == ""


def test_a_token_tells_nothing_about_the_account():
    token = issue_token(CounterView, request_for(user=member()))
    assert "ada" not in str(read_token(token))
    assert read_token(token).account not in ("", "1")


def test_every_flipped_bit_is_refused():
    token = issue_token(CounterView, request_for("/counter/?" + "x" * 2900)).encode()
    assert 4000 < len(token) < 4200
    accepted = []
    for bit in range(len(token) * 8):
        forged = bytearray(token)
        forged[bit // 8] ^= 1 << bit % 8
        try:
            read_token(forged.decode("latin1"))
        except MountRefused:
            continue
        accepted.append(bit)
    assert accepted == []


@pytest.mark.parametrize("token", ["", ":", "a:b:c", "\0", "é" * 100, "x" * 30_000, "W10:a:b"])
def test_what_is_no_token_is_refused(token):
    assert refusal(read_token, token) == 4401


def test_a_token_ends_with_its_age(settings, monkeypatch):
    settings.DJUST = {"TOKEN_MAX_AGE": 600}
    token = issue_token(CounterView, request_for())
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 599)
    read_token(token)
    monkeypatch.setattr(time, "time", lambda: now + 602)
    assert refusal(read_token, token) == 4401


def test_a_token_ends_with_its_key_unless_that_is_a_fallback(settings):
    token = issue_token(CounterView, request_for())
    settings.SECRET_KEY = "the next one"
    assert refusal(read_token, token) == 4401
    settings.SECRET_KEY_FALLBACKS = ["only for tests"]
    assert read_token(token).path == "/counter/"


def test_a_logged_in_page_survives_the_change_of_the_key(settings):
    claims = read_token(issue_token(CounterView, request_for(user=member())))
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the next one"
    check_claims(claims, CounterView, request_for(user=member()))


def test_a_value_signed_for_another_purpose_is_no_token():
    from django.core import signing

    claims = read_token(issue_token(CounterView, request_for()))
    assert refusal(read_token, signing.dumps(claims)) == 4401
    assert refusal(read_token, signing.dumps(claims, salt="djust")) == 4401


@pytest.mark.parametrize(
    ("view", "changes", "code"),
    [
        (CounterView, {}, None),
        (FragmentView, {}, 4401),
        (CounterView, {"host": "localhost"}, 4403),
        (CounterView, {"user": AnonymousUser()}, 4401),
        (CounterView, {"user": member(password="a new one")}, 4401),
        (CounterView, {"user": User(pk=2, password="a hash")}, 4401),
    ],
)
def test_a_token_is_bound_to_view_host_and_account(view, changes, code):
    claims = read_token(issue_token(CounterView, request_for(user=member())))
    request = request_for(**{"user": member(), **changes})
    if code is None:
        check_claims(claims, view, request)
    else:
        assert refusal(check_claims, claims, view, request) == code


def test_a_visitors_token_ends_with_the_login():
    claims = read_token(issue_token(CounterView, request_for()))
    assert refusal(check_claims, claims, CounterView, request_for(user=member())) == 4401


def test_a_token_is_read_in_less_than_a_tenth_of_a_millisecond():
    token = issue_token(CounterView, request_for())
    best = min(timed(lambda: read_token(token)) for _ in range(50))
    assert best < 100e-6


def timed(act):
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def handshake(host="shop.example", scheme="wss", origin=()):
    headers = [(b"host", host.encode()), *((b"origin", one.encode()) for one in origin)]
    scope = {"type": "websocket", "path": "/djust/live/", "scheme": scheme, "headers": headers}
    return DjangoSite(scope).request("/")


def is_allowed(origin, **where):
    origins = [origin] if isinstance(origin, str) else list(origin)
    try:
        check_origin(handshake(**where), origins)
    except MountRefused as refused:
        return {4403: False}[refused.code]
    return True


ALLOWED = [
    "https://shop.example",
    "https://shop.example:443",
    "HTTPS://SHOP.EXAMPLE",
    "https://partner.example",
    "https://partner.example:443",
    "https://odd.example:8443",
    "https://a.wild.example",
    "https://b.a.wild.example",
    "https://xn--bcher-kva.example",
    "http://trusted.example",
    "capacitor://localhost",
    "https://[2001:db8::1]",
]

REFUSED = [
    (),
    ("https://shop.example", "https://shop.example"),
    ("https://evil.example", "https://shop.example"),
    "",
    "null",
    "*",
    "https://",
    "shop.example",
    "//shop.example",
    "http://shop.example",
    "ws://shop.example",
    "wss://shop.example",
    "file://shop.example",
    "https://shop.example:80",
    "https://shop.example:8443",
    "https://shop.example:0443",
    "https://shop.example/",
    "https://shop.example.",
    "https://shop.example,https://shop.example",
    "https://shop.example https://evil.example",
    " https://shop.example",
    "https://shop.example\n",
    "https://shop.example#",
    "https://shop.example?x",
    "https://user@shop.example",
    "https://evil.example",
    "https://evilshop.example",
    "https://shop.example.evil.example",
    "https://evil.example/https://shop.example",
    "https://sub.shop.example",
    "https://www.shop.example",
    "https://example",
    "https://shop",
    "https://shop.examplé",
    "https://partner.example:8443",
    "http://partner.example",
    "https://sub.partner.example",
    "https://odd.example",
    "https://odd.example:8444",
    "https://wild.example",
    "http://a.wild.example",
    "https://a.wild.example:8443",
    "https://awild.example",
    "https://.wild.example.evil.example",
    "https://evil.example#.wild.example",
    "https://evil.example/.wild.example",
    "https://evil.example?.wild.example",
    "https://evil.example@a.wild.example",
    "https://*.wild.example",
    "https://bücher.example",
    "https://trusted.example",
    "capacitor://evil",
    "https://[2001:db8::2]",
    "https://\0shop.example",
    "https://shop.example%00.evil.example",
    "https://127.0.0.1",
]


@pytest.fixture
def origins(settings):
    settings.ALLOWED_HOSTS = ["shop.example"]
    settings.CSRF_TRUSTED_ORIGINS = ["http://trusted.example", "https://*.wild.example"]
    settings.DJUST = {
        "ALLOWED_ORIGINS": [
            "https://partner.example",
            "https://odd.example:8443",
            "https://xn--bcher-kva.example",
            "capacitor://localhost",
            "https://[2001:db8::1]",
        ]
    }


@pytest.mark.usefixtures("origins")
@pytest.mark.parametrize("origin", ALLOWED)
def test_an_allowed_origin_connects(origin):
    assert is_allowed(origin)


@pytest.mark.usefixtures("origins")
@pytest.mark.parametrize("origin", REFUSED)
def test_another_origin_is_refused(origin):
    assert not is_allowed(origin)


@pytest.mark.usefixtures("origins")
def test_the_own_origin_includes_scheme_host_and_port(settings):
    settings.ALLOWED_HOSTS = ["*"]
    assert is_allowed("http://127.0.0.1:8000", host="127.0.0.1:8000", scheme="ws")
    assert not is_allowed("http://127.0.0.1:8001", host="127.0.0.1:8000", scheme="ws")
    assert not is_allowed("http://localhost:8000", host="127.0.0.1:8000", scheme="ws")
    assert is_allowed("http://[::1]:8000", host="[::1]:8000", scheme="ws")


@pytest.mark.usefixtures("origins")
def test_a_host_that_the_site_does_not_have_is_refused():
    assert not is_allowed("https://evil.example", host="evil.example")


@pytest.mark.usefixtures("origins")
def test_a_site_behind_a_proxy_knows_its_scheme_from_the_setting(settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    scope_headers = [(b"host", b"shop.example"), (b"x-forwarded-proto", b"https")]
    scope = {"type": "websocket", "path": "/", "scheme": "ws", "headers": scope_headers}
    check_origin(DjangoSite(scope).request("/"), ["https://shop.example"])
