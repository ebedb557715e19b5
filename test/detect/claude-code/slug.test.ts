import { expect, test } from "bun:test"
import { mayLeadTo, slugOf } from "../../../plugins/detect/claude-code/home/slug.ts"

test("the client's name for a folder", () => {
  expect(slugOf("/home/me/work.d/å b")).toBe("-home-me-work-d---b")
  expect(slugOf("C:\\Users\\anna\\shop")).toBe("C--Users-anna-shop")
  expect(slugOf(`/${"a".repeat(199)}`)).toBe(`-${"a".repeat(199)}`)
})

/** As 2.1.332 and 2.1.197 named them. */
test.each([
  ["/tmp/names-rc/home.NNsi", 15, "--u57qew"],
  ["/tmp/names-rc/home.NNsi", 18, "--vmdee1"],
  ["/tmp/names-rc/home.onOM", 15, "--gn3r73"],
  ["/tmp/names-rc/home.onOM", 18, "--jdqu4g"],
])("one that is too long is cut and numbered: below %s, %d deep", (folder, deep, end) => {
  const slug = slugOf(folder + "/abcdefghij-klmn".repeat(deep))
  expect([slug.length, slug.slice(199)]).toEqual([207, end])
})

test("a folder on the way to another", () => {
  const slug = slugOf("/tmp/x-y/app")
  for (const folder of ["/tmp", "/tmp/x", "/tmp/x.y", "/tmp/x-y/app"])
    expect(mayLeadTo(slug, folder)).toBe(true)
  for (const folder of ["/tm", "/tmp/x-y/ap", "/tmp/x-y/app/in"]) expect(mayLeadTo(slug, folder)).toBe(false)
  const deep = `/tmp/${"abc/".repeat(80)}end`
  for (const folder of ["/tmp/abc", `/tmp/${"abc/".repeat(70)}abc`, deep])
    expect(mayLeadTo(slugOf(deep), folder)).toBe(true)
})
