import { RescueError } from "../domain/errors.ts"
import { closestWord } from "./closest.ts"
import { commands, defaultCommand, flagCommands, ownFlags } from "./commands.ts"

export type Route =
  | { readonly to: "version" }
  | { readonly to: "help"; readonly command: string | null }
  | { readonly to: "command"; readonly command: string; readonly rest: readonly string[] }

/**
 * Which command is meant. A command is asked for as a word (`status`), the first ones as a flag too (`--status`);
 * asking for two is an error.
 */
export function route(argv: readonly string[]): Route {
  const end = argv.indexOf("--")
  const before = end === -1 ? argv : argv.slice(0, end)
  const [first] = before
  const word = first !== undefined && isCommand(first) ? first : null
  const own = ownFlags[word ?? ""] ?? []
  const isFlagCommand = (typed: string) => flagCommands.includes(typed) && !own.includes(typed)
  const flags = [
    ...new Set(before.filter((typed) => typed.startsWith("--") && isFlagCommand(typed.slice(2)))),
  ]
  const asked = [...(word === null ? [] : [word]), ...flags.map((flag) => flag.slice(2))]
  if (new Set(asked).size > 1 || (word !== null && flags.length > 0)) {
    throw new RescueError(
      "USAGE",
      `these commands cannot be combined: ${asked.join(", ")}`,
      "run them one after the other",
    )
  }
  const command = asked[0] ?? null
  const [, second = ""] = before
  if (isHelp(first) && isCommand(second)) return { to: "help", command: second }
  if (isHelp(first) || before.includes("--help") || before.includes("-h")) return { to: "help", command }
  if (command === null && (before.includes("--version") || before.includes("-v"))) return { to: "version" }
  if (command === null && first !== undefined && !first.startsWith("-")) throw unknownCommand(first)
  const rest = argv.filter(
    (argument, index) => (word === null || index > 0) && !isCommandFlag(argument, index, end, flags),
  )
  return { to: "command", command: command ?? defaultCommand, rest }
}

function isHelp(word: string | undefined): boolean {
  return word === "help" || word === "--help" || word === "-h"
}

function isCommand(word: string): boolean {
  return Object.hasOwn(commands, word)
}

function isCommandFlag(argument: string, index: number, end: number, flags: readonly string[]): boolean {
  return flags.includes(argument) && (end === -1 || index < end)
}

function unknownCommand(typed: string): RescueError {
  const close = closestWord(typed, Object.keys(commands))
  const hint =
    close === null ? "list the commands: session-rescue --help" : `did you mean: session-rescue ${close}`
  return new RescueError("USAGE", `unknown command: "${typed}"`, hint)
}
