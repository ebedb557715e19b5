import type { Part, RecordParts } from "../domain/conversation/message-part.ts"
import type { Database } from "../system/sqlite/database.ts"
import { openDatabaseToRead } from "../system/sqlite/database.ts"
import { ClientTexts, isClientText } from "./ingest/client-texts.ts"
import { PartWriter } from "./ingest/part-writer.ts"
import { ResumeState } from "./ingest/resume-state.ts"
import { textSum } from "./ingest/text-sum.ts"
import type { IndexedPart } from "./model/indexed-part.ts"
import { otherLocationsSql, PartReader } from "./search/parts.ts"
import { schemaVersionOf } from "./store/schema.ts"
import { showByNewNames } from "./store/upgrade.ts"

const readableVersion = 1

interface OldSource {
  readonly id: number
}
interface OldRow {
  readonly id: number
  readonly offset: number
  readonly length: number
  readonly context: number | null
  readonly output: number | null
}

/**
 * Copies what only an older index still has: parts of files that were deleted, rewritten, or named by the user.
 * Everything else is read again from its files. Returns the number of parts; 0 when that index cannot be read.
 */
export function takeOver(old: string, database: Database): number {
  const from = openDatabaseToRead(old)
  try {
    if (schemaVersionOf(from) !== readableVersion) return 0
    showByNewNames(from)
    return database.transaction(() => new TakeOver(from, database).all())()
  } catch {
    return 0 // damaged: set aside anyway
  } finally {
    from.close()
  }
}

class TakeOver {
  readonly #old: Database
  readonly #database: Database
  readonly #parts: PartReader
  readonly #writer: PartWriter
  readonly #clientTexts: ClientTexts
  readonly #findOther
  readonly #findKeys
  readonly #addKey

