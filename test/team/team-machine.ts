/** A machine of a team: sessions that are archived, and a folder that it shares with other machines. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Answer, Machine } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"

export interface TeamStore {
  /** The lines of `[team.store]`. */
  readonly settings: string
  /** Of whoever reaches it. */
  readonly env?: Readonly<Record<string, string>>
}

export class SharedStore implements TeamStore {
  readonly folder = mkdtempSync(join(tmpdir(), "team-store-"))

  constructor() {
    this.mount()
  }

  get settings(): string {
    return `folder = "${this.folder}"`
  }

  /** The folder as it is while it is mounted. */
  mount(): void {
    writeFileSync(join(this.folder, ".session-rescue-store"), "")
  }

  unmount(): void {
    rmSync(join(this.folder, ".session-rescue-store"))
  }

  /** Every object by name. */
  objects(): string[] {
    return (
      readdirSync(this.folder, {
        recursive: true,
        withFileTypes: true,
      }) as unknown as import("node:fs").Dirent[]
    )
      .filter((entry) => entry.isFile() && !entry.name.startsWith(".session-rescue"))
      .map((entry) => join(entry.parentPath, entry.name).slice(this.folder.length + 1))
      .toSorted()
  }

  /** The path of the one object whose name ends so. */
  find(ending: string): string {
    const [found, ...more] = this.objects().filter((name) => name.endsWith(ending))
    if (found === undefined || more.length > 0)
      throw new Error(`${more.length + 1} objects end with ${ending}`)
    return join(this.folder, found)
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export class TeamMachine extends Machine {
  readonly owner: string
  readonly #store: TeamStore

  constructor(store: TeamStore, owner: string) {
    super()
    this.owner = owner
    this.#store = store
    this.configure()
  }

  configure(more = "", projects = '["/work"]'): void {
    const config = join(this.home, ".config/session-rescue")
    mkdirSync(config, { recursive: true })
    const team = `[team]\nowner = "${this.owner}"\nprojects = ${projects}\n${more}\n`
    writeFileSync(join(config, "config.toml"), `${team}[team.store]\n${this.#store.settings}\n`)
  }

  /** Sessions that are saved and archived. */
  async archive(count: number, cwd = "/work/one", first = 1): Promise<void> {
    for (let n = first; n < first + count; n++) this.transcript(sessionId(n), { cwd })
    for (const args of [["export", "--all"], ["cx"]]) {
      const { code, stdout, stderr } = await this.run(args)
      if (code !== 0) throw new Error(stdout + stderr)
    }
  }

  override run(args: readonly string[], options: Parameters<Machine["run"]>[1] = {}): Promise<Answer> {
    return super.run(args, { ...options, env: { ...this.#store.env, ...options.env } })
  }

  push(...args: string[]): Promise<Answer> {
    return this.run(["push", "--yes", "--json", ...args])
  }

  /** What became of each export, in a word. */
  async pushed(...args: string[]): Promise<string[]> {
    const { json } = await this.push(...args)
    return json.exports.map(({ status }: { status: string }) => status)
  }

  get archiveFolder(): string {
    return join(this.data, "sessions-export-archive-anthropic")
  }

  /** Every file of the archive, with its bytes. */
  archived(): Record<string, string> {
    const names = readdirSync(this.archiveFolder, { recursive: true, withFileTypes: true })
    const files = names.filter((entry) => entry.isFile() && !entry.parentPath.includes("/."))
    return Object.fromEntries(
      files
        .map((entry) => join(entry.parentPath, entry.name))
        .toSorted()
        .map((path) => [path.slice(this.archiveFolder.length), readFileSync(path, "base64")]),
    )
  }
}
