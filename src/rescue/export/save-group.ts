import { type ExportResult, exportName, type SavePlan } from "../../domain/export/export.ts"
import { type GroupFlush, openGroupFlush } from "../../system/fs/group-flush.ts"
import type { VerifiedCopy } from "../copy/copy.ts"
import { type BatchedCopy, type BatchedText, FlushBatch } from "./flush-batch.ts"
import { type Publication, publishAll } from "./publish.ts"
import {
  type Draft,
  describeSaved,
  draftExport,
  findSaved,
  preparePending,
  type SaveOptions,
  save,
} from "./save.ts"
import { closeStaging, openStaging, type Staged, type Stager, stageAll } from "./staging.ts"
import { manifestBytes, writeManifest } from "./write-manifest.ts"

/** How long an export may wait for others before it is flushed with them. */
const maxWaitMs = 200

/** An export that is staged, its manifest written, and waits for the flush of its group. */
interface Waiting extends Publication {
  readonly plan: SavePlan
  readonly staged: Staged<BatchedCopy>
  readonly manifest: BatchedText
  readonly draft: Draft
  readonly done: PromiseWithResolvers<ExportResult>
}

/**
 * Saves many sessions with the guarantee of `save`, at one flush for a group of them: their files and manifests are
 * written, flushed together, each is compared, then each is published, and the folder is flushed twice for all. No
 * result is returned before its group is through; an error concerns one session only, and a session whose source
 * changed meanwhile is saved once more, by itself.
 */
export class SaveGroup {
  readonly #options: SaveOptions
  readonly #waiting: Waiting[] = []
  #flush: GroupFlush | null = null
  #batch: FlushBatch | null = null
  #prepared: boolean | null = null
  #since = 0
  readonly #onStaged: () => void

  /** `onStaged`: a session is staged, and waits. */
  constructor(options: SaveOptions, onStaged: () => void) {
    this.#options = options
    this.#onStaged = onStaged
  }

  /** Resolves when the session is published and its group flushed; something has to call `commit` for that. */
  async save(plan: SavePlan): Promise<ExportResult> {
    // the earlier of two sessions with one id has to be found by the later, and has its name
    if (this.#waiting.some(({ id }) => id === plan.id)) await this.commit()
    const batch = await this.#open()
    const saved = await findSaved(plan, this.#options)
    if (saved !== null) return saved(this.#isPrepared())
    const waiting = await this.#stage(plan, batch)
    if (this.#waiting.length === 0) this.#since = performance.now()
    this.#waiting.push(waiting)
    this.#onStaged()
    return waiting.done.promise
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0
  }

  /** Whether those that wait should be flushed now: there are many, or the first has waited long enough. */
  get isDue(): boolean {
    const isLate = performance.now() - this.#since >= maxWaitMs
    return this.#waiting.length > 0 && (isLate || this.#batch?.isFull === true)
  }

  /** Flushes, compares and publishes all that wait. */
  async commit(): Promise<void> {
    const waiting = this.#waiting.splice(0)
    if (waiting.length === 0 || this.#batch === null) return
    let again: readonly Waiting[]
    try {
      await this.#batch.settle()
      again = await this.#publish(waiting)
    } catch (error) {
      this.#dismiss(waiting, error)
      return
    } finally {
      for (const { staging } of waiting) closeStaging(staging)
      this.#prepared = null
    }
    for (const { plan, done } of again) await save(plan, this.#options).then(done.resolve, done.reject)
  }

  /** Gives up those that wait: nothing of them is published. */
  abandon(error: unknown): void {
    const waiting = this.#waiting.splice(0)
    this.#dismiss(waiting, error)
    for (const { staging } of waiting) closeStaging(staging)
  }

  close(): void {
    this.#flush?.close()
  }

  #dismiss(waiting: readonly Waiting[], error: unknown): void {
    for (const { staging, done } of waiting) {
      this.#batch?.drop(staging)
      done.reject(error)
    }
  }

  async #open(): Promise<FlushBatch> {
    this.#isPrepared()
    this.#flush ??= await openGroupFlush(this.#options.pending)
    const { md5, progress } = this.#options
    this.#batch ??= new FlushBatch(this.#flush, md5, progress, () => this.commit())
    return this.#batch
  }

  /** Once for each group: makes the pending folder; false when its own name could not be flushed. */
  #isPrepared(): boolean {
    this.#prepared ??= preparePending(this.#options.pending)
    return this.#prepared
  }

  async #stage(plan: SavePlan, batch: FlushBatch): Promise<Waiting> {
    const staging = await openStaging(this.#options.pending, plan.id)
    try {
      const stager: Stager<BatchedCopy> = {
        progress: this.#options.progress,
        copy: (source, target) => batch.copy(staging, source, target),
        copyRows: (rows, target) => batch.copyRows(rows, target),
        flushFolders(folders) {
          batch.folders(staging, folders)
          return true
        },
      }
      const staged = await stageAll(plan, staging, stager)
      const draft = draftExport(
        plan,
        mapCopies(staged, ({ facts }) => facts),
        this.#options,
      )
      const name = exportName(plan.id, draft.at) // if it is taken, the manifest is written again for another
      const manifest = batch.text(staging, staging.manifest, manifestBytes(draft.manifest(name)))
      return {
        ...{ plan, staging, staged, draft, manifest, id: plan.id, at: draft.at, prepared: name },
        hasFiles: staged.files.length > 0,
        prepare: (other) => writeManifest(staging.manifest, draft.manifest(other)),
        done: Promise.withResolvers(),
      }
    } catch (error) {
      batch.drop(staging)
      closeStaging(staging)
      throw error
    }
  }

  /** Publishes all that are as they were written; returns those that have to be copied again. */
  async #publish(waiting: readonly Waiting[]): Promise<readonly Waiting[]> {
    const prepared = this.#isPrepared()
    const verified = new Map<Waiting, Staged>()
    const again: Waiting[] = []
    for (const each of waiting) {
      try {
        each.manifest.confirm() // safety: group-manifest
        const staged = this.#verify(each)
        if (staged === null) again.push(each)
        else verified.set(each, staged)
      } catch (error) {
        each.done.reject(error)
      }
    }
    const outcomes = await publishAll(this.#options, [...verified.keys()])
    for (const [each, outcome] of outcomes) {
      const staged = verified.get(each)
      if (outcome instanceof Error || staged === undefined) each.done.reject(outcome)
      else {
        const published = { ...outcome, prepared }
        each.done.resolve(describeSaved(each.plan, staged, each.draft, published, this.#options))
      }
    }
    return again
  }

  /** null when one of its copies differs from its source. */
  #verify({ staged, staging }: Waiting): Staged | null {
    let differs = false
    const proven = mapCopies(staged, (copy): VerifiedCopy => {
      const verified = copy.verified()
      if (verified === null) differs = true
      return verified ?? { ...copy.facts, vanished: false }
    })
    const confirmed = proven.confirmed && this.#batch?.isConfirmed(staging) === true
    return differs ? null : { ...proven, confirmed } // safety: group-differs
  }
}

function mapCopies<From, To>(staged: Staged<From>, map: (copy: From) => To): Staged<To> {
  const { transcript, files } = staged
  return {
    ...staged,
    transcript: transcript === null ? null : { ...transcript, copied: map(transcript.copied) },
    files: files.map((file) => ({ ...file, copied: map(file.copied) })),
  }
}
