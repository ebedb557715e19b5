import { expect, test } from "bun:test"
import type { Context } from "../../../src/sdk/context.ts"
import { existingHomes, homeIn, namedHomes } from "../../../src/sdk/homes.ts"

const place = { homeVariable: "X_HOME", homeFolder: ".x" }

function context(environment: Record<string, string>, homes: string[], there: readonly string[]): Context {
  const files = {
    stat: (path: string) => (there.includes(path) ? {} : null),
    real: (path: string) => (path === "/link" ? "/u/.x" : there.includes(path) ? path : null),
  }
  return { files, homes, paths: { home: "/u" }, self: { environment } } as unknown as Context
}

test("a variable moves the home, if it is an absolute path", () => {
  expect(homeIn({ X_HOME: "/moved/" }, place, "/u")).toBe("/moved")
  expect(homeIn({ X_HOME: "moved", HOME: "/other" }, place, "/u")).toBe("/other/.x")
  expect(homeIn({}, place, "/u")).toBe("/u/.x")
})

test("homes of the config are taken by what only the agent makes", () => {
  const ctx = context({ X_HOME: "/moved" }, ["/a", "/b/"], ["/b//mark"])
  expect(namedHomes(ctx, place, ["mark"])).toEqual(["/moved", "/u/.x", "/b"])
})

test("links to the same folder count once, and what does not exist not at all", () => {
  const ctx = context({}, [], ["/u/.x"])
  expect(existingHomes(ctx, ["/u/.x", "/link", "/gone"])).toEqual(["/u/.x"])
})
