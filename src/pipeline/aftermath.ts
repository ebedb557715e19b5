import type { Ending } from "../rescue/terminate.ts"
import type { ExportResult } from "../session/export.ts"
import type { LiveProcess } from "../session/session.ts"
import { resetTerminal } from "../system/terminal-reset.ts"
import { type ExportOptions, exportAll } from "./act.ts"
import { classify } from "./classify.ts"
import type { Context } from "./context.ts"
import { detectAll } from "./detect.ts"
import { type KillReport, report } from "./kill-report.ts"
import { type LiveSession, type Look, places } from "./look-again.ts"
import type { Offspring } from "./offspring.ts"

/** When the client was signalled, or is gone: nothing cuts this short, neither Ctrl-C nor an error. */
export async function afterwards(
  { session, known }: Look,
  ending: Extract<Ending, { outcome: "ended" | "killed" | "still-alive" }>,
  exports: readonly ExportResult[],
  offspring: Offspring,
  ctx: Context,
  options: { readonly tree: boolean; readonly exporting: ExportOptions },
): Promise<KillReport> {
  const terminal = ending.outcome === "killed" ? putRight(session.process) : null
  if (options.tree && ending.outcome !== "still-alive") await offspring.end().catch(sayOn(ctx))
  const calm = { ...ctx, signal: new AbortController().signal }
  // safety: saved-last
  const { results, failure } = await saveLast(session, known, calm, options.exporting)
  const survivors = (await offspring.alive().catch(sayOn(ctx))) ?? []
  const gone = ending.outcome !== "still-alive"
  const reason = "reason" in ending ? ending.reason : null
  return report(session, failure !== null && gone ? "failed" : ending.outcome, {
    reason: failure === null ? reason : `${gone ? "it is gone" : reason}, but ${failure}`,
    exports,
    after: results,
    survivors,
    terminal,
  })
}

/** Another terminal's modes are not touched: only one that the killed client held in its foreground. */
function putRight({ terminal, foreground }: LiveProcess): KillReport["terminal"] {
  if (terminal === null) return null
  return foreground && resetTerminal(terminal) ? "reset" : "by hand" // safety: own-foreground
}

function sayOn(ctx: Context): (error: Error) => void {
  return (error) => ctx.warn(`what it had started cannot be told: ${error.message}`)
}

/**
 * A client writes while it dies, and may only then have made its transcript: everything is looked for anew. `known`
 * are the places of all sessions before; one that is new and nobody's is taken for its.
 */
export async function saveLast(
  session: LiveSession,
  known: ReadonlySet<string> | null,
  ctx: Context,
  exporting: ExportOptions,
): Promise<{ results: readonly ExportResult[]; failure: string | null; interrupted: boolean }> {
  try {
    const ids = new Set([session, ...session.candidates].flatMap((each) => each.id ?? []))
    // its home may be known by its environment alone, which is gone with it
    const homes = [...ctx.homes, session.home] // safety: last-home
    const found = (await detectAll({ ...ctx, homes }, session.agent)).filter(
      (each) =>
        each.home === session.home &&
        ([each, ...each.candidates].some(({ id }) => id !== null && ids.has(id)) ||
          (each.process === null && known !== null && !places(each).some((place) => known.has(place)))),
    )
    const classified = await Promise.all(found.map((each) => classify(each, ctx)))
    const { exports, failures, interrupted } = await exportAll(classified, ctx, exporting)
    const results = exports.map(({ result }) => result).filter(isNew)
    return { results, failure: failures[0] ? lost(failures[0].error) : unsure(results), interrupted }
  } catch (error) {
    return { results: [], failure: lost(error as Error), interrupted: false }
  }
}

function isNew({ status }: ExportResult): boolean {
  return status !== "unchanged" && status !== "empty"
}

function lost(error: Error): string {
  return `what it wrote last was not saved: ${error.message}`
}

function unsure(results: readonly ExportResult[]): string | null {
  if (!results.some(({ status }) => status === "unconfirmed")) return null
  return "the copy of what it wrote last may not survive a power cut"
}
