"""A lexer that is made ready on the way says what pygments' own says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygments.lexers import find_lexer_class_for_filename, get_all_lexers, get_lexer_by_name

from errata.corrections.classify import lexing

HERE = Path(__file__)
TEXTS = (
    "",
    "def total(items):\n    # sum\n    return max(0, sum(i.count for i in items)) or None\n",
    "@app.route('/x')\nasync def häuser(größe: int) -> X:\n    raise ValueError(f'{größe!r}→')\n",
    "const a = b ?? 'x'; // note\nif (a === null) { console.log(`${a}`) }\nclass A extends B {}\n",
    "SELECT a, b FROM t WHERE id = 1; -- all\n",
    "#include <a.h>\nint main(void) { return 0x1F; } /* end */\n",
    "<div class='a'>{% if x %}<b>é</b>{% endif %}</div>\n",
    "key: [1, 'two', \"three\"] # c\n- item\n",
    "a[ſK] = \\u212a\n\tİ = ß\n",
    'fn main() -> Result<(), E> { let x = y?; println!("{}", x); Ok(()) }\n',
)
ENDINGS = (
    *("py", "js", "ts", "tsx", "jsx", "go", "rs", "java", "c", "cpp", "h", "cs", "rb", "php", "kt"),
    *("swift", "scala", "sh", "sql", "html", "css", "scss", "yaml", "toml", "json", "xml", "lua"),
    *("pl", "r", "hs", "ex", "erl", "dart", "vue", "tf", "md", "ini", "ps1", "clj"),
)


def lexers() -> list[type]:
    found = [find_lexer_class_for_filename(f"x.{ending}") for ending in ENDINGS]
    return list(dict.fromkeys(one for one in found if one is not None))


@pytest.mark.parametrize("lexer", lexers(), ids=lambda lexer: lexer.__name__)
def test_the_tokens_are_the_same(lexer: type) -> None:
    plain = lexer(stripnl=False, ensurenl=False)
    ours = lexing.lazy(lexer)(stripnl=False, ensurenl=False)
    for text in (*TEXTS, HERE.read_text("utf-8")[:3000]):
        assert list(ours.get_tokens(text)) == list(plain.get_tokens(text)), text


@pytest.mark.long
@pytest.mark.parametrize(
    "name", sorted({aliases[0] for _, aliases, _, _ in get_all_lexers(plugins=False) if aliases})
)
def test_the_tokens_of_every_lexer_are_the_same(name: str) -> None:
    plain = get_lexer_by_name(name, stripnl=False, ensurenl=False)
    ours = lexing.lazy(type(plain))(stripnl=False, ensurenl=False)
    for text in TEXTS:
        assert list(ours.get_tokens(text)) == list(plain.get_tokens(text)), text


PYTHON = find_lexer_class_for_filename("x.py")
PLAIN, OURS = (one(stripnl=False, ensurenl=False) for one in (PYTHON, lexing.lazy(PYTHON)))


@given(
    st.text(
        st.sampled_from("ab1_.\"'#@()[]{}:=\n\\ fé→ſK") | st.characters(exclude_categories=["Cs"])
    )
)
def test_any_text_has_the_same_tokens(text: str) -> None:
    assert list(OURS.get_tokens(text)) == list(PLAIN.get_tokens(text))


CLASSES = st.text(st.sampled_from("ab^-]\\é→ß[z"), min_size=1, max_size=8)


PARTS = CLASSES.map(lambda inner: f"[{inner}]") | st.sampled_from(["a", "é", "\\[", "(b|ß)", "+"])


@pytest.mark.filterwarnings("ignore:Possible:FutureWarning")
@given(st.lists(PARTS), st.text("ab^-]\\[z", max_size=6))
def test_shorter_classes_match_the_same_ascii(parts: list[str], text: str) -> None:
    expression = "".join(parts)
    try:
        plain = re.compile(expression)
    except re.error:
        return
    short = re.compile(lexing.without_other_letters(expression))
    ours, theirs = short.match(text), plain.match(text)
    assert (ours and ours.span()) == (theirs and theirs.span())


@pytest.mark.parametrize(
    ("expression", "short"),
    [
        ("[aé]", "[a]"),
        ("[a-zé-ß]x", "[a-z]x"),
        ("[^aé]", "[^a]"),
        ("[é]", "[é]"),
        ("[^é]", "[^é]"),
        ("[é^a]", "[é^a]"),
        ("[é[a]", "[é[a]"),
        ("[&é&]", "[&é&]"),
        ("[a-é]", "[a-é]"),
        (r"[a\é]", r"[a\é]"),
        (r"\[é]", r"\[é]"),
        ("é", "é"),
    ],
)
def test_a_class_is_shortened_only_if_it_means_the_same(expression: str, short: str) -> None:
    assert lexing.without_other_letters(expression) == short


def test_the_long_classes_become_short() -> None:
    from pygments import unistring

    name = f"[{unistring.xid_start}][{unistring.xid_continue}]*"
    assert len(name) > 3000
    assert len(lexing.without_other_letters(name)) < 40
