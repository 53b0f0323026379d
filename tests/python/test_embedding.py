"""``{% live_render %}``: live views within pages, served, connected, gone and back."""

import re

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Permission, User
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.wsgi import WSGIRequest
from django.template import Context, RequestContext, Template, TemplateSyntaxError
from django.test import Client, RequestFactory
from pages import Page
from wire import ACK, ERROR, JOIN, LEAVE, MOUNT, PUSH, UPDATE, WELCOME, event, hello, message

from djust import _native
from djust.exceptions import MountRefused
from djust.mounting import DjangoSite
from djust.security import Claims, issue_token, read_token
from djust.testclient import LiveViewTestClient
from tests.site.views import CartView, ShopView

PLACE = re.compile(r'<div id="(.*?)" dj-view="(.*?)" dj-token="(.*?)">')


def tokens_in(html):
    return {id: token for id, _, token in PLACE.findall(html)}


def request_for(**attributes):
    request = RequestFactory().get("/shop/?page=2")
    vars(request).update(attributes)
    return request


def printed(source, request=None, **context):
    request = request or request_for()
    return Template("{% load djust %}" + source).render(RequestContext(request, context))


CART = "'tests.site.views.CartView'"


# ---- Served


def test_a_view_is_served_within_any_page():
    html = printed(f"<p>{{% live_render {CART} id='cart' owner='ada' items='ab' %}}</p>")
    assert '<ul><li id="ia">a</li><li id="ib">b</li></ul>' in html
    ((id, view, token),) = PLACE.findall(html)
    assert (id, view) == ("cart", "tests.site.views.CartView")
    arguments = {"owner": "ada", "items": "ab"}
    assert read_token(token) == Claims(view, "/shop/", "page=2", "testserver", "", id, arguments)


def test_of_a_whole_page_only_its_live_region_is_put_in():
    html = printed("{% live_render 'tests.site.views.FullPageView' id='counter' start=3 %}")
    assert re.fullmatch(PLACE.pattern + '<button dj-click="add">3</button></div>', html)


def test_the_path_and_the_id_may_come_from_the_context():
    html = printed("{% live_render name id=3 %}", name="tests.site.views.CartView")
    assert tokens_in(html).keys() == {"3"}


def test_a_page_that_answers_a_form_has_its_views_too():
    request = RequestFactory().post("/shop/")
    assert "dj-token" in printed(f"{{% live_render {CART} id='cart' %}}", request)
    assert request.method == "POST"


@pytest.mark.parametrize("name", ["tests.site.views.Nothing", "nothing", "os.path", None, 3])
def test_only_live_views_can_be_put_in(name):
    with pytest.raises(ImproperlyConfigured, match="not the import path of a LiveView"):
        printed("{% live_render name id='a' %}", name=name)


def test_a_view_needs_a_visitor():
    source = "{% load djust %}{% live_render " + CART + " id='a' %}"
    with pytest.raises(ImproperlyConfigured, match="needs the request"):
        Template(source).render(Context())


def test_arguments_that_cannot_travel_are_named():
    with pytest.raises(ImproperlyConfigured, match=r"CartView cannot travel.*object"):
        printed(f"{{% live_render {CART} id='a' owner=thing %}}", thing=object())


def test_arguments_are_the_same_when_served_and_when_connected():
    source = f"{{% live_render {CART} id='a' items=items %}}"
    html = printed(source, items=(1, 2))
    assert read_token(tokens_in(html)["a"]).arguments == {"items": [1, 2]}


@pytest.mark.parametrize(
    "source",
    [
        f"{{% live_render {CART} id='a' %}}{{% live_render {CART} id='a' %}}",
        f"{{% for i in 'ab' %}}{{% live_render {CART} id='a' %}}{{% endfor %}}",
        f"{{% live_render 'tests.site.views.ShelfView' id='s' %}}{{% live_render {CART} id='inner' %}}",
    ],
    ids=["twice", "in a loop", "inside another view"],
)
def test_an_id_that_the_page_has_already_is_named(source):
    with pytest.raises(
        TemplateSyntaxError, match=r"two views of this page have the id '(a|inner)'"
    ):
        printed(source)


def test_a_view_without_an_id_is_refused():
    with pytest.raises(TemplateSyntaxError, match="needs an id"):
        printed(f"{{% live_render {CART} id='' %}}")


def test_a_template_may_be_printed_twice_for_one_request():
    request = request_for()
    for _ in range(2):
        printed(f"{{% live_render {CART} id='a' %}}", request)


@pytest.mark.parametrize("has_client", [True, False])
def test_a_page_without_the_client_is_named_while_it_is_developed(settings, caplog, has_client):
    settings.DEBUG = True
    client = "{% djust_client %}" if has_client else ""
    printed(f"{client}{{% live_render {CART} id='a' %}}")
    assert ("CartView stays static" in caplog.text) is not has_client


