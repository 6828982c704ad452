// Tells errata about threads, prompts and edits, and gives the agent its lessons.
import { spawn } from "node:child_process"

export const description = "Tells errata about prompts and edits, and gives the agent its lessons"

const HOOKS = __HOOKS__
const TIMEOUT = __TIMEOUT__

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

export default function (amp) {
  const workspace = amp.system.workspaceRoot
  const cwd = workspace ? amp.helpers.filePathFromURI(workspace) : process.cwd()
  const begun = new Set()

  amp.on("agent.start", async (event) => {
    const who = { session_id: event.thread.id }
    const texts = []
    if (!begun.has(event.thread.id)) {
      begun.add(event.thread.id)
      texts.push((await send("SessionStart", cwd, who)).additional_context)
    }
    const prompt = { prompt: event.message, changes_workflow: event.changesWorkflow }
    texts.push((await send("UserPromptSubmit", cwd, { ...who, ...prompt })).additional_context)
    const content = texts.filter(Boolean).join("\n\n")
    return content ? { message: { content } } : {}
  })

  amp.on("tool.result", async (event) => {
    if (event.status !== "done") return
    const files = amp.helpers.filesModifiedByToolCall(event) ?? []
    for (const file of files) {
      const path = amp.helpers.filePathFromURI(file)
      const tool_input = files.length === 1 ? { ...event.input, path } : { path }
      await send("PostToolUse", cwd, { session_id: event.thread.id, tool_input })
    }
  })
}
