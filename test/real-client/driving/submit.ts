import { until } from "../../fixtures/until.ts"
import type { Terminal } from "../harness/terminal.ts"

const patienceMs = 2_000

/**
 * Types a prompt and presses Enter until that has had its effect: an Enter that comes too soon after the
 * text is taken as part of a paste.
 */
export async function submit(terminal: Terminal, prompt: string, effect: () => unknown): Promise<void> {
  await terminal.type(prompt)
  const inputBox = () =>
    terminal
      .screen()
      .split(/^[│ ]*[>❯]/m)
      .at(-1) ?? ""
  let pressed = 0
  const isDue = () => Date.now() - pressed > patienceMs && inputBox().includes(prompt.slice(0, 20))
  const takesEffect = () => {
    if (effect()) return true
    if (isDue()) {
      terminal.keys("Enter")
      pressed = Date.now()
    }
    return false
  }
  await until(`the effect of "${prompt}"`, takesEffect, { show: terminal.screen })
}
