/** The list as its keys move it, without a terminal. */
import { describe, expect, test } from "bun:test"
import type { ListedSession } from "../../src/pipeline/listing/list-sessions.ts"
import { type Key, pressKey } from "../../src/view/menu/list-keys.ts"
import {
  chosenItems,
  emptyList,
  itemUnderCursor,
  type ListState,
  visibleItems,
  withItems,
} from "../../src/view/menu/list-state.ts"
import { classified, listed } from "../fixtures/classified.ts"
import { now } from "../fixtures/session.ts"

const facts = { now, home: "/home/me" }
const titles = ["fix the login page", "port the parser", "tidy the docs", "login again", "zebra"]
const rows = (names = titles): readonly ListedSession[] =>
  names.map((title) => listed(classified(titles.indexOf(title) + 1, { title, cwd: "/home/me/work" })))
const open = (names = titles) => withItems(emptyList(facts), { listed: rows(names), notRead: 0 }, facts)

const named = (name: string): Key => ({ name, text: "", ctrl: false })
const typed = (text: string): Key => ({ name: text, text, ctrl: false })
const ctrl = (name: string): Key => ({ name, text: "", ctrl: true })

/** Presses each key, and answers where that leads and the last thing asked for. */
function press(from: ListState, ...keys: readonly Key[]) {
  let [state, intent] = [from, null] as [ListState, ReturnType<typeof pressKey>["intent"]]
  for (const key of keys) ({ state, intent } = pressKey(state, key, 3))
  return { state, intent, title: itemUnderCursor(state)?.session.title ?? null }
}

describe("moving", () => {
  test.each([
    [["down"], "port the parser"],
    [["down", "up", "up"], "fix the login page"],
    [["end"], "zebra"],
    [["end", "down"], "zebra"],
    [["pagedown"], "login again"],
    [["pagedown", "pagedown"], "zebra"],
    [["end", "pageup"], "port the parser"],
    [["end", "home"], "fix the login page"],
  ])("%j is at %s", (keys, title) => {
    expect(press(open(), ...keys.map(named)).title).toBe(title)
  })

  test("the cursor stays on its session when others come and go", () => {
    const { state } = press(open(), named("down"), named("down"))
    const gone = withItems(state, { listed: rows(titles.slice(1)), notRead: 0 }, facts)
    expect(itemUnderCursor(gone)?.session.title).toBe("tidy the docs")
    const itself = withItems(gone, { listed: rows(["zebra", "login again"]), notRead: 0 }, facts)
    expect(itemUnderCursor(itself)?.session.title).toBe("login again")
  })

  test("the details of a session that is gone are closed: their keys would act on another one", () => {
    const { state } = press(open(), named("down"), named("return"))
    expect(state.page).toBe("details")
    const later = withItems(state, { listed: rows(titles.slice(1)), notRead: 0 }, facts)
    expect([later.page, later.message]).toEqual(["details", null])
    const gone = withItems(later, { listed: rows(["zebra"]), notRead: 0 }, facts)
    expect([gone.page, gone.message]).toEqual(["list", "the session is not listed any more"])
  })

  test("an empty list has nothing to act on, and can be left", () => {
    const empty = open([])
    for (const key of ["e", "k", "r", "o", "d", "a", " "]) expect(press(empty, typed(key)).intent).toBeNull()
    expect(press(empty, named("down"), typed("q")).intent).toEqual({ kind: "leave" })
  })
})

