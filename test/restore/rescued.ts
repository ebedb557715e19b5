/** A session with all kinds of files, its exports, and what a restore made of its home. */

import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { dirname, join } from "node:path"
import { silentReporter } from "../../src/domain/progress.ts"
import { parseSessionId } from "../../src/domain/session/session-id.ts"
import { readSavedExports } from "../../src/rescue/catalog/saved-exports.ts"
import { committed, pendingOf } from "../export/export-invariants.ts"
import { archiveOne } from "../fixtures/archive-one.ts"
import { builtInArchiver, readStored } from "../fixtures/built-in.ts"
import { type Answer, Machine } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"

export const id = sessionId(1)

export class Rescued extends Machine {
  readonly cwd = join(this.root, "work")
  readonly transcriptFile = this.transcriptPath(id, this.cwd)
  readonly own = join(dirname(this.transcriptFile), id)
  readonly archive = join(this.data, "sessions-export-archive-anthropic")

  constructor() {
    super()
    mkdirSync(this.cwd)
    this.transcript(id, { cwd: this.cwd })
    this.write(join(this.own, "subagents/agent-1.jsonl"), '{"agent":1}\n')
    this.write(join(this.own, "tool-results/b.txt"), "result\n".repeat(1000))
    this.write(join(this.claude, "file-history", id, "0123@v1"), "before\n")
    this.write(join(this.claude, "tasks", id, "1.json"), "{}")
    this.write(join(this.claude, "todos", `${id}-agent-${id}.json`), "[]")
    this.write(join(this.claude, "settings.json"), '{"theirs":true}')
  }

  grow(text = '{"type":"user"}\n'): void {
    writeFileSync(this.transcriptFile, Buffer.concat([readFileSync(this.transcriptFile), Buffer.from(text)]))
  }

  /** The base of a new export. */
  async export(): Promise<string> {
    const { json, code } = await this.run(["export", id, "--json"])
    if (code !== 0) throw new Error(`the export failed: ${JSON.stringify(json)}`)
    return json.exports[0].path.replace(/\.jsonl$/, "")
  }

  /** Archives one pending export as the archive stage does; answers the base of what it made. */
  async archiveIt(base: string, archiver = "archive-zstd"): Promise<string> {
    const parsed = parseSessionId(id)
    const saved =
      parsed &&
      readSavedExports(pendingOf(this), this.archive)
        .of(parsed)
        .find(({ path }) => path === `${base}.jsonl`)
    if (!saved) throw new Error(`no export ${base}`)
    const paths = {
      home: this.home,
      config: this.root,
      data: this.data,
      pending: pendingOf(this),
      archive: this.archive,
    }
    const reporter = silentReporter
    const signal = new AbortController().signal
    const facts = { paths, version: "0", signal, warn() {}, readStored, reporter, options: {} }
    await archiveOne(saved, await builtInArchiver(archiver), facts)
    return join(this.archive, saved.name)
  }

  restore(...args: string[]): Promise<Answer> {
    return this.run(["restore", ...args])
  }

  loseHome(): void {
    rmSync(this.claude, { recursive: true, force: true })
  }

  exports(): string[] {
    return committed(this)
  }

  pending(): string {
    return pendingOf(this)
  }

  // biome-ignore lint/suspicious/noExplicitAny: what a test makes of it is no manifest
  editManifest(base: string, edit: (manifest: any) => void): void {
    const path = `${base}.manifest.json`
    const manifest = JSON.parse(readFileSync(path, "utf8"))
    edit(manifest)
    writeFileSync(path, JSON.stringify(manifest))
  }

  /** Copies one export's three parts under another time of the same session. */
  copyExport(base: string, timestamp: string): string {
    const name = base.slice(base.lastIndexOf("/") + 1)
    const other = name.replace(/^.{20}/, timestamp)
    const target = join(dirname(base), other)
    copyFileSync(`${base}.jsonl`, `${target}.jsonl`)
    const text = readFileSync(`${base}.manifest.json`, "utf8").replaceAll(name, other)
    writeFileSync(`${target}.manifest.json`, text)
    for (const path of contents(`${base}.files`).keys()) {
      mkdirSync(dirname(join(`${target}.files`, path)), { recursive: true })
      copyFileSync(join(`${base}.files`, path), join(`${target}.files`, path))
    }
    return target
  }
}

/**
 * Every file below a folder with its bytes (latin1, names too), every link with where it leads, every folder that is
 * empty.
 */
export function contents(folder: string): Map<string, string> {
  const found = new Map<string, string>()
  const walk = (path: Buffer, relative: string) => {
    for (const name of existsSync(path) ? readdirSync(path, "buffer").toSorted(Buffer.compare) : []) {
      const inner = Buffer.concat([path, Buffer.from("/"), name])
      const place = (relative === "" ? "" : `${relative}/`) + name.toString("latin1")
      const stat = lstatSync(inner)
      if (stat.isSymbolicLink()) found.set(place, `→ ${readlinkSync(inner)}`)
      else if (stat.isFile()) found.set(place, readFileSync(inner, "latin1"))
      else if (!stat.isDirectory()) found.set(place, "other")
      else if (readdirSync(inner).length === 0) found.set(`${place}/`, "")
      else walk(inner, place)
    }
  }
  walk(Buffer.from(folder), "")
  return found
}

/** The same with modes and dates: for "nothing was written". */
export function snapshot(folder: string): Map<string, string> {
  return new Map(
    [...contents(folder)].map(([name, bytes]) => {
      const { mode, mtimeMs } = lstatSync(join(folder, name))
      return [name, `${mode.toString(8)} ${name.endsWith("/") ? "" : mtimeMs} ${bytes}`]
    }),
  )
}

/** What a session has, without what belongs to the home itself. */
export function footprintOf(machine: Rescued): Map<string, string> {
  const all = contents(machine.claude)
  all.delete("settings.json")
  return all
}
