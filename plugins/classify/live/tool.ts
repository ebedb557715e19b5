import { type LiveProcess, type Session, sayDuration } from "session-rescue"

export interface ToolAtWork {
  readonly says: string
  /** Milliseconds since 1970. */
  readonly since: number | null
}

/** These run as processes of their own, or as subagents whose own calls are looked at instead. */
const outside = new Set(["Bash", "BashOutput", "PowerShell", "Task", "Agent"])
/** A child may show a tick earlier than the record of the call that started it. */
const tolerance = 1_000

/**
 * A tool's process is a child that started after the call, in a session of its own, without a terminal (observed:
 * what the client starts for itself, such as 2.0's search for updates, has the client's); MCP servers are children all the time and prove
 * nothing. A tool that runs inside the client shows by its open call alone — if the client says it is busy:
 * without a status the same picture is a question for permission.
 */
export function toolAtWork(session: Session, process: LiveProcess, now: number): ToolAtWork | null {
  const calls = session.turn.openCalls
  const dated = calls.flatMap((call) => (call.at === null ? [] : [call.at]))
  const oldest = dated.length === 0 ? null : Math.min(...dated)
  const child =
    oldest === null
      ? undefined
      : process.children.findLast((each) => each.terminal === null && each.startedAt >= oldest - tolerance)
  const tools = calls.map((call) => call.tool).join(", ")
  if (child !== undefined) {
    const age = sayDuration(now - child.startedAt)
    return {
      says: `${tools}: its process ${child.pid} (${child.command}) runs for ${age}`,
      since: child.startedAt,
    }
  }
  const inside = calls.find((call) => !outside.has(call.tool))
  if (inside === undefined || session.reported?.status !== "busy") return null
  const age = inside.at === null ? "" : ` for ${sayDuration(now - inside.at)}`
  return { says: `${inside.tool} is called and without a result${age}`, since: inside.at }
}
