/** A session's files and a data folder, and `save` called on them without the rest of the program. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import type { SavePlan } from "../../../src/domain/export/export.ts"
import { silent } from "../../../src/domain/progress.ts"
import { parseSessionId, type SessionId } from "../../../src/domain/session/session-id.ts"
import { readRaw } from "../../../src/rescue/catalog/export-files.ts"
import { type SaveOptions, save } from "../../../src/rescue/export/save.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"

export class SaveHarness {
  readonly root = mkdtempSync(join(tmpdir(), "save-"))
  readonly home = join(this.root, "home")
  readonly pending = join(this.root, "data/pending")
  readonly id = parseSessionId(sessionId(1)) as SessionId
  readonly transcript = this.write(`${this.id}.jsonl`, "one\ntwo\nthree\n")
  readonly warnings: string[] = []

  write(relative: string, content: string | Uint8Array): string {
    const path = join(this.home, relative)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    return path
  }

  plan(...files: string[]): SavePlan {
    const about = { agent: "claude-code", cwd: null, title: null, state: "ORPHANED", detail: "closed" }
    return {
      id: this.id,
      transcript: this.transcript,
      files: files.map((relative) => ({ source: join(this.home, relative), relative })),
      links: [],
      others: [],
      session: {
        id: this.id,
        home: this.home,
        transcript: this.transcript,
        flags: [],
        lastRecordAt: null,
        ...about,
      },
    }
  }

  save(plan: SavePlan = this.plan(), more: Partial<SaveOptions> = {}) {
    return save(plan, { ...this.options(), ...more })
  }

  options(): SaveOptions {
    return {
      pending: this.pending,
      archive: join(this.root, "data/archive"),
      md5: false,
      unchanged: "read",
      version: "0",
      now: () => new Date(),
      progress: quiet,
      warn: (message) => void this.warnings.push(message),
      readStored: readRaw,
    }
  }

  names(): string[] {
    return readdirSync(this.pending).sort()
  }

  read(path: string | null): string {
    return readFileSync(path ?? "", "utf8")
  }

  dispose(): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}

export const quiet = silent(new AbortController().signal)

/** A progress that does something the `times` first times that bytes were dealt with: in the middle of the work. */
export function meddling(act: (time: number) => void, times = Number.POSITIVE_INFINITY) {
  let time = 0
  return { signal: quiet.signal, advance: () => (time++ < times ? act(time) : undefined) }
}
