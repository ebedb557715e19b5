/** Keeps a team's index in a PostgreSQL database. */
import { definePlugin, type SinkAnswer, type SinkContext, type SinkQuestion } from "session-rescue"
import { ask, closeConnection, refused } from "./connection.ts"
import { queryText, vectorText } from "./query-text.ts"

/** Ranking reads every hit: the newest of them are ranked. */
const maxRanked = 2_000

const columns =
  "id text, owner text, machine text, agent text, session text, title text, project text, role text, kind text, tool text, is_error boolean, time bigint, text text"
const names = columns.replaceAll(/ (text|boolean|bigint)(?=,|$)/g, "")

export default definePlugin({
  name: "sink-postgres",
  stage: "sink",
  options: { url: "string", schema: "string", ca: "string" },
  async prepare(ctx) {
    const schema = schemaOf(ctx)
    const [there] = await ask(ctx, "select to_regclass($1) is not null as is_there", [`${schema}.forgotten`])
    if (there?.is_there === true) return
    for (const statement of [
      `create schema if not exists ${schema}`,
      `create table if not exists ${schema}.part (${columns}, words tsvector, primary key (id))`,
      `create index if not exists part_words on ${schema}.part using gin (words)`,
      `create index if not exists part_time on ${schema}.part (time desc)`,
      `create index if not exists part_session on ${schema}.part (session, owner)`,
      `create table if not exists ${schema}.forgotten (owner text, session text, at timestamptz not null default now(), primary key (owner, session))`,
    ])
      await ask(ctx, statement)
  },
  async identity(ctx) {
    const [row] = await ask(ctx, "select to_regclass($1)::oid::text as identity", [`${schemaOf(ctx)}.part`])
    return String(row?.identity)
  },
  async add(parts, ctx) {
    const schema = schemaOf(ctx)
    const rows = parts.map(({ words, isError, ...part }) => ({
      ...part,
      text: storable(part.text),
      title: part.title === null ? null : storable(part.title),
      is_error: isError,
      words: storable(vectorText(words)),
    }))
    await ask(
      ctx,
      `insert into ${schema}.part (${names}, words)
       select ${names}, words::tsvector from jsonb_to_recordset($1::text::jsonb) as given (${columns}, words text)
       where not exists (select 1 from ${schema}.forgotten f where f.owner = given.owner and f.session = given.session)
       on conflict (id) do nothing`,
      [JSON.stringify(rows)],
    )
  },
  async forget(owner, session, ctx) {
    const schema = schemaOf(ctx)
    await ask(
      ctx,
      `insert into ${schema}.forgotten (owner, session) values ($1, $2) on conflict do nothing`,
      [owner, session],
    )
    const gone = await ask(
      ctx,
      `with gone as (delete from ${schema}.part where owner = $1 and session = $2 returning 1) select count(*)::int as count from gone`,
      [owner, session],
    )
    return Number(gone[0]?.count ?? 0)
  },
  search: searchParts,
  close: closeConnection,
})

/**
 * `materialized`, so that the planner looks words up in their index: with `order by time limit` it walks the index of
 * times instead, and reads everything for a rare word.
 */
async function searchParts(question: SinkQuestion, ctx: SinkContext): Promise<SinkAnswer> {
  const schema = schemaOf(ctx)
  const { query, limit } = question
  const values: unknown[] = [query === null ? "" : queryText(query), maxRanked, limit]
  const conditions = [query === null ? "true" : "words @@ $1::tsquery", ...filtersOf(question, values)]
  const score = query === null ? "0::real" : "ts_rank(words, $1::tsquery)"
  const rows = await ask(
    ctx,
    `with found as materialized (select id, time from ${schema}.part where ($1::text is not null) and ${conditions.join(" and ")}),
       newest as (select id from found order by time desc nulls last, id limit $2::int),
       ranked as (select part.id, ${score} as score from newest join ${schema}.part using (id)
         order by score desc, part.time desc nulls last, part.id limit $3::int)
     select (select count(*)::int from found) as total, ${names.replace("id,", "part.id,")}
     from ranked join ${schema}.part using (id) order by ranked.score desc, part.time desc nulls last, part.id`,
    values,
  )
  return { total: Number(rows[0]?.total ?? 0), hits: rows.map(hitOf) }
}

function filtersOf(question: SinkQuestion, values: unknown[]): string[] {
  const add = (value: unknown) => `$${values.push(value)}`
  const like = (text: string) => text.replace(/[\\%_]/g, "\\$&")
  const { owner, role, agent, tool, since, until, sessions, folders, folderText } = question
  return [
    ...(owner === null ? [] : [`owner = ${add(owner)}`]),
    ...(role === null ? [] : [`role = ${add(role)}`]),
    ...(agent === null ? [] : [`agent ilike ${add(`%${like(agent)}%`)}`]),
    ...(tool === null ? [] : [`lower(tool) = lower(${add(tool)})`]),
    ...(since === null ? [] : [`time >= ${add(since)}::bigint`]),
    ...(until === null ? [] : [`time < ${add(until)}::bigint`]),
    ...(sessions.length === 0 ? [] : [any(sessions.map((each) => `session like ${add(`${like(each)}%`)}`))]),
    ...(folderText === null ? [] : [`project ilike ${add(`%${like(folderText)}%`)}`]),
    ...(folders.length === 0
      ? []
      : [any(folders.map((each) => `(project = ${add(each)} or project like ${add(`${like(each)}/%`)})`))]),
  ]
}

function any(conditions: readonly string[]): string {
  return `(${conditions.join(" or ")})`
}

function hitOf(row: Readonly<Record<string, unknown>>): SinkAnswer["hits"][number] {
  const text = (key: string) => String(row[key] ?? "")
  const orNull = (key: string) => (row[key] === null ? null : text(key))
  return {
    ...{ id: text("id"), owner: text("owner"), machine: text("machine"), agent: text("agent") },
    ...{ session: text("session"), title: orNull("title"), project: orNull("project") },
    ...{ role: text("role"), kind: text("kind"), tool: orNull("tool"), isError: row.is_error === true },
    ...{ time: row.time === null ? null : Number(row.time), text: text("text") },
  }
}

/** PostgreSQL keeps no NUL and no half of a surrogate pair. */
function storable(text: string): string {
  return text.replaceAll("\0", " ").toWellFormed()
}

function schemaOf(ctx: SinkContext): string {
  const { schema = "session_rescue" } = ctx.options as { readonly schema?: string }
  if (/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) return schema
  throw refused(
    `the schema ${JSON.stringify(schema)} under [team.sink] is not valid`,
    "use small letters, digits and _",
  )
}
