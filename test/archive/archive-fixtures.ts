/** Ten exports on a machine, and what must hold of them whatever happens while they are archived. */
import { cpSync, existsSync, readFileSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import {
  filesBelow,
  manifestOf,
  namesIn,
  notPrivate,
  pendingOf,
  sha256,
} from "../export/export-invariants.ts"
import { type Answer, Machine } from "../fixtures/machine.ts"
import { markProcessed } from "../fixtures/processed.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { writeTranscript } from "../fixtures/talk/corpus.ts"

const cwd = "/work/one"

export class ArchiveFixtures extends Machine {
  readonly pending = pendingOf(this)
  readonly archive = join(this.data, "sessions-export-archive-anthropic")
  readonly #kept = join(this.root, "kept")
  /** The exports' names, and what each file of them holds. */
  names: readonly string[] = []
  readonly #sums = new Map<string, Map<string, string>>()

  /** The first is larger than one frame, and has more files than one. */
  async stock(count = 10): Promise<void> {
    for (let n = 1; n <= count; n++) {
      const id = sessionId(n)
      const path = this.transcriptPath(id, cwd)
      const bytes = n === 1 ? 2_600_000 : 20_000
      const lastWrite = new Date(Date.now() - 60_000)
      writeTranscript(path, { seed: n, id, cwd, bytes, ended: true, lastWrite })
      if (n <= 2) this.write(join(dirname(path), id, "subagents/agent-1.jsonl"), `{"n":${n}}\n`)
    }
    const answer = await this.run(["export", "--all", "--json"])
    if (answer.code !== 0) throw new Error(answer.stdout + answer.stderr)
    this.names = namesIn(this.pending)
      .filter((name) => name.endsWith(".jsonl"))
      .map((name) => name.slice(0, -6))
    for (const name of this.names) {
      const files: { path: string; sha256: string }[] = manifestOf(join(this.pending, name)).files
      this.#sums.set(name, new Map(files.map((file) => [file.path, file.sha256])))
    }
    this.markProcessed()
    cpSync(this.data, this.#kept, { recursive: true, preserveTimestamps: true })
  }

  markProcessed(): void {
    markProcessed(this.pending)
  }

  /** As it was when everything had been exported. */
  restock(): void {
    rmSync(this.data, { recursive: true, force: true })
    cpSync(this.#kept, this.data, { recursive: true, preserveTimestamps: true })
  }

  /** Which exports are neither whole in the pending folder nor whole in the archive; what counts and is not whole. */
  broken(): string[] {
    const wrong = this.names.flatMap((name) => {
      const raw = this.#wholeIn(this.pending, name, readFileSync, ".jsonl", "")
      const packed = archiverOf(join(this.archive, `${name}.archive.json`)) === "archive-zstd"
      const kept = packed
        ? this.#wholeIn(this.archive, name, unpacked, ".archive.json", ".zst")
        : this.#wholeIn(this.archive, name, readFileSync, ".jsonl", "")
      if (raw === true || kept === true) {
        return [raw, kept].flatMap((each) => (typeof each === "string" ? [`${name}: ${each}`] : []))
      }
      return [`${name} is lost: ${raw ?? "not pending"}; ${kept ?? "not archived"}`]
    })
    // the archive folder itself may be a link, which has no mode of its own
    const open = notPrivate(this.data).filter((path) => path !== `${this.archive} 777`)
    return [...wrong, ...open, ...notPrivate(this.archive)]
  }

  /** null: it does not count as an export there. A string: it counts, and is not whole. */
  #wholeIn(
    folder: string,
    name: string,
    read: (path: string) => Buffer,
    commit: string,
    ending: string,
  ): true | string | null {
    if (!existsSync(join(folder, `${name}.manifest.json`)) || !existsSync(join(folder, name + commit)))
      return null
    for (const [path, sum] of this.#sums.get(name) ?? []) {
      try {
        if (sha256(read(join(folder, path + ending))) !== sum) return `${folder}/${path} is another`
      } catch (error) {
        return `${folder}/${path}: ${error}`
      }
    }
    return true
  }

  /** What is over when everything has been archived. */
  leftOver(): string[] {
    const known = (path: string) => this.names.some((name) => path.startsWith(`${this.archive}/${name}.`))
    const strange = filesBelow(this.archive).filter((path) => !known(path))
    return [...namesIn(this.pending), ...strange]
  }

  /** The next run finishes what another left. */
  async wrongAgain(): Promise<string[]> {
    const answer = await this.run(["archive", "--json"])
    const left = this.leftOver().map((path) => `left over: ${path}`)
    const failed = answer.code === 0 ? [] : [`exit ${answer.code}: ${answer.stdout}${answer.stderr}`]
    const warned =
      answer.code === 0 && answer.json.warnings.length > 0 ? [`it warns: ${answer.json.warnings}`] : []
    return [...failed, ...warned, ...left, ...this.broken()].map((what) => `the next run: ${what}`)
  }
}

function archiverOf(record: string): string | null {
  return existsSync(record) ? JSON.parse(readFileSync(record, "utf8")).archiver : null
}

/** By the real zstd, not by our own code. */
function unpacked(path: string): Buffer {
  const { stdout, exitCode, stderr } = Bun.spawnSync(["zstd", "-q", "-d", "-c", path])
  if (exitCode !== 0) throw new Error(stderr.toString())
  return stdout
}

export function failures({ stdout }: Answer): { code: string; message: string; hint: string }[] {
  return JSON.parse(stdout).exports.flatMap((each: { failure: object | null }) => each.failure ?? [])
}