@pytest.mark.parametrize("view", ["PrivateCartView", "StaffCartView"])
def test_a_view_that_lets_the_visitor_not_in_leaves_its_place_empty(view):
    from django.contrib.auth.models import AnonymousUser

    request = request_for(user=AnonymousUser())
    html = printed(f"<b>{{% live_render 'tests.site.views.{view}' id='a' %}}</b>", request)
    assert html == '<b><div id="a"></div></b>'


def test_the_request_of_the_page_stays_what_it_was():
    request = request_for()
    printed(f"{{% live_render {CART} id='cart' %}}", request)
    assert type(request) is WSGIRequest
    assert not [name for name in vars(request) if "djust" in name]


# ---- Connected

connected = pytest.mark.django_db(transaction=True)


class Views(Page):
    """A page whose views are connected: root 0 is the page if it is live, then in document order."""

    async def load(self):
        response = await sync_to_async(self.browser.get)(self.path)
        assert response.status_code == 200, response
        self.html = response.content.decode()
        self.tokens = tokens_in(self.html)
        page = re.search(r'data-mount="([^"]*)"', self.html)
        self.roots = ([page[1]] if page else []) + list(self.tokens.values())
        return self

    async def open(self):
        await self.load()
        await self.connect()
        await self.send(hello(*self.roots))
        assert (await self.read())[0] == WELCOME
        return self


async def staff():
    browser = Client()
    user = await User.objects.acreate_user("ada", password="x")
    await sync_to_async(browser.force_login)(user)
    return browser, user


@connected
async def test_the_views_of_an_ordinary_page_live_side_by_side():
    page = await Views("/shop/").open()
    first, second = await page.read(), await page.read()
    assert [first[:2], second[:2]] == [[MOUNT, 0], [MOUNT, 1]]
    assert "&lt;b&gt;" in page.html
    assert "<b>" in str(first)
    await page.send(event(1, "put", root=0, item="c"))
    assert (await page.read())[:4] == [UPDATE, 0, 2, 1]
    assert await page.read() == [PUSH, 0, "put", "c"]
    await page.send(event(1, "add", root=1))
    assert (await page.read())[:4] == [UPDATE, 1, 2, 1]
    await page.close()


@connected
async def test_a_view_that_comes_with_a_patch_joins_and_one_that_goes_leaves():
    page = await Views("/live-shop/").open()
    assert [(await page.read())[:2] for _ in "ab"] == [[MOUNT, 0], [MOUNT, 1]]
    await page.send(event(1, "toggle"))
    update = await page.read()
    assert update[0] == UPDATE
    token = tokens_in(str(update))["shelf"]
    await page.send(message(JOIN, 2, token))
    mount = await page.read()
    assert mount[:2] == [MOUNT, 2]
    inner = tokens_in(str(mount))["inner"]
    await page.send(message(JOIN, 3, inner))
    assert (await page.read())[:2] == [MOUNT, 3]
    await page.send(event(1, "put", root=3))
    assert (await page.read())[:2] == [UPDATE, 3]
    assert (await page.read())[:2] == [PUSH, 3]
    await page.send(message(LEAVE, 3) + b"")
    await page.send(event(2, "put", root=3))
    assert (await page.read())[:4] == [ERROR, 3, 2, "unknown_root"]
    await page.send(message(JOIN, 3, inner))
    assert (await page.read())[:2] == [MOUNT, 3]
    await page.close()


@connected
async def test_a_place_is_a_value_that_stays_the_same_while_the_view_is_there():
    page = await Views("/live-shop/").open()
    await page.read(), await page.read()
    await page.send(event(1, "toggle"))
    first = tokens_in(str(await page.read()))["shelf"]
    await page.send(event(2, "rename", title="Other"))
    update = await page.read()
    assert "Other" in str(update)
    assert not tokens_in(str(update))
    await page.send(event(3, "toggle"))
    assert (await page.read())[0] == UPDATE
    await page.send(event(4, "toggle"))
    second = tokens_in(str(await page.read()))["shelf"]
    assert read_token(first).arguments == {"owner": "Shop"}
    assert read_token(second).arguments == {"owner": "Other"}
    await page.close()


@connected
async def test_a_view_that_cannot_mount_leaves_the_others_alive():
    page = await Views("/shop/BrokenCartView/").open()
    frames = [await page.read() for _ in "ab"]
    assert frames[0][:2] == [MOUNT, 0]
    assert frames[1][:4] == [ERROR, 1, 0, "mount_error"]
    await page.send(event(1, "put"))
    assert (await page.read())[:2] == [UPDATE, 0]
    await page.close()


