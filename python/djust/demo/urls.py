"""The addresses of the demo: an index, five live pages, and one of many live views."""

from django.urls import path

from djust.demo.views.booking import BookingView
from djust.demo.views.counter import CounterView
from djust.demo.views.index import IndexView
from djust.demo.views.interceptors import InterceptorsView
from djust.demo.views.search import SearchView
from djust.demo.views.table import TableView
from djust.demo.views.todos import TodosView

urlpatterns = [
    path("", IndexView.as_view(), name="index"),
    path("counter/", CounterView.as_view(), name="counter"),
    path("todos/", TodosView.as_view(), name="todos"),
    path("search/", SearchView.as_view(), name="search"),
    path("booking/", BookingView.as_view(), name="booking"),
    path("table/", TableView.as_view(), name="table"),
    path("interceptors/", InterceptorsView.as_view(), name="interceptors"),
]
