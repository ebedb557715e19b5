import type { SessionName } from "../../domain/session/naming.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import { runProgram } from "../../system/process/run-program.ts"
import type { RunContext } from "../run-context.ts"

const paneFormat =
  "#{pane_tty}\t#{session_name}:#{window_index}.#{pane_index}\t#{session_name}:#{window_name}.#{pane_index}\t#{pane_id}"
const tmuxTimeoutMs = 2000

/**
 * The names that tmux has for the panes of clients, by pid: `work:2.1`, `work:editor.1`, `%5`. Asks every
 * tmux server that a client was started in; a server that does not answer, or has exited, has no panes.
 */
export async function tmuxPanesOf(
  found: readonly FoundSession[],
  ctx: RunContext,
): Promise<ReadonlyMap<number, readonly SessionName[]>> {
  const running = found.flatMap(({ process }) => (process?.terminal == null ? [] : [process]))
  const details = await ctx.processes.details(
    running.map(({ pid }) => pid),
    ["TMUX"],
  )
  const sockets = new Set(
    [...details.values()].flatMap(({ environment }) => {
      const socket = environment.TMUX?.replace(/,[^,]*,[^,]*$/, "") // SOCKET,PID,SESSION
      return socket?.startsWith("/") ? [socket] : []
    }),
  )
  const lists = await Promise.all([...sockets].map(listPanes))
  const byTerminal = new Map(lists.flat().map(([tty, ...names]) => [tty?.replace(/^\/dev\//, ""), names]))
  return new Map(
    running.map(({ pid, terminal }) => [
      pid,
      (byTerminal.get(terminal ?? "") ?? []).map((value) => ({ kind: "pane" as const, value })),
    ]),
  )
}

/** `-u`: without a UTF-8 locale, tmux prints tabs and non-ASCII characters as `_`. */
async function listPanes(socket: string): Promise<readonly string[][]> {
  const asked = ["tmux", "-u", "-S", socket, "list-panes", "-a", "-F", paneFormat]
  const { code, stdout } = await runProgram(asked, { signal: AbortSignal.timeout(tmuxTimeoutMs) })
  return code === 0 ? stdout.split("\n").flatMap((line) => (line === "" ? [] : [line.split("\t")])) : []
}
