/** Who may ask the page's server for what. */
import { describe, expect, test } from "bun:test"
import { Guard, type RouteKind } from "../../../../src/operations/serve/guard.ts"
import { Tickets } from "../../../../src/operations/serve/tickets.ts"

const origin = "http://127.0.0.1:4757"
let now = 0
const guard = () => new Guard([origin], () => now)

function entered() {
  const own = guard()
  return { own, key: own.enter(own.newToken()) ?? "" }
}

/** A request of our own page, or one that differs in some header; null: without it. */
function request(
  key: string,
  method: "GET" | "POST" | "OPTIONS",
  more: Record<string, string | null> = {},
): Request {
  const all: Record<string, string | null> = {
    host: "127.0.0.1:4757",
    "sec-fetch-site": "same-origin",
    "x-session-rescue-key": key,
    ...(method === "POST" ? { origin, "content-type": "application/json" } : {}),
    ...more,
  }
  const headers = Object.entries(all).flatMap(([name, value]) =>
    value === null ? [] : [[name, value] as [string, string]],
  )
  return new Request("http://anything/", { method, headers })
}

describe("our own page", () => {
  test("gets in with its key, reads, and acts", () => {
    const { own, key } = entered()
    expect(key.length).toBeGreaterThan(40)
    expect(own.check(request(key, "GET"), "read")).toBeNull()
    expect(own.check(request(key, "GET", { "sec-fetch-site": null }), "read")).toBeNull()
    expect(own.check(request(key, "POST"), "act")).toBeNull()
    expect(own.check(request("", "POST"), "enter")).toBeNull()
    expect(own.check(request("", "GET", { "sec-fetch-site": "none" }), "page")).toBeNull()
  })

  test("a forwarded one under the origin that was named, and no other", () => {
    const own = new Guard([origin, "https://box.example"], () => now)
    const key = own.enter(own.newToken()) ?? ""
    const from = { host: "box.example", origin: "https://box.example" }
    expect(own.check(request(key, "POST", from), "act")).toBeNull()
    expect(own.check(request(key, "POST", { ...from, origin: "http://box.example" }), "act")?.status).toBe(
      403,
    )
  })
})

describe("refused", () => {
  const cases: readonly [
    string,
    RouteKind,
    "GET" | "POST" | "OPTIONS",
    Record<string, string | null>,
    number,
  ][] = [
    ["a name that was made to mean this machine", "page", "GET", { host: "evil.example:4757" }, 403],
    ["that name, for data", "read", "GET", { host: "evil.example:4757" }, 403],
    ["localhost, which another program may hold", "page", "GET", { host: "localhost:4757" }, 403],
    ["another port", "read", "GET", { host: "127.0.0.1:4758" }, 403],
    ["no host", "page", "GET", { host: null }, 403],
    ["another port's page", "read", "GET", { "sec-fetch-site": "same-site" }, 403],
    ["another site's page", "read", "GET", { "sec-fetch-site": "cross-site" }, 403],
    ["an address typed or linked", "read", "GET", { "sec-fetch-site": "none" }, 403],
    [
      "another port's page that acts",
      "act",
      "POST",
      { origin: "http://127.0.0.1:9999", "sec-fetch-site": null },
      403,
    ],
    ["an origin equal to a foreign host", "act", "POST", { origin: "null" }, 403],
    ["an act without an origin", "act", "POST", { origin: null }, 403],
    ["a form", "act", "POST", { "content-type": "text/plain" }, 415],
    ["a form that says JSON, too", "act", "POST", { "content-type": "application/json; x" }, 415],
    ["an act by GET", "act", "GET", {}, 405],
    ["a question by POST", "read", "POST", {}, 405],
    ["a preflight", "act", "OPTIONS", {}, 405],
    ["a preflight of a question", "read", "OPTIONS", {}, 405],
    [
      "entering from another page",
      "enter",
      "POST",
      { origin: "http://127.0.0.1:9999", "sec-fetch-site": null },
      403,
    ],
  ]
  test.each(cases)("%s", (_, kind, method, more, status) => {
    const { own, key } = entered()
    expect(own.check(request(key, method, more), kind)?.status).toBe(status as 403)
  })

  test("no key, a wrong one, one that is cut, one of another server", () => {
    const { own, key } = entered()
    for (const wrong of ["", key.slice(1), `${key}x`, entered().key])
      expect(own.check(request(wrong, "GET"), "read")?.status).toBe(401)
    expect(own.check(request(key, "GET", { "x-session-rescue-key": null }), "read")?.status).toBe(401)
  })

  test("a token that was used, and one that never was", () => {
    const own = guard()
    const token = own.newToken()
    expect(own.enter(token)).not.toBeNull()
    expect(own.enter(token)).toBeNull()
    expect(own.enter("")).toBeNull()
  })

  test("whoever guesses, for a minute, after five wrong keys; not who holds a key", () => {
    now = 1_000_000
    const { own, key } = entered()
    for (let count = 0; count < 5; count++) own.check(request(`wrong${count}`, "GET"), "read")
    expect(own.check(request("wrong", "GET"), "read")?.status).toBe(429)
    expect(own.check(request("", "POST"), "enter")?.status).toBe(429)
    expect(own.check(request(key, "GET"), "read")).toBeNull()
    now += 60_000
    expect(own.check(request("wrong", "GET"), "read")?.status).toBe(401)
    expect(own.check(request("", "POST"), "enter")).toBeNull()
  })
})

describe("a kill is two requests", () => {
  const target = { id: "a", pid: 7, startMark: "1", word: "pts/3" }

  test("the second has the first one's ticket and the terminal's name", () => {
    const tickets = new Tickets<typeof target>(() => now)
    expect(tickets.redeem(tickets.issue(target), "pts/3")).toEqual(target)
  })

  test("a ticket is good once, also after a wrong word", () => {
    const tickets = new Tickets<typeof target>(() => now)
    const [one, other] = [tickets.issue(target), tickets.issue(target)]
    expect(tickets.redeem(one, "pts/4")).toBeNull()
    expect(tickets.redeem(one, "pts/3")).toBeNull()
    expect(tickets.redeem(other, "pts/3")).toEqual(target)
    expect(tickets.redeem(other, "pts/3")).toBeNull()
    expect(tickets.redeem("", "pts/3")).toBeNull()
  })

  test("and for half a minute", () => {
    const tickets = new Tickets<typeof target>(() => now)
    const ticket = tickets.issue(target)
    now += 30_001
    expect(tickets.redeem(ticket, "pts/3")).toBeNull()
  })
})
