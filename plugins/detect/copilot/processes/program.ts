import { isScriptHost, type RunMode } from "session-rescue"

interface Program {
  readonly executable: string | null
  readonly argv: readonly string[]
}

/** The kernel calls it `MainThread`, as it does every program of newer Node (1.0.102, observed). */
export const kernelNames = /^(MainThread|node|copilot)/

/**
 * npm's launcher is a script that waits for the client, `…/copilot-linux-x64/copilot` (1.0.102, observed); before, the client
 * was a script itself (public).
 */
export function isCopilotProgram({ executable, argv }: Program): boolean {
  if (/(^|\/)copilot(\.exe)?$/.test(executable ?? "")) return true
  return isScriptHost({ executable, argv }) && argv.slice(1, 4).some((each) => script.test(each))
}

const script = /@github\/copilot\/(index|app)\.js$/

const helpers = new Set([
  "help",
  "login",
  "logout",
  "mcp",
  "plugin",
  "update",
  "version",
  "completion",
  "init",
])

/** How a client is run; null: it holds no session. */
export function modeOf({ argv }: Program): RunMode | null {
  const words = argv.slice(1)
  const [first = ""] = words.filter((each) => !each.startsWith("-") && !script.test(each))
  if (words.some((each) => /^--(acp|server|headless|ui-server|stdio)(=|$)/.test(each))) return "program"
  if (words.some((each) => /^(-p|--prompt)(=|$)/.test(each))) return "headless"
  return words.indexOf(first) === 0 && helpers.has(first) ? null : "interactive"
}
