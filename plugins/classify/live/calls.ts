import type { OpenCall, Session } from "session-rescue"

/** Tools that start a subagent, whose own calls are considered instead. */
const subagentTools = new Set(["Task", "Agent", "task"])

/** All calls without a result: the session's own, and those of working subagents. */
export function openCallsOf({ turn }: Session): readonly OpenCall[] {
  return [...turn.openCalls, ...(turn.subagents ?? []).flatMap((agent) => agent.openCalls)]
}

/** The calls that may be waiting for an answer: a subagent's instead of the one that started it. */
export function relevantCalls(session: Session): readonly OpenCall[] {
  const all = openCallsOf(session)
  const inner = all.filter((call) => !subagentTools.has(call.tool))
  return inner.length > 0 ? inner : all
}

/** Formats a call: `Bash rm -rf build`. */
export function formatCall({ tool, summary }: OpenCall): string {
  return summary ? `${tool} ${summary}` : tool
}

/** Formats calls: `Bash rm -rf build`, `one of Bash make, Write a.ts`. */
export function formatCalls(calls: readonly OpenCall[]): string | null {
  const [first, second] = calls
  if (first === undefined) return null
  if (second === undefined) return formatCall(first)
  const more = calls.length - 2
  return `one of ${formatCall(first)}, ${formatCall(second)}${more > 0 ? `, ${more} more` : ""}`
}
