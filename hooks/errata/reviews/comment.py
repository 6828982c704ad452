"""A review comment in Markdown: what it says, how severe it says that is, and is it a finding?

The words are data, in ``rules/reviews.toml``.
"""

from __future__ import annotations

import re
from functools import cache

from errata import rules
from errata.records import field_guesses
from errata.reviews import text

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_HIDDEN_MARK = re.compile(r"<!--\s*(\*\*[^*\n]{1,30}\*\*)\s*-->")
_DETAILS = re.compile(r"<details\b.*?(?:</details>|\Z)", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(
    r"^ {0,3}(```+|~~~+)[^\n]*\n.*?(?:^ {0,3}\1[^\n]*$|\Z)", re.DOTALL | re.MULTILINE
)
_SUGGESTION = re.compile(r"^ {0,3}(?:```+|~~~+) *suggestion\b", re.MULTILINE)
_QUOTE = re.compile(r"^ {0,3}>[^\n]*$", re.MULTILINE)
_IMAGE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,300}>")
_MARKS = re.compile(r"(?<!\w)[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}(?!\w)")
_HEADING = re.compile(r"^ {0,3}#{1,6} +", re.MULTILINE)
_FIRST_HEADING = re.compile(r"#{2,3} +([^\n]{3,80})(?:\n|\Z)")
_BOLD = re.compile(r"\*\*\s*(\S[^*\n]{8,}?)\s*\*\*")
_CODE = re.compile(r"``?[^`]*``?")
_NO_WORDS = re.compile(r"[\W_]+")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_HEAD = 400
"""Characters of a comment in which a mark of severity may be."""


def visible(body: str) -> str:
    """The words of a comment: no code blocks, folded parts, quotations, comments and tags."""
    for hidden in (_COMMENT, _DETAILS, _FENCE, _QUOTE):
        body = hidden.sub("", body)
    return _TAG.sub("", body)


def severity(body: str) -> str:
    """The word by which a comment marks how severe it is; "" if it has no mark."""
    # Cursor's Bugbot hides its mark in a comment.
    head = visible(_HIDDEN_MARK.sub(r"\1", body)).strip()[:_HEAD]
    for row in rules.load("reviews")["mark"]:
        for match in row["words"].finditer(head):
            word = match[1]
            if field_guesses.severity(word):
                return str(word)
    return ""


def headline(body: str) -> str:
    """What a comment says, in one line: its title if it has one, else its first sentences."""
    words = visible(body)
    for row in rules.load("reviews")["label"]:
        words = row["words"].sub("", words)
    words = _LINK.sub(r"\1", _IMAGE.sub("", words))
    title = _BOLD.match(words.lstrip("\n -#"))
    words = title[1] if title else _HEADING.sub("", words)
    return text.sentence(_MARKS.sub("", words)).strip(" :|-")


def rule(body: str) -> str:
    """The first heading of a comment, as programs that post a rule's findings name the rule."""
    match = _FIRST_HEADING.match(visible(body).strip())
    return match[1].strip() if match else ""


def reason_to_skip(body: str) -> str:
    """Why a comment that opens a thread is not a finding; "" if it is one."""
    if _SUGGESTION.search(body):
        return ""
    words = _CODE.sub("x", _LINK.sub(r"\1", visible(body))).strip()
    folded = words.casefold()
    for row in rules.load("reviews")["skip"]:
        if row["words"].search(folded):
            return str(row["why"])
    if not _NO_WORDS.sub("", words):
        return "without words"
    return "a question" if _only_asks(folded) else ""


def _only_asks(words: str) -> bool:
    """Whether every sentence is a question that does not propose anything."""
    sentences = [each.strip() for each in _SENTENCE.findall(words) if len(each.strip()) > 2]
    proposes = _proposal()
    return bool(sentences) and all(
        each.endswith("?") and not proposes.search(each) for each in sentences
    )


@cache
def _proposal() -> re.Pattern[str]:
    return re.compile(rules.load("reviews")["proposal"])
