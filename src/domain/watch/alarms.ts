import type { Need } from "../listing/need.ts"
import { contextFill, thresholdReached } from "./context-fill.ts"
import type { SessionSight, WatchReason, WatchSettings } from "./sight.ts"

/** What a list shows of a session that somebody may have to look after. */
export interface Alarming extends Pick<SessionSight, "key" | "tokens" | "window" | "compactsAt"> {
  readonly need: Need
  readonly isRunning: boolean
}

const reasons: Partial<Record<Need, WatchReason>> = {
  hung: "hung",
  crashed: "crashed",
  asking: "waiting",
  unsaved: "purge",
}

/** What the user of an open list is alerted to; each mark is new once, until it has gone and comes again. */
export function alarmMarks(
  session: Alarming,
  { at, notify }: Pick<WatchSettings, "at" | "notify">,
): readonly string[] {
  const reason = reasons[session.need]
  const level = session.isRunning ? thresholdReached(contextFill(session), at) : null
  const found: readonly (readonly [WatchReason, number])[] = [
    ...(reason === undefined ? [] : ([[reason, 0]] as const)),
    ...(level === null ? [] : ([["context", level]] as const)),
  ]
  return found.flatMap(([name, mark]) => (notify.includes(name) ? [`${session.key} ${name} ${mark}`] : []))
}
