/** Sessions in which everything was said that somebody may look for, and the compiled binary to ask about them. */
import { dirname, join } from "node:path"
import { type Answer, Machine } from "../fixtures/machine.ts"
import { assistant, record, sessionId, type Talk, toolResult, user } from "../fixtures/talk/conversation.ts"

export const hour = 3_600_000

export class Talks extends Machine {
  readonly pending = join(this.data, "sessions-export-pending-anthropic")
  readonly archive = join(this.data, "sessions-export-archive-anthropic")
  readonly database = join(this.data, "context-storage/session-rescue.db")

  talk(number: number, more: Partial<Talk> = {}): Talk {
    return { id: sessionId(number), cwd: "/work/one", at: new Date("2026-03-01T10:00:10Z"), ...more }
  }

  /** A session's transcript: one record each. Returns its path. */
  say(talk: Talk, said: readonly Record<string, unknown>[]): string {
    return this.transcript(talk.id, {
      cwd: talk.cwd,
      text: said.map((each, index) => record(talk, index, each)).join(""),
    })
  }

  subagent(talk: Talk, name: string, said: readonly Record<string, unknown>[]): string {
    const lines = said.map((each, index) => record(talk, 500 + index, { isSidechain: true, ...each }))
    return this.write(this.beside(talk, `subagents/agent-${name}.jsonl`), lines.join(""))
  }

  beside(talk: Talk, name: string): string {
    return join(dirname(this.transcriptPath(talk.id, talk.cwd)), talk.id, name)
  }

  /** Runs cxq and hands back its document. */
  async ask(...args: string[]): Promise<Answer> {
    return this.run(["cxq", "--json", ...args])
  }

  /** The texts of the hits. */
  async texts(...args: string[]): Promise<string[]> {
    const { json } = await this.ask(...args)
    if (json.error !== undefined && json.error.code !== "NOTHING_FOUND") throw new Error(json.error.message)
    return (json.hits ?? []).map(({ text }: { text: string }) => text)
  }

  async read(...args: string[]): Promise<Answer> {
    const answer = await this.run(["cx", "--live", ...args])
    if (answer.code !== 0) throw new Error(answer.stdout + answer.stderr)
    return answer
  }
}

/** A shell command, and what came of it. */
export function ran(command: string, id: string, output: string, more: { failed?: boolean } = {}) {
  return [
    calls("Bash", id, { command, description: `runs ${id}` }),
    more.failed === true ? failed(id, output) : toolResult(id, output),
  ]
}

export function calls(tool: string, id: string, input: object): Record<string, unknown> {
  const content = [{ type: "tool_use", id, name: tool, input }]
  return { type: "assistant", message: { role: "assistant", content, stop_reason: "tool_use" } }
}

export function failed(id: string, output: string): Record<string, unknown> {
  return user([{ type: "tool_result", tool_use_id: id, content: output, is_error: true }])
}

/** An answer with its use of tokens; `answer` is what records of one and the same have in common. */
export function spent(answer: string, text: string, usage: object, model = "claude-model") {
  const said = assistant(text) as { message: object }
  return { ...said, message: { ...said.message, id: answer, model, usage } }
}
