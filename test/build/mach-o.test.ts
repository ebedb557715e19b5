import { expect, test } from "bun:test"
import { signAdHoc, signatureTrouble } from "../../build/mach-o.ts"

const codeBytes = 3 * 4096 + 100

/** The least that is a 64-bit Mach-O file: __TEXT, __LINKEDIT, and a place for a signature at its end. */
function program(signatureBytes = 64): Buffer {
  const file = Buffer.alloc(codeBytes + signatureBytes, 7)
  const segment = (at: number, name: string, offset: number, size: number) => {
    file.fill(0, at, at + 72)
    file.writeUInt32LE(0x19, at)
    file.writeUInt32LE(72, at + 4)
    file.write(name, at + 8, "latin1")
    file.writeBigUInt64LE(BigInt(offset), at + 40)
    file.writeBigUInt64LE(BigInt(size), at + 48)
  }
  file.fill(0, 0, 32)
  file.writeUInt32LE(0xfeedfacf, 0)
  file.writeUInt32LE(3, 16)
  segment(32, "__TEXT", 0, 8192)
  segment(104, "__LINKEDIT", 8192, file.length - 8192)
  for (const [index, value] of [0x1d, 16, codeBytes, signatureBytes].entries())
    file.writeUInt32LE(value, 176 + index * 4)
  return file
}

test("what is signed here agrees with its signature, page by page", () => {
  const signed = signAdHoc(program(), "session-rescue")
  expect(signatureTrouble(signed)).toBe(null)
  expect(signatureTrouble(signAdHoc(signed, "session-rescue"))).toBe(null)
  expect(signed.subarray(192, codeBytes)).toEqual(program().subarray(192, codeBytes))
})

test("the segment that holds the signature ends where the file ends", () => {
  const signed = signAdHoc(program(), "session-rescue")
  expect(8192 + Number(signed.readBigUInt64LE(104 + 48))).toBe(signed.length)
  expect(signed.readUInt32LE(176 + 8) + signed.readUInt32LE(176 + 12)).toBe(signed.length)
})

test.each([
  ["in the first page", 200, "page 0"],
  ["in the last, short one", codeBytes - 1, "page 3"],
])("one byte changed %s is found", (_, at, says) => {
  const signed = signAdHoc(program(), "session-rescue")
  signed[at] = 9
  expect(signatureTrouble(signed)).toContain(`${says} is not what its signature says`)
})

test("a signature of another length of the program, bytes behind it, or none, are found", () => {
  const signed = signAdHoc(program(), "session-rescue")
  const longer = Buffer.from(signed)
  longer.writeUInt32BE(codeBytes - 4096, codeBytes + 20 + 32)
  expect(signatureTrouble(longer)).toBe("4096 bytes are not covered by its signature")
  expect(signatureTrouble(Buffer.concat([signed, Buffer.alloc(1)]))).toBe("its signature is not its end")
  expect(signatureTrouble(program())).toBe("its signature is in no known form")
  expect(signatureTrouble(Buffer.alloc(64))).toBe("it is no 64-bit Mach-O file")
})
