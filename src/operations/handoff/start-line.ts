import { isAgent } from "../../domain/agent-name.ts"
import { shellQuote, singleQuote } from "../../domain/shell-quote.ts"

/** How an agent is started with a first prompt, and its window kept open: the agents' own documentation. */
const starters: Readonly<Record<string, (prompt: string, folder: string) => string>> = {
  "claude-code": (prompt) => `claude ${prompt}`,
  codex: (prompt) => `codex ${prompt}`,
  // these two read no file outside their folders otherwise
  gemini: (prompt, folder) => `gemini --include-directories ${folder} -i ${prompt}`,
  qwen: (prompt, folder) => `qwen --include-directories ${folder} -i ${prompt}`,
  opencode: (prompt) => `opencode --prompt ${prompt}`,
  copilot: (prompt, folder) => `copilot --add-dir ${folder} -i ${prompt}`,
}

export const startableAgents = Object.keys(starters)

/** The agent's own name for what was typed; null for any other. */
export function startableAgent(typed: string): string | null {
  return startableAgents.find((agent) => isAgent(typed, agent)) ?? null
}

/** The line that starts the agent in that folder and has it read the file first. */
export function startLine(agent: string, file: string, cwd: string): string {
  const folder = file.slice(0, file.lastIndexOf("/"))
  const prompt = singleQuote(`Read ${file} and go on from there.`)
  const start = starters[agent]
  if (start === undefined) throw new Error(`no way is known to start ${agent}`)
  return `cd ${shellQuote(cwd)} && ${start(prompt, shellQuote(folder))}`
}
