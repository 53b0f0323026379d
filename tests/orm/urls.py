"""Where the pages of these tests are."""

from django.urls import path

from djust.asgi import get_asgi_application
from tests.orm import views

urlpatterns = [
    path("books/", views.BooksView.as_view()),
    path("async/", views.AsyncBooksView.as_view()),
]

application = get_asgi_application()
