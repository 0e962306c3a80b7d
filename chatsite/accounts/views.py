"""The pages to sign in, register and sign out, and the button that makes a guest."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.views import RedirectURLMixin
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView, View

from chatsite import problems
from chatsite.accounts import limits, services
from chatsite.accounts.authentication import session_user
from chatsite.accounts.forms import RegisterForm, SignInForm
from chatsite.accounts.models import User
from conversations.errors import AppError, NotFound, RateLimited


@method_decorator([sensitive_post_parameters(), csrf_protect, never_cache], name="dispatch")
class _DoorView(RedirectURLMixin, FormView):  # type: ignore[type-arg]
    """Base of the forms that let somebody in; what a service refuses is said beside its field."""

    next_page = settings.LOGIN_REDIRECT_URL
    refused_field: str

    def let_in(self, fields: dict[str, Any]) -> User:
        raise NotImplementedError

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = session_user(request)
        if user and not user.is_guest:
            return HttpResponseRedirect(self.get_success_url())
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: Form) -> HttpResponse:
        try:
            limits.count_attempt(self.request)
            user = self.let_in(form.cleaned_data)
        except AppError as refusal:
            return self._refused(form, refusal)
        auth.login(self.request, user)
        return super().form_valid(form)

    def form_invalid(self, form: Form) -> HttpResponse:
        for field in form.fields.values():
            field.widget.attrs.pop("autofocus", None)
        for name in list(form.errors)[:1]:
            if name in form.fields:
                form.fields[name].widget.attrs["autofocus"] = True
        return super().form_invalid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(guests=settings.CHAT_GUESTS, next=self.get_redirect_url(), **kwargs)

    def _refused(self, form: Form, refusal: AppError) -> HttpResponse:
        if isinstance(refusal, RateLimited):
            form.add_error(None, gettext(refusal.detail))
            return problems.with_headers(self.form_invalid(form), refusal)
        for error in refusal.errors or [{"field": self.refused_field, "message": gettext(refusal.detail)}]:
            form.add_error(error["field"], error["message"])
        return self.form_invalid(form)


class SignInView(_DoorView):
    template_name = "accounts/sign_in.html"
    form_class = SignInForm
    refused_field = "password"

    def let_in(self, fields: dict[str, Any]) -> User:
        return services.sign_in(username=fields["username"], password=fields["password"])


class RegisterView(_DoorView):
    template_name = "accounts/register.html"
    form_class = RegisterForm
    refused_field = "username"

    def let_in(self, fields: dict[str, Any]) -> User:
        return services.register(actor=session_user(self.request), **fields)


@method_decorator([csrf_protect, never_cache], name="dispatch")
class GuestView(RedirectURLMixin, View):
    """Makes a guest with one click; who is here already goes on as he is."""

    http_method_names = ["post"]
    next_page = settings.LOGIN_REDIRECT_URL

    def post(self, request: HttpRequest) -> HttpResponse:
        if session_user(request) is None:
            try:
                self._make_guest(request)
            except AppError as refusal:
                return problems.answer(request, refusal)
        return HttpResponseRedirect(self.get_success_url())

    def _make_guest(self, request: HttpRequest) -> None:
        if not settings.CHAT_GUESTS:
            raise NotFound(_("This site takes no guests."))
        limits.count_attempt(request)
        auth.login(request, services.create_guest())
