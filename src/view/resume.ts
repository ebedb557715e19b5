import type { ClassifiedSession } from "../pipeline/stages.ts"
import type { ResumeLine } from "../session/resume.ts"
import { schemaVersion } from "./json.ts"
import { nextWhenNothing, sayNothing } from "./next-step.ts"
import type { SystemOutput } from "./output.ts"
import { fit, plain } from "./plain.ts"
import { count, sayAge } from "./words.ts"

export interface ResumeView {
  readonly lines: readonly { readonly session: ClassifiedSession; readonly line: ResumeLine }[]
  readonly notShown: number
  readonly now: number
  /** The home that was looked at, and who called sudo, when this runs as root through it. */
  readonly home: string
  readonly sudoUser: string | null
}

export function showResume(view: ResumeView, out: SystemOutput): void {
  const { paint } = out
  for (const { session, line } of view.lines) {
    const title = session.title === null ? "" : ` — ${plain(session.title)}`
    const head = `${session.id?.slice(0, 8) ?? "no id"} · ${session.state} · ${sayAge(session.lastActivity, view.now)}${title}`
    out.print(paint.dim(out.columns === null ? head : fit(head, out.columns)))
    if (line.command === null) out.print(`  ${plain(line.reason ?? "")}`)
    else out.exact(`  ${plain(line.command)}`)
  }
  if (view.notShown > 0)
    out.print(`${count(view.notShown, "older session")} not shown: session-rescue --resume --all`)
  if (view.lines.length === 0) out.print(sayNothing(view))
  out.print(nextStep(view))
}

/** A resume has itself destroyed damaged transcripts: public issue threads. Hence the copy first. */
function nextStep({ lines, sudoUser }: ResumeView): string {
  if (lines.length === 0) return nextWhenNothing(sudoUser)
  const first = lines.find(({ line }) => line.command !== null)
  if (first === undefined) return "Next: session-rescue --status"
  return `Next: session-rescue --export ${first.line.id?.slice(0, 8)}   (a copy first, then paste the line)`
}

export function resumeDocument(view: ResumeView, warnings: readonly string[]) {
  return {
    schemaVersion,
    resumes: view.lines.map(({ session, line }) => ({ ...line, state: session.state })),
    notShown: view.notShown,
    warnings,
  }
}
