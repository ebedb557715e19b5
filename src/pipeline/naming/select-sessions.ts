/** Resolves what a user types (id, terminal, pid, path, title, folder, pane) to sessions. */
import { matchName } from "../../domain/session/naming.ts"
import { type FoundSession, sessionKey } from "../../domain/session/session.ts"
import type { Paths } from "../../system/config/paths.ts"
import type { RunContext } from "../run-context.ts"
import { ambiguousSession } from "./ambiguous.ts"
import { describeMatch } from "./describe-match.ts"
import { findNamed, type NameMatch } from "./find-named.ts"
import { uniqueNames } from "./names-of.ts"
import { onlyExported, sessionNotFound } from "./no-match.ts"
import { pickLongestCopy } from "./one-id.ts"
import { parseName } from "./parse-typed.ts"

export interface SelectionContext {
  readonly paths: Paths
  readonly ctx: RunContext
  /** The command to be run on them, for example `resume`. */
  readonly verb: string
}

/**
 * The sessions a user named, each by a full or partial id, terminal, pid, transcript, title, name, folder or
 * pane. A name with no match, or several, is an error that lists the choices; a match by label or by part of
 * a name is reported.
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
    ctx.warn(`"${name}" resolved to ${one.id ?? `process ${one.process?.pid}`}: ${describeMatch(first)}`)
  return one
}

/** A match by id or terminal needs no explanation. */
function needsNoExplanation({ name, kind }: NameMatch): boolean {
  return ["id", "terminal", "pid", "transcript"].includes(name.kind) && kind !== "part"
}

/**
 * Whether a name matches this session by a name that needs no reading: id prefix, terminal, pid or
 * transcript.
 */
export function matchesName(name: string, session: FoundSession, ctx: Pick<RunContext, "paths">): boolean {
  const typed = parseName(name, ctx)
  return uniqueNames(session).some((each) => {
    const fit = matchName(typed, each)
    return fit === "exact" || fit === "beginning"
  })
}
