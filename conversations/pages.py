"""The chat page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def home(request: HttpRequest, conversation_id: str = "") -> HttpResponse:
    """Show the chat to whoever is signed in, and the ways in to everybody else."""
    return render(request, "chat/chat.html", {"conversation_id": conversation_id})
