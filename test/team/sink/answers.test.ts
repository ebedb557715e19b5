/** What the OpenSearch sink makes of answers: of each part, of a server that is busy, and of one that refuses. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import plugin from "../../../plugins/sink/sink-opensearch/index.ts"
import type { SinkContext, SinkPart, SinkQuestion } from "../../../src/sdk/contracts.ts"
import { connectSql } from "../../../src/system/net/sql.ts"
import { s3Context } from "../s3/s3-team.ts"
import { selfSigned } from "../servers/self-signed.ts"

interface Asked {
  readonly method: string
  readonly path: string
  readonly body: string
  readonly authorization: string | null
}
type Said = { readonly status?: number; readonly body?: unknown; readonly retryAfter?: number } | "cut"

/** A server that says yes, but where a test says something else. */
class Scripted {
  readonly asked: Asked[] = []
  readonly forgotten = new Set<string>()
  answer: (asked: Asked) => Said | null = () => null

  readonly request = async (request: Request): Promise<Response> => {
    const { pathname, search } = new URL(request.url)
    const asked = {
      ...{ method: request.method, path: `${pathname}${search}`, body: await request.text() },
      authorization: request.headers.get("authorization"),
    }
    this.asked.push(asked)
    const said = this.answer(asked) ?? { body: this.#usual(asked) }
    if (said === "cut") throw Object.assign(new Error("cut"), { code: "ECONNRESET" })
    const headers = said.retryAfter === undefined ? {} : { "retry-after": `${said.retryAfter}` }
    return new Response(typeof said.body === "string" ? said.body : JSON.stringify(said.body ?? {}), {
      status: said.status ?? 200,
      headers,
    })
  }

  #usual({ path, body }: Asked): unknown {
    if (path.includes("_mget"))
      return { docs: JSON.parse(body).ids.map((_id: string) => ({ _id, found: this.forgotten.has(_id) })) }
    if (path.startsWith("/_bulk")) return itemsOf(actionsIn(body).map(() => ({ status: 201 })))
    if (path.includes("_search")) return { hits: { total: { value: 0 }, hits: [] } }
    return {}
  }

  get bulks(): string[][] {
    return this.asked.filter(({ path }) => path.startsWith("/_bulk")).map(({ body }) => actionsIn(body))
  }
}

