"""What is read of a file of rules."""

from __future__ import annotations

from errata.checks.rule_file import read


def test_names_that_a_file_must_contain() -> None:
    """Those of patterns that must all match; alternatives and metavariables name nothing."""

    def needs(rule: str) -> list[str]:
        return read(f"id: a\nlanguage: Python\nrule:\n{rule}".encode())[0]["needs"]

    assert needs("  pattern: old_1($A, key=$$$REST)") == ["key", "old_1"]
    assert needs("  all:\n  - pattern: f($$$)\n  - not: {pattern: g()}") == ["f"]
    assert needs("  any:\n  - pattern: f()\n  - pattern: g()") == []
    assert needs("  regex: f") == []
    assert needs("  pattern: {context: f(), selector: call}") == []
