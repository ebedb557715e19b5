import * as v from "valibot"
import { defaultThresholds, parseThresholds } from "../../domain/watch/sight.ts"

/** The content of `[watch]` in config.toml. */
export interface WatchConfig {
  /** Shares of the context at which a session is saved, ascending. */
  readonly at: readonly number[]
  /** Unprocessed copies may take this many bytes; more are not made by the watcher. */
  readonly maxBytes: number
}

const defaultMaxBytes = 5 * 1024 ** 3

const watchKeys = {
  at: v.pipe(
    v.string('must be a text such as "75%,90%"'),
    v.check((text) => parseThresholds(text) !== null, 'must be a text such as "75%,90%"'),
  ),
  max_bytes: v.pipe(v.number("must be a number of bytes"), v.minValue(0, "must not be negative")),
}

/** Reads the `watch` table. Invalid values are reported through `warn` (after the config file's path) and ignored. */
export function readWatchConfig(
  table: Readonly<Record<string, unknown>>,
  warn: (message: string) => void,
): WatchConfig {
  const taken: { [key in keyof typeof watchKeys]?: unknown } = {}
  for (const [key, value] of Object.entries(table)) {
    const schema = Object.hasOwn(watchKeys, key) ? watchKeys[key as keyof typeof watchKeys] : undefined
    const result = schema === undefined ? null : v.safeParse(schema, value)
    if (result === null) warn(`the key "watch.${key}" is unknown and was ignored (known: at, max_bytes)`)
    else if (result.success) taken[key as keyof typeof watchKeys] = result.output
    else warn(`"watch.${key}" was left out: ${result.issues[0].message}`)
  }
  return {
    at: (taken.at === undefined ? null : parseThresholds(taken.at as string)) ?? defaultThresholds,
    maxBytes: (taken.max_bytes as number | undefined) ?? defaultMaxBytes,
  }
}
