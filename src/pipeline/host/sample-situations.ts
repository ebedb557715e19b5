import type { LiveProcess, Session } from "../../session/session.ts"
import type { Context } from "../context.ts"
import type { Sample } from "./sample.ts"

/** The session as it is, and as it would be with a process of its own: this program's stands for it. */
export async function situationsOf(session: Session, ctx: Context): Promise<Sample["situations"]> {
  const own = (await ctx.processes.list()).find((entry) => entry.pid === ctx.self.pid)
  const midTurn = { ...session.turn, phase: "mid-turn" as const, says: "a tool was called" }
  const ended = [
    { says: "ended", session },
    { says: "cut off in the middle of a turn", session: { ...session, turn: midTurn } },
  ]
  if (own === undefined) return ended
  const { pid, terminal, letter, startedAt, startMark, cpuMs, foreground } = own
  const process: LiveProcess = {
    pid,
    terminal,
    letter,
    startedAt,
    startMark,
    cpuMs,
    foreground,
    children: [],
  }
  return [
    ...ended,
    { says: "waiting for its user", session: { ...session, process } },
    { says: "at work", session: { ...session, process, turn: midTurn } },
    {
      says: "without a transcript yet",
      session: {
        ...session,
        process,
        transcript: null,
        transcriptSize: 0,
        footprint: [],
        sizeBytes: 0,
        conversation: "none",
      },
    },
  ]
}
