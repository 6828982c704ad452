"""All checks, in the order in which a person would fix the problems."""

from __future__ import annotations

from errata.setup.checks import (
    Check,
    Diagnostic,
    DoctorContext,
    agents,
    clocks,
    dialects,
    hooks,
    logs,
    programs,
    recorders,
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
    hooks.merge_attributes,
    hooks.merge_driver,
    hooks.noted_folder,
    agents.agent_files,
    agents.skill_faults,
    agents.shared_runbook,
    logs.writable_logs,
    logs.uncommitted,
    logs.state_folder,
    logs.conflict_markers,
    dialects.dialect_of_logs,
    dialects.logs_elsewhere,
    logs.damaged_lines,
    runbooks.blocks,
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
