"""The HTTP API: one NinjaAPI, its routers, and how what goes wrong becomes an answer."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import register_converter
from django.urls.converters import StringConverter
from django.utils.datastructures import MultiValueDict
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser

from chatsite import openapi, problems
from chatsite.accounts.api import router as accounts_router
from chatsite.accounts.authentication import BearerAuth, SessionAuth
from chatsite.field_errors import field_errors
from chatsite.personal_data.api import erasure_router, export_router
from conversations.api import router as conversations_router
from conversations.errors import Invalid, Malformed, NotAuthenticated, UnsupportedMediaType
from conversations.strict_json import read_object, refuse_unstorable_text


class PersonConverter(StringConverter):
    regex = r"user_[^/]+"


register_converter(PersonConverter, "person")


class StrictParser(Parser):
    """Refuse what is not a JSON object, and text that can't be stored."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        if request.content_type != "application/json":
            raise UnsupportedMediaType
        return read_object(request.body)

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        refuse_unstorable_text({name: "".join(map(str, data.getlist(name))) for name in data})
        return super().parse_querydict(data, list_fields, request)


class ChatAPI(NinjaAPI):
    def get_openapi_schema(self, **where: Any) -> OpenAPISchema:
        return openapi.complete(super().get_openapi_schema(**where))


api = ChatAPI(
    title="Customer-support chat",
    version="0.1.0",
    description=openapi.DESCRIPTION,
    openapi_url="/api/openapi.json",
    docs_url="/docs",
    parser=StrictParser(),
    urls_namespace="api",
)


@api.exception_handler(Exception)
def on_failure(request: HttpRequest, failure: Exception) -> HttpResponse:
    return problems.problem(request, problems.expected(request, failure))


@api.exception_handler(ValidationError)
def on_invalid_fields(request: HttpRequest, failure: ValidationError) -> HttpResponse:
    if not request.body and any(error["loc"][0] == "body" for error in failure.errors):
        return problems.problem(request, Malformed())
    return problems.problem(request, Invalid(errors=field_errors(failure.errors)))


@api.exception_handler(HttpError)
def on_ninja_refusal(request: HttpRequest, failure: HttpError) -> HttpResponse:
    if failure.status_code == 401:
        return problems.problem(request, NotAuthenticated())
    # Ninja wraps whatever the parser raises.
    return problems.problem(request, problems.expected(request, failure.__cause__ or failure))


api.add_router("/api/auth", accounts_router)
_OWNER = [BearerAuth(owner=True), SessionAuth(owner=True)]
api.add_router("/api/{user_id}", conversations_router, auth=_OWNER)
api.add_router("/api/{user_id}", export_router, auth=_OWNER)
# What can't be a user's id is no address of anybody's.
api.add_router("/api/{person:user_id}", erasure_router, auth=_OWNER)
