import type { IndexSummary } from "../../domain/conversation/index-summary.ts"
import type { Exported } from "../../domain/export/export.ts"

/** One run of a post-process plugin: input and outcome. */
export interface PostProcessRun {
  readonly signal: AbortSignal
  warn(message: string): void
  readonly options: Readonly<Record<string, unknown>>
  readonly timeoutMs: number
  readonly paths: { readonly home: string; readonly data: string }
  /** For built-in plugins; a plugin in a worker process opens the index there. */
  readonly readIntoIndex: (exported: Exported, signal: AbortSignal) => Promise<IndexSummary>
  /** Called before another program starts: it finds in the index what was read until then, and may write to it. */
  readonly beforeProgram?: () => Promise<void>
}

export type PostProcessOutcome =
  | { readonly ok: true; readonly result: unknown }
  /** `damaged`: files of the export that have changed, whatever the plugin answered. */
  | {
      readonly ok: false
      readonly why: string
      readonly damaged?: readonly string[]
      /** The `result` property of its error. */
      readonly result?: unknown
      /** It timed out. */
      readonly late?: boolean
    }
