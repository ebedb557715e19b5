import { matchName } from "../../domain/session/naming.ts"
import { type FoundSession, sessionKey } from "../../domain/session/session.ts"
import type { Paths } from "../../system/config/paths.ts"
import type { RunContext } from "../run-context.ts"
import { ambiguousSession } from "./ambiguous.ts"
import { findNamed, type NameMatch } from "./find-named.ts"
import { uniqueNames } from "./names-of.ts"
import { onlyExported, sessionNotFound } from "./nothing-called.ts"
import { pickLongestCopy } from "./one-id.ts"
import { describeMatch } from "./say-by.ts"
import { parseName } from "./typed.ts"

export interface SelectionContext {
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
  selecting: SelectionContext,
): Promise<readonly FoundSession[]> {
  const chosen = new Map<string, FoundSession>()
  for (const name of names) {
    const session = await selectOne(name, found, selecting)
    chosen.set(sessionKey(session), session)
  }
  return [...chosen.values()]
}

async function selectOne(
  name: string,
  found: readonly FoundSession[],
  { paths, ctx, verb }: SelectionContext,
): Promise<FoundSession> {
  const { matches, notRead } = await findNamed(name, found, ctx)
  const [first] = matches
  if (first === undefined)
    throw onlyExported(name, paths) ?? (await sessionNotFound(name, found, ctx, { notRead, verb }))
  const sessions = matches.map(({ session }) => session)
  const places = new Set(sessions.map(sessionKey))
  const one = places.size === 1 ? first.session : pickLongestCopy(sessions, ctx)
  if (one === null) throw await ambiguousSession(name, sessions, verb, ctx)
  if (!needsNoExplanation(first))
    ctx.warn(`"${name}" is taken for ${one.id ?? `process ${one.process?.pid}`}: ${describeMatch(first)}`)
  return one
}

/** Nobody has to be told what an id or a terminal was taken for. */
function needsNoExplanation({ name, kind }: NameMatch): boolean {
  return ["id", "terminal", "pid", "transcript"].includes(name.kind) && kind !== "part"
}

/** Whether a name means this session by one of those that need no reading: its id's beginning, terminal, pid, transcript. */
export function matchesName(name: string, session: FoundSession, ctx: Pick<RunContext, "paths">): boolean {
  const typed = parseName(name, ctx)
  return uniqueNames(session).some((each) => {
    const fit = matchName(typed, each)
    return fit === "exact" || fit === "beginning"
  })
}
