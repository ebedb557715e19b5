/** Keeps a team's index in OpenSearch: one node, or a cluster. */
import {
  definePlugin,
  type SinkAnswer,
  type SinkContext,
  type SinkPart,
  type SinkQuestion,
} from "session-rescue"
import { createAction, deleteAction, sendBulk } from "./bulk.ts"
import { type Fields, fieldsIn, OpenSearch } from "./client.ts"
import { Indexes, type IndexNames, namesOf } from "./indexes.ts"
import { refused } from "./place.ts"
import { indexedWords, searchBody } from "./query.ts"

interface Team {
  readonly client: OpenSearch
  readonly indexes: Indexes
  readonly names: IndexNames
  /** Something was changed that is not searched yet. */
  isStale: boolean
}

/** A person waits for the answer to a question. */
const searchPatienceMs = 10_000
const forgetPage = 1_000
const known = new WeakMap<object, Team>()

function teamOf(ctx: SinkContext): Team {
  const found = known.get(ctx.options)
  if (found !== undefined) return found
  const client = new OpenSearch(ctx)
  const names = namesOf(ctx)
  const made = { client, names, indexes: new Indexes(client, names), isStale: false }
  known.set(ctx.options, made)
  return made
}

export default definePlugin({
  name: "sink-opensearch",
  stage: "sink",
  options: { url: "string", index: "string", period: "string", ca: "string", patience: "number" },
  prepare: async (ctx) => teamOf(ctx).indexes.prepare(),
  identity: async (ctx) => teamOf(ctx).indexes.identity(),
  add: async (parts, ctx) => addParts(teamOf(ctx), parts),
  forget: async (owner, session, ctx) => forgetSession(teamOf(ctx), owner, session),
  search: async (question, ctx) => searchParts(teamOf(ctx), question),
  async close(ctx) {
    const team = known.get(ctx.options)
    if (team !== undefined) await showChanges(team)
    known.delete(ctx.options)
  },
})

/**
 * A session that is forgotten while its parts are on their way: the tombstone is written before anything is deleted,
 * and looked for again after the parts were taken. One of the two sees the other.
 */
async function addParts(team: Team, parts: readonly SinkPart[]): Promise<void> {
  const { client, indexes, names } = team
  await indexes.makeFor(parts)
  const before = await forgottenOf(team, parts)
  const gone = (part: SinkPart) => deleteAction({ index: names.of(part), id: part.id }, aboutOf(part))
  team.isStale = true
  await sendBulk(
    client,
    parts.map((part) => (before.has(tombstoneOf(part)) ? gone(part) : createOf(part, names))),
  )
  const after = await forgottenOf(team, parts)
  // safety: sink-forgotten-late
  const late = parts.filter((part) => after.has(tombstoneOf(part)) && !before.has(tombstoneOf(part)))
  await sendBulk(client, late.map(gone))
}

function createOf(part: SinkPart, names: IndexNames) {
  const { id, isError, words, ...source } = part
  const text = part.text.toWellFormed()
  const title = part.title?.toWellFormed() ?? null
  return createAction(
    { index: names.of(part), id },
    { ...source, is_error: isError, text, title, words: indexedWords(words).toWellFormed() },
    aboutOf(part),
  )
}

function aboutOf({ session, kind }: SinkPart): string {
  return `a part (${kind}) of session ${session}`
}

function tombstoneOf({ owner, session }: Pick<SinkPart, "owner" | "session">): string {
  return `${owner} ${session}`
}

async function forgottenOf(
  { client, names }: Team,
  parts: readonly SinkPart[],
): Promise<ReadonlySet<string>> {
  const ids = [...new Set(parts.map(tombstoneOf))]
  const { body } = await client.ask("POST", `${names.forgotten}/_mget`, { body: { ids } })
  const docs = Array.isArray(body.docs) ? body.docs.map((doc) => fieldsIn(doc) ?? {}) : []
  const failed = docs.find((doc) => doc.error !== undefined)
  if (docs.length !== ids.length || failed !== undefined)
    throw refused("the team's index does not say which sessions were forgotten", "see its log; run it again")
  return new Set(docs.filter(({ found }) => found === true).map((doc) => String(doc._id)))
}

async function forgetSession(team: Team, owner: string, session: string): Promise<number> {
  const { client, indexes, names } = team
  await indexes.prepare()
  const id = tombstoneOf({ owner, session })
  await sendBulk(client, [
    createAction({ index: names.forgotten, id }, { owner, session }, `session ${session}`),
  ])
  const query = { bool: { filter: [{ term: { owner } }, { term: { session } }] } }
  const body = { size: forgetPage, _source: false, query }
  let count = 0
  for (;;) {
    team.isStale = true
    await showChanges(team)
    const hits = hitsIn(await searchAlias(team, body, [404]))
    if (hits.length === 0) return count
    const actions = hits.map((hit) =>
      deleteAction({ index: String(hit._index), id: String(hit._id) }, `a part of session ${session}`),
    )
    count += await sendBulk(client, actions)
  }
}

/** What was added is searched from now on, and not only a second later. */
async function showChanges(team: Team): Promise<void> {
  if (team.isStale) await team.client.ask("POST", `${team.names.alias}/_refresh`, { accept: [404] })
  team.isStale = false
}

/** Of shards that fail there is an error, and no answer without what they hold. */
async function searchAlias(
  { client, names }: Team,
  body: object,
  accept: readonly number[],
): Promise<Fields> {
  const patience = client.patience(searchPatienceMs)
  const path = `${names.alias}/_search?allow_partial_search_results=false`
  return (await client.ask("POST", path, { body, patience, accept })).body
}

function hitsIn(answer: Fields): readonly Fields[] {
  const hits = fieldsIn(answer.hits)?.hits
  return Array.isArray(hits) ? hits.map((hit) => fieldsIn(hit) ?? {}) : []
}

async function searchParts(team: Team, question: SinkQuestion): Promise<SinkAnswer> {
  await showChanges(team)
  const answer = await searchAlias(team, searchBody(question), [])
  const total = fieldsIn(fieldsIn(answer.hits)?.total)?.value
  return { total: Number(total ?? 0), hits: hitsIn(answer).map(hitOf) }
}

function hitOf({ _id, _source }: Fields): SinkAnswer["hits"][number] {
  const source = fieldsIn(_source) ?? {}
  const text = (key: string) => String(source[key] ?? "")
  const orNull = (key: string) => (typeof source[key] === "string" ? (source[key] as string) : null)
  return {
    ...{ id: String(_id), owner: text("owner"), machine: text("machine"), agent: text("agent") },
    ...{ session: text("session"), title: orNull("title"), project: orNull("project") },
    ...{ role: text("role"), kind: text("kind"), tool: orNull("tool"), isError: source.is_error === true },
    ...{ time: typeof source.time === "number" ? source.time : null, text: text("text") },
  }
}
