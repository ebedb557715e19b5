import { type Machine, openMachine } from "../pipeline/machine.ts"
import { parseDuration } from "../session/duration.ts"
import { RescueError } from "../session/errors.ts"
import { type Config, readConfig } from "../system/config.ts"
import { type Paths, systemPaths } from "../system/paths.ts"
import { writeOut } from "../system/stdout.ts"
import { type Output, systemOutput } from "../view/output.ts"
import type { Parsed } from "./parse.ts"

/** What every command works with, made from its flags, the environment and the config file. */
export interface Environment extends Machine {
  readonly parsed: Parsed
  readonly paths: Paths
  readonly out: Output
  readonly json: boolean
  readonly config: Config
}

export async function openEnvironment(parsed: Parsed, signal: AbortSignal): Promise<Environment> {
  const warnings: string[] = []
  const config = readConfig((message) => warnings.push(message))
  const paths = systemPaths(text(parsed, "data-dir"), config.dataFolder)
  const json = parsed.flags.has("json")
  const machine = await openMachine(paths, config, { hungAfterMs: hungAfter(parsed), signal, warnings })
  return { ...machine, config, parsed, paths, json, out: systemOutput({ json, put: writeOut }) }
}

export function text(parsed: Parsed, flag: string): string | null {
  const value = parsed.flags.get(flag)
  return typeof value === "string" ? value : null
}

function hungAfter(parsed: Parsed): number | null {
  const value = text(parsed, "hung-after")
  if (value === null) return null
  const milliseconds = parseDuration(value)
  if (milliseconds !== null) return milliseconds
  throw new RescueError("USAGE", `--hung-after ${value} is no time`, "write it like 90s, 10m or 2h")
}
