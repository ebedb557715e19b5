import { editorIn, type LivePlace, placeVariables, terminalProgramIn } from "../../domain/listing/place.ts"
import { pidAtTerminal } from "../../domain/session/live-process.ts"
import type { FoundSession, LiveProcess } from "../../domain/session/session.ts"
import type { ProcessDetails } from "../../system/process/processes.ts"
import { tmuxPanesByTerminal } from "../naming/panes.ts"
import type { RunContext } from "../run-context.ts"

/** Where each live session is, by `pidAtTerminal`. Reads the environments of the clients and asks their tmux servers. */
export async function placesOf(
  sessions: readonly FoundSession[],
  ctx: RunContext,
): Promise<ReadonlyMap<number, LivePlace>> {
  const live = sessions.flatMap(({ process, background }) =>
    process === null ? [] : [{ process, inBackground: background?.listed === true }],
  )
  if (live.length === 0) return new Map()
  const details = await ctx.processes.details(
    live.map(({ process }) => pidAtTerminal(process)),
    placeVariables,
  )
  const panes = await tmuxPanesByTerminal([...details.values()])
  return new Map(
    live.map(({ process, inBackground }) => {
      const pid = pidAtTerminal(process)
      const place = inBackground ? background(process) : placeOf(process, details.get(pid), panes)
      return [pid, place]
    }),
  )
}

function background({ terminal }: LiveProcess): LivePlace {
  return { kind: "background", name: "background", terminal, program: null }
}

function placeOf(
  { terminal }: LiveProcess,
  details: ProcessDetails | undefined,
  panes: Awaited<ReturnType<typeof tmuxPanesByTerminal>>,
): LivePlace {
  const environment = details?.environment ?? {}
  const pane = terminal === null ? undefined : panes.get(terminal)
  const editor = editorIn(environment)
  if (pane !== undefined) {
    const { id, socket, name } = pane
    return { kind: "tmux", name, terminal, program: "tmux", pane: { id, socket } }
  }
  const screen = environment.STY
  if (screen !== undefined && terminal !== null) {
    const window = environment.WINDOW ?? "?"
    return { kind: "screen", name: `${screen.replace(/^\d+\./, "")}:${window}`, terminal, program: "screen" }
  }
  if (editor !== null) return { kind: "editor", name: editor, terminal, program: editor }
  if (terminal === null) return { kind: "none", name: "no terminal", terminal, program: null }
  return { kind: "terminal", name: terminal, terminal, program: terminalProgramIn(environment) }
}
