import { formatDuration } from "../../domain/duration.ts"
import { type SessionId, shortId } from "../../domain/session/session-id.ts"
import type { Leftover, LeftoverKind } from "../../operations/reap/leftover.ts"
import type { ReapReport } from "../../operations/reap/reap.ts"
import { count, formatSize, shortPath } from "../terminal/format.ts"
import { schemaVersion } from "../terminal/json.ts"
import { nextForReal } from "../terminal/next-step.ts"
import type { Output } from "../terminal/output.ts"
import type { Prompts, Reply } from "../terminal/prompts.ts"
import { fitColumns, pad, sanitize } from "../terminal/sanitize.ts"
import { formatSessionLine } from "../terminal/session-line.ts"

const standingLabels = { certain: "LEFT OVER", unsure: "NOT SURE", kept: "KEPT" } as const
const margin = " ".repeat(11)
const maxBelowShown = 5

const kindLabels: Readonly<Record<LeftoverKind, string>> = {
  server: "MCP or language server",
  tool: "a tool's shell",
  hook: "hook",
  host: "terminal of a background session",
  spare: "standby client",
  other: "started by a session",
}

interface LeftoverFacts {
  readonly now: number
  readonly home: string
  /** Of the sessions that are still in a home. */
  readonly titles: ReadonlyMap<SessionId, string>
}

/** What there is, before anything is asked: the certain ones first. */
export function showLeftovers(leftovers: readonly Leftover[], facts: LeftoverFacts, out: Output): void {
  for (const standing of ["certain", "unsure", "kept"] as const)
    for (const each of leftovers) if (each.standing === standing) showOne(each, facts, out)
}

function showOne(leftover: Leftover, { now, home, titles }: LeftoverFacts, out: Output): void {
  const { paint } = out
  const width = (out.columns ?? Number.POSITIVE_INFINITY) - margin.length
  const { process, standing, session, below } = leftover
  const paints = { certain: paint.yellow, unsure: paint.cyan, kept: paint.dim }
  const facts = [
    kindLabels[leftover.kind],
    `pid ${process.pid}`,
    `${formatDuration(now - process.startedAt)} old`,
    `${formatMemory(leftover)}${below.length === 0 ? "" : ` in ${count(below.length + 1, "process", "processes")}`}`,
  ]
  out.print(
    paints[standing](pad(standingLabels[standing], margin.length)) + fitColumns(facts.join(" · "), width),
  )
  if (session !== null) out.print(margin + fitColumns(describeOwner(session, titles), width))
  out.print(margin + fitColumns(sanitize(shortPath(leftover.command, home)), width)) // safety: plain-leftover
  for (const each of below.slice(0, maxBelowShown))
    out.print(margin + fitColumns(`below it: pid ${each.process.pid} ${sanitize(each.command)}`, width))
  if (below.length > maxBelowShown)
    out.print(`${margin}and ${count(below.length - maxBelowShown, "more", "more")}`)
  out.print(`${margin}${sanitize(leftover.why)}${leftover.but === null ? "" : `; ${sanitize(leftover.but)}`}`)
}

function describeOwner(session: SessionId, titles: LeftoverFacts["titles"]): string {
  const label = "of session "
  return formatSessionLine(
    { label, id: shortId(session) ?? "", title: titles.get(session) ?? null, facts: [] },
    null,
  )
}

function formatMemory(leftover: Leftover): string {
  const bytes = memoryOf(leftover)
  return bytes === null ? "memory unknown" : formatSize(bytes)
}

function memoryOf({ process, below }: Leftover): number | null {
  const all = [process, ...below.map((each) => each.process)].map(({ memoryBytes }) => memoryBytes)
  return all.includes(null) ? null : all.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0)
}

