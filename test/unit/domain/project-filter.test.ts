import { describe, expect, test } from "bun:test"
import { resolve } from "node:path"
import { isInProject, parseProjectFilter } from "../../../src/domain/project-filter.ts"

const here = "/home/me/work/shop"
const links: Record<string, string> = { "/home/me/link": here }
const project = (typed: string) =>
  parseProjectFilter(
    typed,
    (path) => resolve(here, path.replace(/^~(?=\/|$)/, "/home/me")),
    (path) => links[path] ?? null,
  )

describe("what --project means", () => {
  test.each([
    [".", here, true],
    [".", `${here}/src/deep`, true],
    [".", `${here}-two`, false],
    ["..", here, true],
    ["./src", `${here}/src`, true],
    ["./src", here, false],
    ["~/work/", here, true],
    ["~", "/home/meagan/x", false],
    ["/home/me/work/shop", here, true],
    ["/home/me/work/sho", here, false],
    ["/shop", here, false],
    ["/", here, true],
    ["~/link", `${here}/src`, true],
    ["~/link", "/home/me/link", true],
    ["shop", here, true],
    ["SHOP/", here, true],
    ["rk/sh", here, true],
    ["café", "/home/me/Cafe\u0301", true],
    ["UBUNG", "/work/Übung", true],
    ["привет", "/work/Привет", true],
    ["shops", here, false],
    [".config", "/home/me/.config/x", true],
  ] as const)("%p against %p: %p", (typed, folder, fits) => {
    expect(isInProject(folder, project(typed))).toBe(fits)
  })

  test("a session whose folder is unknown is in none", () => {
    expect(isInProject(null, project("/"))).toBe(false)
    expect(isInProject(null, project("a"))).toBe(false)
  })
})
