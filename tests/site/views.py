"""Views as users write them, one for each behaviour that the tests look at."""

import asyncio
import threading

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext

from djust import LiveView, debounce, event_handler

gate = threading.Event()
"""What a slow handler waits for."""


class CounterView(LiveView):
    template_name = "counter.html"

    def mount(self, request, start=0, **kwargs):
        self.count = start
        self.word = request.GET.get("word", "")

    @event_handler
    def add(self, amount: int = 1):
        self.count += amount

    @event_handler
    async def add_later(self, amount: int = 1):
        await asyncio.sleep(0.01)
        self.count += amount

    @event_handler
    def nothing(self):
        pass

    @event_handler
    def fail(self):
        self.count += 100
        raise RuntimeError("a secret detail")

    @event_handler
    def announce(self, **kwargs):
        self.count += 1
        self.push_event("announced", kwargs)

    @event_handler
    def slow(self):
        assert gate.wait(30)
        self.count += 1

    @debounce(wait=0.25, max_wait=2)
    def search(self, value: str = ""):
        self.word = value

    def undecorated(self):
        raise AssertionError("called from outside")

    @property
    def trap(self):
        raise AssertionError("a property was read")


class FragmentView(LiveView):
    template_string = '<p class="n{{ count }}">{{ count }}</p>'
    count = 7

    @event_handler
    def add(self):
        self.count += 1


class AsyncView(FragmentView):
    async def mount(self, request, **kwargs):
        await asyncio.sleep(0)
        self.count = await User.objects.acount()

    @event_handler
    async def join(self, name: str):
        await User.objects.acreate(username=name)
        self.count = await User.objects.acount()


class BrokenMountView(FragmentView):
    def mount(self, request, **kwargs):
        if "djust" in getattr(request, "scope", {}).get("subprotocols", ()):
            raise RuntimeError("a secret detail")


class BrokenTemplateView(LiveView):
    template_string = "<p>{% if broken %}{% include name %}{% endif %}{{ count }}</p>"

    def mount(self, request, **kwargs):
        self.count = 0
        self.broken = False
        self.name = "missing.html"

    @event_handler
    def set(self, broken: bool, count: int):
        self.broken = broken
        self.count = count


class PrivateView(LoginRequiredMixin, FragmentView):
    pass


class DecoratedView(FragmentView):
    pass


@method_decorator(login_required, name="dispatch")
class MethodDecoratedView(FragmentView):
    pass


class ProfileView(LiveView):
    template_string = (
        "<p>{{ name }} {{ tenant }} {{ hello }} {{ request.path }} {{ users }}</p>"
        "<form>{% csrf_token %}</form>"
        "{% for message in messages %}<b>{{ message }}</b>{% endfor %}"
    )

    def mount(self, request, **kwargs):
        self.name = request.user.username or "nobody"
        self.tenant = request.tenant
        self.hello = gettext("Monday")
        self.visits = request.session.get("visits", 0)

    def get_context_data(self, **kwargs):
        return super().get_context_data(users=User.objects.count(), **kwargs)

    @event_handler
    def rename(self, name: str):
        self.name = name
        self.hello = gettext("Monday")

    @event_handler
    def say(self, text: str):
        messages.info(self.request, text)

    @event_handler
    def remember(self):
        self.request.session["visits"] = 3

    @event_handler
    def join(self, name: str, fail: bool = False):
        User.objects.create(username=name)
        if fail:
            raise RuntimeError("too late")


class RequestView(LiveView):
    """Shows what its mount saw of the request."""

    template_string = "{% for name, value in seen %}<i>{{ name }}={{ value }}</i>{% endfor %}"

    def mount(self, request, **kwargs):
        self.seen = [
            ("path", request.path),
            ("full path", request.get_full_path()),
            ("method", request.method),
            ("GET", dict(request.GET)),
            ("kwargs", kwargs),
            ("match", f"{request.resolver_match.view_name} {request.resolver_match.kwargs}"),
            ("host", request.get_host()),
            ("scheme", request.scheme),
            ("absolute", request.build_absolute_uri("/x")),
            ("user", str(request.user)),
            ("session", request.session.session_key),
            ("tenant", request.tenant),
            ("language", request.LANGUAGE_CODE),
            ("agent", request.headers.get("User-Agent")),
            ("custom", request.headers.get("X-Custom")),
            ("cookies", sorted(request.COOKIES)),
            ("address", request.META["REMOTE_ADDR"]),
            ("prefix", request.META["SCRIPT_NAME"]),
        ]


def changed_afterwards(view):
    """A decorator that lets the view run and then answers otherwise, on the socket only."""

    def respond(request, **kwargs):
        response = view(request, **kwargs)
        return HttpResponse(status=403) if response.status_code == 204 else response

    return respond


only_staff = permission_required("auth.add_user", raise_exception=True)


class CartView(LiveView):
    """Stands within other pages."""

    template_string = (
        '<ul>{% for item in items %}<li id="i{{ item }}">{{ item }}</li>{% endfor %}</ul>'
        '<button dj-click="put">{{ owner }} {{ items|length }}</button>'
    )

    def mount(self, request, owner="", items=(), **kwargs):
        self.owner = owner or getattr(getattr(request, "user", None), "username", "")
        self.items = list(items)
        self.mounted = kwargs

    @event_handler
    def put(self, item: str = "x"):
        self.items.append(item)
        self.push_event("put", item)

    @event_handler
    def note(self, name: str):
        self.request.session[name] = True


class FullPageView(CounterView):
    """A whole page, which can stand within another one as well."""


class BrokenCartView(CartView):
    def mount(self, request, **kwargs):
        if "subprotocols" in getattr(request, "scope", {}):
            raise RuntimeError("a secret detail")
        super().mount(request)


class PrivateCartView(LoginRequiredMixin, CartView):
    pass


@method_decorator(permission_required("auth.add_user", raise_exception=True), name="dispatch")
class StaffCartView(CartView):
    pass


def shop(request, view="FullPageView"):
    """An ordinary page with two live views in it."""
    context = {"items": ["a", "<b>"], "view": f"tests.site.views.{view}"}
    return render(request, "shop.html", context)


class ShopView(LiveView):
    """A live page with live views in it, one of which comes and goes."""

    template_string = (
        "{% load djust %}<html><head>{% djust_client %}</head><body>"
        "<h1>{{ title }}</h1>"
        "{% live_render 'tests.site.views.CartView' id='first' owner='one' %}"
        "{% if open %}"
        "{% live_render 'tests.site.views.ShelfView' id='shelf' owner=title %}"
        "{% endif %}"
        "</body></html>"
    )
    title = "Shop"
    open = False

    @event_handler
    def rename(self, title: str):
        self.title = title

    @event_handler
    def toggle(self):
        self.open = not self.open

    @event_handler
    def note(self, name: str):
        self.request.session[name] = True


class ShelfView(LiveView):
    """Stands within a live page, and has a view of its own."""

    template_string = (
        "{% load djust %}<h2>{{ owner }}</h2>"
        "{% live_render 'tests.site.views.CartView' id='inner' owner=owner %}"
    )

    def mount(self, request, owner="", **kwargs):
        self.owner = owner
