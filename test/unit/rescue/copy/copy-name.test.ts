import { expect, test } from "bun:test"
import { copyName } from "../../../../src/rescue/copy/copy-name.ts"

const bytes = (text: string) => Buffer.from(text, "latin1")
const name = (relative: string | Uint8Array) => copyName(relative, new Set())

test("ordinary names stay what they are", () => {
  for (const plain of ["a b/c.txt", "-rf", "100%", "ünï/保存.jsonl", "…", "a~2", ".hidden/..x"]) {
    expect(name(plain)).toBe(plain)
  }
})

test("control characters and bytes that are not UTF-8 can be read back from the name", () => {
  expect(name("a\nb/\u001b[31m")).toBe("a%0Ab/%1B[31m")
  expect(name(bytes("x/\xff\xfe%"))).toBe("x/%FF%FE%25")
})

test("two names that encode alike stay two, as files and as folders", () => {
  const odd = ["a\nb", "a%0Ab", "a%250Ab", "a%0A\u0001b"].map(name)
  expect(new Set(odd).size).toBe(4)
  expect(name("a%0Ab/c").startsWith(`${name("a\nb")}/`)).toBe(false)
})

test("no name leads out of the export's folder", () => {
  for (const bad of ["../../x", "a/../../x", "/etc/x", "a//b", "./x", "..", ""]) {
    for (const part of name(bad).split("/")) expect([".", "..", ""]).not.toContain(part)
  }
})

test("a name that would become too long is replaced by its checksum", () => {
  const long = Buffer.alloc(255, 1)
  expect(name(long)).toMatch(/^name-[0-9a-f]{64}$/)
  expect(name("x".repeat(255))).toBe("x".repeat(255))
})

test("names already given are not given twice", () => {
  expect(copyName("a", new Set(["a", "a~2"]))).toBe("a~3")
})
