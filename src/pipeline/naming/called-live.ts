import { RescueError } from "../../domain/errors.ts"
import { parseTerminals } from "../../domain/session/naming.ts"
import type { FoundSession, LiveProcess } from "../../domain/session/session.ts"
import { shortId } from "../../domain/session/session-id.ts"
import type { RunContext } from "../run-context.ts"
import { ambiguousSession } from "./ambiguous.ts"
import { findByLabel } from "./find-named.ts"
import { describeMatch } from "./say-by.ts"

type Live = FoundSession & { readonly process: LiveProcess }

/** How a running session was named that is to be ended, where that was not by an id, a terminal, a pid or a path. */
export interface ResolvedName {
  readonly name: string
  /** `its title is "mend the login page"` */
  readonly message: string
  /** All of it was typed, not a piece. */
  readonly whole: boolean
}

/** The one running session that goes by a title, name, folder or pane; null when none does, an error when several do. */
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

/** Without a question nothing is ended that was named by a piece of what it is called. */
export function refusePartialName(takenFor: ResolvedName | undefined, pid: number): void {
  if (takenFor === undefined || takenFor.whole) return
  throw new RescueError(
    "AMBIGUOUS",
    `with --force nobody is asked, and "${takenFor.name}" names it by a piece only (${takenFor.message}): nothing was ended`,
    `name it wholly: session-rescue kill ${pid} --force`,
  )
}

/** A number can be a pid and a terminal: where a process has it, the terminal has to be written out. */
export async function refuseAmbiguousNumber(
  name: string,
  { process, id }: Live,
  ctx: RunContext,
): Promise<void> {
  const number = /^[0-9]+$/.test(name) ? Number(name) : null
  if (number === null || number === process.pid || process.terminal === null) return
  if (!parseTerminals(name).includes(process.terminal)) return // by its id's digits
  const other = (await ctx.processes.list()).find(({ pid }) => pid === number)
  if (other === undefined) return
  throw new RescueError(
    "AMBIGUOUS",
    `${name} is a process (${other.name}), and the terminal of ${shortId(id) ?? `process ${process.pid}`}: nothing was ended`,
    `for the terminal: session-rescue kill ${process.terminal}`,
  )
}
