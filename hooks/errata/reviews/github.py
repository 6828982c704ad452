"""Review comments of pull requests, as ``gh api`` prints them: of REST and of GraphQL.

Only a comment that opens a thread can be a finding. Of people, nothing is kept that says who they
are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct, field

from errata import rules
from errata.reviews import comment, text
from errata.reviews.finding import By, Fault, Item, Items, Lines, ReviewFinding, Skipped

_PULL = re.compile(r"/pulls?/(\d{1,9})\b")
_DISCUSSION = re.compile(r"#(?:discussion_)?r(\d{1,19})\Z")
_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@")
_MOST_NESTED = 20


class _User(Struct):
    login: str = ""
    type: str = field(default="", name="type")
    typename: str = field(default="", name="__typename")


class _Commit(Struct):
    oid: str = ""


class _Comment(Struct):
    """A comment of either API; GraphQL's names are those with capitals."""

    body: str | None = None
    path: str | None = None
    id: int | str | None = None
    databaseId: int | None = None
    fullDatabaseId: int | str | None = None
    user: _User | None = None
    author: _User | None = None
    in_reply_to_id: int | None = None
    pull_request_review_id: int | None = None
    pull_request_url: str | None = None
    html_url: str | None = None
    url: str | None = None
    created_at: str | None = None
    createdAt: str | None = None
    line: int | None = None
    original_line: int | None = None
    originalLine: int | None = None
    start_line: int | None = None
    original_start_line: int | None = None
    originalStartLine: int | None = None
    side: str | None = None
    subject_type: str | None = None
    original_commit_id: str | None = None
    commit_id: str | None = None
    originalCommit: _Commit | None = None
    diff_hunk: str | None = None
    diffHunk: str | None = None
    outdated: bool | None = None
    isMinimized: bool | None = None


class _Comments(Struct):
    nodes: list[_Comment | None] = field(default_factory=list)


class _Thread(Struct):
    comments: _Comments | None = None
    isResolved: bool | None = None
    isOutdated: bool | None = None
    path: str | None = None
    line: int | None = None
    originalLine: int | None = None
    startLine: int | None = None
    originalStartLine: int | None = None
    diffSide: str | None = None


def is_comment(value: Any) -> bool:
    """Whether a value is a review comment of the REST API."""
    return isinstance(value, dict) and "body" in value and "path" in value and "notes" not in value


def is_answer(value: Any) -> bool:
    """Whether a value is an answer of GraphQL, perhaps without a thread."""
    return isinstance(value, dict) and "data" in value


def threads_in(place: str, value: Any) -> list[tuple[str, Any]]:
    """The review threads of an answer of GraphQL, wherever the query put them, with their paths."""
    threads: list[tuple[str, Any]] = []
    queue: list[tuple[str, Any, int]] = [(place, value, 0)]
    for path, node, depth in queue:
        if depth > _MOST_NESTED:
            continue
        items: Iterator[tuple[str, Any]] = iter(())
        if isinstance(node, dict):
            if "isResolved" in node and "comments" in node:
                threads.append((path, node))
                continue
            items = ((f"{path}.{key}", item) for key, item in node.items())
        elif isinstance(node, list):
            items = ((f"{path}[{number}]", item) for number, item in enumerate(node))
        queue += ((where, item, depth + 1) for where, item in items)
    return threads


def read_comments(values: list[tuple[str, Any]]) -> Items:
    """The findings among comments of the REST API.

    Args:
        values: each with its place.
    """
    comments: list[tuple[str, _Comment]] = []
    for place, value in values:
        try:
            comments.append((place, msgspec.convert(value, _Comment)))
        except ValueError as error:
            yield Fault(place, text.decoding(error, place))
    logins = _logins(each for _, each in comments)
    for place, each in comments:
        yield _item(place, each, _Thread(), logins)


def read_threads(values: list[tuple[str, Any]]) -> Items:
    """The findings among the review threads of GraphQL."""
    threads: list[tuple[str, _Thread]] = []
    for place, value in values:
        try:
            threads.append((place, msgspec.convert(value, _Thread)))
        except ValueError as error:
            yield Fault(place, text.decoding(error, place))
    logins = _logins(each for _, thread in threads for each in _comments(thread))
    for place, thread in threads:
        comments = _comments(thread)
        if not comments:
            yield Fault(place, "no comments; ask for comments { nodes { body ... } }")
        for number, each in enumerate(comments):
            where = f"{place}.comments.nodes[{number}]"
            yield Skipped("a reply") if number else _item(where, each, thread, logins)


