"""What /api/auth takes and gives."""

from __future__ import annotations

from ninja import Schema
from pydantic import Field

USER_ID = "user_01939f6c-7d5a-7c1e-9a44-2f9d4b7c1e55"
ACCESS = "eyJhbGciOiJIUzI1NiJ9.eyJ0b2tlbl90eXBlIjoiYWNjZXNzIn0.signature"
REFRESH = "eyJhbGciOiJIUzI1NiJ9.eyJ0b2tlbl90eXBlIjoicmVmcmVzaCJ9.signature"


class Credentials(Schema):
    username: str = Field(min_length=1, max_length=150, examples=["maya"])
    password: str = Field(min_length=1, max_length=1024, examples=["twelve green parrots"])


class Registration(Credentials):
    email: str | None = Field(None, max_length=254, examples=["maya@example.com"])


class RefreshToken(Schema):
    refresh: str = Field(max_length=4096, examples=[REFRESH])


class Tokens(Schema):
    access: str = Field(description="For requests; lives 15 minutes.", examples=[ACCESS])
    refresh: str = Field(description="For the next pair; lives 30 days and counts once.", examples=[REFRESH])


class SignedIn(Tokens):
    user_id: str = Field(description="The {user_id} of every other address.", examples=[USER_ID])
    username: str = Field(examples=["maya"])


class Me(Schema):
    user_id: str = Field(examples=[USER_ID])
    username: str = Field(examples=["maya"])
    is_staff: bool = Field(examples=[False])
    is_guest: bool = Field(examples=[False])
