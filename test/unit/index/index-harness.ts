import { silent } from "../../../src/domain/progress.ts"
/** An index in a throw-away folder, and files to be read into it. */

import { appendFileSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { readParts } from "../../../plugins/detect/claude-code/parts/parts.ts"
import { IndexReader, type IndexSource, IndexWriter, type SourceReport } from "../../../src/index/index.ts"
import { readRange } from "../../../src/system/fs/read-range.ts"
import { record, sessionId, type Talk, user } from "../../fixtures/talk/conversation.ts"

export class IndexHarness {
  readonly root = mkdtempSync(join(tmpdir(), "index-"))
  readonly database = join(this.root, "data/context-storage/session-rescue.db")
  readonly aside: string[] = []
  readonly talk: Talk = { id: sessionId(1), cwd: "/work/one", at: new Date("2026-03-01T10:00:00Z") }

  path(name = "live.jsonl"): string {
    return join(this.root, name)
  }

  write(text: string | Uint8Array, name?: string): string {
    const path = this.path(name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return path
  }

  append(text: string | Uint8Array, name?: string): string {
    appendFileSync(this.path(name), text)
    return this.path(name)
  }

  source(path: string, more: Partial<IndexSource> = {}): IndexSource {
    const { dev, ino, size, mtimeMs } = statSync(path)
    const about = { path, place: "live", agent: "claude-code", session: this.talk.id } as const
    const file = { document: "", export: null, file: `${dev}:${ino}`, size, modifiedAt: mtimeMs }
    return { ...about, ...file, open: (from, length) => readRange(path, from, length), ...more }
  }

  /** Reads files into the index, by a writer of its own; the last report. */
  async read(...sources: (string | IndexSource)[]): Promise<SourceReport> {
    const writer = this.writer()
    let last: SourceReport | null = null
    for (const each of sources) {
      last = await writer.update(
        typeof each === "string" ? this.source(each) : each,
        readParts,
        silentProgress,
      )
    }
    writer.close()
    if (last === null) throw new Error("nothing was read")
    return last
  }

  writer(): IndexWriter {
    return new IndexWriter(this.database, (kept, why) => this.aside.push(`${kept}: ${why}`))
  }

  ask<T>(what: (index: IndexReader) => T): T {
    const index = new IndexReader(this.database)
    try {
      return what(index)
    } finally {
      index.close()
    }
  }

  /** What was found, as the texts found. */
  texts(query: string, filters = {}): string[] {
    return this.ask((index) => index.search(query, filters, 50).hits.map((hit) => hit.text))
  }

  dispose(): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}

export const silentProgress = silent(new AbortController().signal)

/** Prompts of one session, one record each. */
export function prompts(talk: Talk, texts: readonly string[], first = 0): string {
  return texts.map((text, index) => record(talk, first + index, user(text))).join("")
}
