"""From a person's commit to corrections: shared by capture and backfill."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from errata.core.config import Explicit
from errata.corrections.attribution.attributed_hunks import GITLINK, AttributedHunk
from errata.corrections.attribution.diff import FileDiff
from errata.corrections.classify import kinds
from errata.corrections.classify.evidence import Verdict, decides_without_tokens, score_evidence
from errata.corrections.classify.facts import AgentChange, Facts, measure, with_tokens
from errata.corrections.classify.instruction_comments import instructions
from errata.corrections.classify.substance import may_be_insubstantial
from errata.corrections.correction import Assessment, Correction, display_path
from errata.corrections.remark import Remark
from errata.corrections.substantial_hunks import NO_SOURCES, Sources, SubstantialHunks
from errata.provenance.commits import Commit
from errata.provenance.identity import Provenance

_EXPLICIT = Explicit()
_MANY_HUNKS = 100
"""With more hunks, looking first for those that matter costs less than measuring all."""


@dataclass(frozen=True, slots=True)
class Detector:
    """Decides which hunks of a commit correct an agent.

    Attributes:
        classify: who made a commit.
        changes: what a commit changed.
        in_window: whether an agent's commit is in the window before a person's commit.
        sources: where to read the files that changed.
        explicit: whether and how corrections in words are recorded.
        threshold: the score from which an edit counts; None for the learned one.
    """

    classify: Callable[[Commit], Provenance]
    changes: Callable[[Commit], AgentChange]
    in_window: Callable[[Commit, Commit], bool]
    sources: Sources = NO_SOURCES
    explicit: Explicit = _EXPLICIT
    threshold: float | None = None

    def can_correct(self, commit: Commit) -> bool:
        """Whether a commit can correct anything: it has one parent, and a person made it."""
        return len(commit.parents) == 1 and self.classify(commit).kind == "person"

    def corrections(
        self,
        person: Commit,
        files: Sequence[FileDiff],
        hunks: Sequence[AttributedHunk],
        generated: Container[bytes],
    ) -> Iterator[Correction]:
        """What a commit corrects: one correction for each agent whose lines it touches.

        Args:
            files: everything that the commit changes.
            hunks: those that may touch an agent's lines.
            generated: the old paths of ``hunks`` that a tool writes.
        """
        files = [diff for diff in files if diff.mode != GITLINK]
        hunks = [*_written(hunks, generated)]
        comments = {id(each.hunk): text for each in hunks if (text := _instructions(each))}
        if comments:
            yield from self._remarks(person, files, hunks, comments)
            hunks = [attributed for attributed in hunks if id(attributed.hunk) not in comments]
            files = [*_without_hunks(files, comments)]
        substantial = SubstantialHunks(person, files, self.sources)
        for agent_hunks in self._hunks_by_agent(person, hunks).values():
            correction = self._correction(person, files, agent_hunks, substantial)
            if correction is not None:
                yield correction

    def assess(
        self,
        person: Commit,
        files: Sequence[FileDiff],
        hunks: Sequence[AttributedHunk],
        generated: Container[bytes],
    ) -> Iterator[Assessment]:
        """What is looked at for each agent whose lines a commit touches.

        Takes what :meth:`corrections` takes, and measures also what it leaves out early.
        """
        files = [diff for diff in files if diff.mode != GITLINK]
        hunks = [each for each in _written(hunks, generated) if not _instructions(each)]
        substantial = SubstantialHunks(person, files, self.sources)
        for agent_hunks in self._hunks_by_agent(person, hunks).values():
            kept = substantial.select(agent_hunks)
            agent = _main_agent(_owners(kept or agent_hunks))
            provenance = self.classify(agent)
            if kept:
                _, facts, verdict = self._weigh(person, files, agent_hunks, kept)
                yield Assessment(agent, provenance, tuple(kept), facts, verdict)
            else:
                yield Assessment(agent, provenance)

    def _remarks(
        self,
        person: Commit,
        files: Sequence[FileDiff],
        hunks: Sequence[AttributedHunk],
        comments: Mapping[int, str],
    ) -> Iterator[Correction]:
        """The corrections in comments for an agent, on or beside its lines: one for each agent.

        Args:
            comments: id of a hunk that does nothing else -> the text of its comments.
        """
        commented = [attributed for attributed in hunks if id(attributed.hunk) in comments]
        for agent_hunks in self._hunks_by_agent(person, commented, beside=True).values():
            text = "\n".join(comments[id(attributed.hunk)] for attributed in agent_hunks)
            remark = Remark.of(text, self.explicit)
            if remark is None:
                continue
            counts = Counter(owner for each in agent_hunks for owner in each.all_owners())
            agent = _main_agent(counts)
            change = self.changes(agent)
            yield Correction(
                person,
                agent,
                self.classify(agent),
                tuple(agent_hunks),
                with_tokens(measure(person, agent, agent_hunks, files, change), agent_hunks),
                Verdict((), 0.0),
                remark.type,
                remark.pattern,
                remark=remark,
            )

    def _correction(
        self,
        person: Commit,
        files: Sequence[FileDiff],
        hunks: Sequence[AttributedHunk],
        substantial: SubstantialHunks,
    ) -> Correction | None:
        """The correction of one agent; None if the evidence does not suffice."""
        if len(hunks) < _MANY_HUNKS and not self._may_be_corrective(person, files, hunks):
            return None
        kept = substantial.select(hunks)
        if not kept:
            return None
        agent, facts, verdict = self._weigh(person, files, hunks, kept)
        if not verdict.corrective:
            return None
        message = person.ident.message
        return Correction(
            person,
            agent,
            self.classify(agent),
            tuple(kept),
            facts,
            verdict,
            kinds.type_of(message, facts, verdict),
            kinds.pattern_of(message),
            substantial.contents(kept),
        )

    def _may_be_corrective(
        self, person: Commit, files: Sequence[FileDiff], hunks: Sequence[AttributedHunk]
    ) -> bool:
        """Whether it is worth looking for hunks that mean nothing."""
        certain = [hunk for hunk in hunks if not may_be_insubstantial(hunk.hunk)]
        return self._is_corrective(person, files, hunks, hunks) or (
            len(certain) < len(hunks) and self._is_corrective(person, files, hunks, certain)
        )

    def _is_corrective(
        self,
        person: Commit,
        files: Sequence[FileDiff],
        hunks: Sequence[AttributedHunk],
        kept: Sequence[AttributedHunk],
    ) -> bool:
        if not kept:
            return False
        agent, facts = self._measure(person, files, hunks, kept)
        verdict = self._score(person, agent, facts, lexed=False)
        if not decides_without_tokens(verdict):
            verdict = self._score(person, agent, with_tokens(facts, kept))
        return verdict.corrective

    def _weigh(
        self,
        person: Commit,
        files: Sequence[FileDiff],
        hunks: Sequence[AttributedHunk],
        kept: Sequence[AttributedHunk],
    ) -> tuple[Commit, Facts, Verdict]:
        """The agent's commit, the facts and the verdict, as if only ``kept`` touched the agent."""
        agent, facts = self._measure(person, files, hunks, kept)
        facts = with_tokens(facts, kept)
        return agent, facts, self._score(person, agent, facts)

    def _score(self, person: Commit, agent: Commit, facts: Facts, *, lexed: bool = True) -> Verdict:
        message = agent.ident.message if agent.sha else ""
        verdict = score_evidence(person.ident.message, facts, message, lexed=lexed)
        return verdict if self.threshold is None else replace(verdict, threshold=self.threshold)

    def _measure(
        self,
        person: Commit,
        files: Sequence[FileDiff],
        hunks: Sequence[AttributedHunk],
        kept: Sequence[AttributedHunk],
    ) -> tuple[Commit, Facts]:
        agent = _main_agent(_owners(kept))
        dropped = {id(hunk.hunk) for hunk in hunks} - {id(hunk.hunk) for hunk in kept}
        if dropped:
            files = [*_without_hunks(files, dropped)]
        return agent, measure(person, agent, kept, files, self.changes(agent))

    def _hunks_by_agent(
        self, person: Commit, hunks: Sequence[AttributedHunk], *, beside: bool = False
    ) -> Mapping[str, list[AttributedHunk]]:
        """The hunks that touch an agent's lines, by the agent's name, with only its lines owned.

        Args:
            beside: also those that only stand beside the agent's lines.
        """
        by_agent: dict[str, list[AttributedHunk]] = {}
        for attributed in hunks:
            # The key holds the writer, too: a mixed commit has lines of several.
            names = {
                owner: self.classify(owner).name
                for owner in attributed.all_owners()
                if self._can_be_corrected(owner, person)
            }
            for name in sorted(set(names.values()) - {""}):
                of_agent = attributed.keep_owners({o for o, n in names.items() if n == name})
                owners = of_agent.all_owners() if beside else of_agent.corrected_owners()
                if any(owner is not None for owner in owners):
                    by_agent.setdefault(name, []).append(of_agent)
        return by_agent

    def _can_be_corrected(self, owner: Commit, person: Commit) -> bool:
        """Whether the owner of a line is an agent's commit in the window."""
        return self.classify(owner).kind == "agent" and self.in_window(owner, person)


def _written(
    hunks: Sequence[AttributedHunk], generated: Container[bytes]
) -> Iterator[AttributedHunk]:
    """The hunks in files that somebody writes."""
    for attributed in hunks:
        path = attributed.diff.old_path
        if path is not None and attributed.diff.mode != GITLINK and path not in generated:
            yield attributed


def _owners(hunks: Sequence[AttributedHunk]) -> Counter[Commit]:
    return Counter(owner for hunk in hunks for owner in hunk.corrected_owners() if owner)


def _main_agent(counts: Counter[Commit]) -> Commit:
    """The most frequent commit; of equals the newest, then by id: always the same one."""
    return max(counts, key=lambda commit: (counts[commit], commit.author_time, commit.sha))


def _instructions(attributed: AttributedHunk) -> str:
    return instructions(display_path(attributed.diff), attributed.hunk)


def _without_hunks(files: Sequence[FileDiff], dropped: Container[int]) -> Iterator[FileDiff]:
    """The files without some hunks, by id; without the files that have no others."""
    for diff in files:
        hunks = [hunk for hunk in diff.hunks if id(hunk) not in dropped]
        if hunks or not diff.hunks:
            yield replace(diff, hunks=hunks)
