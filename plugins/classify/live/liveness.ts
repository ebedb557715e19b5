import type { Context, Flag, LiveProcess, Session } from "session-rescue"
import { judgeIdle } from "./at-rest.ts"
import { noStatus } from "./no-status.ts"
import { takeSamples } from "./resample.ts"
import { lastWrite, silenceMs } from "./signals.ts"
import { judgeSilent } from "./silent.ts"
import type { Liveness } from "./verdict.ts"
import { findWork, type Work } from "./work.ts"

/** Decides whether it is alive or hung, and what it is doing. A single weak signal is not enough. */
export async function judgeLiveness(session: Session, process: LiveProcess, ctx: Context): Promise<Liveness> {
  if (process.letter === "T" || process.letter === "t") return suspended(process)
  const quiet = silenceMs(session, process, ctx.now)
  const isSilent = quiet > ctx.hungAfterMs
  const status = session.reported?.status ?? null
  const midTurn = isMidTurn(session)
  const work = midTurn || status === null ? await findWork(session, process, { midTurn, ctx }) : null
  const idle = isSilent && work === null
  const look = await takeSamples(process, ctx, {
    cpu: idle && midTurn,
    spin: idle,
    letter: isSilent && process.letter === "D",
    keys: !isWithoutPerson(session), // it reads no keys; typed text is for the shell behind it
  })
  if (look.unreadInput !== null) return hung("not reading its terminal", "terminal", look.unreadInput)
  if (look.uninterruptible)
    return hung("uninterruptible", "process", "in uninterruptible sleep in both samples")
  const flags = lostWrites(session, work, ctx.now) ? (["not-persisting"] as const) : []
  if (work !== null) return atWork(work, flags, ctx.now)
  if (isSilent && (midTurn || look.spins)) return judgeSilent(session, { quiet, look, midTurn, flags })
  if (!midTurn) return judgeIdle(session, { quiet, isSilent, process, now: ctx.now })
  const inBackground = session.turn.phase === "ended" && (session.turn.subagents ?? []).length > 0
  const detail = inBackground ? "background agent working" : "working"
  return { hung: false, detail, evidence: status === null ? [noStatus(session)] : [], flags }
}

/**
 * From the client's status; without one its records decide, and a client without a user starts with its
 * prompt.
 */
function isMidTurn(session: Session): boolean {
  const { reported, turn, mode } = session
  if (reported?.status != null) return reported.status === "busy"
  if (turn.phase !== "unknown") return turn.phase === "mid-turn"
  return mode === "headless" || (mode == null && reported?.headless === true)
}

function isWithoutPerson({ mode, reported }: Session): boolean {
  return mode == null ? reported?.headless === true : mode === "headless" || mode === "program"
}

function hung(detail: string, signal: string, message: string): Liveness {
  return { hung: true, detail, evidence: [{ signal, message }], flags: [] }
}

function suspended(process: LiveProcess): Liveness {
  return process.letter === "t"
    ? hung("suspended", "process", "stopped by a debugger")
    : hung("suspended", "process", `${continuing(process)} brings it back: it is stopped (Ctrl-Z or SIGSTOP)`)
}

function continuing({ pid, terminal }: LiveProcess): string {
  return terminal === null ? `kill -CONT ${pid}` : `fg in ${terminal}`
}

function atWork(work: Work, flags: readonly Flag[], now: number): Liveness {
  const long = work.since !== null && now - work.since > 3_600_000
  return {
    hung: false,
    detail: work.detail,
    evidence: work.evidence,
    flags: long ? [...flags, "long-tool"] : flags,
  }
}

/**
 * A turn began a while ago and not even its prompt has reached the disk: a hook may still be checking the
 * prompt.
 */
function lostWrites(session: Session, work: Work | null, now: number): boolean {
  const since = session.reported?.since ?? null
  if (since === null || session.reported?.status !== "busy" || now - since < 60_000) return false
  return work?.seen !== true && lastWrite(session, now) < since - 5_000
}
