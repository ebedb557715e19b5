/** What every view keeps to, whatever it shows (row 25 of the promise's table). */
import { describe, expect, test } from "bun:test"
import { dirname, join } from "node:path"
import { terminalLine } from "../../../src/view/terminal/output.ts"
import { shownDocument } from "./index-views.ts"
import { terminal } from "./stream.ts"
import { forbidden, untrustedSamples, untrustedText, withoutColours } from "./untrusted-samples.ts"
import { documents, views } from "./views.ts"

const names = Object.keys(views)
const shown = (name: string, text: string, columns: number | null, environment?: Record<string, string>) => {
  const { out, text: all } = terminal(columns, environment === undefined ? {} : { environment })
  views[name]?.(out, text)
  return all()
}
/** A line that is drawn over is one; it goes to the terminal alone. */
const undrawn = (text: string) => text.replaceAll("\r\u001b[K", "\n")

describe.each(names)("%s", (name) => {
  test("lets nothing reach a terminal but line breaks, tabs and its own colours", () => {
    for (const text of [...untrustedSamples, untrustedText]) {
      const seen = withoutColours(undrawn(shown(name, text, 80)))
      expect([text, forbidden.exec(seen)]).toEqual([text, null])
    }
  })

  test("keeps to it when its text does not go through a terminal's door", () => {
    // the views themselves, without the output's own last door
    for (const text of [...untrustedSamples, untrustedText]) {
      const seen = withoutColours(undrawn(shown(name, text, null)))
      expect([text, forbidden.exec(seen)]).toEqual([text, null])
    }
  })

  test.each([{ LANG: "C", TERM: "xterm" }, { TERM: "xterm" }, { LANG: "de_DE.UTF-8", TERM: "dumb" }])(
    "is plain ASCII of its own where %j",
    (environment) => {
      const seen = undrawn(shown(name, "plain", 80, environment as Record<string, string>))
      expect(withoutColours(seen)).toMatch(/^[\n\t\x20-\x7e]*$/)
    },
  )

  test.each([40, 80, 120, 200])("at %d columns", (columns) => {
    const title = "mend 日本語 👩‍👩‍👧"
    expect(
      undrawn(shown(name, title, columns, { LANG: "C.UTF-8", TERM: "x", NO_COLOR: "1" })),
    ).toMatchSnapshot()
  })
})

describe("lines are cut to the terminal's width, in its columns", () => {
  test.each([
    "status",
    "the list",
    "the list, filtered and marked",
    "the list's keys",
    "the list's details",
    "progress",
  ])("%s", (name) => {
    for (const columns of [60, 80, 120, 200]) {
      for (const text of untrustedSamples) {
        for (const line of withoutColours(undrawn(shown(name, text, columns))).split("\n")) {
          if (/^(Next:|and |\d+ older|\d+ running)/.test(line)) continue
          expect([line, Bun.stringWidth(line) <= columns]).toEqual([line, true])
        }
      }
    }
  })
})

describe.each(Object.keys(documents))("%s --json", (name) => {
  test("is one line-broken document without a raw control character, and nothing is lost", () => {
    for (const text of [...untrustedSamples.filter((each) => each.isWellFormed())]) {
      const { out, text: all } = terminal(80, { json: true })
      const document = documents[name]?.(text)
      out.print(JSON.stringify(document, null, 2))
      expect([text, forbidden.exec(all().trimEnd())]).toEqual([text, null])
      expect(JSON.parse(all())).toEqual(JSON.parse(JSON.stringify(document)))
    }
  })
})

test("show --json, which is written item by item, is one document that keeps to it", async () => {
  for (const each of untrustedSamples) {
    const { out, text: all } = terminal(80, { json: true })
    expect(await shownDocument(each, out)).toBe(0)
    expect([each, forbidden.exec(all().trimEnd())]).toEqual([each, null])
    expect(JSON.parse(all()).items).toHaveLength(12)
    expect(JSON.parse(all()).items[0].document).toBe(each)
  }
})

test("no view is missing here: every file of src/view is reached from the table of views", async () => {
  const folder = join(import.meta.dir, "../../../src/view")
  const shared = ["output", "terminal-prompts", "confirm-prompt", "../menu/list-keys"] // they show nothing of their own
  const places = shared.map((name) => join(folder, "terminal", `${name}.ts`))
  const reached = new Set<string>()
  const reach = async (path: string) => {
    for (const [, named = ""] of (await Bun.file(path).text()).matchAll(/from "(\.[^"]+\.ts)"/g)) {
      const file = join(dirname(path), named)
      if (reached.has(file) || !file.startsWith(`${folder}/`)) continue
      reached.add(file)
      await reach(file)
    }
  }
  for (const table of [
    "views.ts",
    "index-views.ts",
    "saved-views.ts",
    "house-views.ts",
    "asked/asked-views.ts",
    "../../team/team-views.ts",
    "../../repair/repair-views.ts",
    "render/share-views.ts",
    "render/hostile.test.ts",
    "../../usage/usage-views.ts",
    "../../watch/watch-views.ts",
  ])
    await reach(join(import.meta.dir, table))
  for (const place of places) await reach(place)
  const files = [...new Bun.Glob("**/*.ts").scanSync({ cwd: folder, absolute: true })]
  expect(files.length).toBeGreaterThan(20)
  expect(files.filter((file) => !places.includes(file) && !reached.has(file)).toSorted()).toEqual([])
})

test("the last door before a terminal lets through nothing that a view forgot", () => {
  for (const text of [...untrustedSamples, untrustedText]) {
    const { out, text: all } = terminal(80)
    for (const door of [out.print, out.note, out.exact, out.draw]) door(`\u001b[31m${text}\u001b[0m`)
    expect(all()).toContain("\u001b[31m")
    const drawn = terminalLine(out)(`\u001b[31m${text}\u001b[0m`)
    expect([text, forbidden.exec(withoutColours(drawn))]).toEqual([text, null])
    expect([text, forbidden.exec(withoutColours(undrawn(all())))]).toEqual([text, null])
  }
})

test.each(["restore", "restore --to, of parts", "doctor"])(
  "%s ends with a line to paste: as it is, also where the terminal shows no Unicode",
  (name) => {
    const lines = shown(name, "a · b — c…", 80, { LANG: "C" }).trimEnd().split("\n")
    expect(lines.pop()).toContain("a · b — c…")
    expect(withoutColours(lines.join("\n"))).toMatch(/^[\n\x20-\x7e]*$/)
  },
)

test("a resume line is printed as it is, also where the terminal shows no Unicode", () => {
  const { out, text } = terminal(80, { environment: { LANG: "C" } })
  out.exact("cd '/work/a · b — c…' && claude --resume x")
  out.print("a · b")
  expect(text()).toBe("cd '/work/a · b — c…' && claude --resume x\na - b\n")
})
