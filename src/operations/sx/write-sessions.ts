import { isRescueError, unexpected } from "../../domain/errors.ts"
import type { ExportReport } from "../../pipeline/export-sessions.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { readEverySaved } from "../../rescue/catalog/every-agent.ts"
import type { Paths } from "../../system/config/paths.ts"
import { type CusfFormat, type WrittenSession, writeSession } from "./write-session.ts"

/** Writes the sessions of a report from their exports. One that cannot be written does not stop the others. */
export async function writeSessions(
  { exports }: ExportReport,
  writing: { readonly folder: string; readonly format: CusfFormat },
  { paths, ctx }: { readonly paths: Paths; readonly ctx: RunContext },
): Promise<{ readonly written: readonly WrittenSession[]; readonly failures: ExportReport["failures"] }> {
  const written: WrittenSession[] = []
  const failures: ExportReport["failures"][number][] = []
  const known = readEverySaved(paths)
  for (const { session, result } of exports) {
    const saved = session.id === null ? [] : known.of(session.id)
    const copy = saved.find(({ path }) => path === result.path)
    if (copy === undefined || ctx.signal.aborted) continue
    try {
      written.push(await writeSession(copy, writing, ctx))
    } catch (thrown) {
      if (ctx.signal.aborted) break
      const error = isRescueError(thrown) ? thrown : unexpected(thrown, "session-rescue verify")
      failures.push({ session, error })
    }
  }
  return { written, failures }
}
