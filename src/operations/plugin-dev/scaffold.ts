import { readFileSync } from "node:fs"
import { errnoOf, RescueError } from "../../domain/errors.ts"
import { checkPluginName, discover, pluginFolder } from "../../plugin-host/host/discover.ts"
import type { Stage } from "../../sdk/contracts.ts"
import { closeFile, createFile, makeFolders, writeAll } from "../../system/fs/durable.ts"
import { toWriteError } from "../../system/fs/io-errors.ts"
import { builtInNames } from "./find.ts"
import { sdkTypes } from "./sdk-types.generated.ts"
import { editorSettings, templateFor } from "./templates.ts"

export interface NewPlugin {
  readonly path: string
  readonly written: readonly string[]
  /** Existing files that differ from what this version would write. */
  readonly kept: readonly string[]
}

/** Writes a working example and the files that an editor needs. Never overwrites a file. */
export function writeNewPlugin(name: string, stage: Stage, config: string, home: string): NewPlugin {
  const unfit = checkPluginName(name, name, builtInNames)
  if (unfit !== null) throw new RescueError("USAGE", unfit.reason, unfit.fix)
  const there = discover(stage, config, home, builtInNames).find((each) => each.name === name)
  if (there !== undefined) throw exists(there.path)
  const folder = pluginFolder(config)
  const path = `${folder}/${stage}/${name}.ts`
  const files = [
    { file: path, text: templateFor(stage, name) },
    { file: `${folder}/session-rescue.d.ts`, text: sdkTypes },
    { file: `${folder}/tsconfig.json`, text: editorSettings },
  ]
  const written: string[] = []
  const kept: string[] = []
  for (const { file, text } of files) {
    if (writeNew(file, text)) written.push(file)
    else if (file === path) throw exists(path)
    else if (readFileSync(file, "utf8") !== text) kept.push(file)
  }
  return { path, written, kept }
}

function exists(path: string): RescueError {
  return new RescueError("REFUSED", `${path} exists already, and nothing was written`, "choose another name")
}

/** false when the file already exists. */
function writeNew(path: string, text: string): boolean {
  try {
    makeFolders(path.slice(0, path.lastIndexOf("/")), false)
    const fd = createFile(path)
    try {
      writeAll(fd, Buffer.from(text), 0)
    } finally {
      closeFile(fd)
    }
    return true
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false
    throw toWriteError(error, path)
  }
}
