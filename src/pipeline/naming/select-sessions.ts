import { fitOf } from "../../domain/session/naming.ts"
import { type FoundSession, identityOf } from "../../domain/session/session.ts"
import type { Paths } from "../../system/config/paths.ts"
import type { RunContext } from "../run-context.ts"
import { ambiguous } from "./ambiguous.ts"
import { findNamed, type Named } from "./find-named.ts"
import { certainNames } from "./names-of.ts"
import { nothingCalled, onlySaved } from "./nothing-called.ts"
import { oneOf } from "./one-id.ts"
import { sayBy } from "./say-by.ts"
import { typedHere } from "./typed.ts"

export interface Selecting {
  readonly paths: Paths
  readonly ctx: RunContext
  /** The command that is to be done with them: `resume`. */
  readonly verb: string
}

/**
 * The sessions a person named, each by an id or some digits of it, a terminal, pid, transcript, title, name, folder or pane.
 * A name that fits none, or more than one, is an error that lists what there is; one that was understood by what a
 * session is called, or by a piece of that, is said.
 */
export async function selectNamed(
  names: readonly string[],
  found: readonly FoundSession[],
  selecting: Selecting,
): Promise<readonly FoundSession[]> {
  const chosen = new Map<string, FoundSession>()
  for (const name of names) {
    const session = await selectOne(name, found, selecting)
    chosen.set(identityOf(session), session)
  }
  return [...chosen.values()]
}

async function selectOne(
  name: string,
  found: readonly FoundSession[],
  { paths, ctx, verb }: Selecting,
): Promise<FoundSession> {
  const { fits, notRead } = await findNamed(name, found, ctx)
  const [first] = fits
  if (first === undefined)
    throw onlySaved(name, paths) ?? (await nothingCalled(name, found, ctx, { notRead, verb }))
  const sessions = fits.map(({ session }) => session)
  const places = new Set(sessions.map(identityOf))
  const one = places.size === 1 ? first.session : oneOf(sessions, ctx)
  if (one === null) throw await ambiguous(name, sessions, verb, ctx)
  if (!isPlain(first))
    ctx.warn(`"${name}" is taken for ${one.id ?? `process ${one.process?.pid}`}: ${sayBy(first)}`)
  return one
}

/** Nobody has to be told what an id or a terminal was taken for. */
function isPlain({ by: { kind }, fit }: Named): boolean {
  return ["id", "terminal", "pid", "transcript"].includes(kind) && fit !== "part"
}

/** Whether a name means this session by one of those that need no reading: its id's beginning, terminal, pid, transcript. */
export function meets(name: string, session: FoundSession, ctx: Pick<RunContext, "paths">): boolean {
  const typed = typedHere(name, ctx)
  return certainNames(session).some((each) => {
    const fit = fitOf(typed, each)
    return fit === "exact" || fit === "beginning"
  })
}
