import type { Context, Session } from "session-rescue"

/** Only a file written this recently is sampled twice. */
const recentMs = 60_000

/**
 * A transcript that grows without a local process is written from a container or another machine that shares
 * this home. Describes by how much; null when it does not grow.
 */
export async function describeGrowth(session: Session, ctx: Context): Promise<string | null> {
  const main = session.footprint[0]
  if (main === undefined || main.kind !== "file" || ctx.now - main.modifiedAt > recentMs) return null
  await ctx.resample()
  const grown = (ctx.files.stat(main.path)?.size ?? 0) - main.size
  return grown > 0 ? `it grew by ${grown} bytes within a moment, while no process here holds it` : null
}
