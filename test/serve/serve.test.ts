/** The page's server, as any program on this machine can reach it. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { networkInterfaces } from "node:os"
import { join } from "node:path"
import { assistant, record, user } from "../fixtures/talk/conversation.ts"
import { ran, Talks } from "../search/conversations.ts"
import { Serving } from "./serving.ts"

let machine: Talks
let server: Serving | null = null
beforeEach(() => {
  machine = new Talks()
})
afterEach(async () => {
  await server?.stop()
  server = null
  await machine.dispose()
})

const talk = () => machine.talk(1)
const id = () => talk().id

async function start(...args: string[]) {
  machine.say(talk(), [
    user("please fix the login page"),
    assistant("It is **fixed**."),
    ...ran("ls -l", "c1", "total 0"),
  ])
  server = await Serving.start(machine, ...args)
  const key = (await server.enter()) ?? ""
  return { own: server, key }
}

describe("reached", () => {
  test("on 127.0.0.1 alone", async () => {
    const { own } = await start()
    expect(new URL(own.origin).hostname).toBe("127.0.0.1")
    const others = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
    const open = []
    for (const { address, family } of others) {
      if (address === "127.0.0.1") continue
      const host = family === "IPv6" ? `[${address.split("%")[0]}]` : address
      const answer = await fetch(`http://${host}:${own.port}/`).catch(() => null)
      if (answer !== null) open.push(address)
    }
    expect(open).toEqual([])
    const listening = readFileSync("/proc/net/tcp", "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/)[1] ?? "")
    const hex = own.port.toString(16).toUpperCase().padStart(4, "0")
    expect([...new Set(listening.filter((each) => each.endsWith(`:${hex}`)))]).toEqual([`0100007F:${hex}`])
  })

  test("its page holds no secret, and says what a browser may do with it", async () => {
    const { own, key } = await start()
    const answer = await fetch(own.origin)
    const html = await answer.text()
    expect([answer.status, html.includes(own.token), html.includes(key), html.includes("login")]).toEqual([
      200,
      false,
      false,
      false,
    ])
    const policy = answer.headers.get("content-security-policy") ?? ""
    const nonce = /script-src 'nonce-([\w-]{43})'/.exec(policy)?.[1] ?? ""
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("require-trusted-types-for 'script'; trusted-types 'none'")
    expect(policy).not.toContain("unsafe")
    expect(html.match(/<script[^>]*>/g)).toEqual([`<script type="module" nonce="${nonce}">`])
    expect(html).not.toContain("__NONCE__")
    expect((await (await fetch(own.origin)).text()).includes(nonce)).toBe(false)
    const names = [
      "x-content-type-options",
      "referrer-policy",
      "cross-origin-opener-policy",
      "cross-origin-resource-policy",
      "cache-control",
    ]
    expect(names.map((name) => answer.headers.get(name))).toEqual([
      "nosniff",
      "no-referrer",
      "same-origin",
      "same-origin",
      "no-store",
    ])
    expect([...answer.headers.keys()].filter((name) => /set-cookie|access-control/.test(name))).toEqual([])
  })

  test("a stolen link that was used opens nothing; neither does an address without a key", async () => {
    const { own, key } = await start()
    expect(await own.enter()).toBeNull()
    for (const path of [
      "/api/about",
      "/api/sessions",
      "/api/search?q=login",
      `/api/session/${id()}`,
      "/api/usage",
      "/api/exports",
    ]) {
      expect([path, (await own.get(path, "")).status]).toEqual([path, 401])
    }
    expect((await own.get("/api/about", key)).status).toBe(200)
  })

  test("rebinding, another port's page, a cookie, OPTIONS, a large body", async () => {
    const { own, key } = await start()
    const host = `127.0.0.1:${own.port}`
    const ask = (method: string, more: string) =>
      own.raw(
        `${method} /api/about HTTP/1.1\r\n${more}X-Session-Rescue-Key: ${key}\r\nConnection: close\r\n\r\n`,
      )
    expect(await ask("GET", `Host: ${host}\r\n`)).toStartWith("HTTP/1.1 200")
    expect(await ask("GET", `Host: evil.example:${own.port}\r\n`)).toStartWith("HTTP/1.1 403")
    expect(await ask("GET", `Host: ${host}\r\nSec-Fetch-Site: same-site\r\n`)).toStartWith("HTTP/1.1 403")
    const preflight = await ask("OPTIONS", `Host: ${host}\r\nOrigin: http://127.0.0.1:1\r\n`)
    expect(preflight).toMatch(/^HTTP\/1\.1 40[35]/)
    expect(preflight.toLowerCase()).not.toContain("access-control")
    const cookie = await own.raw(
      `GET /api/about HTTP/1.1\r\nHost: ${host}\r\nCookie: key=${key}\r\nConnection: close\r\n\r\n`,
    )
    expect(cookie).toStartWith("HTTP/1.1 401")
    expect((await own.post("/api/act", key, { big: "x".repeat(100_000) })).status).toBe(413)
  })

  test("its arguments tell no token to those who list processes", async () => {
    const { own } = await start()
    expect(readFileSync(`/proc/${own.pid}/cmdline`, "utf8")).not.toContain(own.token)
  })
})

test("reads: a session in stretches, prompts and search from the index, usage, exports; a stream of the list", async () => {
  const { own, key } = await start()
  await machine.read()
  await machine.run(["export", id()])
  const json = async (path: string) => {
    const answer = await own.get(path, key)
    expect([path, answer.status]).toEqual([path, 200])
    // biome-ignore lint/suspicious/noExplicitAny: what the page reads
    return (await answer.json()) as any
  }
  const timeline = await json(`/api/session/${id()}`)
  const [file] = timeline.files
  expect([timeline.agent, file.document, file.offsets.at(-1)]).toEqual(["claude-code", "", file.size])
  const block = await json(`/api/session/${id()}/block?document=&from=0&to=${file.size}&agent=claude-code`)
  const text = JSON.stringify(block.entries)
  expect(text).toContain("please fix the login page")
  expect(text).toContain('["strong",{},"fixed"]')
  expect(text).toContain('["code",{},"ls -l"]')
  expect(
    (await json(`/api/session/${id()}/prompts`)).prompts.map(({ line }: { line: string }) => line),
  ).toEqual(["please fix the login page"])
  expect((await json("/api/search?q=logi")).hits.length).toBe(1)
  expect((await json("/api/search?q=login&agent=codex")).hits.length).toBe(0)
  expect((await json("/api/usage")).all.answers).toBeGreaterThan(0)
  expect((await json("/api/exports")).exports[0].verifiedAt).not.toBeNull()
  const stream = await own.get("/api/sessions", key)
  const reader = (stream.body as ReadableStream<Uint8Array>).getReader()
  const first = JSON.parse(new TextDecoder().decode((await reader.read()).value))
  expect(first.sessions.map((each: { id: string }) => each.id)).toEqual([id()])
  await reader.cancel()
  expect((await own.get("/api/session/ffffffff", key)).status).toBe(404)
  expect((await own.get("/api/nothing", key)).status).toBe(404)
})

test("a session that grows is read on from where it ended; one that is deleted is said to be gone", async () => {
  const { own, key } = await start()
  const path = machine.transcriptPath(id(), talk().cwd)
  // biome-ignore lint/suspicious/noExplicitAny: what the page reads
  const open = async () => (await (await own.get(`/api/session/${id()}`, key)).json()) as any
  const before = await open()
  const [{ size }] = before.files
  for (let count = 0; count < 120; count++)
    appendFileSync(path, record(talk(), 20 + count, user(`more ${count}`)))
  const after = await open()
  expect(after.files[0].size).toBe(statSync(path).size)
  expect(after.files[0].offsets.length).toBeGreaterThan(3)
  const last = after.files[0].offsets.at(-2)
  const block = await own.get(
    `/api/session/${id()}/block?document=&from=${Math.max(size, last)}&to=${after.files[0].size}`,
    key,
  )
  expect(await block.text()).toContain("more 119")
  await Bun.file(path).delete()
  expect((await own.get(`/api/session/${id()}`, key)).status).toBe(404)
})

describe("actions", () => {
  test("none without --allow-actions", async () => {
    const { own, key } = await start()
    const answer = await own.post("/api/act", key, { action: "export", id: id() })
    expect([answer.status, await answer.json()]).toEqual([
      403,
      { why: "read only: start it with --allow-actions" },
    ])
  })

  const acting = (own: Serving, key: string) => async (body: object) => {
    const answer = await own.post("/api/act", key, { id: id(), ...body })
    // biome-ignore lint/suspicious/noExplicitAny: what the page reads
    return [answer.status, (await answer.json()) as any] as const
  }

  test("an export is the command, and says what it says", async () => {
    const { own, key } = await start("--allow-actions")
    const act = acting(own, key)
    const [status, { code, says }] = await act({ action: "export" })
    expect([status, code, says]).toEqual([200, 0, expect.stringContaining("verified")])
    expect((await machine.run(["list", "--json"])).json.exports.length).toBe(1)
    expect((await act({ action: "remove" }))[0]).toBe(400)
    expect((await act({ action: "export", id: "--all" }))[0]).toBe(400)
  })

  test("a restore shows first what it would do, and does that once", async () => {
    const { own, key } = await start("--allow-actions")
    const act = acting(own, key)
    await machine.run(["export", id()])
    const path = machine.transcriptPath(id(), talk().cwd)
    const before = readFileSync(path)
    rmSync(path)
    expect((await act({ action: "restore" }))[0]).toBe(400)
    expect((await act({ action: "restore", ticket: "", typed: "" }))[0]).toBe(409)
    const [asked, { says, ticket }] = await act({ action: "restore-ask" })
    expect([asked, says, existsSync(path)]).toEqual([200, expect.stringContaining(id().slice(0, 8)), false])
    expect((await act({ action: "restore", id: machine.talk(2).id, ticket, typed: "" }))[0]).toBe(409)
    expect(existsSync(path)).toBe(false)
    const again = (await act({ action: "restore-ask" }))[1]
    expect((await act({ action: "restore", ticket: again.ticket, typed: "" }))[0]).toBe(200)
    expect(readFileSync(path)).toEqual(before)
    expect((await act({ action: "restore", ticket: again.ticket, typed: "" }))[0]).toBe(409)
  })

  const serveClient = async () => {
    machine.say(talk(), [user("please fix the login page"), assistant("done")])
    const client = await machine.client({ cwd: talk().cwd })
    machine.registry(client, id() as never, { cwd: talk().cwd })
    server = await Serving.start(machine, "--allow-actions")
    return { client, act: acting(server, (await server.enter()) ?? "") }
  }

  test("a kill asks first, for the terminal's name or the pid, and ends the client through the same pipeline", async () => {
    const { client, act } = await serveClient()
    expect((await act({ action: "kill" }))[0]).toBe(400)
    const [asked, { word, ticket, says }] = await act({ action: "kill-ask" })
    expect([asked, says]).toEqual([200, expect.stringContaining(`${client.pid}`)])
    expect((await act({ action: "kill", ticket, typed: "no" }))[0]).toBe(409)
    expect((await act({ action: "kill", ticket, typed: word }))[0]).toBe(409)
    const again = (await act({ action: "kill-ask" }))[1]
    const [status, said] = await act({ action: "kill", ticket: again.ticket, typed: again.word })
    expect([status, said.says]).toEqual([200, expect.stringContaining("verified")])
    expect(existsSync(`/proc/${client.pid}`)).toBe(false)
    expect((await machine.run(["list", "--json"])).json.exports.length).toBe(1)
  })

  test("what runs it by then is another process: it is not ended", async () => {
    const { client, act } = await serveClient()
    const { ticket, word } = (await act({ action: "kill-ask" }))[1]
    await client.end("SIGKILL")
    const next = await machine.client({ cwd: talk().cwd })
    machine.registry(next, id() as never, { cwd: talk().cwd })
    expect((await act({ action: "kill-ask" }))[1].word).toBe(`${next.pid}`)
    expect((await act({ action: "kill", ticket, typed: word }))[0]).toBe(409)
    expect(existsSync(`/proc/${next.pid}`)).toBe(true)
  })
})

describe("--unix", () => {
  test("a socket in a folder that others cannot enter, for the origin that was named", async () => {
    const folder = join(machine.root, "own")
    mkdirSync(folder, { mode: 0o700 })
    const socket = join(folder, "page")
    server = await Serving.start(machine, "--unix", socket, "--public-url", "http://127.0.0.1:8080")
    expect((statSync(socket).mode & 0o777).toString(8)).toBe("600")
    expect(server.link).toStartWith("http://127.0.0.1:8080/#t=")
    const ask = (host: string) => fetch("http://x/", { unix: socket, headers: { Host: host } })
    expect([(await ask("127.0.0.1:8080")).status, (await ask("x")).status]).toEqual([200, 403])
  })

  test("no socket where others could reach it", async () => {
    const folder = join(machine.root, "open")
    mkdirSync(folder)
    await Bun.$`chmod 755 ${folder}`.quiet()
    const { code, stderr } = await machine.run([
      "serve",
      "--unix",
      join(folder, "page"),
      "--public-url",
      "http://127.0.0.1:1",
    ])
    expect([code, stderr]).toEqual([1, expect.stringContaining("others can reach a socket in")])
  })
})
