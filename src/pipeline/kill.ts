import { type Asker, whyNeverEnded } from "../rescue/guards.ts"
import { issueReceipt } from "../rescue/receipt.ts"
import { type Ending, terminate } from "../rescue/terminate.ts"
import type { DiskPath } from "../session/disk-path.ts"
import { RescueError } from "../session/errors.ts"
import type { ExportResult } from "../session/export.ts"
import type { LiveProcess } from "../session/session.ts"
import { type HeldProcess, holdProcess } from "../system/held-process.ts"
import type { ProcessEntry } from "../system/processes.ts"
import { resetTerminal } from "../system/terminal-reset.ts"
import { type ExportOptions, exportAll } from "./act.ts"
import { classify } from "./classify.ts"
import type { Context } from "./context.ts"
import { detectAll, examine } from "./detect.ts"
import { type Offspring, watchOffspring } from "./offspring.ts"
import type { ClassifiedSession } from "./stages.ts"

/** A session that certainly has a process. */
export type LiveSession = ClassifiedSession & { readonly process: LiveProcess }

export interface KillReport {
  readonly session: LiveSession
  readonly outcome: Ending["outcome"] | "failed" | "declined" | "would-end"
  readonly reason: string | null
  readonly hint: string | null
  readonly exports: readonly ExportResult[]
  /** What it still wrote while it ended, exported again; empty when there was nothing new. */
  readonly after: readonly ExportResult[]
  /** Processes it had started that are still alive. */
  readonly survivors: readonly ProcessEntry[]
  /** Only after a KILL on a terminal: was it put right, or must a person do it? */
  readonly terminal: "reset" | "by hand" | null
}

export interface KillOptions {
  readonly asker: Asker
  readonly exporting: ExportOptions
  readonly graceMs: number
  /** End what it has started, too. */
  readonly tree: boolean
  readonly dryRun: boolean
  /** Asked when everything is saved, before anything is ended. */
  confirm(session: LiveSession, exports: readonly ExportResult[], airtight: boolean): Promise<boolean>
  onTerm(): void
  onWait(left: number): void
}

const rounds = 3

/** Export, verify, ask, look again, end, export what it still wrote. Any doubt on the way, and nothing is ended. */
export async function killOne(session: LiveSession, ctx: Context, options: KillOptions): Promise<KillReport> {
  const refusal = await whyRefused(session, ctx, options.asker)
  if (refusal !== null) return report(session, "refused", refusal)
  if (options.dryRun) return report(session, "would-end", {})
  const held = await holdProcess(session.process)
  if (held === null) return goneBefore(session, ctx, options)
  const offspring = await watchOffspring(session.process.pid, ctx)
  try {
    return await endHeld(session, held, offspring, ctx, options)
  } finally {
    held.release()
    offspring.release()
  }
}

async function whyRefused(session: LiveSession, ctx: Context, asker: Asker) {
  const list = await ctx.processes.list()
  const target = list.find((entry) => entry.pid === session.process.pid)
  const ids = [session, ...session.candidates].flatMap((each) => (each.id === null ? [] : [each.id]))
  if (target !== undefined) return whyNeverEnded(target, ids, asker, list)
  return null // it has ended meanwhile: holding it will say so
}

