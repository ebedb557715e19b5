/** The user's configuration: config.toml and the paths of this program's files. */
import { isUtf8 } from "node:buffer"
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs"
import * as v from "valibot"
import { MiB } from "../../domain/bytes.ts"
import { parseDuration } from "../../domain/duration.ts"
import type { Prices } from "../../domain/usage/prices.ts"
import { type WatchReason, watchReasons } from "../../domain/watch/sight.ts"
import { configFile, userHome } from "./paths.ts"
import { type PluginSettings, readPluginSettings } from "./plugin-settings.ts"
import { readPrices } from "./prices.ts"
import { readTeamSettings, type TeamSettings } from "./team.ts"
import { readWatchConfig, type WatchConfig } from "./watch-config.ts"

export interface Config {
  readonly dataFolder: string | null
  /** Additional client homes to search. */
  readonly homes: readonly string[]
  readonly hungAfterMs: number | null
  /** Settings by plugin name. */
  readonly plugins: ReadonlyMap<string, PluginSettings>
  /** The archive plugin to use; null: the built-in default. */
  readonly archiver: string | null
  /** Reasons for which the watcher tells its user; null: its own choice. */
  readonly notify: readonly WatchReason[] | null
  /** The program that gets what the watcher tells, as JSON on standard input. */
  readonly notifyCommand: readonly string[] | null
  readonly watch: WatchConfig
  /** What the user pays for tokens, by model; empty when the file does not say. */
  readonly prices: Prices
  /** The team's archive; null: there is none, and nothing leaves this machine. */
  readonly team: TeamSettings | null
}

const keys = {
  archiver: v.pipe(v.string(), v.minLength(1)),
  data_dir: v.pipe(v.string(), v.minLength(1)),
  notify: v.array(
    v.picklist(watchReasons, `must be a list of ${watchReasons.map((reason) => `"${reason}"`).join(", ")}`),
    "must be a list of reasons",
  ),
  notify_command: v.pipe(
    v.array(v.string(), 'must be a list: ["program", "argument"]'),
    v.minLength(1, "must name a program"),
  ),
  watch: v.record(v.string(), v.unknown(), "must be a section: [watch]"),
  homes: v.array(v.pipe(v.string(), v.startsWith("/", "each home must be an absolute path"))),
  hung_after: v.pipe(
    v.string(),
    v.check((text) => parseDuration(text) !== null, 'must be a time such as "10m"'),
  ),
  plugins: v.record(v.string(), v.unknown(), "must be sections: [plugins.NAME]"),
  prices: v.record(v.string(), v.unknown(), 'must be sections: [prices."MODEL"]'),
  team: v.record(v.string(), v.unknown(), "must be a section: [team]"),
}

/**
 * Reads config.toml. No error in it can stop a rescue: invalid values are reported through `warn` and ignored.
 */
export function readConfig(warn: (message: string) => void, path = configFile()): Config {
  const values = parse(path, warn)
  const taken: { [key in keyof typeof keys]?: unknown } = {}
  for (const [key, value] of Object.entries(values)) {
    const schema = Object.hasOwn(keys, key) ? keys[key as keyof typeof keys] : undefined
    if (schema === undefined) {
      warn(`${path}: the key "${key}" is unknown and was ignored (known: ${Object.keys(keys).join(", ")})`)
      continue
    }
    const result = v.safeParse(schema, value)
    if (result.success) taken[key as keyof typeof keys] = result.output
    else warn(`${path}: "${key}" was left out: ${result.issues[0].message}`)
  }
  return {
    dataFolder: (taken.data_dir as string) ?? null,
    homes: (taken.homes as string[]) ?? [],
    archiver: (taken.archiver as string) ?? null,
    hungAfterMs: taken.hung_after === undefined ? null : parseDuration(taken.hung_after as string),
    plugins: readPluginSettings((taken.plugins as Record<string, unknown>) ?? {}, (message) =>
      warn(`${path}: ${message}`),
    ),
    notify: (taken.notify as WatchReason[]) ?? null,
    notifyCommand: (taken.notify_command as string[]) ?? null,
    watch: readWatchConfig((taken.watch as Record<string, unknown>) ?? {}, (message) =>
      warn(`${path}: ${message}`),
    ),
    prices: readPrices((taken.prices as Record<string, unknown>) ?? {}, (message) =>
      warn(`${path}: ${message}`),
    ),
    team: readTeamSettings((taken.team as Record<string, unknown>) ?? null, userHome(), (message) =>
      warn(`${path}: ${message}`),
    ),
  }
}

function parse(path: string, warn: (message: string) => void): Record<string, unknown> {
  let text: string
  try {
    text = readText(path)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== "ENOENT" && code !== "ENOTDIR")
      warn(`${path} cannot be read (${code ?? message}): continuing without it`)
    return {}
  }
  try {
    return Bun.TOML.parse(text) as Record<string, unknown>
  } catch (error) {
    warn(`${path} is not valid TOML (${(error as Error).message}): continuing without it`)
    return {}
  }
}

const maxConfigBytes = MiB

/** Reads the whole file without blocking: a pipe without a writer, or a device, would stall every command. */
function readText(path: string): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile()) throw new Error("it is not a plain file")
    if (stat.size > maxConfigBytes) throw new Error("it is larger than 1 MB")
    const bytes = readFileSync(fd)
    // a folder name decoded wrongly would send exports to a different place
    if (!isUtf8(bytes)) throw new Error("it is not UTF-8")
    return bytes.toString("utf8")
  } finally {
    closeSync(fd)
  }
}
