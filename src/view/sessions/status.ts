import { showPath } from "../../domain/disk-path.ts"
import { formatDuration } from "../../domain/duration.ts"
import type { Pid } from "../../domain/session/pid.ts"
import type { LiveProcess, ResourceUsage } from "../../domain/session/session.ts"
import { shortId } from "../../domain/session/session-id.ts"
import type { ClassifiedSession } from "../../sdk/contracts.ts"
import {
  count,
  describeFlag,
  describePurge,
  formatAge,
  formatSize,
  paintState,
  shortPath,
} from "../terminal/format.ts"
import { describeNothingFound, nextAfterStatus } from "../terminal/next-step.ts"
import type { Output } from "../terminal/output.ts"
import { fitColumns, pad, sanitize } from "../terminal/sanitize.ts"
import { describeService, formatPlace, type ServiceView } from "./background.ts"

export interface StatusView {
  readonly sessions: readonly ClassifiedSession[]
  readonly notShown: number
  readonly rejected: readonly { readonly pid: Pid; readonly why: string }[]
  readonly services?: readonly ServiceView[]
  readonly explain: boolean
  readonly now: number
  readonly home: string
  /** Who called sudo, when this runs as root through it. */
  readonly sudoUser: string | null
}

const margin = " ".repeat(11)

export function showStatus(view: StatusView, out: Output): void {
  for (const session of view.sessions) showSession(session, view, out)
  if (view.explain) {
    for (const { pid, why } of view.rejected)
      out.print(out.paint.dim(`not a session: pid ${pid}, ${sanitize(why)}`))
  }
  for (const service of view.services ?? []) out.print(out.paint.dim(describeService(service)))
  out.print(out.paint.bold(summary(view)))
  if (view.notShown > 0) {
    out.print(`${count(view.notShown, "older session")} not shown: session-rescue --status --all`)
  }
  if (view.sessions.length === 0 && view.notShown === 0) out.print(describeNothingFound(view))
  out.print(nextAfterStatus(view.sessions, view.sudoUser))
}

function showSession(
  session: ClassifiedSession,
  view: Pick<StatusView, "now" | "home" | "explain">,
  out: Output,
): void {
  const { paint } = out
  const width = out.columns ?? Number.POSITIVE_INFINITY
  const facts = [
    sanitize(session.detail),
    ...formatPlace(session),
    shortId(session.id) ?? "no id",
    session.footprint.length === 0 ? "nothing on disk" : formatSize(session.sizeBytes),
    formatAge(session.lastActivity, view.now),
    ...(session.flags.includes("purge-soon") ? [describePurge(session.purgeAt, view.now)] : []),
  ]
  const line = fitColumns(facts.join(" · "), width - margin.length)
  out.print(`${paintState(session.state, paint)(pad(session.state, margin.length))}${line}`)
  // safety: plain-folder
  const folder = session.cwd === null ? "folder unknown" : sanitize(shortPath(session.cwd, view.home))
  const title = session.title === null ? "" : ` — ${sanitize(session.title)}` // safety: plain-title
  out.print(margin + fitColumns(folder + title, width - margin.length))
  for (const flag of session.flags) {
    if (flag === "no-terminal" || flag === "purge-soon") continue // the first line says so
    out.print(margin + paint.yellow(fitColumns(`! ${describeFlag(flag)}`, width - margin.length)))
  }
  if (session.process?.usage !== undefined)
    out.print(
      margin +
        fitColumns(formatUses(session.process, session.process.usage, view.now), width - margin.length),
    )
  if (view.explain) explain(session, out)
}

/** Only where it was asked for: with --sort memory and --explain. */
function formatUses({ startedAt }: LiveProcess, uses: ResourceUsage, now: number): string {
  const { memoryBytes, cpuMs, processes } = uses
  const memory = memoryBytes === null ? "memory unknown" : `${formatSize(memoryBytes)} of memory`
  const many = count(processes, "process", "processes")
  return `${memory} in ${many} · ${formatDuration(cpuMs)} of CPU · running for ${formatDuration(now - startedAt)}`
}

/** One session and why it is said to be in that state. */
export function showEvidence(
  session: ClassifiedSession,
  facts: { readonly now: number; readonly home: string },
  out: Output,
): void {
  showSession(session, { ...facts, explain: true }, out)
}

/** Not cut: who asks for the evidence wants all of it. */
function explain(session: ClassifiedSession, out: Output): void {
  for (const { signal, message } of session.evidence) {
    out.print(out.paint.dim(`${margin}${pad(sanitize(signal), 10)} ${sanitize(message)}`)) // safety: plain-evidence
  }
  const place = session.transcript === null ? "none" : sanitize(showPath(session.transcript))
  out.print(out.paint.dim(`${margin}${pad("transcript", 10)} ${place}`))
}

function summary({ sessions }: StatusView): string {
  const number = (state: ClassifiedSession["state"]) =>
    sessions.filter((session) => session.state === state).length
  const live = sessions.filter((session) => session.process !== null).length
  const purged = sessions.filter((session) => session.flags.includes("purge-soon")).length
  return [
    live === 0 ? "no client is running" : `${live} running`,
    ...(number("HUNG") > 0 ? [`${number("HUNG")} hung`] : []),
    `${number("ORPHANED")} orphaned`,
    ...(purged > 0 ? [`${purged} about to be deleted by the client`] : []),
  ].join(" · ")
}
