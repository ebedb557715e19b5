import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import type { Facts } from "./facts.ts"

const folder = join(import.meta.dir, "../facts")
const fileOf = (version: string) => join(folder, `${version}.json`)

/** The versions whose facts are committed, newest first. */
export function storedVersions(): string[] {
  const names = globSync(join(folder, "*.json")).map((file) => basename(file, ".json"))
  return names.toSorted((a, b) => Bun.semver.order(b, a))
}

/** The newest one before that version; without one, the newest of all. */
export function lastBefore(version: string, stored = storedVersions()): string | undefined {
  return stored.find((each) => Bun.semver.order(each, version) < 0) ?? stored.find((each) => each !== version)
}

export function readFacts(version: string): Facts {
  return JSON.parse(readFileSync(fileOf(version), "utf8")) as Facts
}

export function writeFacts(facts: Facts): string {
  mkdirSync(folder, { recursive: true })
  writeFileSync(fileOf(facts.version), `${JSON.stringify(facts, null, 1)}\n`)
  return fileOf(facts.version)
}