async function endHeld(
  session: LiveSession,
  held: HeldProcess,
  offspring: Offspring,
  ctx: Context,
  options: KillOptions,
): Promise<KillReport> {
  let exports: readonly ExportResult[] = []
  let ending: Ending = { outcome: "refused", reason: "" }
  for (let round = 1; round <= rounds; round++) {
    const saved = await exportAll([session], ctx, options.exporting)
    exports = saved.exports.map(({ result }) => result)
    const failure = saved.failures[0]?.error
    if (saved.interrupted)
      throw new RescueError("INTERRUPTED", "interrupted; nothing was ended", "run it again")
    if (failure !== undefined) {
      return report(session, "failed", { reason: failure.message, hint: failure.hint, exports })
    }
    const receipt = issueReceipt(held.identity, exports, await filesOf(session, ctx))
    if (receipt === null) {
      if (exports.some((result) => result.status === "unconfirmed")) {
        const reason = "the copy could not be confirmed to survive a power cut"
        return report(session, "refused", { reason, hint: "save to another disk: --data-dir", exports })
      }
      continue // a file appeared while the others were saved
    }
    if (round === 1 && !(await options.confirm(session, exports, held.airtight))) {
      return report(session, "declined", { reason: "not ended: you said no", exports })
    }
    if (ctx.signal.aborted)
      throw new RescueError("INTERRUPTED", "interrupted; nothing was ended", "run it again")
    ending = await terminate(held, receipt, {
      graceMs: options.graceMs,
      suspended: session.process.letter === "T",
      footprint: () => filesOf(session, ctx),
      onTerm: () => options.onTerm(),
      onWait: (left) => options.onWait(left),
    })
    if (ending.outcome !== "refused") break
  }
  if (ending.outcome === "refused") {
    const reason = `${ending.reason || "its files keep changing"} (saved ${rounds} times, not ended)`
    return report(session, "refused", {
      reason,
      hint: "wait until it is quiet, or suspend it first",
      exports,
    })
  }
  return afterwards(session, ending, exports, offspring, ctx, options)
}

/** Its plain files as they are named now. */
async function filesOf(session: LiveSession, ctx: Context): Promise<readonly DiskPath[]> {
  const { footprint } = await examine(session, ctx)
  return footprint.filter((file) => file.kind === "file").map((file) => file.path)
}

/** Nothing cuts this short any more, not even Ctrl-C. */
async function afterwards(
  session: LiveSession,
  ending: Exclude<Ending, { outcome: "refused" }>,
  exports: readonly ExportResult[],
  offspring: Offspring,
  ctx: Context,
  options: KillOptions,
): Promise<KillReport> {
  const calm = { ...ctx, signal: new AbortController().signal }
  const saved = await saveAgain(session, calm, options)
  const survivors = await offspring.survivors(options.tree && ending.outcome !== "still-alive")
  const { terminal, foreground } = session.process
  const disordered = ending.outcome === "killed" && terminal !== null
  return report(session, saved.failure === null ? ending.outcome : "failed", {
    reason: saved.failure ?? ("reason" in ending ? ending.reason : null),
    exports,
    after: saved.results,
    survivors,
    terminal: disordered ? (foreground && resetTerminal(terminal) ? "reset" : "by hand") : null,
  })
}

/** A client writes while it dies, and may only then have made its transcript: everything is looked for anew. */
async function saveAgain(session: LiveSession, ctx: Context, options: KillOptions) {
  const ids = new Set([session, ...session.candidates].flatMap((each) => each.id ?? []))
  const found = (await detectAll(ctx, session.agent)).filter(
    (each) => each.home === session.home && each.id !== null && ids.has(each.id) && each.process === null,
  )
  const { exports, failures } = await exportAll(
    await Promise.all(found.map((each) => classify(each, ctx))),
    ctx,
    options.exporting,
  )
  const [first] = failures
  const failure =
    first === undefined ? null : `it is gone, but what it wrote last was not saved: ${first.error.message}`
  return {
    results: exports.map(({ result }) => result).filter(({ status }) => status !== "unchanged"),
    failure,
  }
}

async function goneBefore(session: LiveSession, ctx: Context, options: KillOptions): Promise<KillReport> {
  const saved = await saveAgain(session, ctx, options)
  const reason = saved.failure ?? "it had ended by itself before"
  return report(session, saved.failure === null ? "ended" : "failed", { reason, after: saved.results })
}

function report(session: LiveSession, outcome: KillReport["outcome"], more: Partial<KillReport>): KillReport {
  const nothing = { reason: null, hint: null, exports: [], after: [], survivors: [], terminal: null }
  return { ...nothing, session, outcome, ...more }
}
