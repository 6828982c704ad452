"""All checks, in the order in which a person would mend what they find."""

from __future__ import annotations

from errata.setup.checks import (
    Case,
    Check,
    Found,
    agents,
    clocks,
    dialects,
    hooks,
    logs,
    programs,
    runbooks,
    safely,
    strangers,
)

CHECKS: tuple[Check, ...] = (
    programs.work_tree,
    programs.settings,
    programs.receipt_of_init,
    programs.on_path,
    programs.manager_program,
    programs.hook_managers,
    hooks.hooks_path,
    hooks.git_hooks,
    hooks.twice,
    hooks.merge_attributes,
    hooks.merge_driver,
    agents.agent_files,
    agents.skill_faults,
    logs.writable_logs,
    logs.state_folder,
    logs.conflict_markers,
    dialects.dialect_of_logs,
    dialects.logs_elsewhere,
    logs.damaged_lines,
    runbooks.blocks,
    clocks.clocks,
    strangers.unknown_agents,
    logs.torn_lines,
    logs.waiting_corrections,
    logs.deferred_commits,
    programs.errors_of_hooks,
)


def examine(case: Case) -> list[Found]:
    """Everything that is wrong or worth knowing; each thing once."""
    return list(dict.fromkeys(one for check in CHECKS for one in safely(check, case)))
