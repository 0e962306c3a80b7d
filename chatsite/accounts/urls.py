from django.contrib.auth.views import LogoutView
from django.urls import path

from chatsite.accounts import views

urlpatterns = [
    path("sign-in/", views.SignInView.as_view(), name="sign-in"),
    path("register/", views.RegisterView.as_view(), name="register"),
    path("guest/", views.GuestView.as_view(), name="guest"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
]
