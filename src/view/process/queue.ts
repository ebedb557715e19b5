import { parseExportName } from "../../domain/export/export.ts"
import { shortId } from "../../domain/session/session-id.ts"
import type { QueueEntry } from "../../pipeline/queue/entries.ts"
import type { ProcessingReport } from "../../pipeline/queue/processing.ts"
import { count, formatAge, formatSize, shortPath } from "../terminal/format.ts"
import { schemaVersion } from "../terminal/json.ts"
import type { Output } from "../terminal/output.ts"
import { sanitize } from "../terminal/sanitize.ts"
import { formatSessionLine } from "../terminal/session-line.ts"

export interface QueueFacts {
  readonly home: string
  readonly pending: string
  readonly now: number
}

export function showQueue(entries: readonly QueueEntry[], facts: QueueFacts, out: Output): void {
  for (const entry of entries) {
    const { head, name, title } = titleOf(entry)
    const paint = head === "pending" || head === "ready" ? out.paint.green : out.paint.yellow
    const line = {
      label: paint(head.padEnd(9)),
      id: sanitize(name),
      title,
      facts: [...exportedAge(entry, facts.now), sanitize(describeEntry(entry))],
    }
    out.print(formatSessionLine(line, out.columns))
    for (const state of entry.states) {
      const again = state.status === "failed" && entry.outstanding.includes(state.plugin)
      const gaveUp = state.status === "failed" && !again ? ", given up" : ""
      const how = state.status === "done" ? "done" : `failed ${count(state.attempts, "time")}${gaveUp}`
      const why = state.error === null ? "" : `: ${state.error}`
      out.print(sanitize(`         ${state.plugin} ${how}${why}`))
    }
    const never = entry.outstanding.filter((each) => !entry.states.some(({ plugin }) => plugin === each))
    if (never.length > 0) out.print(sanitize(`         not run yet: ${never.join(", ")}`))
    if (entry.lock !== null) out.print(`         being worked on by process ${entry.lock.pid ?? "?"}`)
  }
  for (const line of closing(entries, facts)) out.print(line)
}

function titleOf({ waiting, outstanding }: QueueEntry) {
  const id = shortId(parseExportName(waiting.name)?.id)
  const name = id ?? waiting.name
  const title = waiting.kind === "foreign" ? null : (waiting.saved?.manifest.session.title ?? null)
  if (waiting.kind === "export") return { head: outstanding.length > 0 ? "pending" : "ready", name, title }
  return { head: waiting.kind === "broken" ? "BROKEN" : waiting.kind, name, title }
}

function exportedAge({ waiting }: QueueEntry, now: number): readonly string[] {
  const saved = waiting.kind === "foreign" ? null : waiting.saved
  return saved === null ? [] : [formatAge(Date.parse(saved.manifest.exportedAt), now)]
}

function describeEntry({ waiting, outstanding }: QueueEntry): string {
  if (waiting.kind === "foreign")
    return `${formatSize(waiting.bytes)}, copied manually: cx makes it an export`
  if (waiting.kind !== "export") return waiting.why
  const { files } = waiting.saved.manifest
  const bytes = files.reduce((sum, file) => sum + file.length, 0)
  const state = outstanding.length > 0 ? "to be processed" : "processed, can be archived"
  return `${formatSize(bytes)}, ${state}`
}

function closing(entries: readonly QueueEntry[], { home, pending }: QueueFacts): string[] {
  const place = sanitize(shortPath(pending, home))
  if (entries.length === 0) return [`Nothing is pending in ${place}.`, "Next: session-rescue --status"]
  const broken = entries.filter(({ waiting }) => waiting.kind === "broken").length
  const todo = entries.filter(
    ({ waiting, outstanding }) => waiting.kind !== "export" || outstanding.length > 0,
  )
  const trouble = broken === 0 ? "" : `, ${broken} of them broken`
  const next =
    todo.length > broken
      ? "Next: session-rescue cx   (processes and archives them)"
      : todo.length < entries.length
        ? "Next: session-rescue archive   (they are processed)"
        : "Next: session-rescue verify   (shows what is wrong with them)"
  return [`${count(entries.length, "export")} in ${place}${trouble}.`, next]
}

export function queueDocument(entries: readonly QueueEntry[], warnings: readonly string[]) {
  return { schemaVersion, exports: entries.map(entryFacts), warnings }
}

function entryFacts({ waiting, states, outstanding, lock }: QueueEntry) {
  const saved = waiting.kind === "foreign" ? null : waiting.saved
  const bytes =
    waiting.kind === "foreign"
      ? waiting.bytes
      : (saved?.manifest.files.reduce((sum, file) => sum + file.length, 0) ?? null)
  return {
    kind: waiting.kind,
    name: waiting.name,
    id: parseExportName(waiting.name)?.id ?? null,
    path: waiting.kind === "foreign" ? waiting.path : (saved?.path ?? null),
    bytes,
    exportedAt: saved?.manifest.exportedAt ?? null,
    plugins: states,
    outstanding,
    lock: lock === null ? null : { pid: lock.pid, path: lock.path },
    why: "why" in waiting ? waiting.why : null,
    takenTo: "taken" in waiting ? waiting.taken : null,
  }
}

export function processingDocument({ exports, interrupted }: ProcessingReport, warnings: readonly string[]) {
  return { schemaVersion, exports: exports.map(processedFacts), interrupted, warnings }
}

function processedFacts({ failure, outcomes, ...each }: ProcessingReport["exports"][number]) {
  return {
    ...each,
    plugins: outcomes.map(({ plugin, status, why, attempts, result }) => ({
      plugin,
      status,
      why,
      attempts,
      result,
    })),
    failure: failure === null ? null : { code: failure.code, message: failure.message, hint: failure.hint },
  }
}
