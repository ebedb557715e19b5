import type { ListedSession } from "../../pipeline/listing/list-sessions.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { runForeground } from "../../system/process/run-foreground.ts"
import { runProgram } from "../../system/process/run-program.ts"

/** `switched`: its window is in front. `attached`: it was shown here until its user left it. Else: where it is. */
export type WentThere =
  | { readonly kind: "switched" | "attached" }
  | { readonly kind: "told"; readonly where: string }

const tmuxTimeoutMs = 2000

/** Brings a live session to the user: its tmux pane, its background window; of other places it tells the name. */
export async function goThere(
  { session, place }: ListedSession,
  ctx: RunContext,
  foreground: <T>(act: () => Promise<T>) => Promise<T>,
): Promise<WentThere> {
  const { process, background } = session
  if (place?.kind === "tmux" && place.pane !== undefined) {
    const { id, socket } = place.pane
    if (ctx.self.environment.TMUX?.startsWith(`${socket},`) === true) {
      const switched = await runProgram(["tmux", "-S", socket, "switch-client", "-t", id], {
        signal: AbortSignal.timeout(tmuxTimeoutMs),
      })
      if (switched.code === 0) return { kind: "switched" }
    } else if (ctx.self.environment.TMUX === undefined) {
      await foreground(() => inForeground(["tmux", "-S", socket, "attach-session", "-t", id], ctx))
      return { kind: "attached" }
    }
    return { kind: "told", where: `it is in tmux, pane ${place.name}` }
  }
  if (background?.listed === true && background.program !== null) {
    const attach = [background.program, "attach", background.name]
    await foreground(() => inForeground(attach, ctx, session.home))
    return { kind: "attached" }
  }
  if (process === null || place === null) return { kind: "told", where: "it is not running: r resumes it" }
  return { kind: "told", where: describePlace(place, process.pid, session.cwd) }
}

function describePlace(place: NonNullable<ListedSession["place"]>, pid: number, cwd: string | null): string {
  const folder = cwd === null ? "" : ` of ${cwd}`
  switch (place.kind) {
    case "editor":
      return `it is in ${place.name}${folder}${place.terminal === null ? "" : `, terminal ${place.terminal}`} (pid ${pid})`
    case "terminal":
      return `it is in ${place.program === null ? "terminal" : `${place.program}, terminal`} ${place.name} (pid ${pid})`
    case "tmux":
    case "screen":
      return `it is in ${place.kind}, ${place.name} (pid ${pid})`
    case "background":
      return `it runs in the background (pid ${pid})`
    case "none":
      return `it runs without a terminal (pid ${pid})`
  }
}

function inForeground(command: readonly string[], ctx: RunContext, home?: string): Promise<number> {
  const environment = home === undefined ? {} : { CLAUDE_CONFIG_DIR: home }
  return runForeground(command, { cwd: ctx.paths.home, environment }, ctx.processes)
}
