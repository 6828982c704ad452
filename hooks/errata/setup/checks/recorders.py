"""Records of other tools that errata cannot read."""

from __future__ import annotations

from collections.abc import Iterator

from errata.corrections.attribution.recorded_authors import TRACES, RecordedAuthors
from errata.setup.checks import Diagnostic, DoctorContext, count, note, shortened


def unreadable_records(context: DoctorContext) -> Iterator[Diagnostic]:
    """Notes of git-ai and Agent Trace records that are damaged, too long or of another version."""
    if context.repo.git_dir is None:
        return
    recorded = RecordedAuthors(context.repo)
    recorded.prefetch()
    if recorded.unreadable:
        shas = shortened([sha[:12] for sha in recorded.unreadable])
        yield note(f"{count(len(recorded.unreadable), 'unreadable git-ai note')} ignored: {shas}")
    if recorded.malformed_traces:
        yield note(f"{TRACES}: {count(recorded.malformed_traces, 'unreadable line')} ignored")
