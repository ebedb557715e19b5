import {
  type Context,
  type Evidence,
  type Flag,
  type LiveProcess,
  type Session,
  sayDuration,
} from "session-rescue"
import { secondLook } from "./second-look.ts"
import { quietFor } from "./signals.ts"
import { toolAtWork } from "./tool.ts"

interface Life {
  readonly hung: boolean
  readonly detail: string
  readonly evidence: readonly Evidence[]
  readonly flags: readonly Flag[]
}

/** Alive or hung, and what it is at. One weak signal is no verdict. */
export async function judgeLife(session: Session, process: LiveProcess, ctx: Context): Promise<Life> {
  if (process.letter === "T" || process.letter === "t") return suspended(process)
  const quiet = quietFor(session, process, ctx.now)
  const silent = quiet > ctx.hungAfterMs
  const status = session.reported?.status ?? null
  const begun = session.reported?.headless === true && session.turn.phase === "unknown" // it starts with its prompt
  const midTurn = status === "busy" || (status === null && (session.turn.phase === "mid-turn" || begun))
  const tool = midTurn ? toolAtWork(session, process, ctx.now) : null
  const look = await secondLook(process, ctx, {
    cpu: midTurn && silent && tool === null,
    letter: silent && process.letter === "D",
    keys: session.reported?.headless !== true, // it reads none, and what is typed is for the shell behind it
  })
  if (look.unread !== null) return hung("not reading its terminal", "terminal", look.unread)
  if (look.uninterruptible)
    return hung("uninterruptible", "process", "in uninterruptible sleep at both looks")
  if (!midTurn) return waiting(session, status)
  const flags = lostWrites(session, ctx.now) ? (["not-persisting"] as const) : []
  if (tool !== null) {
    const long = tool.since !== null && ctx.now - tool.since > 3_600_000
    const evidence = [{ signal: "tool", says: tool.says }]
    return { hung: false, detail: "running a tool", evidence, flags: long ? [...flags, "long-tool"] : flags }
  }
  const unsure = status === null ? [{ signal: "limits", says: noStatus(session) }] : []
  if (!silent) return { hung: false, detail: "working", evidence: unsure, flags }
  const spinning = look.cpuShare !== null && look.cpuShare > (look.runnable ? 0.5 : 0.8) // its own animation alone takes up to 0.35 (observed)
  const detail = spinning
    ? "spinning (CPU, no progress)"
    : status === null
      ? "silent, cause unknown"
      : "silent mid-turn"
  const cpu =
    look.cpuShare === null
      ? []
      : [{ signal: "cpu", says: `${Math.round(look.cpuShare * 100)} % of one core` }]
  const silence = { signal: "silence", says: `no write for ${sayDuration(quiet)} and no tool at work` }
  return { hung: true, detail, evidence: [silence, ...cpu, ...unsure], flags }
}

function noStatus({ turn }: Session): string {
  const [call] = turn.openCalls
  return call === undefined
    ? "this client gives no status: only what is written, and when, is known"
    : `this client gives no status: ${call.tool} is called and no process of it runs, so it most likely waits for a permission`
}

function hung(detail: string, signal: string, says: string): Life {
  return { hung: true, detail, evidence: [{ signal, says }], flags: [] }
}

function suspended(process: LiveProcess): Life {
  return process.letter === "t"
    ? hung("suspended", "process", "stopped by a debugger")
    : hung("suspended", "process", "stopped (Ctrl-Z or SIGSTOP): fg in its terminal brings it back")
}

function waiting(session: Session, status: string | null): Life {
  const { reported, turn } = session
  const evidence: Evidence[] = []
  if (status === null && turn.phase === "unknown") {
    const says =
      session.candidates.length > 0
        ? "not known which conversation it holds: what it is at cannot be told"
        : "nothing on disk yet: it may also stand at a start-up question"
    evidence.push({ signal: "limits", says })
  }
  if (status === "shell") evidence.push({ signal: "tool", says: "a background command still runs" })
  const permission = status === "waiting" && /permission/.test(reported?.waitingFor ?? "")
  return {
    hung: false,
    detail: permission ? "waiting for permission" : "waiting for you",
    evidence,
    flags: [],
  }
}

/** A turn has begun a while ago and not even its prompt has reached the disk. */
function lostWrites(session: Session, now: number): boolean {
  const since = session.reported?.since ?? null
  if (since === null || session.reported?.status !== "busy" || now - since < 60_000) return false
  return (session.lastActivity ?? 0) < since - 5_000
}
