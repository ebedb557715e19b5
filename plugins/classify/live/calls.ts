import type { OpenCall, Session } from "session-rescue"

/** These start a subagent, whose own calls are looked at instead. */
const subagentTools = new Set(["Task", "Agent"])

/** Every call without a result: the session's own, and those of subagents at work. */
export function openCallsOf({ turn }: Session): readonly OpenCall[] {
  return [...turn.openCalls, ...(turn.subagents ?? []).flatMap((agent) => agent.openCalls)]
}

/** The calls that something may be asked about: a subagent's instead of the one that started it. */
export function relevantCalls(session: Session): readonly OpenCall[] {
  const all = openCallsOf(session)
  const inner = all.filter((call) => !subagentTools.has(call.tool))
  return inner.length > 0 ? inner : all
}

/** `Bash rm -rf build`. */
export function formatCall({ tool, summary }: OpenCall): string {
  return summary ? `${tool} ${summary}` : tool
}

/** `Bash rm -rf build`, `one of Bash make, Write a.ts`. */
export function formatCalls(calls: readonly OpenCall[]): string | null {
  const [first, second] = calls
  if (first === undefined) return null
  if (second === undefined) return formatCall(first)
  const more = calls.length - 2
  return `one of ${formatCall(first)}, ${formatCall(second)}${more > 0 ? `, ${more} more` : ""}`
}
