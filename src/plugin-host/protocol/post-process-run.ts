import type { IndexSummary } from "../../domain/conversation/index-summary.ts"
import type { Exported } from "../../domain/export/export.ts"

/** One run of a post-process plugin: what it is given, and what came of it. */
export interface PostProcessRun {
  readonly signal: AbortSignal
  warn(message: string): void
  readonly options: Readonly<Record<string, unknown>>
  readonly timeoutMs: number
  readonly paths: { readonly home: string; readonly data: string }
  /** For a built-in plugin; one in a process of its own opens the index there. */
  readonly readIntoIndex: (exported: Exported, signal: AbortSignal) => Promise<IndexSummary>
}

export type PostProcessOutcome =
  | { readonly ok: true; readonly result: unknown }
  /** `damaged`: what of the export is no more what it was, whatever the plugin answered. */
  | {
      readonly ok: false
      readonly why: string
      readonly damaged?: readonly string[]
      /** What its error carried under `result`. */
      readonly result?: unknown
      /** Its time was over. */
      readonly late?: boolean
    }
