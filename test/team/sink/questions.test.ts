/** The same question finds the same on this machine and in the team's index; and what a secret looks like is in no part. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import openSearch from "../../../plugins/sink/sink-opensearch/index.ts"
import postgres from "../../../plugins/sink/sink-postgres/index.ts"
import { RescueError } from "../../../src/domain/errors.ts"
import { type IndexReader, openIndex } from "../../../src/operations/search/search.ts"
import { askTeam } from "../../../src/operations/team-search/ask.ts"
import { feedSink } from "../../../src/operations/team-search/feed.ts"
import type { TeamIndex } from "../../../src/operations/team-search/sink.ts"
import type { SinkContext, SinkPart } from "../../../src/sdk/contracts.ts"
import { assistant, record, sessionId, toolResult, user } from "../../fixtures/talk/conversation.ts"
import { seeded } from "../../fixtures/talk/random.ts"
import { calls } from "../../search/conversations.ts"
import { optionsOf, s3Context } from "../s3/s3-team.ts"
import { hasOpenSearch, OpenSearchCluster } from "../servers/opensearch.ts"
import { hasPostgres, Postgres } from "../servers/postgres.ts"
import { TeamMachine } from "../team-machine.ts"
import { sinkOf } from "./sink-of.ts"

const random = seeded(24)
const letters = (count: number, alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789") =>
  Array.from({ length: count }, () => alphabet[Math.floor(random.next() * alphabet.length)]).join("")
/** Of twenty kinds; made here, so that none is anybody's. */
const secrets = [
  `AKIA${letters(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")}`,
  `ghp_${letters(36)}`,
  `gho_${letters(36)}`,
  `github_pat_${letters(22)}_${letters(59)}`,
  `glpat-${letters(20)}`,
  `xoxb-${letters(12, "123456789")}-${letters(12, "123456789")}-${letters(24)}`,
  `sk-ant-api03-${letters(93)}AA`,
  `sk-proj-${letters(48)}`,
  `sk_live_${letters(24)}`,
  `AIza${letters(35)}`,
  `npm_${letters(36)}`,
  `pypi-AgEIcHlwaS5vcmc${letters(60)}`,
  `hf_${letters(34)}`,
  `SG.${letters(22)}.${letters(43)}`,
  `dop_v1_${letters(64, "0123456789abcdef")}`,
  `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.${letters(43)}`,
]
const assigned = letters(24)
const inUrl = letters(18)
const bearer = letters(40)
const keyLine = letters(64)
const planted = [
  ...secrets.map((secret, n) => [secret, `the value of ${n} is ${secret} here`] as const),
  [assigned, `export DB_PASSWORD="${assigned}"`] as const,
  [inUrl, `psql postgres://app:${inUrl}@db.example.org/shop`] as const,
  [bearer, `curl -H "Authorization: Bearer ${bearer}" https://api.example.org`] as const,
  [keyLine, `-----BEGIN PRIVATE KEY-----\n${keyLine}\n-----END PRIVATE KEY-----`] as const,
]

const words = [
  "zebra",
  "login",
  "src/a-b.ts",
  "foo_bar.baz",
  "1e5",
  "x.y/z",
  "東京都",
  "日本語の検索",
  "Straße",
  "E0308",
  "retry",
  "the",
  "of",
]
const sentence = () =>
  Array.from({ length: 4 + Math.floor(random.next() * 20) }, () => random.pick(words as never)).join(" ")

const nowhere = { prepare: async () => {}, identity: async () => "one" }

let alice: TeamMachine
let index: IndexReader
beforeAll(async () => {
  alice = new TeamMachine({ settings: "" }, "alice")
  for (let n = 1; n <= 20; n++) {
    const talk = { id: sessionId(n), cwd: "/work/one", at: new Date(Date.UTC(2026, 2, n)) }
    const said = [
      user(`${sentence()} number ${n}`),
      assistant(sentence()),
      calls("Bash", `b${n}`, { command: `grep -rn "${sentence()}" .`, description: "look" }),
      toolResult(`b${n}`, sentence()),
      assistant(`${sentence()} ${planted[n - 1]?.[1] ?? ""}`),
    ]
    alice.transcript(talk.id, {
      cwd: talk.cwd,
      text: said.map((each, at) => record(talk, at, each)).join(""),
    })
  }
  await alice.run(["cx", "--live"])
  index = openIndex(optionsOf(alice).paths)
})
afterAll(async () => {
  index.close()
  await alice.dispose()
})

test("the mark is written after the answer: what a failed request held is sent by the next", async () => {
  const taken: SinkPart[] = []
  let isDown = true
  const add = async (parts: readonly SinkPart[]) => {
    if (isDown) throw new RescueError("STORE_UNAVAILABLE", "down", "later")
    taken.push(...parts)
  }
  const sink = sinkOf(postgres, {}, { ...nowhere, key: "down", add })
  const down = await feedSink(sink, optionsOf(alice))
  expect([down.stopped?.code, down.sent]).toEqual(["STORE_UNAVAILABLE", 0])
  isDown = false
  const up = await feedSink(sink, optionsOf(alice))
  expect(up.sent).toBeGreaterThan(0)
  expect([up.stopped, up.sent, new Set(taken.map(({ id }) => id)).size]).toEqual([
    null,
    taken.length,
    up.sent,
  ])
  expect((await feedSink(sink, optionsOf(alice))).sent).toBe(0)
})

