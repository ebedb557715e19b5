import {
  type Context,
  type Evidence,
  formatDuration,
  type LiveProcess,
  least,
  type Session,
} from "session-rescue"
import { formatCall, openCallsOf } from "./calls.ts"
import { type Child, childrenSince, clockToleranceMs } from "./children.ts"

/** What works for a session besides its client. */
export interface Work {
  readonly detail: string
  readonly evidence: readonly Evidence[]
  /** Start of the oldest of it, milliseconds since 1970, if known. */
  readonly since: number | null
  /** Shown by a process, not only by an open call. */
  readonly seen: boolean
}

/** Tools that run as processes of their own, or as subagents whose own calls are considered instead. */
const processTools = new Set(["Bash", "BashOutput", "PowerShell", "Task", "Agent"])

/**
 * Finds the work in progress. A running tool is a child that started after its call; a tool that runs inside
 * the client shows only by its open call, and only if the client reports busy: without a status this looks
 * the same as a permission prompt. A hook is a child too, with or without an open call: before the prompt is
 * on disk, around a tool, after the turn's end (2.1.332: observed). `midTurn`: the session is working as far
 * as is known; otherwise only certain hooks count.
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
  // for an unidentified child: a hook's, if no call is open and its client has a terminal that it lacks
  const likely = midTurn && calls.length === 0 && process.terminal !== null
  const hook = children.findLast(({ role }) => role === "hook" || (role === null && likely))
  const inside = calls.find((call) => !processTools.has(call.tool))
  const { now } = ctx
  const evidence: Evidence[] = []
  const tools = calls.map(formatCall).join(", ")
  if (tool !== undefined) evidence.push({ signal: "tool", message: `${tools}: ${formatRuntime(tool, now)}` })
  else if (inside !== undefined && session.reported?.status === "busy") {
    const age = inside.at === null ? "" : ` for ${formatDuration(now - inside.at)}`
    evidence.push({ signal: "tool", message: `${formatCall(inside)} was called and has no result yet${age}` })
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

/** From the client's status; without one, since its last record, or its start when nothing is on disk yet. */
function turnStart({ reported, turn, process }: Session): number | null {
  if (reported?.status === "busy") return reported.since
  return reported?.status == null ? (turn.lastMessageAt ?? process?.startedAt ?? null) : null
}

function isTool({ role, startedAt }: Child, called: number | null): boolean {
  return role !== "hook" && called !== null && startedAt >= called - clockToleranceMs
}

function formatRuntime({ pid, command, startedAt }: Child, now: number): string {
  return `its process ${pid} (${command}) has been running for ${formatDuration(now - startedAt)}`
}

function earliest(times: readonly number[]): number | null {
  return least(times)
}
