import type { FoundSession } from "session-rescue"

/** Adds to each session the transcripts with the same id in other project folders of its home. */
export function withCopies(found: readonly FoundSession[]): readonly FoundSession[] {
  const homes = new Map<string, Map<string, FoundSession>>() // no key is made for each of tens of thousands of sessions
  // rare: avoids a list for each of tens of thousands of sessions
  const several = new Map<string, FoundSession[]>()
  for (const session of found) {
    if (session.id === null || session.transcript === null) continue
    const first = homes.get(session.home) ?? new Map<string, FoundSession>()
    if (first.size === 0) homes.set(session.home, first)
    const other = first.get(session.id)
    if (other === undefined) first.set(session.id, session)
    else {
      const key = `${session.home}\0${session.id}`
      several.set(key, [...(several.get(key) ?? [other]), session])
    }
  }
  if (several.size === 0) return found
  return found.map((session) => {
    const all = several.get(`${session.home}\0${session.id}`)?.filter((other) => other !== session) ?? []
    const elsewhere = all.flatMap(({ transcript }) => transcript ?? [])
    return session.transcript === null || elsewhere.length === 0 ? session : { ...session, elsewhere }
  })
}
