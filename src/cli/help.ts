import { renderUsage } from "citty"
import type { Command } from "../commands/framework/command.ts"
import { layOutHelp } from "../view/terminal/help-layout.ts"
import type { SystemOutput } from "../view/terminal/output.ts"
import { commandGroups, commands } from "./commands.ts"

/** What each exit code means; the documentation is generated from it, too. */
export const exitCodesText =
  "Exit codes: 0 done (also: nothing found and nothing named, or a question answered No) · 1 something failed, is incomplete or unconfirmed · 2 wrong usage or an ambiguous name · 3 the named item does not exist · 4 refused for safety · 130 interrupted"

export async function showHelp(command: string | null, out: SystemOutput): Promise<void> {
  const name = command === null ? null : (commands[command] ?? null)
  const text = name === null ? await rootHelp(out) : await commandHelp(await name(), out)
  out.print(layOutHelp(text, out.columns))
}

async function commandHelp(
  { default: { definition, examples } }: { default: Command },
  out: SystemOutput,
): Promise<string> {
  const coloured = await renderUsage(definition)
  const usage = out.coloured ? coloured : Bun.stripANSI(coloured)
  return [usage, "Examples:", ...examples.map((example) => `  ${example}`), "", exitCodesText].join("\n")
}

export const programDescription =
  "Find every coding-agent session on this machine, show its state, and save it"

const nameColumns = 15

async function rootHelp({ paint }: SystemOutput): Promise<string> {
  const groups = await Promise.all(
    Object.entries(commandGroups).map(async ([title, group]) => {
      const lines = Object.entries(group).map(async ([name, load]) => {
        const { description = "" } = (await load()).default.definition.meta as { description?: string }
        return `  ${name.padEnd(nameColumns)}${description}`
      })
      return [paint.bold(title.toUpperCase()), ...(await Promise.all(lines)), ""]
    }),
  )
  return [
    programDescription,
    "",
    "session-rescue [COMMAND] [OPTIONS] [NAMES]",
    "",
    ...groups.flat(),
    "The first four also work as flags: session-rescue --status, --export pts/3, --kill pts/3, --resume.",
    "--help after a command shows its options and examples; --version prints the version.",
    "",
    exitCodesText,
  ].join("\n")
}
