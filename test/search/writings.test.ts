/** Words of every writing are found as they are typed; an accent or a vowel sign is no reason to miss one. */
import { afterAll, beforeAll, expect, test } from "bun:test"
import { user } from "../fixtures/talk/conversation.ts"
import { Talks } from "./conversations.ts"

const machine = new Talks()
const said = [
  "設定が大事です。ガイドを読んで",
  "日本語とEnglish混在テスト123です",
  "мой йогурт ещё не готов",
  "Ωμέγα πρώτη ΣΟΦΟΣ",
  "हिन्दी में लिखा हुआ",
  "தமிழ் மொழி",
  "ภาษาไทยที่ดี",
  "שָׁלוֹם עולם",
  "السَّلام عليكم",
  "Việt Nam đất nước",
  "İstanbul Łódź Œuvre",
  "가나다 우리말",
]
beforeAll(async () => {
  machine.say(
    machine.talk(1),
    said.map((text) => user(text)),
  )
  // as some systems write the names of files: letter and mark one after the other
  machine.say(
    machine.talk(2),
    ["カイト/ガイド.md", "한국어로.txt", "Список/йога.txt"].map((text) => user(text.normalize("NFD"))),
  )
  await machine.read()
})
afterAll(() => machine.dispose())

test.each(said)("%s", async (text) => {
  for (const typed of [text, text.normalize("NFD"), text.toUpperCase(), ...text.split(/[ 。]/)]) {
    const { json } = await machine.ask(typed)
    expect([typed, json.hits?.map((hit: { text: string }) => hit.text)]).toEqual([typed, [text]])
    expect(json.hits[0].marks).not.toEqual([])
  }
})

test.each(["カイト/ガイド", "한국어", "йога", "список"])(
  "%s, where it is written in two signs",
  async (typed) => {
    const { json } = await machine.ask(typed)
    expect(json.hits?.map(({ session }: { session: string }) => session.slice(0, 8))).toEqual(["a0000002"])
    const [hit] = json.hits
    const marked = hit.marks.map(([from, to]: [number, number]) => hit.snippet.slice(from, to))
    expect(marked.join("").normalize("NFC").toLowerCase()).toBe(typed)
  },
)

test("what differs by more than an accent is another word", async () => {
  expect(await machine.texts("か")).toEqual([])
  expect(await machine.texts("мои")).toEqual([])
})
