import type { Database } from "../../system/sqlite/database.ts"
import { createIndexes, indexSchemaVersion, schemaVersionOf, upgradableVersion } from "./schema.ts"

/** Upgrades older indexes: version 2 in place; version 1 only for reading. */

const tableNames = [
  ["setting", "part_context"],
  ["seen", "record_key"],
  ["twin", "source_overlap"],
  ["sighting", "record_location"],
  ["touched", "file_touch"],
  ["spent", "token_usage"],
  ["words", "search"],
] as const

/** By the new name of the table. */
const columnNames = [
  ["session", "waiting", "queued"],
  ["source", "done", "read_to"],
  ["source", "head", "head_sum"],
  ["source", "seam", "tail_sum"],
  ["source", "carry", "resume_state"],
  ["source", "strange", "unknown_types"],
  ["part", "setting", "part_context"],
  ["part", "context", "context_tokens"],
  ["part", "output", "output_tokens"],
  ["block", "early", "min_time"],
  ["block", "late", "max_time"],
  ["source_overlap", "of", "original"],
  ["source_overlap", "early", "from_offset"],
  ["source_overlap", "late", "to_offset"],
] as const

/**
 * Renames the tables and columns of a version 2 index in place, in one transaction: everything is kept, and no file is
 * read again.
 */
export function renameSchema(database: Database): void {
  database
    .transaction(() => {
      if (schemaVersionOf(database) !== upgradableVersion) return // another process has done it
      for (const { name } of indexesOf(database)) database.run(`drop index ${name}`)
      database.run("drop table vocabulary")
      for (const [old, name] of tableNames) database.run(`alter table ${old} rename to ${name}`)
      for (const [table, old, name] of columnNames)
        database.run(`alter table ${table} rename column ${old} to ${name}`)
      if (hasTable(database, "looked")) database.run("alter table looked rename to full_read")
      database.run("update source set state = 'superseded' where state = 'former'")
      renameResumeStates(database)
      createIndexes(database)
      database.run(`pragma user_version = ${indexSchemaVersion}`)
    })
    .immediate()
}

function indexesOf(database: Database): readonly { readonly name: string }[] {
  return database
    .query<{ name: string }, []>("select name from sqlite_schema where type = 'index' and sql is not null")
    .all()
}

interface OldPart {
  readonly ours?: true
  readonly waits?: true
}
interface OldResumeState {
  readonly calls?: readonly [string, { readonly ours?: true }][]
  readonly answers?: unknown
  readonly held?: readonly {
    readonly read: { readonly parts: readonly OldPart[] }
    readonly offset: number
  }[]
}

/** Renames the keys in the JSON state that is kept between two reads of a file. */
function renameResumeStates(database: Database): void {
  const rows = database
    .query<{ id: number; state: string }, []>(
      "select id, resume_state as state from source where resume_state is not null",
    )
    .all()
  const save = database.query("update source set resume_state = ? where id = ?")
  for (const { id, state } of rows) save.run(JSON.stringify(renamedState(JSON.parse(state))), id)
}

function renamedState({ calls = [], answers, held = [] }: OldResumeState) {
  const mark = (ours?: true) => (ours === true ? { bySessionRescue: true } : {})
  return {
    calls: calls.map(([call, { ours, ...open }]) => [call, { ...open, ...mark(ours) }]),
    answers,
    deferred: held.map(({ read, ...place }) => ({
      ...place,
      record: {
        ...read,
        parts: read.parts.map(({ ours, waits, ...part }) => ({
          ...part,
          ...mark(ours),
          ...(waits === true ? { queued: true } : {}),
        })),
      },
    })),
  }
}

function hasTable(database: Database, name: string): boolean {
  return database.query("select 1 from sqlite_schema where type = 'table' and name = ?").get(name) !== null
}

/**
 * Makes a version 1 index, which is only read, available under the current names. That version had no text sums and did
 * not count queued prompts.
 */
export function showByNewNames(database: Database): void {
  for (const [old, name] of tableNames) {
    if (old === "words") continue
    const columns = old === "twin" ? "source, of as original, early as from_offset, late as to_offset" : "*"
    database.run(`create temp view ${name} as select ${columns} from main.${old}`)
  }
  database.run(
    `create temp view source as select id, path, iif(state = 'former', 'superseded', state) as state, place, agent,
       session, document, export, file, size, done as read_to, modified, head as head_sum, seam as tail_sum,
       carry as resume_state, skipped, damaged, parts from main.source`,
  )
  database.run(
    `create temp view part as select *, setting as part_context, context as context_tokens, output as output_tokens
     from main.part`,
  )
}
