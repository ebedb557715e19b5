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

export function showNewLink(link: string, out: Output): void {
  out.print(`Open: ${link}`)
}
