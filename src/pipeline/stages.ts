import type { ExportResult, SavePlan } from "../session/export.ts"
import type { FoundSession, Session } from "../session/session.ts"
import type { Verdict } from "../session/state.ts"
import type { Context } from "./context.ts"

/** All detect plugins run in parallel; what they find is put together. One plugin an agent. */
export interface DetectPlugin {
  readonly name: string
  readonly stage: "detect"
  readonly agent: string
  /** Finds every session of its agent from folders and processes, without reading transcripts. */
  detect(ctx: Context): Promise<readonly FoundSession[]>
  /** Reads one of them: its footprint, and its transcript as far as a verdict needs. Asked only for those shown. */
  examine(found: FoundSession, ctx: Context): Promise<Session>
}

/** Asked in order (`pre`, normal, `post`); the first that does not answer null decides. */
export interface ClassifyPlugin {
  readonly name: string
  readonly stage: "classify"
  readonly order?: "pre" | "post"
  classify(session: Session, ctx: Context): Promise<Verdict | null>
}

/** A session with its verdict. */
export type ClassifiedSession = Session & Verdict

/** What an act plugin may do beyond looking: ask for a verified copy. Ending a process is not among it. */
export interface ActContext extends Context {
  save(plan: SavePlan): Promise<ExportResult>
}

/** The named one is run, one session after another. The names `export`, `kill` and `resume` are reserved. */
export interface ActPlugin<Result = unknown> {
  readonly name: string
  readonly stage: "act"
  act(session: ClassifiedSession, ctx: ActContext): Promise<Result>
}

export type Plugin = DetectPlugin | ClassifyPlugin | ActPlugin
