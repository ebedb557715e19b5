import { shortId } from "../../domain/session/session-id.ts"
import { count } from "../terminal/format.ts"
import type { SystemOutput } from "../terminal/output.ts"

/** What was done in one visit to the list. */
export interface VisitSummary {
  readonly saved: number
  readonly ended: number
  readonly left: "by choice" | "Ctrl-C"
  /** The session that was saved or looked at last. */
  readonly lastId: string | null
}

export function showVisitSummary({ saved, ended, left, lastId }: VisitSummary, out: SystemOutput): void {
  const done = [
    ...(saved > 0 ? [`${count(saved, "export")} verified`] : []),
    ...(ended > 0 ? [`${count(ended, "session")} ended`] : []),
  ]
  const what = done.length === 0 ? "nothing was exported or ended" : done.join(", ")
  out.print(left === "Ctrl-C" ? `Interrupted: ${what}.` : `Exited: ${what}.`)
  out.print(
    lastId === null ? "Next: session-rescue --status" : `Next: session-rescue --resume ${shortId(lastId)}`,
  )
}
