import type { Output } from "../terminal/output.ts"

export interface ServingView {
  /** Opens the page once. */
  readonly link: string
  readonly actions: boolean
}

export function showServing({ link, actions }: ServingView, out: Output): void {
  out.print(`Serving your sessions to this machine alone. Open: ${link}`)
  const may = "The page can export, restore and end sessions, each with the checks of its command."
  out.print(
    actions ? may : "The page only reads. To let it export, restore and end sessions: --allow-actions",
  )
  out.print("A link opens one tab, once. Enter prints another; Ctrl-C ends this.")
}

/** Of a server that another terminal runs. */
export interface RunningView extends ServingView {
  readonly pid: number
}

export function showRunning({ link, actions, pid }: RunningView, out: Output): void {
  out.print(`A server runs already (pid ${pid}). Open: ${link}`)
  out.print(
    actions
      ? "Its page can export, restore and end sessions, each with the checks of its command."
      : "Its page only reads.",
  )
  out.print("A link opens one tab, once. A server of its own: session-rescue serve --port 0")
}

export function showNewLink(link: string, out: Output): void {
  out.print(`Open: ${link}`)
}
