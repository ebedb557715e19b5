import { describeContinue } from "../../domain/session/session.ts"
import type { ClassifiedSession } from "../../sdk/contracts.ts"
import { sanitize } from "./sanitize.ts"

interface SearchScope {
  /** The home that was looked at. */
  readonly home: string
  readonly sudoUser?: string | null
}

/** Where was looked in vain. Under sudo it is root's home, and the sessions are somebody else's. */
export function describeNothingFound({ home, sudoUser }: SearchScope): string {
  const where = `No session was found; the home is ${sanitize(home)}`
  return sudoUser == null
    ? `${where}.`
    : `${where}: sudo runs this as root, and ${sanitize(sudoUser)}'s sessions are in another home.`
}

export function nextWhenNothing(sudoUser: string | null): string {
  if (sudoUser === null)
    return "Next: nothing to save here. Another client home: CLAUDE_CONFIG_DIR=… session-rescue"
  return `Next: the same without sudo, or: sudo -H -u ${sanitize(sudoUser)} session-rescue`
}

/** The last line a person sees is what to type next. */
export function nextAfterStatus(
  sessions: readonly ClassifiedSession[],
  sudoUser: string | null = null,
): string {
  const isSuspended = ({ process }: ClassifiedSession) =>
    process !== null && describeContinue(process) !== null
  const allHung = sessions.filter((session) => session.state === "HUNG")
  const hung = allHung.find((session) => !isSuspended(session)) ?? allHung[0]
  const terminal = hung?.process?.terminal ?? null
  const inIt = sessions.flatMap(({ process }) => (process?.terminal === terminal ? process.pid : []))
  const name = new Set(inIt).size > 1 ? hung?.process?.pid : (terminal ?? hung?.process?.pid)
  const continues = hung?.process == null ? null : describeContinue(hung.process)
  if (continues !== null)
    return `Next: ${continues}   (brings it back; or save and end it: session-rescue --kill ${name})`
  if (name !== undefined)
    return `Next: session-rescue --export ${name}   (then --kill ${name} ends it safely)`
  if (sessions.length === 0) return nextWhenNothing(sudoUser)
  if (sessions.some((session) => session.process !== null || session.flags.includes("purge-soon"))) {
    return "Next: session-rescue --export   (all running, crashed or about to be deleted)"
  }
  return "Next: session-rescue --resume   (the commands that resume them)"
}
