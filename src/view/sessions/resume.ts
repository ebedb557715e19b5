import type { ResumeLine } from "../../domain/session/resume.ts"
import { shortId } from "../../domain/session/session-id.ts"
import type { ClassifiedSession } from "../../sdk/contracts.ts"
import { describeFlag, formatAge } from "../terminal/format.ts"
import { schemaVersion } from "../terminal/json.ts"
import { describeNothingFound, nextForShrunk, nextWhenNothing } from "../terminal/next-step.ts"
import type { SystemOutput } from "../terminal/output.ts"
import { sanitize } from "../terminal/sanitize.ts"
import { formatSessionLine } from "../terminal/session-line.ts"
import { countLeftOff, describeNoMatch, type NarrowedView } from "./narrowed.ts"

export interface ResumeView {
  readonly lines: readonly {
    readonly session: ClassifiedSession
    readonly line: ResumeLine
    /** A verified copy of it is there, and it was not written to since. */
    readonly saved: boolean
  }[]
  readonly narrowed: NarrowedView
  readonly notShown: number
  readonly now: number
  /** The home that was looked at, and who called sudo, when this runs as root through it. */
  readonly home: string
  readonly sudoUser: string | null
  /** Where no session is found: whether exports of earlier ones are there. */
  readonly savedBefore?: boolean
}

export function showResume(view: ResumeView, out: SystemOutput): void {
  const { paint } = out
  const [first] = view.lines
  const severalAgents = view.lines.some(({ session }) => session.agent !== first?.session.agent)
  for (const { session, line } of view.lines) {
    const head = {
      label: "",
      id: shortId(session.id) ?? "no id",
      title: session.title,
      facts: [
        ...(severalAgents ? [sanitize(session.agent)] : []),
        session.state,
        formatAge(session.lastActivity, view.now),
      ],
    }
    out.print(paint.dim(formatSessionLine(head, out.columns)))
    if (session.flags.includes("shrunk")) out.print(paint.yellow(`  ! ${describeFlag("shrunk")}`))
    showResumeLine(line, out, "  ")
  }
  if (view.narrowed.leftOff > 0)
    out.print(`${countLeftOff(view.narrowed)} not shown: ${listAll(view.narrowed)}`)
  if (view.lines.length === 0 && view.narrowed.found > 0) {
    for (const line of describeNoMatch(view.narrowed)) out.print(line)
    return
  }
  if (view.lines.length === 0) out.print(describeNothingFound(view))
  out.print(nextStep(view))
}

function listAll({ typed, limit }: NarrowedView): string {
  if (limit !== null) return `--limit is ${limit}`
  return typed === "" ? "session-rescue --resume --all" : "add --all"
}

/** One that can be pasted stands alone on its line. */
export function showResumeLine(line: ResumeLine, out: SystemOutput, margin: string): void {
  const says = line.command === null ? (line.reason ?? "it cannot be resumed") : line.note
  if (says !== null) out.print(margin + sanitize(says))
  const pasted = line.command ?? line.rehome
  if (pasted !== null) out.exact(margin + sanitize(pasted))
}

/** A resume has itself destroyed damaged transcripts: public issue threads. Hence the copy first. */
function nextStep({ lines, sudoUser, savedBefore }: ResumeView): string {
  if (lines.length === 0) return nextWhenNothing(sudoUser, savedBefore)
  const found = lines.filter(({ line }) => line.command !== null)
  const [only] = lines
  const id = only?.session.process === null ? shortId(only.line.id) : undefined
  if (lines.length === 1 && id !== undefined && only?.session.flags.includes("shrunk"))
    return nextForShrunk(id)
  if (found.length === 0) return nextWithout(lines)
  const unsaved = found.find(({ saved }) => !saved)
  if (unsaved !== undefined) {
    const name = shortId(unsaved.line.id)
    return `Next: session-rescue --export ${name}   (unless you have a copy; then paste the command)`
  }
  return found.length === 1
    ? "Next: paste that command   (unchanged since it was saved)"
    : "Next: paste the command of the one you want   (all unchanged since they were saved)"
}

/** The session is there, under a name that no folder here has. */
function nextWithout(lines: ResumeView["lines"]): string {
  const rehoming = lines.flatMap(({ line }) => line.rehome ?? [])
  if (rehoming.length === 0) return nextForRunning(lines)
  const folder = rehoming.every((line) => line.endsWith(" FOLDER"))
    ? ", replacing FOLDER with a folder of your own"
    : ""
  return `Next: paste that command${folder}   (it saves the session and files a copy of it under that folder)`
}

/** Its own session is never ended; of several, the list tells which. */
function nextForRunning(lines: ResumeView["lines"]): string {
  const [only] = lines
  const process = only?.session.process ?? null
  if (lines.length !== 1 || process === null || only?.session.state === "CURRENT")
    return "Next: session-rescue --status"
  const name = process.terminal ?? process.pid
  return `Next: session-rescue --kill ${name}   (saves it and asks before it ends it; then --resume it)`
}

export function resumeDocument(view: ResumeView, warnings: readonly string[]) {
  return {
    schemaVersion,
    resumes: view.lines.map(({ session, line }) => ({ ...line, state: session.state })),
    notShown: view.notShown,
    leftOff: view.narrowed.leftOff,
    warnings,
  }
}
