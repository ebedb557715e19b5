/** Sessions of which no file is left, and sessions that go on in another: what the page is told of them. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { appendFileSync, rmSync } from "node:fs"
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

async function answers() {
  const own = await Serving.start(machine)
  server = own
  const key = (await own.enter()) ?? ""
  return async (path: string) => {
    const answer = await own.get(path, key)
    // biome-ignore lint/suspicious/noExplicitAny: documents of the compiled binary
    return { status: answer.status, json: (await answer.json()) as any }
  }
}

test("only the index is left: it opens in stretches, says what it is, and a hit leads to its place", async () => {
  const talk = machine.talk(1)
  const rounds = Array.from({ length: 60 }, (_, round) => [
    user(`question number${round}`),
    assistant(`the answer is **${round}**`),
    ...ran(`echo ${round}`, `c${round}`, `printed${round}`),
  ])
  const path = machine.say(talk, rounds.flat())
  await machine.read()
  rmSync(path)
  const get = await answers()
  const { json: timeline } = await get(`/api/session/${talk.id}`)
  expect(timeline).toMatchObject({
    ...{ id: talk.id, agent: "claude-code", isIndexOnly: true },
    where: "from the index: its file no longer exists",
    files: [{ document: "", form: "records" }],
  })
  const { offsets } = timeline.files[0]
  expect(offsets.length).toBeGreaterThan(4)
  const blocks: string[] = []
  for (let at = 0; at + 1 < offsets.length; at++) {
    const range = `from=${offsets[at]}&to=${offsets[at + 1]}`
    const block = await get(`/api/session/${talk.id}/block?document=&detail=tools&agent=claude-code&${range}`)
    blocks.push(JSON.stringify(block.json.entries))
  }
  const said = (text: string) => blocks.filter((block) => block.includes(text)).length
  for (let round = 0; round < 60; round++) expect(said(`question number${round}"`)).toBe(1)
  expect(blocks.join("")).toContain(`["strong",{},"59"]`)
  expect(blocks.join("").split(`{"class":"outcome"},"ok"`).length - 1).toBeGreaterThan(50)
  const { json: found } = await get(`/api/search?q=number47&session=${talk.id}`)
  const { offset } = found.hits[0].source
  const block = offsets.findLastIndex((start: number) => start <= offset)
  expect(blocks[block]).toContain(`"id":"m${offset}"`)
})

test("a session that nothing knows is not found", async () => {
  machine.say(machine.talk(1), [user("hello")])
  await machine.read()
  const get = await answers()
  expect((await get(`/api/session/${machine.talk(2).id}`)).status).toBe(404)
})

test("a session that goes on in another one's file: each leads to the other", async () => {
  const [first, next] = [machine.talk(1), machine.talk(2)]
  machine.say(first, [user("the beginning")])
  const path = machine.say(next, [user("another begins")])
  appendFileSync(path, record(first, 7, user("the beginning goes on here")))
  await machine.read()
  const get = await answers()
  expect((await get(`/api/session/${first.id}/links`)).json).toEqual({ before: [], after: [next.id] })
  expect((await get(`/api/session/${next.id}/links`)).json).toEqual({ before: [first.id], after: [] })
})
