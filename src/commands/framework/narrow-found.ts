import { RescueError } from "../../domain/errors.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import { narrowingFacts } from "../../pipeline/listing/narrowing-facts.ts"
import {
  choosesAmongAll,
  type Narrowed,
  type Narrowing,
  narrowSessions,
  scanNarrowed,
} from "../../pipeline/narrowing.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import type { Scan } from "../../pipeline/scan.ts"
import type { ClassifiedSession } from "../../sdk/contracts.ts"
import type { NarrowedView } from "../../view/sessions/narrowed.ts"

export interface NarrowedScan extends Narrowed<ClassifiedSession> {
  readonly view: NarrowedView
  /** Sessions that were found and are not among these, for whatever reason. */
  readonly notShown: number
}

/** Reads the sessions that match, newest first. */
export async function narrowFound(
  found: readonly FoundSession[],
  narrowing: Narrowing,
  ctx: RunContext,
): Promise<NarrowedScan> {
  return described(await scanNarrowed(found, narrowing, ctx, narrowingFacts(ctx)), narrowing, found.length)
}

/**
 * The sessions that match; without a flag that chooses among all, from the ones that the command takes by default. A
 * scan may be narrower than what was found.
 */
export async function narrowDefault(
  found: readonly FoundSession[],
  narrowing: Narrowing,
  ctx: RunContext,
  scanDefault: (found: readonly FoundSession[], ctx: RunContext) => Promise<Scan>,
): Promise<NarrowedScan> {
  if (choosesAmongAll(narrowing)) return narrowFound(found, narrowing, ctx)
  const { sessions, notShown } = await scanDefault(found, ctx)
  const narrowed = narrowSessions(sessions, narrowing, narrowingFacts(ctx))
  return described({ ...narrowed, excluded: narrowed.excluded + notShown }, narrowing, found.length)
}

/** As `narrowFound`, for sessions that were named: what does not match is reported, and it is an error if none does. */
export async function narrowNamed(
  named: readonly FoundSession[],
  narrowing: Narrowing,
  ctx: RunContext,
): Promise<NarrowedScan> {
  const scan = await narrowFound(named, narrowing, ctx)
  reportExcluded({ named: named.length, excluded: scan.excluded, what: "session" }, narrowing, ctx)
  return scan
}

/** Throws when nothing that was named matches. */
export function reportExcluded(
  counts: { readonly named: number; readonly excluded: number; readonly what: "session" | "export" },
  { typed }: { readonly typed: string },
  ctx: RunContext,
): void {
  const { named, excluded, what } = counts
  if (excluded === 0) return
  const verb = excluded === 1 ? "does" : "do"
  const who = named === 1 ? `the ${what} named` : `${excluded} of the ${named} ${what}s named`
  const message = `${who} ${verb} not match ${typed}`
  const code = what === "session" ? "SESSION_NOT_FOUND" : "EXPORT_NOT_FOUND"
  if (excluded === named) throw new RescueError(code, message, `omit ${typed}`)
  ctx.warn(message)
}

function described(narrowed: Narrowed<ClassifiedSession>, narrowing: Narrowing, found: number): NarrowedScan {
  const { leftOff, excluded } = narrowed
  const { typed, limit } = narrowing
  return { ...narrowed, view: { typed, limit, found, leftOff }, notShown: excluded + leftOff }
}
