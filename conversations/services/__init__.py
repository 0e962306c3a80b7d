"""Every write. Call through the module: `services.rename_conversation(…)`."""

from conversations.services.access import forget_in_staff_log, record_access
from conversations.services.actions import ActionCall, ActionOutcome, Handler, find_action, run_action
from conversations.services.allowance import check_allowance, forget_charges, is_limited
from conversations.services.approvals import ACTION as APPROVAL_ACTION
from conversations.services.approvals import (
    ApprovalPending,
    Question,
    decide_approval,
    decide_as_staff,
    expire_overdue,
    wait_for_decision,
)
from conversations.services.attachments import (
    announce_attachment,
    delete_attachment,
    delete_unsent_attachments,
    read_upload,
    save_attachment,
    store_upload,
)
from conversations.services.conversations import (
    ask_for_staff,
    delete_conversation,
    hand_back,
    rename_conversation,
    set_status,
    take_over,
    thread_payload,
)
from conversations.services.dictations import begin_dictation, end_dictation
from conversations.services.effects import push_effects
from conversations.services.erasing import (
    ERASED,
    ChangedMeanwhile,
    erase_conversations,
    lock_conversations_of,
)
from conversations.services.feedback import give_feedback
from conversations.services.locking import conversation_changed, get_conversation, user_group
from conversations.services.saving import add_item, delete_item, save_conversation, save_item
from conversations.services.sending import Sent, check_text, retry_after_item, retry_turn, send_message
from conversations.services.staff import reply_as_staff
from conversations.services.summaries import begin_summary, store_summary
from conversations.services.tools import (
    ToolOutcome,
    ToolRefused,
    begin_tool_call,
    end_tool_call,
    run_or_ask,
    run_tool_once,
    waits_for_decision,
)
from conversations.services.turns import (
    cancel_turn,
    claim_turn,
    commit_step,
    fail_turn,
    get_turn,
    queue_orphans,
    snapshot_seq,
)
from conversations.services.upkeep import delete_expired_conversations, prune_events

__all__ = [
    "APPROVAL_ACTION",
    "ERASED",
    "ActionCall",
    "ActionOutcome",
    "ApprovalPending",
    "ChangedMeanwhile",
    "Handler",
    "Question",
    "Sent",
    "ToolOutcome",
    "ToolRefused",
    "add_item",
    "announce_attachment",
    "ask_for_staff",
    "begin_dictation",
    "begin_summary",
    "begin_tool_call",
    "cancel_turn",
    "check_allowance",
    "check_text",
    "claim_turn",
    "commit_step",
    "conversation_changed",
    "decide_approval",
    "decide_as_staff",
    "delete_attachment",
    "delete_conversation",
    "delete_expired_conversations",
    "delete_item",
    "delete_unsent_attachments",
    "end_dictation",
    "end_tool_call",
    "erase_conversations",
    "expire_overdue",
    "fail_turn",
    "find_action",
    "forget_charges",
    "forget_in_staff_log",
    "get_conversation",
    "get_turn",
    "give_feedback",
    "hand_back",
    "is_limited",
    "lock_conversations_of",
    "prune_events",
    "push_effects",
    "queue_orphans",
    "read_upload",
    "record_access",
    "rename_conversation",
    "reply_as_staff",
    "retry_after_item",
    "retry_turn",
    "run_action",
    "run_or_ask",
    "run_tool_once",
    "save_attachment",
    "save_conversation",
    "save_item",
    "send_message",
    "set_status",
    "snapshot_seq",
    "store_summary",
    "store_upload",
    "take_over",
    "thread_payload",
    "user_group",
    "wait_for_decision",
    "waits_for_decision",
]
