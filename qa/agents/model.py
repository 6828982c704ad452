"""A scripted model on 127.0.0.1: it answers coding agents' tools with what a test asks for.

It speaks the Anthropic Messages API, the OpenAI Responses API and Gemini's generateContent, with
and without server-sent events. A script is a list of rules. The newest message of a user that a
rule matches chooses the rule, and the number of tool calls since then chooses the reply. Requests
without tools, such as those for a title, and those that no rule matches get the text "ok".
"""

from __future__ import annotations

import gzip
import itertools
import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]
_SUMMARY = re.compile(r"summary of (?:the|our|this) conversation|CONTEXT CHECKPOINT|state_snapshot")


@dataclass(frozen=True)
class Reply:
    """What the model answers: a text, or a call of a tool.

    Attributes:
        text: without a tool, the answer; with one, the text of a custom tool (Responses API).
        tool: the name of a tool, "" for an answer in words.
        arguments: of the tool; None for a custom tool.
        namespace: of the tool (Responses API).
    """

    text: str = "ok"
    tool: str = ""
    arguments: Mapping[str, Any] | None = None
    namespace: str = ""


@dataclass(frozen=True)
class Rule:
    """Replies to the message that a pattern matches, one after each tool call."""

    pattern: str
    replies: Sequence[Reply]


