import { type Fit, fitOf, type SessionName, type Typed } from "../../domain/session/naming.ts"
import type { FoundSession, Session } from "../../domain/session/session.ts"
import { examine } from "../detect.ts"
import type { RunContext } from "../run-context.ts"
import { newestFirst } from "../scan.ts"
import { certainNames, otherNames } from "./names-of.ts"
import { panesOf } from "./panes.ts"
import { typedHere } from "./typed.ts"

/** A session that a name fits, and by which of the names it goes by. */
export interface Named {
  readonly session: FoundSession
  readonly by: SessionName
  readonly fit: Fit
}

export interface Search {
  readonly fits: readonly Named[]
  /** So many were too old to be read for a title or a folder. */
  readonly notRead: number
}

/** Titles and folders stand in transcripts: of more than these, the newest count. */
const mostRead = 2000
const atOnce = 64

/**
 * What a name fits, the best way it fits anything: a whole one before a beginning, a beginning before a piece. Ids,
 * terminals, pids and paths need no reading, and go before all that does.
 */
export async function findNamed(
  name: string,
  found: readonly FoundSession[],
  ctx: RunContext,
): Promise<Search> {
  const typed = typedHere(name, ctx)
  const certain = fitting(typed, found, certainNames)
  for (const fit of ["exact", "beginning"] as const) {
    const fits = certain.filter((each) => each.fit === fit)
    if (fits.length > 0) return { fits, notRead: 0 }
  }
  const { fits, notRead } = await findCalled(name, found, ctx)
  const all = [...fits, ...certain]
  return { fits: best(all), notRead }
}

/** The same by what a session is called only: a title, a name, a folder, a pane. */
export async function findCalled(
  name: string,
  found: readonly FoundSession[],
  ctx: RunContext,
): Promise<Search> {
  const typed = typedHere(name, ctx)
  const real = typed.onlyPath && typed.path !== null ? ctx.files.quiet.real(typed.path) : null
  const ways = real === null || real === typed.path ? [typed] : [typed, { ...typed, path: real }]
  const panes = typed.onlyPath ? new Map<number, readonly SessionName[]>() : await panesOf(found, ctx)
  const read = await readNewest(found, ctx)
  const named = [...read].map(([session, its]) => {
    const names = [...(its === null ? (session.names ?? []) : otherNames(its))]
    return { session, names: [...names, ...(panes.get(session.process?.pid ?? 0) ?? [])] }
  })
  const fits = named.flatMap(({ session, names }) =>
    ways.flatMap((way) =>
      names.flatMap((by) => {
        const fit = fitOf(way, by)
        return fit === null ? [] : [{ session, by, fit }]
      }),
    ),
  )
  return { fits: best(fits), notRead: found.length - read.size }
}

/** One a session: by the name that fits best. */
function best(fits: readonly Named[]): readonly Named[] {
  for (const fit of ["exact", "beginning", "part"] as const) {
    const those = fits.filter((each) => each.fit === fit)
    if (those.length > 0) return [...new Map(those.toReversed().map((each) => [each.session, each])).values()]
  }
  return []
}

function fitting(
  typed: Typed,
  found: readonly FoundSession[],
  namesOf: (session: FoundSession) => readonly SessionName[],
): readonly Named[] {
  return found.flatMap((session) =>
    namesOf(session).flatMap((by) => {
      const fit = fitOf(typed, by)
      return fit === null ? [] : [{ session, by, fit }]
    }),
  )
}

async function readNewest(
  found: readonly FoundSession[],
  ctx: RunContext,
): Promise<ReadonlyMap<FoundSession, Session | null>> {
  const newest = newestFirst(found).slice(0, mostRead)
  const read = new Map<FoundSession, Session | null>()
  for (let from = 0; from < newest.length; from += atOnce) {
    const some = newest.slice(from, from + atOnce)
    // one that cannot be read has the names that need no reading
    const sessions = await Promise.all(some.map((each) => examine(each, ctx).catch(() => null)))
    for (const [index, each] of some.entries()) read.set(each, sessions[index] ?? null)
  }
  return read
}
