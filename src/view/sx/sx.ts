import { shortId } from "../../domain/session/session-id.ts"
import type { CxReport } from "../../operations/process/process.ts"
import type { AgentCounts } from "../../operations/sx/count-agents.ts"
import type { CusfFormat, WrittenSession } from "../../operations/sx/write-session.ts"
import type { ExportReport } from "../../pipeline/export-sessions.ts"
import type { ListedSession } from "../../pipeline/listing/list-sessions.ts"
import { count, formatSize, shortPath } from "../terminal/format.ts"
import { exportFacts, schemaVersion } from "../terminal/json.ts"
import { nextForReal } from "../terminal/next-step.ts"
import type { Output } from "../terminal/output.ts"
import { pad, sanitize } from "../terminal/sanitize.ts"
import { formatSessionLine } from "../terminal/session-line.ts"

export interface SxView {
  readonly home: string
  readonly agents: readonly AgentCounts[]
  readonly listed: readonly ListedSession[]
  /** `status`, `list` or `dry-run`: nothing is done. */
  readonly looks: string | null
  readonly writing: { readonly folder: string; readonly format: CusfFormat } | null
}

export interface SxDone extends Pick<ExportReport, "exports" | "failures"> {
  readonly written: readonly WrittenSession[]
  readonly processed: { readonly report: CxReport } | null
  readonly warnings: readonly string[]
}

export function sxDocument(
  { agents, listed, looks }: SxView,
  { exports, failures, written, processed, warnings }: SxDone,
) {
  return {
    schemaVersion,
    looks,
    agents: looks === null ? [] : agents,
    sessions: looks === "list" || looks === "dry-run" ? shown(listed, looks).map(sessionFacts) : [],
    exports: exports.map(({ result }) => exportFacts(result)),
    failures: failures.map(({ session, error: { code, message, hint } }) => ({
      ...{ id: session?.id ?? null, code, message, hint },
    })),
    written,
    processed:
      processed === null
        ? null
        : {
            exports: processed.report.exports.length,
            archived: processed.report.exports.filter(({ archived }) => archived !== null).length,
            messages: processed.report.indexed.messages,
          },
    warnings,
  }
}

function sessionFacts({ session, saved }: ListedSession) {
  const { id, agent, title, sizeBytes } = session
  return { id, agent, title, sizeBytes, saved: saved.kind }
}

/** Of a dry run, only what would be saved. */
function shown(listed: readonly ListedSession[], looks: string | null): readonly ListedSession[] {
  if (looks !== "dry-run") return listed
  return listed.filter(({ saved }) => saved.kind === "none" || saved.kind === "outdated")
}

export function showSx(view: SxView, done: SxDone, out: Output): void {
  if (view.looks === "status") showCounts(view, out)
  else if (view.looks !== null) showSessions(view, out)
  else showDone(view, done, out)
}

function showCounts({ agents, home }: SxView, out: Output): void {
  if (agents.length === 0) {
    out.print(nothingFound)
    return
  }
  const width = Math.max(...agents.map(({ agent }) => agent.length), 5) + 2
  const row = (cells: readonly (string | number)[]) =>
    cells.map((cell, index) => (index === 0 ? pad(`${cell}`, width) : `${cell}`.padStart(10))).join("")
  out.print(out.paint.bold(row(["agent", "sessions", "saved", "not saved", "pending", "archived"])))
  for (const { agent, sessions, saved, unsaved, pending, archived } of agents)
    out.print(row([agent, sessions, saved, unsaved, pending, archived]))
  for (const { agent, folder } of agents)
    out.print(out.paint.dim(`${pad(agent, width)}${sanitize(shortPath(folder, home))}`))
  const unsaved = agents.reduce((sum, each) => sum + each.unsaved, 0)
  out.print(
    unsaved > 0 ? "Next: session-rescue sx   (saves what is not saved)" : "Next: session-rescue sx --process",
  )
}

const nothingFound = "no sessions found\nNext: session-rescue doctor   (says which homes are searched)"

const savedWords = {
  saved: "saved",
  archived: "archived",
  outdated: "OUTDATED",
  none: "NOT SAVED",
  empty: "empty",
} as const
const labelColumns = 11

function showSessions({ listed, looks }: SxView, out: Output): void {
  const some = shown(listed, looks)
  for (const { session, saved } of some) {
    const word = savedWords[saved.kind]
    const label = pad(looks === "dry-run" ? "would save" : word, labelColumns)
    const isSafe = saved.kind === "saved" || saved.kind === "archived"
    out.print(
      formatSessionLine(
        {
          label: isSafe ? out.paint.green(label) : out.paint.yellow(label),
          id: shortId(session.id) ?? `pid ${session.process?.pid}`,
          title: session.title,
          facts: [session.agent, formatSize(session.sizeBytes)],
        },
        out.columns,
      ),
    )
  }
  const bytes = some.reduce((sum, { session }) => sum + session.sizeBytes, 0)
  out.print(`${count(some.length, "session")}, ${formatSize(bytes)}`)
  if (looks === "dry-run") out.print(some.length > 0 ? nextForReal(out) : "Next: nothing to save")
  else out.print("Next: session-rescue sx   (saves what is not saved)")
}

function showDone(
  { home, writing }: SxView,
  { exports, failures, written, processed }: SxDone,
  out: Output,
): void {
  for (const { session, error } of failures) {
    const label = out.paint.red(pad("FAILED", labelColumns))
    const id = session === null ? "not seen" : (shortId(session.id) ?? "no id")
    out.print(
      formatSessionLine({ label, id, title: session?.title ?? null, facts: [sanitize(error.message)] }, null),
    )
    out.print(`${" ".repeat(labelColumns)}${sanitize(error.hint)}`)
  }
  const groups = Map.groupBy(exports, ({ session }) => session.agent)
  for (const [agent, its] of groups) {
    const fresh = its.filter(({ result }) => result.status === "verified").length
    const lacking = its.filter(
      ({ result: { status } }) => status === "incomplete" || status === "unconfirmed",
    )
    const same = its.length - fresh - lacking.length
    const parts = [`${fresh} saved now`, `${same} saved before`]
    if (lacking.length > 0) parts.push(out.paint.yellow(`${lacking.length} not whole`))
    out.print(`${pad(sanitize(agent), labelColumns + 1)}${count(its.length, "session")}: ${parts.join(", ")}`)
    for (const { result } of lacking)
      out.print(out.paint.yellow(`  not whole: ${sanitize(result.path ?? "")}`))
  }
  if (exports.length === 0 && failures.length === 0) {
    out.print(nothingFound)
    return
  }
  if (writing !== null) {
    const now = written.filter(({ status }) => status === "written")
    const messages = now.reduce((sum, each) => sum + (each.messages ?? 0), 0)
    const before = written.length - now.length
    const rest = before === 0 ? "" : `; ${before} written before`
    const place = sanitize(shortPath(writing.folder, home))
    out.print(
      `written as ${writing.format}: ${count(now.length, "session")}, ${count(messages, "message")}${rest}, in ${place}`,
    )
  }
  if (processed === null)
    out.print(
      failures.length > 0
        ? "Next: session-rescue doctor"
        : "Next: session-rescue cx   (indexes and archives them; or sx --process)",
    )
}
