"""Who makes the commit that git is making: a person, or which agent.

The environment names the agent's tool. What the tool reported about its commands says more: which
sub-agent runs the command, or that no agent does, so that a person typed it at the agent's own
prompt.
"""

from __future__ import annotations

import time

from errata.provenance import environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from errata.core.git import Repository
    from errata.provenance.environment import Agent
    from errata.state.running_commands import Running


def who_commits(env: Mapping[str, str], find: Callable[[], Repository]) -> Agent | None:
    """The agent that runs this process, or None for a person.

    Args:
        find: the repository; called only if an agent's tool runs.
    """
    agent = environment.at_keyboard(env)
    if agent is None or not agent.tool:
        return agent
    from errata.core.errors import ErrataError
    from errata.state import running_commands

    try:
        repo = find()
        if not agent.session:
            # Some tools' shells have no session id.
            sessions = running_commands.sessions(repo, agent.tool)
            agent.session = sessions.pop() if len(sessions) == 1 else ""
        running = running_commands.of_session(repo, agent.tool, agent.session)
        now = time.time_ns() // 1000
        commands = {
            call: row for call, row in running.items() if running_commands.may_commit(row, now)
        }
        if not commands and _tells_of_commands(env, repo, agent):
            return None
    except ErrataError:
        # The environment alone has to do.
        return agent
    if not agent.role:
        name = _runner(commands, environment.tool_variable(env, agent.tool, "call"))
        agent.role = "" if name == agent.tool else name
    return agent


def _tells_of_commands(env: Mapping[str, str], repo: Repository, agent: Agent) -> bool:
    """Whether the tool would have told of a command of its agent."""
    from errata.state import agent_sessions

    if environment.tool_variable(env, agent.tool, "hook"):
        return False
    session = agent_sessions.find(repo, agent.tool, agent.session)
    return session is not None and session.tells_of_commands


def _runner(commands: Mapping[str, Running], call: str) -> str:
    """The agent that runs the command; "" if it is not certain."""
    if call in commands:
        return commands[call].agent
    committing = {row.agent for row in commands.values() if row.commits}
    agents = committing or {row.agent for row in commands.values()}
    return agents.pop() if len(agents) == 1 else ""


def role_by_edits(repo: Repository, agent: Agent, staged: Callable[[], Iterable[str]]) -> str:
    """The role whose edits in the agent's session are all that is staged of edits; else "".

    Args:
        staged: the paths of the staged files; called only if a role edited a file.
    """
    from errata.state import agent_edits

    writers = agent_edits.writers(repo, agent.tool, agent.session) if agent.session else {}
    if all(names <= {agent.tool} for names in writers.values()):
        return ""
    names = set().union(*(writers.get(path, ()) for path in staged()))
    name = names.pop() if len(names) == 1 else ""
    return "" if name == agent.tool else name