@connected
async def test_the_checks_of_a_view_are_made_again_on_the_socket():
    browser, user = await staff()
    permission = await Permission.objects.aget(codename="add_user")
    await user.user_permissions.aadd(permission)
    page = await Views("/shop/StaffCartView/", browser).load()
    assert page.tokens.keys() == {"cart", "other"}
    await user.user_permissions.aclear()
    await page.connect()
    await page.send(hello(*page.roots))
    frames = [await page.read() for _ in "abc"]
    assert [frame[0] for frame in frames] == [WELCOME, MOUNT, ERROR]
    assert frames[2][1:4] == [1, 0, "refused"]
    await page.close()


@connected
async def test_a_page_of_another_account_is_loaded_again():
    browser, _ = await staff()
    page = await Views("/shop/PrivateCartView/", browser).load()
    await sync_to_async(browser.logout)()
    await page.connect()
    await page.send(hello(*page.roots))
    assert await page.closed() == 4401


@connected
async def test_the_middleware_of_the_page_is_passed(settings):
    page = await Views("/shop/").load()
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "test_embedding.closed_site"]
    await page.connect()
    await page.send(hello(*page.roots))
    assert await page.closed() == 4403


def closed_site(get_response):
    from django.http import HttpResponse

    return lambda request: HttpResponse(status=403)


@connected
async def test_an_address_that_is_gone_takes_its_views_along(settings):
    page = await Views("/shop/").load()
    request = RequestFactory().get("/gone/")
    token = await sync_to_async(issue_token)(CartView, request, "cart")
    await page.connect()
    await page.send(hello(token))
    assert await page.closed() == 4403


@pytest.mark.parametrize(
    "view", ["os.path.join", "tests.site.views.shop", "django.http.HttpResponse"]
)
def test_a_token_never_opens_anything_but_a_live_view(view):
    from django.core import signing

    from djust.security import SALT

    claims = Claims(view, "/shop/", "", "testserver", "", "cart", {})
    scope = {"type": "websocket", "path": "/", "headers": [(b"host", b"testserver")]}
    with pytest.raises(MountRefused, match="there is no live view"):
        DjangoSite(scope).open(signing.dumps(claims, salt=SALT))


@connected
async def test_a_number_in_use_is_refused():
    page = await Views("/shop/").open()
    await page.read(), await page.read()
    await page.send(message(JOIN, 1, page.roots[1]))
    assert await page.closed() == 4400


@connected
async def test_a_page_has_room_for_so_many_views():
    page = await Views("/shop/").open()
    await page.read(), await page.read()
    for number in range(2, 16):
        await page.send(message(JOIN, number, page.roots[0]))
        assert (await page.read())[:2] == [MOUNT, number]
    await page.send(message(JOIN, 16, page.roots[0]))
    assert (await page.read())[:4] == [ERROR, 16, 0, "too_many_views"]
    await page.send(message(LEAVE, 3))
    await page.send(message(JOIN, 16, page.roots[0]))
    assert (await page.read())[:2] == [MOUNT, 16]
    await page.close()


@connected
async def test_what_one_view_writes_to_the_session_another_one_keeps():
    browser, _ = await staff()
    page = await Views("/live-shop/", browser).open()
    await page.read(), await page.read()
    for root, name in [(0, "one"), (1, "two"), (0, "three")]:
        await page.send(event(2 if name == "three" else 1, "note", root=root, name=name))
        assert (await page.read())[0] == ACK
    session = await sync_to_async(lambda: dict(browser.session))()
    assert {"one", "two", "three"} <= session.keys()
    await page.close()


# ---- The test client


@pytest.mark.django_db
def test_views_within_a_view_are_clients_of_their_own():
    shop = LiveViewTestClient(ShopView).mount()
    cart = shop.child("first").send_event("put", item="a")
    assert cart.state == {"items": ["a"], "owner": "one", "mounted": {}}
    assert '<li id="ia">' in cart.html
    assert shop.child("first") is cart
    shop.send_event("toggle")
    inner = shop.child("shelf").child("inner").send_event("put")
    assert inner.state["items"] == ["x"]
    assert cart.state["items"] == ["a"]
    shop.send_event("toggle")
    with pytest.raises(AssertionError, match="no live view with the id 'shelf'"):
        shop.child("shelf")


@pytest.mark.django_db
def test_views_within_a_page_of_the_site_are_clients_too():
    page = LiveViewTestClient("/shop/").mount()
    assert page.child("cart").send_event("put").state["items"] == ["a", "<b>", "x"]
    assert page.child("other").send_event("add").state["count"] == 1
    shop = LiveViewTestClient("/live-shop/").mount().send_event("toggle")
    assert shop.child("shelf").child("inner").state["owner"] == "Shop"


def test_the_frame_is_read_by_the_codec():
    assert _native.decode_client(message(JOIN, 3, "token")) == ("join", 3, "token")
