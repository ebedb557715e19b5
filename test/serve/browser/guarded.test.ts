/** Who gets nothing of the page, as real browsers and other users of the machine try it; and what a page says of changes. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import { appendFileSync, rmSync } from "node:fs"
import { isInstalled } from "../../faults/harness/installed.ts"
import { assistant, record, user } from "../../fixtures/talk/conversation.ts"
import { Talks } from "../../search/conversations.ts"
import { Serving } from "../serving.ts"
import { Chromium } from "./chromium.ts"

setDefaultTimeout(120_000)

let machine: Talks
let server: Serving
beforeEach(async () => {
  machine = new Talks()
  machine.say(machine.talk(1), [user("please fix the login page"), assistant("It is fixed.")])
})
afterEach(async () => {
  await server.stop()
  await machine.dispose()
})

const says = (text: string) => `document.body.innerText.includes(${JSON.stringify(text)})`

describe.if(isInstalled("chromium"))("in Chromium", () => {
  let browser: Chromium
  beforeEach(async () => {
    server = await Serving.start(machine, "--allow-actions")
    browser = await Chromium.open(machine.root, ["--host-resolver-rules=MAP evil.example 127.0.0.1"])
  })
  afterEach(() => browser.close())

  test("a name that was made to mean this machine gets nothing, also with the link's token", async () => {
    await browser.ignorePolicy() // the attacker's own page has none
    await browser.go(`http://evil.example:${server.port}/#t=${server.token}`)
    await browser.shows(says("unknown host"))
    const read = `fetch("/api/about", { headers: { "X-Session-Rescue-Key": "x" } }).then((answer) => answer.status)`
    expect(await browser.value(read)).toBe(403)
    const enter = `fetch("/api/enter", { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"token":"${server.token}"}' }).then((answer) => answer.status)`
    expect(await browser.value(enter)).toBe(403)
    expect(await server.enter()).not.toBeNull() // and has not used it up
  })

  test("another port's page can neither read, act, frame nor use it, even with the key", async () => {
    const key = (await server.enter()) ?? ""
    const other = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: () => new Response("<title>other</title><p>other", { headers: { "Content-Type": "text/html" } }),
    })
    try {
      await browser.go(`http://127.0.0.1:${other.port}/`)
      await browser.shows(says("other"))
      const ask = (path: string, more: string) =>
        browser.value(
          `fetch("${server.origin}${path}", ${more}).then((answer) => answer.type + " " + answer.status, () => "failed")`,
        )
      const headers = `headers: { "X-Session-Rescue-Key": "${key}", "Content-Type": "application/json" }`
      expect(await ask("/api/about", `{ ${headers} }`)).toBe("failed")
      expect(await ask("/api/about", `{ mode: "no-cors" }`)).toBe("failed") // CORP: not even an opaque answer
      expect(
        await ask(
          "/api/act",
          `{ method: "POST", ${headers}, body: '{"action":"export","id":"${machine.talk(1).id}"}' }`,
        ),
      ).toBe("failed")
      const text = `{ method: "POST", mode: "no-cors", headers: { "Content-Type": "text/plain" }, body: '{"action":"export","id":"${machine.talk(1).id}"}' }`
      expect(await ask("/api/act", text)).toBe("failed")
      expect((await machine.run(["list", "--json"])).json.exports).toEqual([])
      const framed = `new Promise((done) => {
        const frame = document.body.appendChild(document.createElement("iframe"))
        frame.onload = () => { let inside = "nothing"; try { inside = frame.contentDocument === null ? "foreign" : frame.contentDocument.title } catch { inside = "foreign" } done(inside) }
        frame.src = "${server.origin}/"
      })`
      expect(await browser.value(framed)).toBe("foreign")
      expect(browser.complaints.join("\n")).toContain("frame-ancestors")
    } finally {
      await other.stop(true)
    }
  })

  test("a link that was stolen and used is worth nothing: whose it was sees that, and Enter gives another", async () => {
    const thief = await Chromium.open(`${machine.root}/thief`)
    try {
      await thief.go(server.link)
      await thief.shows(says("please fix the login page"))
      await browser.go(server.link)
      await browser.shows(says("This link was used already"))
      expect(await browser.value("location.hash + sessionStorage.length")).toBe("0")
      expect(await thief.value("location.href.includes('t=')")).toBe(false)
    } finally {
      await thief.close()
    }
  })

  test("a tab beside it needs no link of its own", async () => {
    await browser.go(server.link)
    await browser.shows(says("please fix the login page"))
    const beside = `new Promise((done) => {
      const frame = document.createElement("a")
      const channel = new BroadcastChannel("session-rescue")
      channel.onmessage = ({ data }) => { if (typeof data?.key === "string") done(data.key.length) }
      channel.postMessage("key?")
      void frame
    })`
    expect(await browser.value(beside)).toBe(43)
  })

  test("a session that grows is read on; one that is deleted stays, and is said to be gone", async () => {
    const talk = machine.talk(1)
    const client = await machine.client({ cwd: talk.cwd })
    machine.registry(client, talk.id as never, { cwd: talk.cwd })
    await browser.go(`${server.link}`)
    await browser.shows(says("please fix the login page"))
    await browser.value(`location.hash = "#/session/${talk.id}"`)
    await browser.shows(says("It is fixed."))
    const path = machine.transcriptPath(talk.id, talk.cwd)
    for (let count = 0; count < 60; count++)
      appendFileSync(path, record(talk, 20 + count, user(`more ${count}`)))
    await browser.press("G")
    await browser.shows(says("more 59"))
    appendFileSync(path, record(talk, 90, user("the newest of all")))
    await browser.shows(says("the newest of all"))
    await browser.shows("innerHeight + scrollY >= document.documentElement.scrollHeight - 2")
    rmSync(path)
    await client.end()
    await browser.shows(`document.querySelector("[role=alert]")?.innerText.includes("no longer exists")`)
    expect(await browser.value(says("the newest of all"))).toBe(true)
  })

  test("a server that is killed is said to be gone, and the page goes on with the next one at its place", async () => {
    await browser.go(server.link)
    await browser.shows(says("please fix the login page"))
    const port = server.port
    await server.stop("SIGKILL")
    await browser.shows(says("No answer from session-rescue: what is shown may be old."))
    expect(await browser.value(says("please fix the login page"))).toBe(true)
    server = await Serving.start(machine, "--port", `${port}`)
    await browser.shows(says("This tab may not ask any more"))
    await browser.go(server.link)
    await browser.shows(`document.querySelectorAll('a[href^="#/session/"]').length === 1`)
  })
})

const isRoot = process.getuid?.() === 0 && isInstalled("setpriv")

test.if(isRoot)("another user of this machine gets the empty page, and nothing else", async () => {
  server = await Serving.start(machine)
  const key = (await server.enter()) ?? ""
  const asOther = (script: string) => {
    const command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "bash", "-c", script]
    const { stdout } = Bun.spawnSync(command, { env: { PATH: process.env.PATH ?? "" }, stderr: "ignore" })
    return stdout.toString()
  }
  const ask = (request: string) =>
    asOther(
      `exec 3<>/dev/tcp/127.0.0.1/${server.port}; printf '${request}\\r\\nConnection: close\\r\\n\\r\\n' >&3; cat <&3`,
    )
  const host = `Host: 127.0.0.1:${server.port}`
  const page = ask(`GET / HTTP/1.1\\r\\n${host}`)
  expect([
    page.slice(0, 12),
    page.includes("login"),
    page.includes(server.token),
    page.includes(key),
  ]).toEqual(["HTTP/1.1 200", false, false, false])
  for (const path of ["/api/sessions", "/api/about", `/api/session/${machine.talk(1).id}`])
    expect(ask(`GET ${path} HTTP/1.1\\r\\n${host}`)).toStartWith("HTTP/1.1 401")
  const seen = asOther(`cat /proc/${server.pid}/cmdline /proc/${server.pid}/environ 2>/dev/null`)
  expect([seen.includes("serve"), seen.includes(server.token), seen.includes(key)]).toEqual([
    true,
    false,
    false,
  ])
})
