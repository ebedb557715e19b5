import { lstatSync, readFileSync } from "node:fs"
import * as v from "valibot"
import { MiB } from "../../domain/bytes.ts"
import { replaceDocument } from "../../system/fs/config-files.ts"
import { makeFolder } from "../../system/fs/durable.ts"
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

/** An outcome that is not on the disk yet. */
interface UnsavedState {
  readonly name: string
  readonly state: PluginState
  /** It says that something is in the index, where nothing is committed yet. */
  readonly reliesOnIndex: boolean
}

/** The outcomes in a pending folder, with those of this run that are written together once they are true. */
export class QueueStates {
  readonly #pending: string
  readonly #unsaved = new Map<string, UnsavedState>()

  constructor(pending: string) {
    this.#pending = pending
  }

  /** null when the plugin never ran, or its state file is unreadable. */
  of(name: string, plugin: string): PluginState | null {
    return this.#unsaved.get(keyOf(name, plugin))?.state ?? readState(this.#pending, name, plugin)
  }

  add(unsaved: UnsavedState): void {
    this.#unsaved.set(keyOf(unsaved.name, unsaved.state.plugin), unsaved)
  }

  /** The rows that these outcomes rely on are not in the index. Returns the plugins whose outcomes are failures now. */
  fail(name: string, why: string): readonly string[] {
    const wrong = [...this.#unsaved.values()].filter((each) => each.name === name && each.reliesOnIndex)
    for (const each of wrong) this.add({ ...each, state: { ...each.state, status: "failed", error: why } })
    return wrong.map(({ state }) => state.plugin)
  }

  /** The export is archived: nothing more is to be said of it here. */
  drop(name: string): void {
    for (const [key, unsaved] of this.#unsaved) if (unsaved.name === name) this.#unsaved.delete(key)
  }

  /** Writes all outcomes. `onFailure`: what could not be written; its plugin will be run again. */
  async save(onFailure: (name: string, plugin: string, error: Error) => void): Promise<void> {
    const all = [...this.#unsaved.values()]
    this.#unsaved.clear()
    for (const { name, state } of all) {
      await writeState(this.#pending, name, state).catch((error) => onFailure(name, state.plugin, error))
    }
  }
}

function keyOf(name: string, plugin: string): string {
  return `${name}/${plugin}`
}

function readState(pending: string, name: string, plugin: string): PluginState | null {
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

async function writeState(pending: string, name: string, state: PluginState): Promise<void> {
  const folder = `${pending}/${name}.queue`
  makeFolder(folder)
  const text = `${JSON.stringify(withoutLongResult(state), null, 2)}\n`
  await replaceDocument(`${folder}/${fileOf(state.plugin)}`, text, { flush: false })
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