/** `create ID` or `delete ID`. */
function actionsIn(body: string): string[] {
  return body.split("\n").flatMap((line) => {
    const [, what, id] = /^\{"(create|delete)":\{"_index":"[^"]*","_id":"([^"]*)"\}\}$/.exec(line) ?? []
    return what === undefined ? [] : [`${what} ${id}`]
  })
}

function itemsOf(items: readonly object[]): object {
  return { errors: true, items: items.map((item) => ({ create: item })) }
}

const failed = (status: number, type: string, reason: string) => ({ status, error: { type, reason } })
const partOf = (id: string, more: Partial<SinkPart> = {}): SinkPart => ({
  ...{ id, owner: "alice", machine: "here", agent: "claude-code", session: "s1", title: null },
  ...{ project: "/work", role: "user", kind: "text", tool: null, isError: false },
  ...{ time: Date.UTC(2026, 10, 20), text: "a zebra", words: ["a", "zebra"], ...more },
})
const question: SinkQuestion = {
  ...{ query: null, owner: null, sessions: [], folders: [], folderText: null, role: null, agent: null },
  ...{ tool: null, since: null, until: null, limit: 10 },
}

let server: Scripted
let root: string
let waited: number[]
beforeEach(() => {
  server = new Scripted()
  root = mkdtempSync(join(tmpdir(), "opensearch-"))
  waited = []
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function contextOf(
  options: Readonly<Record<string, unknown>> = {},
  more: Partial<SinkContext> = {},
): SinkContext {
  return {
    ...s3Context(""),
    ...{ options: { url: "http://127.0.0.1:9200", ...options }, environment: {}, sql: connectSql },
    ...{ paths: { home: root, data: root }, request: server.request },
    delay: async (ms: number) => void waited.push(ms),
    ...more,
  }
}

const outcome = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error) => `${error.code}: ${error.message} | ${error.hint}`,
  )

describe("each part has its own answer", () => {
  test("what there is no room for is sent again, and only that", async () => {
    const rounds = [
      itemsOf([{ status: 201 }, failed(429, "rejected_execution_exception", "queue"), { status: 409 }]),
      itemsOf([failed(503, "unavailable_shards_exception", "no primary")]),
      itemsOf([{ status: 201 }]),
    ]
    server.answer = ({ path }) => (path.startsWith("/_bulk") ? { body: rounds.shift() } : null)
    expect(
      await outcome(
        plugin.add(
          ["a", "b", "c"].map((id) => partOf(id)),
          contextOf(),
        ),
      ),
    ).toBe("done")
    expect(server.bulks).toEqual([["create a", "create b", "create c"], ["create b"], ["create b"]])
    expect(waited.length).toBe(2)
  })

  test("a part that is refused is named, with the reason, though the request was answered with 200", async () => {
    const reason = failed(400, "mapper_parsing_exception", "failed to parse field [time]")
    server.answer = ({ path }) =>
      path.startsWith("/_bulk") ? { body: itemsOf([{ status: 201 }, reason]) } : null
    const said = await outcome(plugin.add([partOf("a"), partOf("b", { session: "s2" })], contextOf()))
    expect(said).toStartWith(
      "STORE_REFUSED: the team's index refuses a part (text) of session s2: mapper_parsing_exception: failed to parse field [time] (400)",
    )
  })

  test("a part without an answer counts as not sent", async () => {
    const rounds = [itemsOf([{ status: 201 }]), {}, itemsOf([{ status: 409 }, { status: 201 }])]
    server.answer = ({ path }) => (path.startsWith("/_bulk") ? { body: rounds.shift() } : null)
    expect(await outcome(plugin.add([partOf("a"), partOf("b")], contextOf()))).toBe("done")
    expect(server.bulks.length).toBe(3)
    server.answer = ({ path }) => (path.startsWith("/_bulk") ? { body: itemsOf([{}]) } : null)
    expect(await outcome(plugin.add([partOf("a")], contextOf()))).toStartWith("STORE_REFUSED")
  })

  test("an item that goes on being refused for room ends as not now", async () => {
    const full = itemsOf([failed(429, "rejected_execution_exception", "queue")])
    server.answer = ({ path }) => (path.startsWith("/_bulk") ? { body: full } : null)
    expect(await outcome(plugin.add([partOf("a")], contextOf({ patience: 3 })))).toStartWith(
      "STORE_UNAVAILABLE: the team's index has no room now (429 rejected_execution_exception: queue)",
    )
  })
})

describe("requests", () => {
  test("are cut by bytes, one after the other, and smaller where the server says too large", async () => {
    const parts = Array.from({ length: 8 }, (_, n) => partOf(`p${n}`, { text: "x".repeat(1 << 20) }))
    let most = 0
    server.answer = ({ path, body }) => {
      if (!path.startsWith("/_bulk")) return null
      most = Math.max(most, body.length)
      return body.length > 3 << 20 ? { status: 413, body: "too large" } : null
    }
    expect(await outcome(plugin.add(parts, contextOf()))).toBe("done")
    expect(most).toBeLessThan((5 << 20) + 1)
    const taken = server.bulks.slice(1).flat()
    expect(taken).toEqual(parts.map(({ id }) => `create ${id}`))
    server.answer = ({ path }) => (path.startsWith("/_bulk") ? { status: 413 } : null)
    expect(await outcome(plugin.add([partOf("big")], contextOf()))).toContain("takes no part of this size")
  })

  test("429 with Retry-After, 503, a cut connection and a proxy's page are asked again", async () => {
    const rounds: Said[] = [{ status: 429, retryAfter: 2 }, { status: 503 }, "cut", { body: "<html>" }]
    server.answer = ({ path }) => (path.startsWith("/_bulk") ? (rounds.shift() ?? null) : null)
    expect(await outcome(plugin.add([partOf("a")], contextOf()))).toBe("done")
    expect([server.bulks.length, waited[0]]).toEqual([5, 2000])
  })

  test("200 with nothing, or with half of it, is no answer: an index is not taken for made, nor a question for answered", async () => {
    const rounds: Said[] = [{ body: "" }, { body: '{"acknow' }]
    server.answer = ({ method }) => (method === "PUT" ? (rounds.shift() ?? null) : null)
    expect(await outcome(plugin.add([partOf("a")], contextOf()))).toBe("done")
    expect(server.asked.filter(({ method }) => method === "PUT").length).toBe(3)
    server.answer = () => ({ body: "" })
    expect(await outcome(plugin.search(question, contextOf()))).toStartWith("STORE_UNAVAILABLE")
  })

  test("a server that has not answered yet is not waited for longer than a person waits", async () => {
    server.answer = () => "cut"
    expect(await outcome(plugin.prepare(contextOf()))).toStartWith("STORE_UNAVAILABLE")
    expect(waited.reduce((sum, each) => sum + each, 0)).toBeLessThan(4_001)
  })

  test("401, 403 and a redirect stop with the line that fixes them", async () => {
    const cases = [
      [401, "OPENSEARCH_PASSWORD"],
      [403, "the right"],
      [302, "set url under [team.sink]"],
    ] as const
    for (const [status, hint] of cases) {
      server.answer = () => ({ status })
      const said = await outcome(plugin.search(question, contextOf()))
      expect(said).toStartWith("STORE_REFUSED")
      expect(said).toContain(hint)
    }
    expect(waited).toEqual([])
    server.answer = () => ({ status: 403, body: { error: { type: "cluster_block_exception" } } })
    expect(await outcome(plugin.search(question, contextOf()))).toStartWith("STORE_UNAVAILABLE")
  })

  test("a prefix that begins too many words is the question's mistake", async () => {
    const reason =
      "all shards failed: [words:ab* ] exceeds maxClauseCount [ Boolean maxClauseCount is set to 1024]"
    server.answer = () => ({
      status: 500,
      body: { error: { type: "search_phase_execution_exception", reason } },
    })
    const said = await outcome(plugin.search(question, contextOf()))
    expect(said).toStartWith("USAGE: too many words in the team's index begin")
    expect(waited).toEqual([])
  })

  test("parts of a month are in its index, sent when they may be", async () => {
    const times = [Date.UTC(2026, 0, 31, 23), Date.UTC(2026, 1, 1), null]
    const parts = times.map((time, n) => partOf(`p${n}`, { time }))
    await plugin.add(parts, contextOf({ index: "team" }))
    const made = server.asked.flatMap(({ method, path }) => (method === "PUT" ? [path] : []))
    expect(made).toEqual(["/team-2026-01", "/team-2026-02", "/team-undated"])
    const named = (period: string) => outcome(plugin.prepare(contextOf({ period })))
    expect([await named("day"), await named("year")].map((said) => said.slice(0, 13))).toEqual([
      "done",
      "STORE_REFUSED",
    ])
  })
})

test("an index that somebody else made is not written to, whenever it was made", async () => {
  const foreign = { "session-rescue-2026-11": { mappings: { _meta: {} } } }
  server.answer = ({ method, path }) =>
    method === "GET" && path.includes("_mapping") ? { body: foreign } : null
  expect(await outcome(plugin.prepare(contextOf()))).toContain("was not made by session-rescue")
  server.answer = ({ method, path }) => {
    const said = { error: { type: "resource_already_exists_exception", reason: "there" } }
    if (method === "PUT") return { status: 400, body: said }
    return path.includes("_mapping") ? { body: foreign } : null
  }
  expect(await outcome(plugin.add([partOf("a")], contextOf()))).toContain("was not made by session-rescue")
  expect(server.bulks).toEqual([])
})

describe("a forgotten session", () => {
  test("is left out, and what was left of it removed", async () => {
    server.forgotten.add("alice s2")
    await plugin.add([partOf("a"), partOf("b", { session: "s2" })], contextOf())
    expect(server.bulks).toEqual([["create a", "delete b"]])
  })

  test("is removed again where it was forgotten while its parts were on their way", async () => {
    server.answer = ({ path }) => {
      if (path.startsWith("/_bulk")) server.forgotten.add("alice s1")
      return null
    }
    await plugin.add([partOf("a")], contextOf())
    expect(server.bulks).toEqual([["create a"], ["delete a"]])
  })
})

describe("who asks, and on which way", () => {
  const authorizationOf = async (options: object, environment: Record<string, string>) => {
    server.asked.length = 0
    const said = await outcome(plugin.prepare(contextOf({ ...options }, { environment })))
    return said === "done" ? server.asked[0]?.authorization : said
  }
  const basic = (text: string) => `Basic ${btoa(text)}`

  test("a key, a name with a password, or ~/.netrc that nobody else reads; never config.toml", async () => {
    expect(await authorizationOf({}, {})).toBeNull()
    expect(await authorizationOf({}, { OPENSEARCH_API_KEY: "k" })).toBe("ApiKey k")
    const named = { OPENSEARCH_USERNAME: "me", OPENSEARCH_PASSWORD: "word" }
    expect(await authorizationOf({}, named)).toBe(basic("me:word"))
    const url = "http://me@127.0.0.1:9200"
    expect(await authorizationOf({ url }, {})).toStartWith("STORE_REFUSED: no password was found for me")
    expect(await authorizationOf({ url: "http://me:word@127.0.0.1:9200" }, {})).toContain("holds a password")
    const netrc = join(root, ".netrc")
    writeFileSync(netrc, "machine other login me password no\nmachine 127.0.0.1 login me\n password yes\n", {
      mode: 0o600,
    })
    expect(await authorizationOf({ url }, {})).toBe(basic("me:yes"))
    rmSync(netrc)
    writeFileSync(netrc, "default login me password yes\n", { mode: 0o644 })
    expect(await authorizationOf({ url }, {})).toContain("holds secrets that others may read")
  })

  test("a server that is not this machine is reached through TLS only", async () => {
    const asked = (url: string) => outcome(plugin.prepare(contextOf({ url })))
    expect(await asked("http://index.example.org:9200")).toContain("everybody on the way could read")
    expect(server.asked).toEqual([])
    expect(await asked("https://index.example.org:9200/below/")).toBe("done")
    expect(server.asked[0]?.path).toStartWith("/below/session-rescue,")
  })

  test("a certificate is verified, with the team's authority where one is named", async () => {
    const { certificate, key } = selfSigned(root)
    const tls = Bun.serve({
      ...{ port: 0, hostname: "127.0.0.1" },
      tls: { cert: Bun.file(certificate), key: Bun.file(key) },
      fetch: (request) => server.request(request),
    })
    try {
      const { request } = s3Context("")
      const ask = (options: object) =>
        outcome(plugin.prepare(contextOf({ url: `https://127.0.0.1:${tls.port}`, ...options }, { request })))
      expect(await ask({})).toContain("the certificate of the team's index is not trusted")
      expect(server.asked).toEqual([])
      expect(await ask({ ca: join(root, "none.pem") })).toContain("ca under [team.sink] names no file")
      expect(await ask({ ca: certificate })).toBe("done")
    } finally {
      await tls.stop(true)
    }
  })
})
