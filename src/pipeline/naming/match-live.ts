import { RescueError } from "../../domain/errors.ts"
import { parseTerminals } from "../../domain/session/naming.ts"
import type { FoundSession, LiveProcess } from "../../domain/session/session.ts"
import { shortId } from "../../domain/session/session-id.ts"
import type { RunContext } from "../run-context.ts"
import { ambiguousSession } from "./ambiguous.ts"
import { describeMatch } from "./describe-match.ts"
import { findByLabel } from "./find-named.ts"

type Live = FoundSession & { readonly process: LiveProcess }

/** How a session to be killed was named, when not by id, terminal, pid or path. */
export interface ResolvedName {
  readonly name: string
  /** `its title is "fix the login page"` */
  readonly message: string
  /** The full name was typed, not a part of it. */
  readonly whole: boolean
}

/**
 * The one running session with this title, name, folder or pane; null when none matches, throws when several
 * match.
 */
export async function findLiveByName<T extends Live>(
  name: string,
  live: readonly T[],
  ctx: RunContext,
): Promise<(T & { readonly takenFor: ResolvedName }) | null> {
  const { matches } = await findByLabel(name, live, ctx)
  const [first] = matches
  if (first === undefined) return null
  const sessions = matches.map(({ session }) => session)
  if (matches.length > 1) throw await ambiguousSession(name, sessions, "kill", ctx) // safety: one-called
  return {
    ...(first.session as T),
    takenFor: { name, message: describeMatch(first), whole: first.kind === "exact" },
  }
}

/** Without a confirmation prompt, a session named by a part of its name is not ended. */
export function refusePartialName(takenFor: ResolvedName | undefined, pid: number): void {
  if (takenFor === undefined || takenFor.whole) return
  throw new RescueError(
    "AMBIGUOUS",
    `--force requires an exact name, and "${takenFor.name}" matches only in part (${takenFor.message}): nothing was ended`,
    `use its pid: session-rescue kill ${pid} --force`,
  )
}

/** A number can be a pid or a terminal: if a process has that pid, the terminal must be written out. */
export async function refuseAmbiguousNumber(
  name: string,
  { process, id }: Live,
  ctx: RunContext,
): Promise<void> {
  const number = /^[0-9]+$/.test(name) ? Number(name) : null
  if (number === null || number === process.pid || process.terminal === null) return
  if (!parseTerminals(name).includes(process.terminal)) return // matched by the digits of its id
  const other = (await ctx.processes.list()).find(({ pid }) => pid === number)
  if (other === undefined) return
  throw new RescueError(
    "AMBIGUOUS",
    `${name} is both a process (${other.name}) and the terminal of ${shortId(id) ?? `process ${process.pid}`}: nothing was ended`,
    `for the terminal: session-rescue kill ${process.terminal}`,
  )
}
