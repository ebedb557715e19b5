import { type ArgsDef, defineCommand, renderUsage } from "citty"
import type { Command } from "../commands/framework/command.ts"
import { layOutHelp } from "../view/terminal/help-layout.ts"
import type { Output } from "../view/terminal/output.ts"
import { commands } from "./commands.ts"

/** What each exit code means; the documentation is generated from it, too. */
export const exitCodesText =
  "Exit codes: 0 done (also: nothing found and nothing named, or a question answered No) · 1 something failed, is incomplete or unconfirmed · 2 wrong usage or an ambiguous name · 3 the named item does not exist · 4 refused for safety · 130 interrupted"

export async function showHelp(command: string | null, out: Output): Promise<void> {
  const name = command === null ? null : (commands[command] ?? null)
  out.print(layOutHelp(name === null ? await rootHelp() : await helpOf(await name()), out.columns))
}

async function helpOf({ default: { definition, examples } }: { default: Command }): Promise<string> {
  const usage = uncoloured(await renderUsage(definition))
  return [usage, "Examples:", ...examples.map((example) => `  ${example}`), "", exitCodesText].join("\n")
}

export const programDescription =
  "Find every coding-agent session on this machine, show its state, and save it"

const rootArgs: ArgsDef = { version: { type: "boolean", description: "Print the version" } }

async function rootHelp(): Promise<string> {
  const loaded = await Promise.all(
    Object.entries(commands).map(async ([name, load]) => [name, await load()] as const),
  )
  const subCommands = Object.fromEntries(
    loaded.map(([name, { default: found }]) => [name, describe(name, found.definition)]),
  )
  const root = defineCommand({
    meta: {
      name: "session-rescue",
      description: programDescription,
    },
    args: rootArgs,
    subCommands,
  })
  const usage = uncoloured(await renderUsage(root)).replace(Object.keys(commands).join("|"), "<COMMAND> …")
  return [
    usage,
    "The first four also work as flags: session-rescue --status, --export pts/3, --kill pts/3, --resume.",
    "",
    exitCodesText,
  ].join("\n")
}

function describe(name: string, definition: Parameters<typeof renderUsage>[0]) {
  const meta = definition.meta as { description: string }
  return defineCommand({ meta: { name, description: meta.description } })
}

function uncoloured(text: string): string {
  return process.stdout.isTTY && !process.env.NO_COLOR ? text : Bun.stripANSI(text)
}
