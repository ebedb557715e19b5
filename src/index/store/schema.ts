import type { Database } from "../../system/sqlite/database.ts"
import { sign } from "../text/tokenizer.ts"

/**
 * Raised whenever older indexes cannot be read any more, or records are understood in another way: they are rebuilt, and
 * what no file holds any more is taken over.
 */
export const schemaVersion = 2
/** Marks a file as ours: "srix". */
const applicationId = 0x73726978

const tables = `
  create table session (
    id integer primary key, agent text not null, uuid text not null, project integer, title text,
    title_rank integer not null default -1, first integer, last integer, parts integer not null default 0,
    waiting integer not null default 0,
    unique (uuid, agent)
  );
  -- tools, models, folders, branches, subagents
  create table name (id integer primary key, value text not null unique);
  create table setting (
    id integer primary key, session integer not null, role integer not null, project integer, branch integer,
    model integer, subagent integer
  );
  create index setting_session on setting (session, role);
  -- one file that was read, or had been read under that path: "former" is what a rewritten one held before
  create table source (
    id integer primary key, path text not null, state text not null, place text not null, agent text not null,
    session text, document text not null, export text, file text not null, size integer not null,
    done integer not null, modified real not null, head integer not null, seam integer not null,
    carry text, skipped text, damaged integer not null default 0, parts integer not null default 0, strange text
  );
  create unique index source_path on source (path) where state <> 'former';
  -- all that is asked of thousands of files when none of them has changed
  create index source_present on source (path, file, size, modified) where state = 'present';
  create index source_session on source (session, document);
  create index source_export on source (export, document) where export is not null;
  create table part (
    id integer primary key, source integer not null, offset integer not null, length integer not null,
    setting integer not null, kind integer not null, tool integer, time integer, answers integer,
    at integer not null, size integer not null, command integer, context integer, output integer
  );
  create index part_answers on part (answers) where answers is not null;
  create table block (
    first integer primary key, last integer not null, early integer, late integer, texts blob not null
  );
  create index block_time on block (late, early, first, last);
  -- sum: of the record's texts; of a prompt that waits for its message, -1. Session 0: the client's own texts
  create table seen (
    session integer not null, record integer not null, part integer not null, sum integer not null,
    primary key (session, record)
  ) without rowid;
  -- records of one source lie in another at the same places, from "early" to "late"; sightings: elsewhere
  create table twin (source integer not null, of integer not null, early integer not null, late integer not null);
  create index twin_of on twin (of);
  create table sighting (part integer not null, source integer not null, offset integer not null,
    length integer not null);
  create index sighting_part on sighting (part);
  create table touched (part integer not null, path integer not null);
  create index touched_part on touched (part);
  create table spent (
    source integer not null, session integer not null, hour integer not null, model integer not null,
    input integer not null, cache_write integer not null, cache_read integer not null, output integer not null,
    answers integer not null, primary key (source, hour, session, model)
  );
  create virtual table words using fts5 (
    text, tags, content = '', columnsize = 0, detail = full, tokenize = "unicode61 remove_diacritics 2 tokenchars '${sign}'"
  );
  create virtual table vocabulary using fts5vocab (words, row);
`

/*
 * No `returning` while rows are added: SQLite gives such a statement a savepoint of its own, and at each savepoint
 * the full-text table writes out all it holds in memory.
 */

/**
 * What the full-text table is set to: a large table in memory and no merging while much is added, since every
 * merge writes everything again. `tidy` sees to it that the pieces stay few.
 */
const settings = { pgsz: 8000, hashsize: 16 << 20, automerge: 0, crisismerge: 64, usermerge: 8 }

export function createSchema(database: Database): void {
  database.run("pragma page_size = 8192")
  database.run("pragma journal_mode = wal")
  database.transaction(() => {
    database.run(tables)
    for (const [name, value] of Object.entries(settings)) {
      database.run(`insert into words (words, rank) values ('${name}', ${value})`)
    }
    database.run(`pragma application_id = ${applicationId}`)
    database.run(`pragma user_version = ${schemaVersion}`)
  })()
}

/** "new": an empty file. "foreign": not ours, or of another version of ours. */
export function schemaState(database: Database): "current" | "new" | "foreign" {
  // in one statement: another process may be making the tables between two
  const { count, application, version } = database
    .query(
      `select (select count(*) from sqlite_schema) as count,
         (select application_id from pragma_application_id) as application,
         (select user_version from pragma_user_version) as version`,
    )
    .get() as { count: number; application: number; version: number }
  if (application === applicationId && version === schemaVersion) return "current"
  return count === 0 && version === 0 && application === 0 ? "new" : "foreign"
}
