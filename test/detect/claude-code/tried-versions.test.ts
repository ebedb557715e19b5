import { expect, test } from "bun:test"
import { sayVersion, triedVersions } from "../../../plugins/detect/claude-code/home/tried-versions.ts"
import { versions } from "../../real-client/harness/versions.ts"

test("the versions called tried are those that the tests drive, newest first", () => {
  expect<string[]>([...triedVersions]).toEqual(versions.map(({ version }) => version))
  expect([...triedVersions].toSorted((a, b) => Bun.semver.order(b, a))).toEqual([...triedVersions])
})

test.each(["2.1.333", "2.2.0-beta.1", "3.0.0", "10.0"])("client %s is newer than those", (version) => {
  expect(sayVersion(version)).toBe(`client ${version} is newer than those tried, newest ${triedVersions[0]}`)
})

test.each(["2.1.332", "2.1.331", "1.0.100", "2.1.332-x", "nightly"])("client %s is not", (version) => {
  expect(sayVersion(version)).toBe(`client ${version}`)
})
