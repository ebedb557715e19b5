/** The tables of the index, their versions, and the classes that read and write their rows. */

import { MiB } from "../../domain/bytes.ts"
import type { Database } from "../../system/sqlite/database.ts"
import { tagMark } from "../text/tokenizer.ts"

/**
 * Increased when the tables change or records are interpreted differently. Version 2 is upgraded in place (upgrade.ts);
 * version 1 is rebuilt, and take-over.ts copies what no file contains any more.
 */
export const indexSchemaVersion = 3
/** Identifies the file as an index of this program: "srix". */
const applicationId = 0x73726978

const tables = `
  create table session (
    id integer primary key, agent text not null, uuid text not null, project integer, title text,
    title_rank integer not null default -1, first integer, last integer, parts integer not null default 0,
    queued integer not null default 0,
    unique (uuid, agent)
  );
  -- tools, models, folders, branches, subagents
  create table name (id integer primary key, value text not null unique);
  -- what many parts have in common
  create table part_context (
    id integer primary key, session integer not null, role integer not null, project integer, branch integer,
    model integer, subagent integer
  );
  -- one version of a file; "superseded": the contents of a path before its file was rewritten
  create table source (
    id integer primary key, path text not null, state text not null, place text not null, agent text not null,
    session text, document text not null, export text, file text not null, size integer not null,
    read_to integer not null, modified real not null, head_sum integer not null, tail_sum integer not null,
    resume_state text, skipped text, damaged integer not null default 0, parts integer not null default 0,
    unknown_types text
  );
  -- at, size: the text's position in its block, in characters; command: length of the command it begins with
  create table part (
    id integer primary key, source integer not null, offset integer not null, length integer not null,
    part_context integer not null, kind integer not null, tool integer, time integer, answers integer,
    at integer not null, size integer not null, command integer, context_tokens integer, output_tokens integer
  );
  create table block (
    first integer primary key, last integer not null, min_time integer, max_time integer, texts blob not null
  );
  -- sum: checksum of the record's texts; -1 for a prompt whose message has not been read. Session 0: client
  -- texts, and answers of models, with the session for which their tokens count as the sum
  create table record_key (
    session integer not null, record integer not null, part integer not null, sum integer not null,
    primary key (session, record)
  ) without rowid;
  -- the records of "original" in this range of offsets are in "source" too, at the same offsets
  create table source_overlap (
    source integer not null, original integer not null, from_offset integer not null, to_offset integer not null
  );
  -- another place of a single record
  create table record_location (
    part integer not null, source integer not null, offset integer not null, length integer not null
  );
  create table file_touch (part integer not null, path integer not null);
  create table token_usage (
    source integer not null, session integer not null, hour integer not null, model integer not null,
    input integer not null, cache_write integer not null, cache_read integer not null, output integer not null,
    answers integer not null, primary key (source, hour, session, model)
  );
  create virtual table search using fts5 (
    text, tags, content = '', columnsize = 0, detail = full, tokenize = "unicode61 remove_diacritics 2 tokenchars '${tagMark}'"
  );
`

const indexes = `
  create index part_context_session on part_context (session, role);
  create unique index source_path on source (path) where state <> 'superseded';
  -- covers the check of thousands of unchanged files
  create index source_present on source (path, file, size, modified) where state = 'present';
  create index source_session on source (session, document);
  create index source_export on source (export, document) where export is not null;
  create index part_answers on part (answers) where answers is not null;
  create index block_time on block (max_time, min_time, first, last);
  create index source_overlap_original on source_overlap (original);
  create index record_location_part on record_location (part);
  create index file_touch_part on file_touch (part);
  create virtual table vocabulary using fts5vocab (search, row);
`

/*
 * No `returning` while rows are added: SQLite gives such a statement a savepoint of its own, and at each savepoint the
 * full-text table writes everything it holds in memory.
 */

/** A large in-memory table and no merging while rows are added: every merge rewrites all its rows. */
const ftsSettings = { pgsz: 8000, hashsize: 16 * MiB, automerge: 0, crisismerge: 64, usermerge: 8 }

export function createSchema(database: Database): void {
  database.run("pragma page_size = 8192")
  database.run("pragma journal_mode = wal")
  database.transaction(() => {
    database.run(tables)
    createIndexes(database)
    for (const [name, value] of Object.entries(ftsSettings)) {
      database.run(`insert into search (search, rank) values ('${name}', ${value})`)
    }
    database.run(`pragma application_id = ${applicationId}`)
    database.run(`pragma user_version = ${indexSchemaVersion}`)
  })()
}

export function createIndexes(database: Database): void {
  database.run(indexes)
}

/** Version 2 has the same tables as version 3 under other names. */
export const upgradableVersion = 2

/** `new`: an empty file. `foreign`: another program's, or a version of ours that can be neither used nor upgraded. */
export function schemaState(database: Database): "current" | "new" | "upgradable" | "foreign" {
  // a single statement, because another process may create the tables between two
  const { count, application, version } = database
    .query(
      `select (select count(*) from sqlite_schema) as count,
         (select application_id from pragma_application_id) as application,
         (select user_version from pragma_user_version) as version`,
    )
    .get() as { count: number; application: number; version: number }
  if (application === applicationId && version === indexSchemaVersion) return "current"
  if (application === applicationId && version === upgradableVersion) return "upgradable"
  return count === 0 && version === 0 && application === 0 ? "new" : "foreign"
}

export function schemaVersionOf(database: Database): number {
  const row = database.query("select user_version as version from pragma_user_version").get()
  return (row as { version: number }).version
}
