import type { FoundSession } from "session-rescue"

/** Adds to each session the transcripts with the same id in other project folders of its home. */
export function withCopies(found: readonly FoundSession[]): readonly FoundSession[] {
  const first = new Map<string, FoundSession>()
  // rare: avoids a list for each of tens of thousands of sessions
  const several = new Map<string, FoundSession[]>()
  for (const session of found) {
    if (session.id === null || session.transcript === null) continue
    const key = `${session.home}\0${session.id}`
    const other = first.get(key)
    if (other === undefined) first.set(key, session)
    else several.set(key, [...(several.get(key) ?? [other]), session])
  }
  if (several.size === 0) return found
  return found.map((session) => {
    const all = several.get(`${session.home}\0${session.id}`)?.filter((other) => other !== session) ?? []
    const elsewhere = all.flatMap(({ transcript }) => transcript ?? [])
    return session.transcript === null || elsewhere.length === 0 ? session : { ...session, elsewhere }
  })
}
