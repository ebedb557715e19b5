import { randomBytes } from "node:crypto"
import { lstatSync, readFileSync } from "node:fs"
import * as v from "valibot"
import { MiB } from "../../domain/bytes.ts"
import { closeFile, createFile, discard, makeFolder, replaceFile, writeAll } from "../../system/fs/durable.ts"
import { listDirOrEmpty } from "../../system/fs/list-dir.ts"

const stateSchema = v.object({
  plugin: v.string(),
  status: v.picklist(["done", "failed"]),
  attempts: v.pipe(v.number(), v.integer(), v.minValue(0)),
  error: v.nullable(v.string()),
  /** Time of the last run. */
  at: v.string(),
  /** The plugin's return value. */
  result: v.optional(v.unknown()),
})

/**
 * The outcome of one plugin on one export, stored beside the export; if it is lost, the plugin runs again.
 */
export type PluginState = v.InferOutput<typeof stateSchema>

const maxStateBytes = MiB

/** null when the plugin never ran, or its state file is unreadable. */
export function readState(pending: string, name: string, plugin: string): PluginState | null {
  return readStateFile(`${pending}/${name}.queue/${fileOf(plugin)}`)
}

/** Includes plugins that no longer exist. */
export function readStates(pending: string, name: string): readonly PluginState[] {
  const folder = `${pending}/${name}.queue`
  return listDirOrEmpty(folder)
    .filter((each) => each.endsWith(".json") && !each.startsWith("."))
    .toSorted()
    .flatMap((each) => readStateFile(`${folder}/${each}`) ?? [])
}

/** Throws the system's own error when the state cannot be written. */
export function writeState(pending: string, name: string, state: PluginState): void {
  const folder = `${pending}/${name}.queue`
  makeFolder(folder)
  const temporary = `${folder}/.${randomBytes(4).toString("hex")}.tmp`
  try {
    const fd = createFile(temporary)
    try {
      writeAll(fd, Buffer.from(`${JSON.stringify(withoutLongResult(state), null, 2)}\n`), 0)
    } finally {
      closeFile(fd)
    }
    replaceFile(temporary, `${folder}/${fileOf(state.plugin)}`)
  } catch (error) {
    discard(temporary)
    throw error
  }
}

/** An overlong result is dropped: it would not be read back. */
function withoutLongResult(state: PluginState): PluginState {
  const answer = JSON.stringify(state.result) ?? ""
  return answer.length > maxStateBytes / 2 ? { ...state, result: null } : state
}

function readStateFile(path: string): PluginState | null {
  try {
    const stat = lstatSync(path)
    if (!stat.isFile() || stat.size > maxStateBytes) return null
    const result = v.safeParse(stateSchema, JSON.parse(readFileSync(path, "utf8")))
    return result.success ? result.output : null
  } catch {
    return null
  }
}

/** A plugin name is user input: it must not lead out of the folder. */
function fileOf(plugin: string): string {
  return `${plugin.replace(/[^A-Za-z0-9_-]/g, (char) => `%${char.codePointAt(0)?.toString(16)}`).slice(0, 200)}.json`
}
