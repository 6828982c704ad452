// Tells errata about sessions, prompts and edits, and gives the agent its lessons.
import { spawn } from "node:child_process"
import { readFile } from "node:fs/promises"

const HOOKS = __HOOKS__
const BEFORE = /^(?:__BEFORE__)$/
const AFTER = /^(?:__AFTER__)$/
const TIMEOUT = __TIMEOUT__
const BUILT_IN = ["build", "plan"]

// Runs a hook with an event on its standard input, and returns its answer, which may be {}.
function send(name, cwd, event) {
  if (!(name in HOOKS)) return Promise.resolve({})
  return new Promise((resolve) => {
    const hook = spawn("sh", ["-c", HOOKS[name]], { cwd, stdio: ["pipe", "pipe", "ignore"] })
    const timer = setTimeout(() => hook.kill(), TIMEOUT)
    let text = ""
    const end = () => {
      clearTimeout(timer)
      try {
        resolve(JSON.parse(text))
      } catch {
        resolve({})
      }
    }
    hook.on("error", end)
    hook.on("close", end)
    hook.stdin.on("error", () => {})
    hook.stdout.on("data", (part) => (text += part))
    hook.stdin.end(JSON.stringify({ hook_event_name: name, cwd, ...event }))
  })
}

export const Errata = async ({ client, directory }) => {
  const sessions = new Map()
  const calls = new Map()
  const commands = new Set()

  // The session, which has begun. A sub-agent's session has a parent.
  async function begun(id, agent) {
    if (sessions.has(id)) return sessions.get(id)
    const info = await client.session.get({ path: { id } }).then((got) => got.data, () => undefined)
    const parent = info?.parentID
    const known = parent || !BUILT_IN.includes(agent)
    const session = { lessons: "", hint: "", who: { session_id: id } }
    if (known && agent) session.who.agent_type = agent
    if (parent) session.who.parent_id = parent
    sessions.set(id, session)
    const answer = await send(parent ? "SubagentStart" : "SessionStart", directory, session.who)
    session.lessons = answer.additional_context ?? ""
    return session
  }

  return {
    "command.execute.before": async ({ sessionID }) => {
      commands.add(sessionID)
    },

    "chat.message": async ({ sessionID, agent }, { message, parts }) => {
      const session = await begun(sessionID, agent ?? message?.agent)
      const typed = !commands.delete(sessionID) && !session.who.parent_id
      const texts = parts.filter((part) => part.type === "text" && !part.synthetic)
      if (!typed || !texts.length) return
      // `opencode run` puts words with spaces in quotation marks.
      const prompt = texts.map((part) => part.text.replace(/^"([^"]*)"$/, "$1")).join("\n")
      const answer = await send("UserPromptSubmit", directory, { ...session.who, prompt })
      session.hint = answer.additional_context ?? ""
    },

    "experimental.chat.system.transform": async ({ sessionID }, { system }) => {
      const session = sessions.get(sessionID)
      for (const text of [session?.lessons, session?.hint]) if (text) system.push(text)
    },

    "tool.execute.before": async ({ tool, sessionID, callID }, { args }) => {
      const file = AFTER.test(tool) && args?.filePath
      calls.set(callID, file ? await readFile(file, "utf8").catch(() => "") : undefined)
      if (!BEFORE.test(tool)) return
      const event = { tool_name: tool, tool_input: args, tool_use_id: callID }
      const who = sessions.get(sessionID)?.who ?? { session_id: sessionID }
      await send("PreToolUse", directory, { ...who, ...event })
    },

    "tool.execute.after": async ({ tool, sessionID, callID, args }, result) => {
      const original = calls.get(callID)
      calls.delete(callID)
      if (!AFTER.test(tool)) return
      const event = { tool_name: tool, tool_input: args, tool_use_id: callID, original }
      const who = sessions.get(sessionID)?.who ?? { session_id: sessionID }
      const answer = await send("PostToolUse", directory, { ...who, ...event })
      if (answer.additional_context) result.output += `\n\n${answer.additional_context}`
    },

    // A command that no tool runs is a person's: `!` in the prompt, or the terminal.
    "shell.env": async ({ sessionID, callID }, { env }) => {
      const who = sessions.get(sessionID)?.who
      if (!calls.has(callID)) env.ERRATA_AGENT = "0"
      else if (who?.agent_type && !process.env.ERRATA_AGENT) env.ERRATA_AGENT = who.agent_type
      if (sessionID) env.OPENCODE_SESSION_ID = sessionID
    },

    event: async ({ event }) => {
      if (event.type !== "session.deleted") return
      const id = event.properties?.info?.id ?? event.properties?.sessionID
      sessions.delete(id)
      await send("SessionEnd", directory, { session_id: id })
    },
  }
}
