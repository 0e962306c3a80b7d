"""The API's edges, one subject a file; mounted at /api/{user_id} by chatsite."""

from ninja import Router

from conversations.api.approvals import router as approvals
from conversations.api.chat import router as chat
from conversations.api.conversations import router as conversations
from conversations.api.events import router as events
from conversations.api.exports import router as exports
from conversations.api.messages import router as messages
from conversations.api.search import router as search
from conversations.api.turns import router as turns

router = Router()
for part in (chat, conversations, exports, messages, search, events, turns, approvals):
    router.add_router("", part)
