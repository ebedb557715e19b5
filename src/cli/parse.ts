import { parseArgs } from "node:util"
import type { ArgsDef } from "citty"
import type { Parsed } from "../commands/framework/command.ts"
import { RescueError } from "../domain/errors.ts"
import { closestWord } from "./closest.ts"
import { commands, defaultCommand, flagCommands, flagSynonyms } from "./commands.ts"

/** `dashWords`: a word after a single dash is a name, as `-word` in a query leaves a word out. */
export function parseArguments(
  command: string,
  args: ArgsDef,
  raw: readonly string[],
  dashWords = false,
): Parsed {
  const known = Object.entries(args).filter(([, arg]) => arg.type !== "positional")
  const takesNames = known.length < Object.keys(args).length
  const options = Object.fromEntries(
    known.map(([name, arg]) => [
      name,
      {
        type: arg.type === "boolean" ? ("boolean" as const) : ("string" as const),
        ...("alias" in arg && typeof arg.alias === "string" ? { short: arg.alias } : {}),
      },
    ]),
  )
  for (const [other, name] of flagSynonyms) if (options[name] !== undefined) options[other] = options[name]
  const { tokens } = parseArgs({
    args: raw.map((word) => (dashWords && /^-[^-]/.test(word) ? hiddenPrefix + word : word)),
    options,
    strict: false,
    tokens: true,
    allowPositionals: true,
  })
  const flags = new Map<string, string | boolean>()
  const names: string[] = []
  for (const token of tokens) {
    if (token.kind === "positional") names.push(unhide(token.value))
    if (token.kind !== "option") continue
    const kind = options[token.name]?.type
    if (kind === undefined)
      throw unknownFlag(
        command,
        token.rawName,
        known.map(([name]) => name),
      )
    if (kind === "boolean" && token.value !== undefined) {
      throw usage(command, `${token.rawName} does not take a value`)
    }
    if (kind === "string" && (!token.value || isFlag(token.value, token.inlineValue, options))) {
      throw usage(command, `${token.rawName} needs a value`)
    }
    const flag = flagSynonyms.get(token.name) ?? token.name
    flags.set(flag, kind === "boolean" ? true : unhide(token.value ?? ""))
  }
  if (names.length > 0 && !takesNames) {
    throw unexpectedName(command, names[0] ?? "")
  }
  return { flags, names }
}

/** No argument can hold a NUL, so that a word behind one is taken for no flag. */
const hiddenPrefix = "\0"
const unhide = (word: string) => (word.startsWith(hiddenPrefix) ? word.slice(1) : word)

/** `--data-dir --json` means a forgotten value, not a folder called --json. */
function isFlag(value: string, inline: boolean | undefined, options: Record<string, unknown>): boolean {
  return inline !== true && value.startsWith("--") && Object.hasOwn(options, value.slice(2))
}

function unexpectedName(command: string, name: string): RescueError {
  const message = `unexpected argument for ${command}: "${name}"`
  if (!Object.hasOwn(commands, name)) return usage(command, message)
  return new RescueError("USAGE", message, `put the command first: session-rescue ${name} …`)
}

function unknownFlag(command: string, typed: string, known: readonly string[]): RescueError {
  const word = typed.replace(/^-+/, "")
  if (Object.hasOwn(commands, word)) {
    return new RescueError(
      "USAGE",
      `unknown option for ${command}: ${typed}`,
      `did you mean: session-rescue ${word}`,
    )
  }
  const close = closestWord(word, known)
  // without another command a mistyped `--export` is taken for a flag of this one
  const asFlag = close === null && command === defaultCommand ? closestWord(word, flagCommands) : null
  const hint =
    close !== null
      ? `did you mean: --${close}`
      : asFlag !== null
        ? `did you mean: session-rescue --${asFlag}`
        : `see session-rescue ${command} --help`
  return new RescueError("USAGE", `unknown option for ${command}: ${typed}`, hint)
}

function usage(command: string, message: string): RescueError {
  return new RescueError("USAGE", message, `see session-rescue ${command} --help`)
}
