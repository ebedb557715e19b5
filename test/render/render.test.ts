/** Sessions as files: what is in them, and whose files are touched. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assistant, record, toolResult, user } from "../fixtures/talk/conversation.ts"
import { calls, ran, spent, Talks } from "../search/conversations.ts"

let machine: Talks
let to: string
beforeEach(() => {
  machine = new Talks()
  to = join(machine.root, "read")
})
afterEach(() => machine.dispose())

const talk = () => machine.talk(1)
const id = () => talk().id
const folder = () => join(to, id())
const page = (name: string) => readFileSync(join(folder(), name), "utf8")
const render = (...more: string[]) => machine.run(["render", id().slice(0, 4), "--to", to, ...more])

function session(prompts = 3): void {
  machine.say(talk(), [
    ...Array.from({ length: prompts }, (_, index) => user(`question number ${index}`)),
    spent("a1", "an **answer**", { input_tokens: 1200, output_tokens: 34 }),
    { type: "system", subtype: "compact_boundary", content: "Conversation compacted" },
    ...ran("ls -l", "c1", "total 0"),
    calls("Edit", "e1", {
      file_path: "/work/one/a.ts",
      old_string: "one\ntwo\nthree",
      new_string: "one\n2\nthree",
    }),
    toolResult("e1", "edited"),
    calls("Task", "t1", { prompt: "dig" }),
    toolResult("t1", "dug\nagentId: d4 (for resuming)"),
  ])
  machine.subagent(talk(), "d4", [user("dig"), assistant("dug")])
}

test("pages, prompts, a compaction, an edit, tokens, a damaged line in its place, the subagent on a page of its own", async () => {
  session()
  appendFileSync(
    machine.transcriptPath(id(), talk().cwd),
    `{"torn":\n${record(talk(), 20, user("after the tear"))}`,
  )
  const { code, stdout } = await render()
  expect([code, stdout]).toEqual([0, expect.stringContaining("on 2 pages, 1 damaged place")])
  expect(readdirSync(folder()).toSorted()).toEqual([
    "agent-d4.html",
    "index.html",
    "page-001.html",
    "rendered.json",
  ])
  const html = page("page-001.html")
  const order = [
    "question number 0",
    "<strong>answer</strong>",
    "compacted here: the client no longer sees what is above",
    "<code>ls -l</code>",
    '<span class="removed">-two',
    '<span class="added">+2',
    '<a href="agent-d4.html" rel="noopener noreferrer">Open the subagent',
    "damaged: 8 bytes at ",
    "1,234 tokens in 1 answer",
    "after the tear",
  ]
  const places = order.map((each) => [each, html.indexOf(each)] as const)
  expect(places.filter(([, at]) => at === -1)).toEqual([])
  expect(places.map(([, at]) => at)).toEqual(places.map(([, at]) => at).toSorted((a, b) => a - b))
  expect(page("agent-d4.html")).toContain("dug")
  const [, href = "", anchor = ""] =
    /href="(page-\d+\.html)#(m\d+)" rel="[^"]*">question number 1</.exec(page("index.html")) ?? []
  expect(page(href)).toContain(`id="${anchor}"`)
})

test("a long session is many pages, each with the next and the one before", async () => {
  session(1600)
  expect((await render()).code).toBe(0)
  const names = readdirSync(folder()).filter((name) => name.startsWith("page-"))
  expect(names.toSorted()).toEqual(["page-001.html", "page-002.html", "page-003.html"])
  expect(page("page-002.html")).toContain('href="page-001.html"')
  expect(page("page-002.html")).toContain('href="page-003.html"')
  expect(page("page-001.html").match(/<article/g)?.length).toBe(750)
})

test("files are 0600 in folders of 0700", async () => {
  session()
  await render("--index")
  const modes = [
    folder(),
    ...readdirSync(folder()).map((name) => join(folder(), name)),
    join(to, "index.html"),
  ].map((path) => (statSync(path).mode & 0o777).toString(8))
  expect([...new Set(modes)]).toEqual(["700", "600"])
})

describe("nobody else's files are touched", () => {
  test("an earlier rendering is replaced, and nothing is left beside it", async () => {
    session()
    await render("--index")
    session(5)
    expect((await render("--index")).code).toBe(0)
    expect(page("page-001.html")).toContain("question number 4")
    expect(readdirSync(to).toSorted()).toEqual([id(), "index.html"])
  })

  test.each(["changed", "added", "foreign"])(
    "a folder with a file that somebody %s is refused",
    async (what) => {
      session()
      if (what === "foreign") mkdirSync(folder(), { recursive: true })
      else await render()
      const own = join(folder(), what === "changed" ? "page-001.html" : "own.txt")
      writeFileSync(own, "mine")
      const { code, stderr } = await render()
      expect([code, stderr]).toEqual([4, expect.stringContaining("is not, or no longer, what render wrote")])
      expect(readFileSync(own, "utf8")).toBe("mine")
      expect(readdirSync(to)).toEqual([id()])
    },
  )

  test("an index.html that somebody wrote or changed is refused", async () => {
    session()
    mkdirSync(to)
    writeFileSync(join(to, "index.html"), "mine")
    expect((await render("--index")).code).toBe(4)
    expect(readFileSync(join(to, "index.html"), "utf8")).toBe("mine")
  })
})

test("--all renders what is here and what was exported; --index lists all that is in the folder", async () => {
  session()
  machine.say(machine.talk(2), [user("another session")])
  await machine.run(["export", "--all"])
  const { code, json } = await machine.run(["render", "--all", "--to", to, "--index", "--json"])
  expect([code, json.rendered.length, json.failures]).toEqual([0, 2, []])
  const list = readFileSync(join(to, "index.html"), "utf8")
  for (const number of [1, 2]) expect(list).toContain(`href="${machine.talk(number).id}/index.html"`)
})

test("show --format html is one document, with the prompts at its end", async () => {
  session()
  const { stdout, code } = await machine.run(["show", id().slice(0, 4), "--format", "html"])
  expect(code).toBe(0)
  expect(stdout).toStartWith("<!doctype html>")
  expect(stdout).toEndWith("</main>\n</body>\n</html>\n")
  expect(stdout).toContain('href="#agent-d4"')
  expect(stdout).toContain('id="agent-d4"')
})

test("--all where no session is says that nothing was rendered", async () => {
  const { code, stdout } = await machine.run(["render", "--all", "--to", join(machine.root, "read")])
  expect([code, stdout]).toEqual([
    0,
    "Nothing was rendered: no session was found here, and none was exported.\nNext: session-rescue doctor   (says which homes are searched)\n",
  ])
})
