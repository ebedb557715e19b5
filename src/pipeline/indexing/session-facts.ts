import { type FileStat, hasSettled, isSameVersion } from "../../domain/session/file-stat.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import type { FileFactsRow } from "../../index/index.ts"
import type { FileFacts } from "../../sdk/context.ts"
import { examine } from "../detect.ts"
import { labelFormat } from "../facts/known-facts.ts"
import type { RunContext } from "../run-context.ts"

/** Longer facts are not kept. */
const maxLength = 16_384

/** Where facts about files are kept: the index. */
export interface FactsStore {
  factsAt(path: string): FileFactsRow | null
  saveFacts(row: FileFactsRow): void
  commit(): void
}

/** Other writers must not wait too long. */
const maxUncommitted = 500

/** Has sessions examined, so that what is read of their files is in the index when they are listed. */
export class SessionFacts {
  readonly #store: FactsStore
  readonly #ctx: RunContext
  /** Agents whose plugin keeps no facts. */
  readonly #without = new Set<string>()
  #wasAsked = false
  #uncommitted = 0

  constructor(store: FactsStore, ctx: RunContext) {
    this.#store = store
    const facts: FileFacts = {
      get: (path, stat, format) => this.#get(path, stat, format),
      keep: (path, stat, format, value) => this.#keep(path, stat, format, value),
    }
    // what cannot be read is reported by those who need it
    this.#ctx = { ...ctx, files: ctx.files.quiet, facts, warn: () => {} }
  }

  /** Whether everything is known that a list needs of the session's transcript. */
  has({ agent, transcript, transcriptStat: stat }: FoundSession): boolean {
    if (this.#without.has(agent) || typeof transcript !== "string" || stat?.kind !== "file") return true
    const known = this.#store.factsAt(transcript)
    return known !== null && isSameVersion(known, stat) && known.format.startsWith(labelFormat(""))
  }

  async add(session: FoundSession): Promise<void> {
    if (this.has(session)) return
    this.#wasAsked = false
    await examine(session, this.#ctx).catch(() => null) // it is examined again when it is listed
    if (!this.#wasAsked) this.#without.add(session.agent)
  }

  #get(path: string, stat: FileStat, format: string): unknown {
    this.#wasAsked = true
    const known = this.#store.factsAt(path)
    const isCurrent = known !== null && isSameVersion(known, stat) && known.format === labelFormat(format)
    return isCurrent ? JSON.parse(known.facts) : undefined
  }

  #keep(path: string, stat: FileStat, format: string, value: unknown): void {
    if (!hasSettled(stat, Date.now())) return // safety: facts-settled
    const facts = JSON.stringify(value)
    if (facts.length > maxLength) return
    const { device, inode, size, modifiedAt, changedAt } = stat
    const version = { device, inode, size, modifiedAt, changedAt }
    this.#store.saveFacts({ path, ...version, format: labelFormat(format), facts })
    if (++this.#uncommitted % maxUncommitted === 0) this.#store.commit()
  }
}
