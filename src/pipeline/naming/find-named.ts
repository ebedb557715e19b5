import { pidAtTerminal } from "../../domain/session/live-process.ts"
import { type MatchKind, matchName, type NameQuery, type SessionName } from "../../domain/session/naming.ts"
import type { FoundSession, Session } from "../../domain/session/session.ts"
import { examine } from "../detect.ts"
import type { RunContext } from "../run-context.ts"
import { newestFirst } from "../scan.ts"
import { sharedNames, uniqueNames } from "./names-of.ts"
import { tmuxPanesOf } from "./panes.ts"
import { parseName } from "./parse-typed.ts"

/** A session that matches a name, and the name that matched. */
export interface NameMatch {
  readonly session: FoundSession
  readonly name: SessionName
  readonly kind: MatchKind
}

export interface NameSearch {
  readonly matches: readonly NameMatch[]
  /** Number of sessions too old to be searched by title or folder. */
  readonly notRead: number
}

/** Titles and folders are read from transcripts, of at most this many sessions, newest first. */
const maxRead = 2000
const batchSize = 64

/**
 * Returns the best matches of a name: exact before prefix, prefix before substring. Ids, terminals, pids and
 * paths need no transcript to be read and are tried first.
 */
export async function findNamed(
  name: string,
  found: readonly FoundSession[],
  ctx: RunContext,
): Promise<NameSearch> {
  const typed = parseName(name, ctx)
  const certain = matchNames(typed, found, uniqueNames)
  for (const fit of ["exact", "beginning"] as const) {
    const fits = certain.filter((each) => each.kind === fit)
    if (fits.length > 0) return { matches: fits, notRead: 0 }
  }
  const { matches, notRead } = await findByLabel(name, found, ctx)
  const all = [...matches, ...certain]
  return { matches: bestMatches(all), notRead }
}

/** Matches by labels only: title, name, folder or pane. */
export async function findByLabel(
  name: string,
  found: readonly FoundSession[],
  ctx: RunContext,
): Promise<NameSearch> {
  const typed = parseName(name, ctx)
  const real = typed.onlyPath && typed.path !== null ? ctx.files.quiet.real(typed.path) : null
  const ways = real === null || real === typed.path ? [typed] : [typed, { ...typed, path: real }]
  const panes = typed.onlyPath ? new Map<number, readonly SessionName[]>() : await tmuxPanesOf(found, ctx)
  const read = await readNewest(found, ctx)
  const named = [...read].map(([session, its]) => {
    const names = [...(its === null ? (session.names ?? []) : sharedNames(its))]
    return {
      session,
      names: [...names, ...(panes.get(session.process === null ? 0 : pidAtTerminal(session.process)) ?? [])],
    }
  })
  const fits = named.flatMap(({ session, names }) =>
    ways.flatMap((way) =>
      names.flatMap((candidate) => {
        const kind = matchName(way, candidate)
        return kind === null ? [] : [{ session, name: candidate, kind }]
      }),
    ),
  )
  return { matches: bestMatches(fits), notRead: found.length - read.size }
}

/** One match per session: the best one. */
function bestMatches(fits: readonly NameMatch[]): readonly NameMatch[] {
  for (const fit of ["exact", "beginning", "part"] as const) {
    const those = fits.filter((each) => each.kind === fit)
    if (those.length > 0) return [...new Map(those.toReversed().map((each) => [each.session, each])).values()]
  }
  return []
}

function matchNames(
  typed: NameQuery,
  found: readonly FoundSession[],
  namesOf: (session: FoundSession) => readonly SessionName[],
): readonly NameMatch[] {
  return found.flatMap((session) =>
    namesOf(session).flatMap((name) => {
      const kind = matchName(typed, name)
      return kind === null ? [] : [{ session, name, kind }]
    }),
  )
}

async function readNewest(
  found: readonly FoundSession[],
  ctx: RunContext,
): Promise<ReadonlyMap<FoundSession, Session | null>> {
  const newest = newestFirst(found).slice(0, maxRead)
  const read = new Map<FoundSession, Session | null>()
  for (let from = 0; from < newest.length; from += batchSize) {
    const some = newest.slice(from, from + batchSize)
    await ctx.knownFacts?.prepare(some, newest.length)
    // an unreadable session keeps the names that need no reading
    const sessions = await Promise.all(some.map((each) => examine(each, ctx).catch(() => null)))
    for (const [index, each] of some.entries()) read.set(each, sessions[index] ?? null)
  }
  return read
}
