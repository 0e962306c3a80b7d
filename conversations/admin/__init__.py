"""The staff's pages in Django's admin: conversations to read and handle, and the records behind them."""

from conversations.admin.approvals import ApprovalAdmin
from conversations.admin.conversations import ConversationAdmin
from conversations.admin.records import AccessLogAdmin, ToolCallAdmin, TurnAdmin

__all__ = ["AccessLogAdmin", "ApprovalAdmin", "ConversationAdmin", "ToolCallAdmin", "TurnAdmin"]
