"""Generated configurations as people write them: odd indentation, comments, quoting, endings."""

from __future__ import annotations

from hypothesis import strategies as st

COMMENTS = st.sampled_from(["", "", "  # why", "  # - id: errata-x", " # 'quoted"])
_LINES = st.lists(st.sampled_from(["", "# a note", "# - repo: x", "  # far"]), max_size=2)
WORDS = st.sampled_from(["black", "'a b'", '"x: y"', "https://example.org/x", "1.2", "~"])
_STAGES = ["pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "pre-push", "manual"]


@st.composite
def hook(draw: st.DrawFn, pad: int, column: int) -> list[str]:
    """One hook of a repository, as lines."""
    inner = " " * (column + 1 + pad)
    lines = [f"{' ' * column}-{' ' * pad}id: {draw(WORDS)}{draw(COMMENTS)}"]
    if draw(st.booleans()):
        lines.append(f"{inner}args: [--fix, '{draw(st.sampled_from(['a,b', '#', '[x]']))}']")
    if draw(st.booleans()):
        lines += [f"{inner}exclude: |", f"{inner}  ^x/ # no comment", f"{inner}  ^y$"]
    if draw(st.booleans()):
        lines += [f"{inner}files: >-", f"{inner}  a", "", f"{inner}  b"]
    return lines


@st.composite
def repository(draw: st.DrawFn, pad: int, column: int, nest: int) -> list[str]:
    """One item of ``repos``, as lines."""
    if draw(st.integers(0, 7)) == 0:
        start = f"{' ' * column}-{' ' * pad}"
        return [f"{start}{{repo: local, hooks: [{{id: a, name: 'b, c'}}]}}{draw(COMMENTS)}"]
    inner = column + 1 + pad
    lines = [f"{' ' * column}-{' ' * pad}repo: {draw(WORDS)}{draw(COMMENTS)}"]
    lines += [f"{' ' * inner}rev: {draw(WORDS)}", f"{' ' * inner}hooks:{draw(COMMENTS)}"]
    for one in draw(st.lists(hook(pad, inner + nest), min_size=1, max_size=2)):
        lines += one
    if draw(st.booleans()):
        lines.append(f"{' ' * inner}# below the hooks")
    return lines


@st.composite
def types(draw: st.DrawFn) -> list[str]:
    """``default_install_hook_types``, as lines."""
    names = draw(st.lists(st.sampled_from(_STAGES), unique=True, max_size=4))
    tail = draw(COMMENTS)
    style = draw(st.sampled_from(["flow", "lines", "block"]))
    if style == "block" and names:
        column = draw(st.sampled_from([0, 2, 4]))
        return [
            f"default_install_hook_types:{tail}",
            *(f"{' ' * column}- {name}{draw(COMMENTS)}" for name in names),
        ]
    comma = "," if names and draw(st.booleans()) else ""
    if style == "lines" and names:
        body = [f"  {name}," for name in names[:-1]] + [f"  {names[-1]}{comma}{tail}"]
        return ["default_install_hook_types: [", *body, "]"]
    return [f"default_install_hook_types: [{', '.join(names)}{comma}]{tail}"]


@st.composite
def configuration(draw: st.DrawFn) -> bytes:
    """A whole ``.pre-commit-config.yaml``."""
    column, pad = draw(st.sampled_from([0, 2, 4])), draw(st.sampled_from([1, 3]))
    nest = draw(st.sampled_from([0, 2, 4]))
    parts = []
    if draw(st.booleans()):
        parts.append([f"fail_fast: true{draw(COMMENTS)}"])
    if draw(st.booleans()):
        parts.append(draw(types()))
    found = draw(st.lists(repository(pad, column, nest), max_size=3))
    repos = [f"repos:{draw(COMMENTS)}"] if found else [f"repos: []{draw(COMMENTS)}"]
    for one in found:
        repos += [*one, *draw(_LINES)]
    parts.append(repos)
    if draw(st.booleans()):
        parts.append(["exclude: ^vendor/", "ci: {skip: [x]}"])
    parts = draw(st.permutations(parts))
    lines = draw(st.sampled_from([[], ["---"], ["# head", ""], ["# head"]]))
    for part in parts:
        lines = [*lines, *part, *draw(_LINES)]
    return finished(draw, lines)


def finished(draw: st.DrawFn, lines: list[str]) -> bytes:
    """Lines with one kind of line ending, the last perhaps without, perhaps with a mark first."""
    ending = draw(st.sampled_from(["\n", "\r\n"]))
    text = ending.join(lines) + draw(st.sampled_from([ending, ending, "", ending * 2]))
    return (draw(st.sampled_from(["", "", "", "\ufeff"])) + text).encode()


@st.composite
def lefthook(draw: st.DrawFn) -> bytes:
    """A whole ``lefthook.yml``."""
    step = draw(st.sampled_from([2, 4]))
    lines = draw(st.sampled_from([[], ["# head"], ["min_version: 1.1.1"]]))
    stages = draw(st.lists(st.sampled_from(_STAGES), unique=True, max_size=3))
    for stage in stages:
        lines = [*lines, f"{stage}:{draw(COMMENTS)}"]
        if draw(st.booleans()):
            lines.append(f"{' ' * step}parallel: true")
        style = draw(st.sampled_from(["commands", "jobs", "flow", "scripts"]))
        if style == "flow":
            lines.append(f"{' ' * step}commands: {{lint: {{run: 'x # y'}}}}{draw(COMMENTS)}")
        elif style == "jobs":
            lines += [f"{' ' * step}jobs:", f"{' ' * step}- run: make{draw(COMMENTS)}"]
        else:
            lines += [f"{' ' * step}{style}:", f"{' ' * step * 2}lint:"]
            lines.append(f"{' ' * step * 3}run: npx eslint {{staged_files}}{draw(COMMENTS)}")
        lines += draw(_LINES)
    return finished(draw, lines)
