import * as v from "valibot"
import { parseDuration } from "../../domain/duration.ts"

/** The content of `[plugins.NAME]` in config.toml. */
export interface PluginSettings {
  readonly enabled: boolean
  /** null: the plugin's own order. */
  readonly order: "pre" | "normal" | "post" | null
  /** null: the stage's own limit. */
  readonly timeoutMs: number | null
  /** All other keys; validated by the plugin. */
  readonly options: Readonly<Record<string, unknown>>
}

export const defaultSettings: PluginSettings = { enabled: true, order: null, timeoutMs: null, options: {} }

const own = {
  enabled: v.boolean("must be true or false"),
  order: v.picklist(["pre", "normal", "post"], 'must be "pre", "normal" or "post"'),
  timeout: v.pipe(
    v.string('must be a time such as "20s"'),
    v.check((text) => (parseDuration(text) ?? 0) > 0, 'must be a time such as "20s"'),
  ),
}

/** Reads the `plugins` table. Invalid values are reported through `warn` (after the config file's path) and ignored. */
export function readPluginSettings(
  table: Readonly<Record<string, unknown>>,
  warn: (message: string) => void,
): ReadonlyMap<string, PluginSettings> {
  const settings = new Map<string, PluginSettings>()
  for (const [name, section] of Object.entries(table)) {
    if (typeof section !== "object" || section === null || Array.isArray(section)) {
      warn(`"plugins.${name}" was left out: it must be a section, [plugins.${name}]`)
      continue
    }
    const taken: { [key in keyof typeof own]?: unknown } = {}
    const options: Record<string, unknown> = {}
    for (const [key, value] of Object.entries(section)) {
      const schema = Object.hasOwn(own, key) ? own[key as keyof typeof own] : undefined
      const result = schema === undefined ? null : v.safeParse(schema, value)
      if (result === null) options[key] = value
      else if (result.success) taken[key as keyof typeof own] = result.output
      else warn(`"plugins.${name}.${key}" was left out: ${result.issues[0].message}`)
    }
    settings.set(name, {
      enabled: (taken.enabled as boolean | undefined) ?? true,
      order: (taken.order as PluginSettings["order"] | undefined) ?? null,
      timeoutMs: taken.timeout === undefined ? null : parseDuration(taken.timeout as string),
      options,
    })
  }
  return settings
}
