/** The changelog is assembled from fragments without losing one. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { addRelease, assemble, readFragments, sectionOf } from "../../build/changelog.ts"

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "changelog-"))
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
const head = "# Changelog\n\nAll changes.\n"

test("the fragments of this checkout can be assembled", () => {
  expect(assemble(readFragments(join(import.meta.dir, "../../changelog/unreleased")))).toBeString()
})

test("fragments are sorted into their sections", () => {
  write("fixed-two.md", "Two.\n")
  write("added-one.md", "One,\non two lines.\n")
  write("fixed-one.md", "One.\n")
  write("notes.txt", "not a fragment")
  expect(assemble(readFragments(folder))).toBe(
    "### Added\n\n- One,\n  on two lines.\n\n### Fixed\n\n- One.\n- Two.",
  )
})

test.each([
  ["improved-it.md", "It.", "improved-it.md: the name begins with none of"],
  ["fixed-it.md", " \n", "fixed-it.md is empty"],
])("%s with %j is refused", (name, text, message) => {
  write(name, text)
  expect(() => readFragments(folder)).toThrow(message)
})

test("a release is added above the older ones, and is found again", () => {
  const first = addRelease(head, "0.1.0", "2026-01-31", "### Added\n\n- One.")
  expect(first).toBe(`${head}\n## [0.1.0] - 2026-01-31\n\n### Added\n\n- One.\n`)
  const second = addRelease(first, "0.2.0", "2026-02-01", "### Fixed\n\n- Two.")
  expect(second).toBe(
    `${head}\n## [0.2.0] - 2026-02-01\n\n### Fixed\n\n- Two.\n\n## [0.1.0] - 2026-01-31\n\n### Added\n\n- One.\n`,
  )
  expect(sectionOf(second, "0.1.0")).toBe("### Added\n\n- One.")
  expect(sectionOf(second, "0.2.0")).toBe("### Fixed\n\n- Two.")
  expect(sectionOf(second, "0.1")).toBeNull()
})

test("a release is not added twice, and not empty", () => {
  const once = addRelease(head, "0.1.0", "2026-01-31", "- One.")
  expect(() => addRelease(once, "0.1.0", "2026-01-31", "- One.")).toThrow("already has 0.1.0")
  expect(() => addRelease(once, "0.2.0", "2026-01-31", "")).toThrow("nothing is unreleased")
})
