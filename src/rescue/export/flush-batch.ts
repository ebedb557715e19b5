import type { RescueError } from "../../domain/errors.ts"
import type { Progress } from "../../domain/progress.ts"
import type { SessionRows } from "../../domain/rows/rows.ts"
import { closeFile } from "../../system/fs/durable.ts"
import type { GroupFlush } from "../../system/fs/group-flush.ts"
import { toWriteError } from "../../system/fs/io-errors.ts"
import { checkpoint } from "../../system/runtime/yield.ts"
import { type CopyFacts, copyVerified, type VerifiedCopy } from "../copy/copy.ts"
import {
  closeWritten,
  maxWrittenBytes,
  proveCopy,
  type WrittenCopy,
  writeCopy,
} from "../copy/written-copy.ts"
import { closeSource, openSource } from "../io/source-file.ts"
import { copyRows } from "../rows/copy-rows.ts"
import type { StagingSource } from "./staging.ts"
import { readBack, writeText } from "./write-manifest.ts"

/** A copy whose flush may still be due: it counts only once `verified` returns it. */
export interface BatchedCopy {
  readonly facts: CopyFacts
  /** null: it differs from its source, and has to be made again. Throws when it could not be flushed. */
  verified(): VerifiedCopy | null
}

/** A manifest whose flush may still be due. */
export interface BatchedText {
  /** Throws when the file could not be flushed, or does not hold what was written. */
  confirm(): void
}

interface Item {
  readonly owner: object
  readonly fd: number
  readonly target: string
  outcome: "due" | "settled" | RescueError
  /** Reads the flushed file again. */
  check(): Promise<void>
  close(): void
}

/** At most this many files are open for a flush: each copy holds its source open as well. */
const maxItems = 256
const maxBytes = 16 * maxWrittenBytes

/** Copies and manifests of several exports that are flushed together; each is then read again. */
export class FlushBatch {
  #items: Item[] = []
  readonly #folders: { readonly owner: object; readonly paths: readonly string[] }[] = []
  /** Of owners whose folders could not be flushed. */
  readonly #unconfirmed = new WeakSet<object>()
  #bytes = 0

  constructor(
    private readonly flush: GroupFlush,
    private readonly md5: boolean,
    private readonly progress: Progress,
    /** Called before a file that takes a while: what is complete should not wait for it. */
    private readonly beforeLarge: () => Promise<void>,
  ) {}

  get isFull(): boolean {
    return this.#items.length >= maxItems || this.#bytes >= maxBytes
  }

  /** Copies a file; a large one is flushed and verified at once. */
  async copy(owner: object, { path, store }: StagingSource, target: string): Promise<BatchedCopy> {
    const source = openSource(path, store)
    const atOnce = async () =>
      verifiedAlready(await copyVerified(path, target, this.md5, this.progress, store))
    if (source.length > maxWrittenBytes) {
      closeSource(source)
      await this.beforeLarge()
      return atOnce()
    }
    if (this.isFull) await this.settle()
    const written = await writeCopy(source, target, this.md5, this.progress)
    if (written === null) return atOnce()
    return this.#addCopy(owner, written)
  }

  /** Verified at once: see `copyRows`. */
  async copyRows(rows: SessionRows, target: string) {
    const { tables, ...copied } = await copyRows(rows, target, this.md5, this.progress)
    return { copied: verifiedAlready(copied), tables }
  }

  #addCopy(owner: object, written: WrittenCopy): BatchedCopy {
    const { facts, fd, target } = written
    const { progress } = this
    let proven: VerifiedCopy | null = null
    const item: Item = {
      owner,
      fd,
      target,
      outcome: "due",
      async check() {
        proven = await proveCopy(written, progress).catch(rethrowInterrupted)
      },
      close: () => closeWritten(written),
    }
    this.#items.push(item)
    this.#bytes += facts.length
    return {
      facts,
      verified() {
        assertSettled(item)
        return proven
      },
    }
  }

  /** Writes a manifest into a staging. */
  text(owner: object, target: string, bytes: Buffer): BatchedText {
    const fd = writeText(target, bytes)
    const item: Item = {
      owner,
      fd,
      target,
      outcome: "due",
      check: () => readBack(fd, target, bytes),
      close: () => closeFile(fd),
    }
    this.#items.push(item)
    return { confirm: () => assertSettled(item) }
  }

  /** Their names are flushed with the files. */
  folders(owner: object, paths: readonly string[]): void {
    if (paths.length > 0) this.#folders.push({ owner, paths })
  }

  /** false: a folder of this owner could not be flushed. */
  isConfirmed(owner: object): boolean {
    return !this.#unconfirmed.has(owner)
  }

  /** Flushes all of them once, then reads each again: after it, each has an outcome of its own. */
  async settle(): Promise<void> {
    const items = this.#items
    const folders = this.#folders.splice(0)
    if (items.length === 0 && folders.length === 0) return
    await checkpoint(this.progress)
    // safety: group-flush
    const { failed, folders: flushed } = await this.flush.flush(
      items.map(({ fd }) => fd),
      folders.flatMap(({ paths }) => paths),
    )
    if (!flushed) for (const { owner } of folders) this.#unconfirmed.add(owner) // safety: group-unconfirmed
    for (const item of items) {
      await checkpoint(this.progress)
      const error = failed.get(item.fd)
      item.outcome = error === undefined ? await checked(item) : toWriteError(error, item.target) // safety: group-failed
    }
    this.#items = this.#items.filter((item) => !items.includes(item))
    for (const item of items) item.close()
    this.#bytes = 0
  }

  /** Forgets what an export has put in that is not going to be published. */
  drop(owner: object): void {
    for (const item of this.#items.filter((each) => each.owner === owner)) item.close()
    this.#items = this.#items.filter((each) => each.owner !== owner)
    const kept = this.#folders.filter((each) => each.owner !== owner)
    this.#folders.splice(0, this.#folders.length, ...kept)
  }
}

async function checked(item: Item): Promise<"settled" | RescueError> {
  try {
    await item.check()
    return "settled"
  } catch (error) {
    if ((error as { code?: string }).code === "INTERRUPTED") throw error
    return toWriteError(error, item.target)
  }
}

function assertSettled({ outcome, target }: Item): void {
  if (outcome === "due") throw toWriteError(new Error("it was not flushed"), target) // safety: group-settled
  if (outcome !== "settled") throw outcome
}

function verifiedAlready(copy: VerifiedCopy): BatchedCopy {
  return { facts: copy, verified: () => copy }
}

/** Whatever reading again failed with: the copy is made again by itself, and reports it. */
function rethrowInterrupted(error: unknown): null {
  if ((error as { code?: string }).code === "INTERRUPTED") throw error
  return null
}
