"""All checks, in the order in which a person would fix the problems."""

from __future__ import annotations

from errata.setup.checks import (
    Check,
    Diagnostic,
    DoctorContext,
    agent_versions,
    agents,
    clocks,
    colleagues,
    dialects,
    hooks,
    logs,
    programs,
    readers,
    recorders,
    repeated,
    run_check,
    runbooks,
    unknown_agents,
)

CHECKS: tuple[Check, ...] = (
    programs.work_tree,
    programs.settings,
    programs.readable_manifest,
    programs.on_path,
    programs.manager_program,
    programs.hook_managers,
    hooks.hooks_path,
    hooks.git_hooks,
    hooks.duplicate_hooks,
    repeated.repeated_hooks,
    colleagues.hooks_without_fallback,
    colleagues.versions,
    hooks.merge_attributes,
    hooks.merge_driver,
    hooks.noted_folder,
    agents.agent_files,
    agent_versions.codex_trust,
    agent_versions.untried_versions,
    repeated.repeated_agent_hooks,
    agents.skill_faults,
    agents.shared_runbook,
    logs.writable_logs,
    logs.uncommitted,
    colleagues.untracked_files,
    logs.state_folder,
    logs.conflict_markers,
    dialects.dialect_of_logs,
    dialects.logs_elsewhere,
    logs.damaged_lines,
    logs.damaged_counts,
    runbooks.blocks,
    readers.unread_runbooks,
    clocks.clocks,
    unknown_agents.unknown_agents,
    recorders.unreadable_records,
    logs.torn_lines,
    logs.removed_records,
    logs.unflushed_corrections,
    logs.retry_queue_entries,
    programs.errors_of_hooks,
)


def examine(context: DoctorContext) -> list[Diagnostic]:
    """All problems and notes, without duplicates."""
    results = (run_check(check, context) for check in CHECKS)
    return list(dict.fromkeys(diagnostic for result in results for diagnostic in result))
