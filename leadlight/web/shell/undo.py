"""Messages that offer to undo an action."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse


def undoable(request: HttpRequest, sentence: str, name: str, *args: Any) -> None:
    """Add a message with a button that posts to the URL pattern `name`, which undoes the action.

    `frame/messages.html` shows the button for messages with extra tags.
    """
    messages.success(request, sentence, extra_tags=reverse(name, args=args))
