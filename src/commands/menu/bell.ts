import { alarmMarks } from "../../domain/watch/alarms.ts"
import { defaultNotify } from "../../domain/watch/sight.ts"
import type { ListedSession, SessionList } from "../../pipeline/listing/list-sessions.ts"
import type { Config } from "../../system/config/config.ts"
import { itemKey } from "../../view/menu/list-state.ts"

/** Rings once for what is new in a list; what the first one shows is seen anyway. */
export function withBell<List extends SessionList>(
  { notify, watch }: Pick<Config, "notify" | "watch">,
  screen: { ring(): void },
  show: (list: List) => void,
): (list: List) => void {
  const settings = { at: watch.at, notify: notify ?? defaultNotify }
  let before: ReadonlySet<string> | null = null
  return (list) => {
    const now = new Set(list.listed.flatMap((item) => alarmMarks(alarming(item), settings)))
    if (before !== null && !now.isSubsetOf(before)) screen.ring()
    before = now
    show(list)
  }
}

function alarming(item: ListedSession) {
  const { contextTokens, contextWindow = null, compactsAt = null, process } = item.session
  return {
    ...{ key: itemKey(item), need: item.need, isRunning: process !== null },
    ...{ tokens: contextTokens, window: contextWindow, compactsAt },
  }
}
