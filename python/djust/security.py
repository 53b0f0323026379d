"""Who may connect: the signed mount token of a served page, and the origin of a socket.

A token names the view class, the address of its page and the account that this was served to. It is
signed (``django.core.signing``, so ``SECRET_KEY_FALLBACKS`` work) and not encrypted: it holds no
secret.
It proves nothing by itself; the view is asked again, with the cookies of the socket.
"""

import hashlib
import re
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Any, NamedTuple

from django.conf import settings
from django.core import signing
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from djust.conf import config
from djust.exceptions import MountRefused

SALT = "djust.mount"


class Claims(NamedTuple):
    """What a mount token says. The keyword arguments of the URL follow from ``path``."""

    view: str
    """Import path of the view class."""
    path: str
    """The path below the script prefix, with the leading slash."""
    query: str
    """The query string, without the question mark."""
    host: str
    """The host of the page, which also tells tenants apart."""
    account: str
    """A digest of user and session hash; empty for visitors who are not logged in."""
    id: str = ""
    """Where the view stands in the page; empty if it is the page."""
    arguments: Mapping[str, Any] = {}
    """The keyword arguments of a view that is not the page."""


def issue_token(
    view_class: type,
    request: HttpRequest,
    id: str = "",
    arguments: Mapping[str, Any] | None = None,
) -> str:
    """The mount token for the page that answers ``request``, or for the view with an id in it."""
    claims = Claims(
        path_of(view_class),
        request.path_info,
        request.META.get("QUERY_STRING", ""),
        host_of(request),
        accounts_of(request)[0],
        id,
        arguments or {},
    )
    return signing.dumps(claims, salt=SALT)


def read_token(token: str) -> Claims:
    """The claims of a token. Raises ``MountRefused`` (4401) for a forged or an old one."""
    try:
        return Claims(*signing.loads(token, salt=SALT, max_age=config().token_max_age))
    except signing.SignatureExpired:
        raise MountRefused(4401, "the token is too old") from None
    except (signing.BadSignature, TypeError, ValueError):
        raise MountRefused(4401, "the token is not valid") from None


def check_claims(claims: Claims, view_class: type, request: HttpRequest) -> None:
    """Raises ``MountRefused`` unless the view and the request on the socket are those of the token.

    A page of another account reloads (4401): somebody logged in or out since it was served.
    """
    if claims.view != path_of(view_class):
        raise MountRefused(4401, "the address belongs to another view than when it was served")
    if claims.host != host_of(request):
        raise MountRefused(4403, "the token belongs to another host")
    if claims.account not in accounts_of(request):
        raise MountRefused(4401, "the token belongs to another account")


def path_of(view_class: type) -> str:
    return f"{view_class.__module__}.{view_class.__qualname__}"


def host_of(request: HttpRequest) -> str:
    return request.get_host().lower()


def accounts_of(request: HttpRequest) -> list[str]:
    """Digests of the account of a request, the first one with the current ``SECRET_KEY``.

    The session hash changes with the password, so that a new password also ends old pages.
    """
    user: Any = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return [""]
    hashes = [""]
    if hasattr(user, "get_session_auth_hash"):
        hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return [digest(user.pk, value) for value in hashes]


def digest(*parts: Any) -> str:
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:32]


def client_name(request: HttpRequest, by: str) -> str | None:
    """For whom events are counted: by ``"user"`` the account, by ``"address"`` the IP address.

    None for a visitor who is not logged in, and by ``"page"``.
    """
    if by == "address":
        return address_of(request)
    user: Any = getattr(request, "user", None)
    if by == "page" or user is None or not user.is_authenticated:
        return None
    return f"user {user.pk}"


def address_of(request: HttpRequest) -> str:
    """The address of a visitor; of IPv6 the network of 64 bits, of which one visitor has all.

    ``X-Forwarded-For`` counts as far as proxies of the site have written it
    (``DJUST["TRUSTED_PROXIES"]``): anyone can send such a header.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if proxies := config().trusted_proxies:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        address = forwarded[-min(proxies, len(forwarded))].strip() or address
    try:
        if (found := ip_address(address)).version == 6:
            return str(found.ipv4_mapped or ip_network((found, 64), strict=False))
    except ValueError:
        pass
    return address


def account_name(request: HttpRequest) -> str:
    """A name by which the scripts of a page tell accounts apart, without knowing anything of them.

    Empty for visitors who are not logged in.
    """
    account = accounts_of(request)[0]
    return account and salted_hmac("djust.account", account).hexdigest()[:20]


def check_origin(request: HttpRequest, origins: list[str]) -> None:
    """Raises ``MountRefused`` (4403) unless the one ``Origin`` header is allowed.

    Allowed are the origin that the socket itself was opened at, as for Django's CSRF protection,
    ``CSRF_TRUSTED_ORIGINS``, and ``DJUST["ALLOWED_ORIGINS"]``. A browser always sends the header.
    """
    try:
        own = f"{request.scheme}://{host_of(request)}"
    except DisallowedHost:
        raise MountRefused(4403, "the host is not in ALLOWED_HOSTS") from None
    if len(origins) != 1:
        raise MountRefused(4403, "there is not exactly one Origin header")
    origin = without_default_port(origins[0].lower())
    trusted = (*settings.CSRF_TRUSTED_ORIGINS, *config().allowed_origins)
    if origin != without_default_port(own) and not any(allows(one, origin) for one in trusted):
        raise MountRefused(
            4403,
            f"the origin {origins[0][:200]!r} is not {own!r}; see CSRF_TRUSTED_ORIGINS and, behind "
            "a proxy, SECURE_PROXY_SSL_HEADER",
        )


def allows(pattern: str, origin: str) -> bool:
    """Whether ``https://shop.example`` or ``https://*.shop.example`` covers an origin."""
    pattern = without_default_port(pattern.lower())
    if "*" not in pattern:
        return origin == pattern
    scheme, _, host = pattern.partition("://")
    found = ORIGIN.fullmatch(origin)
    if not found or not host.startswith("*.") or found["scheme"] != scheme:
        return False
    return found["host"].endswith(host[1:]) and found["host"] != host[1:]


ORIGIN = re.compile(r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]+(:[0-9]{1,5})?)")


def without_default_port(origin: str) -> str:
    default = ":443" if origin.startswith("https://") else ":80"
    return origin.removesuffix(default)
