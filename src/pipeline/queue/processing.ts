import type { RescueError } from "../../domain/errors.ts"
import type { ReadStored } from "../../domain/export/export.ts"
import type { ProgressReporter } from "../../domain/progress.ts"
import type { LoadedPlugin } from "../../plugin-host/protocol/loaded-plugin.ts"
import type { ArchivePlugin, PostProcessPlugin } from "../../sdk/contracts.ts"
import type { Paths } from "../../system/config/paths.ts"
import type { IndexSession } from "../indexing/index-session.ts"
import type { PendingItem } from "./queue.ts"
import type { PluginOutcome } from "./run-plugin.ts"

export interface ProcessingOptions {
  readonly paths: Paths
  readonly version: string
  /** Exports by name, id or id prefix; null: all pending ones. Named exports are retried in any case. */
  readonly names: readonly string[] | null
  /** `export`: only what follows a command's acts. `cx`: that and everything else. */
  readonly on: "export" | "cx"
  /** null: do not archive. */
  readonly archiver: LoadedPlugin<ArchivePlugin> | null
  readonly plugins: readonly LoadedPlugin<PostProcessPlugin>[]
  /** Run no plugins; skip exports that still have outstanding ones. */
  readonly onlyProcessed?: boolean
  readonly readStored: ReadStored
  readonly reporter: ProgressReporter
  readonly signal: AbortSignal
  readonly warn: (message: string) => void
  readonly indexSession: IndexSession
}

/** Without the open index: enough for a dry run. */
export type ProcessingPlan = Omit<ProcessingOptions, "indexSession">

export interface ProcessedExport {
  readonly name: string
  readonly id: string | null
  /** The session's title when it was exported; null where it has none, and for an export without a manifest. */
  readonly title: string | null
  readonly outcomes: readonly PluginOutcome[]
  /** Path of the archived file that replaces the export. */
  readonly archived: string | null
  /** Plugins that have to run first, when only processed exports are archived. */
  readonly waitsFor: readonly string[]
  /** Why it stays pending; being locked by another run is not a failure. */
  readonly failure: RescueError | null
  readonly busy: boolean
}

export interface ProcessingReport {
  readonly exports: readonly ProcessedExport[]
  readonly interrupted: boolean
}

/** What its manifest says of the session. */
export function sessionOf(waiting: PendingItem): Pick<ProcessedExport, "id" | "title"> {
  const saved = waiting.kind === "foreign" ? null : waiting.saved
  return { id: saved?.manifest.session.id ?? null, title: saved?.manifest.session.title ?? null }
}
