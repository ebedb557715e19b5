/** Asked from inside the client: about this project, and not about the question itself. */
import { afterAll, beforeAll, expect, test } from "bun:test"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { assistant, sessionId, toolResult, user } from "../fixtures/talk/conversation.ts"
import { calls, hour, Talks } from "./conversations.ts"

const machine = new Talks()
const shop = join(machine.root, "work/shop")
const notes = join(machine.root, "work/notes")
const noon = new Date("2026-03-01T12:00:00Z").getTime()
const question = "how did we fix the login redirect"
const asking = (words: string) =>
  `<command-message>cxq</command-message>\n<command-name>/cxq</command-name>\n<command-args>${words}</command-args>`

beforeAll(async () => {
  for (const folder of [shop, `${shop}/deep`, notes]) mkdirSync(folder, { recursive: true })
  machine.say(machine.talk(1, { cwd: shop, at: new Date(noon) }), [
    user("the login page redirects for ever"),
    assistant("fixed: the cookie had no path"),
  ])
  machine.say(machine.talk(2, { cwd: notes, at: new Date(noon + hour) }), [
    user("notes about the login"),
    assistant("walnut"),
  ])
  // yesterday somebody asked the same, in both ways in which one can
  machine.say(machine.talk(3, { cwd: shop, at: new Date(noon + 2 * hour) }), [
    user(asking(question)),
    calls("Bash", "b1", { command: `session-rescue cxq '${question}' --limit 10`, description: "ask" }),
    toolResult("b1", "nothing fits"),
  ])
  // and now it is asked again
  machine.say(machine.talk(4, { cwd: shop, at: new Date(noon + 3 * hour) }), [
    user("the pantry door is blue"),
    assistant("blue it is"),
    user(`${question}, I wonder`),
    assistant(`I look for: ${question}`),
  ])
  await machine.read()
})
afterAll(() => machine.dispose())

const inside = (number: number) => ({ CLAUDECODE: "1", CLAUDE_CODE_SESSION_ID: sessionId(number) })
async function ask(args: readonly string[], env: Record<string, string> = inside(4), cwd = shop) {
  const { json, code } = await machine.run(["cxq", "--json", ...args], { env, cwd })
  const sessions = (json.hits ?? []).map(({ session }: { session: string }) =>
    session.slice(0, 8),
  ) as string[]
  return { json, code, sessions }
}

test("the question is no answer: neither this one, nor those asked before", async () => {
  const { json, code, sessions } = await ask([question])
  expect([code, json.match, sessions[0]]).toEqual([0, "most", "a0000001"])
  expect(sessions).not.toContain("a0000004")
  expect(sessions).not.toContain("a0000003")
  const outside = await ask([question, "--project", "shop"], {}, notes)
  expect(outside.sessions).not.toContain("a0000003")
  expect(outside.json.hits[0].session).toBe(sessionId(4)) // a person outside may look for that prompt
})

test("what was said in this session before the question is found", async () => {
  expect((await ask(["pantry door"])).sessions).toEqual(["a0000004"])
})

test("calls of this program are found where calls are asked for", async () => {
  const { json } = await ask(["login", "--commands"])
  expect(json.hits.map(({ session }: { session: string }) => session)).toEqual([sessionId(3)])
})

test("it is about this project; --everywhere, --project and --session ask for another", async () => {
  expect((await ask(["login"])).json).toMatchObject({ scope: shop, total: 1 })
  expect((await ask(["login", "--everywhere"])).json).toMatchObject({ scope: null, total: 2 })
  expect((await ask(["login", "--project", "notes"])).json).toMatchObject({ scope: null, total: 1 })
  expect((await ask(["login", "--session", "a0000002"])).json).toMatchObject({ scope: null, total: 1 })
  expect((await ask(["login"], {})).json).toMatchObject({ scope: null, total: 4 })
  expect((await ask(["--recent", "9"])).json).toMatchObject({ scope: shop })
})

test("below the project's folder it is the whole project; elsewhere it is where the client stands", async () => {
  expect((await ask(["login"], inside(4), `${shop}/deep`)).json.scope).toBe(shop)
  expect((await ask(["login"], inside(4), notes)).json).toMatchObject({ scope: notes, total: 1 })
  expect((await ask(["login"], { CLAUDECODE: "1" })).json.scope).toBe(shop)
  expect((await ask(["login"], inside(99))).json.scope).toBe(shop)
})

test("a person, and the model, are told how to ask everywhere", async () => {
  const some = await machine.run(["cxq", "login"], { env: inside(4), cwd: shop })
  expect(some.stderr).toContain("and below, the current folder: --everywhere searches every project.")
  const none = await machine.run(["cxq", "walnut"], { env: inside(4), cwd: shop })
  expect([none.code, none.stdout]).toEqual([3, ""])
  expect(none.stderr).toContain(`no matches in ${shop} and below for "walnut"`)
  expect(none.stderr).toContain("Next: other projects have matches: add --everywhere")
})
