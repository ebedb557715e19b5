import { day } from "../duration.ts"
import type { FoundSession, Session } from "./session.ts"
import type { Flag } from "./state.ts"

const purgeWarningMs = 7 * day
const largeBytes = 50 * 1024 * 1024

/** The client will delete it within seven days, or the next time it starts. */
export function isPurgeSoon(session: FoundSession, now: number): boolean {
  return session.purgeAt !== null && session.purgeAt - now < purgeWarningMs
}

/** Flags that are computed the same way for every agent. */
export function commonFlags(session: Session, now: number): readonly Flag[] {
  const flags: Flag[] = []
  if (isPurgeSoon(session, now)) flags.push("purge-soon")
  if (session.transcriptSize > largeBytes) flags.push("large")
  return flags
}
