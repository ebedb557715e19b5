import { contextFill } from "../../domain/watch/context-fill.ts"
import { isNearlyUsedUp } from "../../domain/watch/room.ts"
import type { SeenSession, WatchState } from "../../operations/watch/state.ts"
import { formatAge, formatMinute, formatSize } from "../terminal/format.ts"
import { iso, schemaVersion } from "../terminal/json.ts"
import type { Output } from "../terminal/output.ts"
import { pad, sanitize } from "../terminal/sanitize.ts"

export interface WatchView {
  /** null when it has never looked. */
  readonly state: WatchState | null
  /** The process that runs now. */
  readonly runner: WatchState["runner"]
  /** Of this program. */
  readonly version: string
  readonly now: number
  /** What unprocessed copies take. */
  readonly unprocessedBytes: number
  readonly maxBytes: number
}

export function watchDocument(view: WatchView, warnings: readonly string[]) {
  const { state, runner, version, unprocessedBytes, maxBytes } = view
  return {
    schemaVersion,
    running: runner !== null,
    pid: runner?.pid ?? null,
    since: iso(runner?.startedAt ?? null),
    version: runner?.version ?? null,
    programVersion: version,
    lastLookAt: iso(state?.lastLookAt ?? null),
    nextLookAt: runner === null ? null : iso(state?.nextLookAt ?? null),
    sessions: (state?.sessions ?? []).map((session) => ({
      id: session.id,
      agent: session.agent,
      project: session.project,
      pid: session.pid,
      state: session.state,
      detail: session.detail,
      contextTokens: session.tokens,
      contextWindow: session.window,
      contextPercent: session.percent,
      compactsAt: session.compactsAt,
      usedPercent: usedPercent(session),
      reasons: session.reasons,
      saved: session.saved,
    })),
    lastExport: exportDocumentOf(state),
    ...{ unprocessedBytes, maxBytes },
    told: (state?.told ?? []).map(({ at, text, by, sessions }) => ({ at: iso(at), text, by, sessions })),
    errors: (state?.errors ?? []).map(({ at, message }) => ({ at: iso(at), message })),
    warnings,
  }
}

function exportDocumentOf(state: WatchState | null) {
  if (state?.lastExport == null) return null
  const { at, id, reason, outcome, path, bytes } = state.lastExport
  return { at: iso(at), id, reason, outcome, path, bytes }
}

/** Of what fits before the client compacts: what the thresholds are about. */
function usedPercent(session: SeenSession): number | null {
  const fill = contextFill(session)
  return fill === null ? null : Math.round(fill * 100)
}

const shownTold = 5

export function showWatchStatus(view: WatchView, out: Output): void {
  const { state, runner, version, now } = view
  const { bold, red, yellow, dim } = out.paint
  if (runner === null) out.print(`${red("The watcher is not running.")}`)
  else
    out.print(`${bold("The watcher is running")} since ${formatMinute(runner.startedAt)} (pid ${runner.pid})`)
  if (runner !== null && runner.version !== version)
    out.print(yellow(`It is version ${sanitize(runner.version)}; this program is ${version}.`))
  if (state !== null) {
    const next =
      runner === null || state.nextLookAt === null
        ? ""
        : `; next at ${formatMinute(state.nextLookAt)}, or when something changes`
    out.print(`Last look: ${formatAge(state.lastLookAt, now)}${next}`)
    for (const session of state.sessions.filter(isShown)) out.print(`  ${sessionLine(session)}`)
    const { lastExport } = state
    if (lastExport !== null)
      out.print(
        `Last export: ${formatAge(lastExport.at, now)}, ${lastExport.id?.slice(0, 8) ?? ""} (${lastExport.reason}), ${formatSize(lastExport.bytes)}  ${dim(sanitize(lastExport.path ?? ""))}`,
      )
    if (state.told.length > 0) out.print("Told:")
    for (const { at, text, by } of state.told.slice(-shownTold)) {
      const how = by.length === 0 ? "nothing could show it" : by.join(", ")
      for (const line of text.split("\n"))
        out.print(`  ${formatMinute(at)}  ${sanitize(line)} ${dim(`(${how})`)}`)
    }
    for (const { at, message } of state.errors.slice(-shownTold))
      out.print(`${yellow("failed")}  ${formatMinute(at)}  ${sanitize(message)}`)
  }
  showRoom(view, out)
  out.print(`Next: ${nextStep(view)}`)
}

/** Cron looks every five minutes, as `setup --watcher` says it where there is no service manager. */
const recentMs = 15 * 60_000

function nextStep({ state, runner, now }: WatchView): string {
  if (runner !== null) return "nothing to do; session-rescue status shows every session"
  const age = state?.lastLookAt == null ? null : now - state.lastLookAt
  return age !== null && age < recentMs
    ? "nothing to do where cron runs watch --once; session-rescue setup --watcher runs it all the time"
    : "session-rescue setup --watcher   (or in this terminal: session-rescue watch)"
}

function showRoom({ unprocessedBytes, maxBytes }: WatchView, { print, paint }: Output): void {
  const says = `Unprocessed copies: ${formatSize(unprocessedBytes)} of ${formatSize(maxBytes)} (watch.max_bytes)`
  if (!isNearlyUsedUp(unprocessedBytes, maxBytes)) print(says)
  else print(`${paint.yellow(says)}: beyond that nothing is saved by itself. Next: session-rescue cx`)
}

function isShown({ pid, reasons }: SeenSession): boolean {
  return pid !== null || reasons.length > 0
}

function sessionLine(session: SeenSession): string {
  const { id, project, state, detail, reasons } = session
  const context = describeContext(session)
  const why = reasons.length === 0 ? "" : `  ${reasons.join(", ")}`
  const copy = describeCopy(session)
  return `${pad(id?.slice(0, 8) ?? "-", 9)}${pad(state, 10)}${pad(sanitize(detail), 22)}  ${pad(context, 38)}  ${pad(copy, 18)}  ${sanitize(project ?? "")}${why}`
}

export function describeCopy({ saved }: SeenSession): string {
  return saved === "none" ? "not saved" : saved === "outdated" ? "saved, grown since" : saved
}

export function describeContext(session: SeenSession): string {
  const { tokens, window, percent } = session
  if (tokens === null) return "context unknown"
  const used = usedPercent(session)
  if (used === null) return `${Math.round(tokens / 1000)}k tokens, window unknown`
  const left = percent !== used || window === null ? ` (${used}% of what fits)` : ""
  return percent === null ? `${used}% of what fits` : `context ${percent}%${left}`
}
