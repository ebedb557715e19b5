import * as v from "valibot"

/** The content of `[team]` in config.toml; nothing leaves this machine unless all of it is there. */
export interface TeamSettings {
  /** The name under which this user's exports are kept. */
  readonly owner: string | null
  /** Folders whose sessions may leave this machine. */
  readonly projects: readonly string[]
  /** Folders below them whose sessions may not. */
  readonly exclude: readonly string[]
  /** The store plugin. */
  readonly store: string
  /** The age recipients for whom everything is encrypted; empty: not encrypted. */
  readonly recipients: readonly string[]
  /** A file with the age identity that decrypts; null: the one in the configuration folder. */
  readonly identity: string | null
  /** `[team.store]`, checked by the plugin. */
  readonly options: Readonly<Record<string, unknown>>
  /** The sink plugin; null: the team has no index. */
  readonly sink: string | null
  /** `[team.sink]`, checked by the plugin. */
  readonly sinkOptions: Readonly<Record<string, unknown>>
}

const folder = v.pipe(v.string(), v.regex(/^(\/|~\/)./, "each must be an absolute path, or begin with ~/"))
const keys = {
  owner: v.pipe(v.string(), v.minLength(1)),
  projects: v.array(folder),
  exclude: v.array(folder),
  recipients: v.array(v.pipe(v.string(), v.startsWith("age1", "each must be an age recipient: age1…"))),
  identity: folder,
  store: v.record(v.string(), v.unknown(), "must be a section: [team.store]"),
  sink: v.record(v.string(), v.unknown(), "must be a section: [team.sink]"),
}

/** A secret in a file that is copied, shown and committed is a secret no longer. */
const secretKeys = /secret|password|passwd|token|private|access_?key|credential(?!_process)/i

/**
 * Reads the `team` table. A mistake in it leaves all of it out: with a part of it missing, something could leave this
 * machine that was meant to stay.
 */
export function readTeamSettings(
  table: Readonly<Record<string, unknown>> | null,
  home: string,
  warn: (message: string) => void,
): TeamSettings | null {
  if (table === null) return null
  const taken: { [key in keyof typeof keys]?: unknown } = {}
  for (const [key, value] of Object.entries(table)) {
    const schema = Object.hasOwn(keys, key) ? keys[key as keyof typeof keys] : undefined
    const result = schema === undefined ? null : v.safeParse(schema, value)
    const why =
      result === null ? `is unknown (known: ${Object.keys(keys).join(", ")})` : result.issues?.[0].message
    if (why !== undefined) {
      warn(`[team] was left out, so nothing is pushed: "${key}" ${why}`)
      return null
    }
    taken[key as keyof typeof keys] = result?.output
  }
  const { plugin = "store-folder", ...options } = (taken.store as Record<string, unknown> | undefined) ?? {}
  const { plugin: named, ...sinkOptions } = (taken.sink ?? {}) as Record<string, unknown>
  const sink = named ?? (/^https?:/.test(String(sinkOptions.url)) ? "sink-opensearch" : "sink-postgres")
  const secret = [...Object.keys(options), ...Object.keys(sinkOptions)].find((key) => secretKeys.test(key))
  if (secret !== undefined) {
    warn(
      `[team] was left out, so nothing is pushed: "${secret}" looks like a secret, which does not belong in config.toml`,
    )
    return null
  }
  const expand = (path: string) => (path.startsWith("~/") ? home + path.slice(1) : path)
  return {
    owner: (taken.owner as string | undefined) ?? null,
    projects: ((taken.projects as string[] | undefined) ?? []).map(expand),
    exclude: ((taken.exclude as string[] | undefined) ?? []).map(expand),
    store: String(plugin),
    recipients: (taken.recipients as string[] | undefined) ?? [],
    identity: taken.identity === undefined ? null : expand(taken.identity as string),
    options,
    sink: taken.sink === undefined ? null : String(sink),
    sinkOptions,
  }
}
