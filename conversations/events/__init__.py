"""The event log of a conversation: append in batches, read after a seq, follow live."""

from conversations.events.live import follow, join_loop, publish, publish_deleted, send, watched_run
from conversations.events.log import (
    Batch,
    LoggedEvent,
    Standing,
    append,
    append_batches,
    read_after,
    standings,
)
from conversations.events.payloads import (
    TURN_ENDED,
    TURN_STARTED,
    clean,
    dump,
    error_event,
    item_added,
    item_done,
    item_removed,
    item_replaced,
    item_updated,
    thread_created,
    thread_updated,
)

__all__ = [
    "TURN_ENDED",
    "TURN_STARTED",
    "Batch",
    "LoggedEvent",
    "Standing",
    "append",
    "append_batches",
    "clean",
    "dump",
    "error_event",
    "follow",
    "join_loop",
    "item_added",
    "item_done",
    "item_removed",
    "item_replaced",
    "item_updated",
    "publish",
    "publish_deleted",
    "read_after",
    "thread_created",
    "send",
    "standings",
    "thread_updated",
    "watched_run",
]
