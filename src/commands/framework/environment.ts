import { parseDuration } from "../../domain/duration.ts"
import { RescueError } from "../../domain/errors.ts"
import { type Machine, openMachine } from "../../pipeline/machine.ts"
import { PluginRegistry } from "../../pipeline/plugin-registry.ts"
import type { Stage } from "../../sdk/contracts.ts"
import { type Config, readConfig } from "../../system/config/config.ts"
import { type Paths, systemPaths } from "../../system/config/paths.ts"
import { writeStdout } from "../../system/terminal/stdout.ts"
import { type SystemOutput, systemOutput } from "../../view/terminal/output.ts"
import type { Parsed } from "./command.ts"

/** What every command works with, made from its flags, the environment and the config file. */
export interface Environment extends Machine {
  readonly parsed: Parsed
  readonly paths: Paths
  readonly out: SystemOutput
  readonly json: boolean
  /** Who called sudo, when this runs as root through it. */
  readonly sudoUser: string | null
  readonly config: Config
}

/** `stages`: the stages of looking in which users' plugins are asked; nothing is loaded before it is needed. */
export async function openEnvironment(
  parsed: Parsed,
  signal: AbortSignal,
  stages: readonly Stage[] = ["detect"],
): Promise<Environment> {
  const warnings: string[] = []
  const config = readConfig((message) => warnings.push(message))
  const paths = systemPaths(stringFlag(parsed, "data-dir"), config.dataFolder)
  const json = parsed.flags.has("json")
  const machine = await openMachine(paths, config, { hungAfterMs: hungAfter(parsed), signal, warnings })
  const scope = { paths, settings: config.plugins, looks: stages, ctx: machine.ctx }
  const ctx = { ...machine.ctx, plugins: PluginRegistry.open(mayLoadPlugins(parsed) ? scope : null) }
  const out = systemOutput({ json, put: writeStdout })
  return { ...machine, ctx, config, parsed, paths, json, out, sudoUser: sudoUser() }
}

export function mayLoadPlugins(parsed: Parsed): boolean {
  return !parsed.flags.has("no-plugins") && !process.env.SESSION_RESCUE_NO_PLUGINS
}

function sudoUser(): string | null {
  const { SUDO_USER } = process.env
  return process.getuid?.() === 0 && SUDO_USER && SUDO_USER !== "root" ? SUDO_USER : null
}

export function stringFlag(parsed: Parsed, flag: string): string | null {
  const value = parsed.flags.get(flag)
  return typeof value === "string" ? value : null
}

function hungAfter(parsed: Parsed): number | null {
  const value = stringFlag(parsed, "hung-after")
  if (value === null) return null
  const milliseconds = parseDuration(value)
  if (milliseconds !== null) return milliseconds
  throw new RescueError(
    "USAGE",
    `invalid duration for --hung-after: "${value}"`,
    "use a value such as 90s, 10m or 2h",
  )
}
