import type { Context } from "session-rescue"

/** One process, as the log that all share tells of it. */
export interface LogRun {
  readonly startedAt: number
  readonly directory: string | null
  /** The session named last. */
  readonly session: string | null
}

const maxLogBytes = 8 << 20

/**
 * `log/opencode.log`: each process has a `run=`, whose first line has the process's folder, and later ones the session that
 * they are about (1.18.33, observed). Only the end of a long log is read.
 */
export function readRuns(ctx: Context, home: string): readonly LogRun[] {
  const path = `${home}/log/opencode.log`
  const size = ctx.files.quiet.stat(path)?.size ?? 0
  const bytes = ctx.files.quiet.read(path, Math.max(0, size - maxLogBytes), maxLogBytes)
  const runs = new Map<string, { startedAt: number; directory: string | null; session: string | null }>()
  for (const line of Buffer.from(bytes ?? [])
    .toString("utf8")
    .split("\n")) {
    const run = /\brun=([0-9a-f]{8})\b/.exec(line)?.[1]
    if (run === undefined) continue
    const time = Date.parse(
      /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?/.exec(line)?.[0].replace(/Z?$/, "Z") ?? "",
    )
    const known = runs.get(run) ?? { startedAt: time, directory: null, session: null }
    known.directory ??= /\bdirectory=("(?:[^"\\]|\\.)*"|\S+)/.exec(line)?.[1]?.replace(/^"|"$/g, "") ?? null
    known.session = /\b(?:session\.id|message=created id)=(ses_[A-Za-z0-9]+)/.exec(line)?.[1] ?? known.session
    runs.set(run, known)
  }
  return [...runs.values()].filter(({ startedAt }) => !Number.isNaN(startedAt))
}

/** A line is written some seconds after the process has started. */
const maxDelayMs = 30_000
const startToleranceMs = 500

/** The run that a process is: of its folder, and begun with it; null when there is none, or more than one. */
export function runOf(
  runs: readonly LogRun[],
  { startedAt, cwd }: { readonly startedAt: number; readonly cwd: string | null },
): LogRun | null {
  const fits = runs.filter((run) => {
    const after = run.startedAt - startedAt
    const here = run.directory === null || cwd === null || run.directory === cwd
    return here && after > -startToleranceMs && after < maxDelayMs
  })
  const [nearest, other] = fits.toSorted((a, b) => a.startedAt - b.startedAt)
  return nearest === undefined ||
    (other !== undefined && other.startedAt - nearest.startedAt < startToleranceMs)
    ? null
    : nearest
}
