import { type ArgsDef, type CommandDef, defineCommand } from "citty"
import { type ExitCode, exitCodes } from "../../domain/errors.ts"

/** What was typed for one command, checked against its definition; nothing unknown gets through. */
export interface Parsed {
  readonly flags: ReadonlyMap<string, string | boolean>
  readonly names: readonly string[]
}

/** A command: its definition for help and parsing, and what it does. */
export interface Command {
  readonly definition: CommandDef<ArgsDef>
  readonly args: ArgsDef
  readonly examples: readonly string[]
  /** `-word` is a name here and no flag. */
  readonly dashWords?: boolean
  run(parsed: Parsed, signal: AbortSignal): Promise<ExitCode>
}

export function command(
  name: string,
  description: string,
  args: ArgsDef,
  examples: readonly string[],
  run: Command["run"],
): Command {
  return {
    definition: defineCommand({ meta: { name: `session-rescue ${name}`, description }, args }),
    args,
    examples,
    run,
  }
}

/** A name that means a running session; completion offers no other. */
export const runningSession = {
  type: "positional",
  required: false,
  description: "Ids (4 digits suffice), terminals, pids, titles or folders",
} as const
export const jsonFlag = {
  json: { type: "boolean", description: "Print one JSON document on standard output" },
} as const
export const dataFlag = {
  "data-dir": {
    type: "string",
    valueHint: "FOLDER",
    description: "Folder of the exports (~/PROJECTS/.coditect-data)",
  },
} as const
/** For every command whose success is one line a session. */
export const verboseFlag = {
  verbose: { type: "boolean", alias: "v", description: "Print paths and checksums too" },
} as const
/** For every command that may load users' plugins. */
export const pluginsFlag = {
  "no-plugins": { type: "boolean", description: "Do not load your own plugins" },
} as const

/** The exit code of a command: the most serious of its outcomes decides. A question answered No is no failure. */
export function worst(outcomes: {
  readonly interrupted?: boolean
  readonly refused?: boolean
  readonly failed?: boolean
}): ExitCode {
  if (outcomes.interrupted) return exitCodes.interrupted
  if (outcomes.refused) return exitCodes.refused
  return outcomes.failed ? exitCodes.failed : exitCodes.done
}
