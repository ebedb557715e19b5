import { runSelf } from "../../system/process/run-self.ts"
import type { LookQuery, WatchLook } from "./look.ts"
import type { ToSave, WatchSaved } from "./save.ts"

/** What the program is called with when it is the watcher's child; no command for people. */
export const childCommand = "watch-child"

const lookTimeoutMs = 120_000

export interface ChildQuery {
  readonly data: string
  readonly hungAfter: string | null
  readonly look?: LookQuery
  readonly save?: readonly ToSave[]
}

/** Throws an Error that says why the child has no answer. */
export async function lookInChild(query: ChildQuery): Promise<WatchLook> {
  const look = (await answerOf(query, lookTimeoutMs)) as WatchLook
  if (!Array.isArray(look.sessions)) throw new Error("the child gave no list of sessions")
  return look
}

/** Without a time limit: a copy takes as long as it takes. */
export async function saveInChild(query: ChildQuery): Promise<SavedByChild> {
  const saved = (await answerOf(query, null)) as SavedByChild
  if (!Array.isArray(saved.results)) throw new Error("the child gave no list of copies")
  return saved
}

export interface SavedByChild {
  readonly results: readonly WatchSaved[]
  /** Also of what followed the copies: a plugin that failed. */
  readonly warnings: readonly string[]
}

async function answerOf(query: ChildQuery, waitMs: number | null): Promise<unknown> {
  const { output, error } = await runSelf([childCommand], { input: JSON.stringify(query), waitMs })
  if (output === null) throw new Error(error || "the child failed")
  return JSON.parse(output)
}
