import { day } from "../duration.ts"
import type { FoundSession, Session } from "./session.ts"
import type { Flag } from "./state.ts"

const purgeWarning = 7 * day
const large = 50 * 1024 * 1024

/** The client will delete it within seven days, or the next time it starts. */
export function isPurgeSoon(session: FoundSession, now: number): boolean {
  return session.purgeAt !== null && session.purgeAt - now < purgeWarning
}

/** Flags that follow from any agent's session alike. */
export function commonFlags(session: Session, now: number): readonly Flag[] {
  const flags: Flag[] = []
  if (isPurgeSoon(session, now)) flags.push("purge-soon")
  if (session.transcriptSize > large) flags.push("large")
  return flags
}