/** What became of them, and what to type next. */
export function showReaped(
  reports: readonly ReapReport[],
  leftovers: readonly Leftover[],
  { titles }: Pick<LeftoverFacts, "titles">,
  out: Output,
): void {
  for (const { leftover, outcome, reason } of reports) {
    if (outcome === "would-end" || outcome === "declined") continue
    const good = outcome === "ended" || outcome === "killed"
    const word = (good ? out.paint.green : out.paint.yellow)(
      `${outcome.toUpperCase().padEnd(margin.length - 1)} `,
    )
    const says =
      reason ?? (outcome === "killed" ? "it did not exit on TERM and was killed" : "it exited on TERM")
    const title = leftover.session === null ? null : (titles.get(leftover.session) ?? null)
    const line = { label: word, id: `pid ${leftover.process.pid}`, title, facts: [sanitize(says)] }
    out.print(formatSessionLine(line, out.columns))
  }
  out.print(out.paint.bold(summary(reports, leftovers)))
  out.print(nextStep(reports, leftovers, out))
}

function summary(reports: readonly ReapReport[], leftovers: readonly Leftover[]): string {
  if (leftovers.length === 0)
    return "Nothing is left over of Claude Code (from 2.1 on) and OpenCode; what other clients leave is not recognized."
  const number = (standing: Leftover["standing"]) =>
    leftovers.filter((each) => each.standing === standing).length
  const ended = reports.filter(({ outcome }) => outcome === "ended" || outcome === "killed").length
  return [
    `${number("certain")} left over`,
    ...(number("unsure") > 0 ? [`${number("unsure")} not sure`] : []),
    ...(number("kept") > 0 ? [`${number("kept")} never ended`] : []),
    ended > 0 ? `${ended} ended` : "nothing was ended",
  ].join(" · ")
}

function nextStep(reports: readonly ReapReport[], leftovers: readonly Leftover[], out: Output): string {
  const has = (outcome: ReapReport["outcome"]) => reports.find((each) => each.outcome === outcome)
  const stays = has("still-alive") ?? has("refused")
  if (stays !== undefined) return `Next: inspect what is left: ps -fp ${stays.leftover.process.pid}`
  if (has("would-end") !== undefined) return nextForReal(out)
  if (has("declined") !== undefined) return "Next: session-rescue reap PID   (only that one)"
  const unsure = leftovers.find(
    (each) => each.standing === "unsure" && !reports.some(({ leftover }) => leftover === each),
  )
  const near = leftovers.some(
    ({ standing, kind, process }) => standing === "kept" && kind === "server" && process.terminal !== null,
  )
  if (unsure === undefined && near && reports.length === 0)
    return "Next: session-rescue reap   (run it in another terminal: processes that share this one are not ended)"
  if (unsure === undefined) return "Next: session-rescue --status"
  return `Next: session-rescue reap ${unsure.process.pid}   (if you do not need it: ps -fp ${unsure.process.pid})`
}

export function reapDocument(
  reports: readonly ReapReport[],
  { now, dryRun }: { readonly now: number; readonly dryRun: boolean },
  warnings: readonly string[],
) {
  return {
    schemaVersion,
    dryRun,
    leftovers: reports.map(({ leftover, outcome, reason }) => ({
      pid: leftover.process.pid,
      kind: leftover.kind,
      command: leftover.command,
      session: leftover.session,
      ageMs: Math.max(0, now - leftover.process.startedAt),
      memoryBytes: memoryOf(leftover),
      below: leftover.below.map(({ process, command }) => ({ pid: process.pid, command })),
      standing: leftover.standing,
      why: leftover.why,
      but: leftover.but,
      outcome,
      reason,
    })),
    warnings,
  }
}

/** They are listed above it. No is the default; Escape, Ctrl-C and a closed terminal mean No, too. */
export function askToReap(
  leftovers: readonly Leftover[],
  airtight: boolean,
  prompts: Prompts,
): Promise<Reply<boolean>> {
  const pids = leftovers.map(({ process }) => process.pid).join(", ")
  const below = leftovers.reduce((sum, each) => sum + each.below.length, 0)
  const lines = [
    `End ${leftovers.length === 1 ? "it" : `these ${leftovers.length}`} (pid ${pids})${below === 0 ? "" : ` with ${count(below, "process", "processes")} below`}?`,
    "  Each gets TERM, and KILL if it has not exited after 5 s.",
    ...(airtight
      ? []
      : ["  This system cannot pin a process, only check it just before: a short race remains."]),
  ]
  return prompts.confirm(lines.join("\n"), leftovers.length === 1 ? "Yes, end it" : "Yes, end them", "No")
}
