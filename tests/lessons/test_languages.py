"""What edits are called in each language: imports, calls, comments, conditions, errors, tests."""

from __future__ import annotations

import pytest

from errata.lessons.describe import describe
from errata.lessons.description import EditedFile
from errata.lessons.hunks import hunks_of

GO = 'package a\n\nimport "net/http"\n\nfunc run() {{\n{}}}\n'
RUST = "fn run() {{\n{}}}\n"
JAVA = "class A {{\n  void run() {{\n{}  }}\n}}\n"
RUBY = "def run\n{}end\n"
C = "int run() {{\n{}}}\n"
PLAIN = "{}"

CASES = [
    # Python
    ("a.py", PLAIN, "import os\nf(1)\n", "f(1)\n", "import-removed os"),
    ("a.py", PLAIN, "from a import b, c\n", "from a import b\n", "import-removed a.c"),
    ("a.py", PLAIN, "print(a)\nf(a)\n", "f(a)\n", "debug-output-removed print"),
    (
        "a.py",
        PLAIN,
        "logger.info(a, b)\n",
        "logger.debug(a, b)\n",
        "callee-changed logger.info → logger.debug",
    ),
    (
        "a.py",
        PLAIN,
        "subprocess.run(a)\n",
        "subprocess.run(a, check=True)\n",
        "argument-added subprocess.run(check=)",
    ),
    (
        "a.py",
        PLAIN,
        "try:\n    f(a)\nexcept:\n    g()\n",
        "try:\n    f(a)\nexcept OSError:\n    g()\n",
        "except-narrowed all → OSError",
    ),
    (
        "a.py",
        PLAIN,
        "raise Exception(a)\n",
        "raise TypeError(a)\n",
        "exception-changed Exception → TypeError",
    ),
    (
        "a.py",
        PLAIN,
        "def f(a):\n    return a.b\n",
        "def f(a):\n    if a is None:\n        return None\n    return a.b\n",
        "guard-added null check",
    ),
    (
        "a.py",
        PLAIN,
        "def test_a():\n    assert f(1) == 2\n",
        "def test_a():\n    assert f(1) == 3\n",
        "expected-value-changed",
    ),
    (
        "a.py",
        PLAIN,
        "def f(a: List[int]): ...\n",
        "def f(a: list[int]): ...\n",
        "type-changed List[int] → list[int]",
    ),
    ("a.py", PLAIN, "LIMIT = 10\n", "LIMIT = 20\n", "constant-changed LIMIT"),
    ("a.py", PLAIN, "f(a)\n# x = g(a)\n", "f(a)\n", "commented-out-code-removed"),
    # JavaScript and TypeScript
    ("a.js", PLAIN, 'const a = require("./b");\nf(a);\n', "f(a);\n", "import-removed ./b"),
    ("a.js", PLAIN, "f(a);\nconsole.log(a);\n", "f(a);\n", "debug-output-removed console.log"),
    ("a.js", PLAIN, "var a = f();\n// TODO: b\n", "var a = f();\n", "todo-removed"),
    ("a.ts", PLAIN, 'import { a } from "x";\n', 'import { a } from "y";\n', "import-changed x → y"),
    (
        "a.ts",
        PLAIN,
        "fetchAll(a, { limit: 1 });\n",
        "fetchAll(a, { limit: 1, signal: b });\n",
        "argument-added fetchAll(signal=)",
    ),
    ("a.ts", PLAIN, "try { f(a); } catch (e) { g(e); }\n", "f(a);\n", "try-removed"),
    (
        "a.ts",
        PLAIN,
        "throw new Error(a);\n",
        "throw new UserInputError(a);\n",
        "exception-changed Error → UserInputError",
    ),
    ("a.ts", PLAIN, "const a: any = b;\n", "const a: string = b;\n", "type-changed any → string"),
    ("a.ts", PLAIN, "if (a === b) { f(); }\n", "if (a !== b) { f(); }\n", "condition-inverted"),
    (
        "a.test.ts",
        PLAIN,
        "expect(f(1)).toBe(2);\n",
        "expect(f(1)).toBe(3);\n",
        "expected-value-changed",
    ),
    ("a.test.ts", PLAIN, 'it("b", () => { f(); });\ng();\n', "g();\n", "test-removed"),
    (
        "a.tsx",
        PLAIN,
        "const a = <img src={b} />;\n",
        'const a = <img src={b} alt="c" />;\n',
        "attribute-added img(alt=)",
    ),
    (
        "a.tsx",
        PLAIN,
        "const a = <div>b</div>;\n",
        "const a = <section>b</section>;\n",
        "element-changed div → section",
    ),
    # Go
    (
        "a.go",
        PLAIN,
        'package a\n\nimport (\n\t"fmt"\n\t"os"\n)\n',
        'package a\n\nimport (\n\t"os"\n)\n',
        "import-removed fmt",
    ),
    ("a.go", GO, "\tfmt.Println(a)\n\tf(a)\n", "\tf(a)\n", "debug-output-removed fmt.Println"),
    (
        "a.go",
        GO,
        "\tx := f(a)\n",
        "\tx := f(a)\n\tif x == nil {\n\t\treturn\n\t}\n",
        "guard-added null check",
    ),
    ("a.go", GO, "\tf := open(a)\n", "\tf := open(a)\n\tdefer f.Close()\n", "defer-added .Close"),
    ("a.go", GO, "\t// Add one.\n\ta++\n", "\ta++\n", "comment-removed"),
    (
        "a.go",
        GO,
        '\terr = errors.New("bad")\n',
        '\terr = errors.New("bad limit")\n',
        "error-message-changed",
    ),
    (
        "a_test.go",
        GO,
        "\tassert.Equal(t, 1, f())\n",
        "\tassert.Equal(t, 2, f())\n",
        "expected-value-changed",
    ),
    (
        "a.go",
        GO,
        "\tc := http.Client{}\n",
        "\tc := http.Client{Timeout: t}\n",
        "argument-added http.Client(Timeout=)",
    ),
    # Rust
    ("a.rs", PLAIN, "use std::fs;\nfn a() {}\n", "fn a() {}\n", "import-removed std::fs"),
    (
        "a.rs",
        RUST,
        '    println!("{}", a);\n    f(a);\n',
        "    f(a);\n",
        "debug-output-removed println",
    ),
    ("a.rs", RUST, "    // Add one.\n    a += 1;\n", "    a += 1;\n", "comment-removed"),
    (
        "a.rs",
        RUST,
        "    let a = load(b);\n",
        "    let a = load_all(b);\n",
        "callee-changed load → load_all",
    ),
    (
        "a.rs",
        RUST,
        "    assert_eq!(f(1), 2);\n    g();\n",
        "    g();\n",
        "assertion-removed assert_eq",
    ),
    # Java and C#
    (
        "A.java",
        PLAIN,
        "import java.util.List;\nclass A {}\n",
        "class A {}\n",
        "import-removed java.util.List",
    ),
    (
        "A.java",
        JAVA,
        "    System.out.println(a);\n    f(a);\n",
        "    f(a);\n",
        "debug-output-removed System.out.println",
    ),
    (
        "A.java",
        JAVA,
        "    throw new Exception(a);\n",
        "    throw new IOException(a);\n",
        "exception-changed Exception → IOException",
    ),
    (
        "A.java",
        JAVA,
        "    f(a);\n",
        "    try {\n      f(a);\n    } catch (IOException e) { g(); }\n",
        "try-added",
    ),
    (
        "A.java",
        JAVA,
        "    if (a == null) {\n      return;\n    }\n    f(a);\n",
        "    f(a);\n",
        "guard-removed null check",
    ),
    (
        "A.cs",
        PLAIN,
        "using System.Linq;\nclass A {}\n",
        "class A {}\n",
        "import-removed System.Linq",
    ),
    (
        "A.cs",
        JAVA,
        "    Console.WriteLine(a);\n    F(a);\n",
        "    F(a);\n",
        "debug-output-removed Console.WriteLine",
    ),
    (
        "A.cs",
        JAVA,
        "    try { F(a); } catch (Exception e) { G(); }\n",
        "    try { F(a); } catch (IOException e) { G(); }\n",
        "except-narrowed Exception → IOException",
    ),
    ("A.cs", JAVA, "    // Add one.\n    a++;\n", "    a++;\n", "comment-removed"),
    # Ruby
    ("a.rb", PLAIN, 'require "json"\nf(a)\n', "f(a)\n", "import-removed json"),
    ("a.rb", RUBY, "  puts a\n  audit(a)\n", "  audit(a)\n", "debug-output-removed puts"),
    ("a.rb", RUBY, "  # Adds one.\n  a += 1\n", "  a += 1\n", "comment-removed"),
    (
        "a.rb",
        RUBY,
        "  begin\n    f(a)\n  rescue => e\n    g(e)\n  end\n",
        "  f(a)\n",
        "try-removed",
    ),
    (
        "a.rb",
        RUBY,
        "  load_all(a, b)\n",
        "  load_some(a, b)\n",
        "callee-changed load_all → load_some",
    ),
    # C and C++
    ("a.c", PLAIN, "#include <stdio.h>\nint a;\n", "int a;\n", "import-removed stdio.h"),
    ("a.c", C, '  printf("a");\n  f(a);\n', "  f(a);\n", "debug-output-removed printf"),
    (
        "a.c",
        C,
        "  x = a->b;\n",
        "  if (a == NULL) {\n    return 1;\n  }\n  x = a->b;\n",
        "guard-added null check",
    ),
    ("a.c", PLAIN, "#define LIMIT 10\n", "#define LIMIT 20\n", "constant-changed LIMIT"),
    ("a.cpp", C, "  try { f(a); } catch (...) { g(); }\n", "  f(a);\n", "try-removed"),
    ("a.cpp", C, "  // Add one.\n  a++;\n", "  a++;\n", "comment-removed"),
    (
        "a.cpp",
        C,
        "  auto p = std::make_unique(a);\n",
        "  auto p = std::make_shared(a);\n",
        "callee-changed std::make_unique → std::make_shared",
    ),
    # Shell
    ("a.sh", PLAIN, "set -e\nsudo rm a\n", "set -e\n", "call-removed sudo"),
    ("a.sh", PLAIN, "# Say it.\nmake b\n", "make b\n", "comment-removed"),
    ("a.sh", PLAIN, "LIMIT=1\n", "LIMIT=2\n", "constant-changed LIMIT"),
    # Documents, styles and configuration
    (
        "a.html",
        PLAIN,
        "<button>Click here to save now</button>\n",
        "<button>Click to save</button>\n",
        "text-reworded",
    ),
    ("a.vue", PLAIN, '<img src="a">\n', '<img src="a" alt="b">\n', "attribute-added img(alt=)"),
    ("a.html", PLAIN, "<!-- Old. -->\n<p>a</p>\n", "<p>a</p>\n", "comment-removed"),
    (
        "a.css",
        PLAIN,
        "a {\n  margin: 0;\n}\n",
        "a {\n  margin: 1px;\n}\n",
        "style-value-changed margin",
    ),
    (
        "a.yml",
        PLAIN,
        "on:\n  push:\n    tags: a\n",
        "on:\n  push:\n    tags: b\n",
        "config-value-changed on.push.tags",
    ),
    ("a.yml", PLAIN, "a: 1 # old\n", "a: 1\n", "comment-removed"),
    ("a.json", PLAIN, '{"a": {"b": 1}}\n', '{"a": {"b": 2}}\n', "config-value-changed a.b"),
    (
        "a.json",
        PLAIN,
        '{\n"dependencies": {\n"a": 1,\n"b": 2\n}\n}\n',
        '{\n"dependencies": {\n"a": 1\n}\n}\n',
        "config-key-removed dependencies.b",
    ),
    (
        "a.toml",
        PLAIN,
        "[tool.x]\nlimit = 1\n",
        "[tool.x]\nlimit = 2\n",
        "config-value-changed tool.x.limit",
    ),
    (".env", PLAIN, "LOG_LEVEL=INFO\n", "LOG_LEVEL=DEBUG\n", "config-value-changed LOG_LEVEL"),
    # By tokens, and with a broken parse
    ("a.lua", PLAIN, "-- Adds one.\na = a + 1\n", "a = a + 1\n", "comment-removed"),
    ("a.lua", PLAIN, "audit(a)\nf(a)\n", "f(a)\n", "call-removed audit"),
    ("a.ex", PLAIN, "# Adds one.\na = a + 1\n", "a = a + 1\n", "comment-removed"),
    ("a.py", PLAIN, "def def (\n# Adds one.\na += 1\n", "def def (\na += 1\n", "comment-removed"),
    ("a.js", PLAIN, "}}} {{{ (\n// Adds one.\na += 1\n", "}}} {{{ (\na += 1\n", "comment-removed"),
]


@pytest.mark.parametrize(("file", "frame", "before", "after", "fact"), CASES)
def test_edit_gives_the_fact(file: str, frame: str, before: str, after: str, fact: str) -> None:
    old, new = frame.format(before), frame.format(after)
    assert fact in describe([EditedFile(file, old, new, hunks_of(old, new))]).edits


def test_parameters_are_no_names() -> None:
    frame = "package a\n\nfunc run(oldPrefix, newPrefix string) error {{\n{}}}\n"
    old = frame.format("\tload(oldPrefix)\n")
    new = frame.format("\tload(oldPrefix)\n\tsaveAll(newPrefix, types.IssueType)\n")
    edits = describe([EditedFile("a.go", old, new, hunks_of(old, new))]).edits
    assert edits == ("call-added saveAll", "name-added saveAll", "name-added types.IssueType")