def text_of(value: Any) -> str:
    """All text of a message's content, without the results of tools."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "\n".join(filter(None, map(text_of, value)))
    if not isinstance(value, dict) or value.get("type") == "tool_result":
        return ""
    names = ("text", "content", "parts", "encrypted_content")
    return text_of(next((value[name] for name in names if value.get(name)), ""))


def history(body: Json) -> Iterator[tuple[str, str]]:
    """``("user", text)`` and ``("call", tool)`` of a request, oldest first."""
    items = body.get("messages") or body.get("input") or body.get("contents") or []
    if isinstance(items, str):
        yield "user", items
        return
    for item in items:
        kind, parts = item.get("type"), item.get("content") or item.get("parts") or []
        if kind in ("function_call", "custom_tool_call"):
            yield "call", item["name"]
        elif (item.get("role") == "user" or kind == "agent_message") and text_of(parts):
            yield "user", text_of(parts)
        for part in parts if isinstance(parts, list) else ():
            call = part.get("functionCall") or (part if part.get("type") == "tool_use" else None)
            if call:
                yield "call", call["name"]


def has_tools(body: Json) -> bool:
    """Whether a request offers tools; Codex may do so in an item of the input."""
    items = body.get("input") or ()
    extra = any(isinstance(one, dict) and one.get("type") == "additional_tools" for one in items)
    return bool(body.get("tools")) or extra


def choose(body: Json, rules: Sequence[Rule]) -> Reply:
    """The reply to a request."""
    calls = 0
    for kind, text in reversed(list(history(body)) if has_tools(body) else []):
        if kind == "call":
            calls += 1
        elif _SUMMARY.search(text):
            break
        elif rule := _last_match(text, rules):
            return rule.replies[calls] if calls < len(rule.replies) else Reply()
    return Reply()


def _last_match(text: str, rules: Sequence[Rule]) -> Rule | None:
    """The rule that matches furthest back; a tool may send several prompts as one message."""
    positions = [
        (match.start(), number)
        for number, rule in enumerate(rules)
        for match in re.finditer(rule.pattern, text)
    ]
    return rules[max(positions)[1]] if positions else None


# --------------------------------------------------------------------------------- the three APIs


def anthropic(body: Json, reply: Reply, number: int) -> tuple[Json, list[Json]]:
    """The message, and the same as events."""
    usage = {"input_tokens": 10, "output_tokens": 5}
    message = {
        **{"id": f"msg_{number:04}", "type": "message", "role": "assistant", "usage": usage},
        **{"model": body.get("model", "scripted"), "stop_sequence": None},
    }
    if reply.tool:
        call = {"type": "tool_use", "id": f"toolu_{number:04}", "name": reply.tool}
        block, opened = {**call, "input": reply.arguments}, {**call, "input": {}}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(reply.arguments)}
    else:
        block, opened = {"type": "text", "text": reply.text}, {"type": "text", "text": ""}
        delta = {"type": "text_delta", "text": reply.text}
    reason = "tool_use" if reply.tool else "end_turn"
    end = {"stop_reason": reason, "stop_sequence": None}
    events: list[Json] = [
        {"type": "message_start", "message": {**message, "content": [], "stop_reason": None}},
        {"type": "content_block_start", "index": 0, "content_block": opened},
        {"type": "content_block_delta", "index": 0, "delta": delta},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": end, "usage": usage},
        {"type": "message_stop"},
    ]
    return {**message, "content": [block], "stop_reason": reason}, events


def openai(body: Json, reply: Reply, number: int) -> tuple[Json, list[Json]]:
    """The response, and the same as events."""
    item: Json
    if not reply.tool:
        content = [{"type": "output_text", "text": reply.text, "annotations": []}]
        item = {"type": "message", "role": "assistant", "content": content}
    elif reply.arguments is None:
        item = {"type": "custom_tool_call", "name": reply.tool, "input": reply.text}
    else:
        given = json.dumps(reply.arguments)
        item = {"type": "function_call", "name": reply.tool, "arguments": given}
    if reply.tool:
        item["call_id"] = f"call_{number}"
    if reply.namespace:
        item["namespace"] = reply.namespace
    item |= {"id": f"item_{number}", "status": "completed"}
    response = {
        **{"id": f"resp_{number}", "object": "response", "created_at": 0, "output": [item]},
        **{"status": "completed", "model": body.get("model", "scripted")},
        "usage": {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15},
    }
    begun = {**response, "status": "in_progress", "output": [], "usage": None}
    events: list[Json] = [
        {"type": "response.created", "response": begun},
        {"type": "response.output_item.added", "output_index": 0, "item": item},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": response},
    ]
    return response, events


def gemini(body: Json, reply: Reply, number: int) -> tuple[Json, list[Json]]:
    """The response, and the same as its only event."""
    wants_json = "json" in str(body.get("generationConfig", {}).get("responseMimeType", ""))
    part: Json = {"text": "{}" if wants_json else reply.text}
    if reply.tool and not wants_json:
        call = {"name": reply.tool, "args": reply.arguments, "id": f"call_{number}"}
        part = {"functionCall": call, "thoughtSignature": "c2ln"}
    content = {"role": "model", "parts": [part]}
    usage = {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15}
    response = {
        "candidates": [{"content": content, "index": 0, "finishReason": "STOP"}],
        **{"usageMetadata": usage, "modelVersion": "scripted", "responseId": f"r{number}"},
    }
    return response, [response]


FORMATS = {
    "/messages": anthropic,
    "/responses": openai,
    ":generateContent": gemini,
    ":streamGenerateContent": gemini,
}


# ------------------------------------------------------------------------------------- the server


@dataclass
class Model:
    """The server; a context manager.

    Attributes:
        rules: the script, which may change between requests.
        requests: the bodies of all requests that the model answered, oldest first.
    """

    rules: Sequence[Rule] = ()
    requests: list[Json] = field(default_factory=list)
    _number: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __enter__(self) -> Model:
        handler = type("Handler", (_Handler,), {"model": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, path: str, body: Json) -> tuple[Json, list[Json] | None] | None:
        """The response to a request, and its events if they are asked for; None: unknown path."""
        if path.endswith(("/count_tokens", ":countTokens")):
            return {"input_tokens": 10, "totalTokens": 10}, None
        end = next((end for end in FORMATS if path.endswith(end)), None)
        if end is None:
            return None
        self.requests.append(body)
        response, events = FORMATS[end](body, choose(body, self.rules), next(self._number))
        asked = body.get("stream") or end == ":streamGenerateContent"
        return response, events if asked else None


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A tool that ends closes its connections; that is not an error."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    model: Model

    def log_message(self, *_: Any) -> None:
        """Nothing on standard error."""

    def do_HEAD(self) -> None:
        self._send(200, b"", "text/plain")

    def do_GET(self) -> None:
        if self.path.partition("?")[0].endswith("/models"):
            self._send(200, b'{"object": "list", "data": [], "models": []}')
        else:
            self._send(404, b"{}")

    def do_POST(self) -> None:
        size = self.headers.get("Content-Length")
        raw = self.rfile.read(int(size)) if size else b"".join(self._chunks())
        if self.headers.get("Content-Encoding") == "gzip":
            raw = gzip.decompress(raw)
        try:
            body = json.loads(raw)
        except ValueError:
            body = {}
        answer = self.model.answer(self.path.partition("?")[0], body)
        if answer is None:
            self._send(404, b"{}")
        elif (events := answer[1]) is not None:
            self._send(200, b"".join(map(_server_sent, events)), "text/event-stream")
        else:
            self._send(200, json.dumps(answer[0]).encode())

    def _send(self, status: int, data: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().partition(b";")[0] or b"0", 16):
            yield self.rfile.read(size)
            self.rfile.readline()


def _server_sent(event: Json) -> bytes:
    name = f"event: {event['type']}\n" if "type" in event else ""
    return f"{name}data: {json.dumps(event)}\n\n".encode()
