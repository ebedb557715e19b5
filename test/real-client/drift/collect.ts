import { globSync, lstatSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { FactCollector } from "./facts.ts"
import { normalised, type Place } from "./normalised.ts"
import { processShapes } from "./process-shapes.ts"
import { recordName, shapeOf } from "./shape.ts"

/** Looks at everything that is there now: processes, what they say of themselves, and what lies in the home. */
export async function collectFacts(
  collector: FactCollector,
  place: Place,
  given: Record<string, string>,
): Promise<void> {
  for (const file of globSync(join(place.home, ".claude/sessions/*.json")))
    for (const object of objectsIn(file)) collector.add("registry", "sessions/PID.json", shapeOf(object))
  for (const file of stateFiles(place.home))
    for (const object of objectsIn(file))
      collector.add(
        "state files",
        shown(file, place),
        shapeOf(object, file.endsWith("/.claude.json") ? 1 : 2),
      )
  for (const { path, is } of filesIn(place.home)) collector.add("files", shown(path, place), [is])
  for (const { name, variables } of await processShapes(place, given))
    collector.add("processes", name, variables)
}

/** Reads all transcripts: each kind of record with its fields. */
export function readRecords(collector: FactCollector, { home }: Place): void {
  for (const file of globSync(join(home, ".claude/projects/**/*.jsonl")))
    for (const record of objectsIn(file)) collector.add("records", recordName(record), shapeOf(record))
}

/** Small files in which the client keeps its state; what stands deeper in its settings are tips shown by chance. */
function stateFiles(home: string): string[] {
  const names = [
    ".claude.json",
    ".claude/*.json",
    ".claude/daemon.lock",
    ".claude/daemon/*.json",
    ".claude/jobs/*/*.json*",
  ]
  const more = [
    ".claude/jobs/*.json",
    ".claude/history.jsonl",
    ".claude/tasks/*/*.json",
    ".claude/todos/*.json",
  ]
  return [...names, ...more].flatMap((pattern) => globSync(join(home, pattern)))
}

/** The objects of a file that holds one, one a line, or a list of them; half-written ones are passed over. */
function objectsIn(file: string): object[] {
  const text = readOr(file)
  const whole = parsed(text)
  const all = whole === undefined ? text.split("\n").map(parsed) : Array.isArray(whole) ? whole : [whole]
  return all.filter((one) => typeof one === "object" && one !== null)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readOr(file: string): string {
  try {
    return readFileSync(file, "utf8")
  } catch {
    return "" // gone meanwhile
  }
}

function filesIn(folder: string): { path: string; is: string }[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).flatMap((name) => {
    const path = join(folder, name)
    try {
      const entry = lstatSync(path)
      if (entry.isDirectory() || /\.tmp\b/.test(name)) return []
      const kind = entry.isSocket() ? "socket" : entry.isSymbolicLink() ? "link" : "file"
      return [
        { path, is: kind === "link" ? kind : `${kind} ${(entry.mode & 0o777).toString(8).padStart(4, "0")}` },
      ]
    } catch {
      return []
    }
  })
}

const shown = (path: string, place: Place) => normalised(path, place).replace(/^HOME\//, "~/")
