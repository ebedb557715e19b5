/** The page in a real browser: what a person sees of a session, and what a hostile one can do (nothing). */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import { appendFileSync } from "node:fs"
import { isInstalled } from "../../faults/harness/installed.ts"
import { assistant, record, user } from "../../fixtures/talk/conversation.ts"
import { ran, Talks } from "../../search/conversations.ts"
import { Serving } from "../serving.ts"
import { Chromium } from "./chromium.ts"

setDefaultTimeout(90_000)

const hostile = [
  "<script>window.owned = 1</script>",
  '<img src="http://127.0.0.1:9/beacon.png" onerror="window.owned = 2">',
  '<iframe src="javascript:parent.owned = 3"></iframe>',
  "[click](javascript:window.owned=4) <a href='jAvAsCrIpT:alert(1)'>x</a>",
  '<svg onload="alert(1)"><style>@import "http://127.0.0.1:9/a.css"</style></svg>',
  '<form action="http://127.0.0.1:9/"><button autofocus onfocus="alert(2)">send</button></form>',
].join("\n\n")

describe.if(isInstalled("chromium"))("in Chromium", () => {
  let machine: Talks
  let server: Serving
  let browser: Chromium
  beforeEach(async () => {
    machine = new Talks()
    const talk = machine.talk(1)
    machine.say(talk, [
      user("please fix the login page"),
      assistant("It is **fixed**, see `src/login.ts`."),
      ...ran("ls -l", "c1", "total 0"),
    ])
    machine.say(machine.talk(2), [
      user(`look at this: ${hostile}`),
      assistant(hostile),
      ...ran(hostile, "c2", hostile),
    ])
    expect((await machine.run(["cx", "--live"])).code).toBe(0)
    server = await Serving.start(machine)
    browser = await Chromium.open(machine.root)
    await browser.look({ width: 1280, height: 800, dark: false })
    await browser.go(server.link)
    await browser.shows(`document.querySelectorAll('a[href^="#/session/"]').length === 2`)
  })
  afterEach(async () => {
    await browser.close()
    await server.stop()
    await machine.dispose()
  })
  const quiet = () => {
    expect([browser.complaints, browser.dialogs]).toEqual([[], []])
    const others = browser.requests.filter(
      (url) => !/^(about|data|chrome)/.test(url) && new URL(url).origin !== server.origin,
    )
    expect(others).toEqual([])
  }

  test("sessions, a conversation that grows, search, usage and exports are shown, wide and narrow", async () => {
    const talk = machine.talk(1)
    await browser.value(`location.hash = "#/session/${talk.id}"`)
    await browser.shows(`document.body.innerText.includes("It is fixed, see src/login.ts.")`)
    appendFileSync(machine.transcriptPath(talk.id, talk.cwd), record(talk, 9, user("and the logout page")))
    await browser.shows(`document.body.innerText.includes("and the logout page")`)
    await browser.value(`location.hash = "#/search?q=login"`)
    await browser.value(`(() => {
      const input = document.querySelector("input")
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(input, "login")
      input.dispatchEvent(new Event("input", { bubbles: true }))
    })()`)
    await browser.shows(`document.querySelectorAll("mark").length > 0`)
    for (const [view, title] of [
      ["usage", "Usage"],
      ["exports", "Exports and archives"],
      ["sessions", "Sessions"],
    ]) {
      await browser.value(`location.hash = "#/${view}"`)
      await browser.shows(`document.querySelector("h1")?.innerText === "${title}"`)
      for (const [width, height] of [
        [390, 844],
        [1280, 800],
      ] as const)
        for (const dark of [true, false]) {
          await browser.look({ width, height, dark })
          expect([view, await browser.value("document.documentElement.scrollWidth <= innerWidth")]).toEqual([
            view,
            true,
          ])
        }
    }
    quiet()
  })

  test("a hostile conversation is text: nothing runs, loads, opens or leads anywhere", async () => {
    await browser.value(`location.hash = "#/session/${machine.talk(2).id}"`)
    await browser.shows(`document.body.innerText.includes("window.owned = 1")`)
    expect(await browser.value("typeof window.owned")).toBe("undefined")
    const found = `[...document.querySelectorAll("iframe, form[action], img, svg, style:not([nonce]), [onerror], [onload]")].map((each) => each.outerHTML)`
    expect(await browser.value(found)).toEqual([])
    const leads = `[...document.links].filter((a) => !a.getAttribute("href").startsWith("#/")).map((a) => a.href)`
    expect(await browser.value(leads)).toEqual([])
    quiet()
  })

  test("a link opens one tab, once", async () => {
    const other = await Chromium.open(`${machine.root}/other`)
    try {
      await other.go(server.link)
      await other.shows(`document.body.innerText.length > 20`)
      expect(await other.value(`document.querySelectorAll('a[href^="#/session/"]').length`)).toBe(0)
    } finally {
      await other.close()
    }
  })
})
