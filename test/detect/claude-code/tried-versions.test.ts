import { expect, test } from "bun:test"
import { describeVersion, testedVersions } from "../../../plugins/detect/claude-code/home/tested-versions.ts"
import { versions } from "../../real-client/harness/versions.ts"

test("the versions called tried are those that the tests drive, newest first", () => {
  expect<string[]>([...testedVersions]).toEqual(versions.map(({ version }) => version))
  expect([...testedVersions].toSorted((a, b) => Bun.semver.order(b, a))).toEqual([...testedVersions])
})

test.each(["2.1.333", "2.2.0-beta.1", "3.0.0", "10.0"])("client %s is newer than those", (version) => {
  expect(describeVersion(version)).toBe(
    `client ${version} is newer than those tried, newest ${testedVersions[0]}`,
  )
})

test.each(["2.1.332", "2.1.331", "1.0.100", "2.1.332-x", "nightly"])("client %s is not", (version) => {
  expect(describeVersion(version)).toBe(`client ${version}`)
})