def _comments(thread: _Thread) -> list[_Comment]:
    return [each for each in (thread.comments.nodes if thread.comments else ()) if each]


def _logins(comments: Iterator[_Comment]) -> frozenset[str]:
    users = (each.user or each.author for each in comments)
    return frozenset(user.login for user in users if user and user.login)


def _item(place: str, each: _Comment, thread: _Thread, logins: frozenset[str]) -> Item:
    if each.in_reply_to_id:
        return Skipped("a reply")
    path = each.path or thread.path
    if not path:
        return Fault(place, "no path; only comments on a file can be imported")
    if why := "hidden" if each.isMinimized else comment.reason_to_skip(each.body or ""):
        return Skipped(why)
    return _finding(place, each, thread, path, without_names(each.body or "", logins))


def _finding(place: str, each: _Comment, thread: _Thread, path: str, body: str) -> ReviewFinding:
    by, tool = writer(each.user or each.author)
    url = each.html_url or (each.url if _is_page(each.url) else "") or ""
    rule = comment.rule(body) if tool in rules.load("reviews")["by_rule"] else ""
    headline = comment.headline(body.partition(rule)[2]) if rule else ""
    lines = _lines(each, thread)
    pull = _PULL.search(each.pull_request_url or url)
    review = each.pull_request_review_id
    return ReviewFinding(
        place=place,
        format="github",
        by=by,
        tool=tool,
        description=headline or comment.headline(body) or "A suggested change",
        key=_key(each, url),
        severity=comment.severity(body),
        rule=rule,
        name=rule,
        file=path,
        lines=lines,
        code=_code(each.diff_hunk or each.diffHunk or "", lines),
        when=text.instant(each.created_at or each.createdAt),
        session=f"github-review-{review}" if review else "",
        commit=_commit(each),
        resolved=_resolved(each, thread),
        pr=int(pull[1]) if pull else None,
        url=url,
    )


def _commit(each: _Comment) -> str:
    """The commit that was reviewed; `commit_id` moves on while the comment applies."""
    original = each.originalCommit.oid if each.originalCommit else ""
    return each.original_commit_id or original or each.commit_id or ""


def writer(user: _User | None) -> tuple[By, str]:
    """Whether a program or a person wrote something, and the program."""
    login = user.login if user else ""
    known = rules.load("reviews")["bots"]
    is_bot = user is not None and "Bot" in (user.type, user.typename)
    if is_bot or login.endswith("[bot]") or login.casefold() in known:
        name = text.tool(login)
        return "bot", known.get(name, name) or "unknown"
    return "person", ""


def without_names(body: str, logins: frozenset[str]) -> str:
    """A text in which nobody of the discussion is mentioned by name."""
    if "@" not in body or not logins:
        return body
    names = "|".join(map(re.escape, sorted(logins, key=len, reverse=True)))
    return re.sub(rf"(?<![\w/`])@(?:{names})\b[,:]?[ \t]*", "", body)


def _is_page(url: str | None) -> bool:
    return bool(url and "://api." not in url)


def _key(each: _Comment, url: str) -> tuple[str, ...]:
    match = _DISCUSSION.search(url)
    number = match[1] if match else each.databaseId or each.fullDatabaseId or each.id
    return (str(number),) if number else ()


def _is_new_side(each: _Comment, thread: _Thread) -> bool:
    return (each.side or thread.diffSide or "RIGHT") == "RIGHT"


def _lines(each: _Comment, thread: _Thread) -> Lines | None:
    """The lines in the commit that was reviewed; those of GitHub's `line` are in the newest one."""
    if not _is_new_side(each, thread) or each.subject_type == "file":
        return None
    last = (
        each.original_line or each.originalLine or thread.originalLine or each.line or thread.line
    )
    first = each.original_start_line or each.originalStartLine or thread.originalStartLine
    if not last or last < 1:
        return None
    return Lines(min(first or last, last), last)


def _code(hunk: str, lines: Lines | None) -> str:
    """The lines in question, which are the last of the hunk that a comment quotes."""
    if not lines or not _HUNK.match(hunk):
        return ""
    new = [line[1:] for line in hunk.split("\n")[1:] if line[:1] in ("+", " ")]
    return "\n".join(new[-(lines.last - lines.first + 1) :])


def _resolved(each: _Comment, thread: _Thread) -> bool | None:
    """What GitHub says: it marks a comment outdated once the lines were changed."""
    if thread.isOutdated or each.outdated or thread.isResolved:
        return True
    if thread.isResolved is False:
        return False
    asked = each.original_line is not None and each.subject_type != "file"
    return True if asked and each.line is None else None
