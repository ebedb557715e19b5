import type { ArgDef, ArgsDef } from "citty"
import { runningSession } from "../commands/framework/command.ts"
import { stateWords } from "../commands/framework/narrow-flags.ts"
import { exitCodes } from "../domain/errors.ts"
import { writeStdout } from "../system/terminal/stdout.ts"
import { type Suggestion, showSuggestions } from "../view/setup/completions.ts"
import { commands, defaultCommand, flagCommands, flagSynonyms } from "./commands.ts"
import { agentNames, leftoverPids, savedIds, sessionNames } from "./complete-live.ts"

/** `session-rescue complete -- WORDS…`: what the shells' completion asks; the last word is being typed. */
export async function complete(words: readonly string[]): Promise<0> {
  try {
    writeStdout(showSuggestions(await suggest(words)))
  } catch {
    // whatever it was, the person is in the middle of a line: a command that runs will say it
  }
  return exitCodes.done
}

/** Everything from the table of commands; sessions as they are now. */
async function suggest(words: readonly string[]): Promise<readonly Suggestion[]> {
  const typed = words.filter((word) => word !== "=") // bash takes --flag=value for three words
  const current = words.at(-1) === "=" ? "" : (typed.at(-1) ?? "")
  const before = words.at(-1) === "=" ? typed : typed.slice(0, -1)
  return (await suggestAfter(before, current)).filter(
    ({ word }) => word.startsWith(":") || word.startsWith(current),
  )
}

async function suggestAfter(before: readonly string[], current: string): Promise<readonly Suggestion[]> {
  const [first] = before
  const asFlag = before.find((word) => word.startsWith("--") && flagCommands.includes(word.slice(2)))
  const named = first !== undefined && isCommand(first) ? first : (asFlag?.slice(2) ?? null)
  if (first === "help" && before.length > 1) return []
  if (named === null && first !== undefined && first !== "help" && !first.startsWith("-")) return [] // no command
  if (named === null && (before.length === 0 || first === "help") && !current.startsWith("-"))
    return [
      ...(await commandNames()),
      ...(first === "help" ? [] : [{ word: "help", about: "List the commands" }]),
    ]
  if (named === null && first !== undefined && !first.startsWith("-")) return [] // no command has that name
  const command = named ?? defaultCommand
  const { args } = await load(command)
  const given = named === null || asFlag !== undefined ? before : before.slice(1)
  return afterCommand(args, given, current, named === null ? await rootFlags() : [])
}

async function afterCommand(
  args: ArgsDef,
  given: readonly string[],
  current: string,
  more: readonly Suggestion[],
): Promise<readonly Suggestion[]> {
  const last = given.at(-1) ?? ""
  const waiting = given.includes("--") ? undefined : stringFlag(args, last)
  if (waiting !== undefined) return valuesOf(waiting, last === "--state" ? current : "")
  const inline = /^(--[a-z0-9-]+)=/.exec(current)
  const assigned = inline === null ? undefined : stringFlag(args, inline[1] ?? "")
  if (assigned !== undefined) {
    const [flag = ""] = inline ?? []
    const typed = flag === "--state=" ? current.slice(flag.length) : ""
    return (await valuesOf(assigned, typed)).map((each) => ({ ...each, word: `${flag}${each.word}` }))
  }
  if (current.startsWith("-") && !given.includes("--")) return [...flagsOf(args, given), ...more]
  const positional = Object.entries(args).find(([, arg]) => arg.type === "positional")
  return positional === undefined ? [] : namesFor(...positional, given)
}

function flagsOf(args: ArgsDef, given: readonly string[]): readonly Suggestion[] {
  const known = Object.entries(args).filter(([, arg]) => arg.type !== "positional")
  return [
    ...known.map(([name, { description = "" }]) => ({ word: `--${name}`, about: description })),
    { word: "--help", about: "Show the flags and examples" },
  ].filter(({ word }) => !given.includes(word))
}

function stringFlag(args: ArgsDef, word: string): ArgDef | undefined {
  const name = flagSynonyms.get(word.slice(2)) ?? word.slice(2)
  const arg = word.startsWith("--") && Object.hasOwn(args, name) ? args[name] : undefined
  return arg?.type === "string" ? arg : undefined
}

/** `list`: what is typed of a list with commas. A flag's hint says what its values are: `activity|size`, FOLDER, FILE, TIME, AGENT. */
async function valuesOf({ valueHint = "" }: ArgDef, list = ""): Promise<readonly Suggestion[]> {
  const before = list.slice(0, list.lastIndexOf(",") + 1)
  const words = valueHint === "STATE" ? stateWords : valueHint.includes("|") ? valueHint.split("|") : null
  if (words !== null) return wordsOnly(words.map((word) => before + word))
  if (valueHint === "TIME") return wordsOnly(["10s", "90s", "10m", "1h", "7d"])
  if (valueHint === "AGENT") return wordsOnly(await agentNames())
  return valueHint === "FOLDER" || valueHint === "FILE" ? [{ word: `:${valueHint}`, about: "" }] : []
}

async function namesFor(name: string, arg: ArgDef, given: readonly string[]): Promise<readonly Suggestion[]> {
  const fresh = (all: readonly Suggestion[]) => all.filter(({ word }) => !given.includes(word))
  if (name === "session") return fresh(await sessionNames(given, arg === runningSession))
  if (name === "pid") return fresh(await leftoverPids())
  if (name === "export") return [...fresh(savedIds(given)), { word: ":FILE", about: "" }]
  return fresh(await valuesOf(arg))
}

async function commandNames(): Promise<readonly Suggestion[]> {
  return Promise.all(
    Object.keys(commands).map(async (word) => ({ word, about: (await load(word)).description })),
  )
}

async function rootFlags(): Promise<readonly Suggestion[]> {
  const flags = flagCommands.map(async (name) => ({
    word: `--${name}`,
    about: (await load(name)).description,
  }))
  return [...(await Promise.all(flags)), { word: "--version", about: "Print the version" }]
}

async function load(name: string): Promise<{ args: ArgsDef; description: string }> {
  const found = await commands[name]?.()
  const meta = found?.default.definition.meta as { description: string } | undefined
  return { args: found?.default.args ?? {}, description: meta?.description ?? "" }
}

function isCommand(word: string): boolean {
  return Object.hasOwn(commands, word)
}

function wordsOnly(words: readonly string[]): readonly Suggestion[] {
  return words.map((word) => ({ word, about: "" }))
}
