import type { SessionName } from "../../domain/session/naming.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import type { ProcessDetails } from "../../system/process/processes.ts"
import { runProgram } from "../../system/process/run-program.ts"
import type { RunContext } from "../run-context.ts"

const paneFormat =
  "#{pane_tty}\t#{session_name}:#{window_index}.#{pane_index}\t#{session_name}:#{window_name}.#{pane_index}\t#{pane_id}"
const tmuxTimeoutMs = 2000

/** A pane of a tmux server that a client was started in. */
export interface TmuxPane {
  /** `%5` */
  readonly id: string
  /** `work:2.1` */
  readonly name: string
  /** `work:editor.1` */
  readonly windowName: string
  readonly socket: string
}

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
  const panes = await tmuxPanesByTerminal([...details.values()])
  return new Map(
    running.map(({ pid, terminal }) => {
      const pane = panes.get(terminal ?? "")
      const names = pane === undefined ? [] : [pane.name, pane.windowName, pane.id]
      return [pid, names.map((value) => ({ kind: "pane" as const, value }))]
    }),
  )
}

/** The panes of the tmux servers named in these clients' environments (`TMUX`), by terminal. */
export async function tmuxPanesByTerminal(
  clients: readonly Pick<ProcessDetails, "environment">[],
): Promise<ReadonlyMap<string, TmuxPane>> {
  const sockets = new Set(
    clients.flatMap(({ environment }) => {
      const socket = environment.TMUX?.replace(/,[^,]*,[^,]*$/, "") // SOCKET,PID,SESSION
      return socket?.startsWith("/") ? [socket] : []
    }),
  )
  const lists = await Promise.all([...sockets].map(listPanes))
  return new Map(lists.flat())
}

/** `-u`: without a UTF-8 locale, tmux prints tabs and non-ASCII characters as `_`. */
async function listPanes(socket: string): Promise<readonly (readonly [string, TmuxPane])[]> {
  const asked = ["tmux", "-u", "-S", socket, "list-panes", "-a", "-F", paneFormat]
  const { code, stdout } = await runProgram(asked, { signal: AbortSignal.timeout(tmuxTimeoutMs) })
  if (code !== 0) return []
  return stdout.split("\n").flatMap((line) => {
    const [tty = "", name = "", windowName = "", id = ""] = line.split("\t")
    return id === "" ? [] : [[tty.replace(/^\/dev\//, ""), { id, name, windowName, socket }] as const]
  })
}