test("a team's index that was made again gets everything again", async () => {
  const taken: SinkPart[] = []
  let identity = "one"
  const add = async (parts: readonly SinkPart[]) => void taken.push(...parts)
  const sink = sinkOf(postgres, {}, { ...nowhere, key: "again", add, identity: async () => identity })
  const { sent } = await feedSink(sink, optionsOf(alice))
  expect((await feedSink(sink, optionsOf(alice))).sent).toBe(0)
  identity = "two"
  expect((await feedSink(sink, optionsOf(alice))).sent).toBe(sent)
})

test("twenty planted secrets are in no part, in no word, and in no title", async () => {
  const taken: SinkPart[] = []
  const add = async (parts: readonly SinkPart[]) => void taken.push(...parts)
  await feedSink(sinkOf(postgres, {}, { ...nowhere, key: "secrets", add }), optionsOf(alice))
  const all = JSON.stringify(taken)
  expect(planted.length).toBe(20)
  expect(planted.map(([secret]) => secret).filter((secret) => all.includes(secret))).toEqual([])
  const folded = taken.flatMap((part) => part.words)
  expect(planted.flatMap(([secret]) => folded.filter((word) => word === secret.toLowerCase()))).toEqual([])
  expect(taken.filter(({ text }) => text.includes("«secret:")).length).toBe(20)
})

test("a server that is not this machine is reached through TLS only; a password in the url is refused", async () => {
  const places: unknown[] = []
  const root = mkdtempSync(join(tmpdir(), "pgpass-"))
  try {
    writeFileSync(join(root, ".pgpass"), "other:*:*:*:no\ndb.example.org:5432:*:me:from\\:file\n", {
      mode: 0o600,
    })
    const ask = (url: string) => {
      const sql = (place: unknown) => {
        places.push(place)
        return { query: async () => [], close: async () => {} }
      }
      const paths = { home: root, data: root }
      return postgres.prepare({ ...s3Context(""), options: { url }, environment: {}, paths, sql })
    }
    await ask("postgres://me@db.example.org/shop")
    await ask("postgres://me@127.0.0.1/shop")
    expect(places).toEqual([
      {
        host: "db.example.org",
        port: 5432,
        database: "shop",
        user: "me",
        password: "from:file",
        tls: true,
        ca: null,
      },
      { host: "127.0.0.1", port: 5432, database: "shop", user: "me", password: null, tls: false, ca: null },
    ])
    expect(ask("postgres://me@db.example.org/shop?sslmode=require")).rejects.toThrow(
      "sslmode=require is refused",
    )
    expect(ask("postgres://me:word@db.example.org/shop")).rejects.toThrow("holds a password")
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
})

interface Server {
  readonly options: SinkContext["options"]
  dispose(): Promise<void>
}

const servers = [
  {
    plugin: postgres,
    isHere: hasPostgres,
    async start(): Promise<Server> {
      const server = await Postgres.start()
      return { options: { url: server.url(), schema: "questions" }, dispose: () => server.dispose() }
    },
  },
  {
    plugin: openSearch,
    isHere: hasOpenSearch,
    async start(): Promise<Server> {
      const server = await OpenSearchCluster.start()
      return { options: { url: server.url, index: "questions" }, dispose: () => server.dispose() }
    },
  },
]

for (const { plugin, isHere, start } of servers)
  describe.skipIf(!isHere)(plugin.name, () => {
    let server: Server
    let sink: TeamIndex
    beforeAll(async () => {
      server = await start()
      sink = sinkOf(plugin, server.options)
      expect((await feedSink(sink, optionsOf(alice))).stopped).toBeNull()
    })
    afterAll(async () => {
      await sink.close()
      await server.dispose()
    })

    test("200 questions find the same here and there: words, paths, Japanese, phrases, prefixes, OR, -, NEAR", async () => {
      const one = () => random.pick(words as never) as string
      const forms = [
        () => one(),
        () => `${one()} ${one()}`,
        () => `"${one()} ${one()}"`,
        () => `${one()} -${one()}`,
        () => `${one()} OR number`,
        () => `${one().slice(0, 3)}*`,
        () => `NEAR(zebra login, 3)`,
        () => `"東京" ${one()}`,
        () => `number ${Math.floor(random.next() * 20)}`,
        () => `(${one()} OR ${one()}) ${one()}`,
      ]
      const wrong: string[] = []
      for (let n = 0; n < 200; n++) {
        const query = (forms[n % forms.length] as () => string)()
        const key = (session: string, kind: string, time: number | null) => `${session} ${kind} ${time}`
        const here = index.search(query, {}, 1000)
        const there = await askTeam(sink, { query, filters: {}, owner: null, limit: 1000 })
        const a = here.hits.map((hit) => key(hit.session, hit.kind, hit.time)).toSorted()
        const b = there.hits.map((hit) => key(hit.session, hit.kind, hit.time)).toSorted()
        if (JSON.stringify(a) !== JSON.stringify(b))
          wrong.push(`${query}: ${a.length} here, ${b.length} there`)
        if (there.total !== b.length) wrong.push(`${query}: total ${there.total} of ${b.length}`)
      }
      expect(wrong).toEqual([])
    })
  })
