/** What else knows which sessions were open: the watcher, if it was cut off too, and the list of typed prompts. */
import { parseRecord } from "../../domain/transcript/entries.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { readWatchState, runningWatcher } from "../watch/state.ts"

/** Sessions that ran when the watcher looked last before it was cut off, each with that time. */
export async function seenRunning(ctx: RunContext): Promise<ReadonlyMap<string, number>> {
  const state = readWatchState(ctx.paths, ctx.files)
  if (state === null) return new Map()
  const isCutOff = state.runner !== null && (await runningWatcher(state)) === null
  const running = state.sessions.filter(({ pid }) => pid !== null)
  const last =
    isCutOff && state.lastLookAt !== null ? { at: state.lastLookAt, sessions: running } : state.cutOff
  return new Map(last?.sessions.flatMap(({ id }) => (id === null ? [] : [[id, last.at] as const])) ?? [])
}

const maxHistoryBytes = 64 * (1 << 20)

/** When the last prompt of each session was typed: one that a power cut kept from its transcript is only here. */
export function promptTimes(homes: Iterable<string>, { files }: RunContext): ReadonlyMap<string, number> {
  const times = new Map<string, number>()
  for (const home of homes) {
    const text = files.quiet.text(`${home}/history.jsonl`, maxHistoryBytes) ?? ""
    for (const line of text.split("\n")) {
      const { sessionId, timestamp } = parseRecord(new TextEncoder().encode(line)) ?? {}
      if (typeof sessionId !== "string" || typeof timestamp !== "number") continue
      times.set(sessionId, Math.max(times.get(sessionId) ?? 0, timestamp))
    }
  }
  return times
}
