"""The addresses of the test project."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import path

from tests.site import views

urlpatterns = [
    path("counter/", views.CounterView.as_view()),
    path("counter/<int:start>/", views.CounterView.as_view()),
    path("fragment/", views.FragmentView.as_view()),
    path("async/", views.AsyncView.as_view()),
    path("broken-mount/", views.BrokenMountView.as_view()),
    path("broken-template/", views.BrokenTemplateView.as_view()),
    path("private/", views.PrivateView.as_view()),
    path("decorated/", login_required(views.DecoratedView.as_view())),
    path("method-decorated/", views.MethodDecoratedView.as_view()),
    path("staff/", views.only_staff(views.DecoratedView.as_view())),
    path("changed/", views.changed_afterwards(views.FragmentView.as_view())),
    path("profile/", views.ProfileView.as_view()),
    path("request/<int:number>/", views.RequestView.as_view(), name="request"),
    path("shop/", views.shop),
    path("shop/<view>/", views.shop),
    path("live-shop/", views.ShopView.as_view()),
    path("plain/", lambda request: HttpResponse("plain")),
]
