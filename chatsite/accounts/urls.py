from django.contrib.auth.views import LogoutView
from django.urls import path

from chatsite.accounts import views
from chatsite.accounts.passwords import posts_in_turn

urlpatterns = [
    path("sign-in/", posts_in_turn(views.SignInView.as_view()), name="sign-in"),
    path("register/", posts_in_turn(views.RegisterView.as_view()), name="register"),
    path("guest/", views.GuestView.as_view(), name="guest"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
]
