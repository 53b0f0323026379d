"""The addresses of the project, and its own three pages."""

from django.contrib import admin
from django.shortcuts import render
from django.urls import include, path

from tests.real_templates.forms import ContactForm, ExampleFormSet, HelperForm
from tests.real_templates.models import Book


def contact(request):
    form = ContactForm(request.POST or None)
    return render(request, "contact.html", {"form": form, "helper_form": HelperForm()})


def formset(request):
    return render(request, "formset.html", {"formset": ExampleFormSet(request.POST or None)})


def books(request):
    return render(request, "books.html", {"books": Book.objects.select_related("author")})


urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("contact/", contact),
    path("formset/", formset),
    path("books/", books, name="books"),
]
