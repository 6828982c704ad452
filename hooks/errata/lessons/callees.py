"""What calls call and imports import, named so that the same name means the same elsewhere.

``os.path.join`` and ``console.log`` are names; ``doc.close`` is ``.close``, because ``doc`` is a
variable of one function.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from errata import rules
from errata.lessons.texts import flat, shorten

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_CALLEE_FIELDS = ("function", "macro", "constructor", "method", "name", "type")
_RECEIVER_FIELDS = ("receiver", "object", "scope")
_MAX_CALLEE = 300
_MAX_HEAD = 20_000
_SELF = re.compile(r"^(?:self|this|cls|super\(\)|super|me)(?:\.|::|->)")
_IMPORT_LINE = re.compile(
    r"^[ \t]*(?:import|from|use|using|require|#include)\b([^\n;]*(?:[({][^)}]*[)}][^\n;]*)?)"
    r"|=\s*require\(['\"]([^'\"\n]+)['\"]\)"
    r"|^[ \t]+(?:\w+ )?\"([\w./-]+)\"$",
    re.MULTILINE,
)
_WORD = re.compile(r"[A-Za-z_]\w*")


def callee_of(node: SgNode, imported: frozenset[str]) -> str:
    """What a call calls: a name, or ``.name`` for a method of an expression or a variable."""
    callee = next((n for field in _CALLEE_FIELDS if (n := node.field(field))), None)
    if callee is None:
        named = [child for child in node.children() if child.is_named()]
        callee = named[0] if named else None
    if callee is None:
        return ""
    name = flat(callee.text()[-_MAX_CALLEE:])
    receiver = next((n for field in _RECEIVER_FIELDS if (n := node.field(field))), None)
    if receiver is not None:
        name = f"{flat(receiver.text()[-_MAX_CALLEE:])}.{name}"
    return normalised(name, imported)


def normalised(name: str, imported: frozenset[str]) -> str:
    """A callee as it is written -> a name that means the same in other files; "" if none does."""
    name = re.sub(r"\?\.|!\.|->", ".", name)
    name = re.sub(r"<[^<>]*>$", "", name)
    inner = _SELF.sub("", name)
    head, dot, last = inner.rpartition(".")
    is_own_method = inner != name and not dot
    if is_own_method or (dot and not _is_reusable(head, imported)):
        inner = f".{last}"
    if not re.fullmatch(r"[.\w$:@!?*&<>\-/#]+", inner) or not re.search(r"\w", inner):
        return ""
    return shorten(inner)


def _is_reusable(receiver: str, imported: frozenset[str]) -> bool:
    """Whether a receiver means the same in other files."""
    if re.search(r"[(\[{\"'`\s]", receiver):
        return False
    head = re.split(r"\.|::", receiver, maxsplit=1)[0]
    return head in imported or head[:1].isupper() or head in _globals()


def is_common(callee: str) -> bool:
    """Whether so many programs call it that a call says nothing."""
    return callee in _common()


def says_something(callee: str) -> bool:
    """Whether a callee is a name that means the same elsewhere, and says something."""
    return bool(callee) and not callee.startswith(".") and not is_common(callee)


@cache
def _globals() -> frozenset[str]:
    return frozenset(rules.load("elements")["globals"])


@cache
def _common() -> frozenset[str]:
    return frozenset(rules.load("elements")["common_calls"])


def imported_names(text: str) -> frozenset[str]:
    """The words of all import statements of a file: modules, and names from them."""
    words: set[str] = set()
    for match in _IMPORT_LINE.finditer(text[:_MAX_HEAD]):
        words.update(_WORD.findall(next(filter(None, match.groups()), "")))
    return frozenset(words)


def imported_modules(text: str) -> list[str]:
    """The modules, or names of modules, that an import statement imports."""
    text = text.rstrip(";")
    if match := re.match(r"from (\S+) import \(?([^)#]*)\)?", text):
        names = [name.split(" as ")[0].strip() for name in match[2].split(",")]
        return [shorten(f"{match[1]}.{name}") for name in names if name]
    if match := re.search(r"""["'<]([^"'>]+)["'>]\s*$""", text):
        return [shorten(match[1])]
    if text.startswith("import ") and "," in text and "{" not in text:
        return [shorten(name.split(" as ")[0].strip()) for name in text[7:].split(",")]
    pattern = r"^(?:pub(?:\(\w+\))? )?(?:import|use|using|include|static|#include)\s+(?:static\s+)?"
    return [shorten(re.sub(pattern, "", text).split(" as ")[0])]
