import { type Evidence, formatDuration, type LiveProcess, type Session } from "session-rescue"
import type { Liveness } from "./verdict.ts"
import { describeWait } from "./waiting.ts"

interface IdleFacts {
  readonly quiet: number
  readonly isSilent: boolean
  readonly process: LiveProcess
  readonly now: number
}

/** The session is not in a turn of its own. */
export function judgeIdle(session: Session, rest: IdleFacts): Liveness {
  const { reported, turn } = session
  const evidence: Evidence[] = []
  if (reported?.status == null && turn.phase === "unknown") {
    const message =
      session.candidates.length > 0
        ? "it is unknown which conversation it holds, so its activity is unknown"
        : "nothing on disk yet: it may also be at a start-up question"
    evidence.push({ signal: "limits", message })
  }
  if (reported?.status === "shell")
    evidence.push({ signal: "tool", message: "a background command is still running" })
  const agents = (turn.subagents ?? []).length
  if (agents > 0 && reported?.status == null && !rest.isSilent) {
    evidence.push({ signal: "agent", message: `its own turn has ended; ${agents} of its agents' have not` })
    return { hung: false, detail: "background agent working", evidence, flags: [] }
  }
  if (session.mode === "headless" && turn.phase === "ended") return judgeFinished(session, rest, evidence)
  return { hung: false, detail: describeWait(session), evidence, flags: [] }
}

/** `claude -p` exits when its turn is over, and takes no input. */
function judgeFinished(
  { reported }: Session,
  { quiet, isSilent, process, now }: IdleFacts,
  evidence: readonly Evidence[],
): Liveness {
  if (!isSilent || reported?.status === "waiting")
    return { hung: false, detail: "finished", evidence, flags: [] }
  const children = process.children.map(
    ({ pid, command, startedAt }) => `process ${pid} (${command}, ${formatDuration(now - startedAt)} old)`,
  )
  const still =
    children.length === 0 ? "" : `; it may be waiting for processes below it: ${formatList(children)}`
  const message = `it was run for one prompt (-p), finished ${formatDuration(quiet)} ago, and has not exited${still}`
  return {
    hung: true,
    detail: "finished, does not exit",
    evidence: [...evidence, { signal: "silence", message }],
    flags: [],
  }
}

function formatList(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(", ")
  return names.length > 3 ? `${shown}, ${names.length - 3} more` : shown
}
