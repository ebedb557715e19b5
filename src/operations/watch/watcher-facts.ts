import type { ClockSample } from "../../domain/watch/clocks.ts"
import type { WatchNotice } from "../../domain/watch/notice.ts"
import type { Changes } from "./changes.ts"
import type { LookQuery, WatchLook } from "./look.ts"
import type { ToSave, WatchSaved } from "./save.ts"
import type { SeenChange } from "./seen.ts"
import type { Telling, WatchState } from "./state.ts"
import type { Task, Watching } from "./watching.ts"

/** How long the watcher waits for what, in milliseconds. */
export interface WatchTiming {
  /** Between two looks for what makes no event: a killed client, a folder behind a link, time itself. */
  readonly tickMs: number
  /** Several changes in a row are one look. */
  readonly settleMs: number
  /** Notices within this time are told as one. */
  readonly gatherMs: number
  /** A notice waits for its copy at most this long. */
  readonly patienceMs: number
  /** After a look it rests for this many times as long as the look took. */
  readonly restFactor: number
}

export const defaultTiming: WatchTiming = {
  tickMs: 12_000,
  settleMs: 300,
  gatherMs: 10_000,
  patienceMs: 10_000,
  restFactor: 10,
}

export type WatchEvent =
  | { readonly kind: "seen"; readonly change: SeenChange }
  | { readonly kind: "saved"; readonly task: Task; readonly result: WatchSaved }
  | { readonly kind: "told"; readonly telling: Telling }
  | { readonly kind: "trouble"; readonly message: string }

export interface WatcherFacts {
  readonly watching: Watching
  readonly timing: WatchTiming
  readonly changes: Changes
  look(query: LookQuery): Promise<WatchLook>
  save(wanted: readonly ToSave[]): Promise<readonly WatchSaved[]>
  tell(notices: readonly WatchNotice[]): Promise<Telling>
  keepState(state: WatchState): Promise<void>
  /** Nothing has changed: gives back memory, the first time also what the last look took. */
  rest(isFirst: boolean): Promise<void>
  clock(): ClockSample
  /** Another version has taken this program's place, or it was removed. */
  isReplaced(): boolean
  onEvent(event: WatchEvent): void
}
