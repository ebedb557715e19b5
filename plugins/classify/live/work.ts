import { type Context, type Evidence, formatDuration, type LiveProcess, type Session } from "session-rescue"
import { formatCall, openCallsOf } from "./calls.ts"
import { type Child, childrenSince, clockToleranceMs } from "./children.ts"

/** What is at work for a session besides its client itself. */
export interface Work {
  readonly detail: string
  readonly evidence: readonly Evidence[]
  /** Milliseconds since 1970 at which the oldest of it began, where that is known. */
  readonly since: number | null
  /** It shows by a process, and not by an open call alone. */
  readonly seen: boolean
}

/** These run as processes of their own, or as subagents whose own calls are looked at instead. */
const processTools = new Set(["Bash", "BashOutput", "PowerShell", "Task", "Agent"])

/**
 * A tool at work is a child that started after its call; one that runs inside the client shows by its open call alone,
 * if the client says it is busy: without a status the same picture is a question for permission. A hook is a child too,
 * whether a call is open or none: before the prompt is on disk, around a tool, after the turn's end (2.1.332: observed).
 * `midTurn`: it is at work as far as is known; else only what is a hook beyond doubt counts.
 */
export async function findWork(
  session: Session,
  process: LiveProcess,
  { midTurn, ctx }: { readonly midTurn: boolean; readonly ctx: Context },
): Promise<Work | null> {
  const calls = openCallsOf(session)
  const called = earliest(calls.flatMap((call) => call.at ?? []))
  const begun = earliest([called, turnStart(session)].flatMap((at) => at ?? []))
  const children = begun === null ? [] : await childrenSince(process, begun, ctx)
  const tool = children.findLast((child) => isTool(child, called))
  // where nothing tells what a child is: a hook's, if no call is open and its client has a terminal that it lacks
  const likely = midTurn && calls.length === 0 && process.terminal !== null
  const hook = children.findLast(({ role }) => role === "hook" || (role === null && likely))
  const inside = calls.find((call) => !processTools.has(call.tool))
  const { now } = ctx
  const evidence: Evidence[] = []
  const tools = calls.map(formatCall).join(", ")
  if (tool !== undefined) evidence.push({ signal: "tool", message: `${tools}: ${formatRuntime(tool, now)}` })
  else if (inside !== undefined && session.reported?.status === "busy") {
    const age = inside.at === null ? "" : ` for ${formatDuration(now - inside.at)}`
    evidence.push({ signal: "tool", message: `${formatCall(inside)} is called and without a result${age}` })
  } else if (hook === undefined) return null
  const detail =
    hook === undefined
      ? "running a tool"
      : tool === undefined
        ? "running a hook"
        : "running a tool and a hook"
  if (hook !== undefined) evidence.push({ signal: "hook", message: `a hook: ${formatRuntime(hook, now)}` })
  const times = [tool?.startedAt, hook?.startedAt].flatMap((at) => at ?? [])
  const since = earliest(times) ?? inside?.at ?? null
  return { detail, evidence, since, seen: times.length > 0 }
}

/** As the client says; without a status since its last record, or its start where nothing is on disk yet. */
function turnStart({ reported, turn, process }: Session): number | null {
  if (reported?.status === "busy") return reported.since
  return reported?.status == null ? (turn.lastMessageAt ?? process?.startedAt ?? null) : null
}

function isTool({ role, startedAt }: Child, called: number | null): boolean {
  return role !== "hook" && called !== null && startedAt >= called - clockToleranceMs
}

function formatRuntime({ pid, command, startedAt }: Child, now: number): string {
  return `its process ${pid} (${command}) runs for ${formatDuration(now - startedAt)}`
}

function earliest(times: readonly number[]): number | null {
  return times.length === 0 ? null : Math.min(...times)
}
