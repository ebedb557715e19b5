/** The page for everybody: axe finds nothing wrong with any view, and a keyboard suffices. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test"
import { isInstalled } from "../../faults/harness/installed.ts"
import { Serving } from "../serving.ts"
import { Chromium, looks } from "./chromium.ts"
import { type Story, tellStory } from "./story.ts"

setDefaultTimeout(120_000)

describe.if(isInstalled("chromium"))("in Chromium, for everybody", () => {
  let story: Story
  let server: Serving
  let browser: Chromium
  beforeAll(async () => {
    story = await tellStory()
    server = await Serving.start(story.machine, "--allow-actions")
    browser = await Chromium.open(story.machine.root)
    await browser.look({ width: 1280, height: 800, dark: false })
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
    await story?.machine.dispose()
  })

  const says = (text: string) => `document.body.innerText.includes(${JSON.stringify(text)})`
  const goTo = (view: string) => browser.value(`location.hash = "#/${view}"`)

  /** In each look: nothing wrong, nothing wider than the window. */
  async function expectAccessible(view: string): Promise<void> {
    for (const look of looks) {
      await browser.look(look)
      const name = `${view} ${look.width} ${look.dark ? "dark" : "light"}`
      expect([name, await browser.inaccessible()]).toEqual([name, []])
      const fits = "document.documentElement.scrollWidth <= innerWidth"
      expect([name, await browser.value(fits)]).toEqual([name, true])
    }
  }

  test("a tab without a key", async () => {
    await browser.go(server.origin)
    await browser.shows(says("This link was used already"))
    await expectAccessible("outside")
  })

  test("the list of sessions", async () => {
    await browser.go(server.link)
    await browser.shows(`document.querySelectorAll('a[href^="#/session/"]').length >= 5`)
    await expectAccessible("sessions")
  })

  test("a session with everything in it, folded and unfolded", async () => {
    await goTo(`session/${story.main.id}`)
    await browser.shows(says("Thank you."))
    await expectAccessible("session")
    await browser.press("f")
    await browser.shows(`document.querySelectorAll("details.call[open]").length > 3`)
    await expectAccessible("session unfolded")
  })

  test("search, usage, exports", async () => {
    await goTo("search?q=cookie")
    await browser.shows(`document.querySelectorAll("mark").length > 0`)
    await expectAccessible("search")
    await goTo("usage")
    await browser.shows(`document.querySelectorAll("svg rect").length > 3`)
    await expectAccessible("usage")
    await goTo("exports")
    await browser.shows(says("verified"))
    await browser.shows(says("Plan the move to the new queue"))
    await expectAccessible("exports")
  })

  test("the list of keys", async () => {
    await browser.press("?")
    await browser.shows(`document.querySelector("dialog").open`)
    await expectAccessible("keys")
    await browser.press("Escape")
    await browser.shows(`!document.querySelector("dialog").open`)
  })

  test("questions before something is done", async () => {
    await goTo(`session/${story.machine.talk(2).id}`)
    await browser.shows(says("Restore …"))
    await browser.value(
      `[...document.querySelectorAll("button")].find((b) => b.innerText === "Restore …").click()`,
    )
    await browser.shows(says("nothing has been written"))
    await expectAccessible("restore question")
    await browser.press("Enter") // the focus is on No
    await browser.shows(says("Nothing was done."))
  })

  test("a keyboard suffices: search, open a hit, go from message to message", async () => {
    await browser.look({ width: 1280, height: 800, dark: false })
    await goTo("sessions")
    await browser.shows(`document.querySelector("h1").innerText === "Sessions"`)
    await browser.press("/")
    await browser.shows(`document.activeElement.type === "search"`)
    await browser.type("middleware")
    await browser.shows(`document.querySelectorAll("mark").length > 0`)
    const onHit = `document.activeElement.matches('li a[href^="#/session/"]')`
    for (let tabs = 0; tabs < 12 && (await browser.value(onHit)) !== true; tabs++) await browser.press("Tab")
    await browser.press("Enter")
    await browser.shows(`document.querySelector(".hit") !== null`)
    await browser.press("g")
    await browser.shows("scrollY === 0")
    await browser.press("j", "j", "j")
    await browser.shows("scrollY > 0")
    await browser.press("G")
    await browser.shows("innerHeight + scrollY >= document.documentElement.scrollHeight - 2")
  })

  test("nothing moves by itself", async () => {
    for (const still of [true, false]) {
      await browser.look({ width: 1280, height: 800, dark: false, still })
      const moving = `document.getAnimations().length + [...document.querySelectorAll("*")].filter((each) => {
        const { transitionDuration, scrollBehavior } = getComputedStyle(each)
        return transitionDuration !== "0s" || scrollBehavior === "smooth"
      }).length`
      expect([still, await browser.value(moving)]).toEqual([still, 0])
    }
  })
})
