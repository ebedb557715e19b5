import { ancestorAmong, type Context, type Evidence, type ProcessEntry, parseUuid } from "session-rescue"
import { sessionVariable } from "../processes/clients.ts"
import type { Match } from "./identity.ts"

/**
 * The matches that this program was called from, with the reason: an ancestor that is a client, else a client
 * on the same terminal, else the variable that the client sets in its tools' shells. Inside a tool there is
 * no controlling terminal (observed), so the terminal alone would find nothing there.
 */
export function findCurrent(
  ctx: Context,
  matches: readonly Match[],
  processes: ReadonlyMap<number, ProcessEntry>,
): (match: Match) => Evidence | null {
  const pids = new Set(matches.map((match) => match.client.entry.pid))
  const ancestor = ancestorAmong(ctx.self.pid, processes, pids)
  if (ancestor !== null) {
    const evidence = {
      signal: "current",
      message: `session-rescue runs inside it (process ${ancestor} is an ancestor)`,
    }
    return (match) => (match.client.entry.pid === ancestor ? evidence : null)
  }
  const terminal = processes.get(ctx.self.pid)?.terminal ?? null
  if (terminal !== null && matches.some((match) => match.client.entry.terminal === terminal)) {
    const evidence = { signal: "current", message: `it holds this terminal, ${terminal}` }
    return (match) => (match.client.entry.terminal === terminal ? evidence : null)
  }
  return byVariable(ctx, matches)
}

function byVariable(ctx: Context, matches: readonly Match[]): (match: Match) => Evidence | null {
  const id = parseUuid(ctx.self.environment[sessionVariable])
  if (id === null || !matches.some((match) => match.id === id)) return () => null
  ctx.warn(
    `${id} counts as CURRENT only because ${sessionVariable} names it. A tmux server started from inside a client hands ` +
      `that variable to every pane; if this is one, ask again with: env -u ${sessionVariable} session-rescue --status`,
  )
  const evidence = {
    signal: "current",
    message: `${sessionVariable} names it (no ancestor and no shared terminal does; env -u ${sessionVariable} asks without it)`,
  }
  return (match) => (match.id === id ? evidence : null)
}
