import { describeContinue } from "../../domain/session/live-process.ts"
import { shortId } from "../../domain/session/session-id.ts"
import { shellQuote } from "../../domain/shell-quote.ts"
import type { ListedSession } from "../../pipeline/listing/list-sessions.ts"
import type { Output } from "./output.ts"
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

/** `savedBefore`: exports are there, of sessions that their client has deleted since. */
export function nextWhenNothing(sudoUser: string | null, savedBefore = false): string {
  if (sudoUser === null && savedBefore)
    return "Next: session-rescue list   (what was saved before; restore ID brings it back)"
  if (sudoUser === null)
    return "Next: nothing to save here. Another client home: CLAUDE_CONFIG_DIR=… session-rescue"
  return `Next: the same without sudo, or: sudo -H -u ${sanitize(sudoUser)} session-rescue`
}

/** After a dry run: the line that does it, as it was typed. */
export function nextForReal({ typed }: Output): string {
  const words = typed.filter((word) => word !== "--dry-run")
  if (words.length === typed.length) return "Next: the same without --dry-run"
  const line = words.map((word) => (/^[\w./:@%+,=-]+$/.test(word) ? word : shellQuote(word))).join(" ")
  return `Next: session-rescue ${line}`
}

/** The last line a person sees is what to type next, for the session that needs it most. */
export function nextAfterStatus(listed: readonly ListedSession[], sudoUser: string | null = null): string {
  // a suspended client is brought back by its own shell: one that hangs for another reason comes first
  const hung = listed.filter(({ need }) => need === "hung")
  const first = hung.find(({ session }) => !isSuspended(session)) ?? listed[0]
  if (first === undefined) return nextWhenNothing(sudoUser)
  const name = shortName(first, listed)
  const continues = first.session.process === null ? null : describeContinue(first.session.process)
  if (first.need === "hung" && continues !== null)
    return `Next: ${continues}   (or save and end it: session-rescue --kill ${name})`
  switch (first.need) {
    case "hung":
      return isSaved(first)
        ? `Next: session-rescue --kill ${name}   (it is saved; what is new is saved before it ends)`
        : `Next: session-rescue --export ${name}   (then --kill ${name} ends it safely)`
    case "shrunk":
      return nextForShrunk(name)
    case "crashed":
      if (first.session.flags.includes("shrunk")) return nextForShrunk(name)
      return isSaved(first)
        ? `Next: session-rescue --resume ${name}   (it is saved; or dismiss it)`
        : `Next: session-rescue --export ${name}   (then --resume it, or dismiss it)`
    case "asking":
      return `Next: answer it in ${sanitize(first.place?.name ?? "its terminal")}   (session-rescue: o goes there)`
    case "working":
    case "waiting":
    case "unsaved":
      return "Next: session-rescue --export   (all running, crashed or about to be deleted)"
    case "closed":
      return "Next: session-rescue --resume   (the commands that resume them)"
  }
}

/** A resume would go on with what is left. */
export function nextForShrunk(name: string): string {
  return `Next: session-rescue diff ${name}   (what is gone; restore ${name} --force saves what is left, then brings it back)`
}

function isSaved({ saved }: ListedSession): boolean {
  return saved.kind === "saved" || saved.kind === "archived"
}

function isSuspended({ process }: ListedSession["session"]): boolean {
  return process !== null && describeContinue(process) !== null
}

/** The terminal where it is the only session there, else its pid; the id of one that is not running. */
function shortName({ session }: ListedSession, listed: readonly ListedSession[]): string {
  const { process, id } = session
  if (process === null) return shortId(id) ?? "--all"
  const { terminal, pid } = process
  const there = listed.filter(
    (each) => each.session.process?.terminal === terminal && each.session.process?.pid !== pid,
  )
  return terminal === null || there.length > 0 ? String(pid) : terminal
}
