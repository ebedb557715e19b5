/** A home and a data folder to which, seeded, happens whatever happens to files; and an index that follows. */
import {
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { readParts } from "../../../plugins/detect/claude-code/parts/parts.ts"
import type { IndexSource } from "../../../src/index/index.ts"
import { record, toolResult, user } from "../../fixtures/talk/conversation.ts"
import { seeded } from "../../fixtures/talk/random.ts"
import { IndexHarness, silentProgress } from "./index-harness.ts"

const documents = {
  "live.jsonl": "",
  "home2.jsonl": "",
  "agent-abc123.jsonl": "s/subagents/agent-abc123.jsonl",
}
type Live = keyof typeof documents
const lives = Object.keys(documents) as [Live, ...Live[]]

export class RandomEvents extends IndexHarness {
  readonly random
  #number = 0
  #exports = 0
  /** What is left to write of a record that a client was just writing. */
  readonly #rest = new Map<string, Buffer>()
  readonly happened: string[] = []

  constructor(seed: number) {
    super()
    this.random = seeded(seed)
  }

  async happens(): Promise<void> {
    const { random } = this
    const events = {
      append: () => this.#append(random.pick(lives), this.#records(random.between(1, 3))),
      tear: () => this.#tear(random.pick(lives)),
      nuls: () => this.#nuls(random.pick(lives)),
      touch: () => this.#touch(random.pick(lives)),
      rewrite: () => this.#rewrite(random.pick(lives)),
      truncate: () => this.#truncate(random.pick(lives)),
      replace: () => this.#replace(random.pick(lives)),
      fork: () => this.#copy("live.jsonl", "home2.jsonl"),
      purge: () => rmSync(this.path(random.pick(lives)), { force: true }),
      export: () => this.#copy(random.pick(lives), `pending-${this.#exports++}.jsonl`),
      restore: () => this.#restore(),
      archive: () => this.#archive(),
      prune: () => this.#prune(),
      read: () => this.#read(),
      breakOff: () => this.#breakOff(),
      settle: () => this.settle(),
    }
    const weights: [keyof typeof events, ...(keyof typeof events)[]] = [
      ...(["append", "append", "append", "tear", "tear", "read", "read", "read", "breakOff"] as const),
      ...(Object.keys(events) as (keyof typeof events)[]),
    ] as never
    const name = random.pick(weights)
    this.happened.push(name)
    await events[name]()
  }

  /** Every file there is, as the program would be told of it. */
  sources(): IndexSource[] {
    const live = lives.flatMap((name) => {
      const path = this.path(name)
      return existsSync(path) ? [this.source(path, { document: documents[name] })] : []
    })
    const exported = Array.from({ length: this.#exports }, (_, n) => [
      `pending-${n}.jsonl`,
      `archived-${n}.jsonl`,
    ])
    return [
      ...live,
      ...exported.flatMap((names, n) => names.flatMap((name) => this.#exported(name, n) ?? [])),
    ]
  }

  async settle(): Promise<void> {
    const writer = this.writer()
    for (const { path } of [...writer.presentFiles()]) if (!existsSync(path)) writer.markMissing(path)
    writer.close()
  }

  #exported(name: string, n: number): IndexSource | null {
    const path = this.path(name)
    if (!existsSync(path)) return null
    const place = name.startsWith("pending") ? "pending" : "archived"
    const file = `sha256:${new Bun.CryptoHasher("sha256").update(readFileSync(path)).digest("hex")}`
    return this.source(path, { place, export: `export-${n}`, file, modifiedAt: 1 })
  }

  #records(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => this.#record()).join(""))
  }

  #record(): string {
    const n = this.#number++
    const said = `said${n} écrit 保存 🙂`
    switch (this.random.between(0, 4)) {
      case 0:
        return record(this.talk, n, user(said))
      case 1:
        return record(this.talk, n, call(`call-${n}`, said))
      case 2:
        return record(this.talk, n, toolResult(`call-${n - 1}`, said))
      case 3:
        return `${JSON.stringify({ type: "summary", summary: said, leafUuid: "x" })}\n`
      default:
        return record(this.talk, n, answer(`answer-${n}`, said))
    }
  }

  #append(name: Live, bytes: Buffer): void {
    this.append(Buffer.concat([this.#rest.get(name) ?? Buffer.alloc(0), bytes]), name)
    this.#rest.delete(name)
  }

  #tear(name: Live): void {
    const bytes = this.#records(1)
    const at = this.random.between(1, bytes.length - 1)
    this.#append(name, bytes.subarray(0, at))
    this.#rest.set(name, bytes.subarray(at))
  }

  /** A power cut: the next client begins a record behind what it left. */
  #nuls(name: Live): void {
    this.#rest.delete(name)
    this.append(Buffer.alloc(this.random.between(1, 9)), name)
  }

  #touch(name: Live): void {
    if (existsSync(this.path(name)))
      utimesSync(this.path(name), new Date(), new Date(this.random.between(1e12, 2e12)))
  }

  /** Some of its lines in another order, behind one that was not there. */
  #rewrite(name: Live): void {
    const path = this.path(name)
    if (!existsSync(path)) return
    this.#rest.delete(name)
    const lines = readFileSync(path, "latin1").split(/(?<=\n)/)
    const kept = lines.filter((line) => line.endsWith("\n") && this.random.between(0, 3) > 0)
    const text =
      this.#record() + Buffer.from(kept.toSorted(() => this.random.between(0, 2) - 1).join(""), "latin1")
    writeFileSync(path, text)
  }

  #truncate(name: Live): void {
    const path = this.path(name)
    if (!existsSync(path)) return
    this.#rest.delete(name)
    const bytes = readFileSync(path)
    writeFileSync(path, bytes.subarray(0, this.random.between(0, bytes.length)))
    if (this.random.between(0, 1) === 1) this.append(`\n${this.#records(2)}`, name)
  }

  /** By a copy of its own, with the same size and time. */
  #replace(name: Live): void {
    const path = this.path(name)
    if (!existsSync(path)) return
    const { modifiedAt } = this.source(path)
    copyFileSync(path, this.path("beside"))
    utimesSync(this.path("beside"), new Date(), new Date(modifiedAt))
    renameSync(this.path("beside"), path)
  }

  #copy(from: string, to: string): void {
    if (existsSync(this.path(from))) copyFileSync(this.path(from), this.path(to))
    this.#rest.delete(to)
  }

  #anExport(kind: "pending" | "archived"): string | null {
    const names = Array.from({ length: this.#exports }, (_, n) => `${kind}-${n}.jsonl`).filter((name) =>
      existsSync(this.path(name)),
    )
    return names.length === 0 ? null : (names[this.random.between(0, names.length - 1)] ?? null)
  }

  #restore(): void {
    const from = this.#anExport(this.random.pick(["pending", "archived"]))
    if (from !== null) this.#copy(from, this.random.pick(lives))
  }

  async #archive(): Promise<void> {
    const from = this.#anExport("pending")
    if (from === null) return
    const n = Number(from.replace(/\D/g, ""))
    const [path, to] = [this.path(from), this.path(`archived-${n}.jsonl`)]
    renameSync(path, to)
    const source = this.#exported(`archived-${n}.jsonl`, n)
    if (source === null || this.random.between(0, 1) === 0) return // nobody says that it moved
    const writer = this.writer()
    const known = writer.known(path)
    if (known !== null) writer.move(path, { ...source, size: known.size, modifiedAt: known.modified })
    writer.close()
  }

  #prune(): void {
    const name = this.#anExport(this.random.pick(["pending", "archived"]))
    if (name !== null) rmSync(this.path(name))
  }

  async #read(): Promise<void> {
    const chosen = this.sources().filter(() => this.random.between(0, 2) > 0)
    if (chosen.length > 0) await this.read(...chosen)
  }

  /** A Ctrl-C, an error or a crash in the middle of a file. */
  async #breakOff(): Promise<void> {
    const [source] = this.sources().toSorted(() => this.random.between(0, 2) - 1)
    if (source === undefined) return
    const stop = new AbortController()
    const how = this.random.pick(["interrupted", "crashed", "failed"])
    const pieces = function* (this: RandomEvents, from: number, length?: number) {
      for (const piece of source.open(from, length) as Iterable<Uint8Array>) {
        for (let at = 0; at < piece.length; at += 300) {
          if (length === undefined && this.random.between(0, 3) === 0) {
            if (how === "failed") throw new Error("input/output error")
            stop.abort()
          }
          yield piece.subarray(at, at + 300)
        }
      }
    }
    const writer = this.writer()
    const reading = { ...silentProgress, signal: stop.signal }
    await writer.update({ ...source, open: pieces.bind(this) }, readParts, reading)
    if (how === "crashed") writer.discard()
    else writer.close()
  }
}

function call(id: string, command: string): Record<string, unknown> {
  const content = [{ type: "tool_use", id, name: "Bash", input: { command } }]
  return { type: "assistant", message: { role: "assistant", content, stop_reason: "tool_use" } }
}

function answer(id: string, text: string): Record<string, unknown> {
  const message = {
    id,
    role: "assistant",
    model: "m",
    content: [{ type: "text", text }],
    usage: { output_tokens: 1 },
  }
  return { type: "assistant", message }
}
