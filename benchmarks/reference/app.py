"""FastAPI, SQLModel and the Agents SDK: the reply inside the request, streamed as server-sent events.

A fair and tuned one: one provider client for the process, an asynchronous pool, sessions only as long as a query,
uvloop and httptools, no access log. It has no durable turn, no resumable log, no push and no authentication, so it
does less for each message than the product does.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from agents import (
    Agent,
    Runner,
    TResponseInputItem,
    function_tool,
    set_default_openai_api,
    set_default_openai_client,
    set_tracing_disabled,
)
from fastapi import FastAPI, HTTPException, Response
from fastapi.responses import StreamingResponse
from openai import AsyncOpenAI, DefaultAioHttpClient
from openai.types.responses import ResponseTextDeltaEvent
from pydantic import BaseModel
from sqlalchemy import Column, DateTime, Index
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import Field, SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

HISTORY_MESSAGES = 200  # as many as the product sends


def now() -> datetime:
    return datetime.now(UTC)


class Conversation(SQLModel, table=True):
    id: str = Field(default_factory=lambda: f"conv_{uuid.uuid4()}", primary_key=True)
    user_id: str = Field(index=True)
    title: str = ""
    created_at: datetime = Field(default_factory=now, sa_column=Column(DateTime(timezone=True)))


class Message(SQLModel, table=True):
    __table_args__ = (Index("message_history", "conversation_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    conversation_id: str = Field(foreign_key="conversation.id")
    role: str
    content: str
    created_at: datetime = Field(default_factory=now, sa_column=Column(DateTime(timezone=True)))


class ChatIn(BaseModel):
    message: str
    conversation_id: str | None = None
    stream: bool = False


class ChatOut(BaseModel):
    conversation_id: str
    response: str
    message_id: int
    timestamp: datetime


@function_tool
def show_my_trip() -> str:
    """Look up the customer's booking: flights with times, seats and status, checked bags, meal and membership."""
    return "LN 418, Berlin to Lisbon, seat 14C"


@function_tool
def change_seat(flight_number: str, seat: str) -> str:
    """Move the customer to another seat on one of their flights."""
    return f"Done: your seat on {flight_number} is now {seat}."


@function_tool
def add_checked_bag() -> str:
    """Add one checked bag of 23 kg to the customer's booking; it costs 35 €, paid at the airport."""
    return "Done: one more bag."


with open(os.environ["REFERENCE_INSTRUCTIONS"], encoding="utf-8") as instructions:
    agent = Agent(
        name="Linnet Air concierge",
        instructions=instructions.read(),
        model="gpt-5-mini",
        tools=[show_my_trip, change_seat, add_checked_bag],
    )
engine = create_async_engine(
    os.environ["REFERENCE_DATABASE"], pool_size=10, max_overflow=10, pool_timeout=30, pool_pre_ping=False
)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    transport = DefaultAioHttpClient() if os.environ.get("REFERENCE_TRANSPORT") == "aiohttp" else None
    client = AsyncOpenAI(http_client=transport)
    set_default_openai_client(client, use_for_tracing=False)
    set_default_openai_api("responses" if os.environ["OPENAI_API"] == "responses" else "chat_completions")
    set_tracing_disabled(True)
    yield
    await client.close()
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


@app.post("/api/{user_id}/chat", response_model=ChatOut)
async def chat(user_id: str, body: ChatIn) -> Any:
    conversation_id, history = await store_question(user_id, body)
    if body.stream:
        return StreamingResponse(
            stream_reply(conversation_id, history),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Chat-Conversation": conversation_id},
        )
    result = await Runner.run(agent, history)
    reply = await store_reply(conversation_id, result.final_output)
    return ChatOut(
        conversation_id=conversation_id,
        response=reply.content,
        message_id=reply.id or 0,
        timestamp=reply.created_at,
    )


@app.get("/healthz")
async def healthz() -> Response:
    return Response("ok")


async def stream_reply(conversation_id: str, history: list[TResponseInputItem]) -> AsyncIterator[str]:
    result = Runner.run_streamed(agent, history)
    async for event in result.stream_events():
        if event.type == "raw_response_event" and isinstance(event.data, ResponseTextDeltaEvent):
            yield f"data: {json.dumps({'delta': event.data.delta})}\n\n"
    reply = await store_reply(conversation_id, result.final_output)
    yield f"data: {json.dumps({'done': True, 'message_id': reply.id, 'response': reply.content})}\n\n"


async def store_question(user_id: str, body: ChatIn) -> tuple[str, list[TResponseInputItem]]:
    """Store the user's message; return the conversation and its history, the message last."""
    async with AsyncSession(engine, expire_on_commit=False) as session:
        if body.conversation_id is None:
            conversation = Conversation(user_id=user_id, title=body.message[:60])
            session.add(conversation)
            await session.flush()
        else:
            found = await session.get(Conversation, body.conversation_id)
            if found is None or found.user_id != user_id:
                raise HTTPException(404)
            conversation = found
        session.add(Message(conversation_id=conversation.id, role="user", content=body.message))
        await session.flush()
        newest = (
            select(Message)
            .where(Message.conversation_id == conversation.id)
            .order_by(Message.id.desc())  # type: ignore[union-attr]
            .limit(HISTORY_MESSAGES)
        )
        messages: Sequence[Message] = (await session.exec(newest)).all()
        await session.commit()
    return conversation.id, [
        {"role": message.role, "content": message.content}  # type: ignore[misc,list-item]
        for message in reversed(messages)
    ]


async def store_reply(conversation_id: str, text: str) -> Message:
    async with AsyncSession(engine, expire_on_commit=False) as session:
        reply = Message(conversation_id=conversation_id, role="assistant", content=text)
        session.add(reply)
        await session.commit()
    return reply
