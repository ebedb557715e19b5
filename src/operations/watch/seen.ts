import type { SeenSession } from "./state.ts"

/** A session that runs since the look before, that has another state or other reasons, or whose client is gone. */
export interface SeenChange {
  readonly how: "runs" | "changed" | "gone"
  readonly session: SeenSession
}

/** What a look shows that the one before it did not. Whose turn it is, is no news: it changes with each prompt. */
export function changesSeen(
  before: readonly SeenSession[],
  now: readonly SeenSession[],
): readonly SeenChange[] {
  const earlier = new Map(before.map((session) => [session.key, session]))
  const later = new Map(now.map((session) => [session.key, session]))
  const news = now.flatMap((session): SeenChange[] => {
    const known = earlier.get(session.key)
    if (session.pid === null) return []
    if (known === undefined || known.pid === null) return [{ how: "runs", session }]
    const isSame = known.state === session.state && known.reasons.join() === session.reasons.join()
    return isSame ? [] : [{ how: "changed", session }]
  })
  const gone = before.flatMap((session): SeenChange[] => {
    const left = later.get(session.key)
    if (session.pid === null || (left !== undefined && left.pid !== null)) return []
    return [{ how: "gone", session: left ?? { ...session, pid: null, detail: "closed", reasons: [] } }]
  })
  return [...news, ...gone]
}