describe("filtering", () => {
  const filter = (text: string) => press(open(), typed("/"), ...[...text].map(typed))

  test("letters go to the filter, also those that are keys", () => {
    const { state, intent } = filter("keq")
    expect([state.filter, intent]).toEqual(["keq", null])
  })

  test.each([
    ["login", ["fix the login page", "login again"]],
    ["LOGIN page", ["fix the login page"]],
    ["work zeb", ["zebra"]],
    ["prsr", ["port the parser"]],
    ["xyz", []],
    ["a0000002", ["port the parser"]],
    ["orphaned tidy", ["tidy the docs"]],
  ])("%s finds %j", (text, expected) => {
    const found = visibleItems(filter(text).state).map(({ session }) => session.title)
    expect(found.toSorted()).toEqual([...expected].toSorted())
  })

  test("a title that begins with it comes before one that has it inside", () => {
    expect(filter("arse").title).toBe("port the parser")
    expect(filter("log").title).toBe("fix the login page")
  })

  test("Enter keeps it, Escape removes it, and then goes on back", () => {
    const kept = press(filter("zeb").state, named("return"))
    expect([kept.state.typing, kept.state.filter, kept.title]).toEqual([false, "zeb", "zebra"])
    expect(press(kept.state, typed("e")).intent).toMatchObject({ kind: "export" })
    const back = press(kept.state, named("escape"))
    expect([back.state.filter, back.intent, back.title]).toEqual(["", null, "zebra"])
    expect(press(back.state, named("escape")).intent).toEqual({ kind: "leave" })
    expect(press(filter("zeb").state, named("escape")).state.filter).toBe("")
    expect(press(filter("z").state, named("backspace"), named("backspace")).state.typing).toBe(false)
  })
})

describe("acting", () => {
  test.each([
    ["e", "export"],
    ["k", "kill"],
    ["d", "dismiss"],
  ] as const)("%s acts on the one under the cursor, or on all that are marked", (key, kind) => {
    const one = press(open(), named("down"), typed(key)).intent
    expect(one).toMatchObject({ kind, items: [{ session: { title: "port the parser" } }] })
    const { intent } = press(open(), named("end"), typed(" "), named("home"), typed(" "), typed(key))
    expect(intent).toMatchObject({
      kind,
      items: [{ session: { title: "fix the login page" } }, { session: { title: "zebra" } }],
    })
  })

  test.each([
    ["r", "resume"],
    ["o", "go"],
  ] as const)("%s is about one", (key, kind) => {
    expect(press(open(), typed(" "), typed(key)).intent).toMatchObject({
      kind,
      item: { session: { title: "port the parser" } },
    })
  })

  test("a marks all that are shown, and again none; Escape removes marks before it leaves", () => {
    const all = press(open(), typed("a"))
    expect(chosenItems(all.state)).toHaveLength(5)
    expect(press(all.state, typed("a")).state.marked.size).toBe(0)
    const { state, intent } = press(all.state, named("escape"))
    expect([state.marked.size, intent]).toEqual([0, null])
  })

  test("a mark goes with its session", () => {
    const { state } = press(open(), typed(" "))
    expect(withItems(state, { listed: rows(["zebra"]), notRead: 0 }, facts).marked.size).toBe(0)
  })

  test("Ctrl-C interrupts and Ctrl-D leaves from everywhere", () => {
    for (const before of [[], [typed("/")], [named("return")], [typed("?")]]) {
      expect(press(open(), ...before, ctrl("c")).intent).toEqual({ kind: "interrupt" })
      expect(press(open(), ...before, ctrl("d")).intent).toEqual({ kind: "leave" })
    }
  })
})

describe("pages", () => {
  test("Enter opens the details, where the keys act on that session; Escape closes them", () => {
    const details = press(open(), named("down"), named("return"))
    expect(details.state.page).toBe("details")
    expect(press(details.state, typed("e")).intent).toMatchObject({
      items: [{ session: { title: "port the parser" } }],
    })
    const scrolled = press(details.state, named("down"), named("down"))
    expect([scrolled.state.scroll, scrolled.title]).toEqual([2, "port the parser"])
    const back = press(scrolled.state, named("escape"))
    expect([back.state.page, back.state.scroll, back.intent]).toEqual(["list", 0, null])
  })

  test("any key leaves the help", () => {
    expect(press(open(), typed("?")).state.page).toBe("help")
    expect(press(open(), typed("?"), typed("e"))).toMatchObject({ state: { page: "list" }, intent: null })
  })

  test("s goes through the orders", () => {
    const orders = ["s", "s", "s", "s"].map(
      (_, index) => press(open(), ...Array(index + 1).fill(typed("s"))).state.sort,
    )
    expect(orders).toEqual(["activity", "size", "memory", "need"])
  })
})
