import * as v from "valibot"
import { MiB } from "../../domain/bytes.ts"
import type { Session } from "../../domain/session/session.ts"
import { replaceDocument } from "../../system/fs/config-files.ts"
import { makeFolders } from "../../system/fs/durable.ts"
import type { Files } from "../../system/fs/files.ts"
import { toWriteError } from "../../system/fs/io-errors.ts"

const maxBytes = 4 * MiB

const entrySchema = v.object({
  agent: v.string(),
  home: v.string(),
  id: v.string(),
  /** Time of the last activity when it was dismissed, milliseconds since 1970: newer activity raises the alarm again. */
  lastActivity: v.nullable(v.number()),
  dismissedAt: v.string(),
})
const fileSchema = v.object({ version: v.literal(1), dismissed: v.array(entrySchema) })

type Entry = v.InferOutput<typeof entrySchema>

/** The alarms that the user has dismissed, kept in the data folder: the client's own files stay untouched. */
export class DismissedAlarms {
  static read(data: string, files: Files): DismissedAlarms {
    const path = `${data}/dismissed.json`
    return new DismissedAlarms(path, parse(files.quiet.text(path, maxBytes)))
  }

  readonly #path: string
  readonly #entries: Map<string, Entry>

  private constructor(path: string, entries: readonly Entry[]) {
    this.#path = path
    this.#entries = new Map(entries.map((entry) => [keyOf(entry), entry]))
  }

  has(session: Session): boolean {
    if (session.id === null) return false
    const entry = this.#entries.get(keyOf({ ...session, id: session.id }))
    return entry !== undefined && entry.lastActivity === session.lastActivity
  }

  /** Notes that the user has seen the alarm of these sessions; throws where that cannot be written. */
  async add(sessions: readonly Session[], now: number): Promise<void> {
    for (const { agent, home, id, lastActivity } of sessions) {
      if (id === null) continue
      const entry = { agent, home, id, lastActivity, dismissedAt: new Date(now).toISOString() }
      this.#entries.set(keyOf(entry), entry)
    }
    await this.#save()
  }

  /** Raises the alarm of these sessions again; how many had been dismissed. */
  async remove(sessions: readonly Session[]): Promise<number> {
    const keys = sessions.flatMap((session) =>
      session.id === null ? [] : [keyOf({ ...session, id: session.id })],
    )
    const removed = keys.filter((key) => this.#entries.delete(key)).length
    if (removed > 0) await this.#save()
    return removed
  }

  async #save(): Promise<void> {
    const folder = this.#path.slice(0, this.#path.lastIndexOf("/"))
    const document = { version: 1, dismissed: [...this.#entries.values()] }
    try {
      makeFolders(folder, true)
      await replaceDocument(this.#path, `${JSON.stringify(document, null, 2)}\n`, { flush: true })
    } catch (error) {
      throw toWriteError(error, this.#path)
    }
  }
}

function keyOf({ agent, home, id }: { agent: string; home: string; id: string }): string {
  return `${agent}\0${home}\0${id}`
}

/** A damaged file dismisses nothing: an alarm too many is better than one too few. */
function parse(text: string | null): readonly Entry[] {
  if (text === null) return []
  try {
    const read = v.safeParse(fileSchema, JSON.parse(text))
    return read.success ? read.output.dismissed : []
  } catch {
    return []
  }
}