  constructor(old: Database, database: Database) {
    this.#old = old
    this.#database = database
    this.#parts = new PartReader(old)
    this.#writer = new PartWriter(database)
    this.#clientTexts = new ClientTexts(database)
    this.#findOther = old.query<unknown, [number]>(otherLocationsSql)
    this.#findKeys = old.query<{ record: number }, [number]>("select record from record_key where part = ?")
    this.#addKey = database.query(
      "insert or ignore into record_key (session, record, part, sum) values (?, ?, ?, ?)",
    )
  }

  all(): number {
    let count = 0
    const sources = this.#old
      .query<OldSource, []>(
        `select id from source where state <> 'present' or (place = 'live' and session is null) order by id`,
      )
      .all()
    for (const source of sources) count += this.#copySourceParts(source)
    this.#writer.blocks.flush()
    this.#writer.sessions.save()
    this.#copyTitles()
    return count
  }

  #copySourceParts({ id }: OldSource): number {
    const rows = this.#old
      .query<OldRow, [number]>(
        "select id, offset, length, context_tokens as context, output_tokens as output from part where source = ? order by offset, id",
      )
      .all(id)
    const kept = rows.filter((row) => this.#findOther.get(row.id) === null)
    if (kept.length === 0) return 0
    const source = this.#copySource(id)
    const carry = new ResumeState(null)
    this.#copyTokenUsage(id, source)
    for (const record of Map.groupBy(kept, ({ offset }) => offset).values())
      this.#copyRecord(record, source, carry)
    return kept.length
  }

  #copySource(id: number): number {
    const columns = `path, state, place, agent, session, document, export, file, size, read_to, modified, head_sum,
      tail_sum, resume_state, skipped, damaged, parts`
    const row = this.#old.query(`select ${columns} from source where id = ?`).values(id)[0] ?? []
    const marks = row.map(() => "?").join(", ")
    const sql = `insert into source (${columns}) values (${marks})`
    return Number(this.#database.query<unknown, never[]>(sql).run(...(row as never[])).lastInsertRowid)
  }

  #copyRecord(rows: readonly OldRow[], source: number, carry: ResumeState): void {
    const parts = rows.flatMap(({ id }) => this.#parts.get(id) ?? [])
    const [first] = parts
    const [row] = rows
    if (first === undefined || row === undefined) return
    const all = parts.map((part) => this.#partOf(part))
    const { offset, length } = row
    const place = { source, agent: first.agent, session: first.session, fileOwner: null, offset, length }
    const session = this.#writer.sessions.of(first.agent, first.session)
    for (const part of all.filter(isClientText))
      if (this.#clientTexts.isNew(part, [part.text], this.#writer.nextPart, place))
        this.#writer.add(place, { ...recordOf(first, row), usage: null, parts: [part] }, carry)
    const said = { ...recordOf(first, row), parts: all.filter((part) => !isClientText(part)) }
    if (said.parts.length === 0) return
    for (const { record } of this.#findKeys.all(row.id))
      this.#addKey.run(session.id, record, this.#writer.nextPart, textSum(said.parts, null))
    this.#writer.add(place, said, carry)
    this.#writer.sessions.note(session, said, this.#writer.names.id(said.cwd), said.parts.length)
  }

  #partOf({ part, kind, role, text, tool, isError, command, answers }: IndexedPart): Part {
    const call = kind === "tool_use" ? part : answers
    const files = this.#old
      .query<{ value: string }, [number]>(
        "select name.value from file_touch join name on name.id = file_touch.path where file_touch.part = ?",
      )
      .all(part)
    return {
      ...{ kind, role: speakerOf(kind, role, text), text, isError },
      ...(tool === null ? {} : { tool }),
      ...(command === null ? {} : { command }),
      ...(call === null ? {} : { call: `${call}` }),
      ...(files.length === 0 ? {} : { files: files.map(({ value }) => value) }),
    }
  }

  #copyTokenUsage(old: number, source: number): void {
    const rows = this.#old
      .query<Record<string, string | number | null>, [number]>(
        `select session.uuid, session.agent, hour, name.value as model, input, cache_write, cache_read, output, answers
         from token_usage join session on session.id = token_usage.session left join name on name.id = token_usage.model where source = ?`,
      )
      .all(old)
    const add = this.#database.query<unknown, (string | number | null)[]>(
      "insert or ignore into token_usage values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    for (const { uuid, agent, hour, model, input, cache_write, cache_read, output, answers } of rows) {
      const session = this.#writer.sessions.of(`${agent}`, `${uuid}`).id
      const modelId = model == null ? 0 : this.#writer.names.id(`${model}`)
      const figures = [input, cache_write, cache_read, output, answers].map((each) => each ?? 0)
      add.run(source, session, hour ?? 0, modelId, ...figures)
    }
  }

  /** Uses the current ranks of titles. */
  #copyTitles(): void {
    const sessions = this.#old
      .query<{ uuid: string; agent: string; title: string | null; rank: number }, []>(
        "select uuid, agent, title, iif(title_rank = 3, 4, title_rank) as rank from session where title is not null",
      )
      .all()
    const set = this.#database.query<unknown, (string | number | null)[]>(
      "update session set title = ?, title_rank = ? where uuid = ? and agent = ?",
    )
    for (const { uuid, agent, title, rank } of sessions) set.run(title, rank, uuid, agent)
  }
}

/** Version 1 stored summaries and attachments as client texts, which begin with the attachment's type. */
function speakerOf(kind: Part["kind"], role: Part["role"], text: string): Part["role"] {
  if (kind === "summary") return "assistant"
  if (kind !== "attachment" || role !== "system") return role
  if (/^(?:file|directory|pasted_text|mcp_resource|selected_lines_in_\w+|at_mention_reference)\n/.test(text))
    return "user"
  return /^(?:diagnostics|edited_\w+_file|hook_\w+|async_hook_\w+|task_status|queued_command)\n/.test(text)
    ? "tool"
    : role
}

function recordOf(part: IndexedPart, { context, output }: OldRow): RecordParts {
  const { session, time, project: cwd, branch, model, subagent } = part
  const spent = { answer: "", cacheWrite: 0, cacheRead: 0 }
  const usage = context === null ? null : { ...spent, input: context, output: output ?? 0 }
  return { id: null, session, time, cwd, branch, model, subagent, usage, title: null, parts: [] }
}
