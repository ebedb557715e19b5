import type { ExportResult } from "../../domain/export/export.ts"
import type { TerminationResult } from "../../rescue/terminate/terminate.ts"
import type { LiveSession } from "./companions.ts"
import type { Descendant } from "./descendants.ts"

export interface KillReport {
  readonly session: LiveSession
  readonly outcome:
    | Exclude<TerminationResult["outcome"], "not-covered" | "called-off">
    | "failed"
    | "declined"
    | "would-end"
    /** It ended, and its background service has started it again. */
    | "restarted"
  readonly reason: string | null
  readonly hint: string | null
  readonly exports: readonly ExportResult[]
  /** What it still wrote while it ended, exported again; empty when there was nothing new. */
  readonly exportsAfter: readonly ExportResult[]
  /** Sessions below it, which end with it: each is saved first as it is. */
  readonly companions: readonly Companion[]
  /** Processes it had started that are still alive. */
  readonly survivors: readonly Descendant[]
  /** Only after a KILL on a terminal: was it put right, or must a person do it? */
  readonly terminal: "reset" | "manual" | null
}

/** A session that runs below another one. */
export interface Companion {
  readonly session: LiveSession
  readonly ended: boolean
}

export function killReport(
  session: LiveSession,
  outcome: KillReport["outcome"],
  more: Partial<KillReport>,
): KillReport {
  const nothing = {
    reason: null,
    hint: null,
    exports: [],
    exportsAfter: [],
    companions: [],
    survivors: [],
    terminal: null,
  }
  return { ...nothing, session, outcome, ...more }
}
